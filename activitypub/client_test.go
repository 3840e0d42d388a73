package activitypub

import (
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// serveAs answers with a content type and a body.
func serveAs(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		io.WriteString(w, body)
	}
}

func redirectTo(url string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", url)
		w.WriteHeader(http.StatusFound)
	}
}

func TestGet(t *testing.T) {
	p, c := newPeer(t), newClient(t)
	k := key(t, "gateway", "https://ap.example.org/ap/actor/gateway#main-key")
	at := p.put("/users/bob", `{"id":"$BASE/users/bob","type":"Person"}`)
	doc, err := c.Get(t.Context(), at+"#main-key", k)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "id", doc.ID(), at)
	r := p.request(0)
	equal(t, "User-Agent", r.Header.Get("User-Agent"), "Isthmus/test (+https://ap.example.org/)")
	equal(t, "Accept", r.Header.Get("Accept"), `application/activity+json, application/ld+json; profile="https://www.w3.org/ns/activitystreams"`)
	equal(t, "Digest", r.Header.Get("Digest"), "")
	if err := Verify(r, nil, &k.Private.PublicKey); err != nil {
		t.Errorf("signature as the peer sees it: %v", err)
	}
	if _, err = c.Get(t.Context(), at, nil); err != nil {
		t.Error(err)
	}
	equal(t, "unsigned", p.request(1).Header.Get("Signature"), "")
	_, err = c.Get(t.Context(), p.URL+"/absent", nil)
	equal(t, "404 is gone", Gone(err), true)
	if _, err := NewClient(ClientConfig{}); err == nil {
		t.Error("a client without User-Agent")
	}
}

// TestX3_ContentTypes: only types that say ActivityStreams (attack X3).
func TestX3_ContentTypes(t *testing.T) {
	p, c := newPeer(t), newClient(t)
	doc := fmt.Sprintf(`{"id":"%s/doc","type":"Note"}`, p.URL)
	for contentType, ok := range map[string]bool{
		"application/activity+json":                                                      true,
		"application/activity+json; charset=utf-8":                                       true,
		"Application/Activity+JSON;charset=UTF-8":                                        true,
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams"`:           true,
		`application/ld+json;profile="https://x/ https://www.w3.org/ns/activitystreams"`: true,
		"application/ld+json":                                                            false,
		`application/ld+json; profile="https://www.w3.org/ns/other"`:                     false,
		"application/json":                                                               false,
		"text/plain":                                                                     false,
		"text/html":                                                                      false,
		"application/octet-stream":                                                       false,
		"application/activity+json, text/plain":                                          false,
		"image/png; x=application/activity+json":                                         false,
	} {
		at := p.on("/doc", serveAs(contentType, doc))
		_, err := c.Get(t.Context(), at, nil)
		if ok && err != nil {
			t.Errorf("%s: %v", contentType, err)
		}
		if !ok {
			wantErr(t, contentType, err, ErrContentType)
		}
	}
	at := p.on("/doc", func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = []string{"application/activity+json", "text/plain"}
		io.WriteString(w, doc)
	})
	_, err := c.Get(t.Context(), at, nil)
	wantErr(t, "two content types", err, ErrContentType)
}

