package activitypub

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// newVerifier makes a verifier over loopback with its own clock.
func newVerifier(t testing.TB, store KeyStore) (*Verifier, *clock) {
	clk := &clock{now: testNow}
	return &Verifier{Client: newClient(t), Store: store, Now: clk.Now}, clk
}

// from is a POST signed by k, as it arrives at the time now.
func from(t testing.TB, k *Key, body string, now time.Time) *http.Request {
	t.Helper()
	req := httptest.NewRequest("POST", "https://ap.example.org/ap/inbox", strings.NewReader(body))
	req.Header.Set("Date", now.UTC().Format(http.TimeFormat))
	req.Header.Set("Content-Type", typeActivity)
	req.Header.Set("Digest", digestOf(body))
	cavage(t, req, k.Private, crypto.SHA256, k.ID, postNames)
	return req
}

// TestX8_KeyShapes: every way peers publish a key, and every way to cheat with it
// (rows S5, S7, attack X8).
func TestX8_KeyShapes(t *testing.T) {
	p, evil := newPeer(t), newPeer(t)
	alicePEM, malloryPEM := key(t, "alice", "").PublicPEM(), key(t, "mallory", "").PublicPEM()
	fill := strings.NewReplacer("$ALICE", fmt.Sprintf("%q", alicePEM), "$MALLORY", fmt.Sprintf("%q", malloryPEM), "$EVIL", evil.URL)
	actor := func(name, publicKey string) {
		p.put("/"+name, fill.Replace(fmt.Sprintf(`{"id":"$BASE/%s","type":"Person","inbox":"$BASE/inbox","publicKey":%s}`, name, publicKey)))
	}
	actor("embedded", `{"id":"$BASE/embedded#main-key","owner":"$BASE/embedded","publicKeyPem":$ALICE}`)
	actor("noowner", `{"id":"$BASE/noowner#main-key","publicKeyPem":$ALICE}`)
	many := `{"id":"$BASE/array#%d","owner":"$BASE/array","publicKeyPem":$MALLORY}`
	var array []string
	for i := range 9 {
		array = append(array, fmt.Sprintf(many, i))
	}
	actor("array", "["+strings.Join(array, ",")+`,{"id":"$BASE/array#main-key","owner":"$BASE/array","publicKeyPem":$ALICE}]`)
	// GoToSocial: the stub is at the key's id and calls itself the actor.
	actor("gts", `{"id":"$BASE/gts/main-key","owner":"$BASE/gts","publicKeyPem":$ALICE}`)
	p.put("/gts/main-key", fill.Replace(`{"id":"$BASE/gts","type":"Person","preferredUsername":"gts",
		"publicKey":{"id":"$BASE/gts/main-key","owner":"$BASE/gts","publicKeyPem":$ALICE}}`))
	// A document with only the key; the actor holds it, or names it.
	actor("alone", `{"id":"$BASE/alone/key","owner":"$BASE/alone","publicKeyPem":$ALICE}`)
	p.put("/alone/key", fill.Replace(`{"id":"$BASE/alone/key","type":"Key","owner":"$BASE/alone","publicKeyPem":$ALICE}`))
	actor("named", `"$BASE/named/key"`)
	p.put("/named/key", fill.Replace(`{"id":"$BASE/named/key","owner":{"id":"$BASE/named"},"publicKeyPem":$ALICE}`))
	actor("controlled", `["$BASE/other","$BASE/controlled/key"]`)
	p.put("/controlled/key", fill.Replace(`{"id":"$BASE/controlled/key","controller":"$BASE/controlled","publicKeyPem":$ALICE}`))
	p.on("/moved", redirectTo("/embedded"))

	actor("foreign", `{"id":"$BASE/foreign#main-key","owner":"$BASE/embedded","publicKeyPem":$ALICE}`)
	actor("otherid", `{"id":"$BASE/embedded#main-key","owner":"$BASE/otherid","publicKeyPem":$ALICE}`)
	actor("listsevil", `"$EVIL/key"`)
	evil.put("/key", fill.Replace(fmt.Sprintf(`{"id":"%s/key","owner":"%s/listsevil","publicKeyPem":$ALICE}`, evil.URL, p.URL)))
	p.put("/unclaimed/key", fill.Replace(`{"id":"$BASE/unclaimed/key","owner":"$BASE/embedded","publicKeyPem":$ALICE}`))
	p.put("/keyid/key", fill.Replace(`{"id":"$BASE/alone/key","owner":"$BASE/alone","publicKeyPem":$ALICE}`))
	p.put("/nobody/key", fill.Replace(`{"id":"$BASE/nobody/key","publicKeyPem":$ALICE}`))
	actor("empty", `[]`)
	actor("nopem", `{"id":"$BASE/nopem#main-key","owner":"$BASE/nopem"}`)
	actor("weak", `{"id":"$BASE/weak#main-key","owner":"$BASE/weak","publicKeyPem":"-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----"}`)
	p.on("/away", redirectTo(evil.URL+"/key"))
	p.put("/stub/key", fill.Replace(`{"id":"$BASE/embedded","publicKey":{"id":"$BASE/stub/key","owner":"$BASE/embedded","publicKeyPem":$ALICE}}`))
	p.on("/text/key", serveAs("text/plain", `{"id":"x"}`))

	for keyID, owner := range map[string]string{
		p.URL + "/embedded#main-key": p.URL + "/embedded",
		p.URL + "/noowner#main-key":  p.URL + "/noowner",
		p.URL + "/array#main-key":    p.URL + "/array",
		p.URL + "/gts/main-key":      p.URL + "/gts",
		p.URL + "/alone/key":         p.URL + "/alone",
		p.URL + "/named/key":         p.URL + "/named",
		p.URL + "/controlled/key":    p.URL + "/controlled",

		p.URL + "/foreign#main-key":         "",
		p.URL + "/otherid#main-key":         "",
		p.URL + "/embedded":                 "",
		p.URL + "/embedded#":                "",
		p.URL + "/embedded#other":           "",
		p.URL + "/moved#main-key":           "",
		evil.URL + "/key":                   "",
		p.URL + "/unclaimed/key":            "",
		p.URL + "/keyid/key":                "",
		p.URL + "/nobody/key":               "",
		p.URL + "/empty#main-key":           "",
		p.URL + "/nopem#main-key":           "",
		p.URL + "/weak#main-key":            "",
		p.URL + "/away":                     "",
		p.URL + "/stub/key":                 "",
		p.URL + "/text/key":                 "",
		p.URL + "/absent#main-key":          "",
		"acct:alice@peer.example":           "",
		"https://10.0.0.1/alice#main-key":   "",
		"https://localhost./alice#main-key": "",
		"not an address":                    "",
	} {
		v, clk := newVerifier(t, &keyShelf{})
		got, err := v.Verify(t.Context(), from(t, key(t, "alice", keyID), testBody, clk.Now()), []byte(testBody))
		equal(t, keyID, got, owner)
		if owner == "" {
			wantErr(t, keyID, err, ErrSignature)
		} else if err != nil {
			t.Errorf("%s: %v", keyID, err)
		}
	}
	v, clk := newVerifier(t, &keyShelf{})
	_, err := v.Verify(t.Context(), from(t, key(t, "mallory", p.URL+"/array#main-key"), testBody, clk.Now()), []byte(testBody))
	wantErr(t, "another key of the array", err, ErrSignature)
}

