package activitypub

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mr-tron/base58"

	"isthmus/activitypub/vocab"
)

// The document, secret key, time and result of FEP-8b32's own test vector.
const (
	fepDocument = `{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/data-integrity/v2"],
		"id":"https://server.example/activities/1","type":"Create","actor":"https://server.example/users/alice",
		"object":{"id":"https://server.example/objects/1","type":"Note","attributedTo":"https://server.example/users/alice",
		"content":"Hello world","location":{"type":"Place","longitude":-71.184902,"latitude":25.273962}}}`
	fepSecret = "3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
	fepPublic = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
	fepValue  = "z42ffGu6AUKPCFcFPiabmUvnGLPJzC7e4DGWC52NUasSSH37UMa9c58tdgVszUcZfytxa4fQ5TYHaJENCxUDe9SdL"
	fepActor  = "https://server.example/users/alice"
)

var fepTime = time.Date(2023, 2, 24, 23, 36, 38, 0, time.UTC)

// TestProofVector signs and verifies what FEP-8b32 does.
func TestProofVector(t *testing.T) {
	secret, err := base58.Decode(fepSecret)
	if err != nil || len(secret) != 34 {
		t.Fatal(err, len(secret))
	}
	k := &Key{ID: fepActor + "#main-key", proof: ed25519.NewKeyFromSeed(secret[2:])}
	equal(t, "public key", k.ProofMultibase(), fepPublic)
	doc, err := vocab.Read([]byte(fepDocument), vocab.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	// Ours would add the context of proofs by another of its addresses.
	options := map[string]any{"@context": doc["@context"], "type": proofType, "cryptosuite": proofSuite, "proofPurpose": proofPurpose,
		"verificationMethod": fepActor + "#ed25519-key", "created": "2023-02-24T23:36:38Z"}
	sum, err := proofSum(doc, options)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "value", multibase(ed25519.Sign(k.proof, sum)), fepValue)

	options["proofValue"] = fepValue
	doc["proof"] = options
	v := proofVerifier(t, k)
	if err := v.VerifyProof(t.Context(), doc, fepActor); err != nil {
		t.Error(err)
	}
}

// proofVerifier knows the key of the vector's alice, at the vector's time.
func proofVerifier(t *testing.T, k *Key) *Verifier {
	t.Helper()
	text, err := multikeyPEM(k.ProofMultibase())
	if err != nil {
		t.Fatal(err)
	}
	store := &keyShelf{}
	store.SaveRemoteKey(t.Context(), RemoteKey{ID: k.ProofID(), Owner: fepActor, PEM: text})
	store.SaveRemoteKey(t.Context(), RemoteKey{ID: k.ID, Owner: fepActor, PEM: key(t, "alice", "").PublicPEM()})
	store.SaveRemoteKey(t.Context(), RemoteKey{ID: "https://server.example/users/mallory#ed25519-key", Owner: "https://server.example/users/mallory", PEM: text})
	return &Verifier{Client: newClient(t), Store: store, Now: func() time.Time { return fepTime.Add(time.Hour) }}
}