// TestX4_ClaimedIDs: a document is what its address says, or is asked for there once
// (row D18, attack X4).
func TestX4_ClaimedIDs(t *testing.T) {
	p, other, c := newPeer(t), newPeer(t), newClient(t)
	real := p.put("/users/bob", `{"id":"$BASE/users/bob","type":"Person"}`)
	other.put("/users/eve", `{"id":"$BASE/users/eve","type":"Person"}`)
	for name, id := range map[string]string{
		"page":                 real,
		"other host":           other.URL + "/users/eve",
		"other case":           p.URL + "/Users/bob",
		"trailing slash":       p.URL + "/users/bob/",
		"escaped":              p.URL + "/users/b%6Fb",
		"fragment":             real + "#x",
		"none":                 "",
		"not an address":       "tag:peer.example,2026:1",
		"private address":      "https://10.0.0.1/users/bob",
		"script":               "javascript:alert(1)",
		"itself, another port": strings.Replace(real, p.Listener.Addr().String(), "127.0.0.1:1", 1),
	} {
		at := p.put("/claims", fmt.Sprintf(`{"id":%q,"type":"Person"}`, id))
		before := len(p.requests())
		doc, err := c.Get(t.Context(), at, nil)
		if name == "page" {
			if err != nil || doc.ID() != real {
				t.Errorf("%s: %v, %v", name, doc, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%s: believed", name)
		}
		if n := len(p.requests()) - before; n > 2 {
			t.Errorf("%s: %d requests", name, n)
		}
	}
	equal(t, "requests to the other host", len(other.requests()), 0)
	_, err := c.Get(t.Context(), p.put("/claims", fmt.Sprintf(`{"id":"%s/users/eve"}`, other.URL)), nil)
	var idErr *IDError
	if !errors.As(err, &idErr) || idErr.ID != other.URL+"/users/eve" {
		t.Errorf("got %v", err)
	}

	p.put("/page?n=1", `{"type":"OrderedCollectionPage","orderedItems":[]}`)
	if _, err := c.Get(t.Context(), p.URL+"/page?n=1", nil); err != nil {
		t.Errorf("a page without id: %v", err)
	}
	p.put("/key", `{"id":"$BASE/key#main","type":"Key"}`)
	if _, err := c.Get(t.Context(), p.URL+"/key#main", nil); err != nil {
		t.Errorf("asked for with its fragment: %v", err)
	}
	for _, fragment := range []string{"", "#other"} {
		before := len(p.requests())
		if _, err := c.Get(t.Context(), p.URL+"/key"+fragment, nil); err != nil || len(p.requests())-before != 2 {
			t.Errorf("asked for as %q: %v after %d requests", fragment, err, len(p.requests())-before)
		}
	}
	// The second look must end where the id says, not come back by a redirect.
	p.on("/boomerang", redirectTo("/claims"))
	_, err = c.Get(t.Context(), p.put("/claims", `{"id":"$BASE/boomerang","type":"Note"}`), nil)
	wantErr(t, "boomerang", err, ErrID)
}

// TestX2_Redirects: three hops, each signed for itself (row S4, attack X2).
func TestX2_Redirects(t *testing.T) {
	p, other, c := newPeer(t), newPeer(t), newClient(t)
	plain := httptest.NewServer(serveAs(typeActivity, `{}`))
	defer plain.Close()
	k := key(t, "gateway", "https://ap.example.org/ap/actor/gateway#main-key")
	other.put("/note", `{"id":"$BASE/note","type":"Note"}`)
	for i := range 5 {
		p.on(fmt.Sprintf("/%d", i+1), redirectTo(fmt.Sprintf("/%d", i)))
	}
	p.on("/0", redirectTo(other.URL+"/note"))
	doc, err := c.Get(t.Context(), p.URL+"/2", k)
	if err != nil || doc.ID() != other.URL+"/note" {
		t.Fatalf("three hops: %v, %v", doc, err)
	}
	equalList(t, "asked", p.requests(), []string{"GET /2", "GET /1", "GET /0"})
	signatures := map[string]bool{}
	for _, r := range []*http.Request{p.request(0), p.request(1), p.request(2), other.request(0)} {
		if err := Verify(r, nil, &k.Private.PublicKey); err != nil {
			t.Errorf("%s: %v", r.URL, err)
		}
		signatures[r.Header.Get("Signature")] = true
	}
	equal(t, "different signatures", len(signatures), 4)

	p.on("/self", redirectTo("/self"))
	p.on("/ping", redirectTo("/pong"))
	p.on("/pong", redirectTo("/ping"))
	p.on("/plain", redirectTo(plain.URL))
	p.on("/private", redirectTo("https://10.1.2.3/"))
	p.on("/userinfo", redirectTo("https://good@127.0.0.1/"))
	p.on("/file", redirectTo("file:///etc/passwd"))
	p.on("/nowhere", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusFound) })
	p.on("/two", func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Location"] = []string{"/0", "/1"}
		w.WriteHeader(http.StatusMovedPermanently)
	})
	for _, path := range []string{"/3", "/self", "/ping", "/plain", "/private", "/userinfo", "/file", "/nowhere", "/two"} {
		_, err := c.Get(t.Context(), p.URL+path, k)
		wantErr(t, path, err, ErrRedirect)
	}
}

// TestGetQuery: who checks signatures without the query gets one (row S3).
func TestGetQuery(t *testing.T) {
	p, c := newPeer(t), newClient(t)
	k := key(t, "gateway", "https://ap.example.org/ap/actor/gateway#main-key")
	at := p.on("/outbox", func(w http.ResponseWriter, r *http.Request) {
		path := r.Clone(r.Context())
		path.RequestURI, path.URL.RawQuery = "/outbox", ""
		if Verify(path, nil, &k.Private.PublicKey) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		serveAs(typeActivity, fmt.Sprintf(`{"id":"%s/outbox?page=1","type":"OrderedCollectionPage"}`, p.URL))(w, r)
	}) + "?page=1"
	if _, err := c.Get(t.Context(), at, k); err != nil {
		t.Error(err)
	}
	equalList(t, "asked", p.requests(), []string{"GET /outbox?page=1", "GET /outbox?page=1"})
	_, err := c.Get(t.Context(), at, nil)
	equal(t, "unsigned is asked once", isStatus(err, 401), true)
	equal(t, "requests", len(p.requests()), 3)
}