// TestKeyCache: a key is fetched once, signed by the instance, and kept.
func TestKeyCache(t *testing.T) {
	p, store := newPeer(t), &keyShelf{}
	v, clk := newVerifier(t, store)
	ours := key(t, "gateway", "https://ap.example.org/ap/actor/gateway#main-key")
	v.InstanceKey = func(context.Context) (*Key, error) { return ours, nil }
	alice := p.actor(t, "alice", "alice")
	verify := func(v *Verifier, k *Key) error {
		owner, err := v.Verify(t.Context(), from(t, k, testBody, clk.Now()), []byte(testBody))
		if err == nil && owner != p.URL+"/users/alice" {
			t.Errorf("owner %s", owner)
		}
		return err
	}
	for range 3 {
		if err := verify(v, alice); err != nil {
			t.Fatal(err)
		}
	}
	equalList(t, "asked", p.requests(), []string{"GET /users/alice"})
	if err := Verify(p.request(0), nil, &ours.Private.PublicKey); err != nil {
		t.Errorf("fetch signed by the instance: %v", err)
	}
	equal(t, "stored owner", store.keys[alice.ID].Owner, p.URL+"/users/alice")
	equal(t, "stored time", store.keys[alice.ID].Fetched, clk.Now())

	restarted, _ := newVerifier(t, store)
	restarted.Now = clk.Now
	if err := verify(restarted, alice); err != nil {
		t.Error(err)
	}
	equal(t, "after a restart nothing is fetched", len(p.requests()), 1)

	// Rotation (rows S8, S9): the peer publishes a new key.
	renewed := p.actor(t, "alice", "mallory")
	wantErr(t, "within a minute", verify(v, renewed), ErrSignature)
	clk.add(61 * time.Second)
	if err := verify(v, renewed); err != nil {
		t.Errorf("new key: %v", err)
	}
	wantErr(t, "old key", verify(v, alice), ErrSignature)
	equal(t, "requests", len(p.requests()), 2)

	// An Update made the bridge store another key: no fetch is needed.
	store.SaveRemoteKey(t.Context(), RemoteKey{ID: alice.ID, Owner: p.URL + "/users/alice", PEM: alice.PublicPEM()})
	if err := verify(v, alice); err != nil {
		t.Errorf("stored meanwhile: %v", err)
	}
	equal(t, "requests", len(p.requests()), 2)

	// The store is looked into again after a while, so that a key that was
	// replaced there does not live on in memory.
	store.SaveRemoteKey(t.Context(), RemoteKey{ID: alice.ID, Owner: p.URL + "/users/alice", PEM: renewed.PublicPEM()})
	clk.add(parsedFor + time.Second)
	wantErr(t, "replaced in the store", verify(v, alice), ErrSignature)
	if err := verify(v, renewed); err != nil {
		t.Errorf("its successor: %v", err)
	}

	broken, _ := newVerifier(t, &keyShelf{fail: errors.New("disk full")})
	broken.Now = clk.Now
	err := verify(broken, alice)
	if err == nil || errors.Is(err, ErrSignature) || errors.Is(err, ErrBusy) {
		t.Errorf("a fault of ours: %v", err)
	}
}