// TestProof: what is taken and what is refused, one thing changed at a time.
func TestProof(t *testing.T) {
	k := key(t, "alice", fepActor+"#main-key")
	signed, err := AddProof([]byte(fepDocument), k, fepTime)
	if err != nil {
		t.Fatal(err)
	}
	again, err := AddProof([]byte(fepDocument), k, fepTime)
	if err != nil || string(again) != string(signed) {
		t.Errorf("not the same twice: %v", err)
	}
	proof := func(d vocab.Doc) map[string]any { return d["proof"].(map[string]any) }
	set := func(name string, value any) func(vocab.Doc) {
		return func(d vocab.Doc) { proof(d)[name] = value }
	}
	for name, c := range map[string]struct {
		change func(vocab.Doc)
		later  time.Duration
		want   string // "" is accepted
	}{
		"right":                 {},
		"as Fedify writes it":   {change: func(d vocab.Doc) { delete(proof(d), "@context") }},
		"nearly two days":       {later: 46 * time.Hour},
		"older":                 {later: 48 * time.Hour, want: "too old"},
		"of tomorrow":           {later: -4 * time.Hour, want: "too old"},
		"none":                  {change: func(d vocab.Doc) { delete(d, "proof") }, want: "none that is known"},
		"two":                   {change: func(d vocab.Doc) { d["proof"] = []any{proof(d), proof(d)} }, want: "none that is known"},
		"another type":          {change: set("type", "Ed25519Signature2020"), want: "none that is known"},
		"another suite":         {change: set("cryptosuite", "eddsa-rdfc-2022"), want: "another kind"},
		"another purpose":       {change: set("proofPurpose", "authentication"), want: "another kind"},
		"not dated":             {change: func(d vocab.Doc) { delete(proof(d), "created") }, want: "not dated"},
		"another date":          {change: set("created", "2023-02-24T23:36:39Z"), want: "wrong signature"},
		"expired":               {change: set("expires", "2023-02-24T23:36:39Z"), want: "expired"},
		"hexadecimal":           {change: set("proofValue", "f00"), want: "not base58btc"},
		"a long value":          {change: set("proofValue", "z"+strings.Repeat("1", 1000)), want: "not base58btc"},
		"zero and I":            {change: set("proofValue", "z0OIl"), want: "unreadable"},
		"mallory's key":         {change: set("verificationMethod", "https://server.example/users/mallory#ed25519-key"), want: "not the actor's"},
		"a key of another host": {change: set("verificationMethod", "https://evil.example/users/alice#ed25519-key"), want: "another host"},
		"the RSA key":           {change: set("verificationMethod", fepActor+"#main-key"), want: "no Ed25519"},
		"another text":          {change: func(d vocab.Doc) { o, _ := d.One("object"); o["content"] = "Bye" }, want: "wrong signature"},
		"one member more":       {change: func(d vocab.Doc) { d["to"] = "as:Public" }, want: "wrong signature"},
		"another context":       {change: func(d vocab.Doc) { d["@context"] = "https://evil.example/" }, want: "its context is another"},
		"both contexts changed": {change: func(d vocab.Doc) {
			d["@context"] = "https://evil.example/"
			proof(d)["@context"] = d["@context"]
		}, want: "wrong signature"},
	} {
		t.Run(name, func(t *testing.T) {
			doc, err := vocab.Read(signed, vocab.DefaultLimits)
			if err != nil {
				t.Fatal(err)
			}
			v := proofVerifier(t, k)
			v.Now = func() time.Time { return fepTime.Add(time.Hour + c.later) }
			if c.change != nil {
				c.change(doc)
			}
			err = v.VerifyProof(t.Context(), doc, fepActor)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestMultikey: the vectors of FEP-521a, and what is none.
func TestMultikey(t *testing.T) {
	raw, _ := hex.DecodeString("2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6")
	const ed = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
	equal(t, "written", multikey(raw), ed)
	const rsaMulti = "z4MXj1wBzi9jUstyPMS4jQqB6KdJaiatPkAtVtGc6bQEQEEsKTic4G7Rou3iBf9vPmT5dbkm9qsZsuVNjq8HCuW1w24nhBFGkRE4cd2Uf2tfrB3N7h4mnyPp1BF3ZttHTYv3DLUPi1zMdkULiow3M1GfXkoC6DoxDUm1jmN6GBj22SjVsr6dxezRVQc7aj9TxE7JLbMH1wh5X3kA58H3DFW8rnYMakFGbca5CB2Jf6CnGQZmL7o5uJAdTwXfy2iiiyPxXEGerMhHwhjTA1mKYobyk2CpeEcmvynADfNZ5MBvcCS7m3XkFCMNUYBS9NQ3fze6vMSUPsNa6GVYmKx2x6JrdEjCk3qRMMmyjnjCMfR4pXbRMZa3i"
	for _, good := range []string{ed, rsaMulti} {
		text, err := multikeyPEM(good)
		if err != nil {
			t.Fatal(err)
		}
		public, err := ParsePublicKey(text)
		if err != nil {
			t.Fatal(err)
		}
		if k, ok := public.(ed25519.PublicKey); ok && string(k) != string(raw) {
			t.Errorf("read %x", k)
		}
	}
	for _, bad := range []string{"", "z", "m" + ed[1:], "z0", ed[:20], "z" + strings.Repeat("2", 10_000), multibase([]byte{0xec, 1, 2}), multibase([]byte{0x85, 0x24, 1})} {
		if _, err := multikeyPEM(bad); err == nil {
			t.Errorf("%.30q is read", bad)
		}
	}
}

// TestForwardedWithProof: what somebody else brings counts as its actor's when a
// proof says so, and else not more than its ids (rows S13, S14).
func TestForwardedWithProof(t *testing.T) {
	g, p := newGateway(t), newPeer(t)
	mallory := p.actor(t, "mallory", "mallory")
	actor := p.URL + "/users/alice"
	k := key(t, "alice", actor+"#main-key")
	p.put("/users/alice", string(vocab.Actor{ID: actor, Type: "Person", Inbox: actor + "/inbox", KeyID: k.ID, PublicKeyPEM: k.PublicPEM(),
		ProofKeyID: k.ProofID(), ProofKey: k.ProofMultibase()}.JSON()))
	n := 0
	send := func(typ, object string, change func(map[string]any)) Inbound {
		t.Helper()
		n++
		body, err := AddProof(fmt.Appendf(nil, `{"@context":"https://www.w3.org/ns/activitystreams","id":"%s/%d","type":%q,"actor":%q,"object":%q}`, actor, n, typ, actor, object), k, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			var m map[string]any
			json.Unmarshal(body, &m)
			change(m)
			body, _ = json.Marshal(m)
		}
		equal(t, typ, g.post(t, "/ap/inbox", mallory, string(body)).StatusCode, 202)
		got := g.received()
		return got[len(got)-1]
	}
	for _, typ := range []string{"Create", "Update", "Delete"} {
		in := send(typ, p.URL+"/notes/1", nil)
		if in.Forwarded || in.Actor != actor || in.Signer != mallory.ID[:strings.Index(mallory.ID, "#")] {
			t.Errorf("%s: %+v", typ, in)
		}
	}
	if in := send("Create", p.URL+"/notes/2", func(m map[string]any) { m["object"] = p.URL + "/notes/3" }); !in.Forwarded {
		t.Error("changed, and believed")
	}
	if in := send("Create", "https://other.example/1", nil); !in.Forwarded {
		t.Error("believed of another host")
	}
	if in := send("Follow", p.URL+"/notes/1", nil); !in.Forwarded {
		t.Error("a Follow is brought by others")
	}
}