// TestX11_AnswerBounds: size after decompression, endless bodies, nesting (attack X11).
func TestX11_AnswerBounds(t *testing.T) {
	p := newPeer(t)
	c := newClient(t, func(cfg *ClientConfig) { cfg.Timeout = 300 * time.Millisecond })
	patient := newClient(t)
	_, err := patient.Get(t.Context(), p.on("/bomb", func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Error("gzip is not asked for")
		}
		w.Header().Set("Content-Type", typeActivity)
		w.Header().Set("Content-Encoding", "gzip")
		z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed) // the level exists
		zeros := make([]byte, 1<<20)
		for range 16 {
			if _, err := z.Write(zeros); err != nil {
				return // the client hung up, as it should
			}
		}
		z.Close()
	}), nil)
	wantErr(t, "gzip bomb", err, ErrTooLarge)

	_, err = patient.Get(t.Context(), p.put("/large", `{"x":"`+strings.Repeat("x", maxBody)+`"}`), nil)
	wantErr(t, "large", err, ErrTooLarge)
	_, err = patient.Get(t.Context(), p.put("/deep", strings.Repeat(`{"a":`, 100)+"1"+strings.Repeat("}", 100)), nil)
	wantErr(t, "deep", err, ErrDocument)
	_, err = patient.Get(t.Context(), p.put("/list", `[1]`), nil)
	wantErr(t, "not an object", err, ErrDocument)
	_, err = patient.Get(t.Context(), p.put("/twice", `{"id":"a","id":"b"}`), nil)
	wantErr(t, "duplicate member", err, ErrDocument)

	mute := silence(t)
	_, err = c.Get(t.Context(), p.on("/slow", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", typeActivity)
		w.(http.Flusher).Flush()
		mute(w, r)
	}), nil)
	wantErr(t, "body that never comes", err, context.DeadlineExceeded)
	_, err = c.Get(t.Context(), p.on("/mute", mute), nil)
	wantErr(t, "headers that never come", err, context.DeadlineExceeded)
}

// silence answers nothing until the test is over. The end of the request is not waited
// for: what is answered then can still reach a client that has just given up.
func silence(t *testing.T) http.HandlerFunc {
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	return func(http.ResponseWriter, *http.Request) { <-over }
}

// TestNoCookies: nobody can mark us, neither for the next request nor over a redirect.
func TestNoCookies(t *testing.T) {
	p, c := newPeer(t), newClient(t)
	at := p.put("/note", `{"id":"$BASE/note","type":"Note"}`)
	from := p.on("/from", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "mark", Value: "1", Path: "/"})
		http.Redirect(w, r, at, http.StatusFound)
	})
	for range 2 {
		if _, err := c.Get(t.Context(), from, nil); err != nil {
			t.Fatal(err)
		}
	}
	for i := range p.requests() {
		r := p.request(i)
		if r.Header.Get("Cookie") != "" {
			t.Errorf("%s carries %q", r.URL, r.Header.Get("Cookie"))
		}
	}
}

// TestConnections: kept, and resumed by ticket (performance.md §10).
func TestConnections(t *testing.T) {
	p, c := newPeer(t), newClient(t)
	at := p.put("/note", `{"id":"$BASE/note","type":"Note"}`)
	for range 3 {
		if _, err := c.Get(t.Context(), at, nil); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "same connection", p.request(0).RemoteAddr, p.request(2).RemoteAddr)
	c.Close()
	if _, err := c.Get(t.Context(), at, nil); err != nil {
		t.Fatal(err)
	}
	equal(t, "resumed", p.request(3).TLS.DidResume, true)
	equal(t, "idle per host", c.secure.MaxIdleConnsPerHost, 2)
	equal(t, "idle", c.secure.MaxIdleConns, 256)
}

// TestTrust: certificates are checked, and SSL_CERT_FILE names roots. Go reads
// that variable once, so the second half is this test in another process.
func TestTrust(t *testing.T) {
	if at := os.Getenv("ISTHMUS_TEST_GET"); at != "" {
		c := newClient(t, func(cfg *ClientConfig) { cfg.RootCAs = nil })
		if _, err := c.Get(t.Context(), at, nil); err != nil {
			t.Fatal(err)
		}
		return
	}
	p := newPeer(t)
	at := p.put("/note", `{"id":"$BASE/note","type":"Note"}`)
	c := newClient(t, func(cfg *ClientConfig) { cfg.RootCAs = nil })
	if _, err := c.Get(t.Context(), at, nil); err == nil {
		t.Error("an unknown certificate was taken")
	}
	file := filepath.Join(t.TempDir(), "roots.pem")
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw})
	if err := os.WriteFile(file, root, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestTrust$")
	cmd.Env = append(os.Environ(), "ISTHMUS_TEST_GET="+at, "SSL_CERT_FILE="+file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("with SSL_CERT_FILE: %v\n%s", err, out)
	}
}