// TestX17_KeyRefetchLimit: however many forgeries, a key is fetched once a minute
// (row S8).
func TestX17_KeyRefetchLimit(t *testing.T) {
	p := newPeer(t)
	alice := p.actor(t, "alice", "alice")
	store := &keyShelf{}
	store.SaveRemoteKey(t.Context(), RemoteKey{ID: alice.ID, Owner: p.URL + "/users/alice", PEM: alice.PublicPEM()})
	v, clk := newVerifier(t, store)
	forgery := from(t, key(t, "mallory", alice.ID), testBody, clk.Now())
	flood := func() {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 100 {
					_, err := v.Verify(t.Context(), forgery, []byte(testBody))
					if !errors.Is(err, ErrSignature) {
						t.Errorf("forgery: %v", err)
					}
				}
			})
		}
		wg.Wait()
	}
	flood()
	equal(t, "after 400 forgeries", len(p.requests()), 1)
	clk.add(61 * time.Second)
	flood()
	equal(t, "a minute later", len(p.requests()), 2)
	if _, err := v.Verify(t.Context(), from(t, alice, testBody, clk.Now()), []byte(testBody)); err != nil {
		t.Errorf("the real one meanwhile: %v", err)
	}
}

// TestKeyFailures: what passes is busy, what does not is refused, both are
// remembered (rows I9, S8).
func TestKeyFailures(t *testing.T) {
	p := newPeer(t)
	for status, want := range map[int]error{
		500: ErrBusy, 502: ErrBusy, 503: ErrBusy, 429: ErrBusy, 408: ErrBusy,
		400: ErrSignature, 401: ErrSignature, 403: ErrSignature, 404: errNoKey, 410: errKeyGone,
	} {
		path := fmt.Sprint("/", status)
		id := p.on(path, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) })
		v, clk := newVerifier(t, &keyShelf{})
		before := len(p.requests())
		for range 3 {
			_, err := v.Verify(t.Context(), from(t, key(t, "alice", id), testBody, clk.Now()), []byte(testBody))
			wantErr(t, path, err, want)
		}
		equal(t, path+" asked", len(p.requests())-before, 1)
		clk.add(failedFor + time.Second)
		v.Verify(t.Context(), from(t, key(t, "alice", id), testBody, clk.Now()), []byte(testBody))
		equal(t, path+" asked again later", len(p.requests())-before, 2)
	}
	v, clk := newVerifier(t, &keyShelf{})
	v.Client.timeout = 50 * time.Millisecond
	id := p.on("/slow", silence(t))
	_, err := v.Verify(t.Context(), from(t, key(t, "alice", id), testBody, clk.Now()), []byte(testBody))
	wantErr(t, "no answer", err, ErrBusy)
}

