package activitypub

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dunglas/httpsfv"
)

// Keys and messages of RFC 9421, appendix B and §4.3.
const (
	rfcEd25519 = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----`
	rfcRSA = `-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAhAKYdtoeoy8zcAcR874L8cnZxKzAGwd7v36APp7Pv6Q2jdsPBRrw
WEBnez6d0UDKDwGbc6nxfEXAy5mbhgajzrw3MOEt8uA5txSKobBpKDeBLOsdJKFq
MGmXCQvEG7YemcxDTRPxAleIAgYYRjTSd/QBwVW9OwNFhekro3RtlinV0a75jfZg
kne/YiktSvLG34lw2zqXBDTC5NHROUqGTlML4PlNZS5Ri2U4aCNx2rUPRcKIlE0P
uKxI4T+HIaFpv8+rdV6eUgOrB2xeI1dSFFn/nnv5OoZJEIB+VmuKn3DCUcCZSFlQ
PSXSfBDiUGhwOw76WuSSsf1D4b/vLoJ10wIDAQAB
-----END RSA PUBLIC KEY-----`
	rfcBody   = `{"hello": "world"}`
	rfcDigest = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"
)

// rfcRequest is test-request of RFC 9421 §B.2.
func rfcRequest(host, date string) *http.Request {
	r := httptest.NewRequest("POST", "https://"+host+"/foo?param=Value&Pet=dog", strings.NewReader(rfcBody))
	r.Header = http.Header{"Date": {date}, "Content-Type": {"application/json"}, "Content-Digest": {rfcDigest}, "Content-Length": {"18"}}
	return r
}

// TestMessageVectors: signatures of RFC 9421, made by its authors. The vectors lack
// what we require of a peer, so only base and signature are looked at.
func TestMessageVectors(t *testing.T) {
	proxied := rfcRequest("origin.host.internal.example", "Tue, 20 Apr 2021 02:07:56 GMT")
	proxied.Header.Set("Forwarded", "for=192.0.2.123;host=example.com;proto=https")
	for name, c := range map[string]struct {
		req              *http.Request
		key              string
		input, signature string
	}{
		"B.2.6, Ed25519": {rfcRequest("example.com", "Tue, 20 Apr 2021 02:07:55 GMT"), rfcEd25519,
			`sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`,
			`sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:`},
		"4.3, RSA": {proxied, rfcRSA,
			`proxy_sig=("@method" "@authority" "@path" "content-digest" "content-type" "content-length" "forwarded");created=1618884480;keyid="test-key-rsa";alg="rsa-v1_5-sha256";expires=1618884540`,
			`proxy_sig=:S6ZzPXSdAMOPjN/6KXfXWNO/f7V6cHm7BXYUh3YD/fRad4BCaRZxP+JH+8XY1I6+8Cy+CM5g92iHgxtRPz+MjniOaYmdkDcnL9cCpXJleXsOckpURl49GwiyUpZ10KHgOEe11sx3G2gxI8S0jnxQB+Pu68U9vVcasqOWAEObtNKKZd8tSFu7LB5YAv0RAGhB8tmpv7sFnIm9y+7X5kXQfi8NMaZaA8i2ZHwpBdg7a6CMfwnnrtflzvZdXAsD3LH2TwevU+/PBPv0B6NMNk93wUs/vfJvye+YuI87HU38lZHowtznbLVdp770I6VHR6WfgS9ddzirrswsE1w5o0LV/g==:`},
	} {
		t.Run(name, func(t *testing.T) {
			public, err := ParsePublicKey(c.key)
			if err != nil {
				t.Fatal(err)
			}
			input, err := httpsfv.UnmarshalDictionary([]string{c.input})
			if err != nil {
				t.Fatal(err)
			}
			value, err := httpsfv.UnmarshalDictionary([]string{c.signature})
			if err != nil {
				t.Fatal(err)
			}
			member, _ := input.Get(input.Names()[0])
			list := member.(httpsfv.InnerList)
			m := messageSignature{algorithm: text(list.Params, "alg")}
			if m.components, err = components(list); err != nil {
				t.Fatal(err)
			}
			if m.base, err = signatureBase(c.req, "https", m.components, list); err != nil {
				t.Fatal(err)
			}
			member, _ = value.Get(input.Names()[0])
			m.value = member.(httpsfv.Item).Value.([]byte)
			if !m.matches(nil, public) {
				t.Errorf("wrong base?\n%s", m.base)
			}
			if err := checkContentDigest(c.req.Header.Values("Content-Digest"), []byte(rfcBody)); err != nil {
				t.Error(err)
			}
		})
	}
}

// signedMessage is a right POST of a peer, signed as input says; before changes
// what is signed.
func signedMessage(t testing.TB, target, input string, before func(*http.Request)) *http.Request {
	t.Helper()
	req := httptest.NewRequest("POST", "https://ap.example.org"+target, strings.NewReader(testBody))
	req.Header.Set("Content-Type", typeActivity)
	req.Header.Set("Content-Digest", contentDigest([]byte(testBody)))
	if before != nil {
		before(req)
	}
	dict, err := httpsfv.UnmarshalDictionary([]string{input})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	member, _ := dict.Get(dict.Names()[len(dict.Names())-1]) // the last one is right
	list := member.(httpsfv.InnerList)
	for _, it := range list.Items {
		names = append(names, it.Value.(string))
	}
	base, err := signatureBase(req, "https", names, list)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(base))
	value, err := rsa.SignPKCS1v15(nil, key(t, "alice", "").Private, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	out := httpsfv.NewDictionary()
	for _, label := range dict.Names() {
		out.Add(label, httpsfv.NewItem(value))
	}
	line, err := httpsfv.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Signature-Input", input)
	req.Header.Set("Signature", line)
	return req
}

// TestX9_MessageSignatures: what is taken of RFC 9421 and what is refused, one thing
// changed at a time (row S11). The guards are precheckMessage and what it calls.
func TestX9_MessageSignatures(t *testing.T) {
	const all = `("@method" "@target-uri" "content-digest")`
	at := func(d time.Duration) string { return fmt.Sprint(testNow.Add(d).Unix()) }
	params := `;created=` + at(0) + `;keyid="https://peer.example/users/alice#main-key"`
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for name, c := range map[string]struct {
		target string // "/ap/inbox" if empty
		input  string // "sig1=" and all with params if empty
		before func(*http.Request)
		after  func(*http.Request)
		want   string // "" is accepted, else part of the detail
	}{
		"right":                        {},
		"with alg":                     {input: `a=` + all + params + `;alg="rsa-v1_5-sha256"`},
		"authority and path":           {input: `a=("@method" "@authority" "@path" "content-digest")` + params},
		"authority, path and query":    {target: "/ap/inbox?x=1", input: `a=("@method" "@authority" "@path" "@query" "content-digest")` + params},
		"fields, host, more of it":     {input: `a=("host" "@request-target" "@method" "@scheme" "content-type" "content-digest")` + params},
		"nonce, tag, expires":          {input: `a=` + all + params + `;nonce="x";tag="y";expires=` + at(time.Minute)},
		"an hour old":                  {input: `a=` + all + `;created=` + at(-time.Hour) + `;keyid="https://peer.example/users/alice#main-key"`},
		"a proxy's label before":       {input: `proxy=("@authority")` + params + `, a=` + all + params},
		"sha-512":                      {before: set("Content-Digest", "sha-512=:"+base64.StdEncoding.EncodeToString(sumOf("sha-512", []byte(testBody)))+":")},
		"an unknown digest besides":    {before: set("Content-Digest", contentDigest([]byte(testBody))+", unixsum=30637")},
		"path without the query":       {target: "/ap/inbox?x=1", input: `a=("@method" "@authority" "@path" "content-digest")` + params, want: "must be signed"},
		"only the authority":           {input: `a=("@authority")` + params, want: "@method must be signed"},
		"no method":                    {input: `a=("@target-uri" "content-digest")` + params, want: "@method must be signed"},
		"no digest signed":             {input: `a=("@method" "@target-uri")` + params, want: "content-digest must be signed"},
		"no digest there":              {after: func(r *http.Request) { r.Header.Del("Content-Digest") }, want: "content-digest is signed but not there"},
		"digest of nothing":            {before: set("Content-Digest", contentDigest(nil)), want: "not of this body"},
		"one digest right, one wrong":  {before: set("Content-Digest", contentDigest([]byte(testBody))+", sha-512=:AAAA:"), want: "not of this body"},
		"only an unknown digest":       {before: set("Content-Digest", "unixsum=30637"), want: "needs sha-256"},
		"a digest that is no bytes":    {before: set("Content-Digest", "sha-256=abc"), want: "not of this body"},
		"a broken digest field":        {before: set("Content-Digest", "sha-256=:"), want: "not a dictionary"},
		"bs":                           {input: `a=("@method" "@target-uri" "content-digest";bs)` + params, want: "no plain name"},
		"tr":                           {input: `a=("@method" "@target-uri" "content-digest" "x";tr)` + params, before: set("X", "1"), want: "no plain name"},
		"sf":                           {input: `a=("@method" "@target-uri" "content-digest";sf)` + params, want: "no plain name"},
		"query-param":                  {target: "/ap/inbox?x=1", input: `a=` + all + params, after: swap(`"content-digest"`, `"content-digest" "@query-param";name="x"`), want: "no plain name"},
		"an unknown derived component": {after: swap(`"@method"`, `"@method" "@status"`), want: "unknown thing"},
		"upper case":                   {after: swap(`"content-digest"`, `"Content-Digest"`), want: "unknown thing"},
		"a component twice":            {after: swap(`"@method"`, `"@method" "@method"`), want: "listed twice"},
		"a token for a component":      {after: swap(`"@method"`, `method`), want: "no plain name"},
		"a hundred components":         {after: swap(`"@method"`, `"@method"`+strings.Repeat(` "x"`, 100)), want: "too many"},
		"no created":                   {input: `a=` + all + `;keyid="x"`, want: "created is missing"},
		"created as text":              {input: `a=` + all + `;keyid="x";created="` + at(0) + `"`, want: "created is missing"},
		"created in two hours":         {input: `a=` + all + `;keyid="x";created=` + at(2*time.Hour), want: "ahead"},
		"created 70 minutes ago":       {input: `a=` + all + `;keyid="x";created=` + at(-70*time.Minute), want: "65 minutes"},
		"expired":                      {input: `a=` + all + params + `;expires=` + at(-time.Minute), want: "expired"},
		"no keyid":                     {input: `a=` + all + `;created=` + at(0), want: "keyid is missing"},
		"hmac":                         {input: `a=` + all + params + `;alg="hmac-sha256"`, want: "unknown algorithm"},
		"an alg that is no text":       {input: `a=` + all + params + `;alg=1`, want: "unknown algorithm"},
		"the other key's alg":          {input: `a=` + all + params + `;alg="ed25519"`, want: "wrong signature"},
		"another label signed":         {after: func(r *http.Request) { r.Header.Set("Signature", "b=:AAAA:") }, want: "nothing for"},
		"the draft's Signature":        {after: set("Signature", `keyId="x",signature="y"`), want: "not a dictionary"},
		"an item, no list":             {after: set("Signature-Input", `a="x"`), want: "no list of components"},
		"not structured":               {after: set("Signature-Input", `a=("@method"`), want: "not a dictionary"},
		"empty":                        {after: set("Signature-Input", ` `), want: "empty"},
		"a bomb":                       {after: set("Signature-Input", `a=("x");y=`+strings.Repeat("1", 10_000)), want: "too long"},
		"another body":                 {after: func(r *http.Request) { r.Header.Set("Content-Digest", contentDigest([]byte("{}"))) }, want: "not of this body"},
		"another method":               {after: func(r *http.Request) { r.Method = "PUT" }, want: "wrong signature"},
		"another path":                 {after: func(r *http.Request) { r.RequestURI = "/ap/actor/x/inbox" }, want: "wrong signature"},
		"another host":                 {after: func(r *http.Request) { r.Host = "other.example" }, want: "wrong signature"},
		"params changed":               {after: swap(`;created=`, `;tag="z";created=`), want: "wrong signature"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.target == "" {
				c.target = "/ap/inbox"
			}
			if c.input == "" {
				c.input = "sig1=" + all + params
			}
			req := signedMessage(t, c.target, c.input, c.before)
			if c.after != nil {
				c.after(req)
			}
			err := verifyAt(req, []byte(testBody), key(t, "alice", "").Private.Public(), testNow)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// swap changes what Signature-Input says.
func swap(old, new string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Signature-Input", strings.Replace(r.Header.Get("Signature-Input"), old, new, 1))
	}
}

// FuzzSignatureInput: whatever Signature-Input and Signature hold, what passes the
// checks covers what it must, is bounded, and its base has a line for each component.
func FuzzSignatureInput(f *testing.F) {
	f.Add(`sig1=("@method" "@target-uri" "content-digest");created=1790000000;keyid="https://peer.example/k"`, `sig1=:AAAA:`)
	f.Add(`a=("@authority" "@path" "@method" "x";bs);created=1`, `a=1`)
	f.Add(`a=("host";key="\"");b=c;d`, `a=?1, b=@1`)
	f.Fuzz(func(t *testing.T, input, value string) {
		req := httptest.NewRequest("POST", "https://ap.example.org/ap/inbox?a=b", strings.NewReader(testBody))
		req.Header = http.Header{"Signature-Input": {input}, "Signature": {value}, "Content-Digest": {contentDigest([]byte(testBody))}}
		m, err := precheckMessage(req, "https", []byte(testBody), testNow)
		if err != nil {
			return
		}
		if !slices.Contains(m.components, "@method") || !slices.Contains(m.components, "content-digest") || len(m.components) > maxSigned {
			t.Errorf("accepted with %q", m.components)
		}
		if lines := strings.Split(m.base, "\n"); len(lines) != len(m.components)+1 {
			t.Errorf("%d components, %q", len(m.components), lines)
		}
	})
}