// TestKeyOneFlight: many requests that wait for one key cause one fetch, and it
// does not fail because the first of them went away.
func TestKeyOneFlight(t *testing.T) {
	p := newPeer(t)
	alice := p.actor(t, "alice", "alice")
	doc := p.docs["/users/alice"]
	asked, answer := make(chan struct{}), make(chan struct{})
	p.on("/users/alice", func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-answer
		serveAs(typeActivity, doc)(w, r)
	})
	v, clk := newVerifier(t, &keyShelf{})
	req := from(t, alice, testBody, clk.Now())
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range 10 {
		c := t.Context()
		if i == 0 {
			c = ctx
		}
		wg.Go(func() {
			if i != 0 {
				<-asked
			}
			if _, err := v.Verify(c, req, []byte(testBody)); err != nil {
				t.Error(err)
			}
		})
	}
	<-asked
	cancel()
	close(answer)
	wg.Wait()
	equal(t, "requests", len(p.requests()), 1)

	// Who found nothing just before that one landed is served by it too.
	late, err := v.fetch(t.Context(), alice.ID)
	equal(t, "late", fmt.Sprint(late.PEM == alice.PublicPEM(), err), "true <nil>")
	equal(t, "requests", len(p.requests()), 1)
}

// TestX17_Slots: what peers can make us fetch at once is bounded.
func TestX17_Slots(t *testing.T) {
	var s slots
	for i := range maxFromHost {
		equal(t, fmt.Sprint("take ", i), s.take("a"), true)
	}
	equal(t, "one host too often", s.take("a"), false)
	for i := range maxFetches - maxFromHost {
		equal(t, "others", s.take(fmt.Sprint(i)), true)
	}
	equal(t, "too many", s.take("z"), false)
	s.release("a")
	equal(t, "after release", s.take("a"), true)

	p := newPeer(t)
	alice := p.actor(t, "alice", "alice")
	v, clk := newVerifier(t, &keyShelf{})
	for range maxFromHost {
		v.slots.take(p.Listener.Addr().String())
	}
	_, err := v.Verify(t.Context(), from(t, alice, testBody, clk.Now()), []byte(testBody))
	wantErr(t, "no slot", err, ErrBusy)
	v.slots.release(p.Listener.Addr().String())
	if _, err := v.Verify(t.Context(), from(t, alice, testBody, clk.Now()), []byte(testBody)); err != nil {
		t.Errorf("with a slot: %v", err)
	}
}

func TestX17_Recent(t *testing.T) {
	var r recent[int]
	for i := range 3 * maxRecent {
		r.put(fmt.Sprint(i), i)
		r.get("0") // what is asked for stays
		if n := len(r.young) + len(r.old); n > maxRecent {
			t.Fatalf("%d entries", n)
		}
	}
	for _, i := range []int{0, 3*maxRecent - 1, 3*maxRecent - maxRecent/2 + 1} {
		if v, ok := r.get(fmt.Sprint(i)); !ok || v != i {
			t.Errorf("%d is forgotten", i)
		}
	}
	if _, ok := r.get("1"); ok {
		t.Error("1 is still there")
	}
	r.forget("0")
	if _, ok := r.get("0"); ok {
		t.Error("0 is not forgotten")
	}
}
