package activitypub

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// gateway is our server on loopback with TLS, as peers see it.
type gateway struct {
	*httptest.Server
	*memory
	verifier *Verifier
	log      *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newGateway(t testing.TB, change ...func(*ServerConfig)) *gateway {
	g := &gateway{Server: httptest.NewUnstartedServer(nil), log: new(lockedBuffer)}
	base := "https://" + g.Listener.Addr().String()
	g.memory = newMemory(base, g.Listener.Addr().String())
	g.memory.known = func(string) bool { return true }
	g.verifier = &Verifier{Client: newClient(t), Store: &keyShelf{}}
	cfg := ServerConfig{PublicURL: base, Name: "isthmus", Version: "0.1.0",
		Log: slog.New(slog.NewTextHandler(g.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, f := range change {
		f(&cfg)
	}
	limits := NewHTTPServer("", NewServer(cfg, g.memory, g.verifier, nil), cfg.Log)
	g.Config = limits
	g.StartTLS()
	t.Cleanup(g.Close)
	return g
}

// post signs body with k and sends it; edit changes the request after signing.
func (g *gateway) post(t testing.TB, path string, k *Key, body string, edit ...func(*http.Request)) *http.Response {
	t.Helper()
	req, err := http.NewRequest("POST", g.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", typeActivity)
	req.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	req.Header.Set("Digest", digestOf(body))
	if k != nil {
		cavage(t, req, k.Private, crypto.SHA256, k.ID, postNames)
	}
	for _, f := range edit {
		f(req)
	}
	resp, err := g.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// like is an activity of an actor.
func like(actor string) string {
	return fmt.Sprintf(`{"@context":"https://www.w3.org/ns/activitystreams","id":"%s/likes/1","type":"Like","actor":%q,"object":"https://x.example/1"}`, actor, actor)
}

func TestInbox(t *testing.T) {
	g, p := newGateway(t), newPeer(t)
	alice := p.actor(t, "alice", "alice")
	actor := p.URL + "/users/alice"
	body := like(actor)
	equal(t, "shared", g.post(t, "/ap/inbox", alice, body).StatusCode, 202)
	equal(t, "personal", g.post(t, "/ap/actor/AbC123/inbox", alice, body).StatusCode, 202)
	got := g.received()
	if len(got) != 2 {
		t.Fatalf("received %d", len(got))
	}
	in := got[1]
	equal(t, "inbound", fmt.Sprint(in.ID, in.Type, in.Actor, in.Token), fmt.Sprint(actor, "/likes/1", "Like", actor, "AbC123"))
	equal(t, "body", string(in.Body), body)
	equal(t, "document", in.Doc.Str("object"), "https://x.example/1")
	equal(t, "shared has no token", got[0].Token, "")
	equal(t, "request id", len(in.RequestID), 16)

	for name, doc := range map[string]string{
		"unknown type":    `{"id":"$A/1","type":"Travel","actor":"$A"}`,
		"types":           `{"id":"$A/1","type":["Like","x:Other"],"actor":"$A"}`,
		"no context":      `{"id":"$A/1","type":"Like","actor":"$A"}`,
		"embedded actor":  `{"id":"$A/1","type":"Like","actor":{"id":"$A","type":"Person"}}`,
		"actor in a list": `{"id":"$A/1","type":"Like","actor":["$A"]}`,
		"no id":           `{"type":"Add","actor":"$A"}`,
		"Delete":          `{"id":"$A/1","type":"Delete","actor":"$A","object":"$A/2"}`,
	} {
		before := len(g.received())
		equal(t, name, g.post(t, "/ap/inbox", alice, strings.ReplaceAll(doc, "$A", actor)).StatusCode, 202)
		equal(t, name+" is handed on", len(g.received())-before, 1)
	}
	for name, contentType := range map[string]string{"activity": "application/activity+json; charset=utf-8", "ld": asLD, "bare ld": "application/ld+json"} {
		r := g.post(t, "/ap/inbox", alice, body, func(r *http.Request) { r.Header.Set("Content-Type", contentType) })
		equal(t, name, r.StatusCode, 202)
	}
	equal(t, "ours goes through theirs", newClient(t).Post(t.Context(), g.URL+"/ap/inbox", []byte(body), alice), nil)
}

// TestInboxStatus: row I9, one line each.
func TestInboxStatus(t *testing.T) {
	g, p := newGateway(t), newPeer(t)
	alice := p.actor(t, "alice", "alice")
	mallory := p.actor(t, "mallory", "mallory")
	actor := p.URL + "/users/alice"
	ok := like(actor)
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	unsigned := func(r *http.Request) { r.Header.Del("Signature") }
	for _, c := range []struct {
		name, path string
		key        *Key
		body       string
		edit       func(*http.Request)
		want       int
	}{
		{"right", "", alice, ok, nil, 202},
		{"a collection", "", alice, `{"type":"OrderedCollection","orderedItems":[]}`, nil, 202},
		{"forwarded with a proof (S13)", "", mallory, strings.Replace(ok, "{", `{"signature":{"type":"RsaSignature2017"},`, 1), nil, 202},
		{"forwarded with a newer proof (S14)", "", mallory, strings.Replace(ok, "{", `{"proof":{"type":"DataIntegrityProof"},`, 1), nil, 202},

		{"not JSON", "", alice, `{"type":`, nil, 400},
		{"empty", "", alice, ``, nil, 400},
		{"not an object", "", alice, `[]`, nil, 400},
		{"duplicate actor (X5)", "", alice, strings.Replace(ok, "{", `{"actor":"https://x.example/mallory",`, 1), nil, 400},
		{"no type", "", alice, `{"actor":"` + actor + `"}`, nil, 400},
		{"no actor", "", alice, `{"type":"Like"}`, nil, 400},
		{"two actors", "", alice, `{"type":"Like","actor":["` + actor + `","https://x.example/"]}`, nil, 400},
		{"too deep", "", alice, `{"type":"Like","actor":"` + actor + `","a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`, nil, 400},
		{"too many values", "", alice, `{"type":"Like","actor":"` + actor + `","to":[0` + strings.Repeat(",0", 400_000) + `]}`, nil, 400},
		{"UTF-16", "", alice, "\xff\xfe{\x00}\x00", nil, 400},
		{"NaN", "", alice, `{"type":"Like","actor":"` + actor + `","x":NaN}`, nil, 400},

		{"unsigned", "", alice, ok, unsigned, 401},
		{"wrong key", "", mallory.as(alice.ID), ok, nil, 401},
		{"unknown key", "", alice.as(p.URL + "/users/absent#main-key"), ok, nil, 401},
		{"key of ours", "", alice.as(g.URL + "/ap/actor/AbC123#main-key"), ok, nil, 401},
		{"key on a private address", "", alice.as("https://10.0.0.1/x#main-key"), ok, nil, 401},
		{"other body", "", alice, ok, func(r *http.Request) {
			r.Body = io.NopCloser(strings.NewReader(strings.ReplaceAll(ok, "Like", "Undo")))
		}, 401},
		{"old", "", alice, ok, header("Date", time.Now().Add(-2*time.Hour).UTC().Format(http.TimeFormat)), 401},
		{"sent to another inbox", "/ap/actor/AbC123/inbox", alice, ok, func(r *http.Request) { r.URL.Path = "/ap/inbox" }, 401},
		{"meant for another host", "", alice, ok, func(r *http.Request) { r.Host = "other.example" }, 401},

		{"actor is not the signer", "", mallory, ok, nil, 403},
		{"actor object is not the signer", "", mallory, `{"type":"Like","actor":{"id":"` + actor + `"}}`, nil, 403},
		{"id on another host", "", alice, strings.Replace(ok, p.URL+"/users/alice/likes", "https://x.example", 1), nil, 403},
		{"id is no address", "", alice, strings.Replace(ok, p.URL+"/users/alice/likes", "urn:uuid:", 1), nil, 403},
		{"blocked", "", alice, strings.Replace(ok, "Like", "Blocked", 1), nil, 403},

		{"unknown inbox", "/ap/actor/nobody/inbox", alice, ok, nil, 404},
		{"no token", "/ap/actor/a%20b/inbox", alice, ok, nil, 404},
		{"deleted inbox", "/ap/actor/gone1/inbox", alice, ok, nil, 410},
		{"deleted, unsigned", "/ap/actor/gone1/inbox", alice, ok, unsigned, 410},
		{"too large", "", alice, `{"x":"` + strings.Repeat("x", maxBody) + `"}`, nil, 413},
		{"too large, no length", "", alice, `{"x":"` + strings.Repeat("x", maxBody) + `"}`, func(r *http.Request) { r.ContentLength = -1 }, 413},
		{"application/json", "", alice, ok, header("Content-Type", "application/json"), 415},
		{"text/plain", "", alice, ok, header("Content-Type", "text/plain"), 415},
		{"no type at all", "", alice, ok, func(r *http.Request) { r.Header["Content-Type"] = nil }, 415},
		{"two types", "", alice, ok, func(r *http.Request) { r.Header.Add("Content-Type", "text/plain") }, 415},
		{"compressed", "", alice, ok, header("Content-Encoding", "gzip"), 415},

		{"our fault", "", alice, strings.Replace(ok, "Like", "Fault", 1), nil, 503},
		{"overload", "", alice, strings.Replace(ok, "Like", "Busy", 1), nil, 503},
		{"key not to be had now", "", alice.as(p.URL + "/broken#main-key"), ok, nil, 503},
	} {
		g.memory.take = func(in Inbound) error {
			return map[string]error{"Blocked": fmt.Errorf("secret list: %w", ErrForbidden), "Fault": errors.New("secret: disk"), "Busy": ErrBusy}[in.Type]
		}
		p.on("/broken", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusBadGateway) })
		before := len(g.received())
		path := c.path
		if path == "" {
			path = "/ap/inbox"
		}
		var edits []func(*http.Request)
		if c.edit != nil {
			edits = append(edits, c.edit)
		}
		r := g.post(t, path, c.key, c.body, edits...)
		body, _ := io.ReadAll(r.Body)
		equal(t, c.name, r.StatusCode, c.want)
		if c.want >= 400 && (!strings.HasPrefix(string(body), `{"error":"`) || strings.Contains(string(body), "secret")) {
			t.Errorf("%s: body %s", c.name, body)
		}
		equal(t, c.name+": Retry-After", r.Header.Get("Retry-After") != "", c.want == 503)
		switch got := g.received()[before:]; {
		case c.name == "right":
		case strings.HasPrefix(c.name, "forwarded"):
			if len(got) != 1 || !got[0].Forwarded || got[0].Actor != actor {
				t.Errorf("%s: not handed on as forwarded: %v", c.name, got)
			}
		case len(got) > 0:
			t.Errorf("%s: had an effect", c.name)
		}
	}
	if logged := g.log.String(); !strings.Contains(logged, "this is a key of ours") {
		t.Error("a key of ours was asked for")
	} else if strings.Contains(logged, "keyId=") || strings.Contains(logged, "x.example/1") {
		t.Error("the log has a signature or a body")
	} else if !strings.Contains(logged, "request=") || !strings.Contains(logged, "status=401") {
		t.Error("the log lacks lines")
	}
}

// TestInboxOrder: what is cheap to refuse is refused before the body is read or
// a key is fetched (row S6).
func TestInboxOrder(t *testing.T) {
	g, p := newGateway(t), newPeer(t)
	alice := p.actor(t, "alice", "alice")
	for _, edit := range []func(*http.Request){
		func(r *http.Request) { r.Header.Set("Digest", digestOf("x")) },
		func(r *http.Request) { r.Header.Set("Date", "Thu, 01 Jan 2026 00:00:00 GMT") },
		func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") },
		func(r *http.Request) { r.Host = "x.example" },
		func(r *http.Request) { r.URL.Path = "/ap/actor/nobody/inbox" },
	} {
		g.post(t, "/ap/inbox", alice, like(p.URL+"/users/alice"), edit)
	}
	g.post(t, "/ap/inbox", alice, "{")
	equal(t, "keys fetched", len(p.requests()), 0)
}

// TestX20_DeleteStorm: deletions of accounts nobody here knows cost nothing (row S16).
func TestX20_DeleteStorm(t *testing.T) {
	g, p := newGateway(t), newPeer(t)
	g.memory.known = func(actor string) bool { return false }
	handler := g.Config.Handler
	gone := key(t, "alice", "")
	for i := range 2000 {
		actor := fmt.Sprintf("%s/users/%d", p.URL, i)
		body := fmt.Sprintf(`{"id":"%s#delete","type":"Delete","actor":%q,"object":%q}`, actor, actor, actor)
		req := httptest.NewRequest("POST", g.URL+"/ap/inbox", strings.NewReader(body))
		req.Header.Set("Content-Type", typeActivity)
		req.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
		req.Header.Set("Digest", digestOf(body))
		req.Header.Set("Signature", fmt.Sprintf(`keyId="%s#main-key",headers="(request-target) host date digest",signature="eA=="`, actor))
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		if w.Code != 202 {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
	}
	equal(t, "outbound requests", len(p.requests()), 0)
	note := `{"type":"Delete","actor":"%s","object":{"type":"Tombstone","id":"%s/note"}}`
	equal(t, "of a note, without a key", g.post(t, "/ap/inbox", gone.as(p.URL+"/users/x#main-key"), fmt.Sprintf(note, p.URL+"/users/x", p.URL)).StatusCode, 202)
	equal(t, "handed on", len(g.received()), 0)
	bob := p.actor(t, "bob", "alice")
	equal(t, "of a note that may come yet", g.post(t, "/ap/inbox", bob, fmt.Sprintf(note, p.URL+"/users/bob", p.URL)).StatusCode, 202)
	equal(t, "handed on", len(g.received()), 1)
}

// TestX20_DeleteOfKnown: an actor we know is gone when its own server says so.
func TestX20_DeleteOfKnown(t *testing.T) {
	g, p, other := newGateway(t), newPeer(t), newPeer(t)
	alice := key(t, "alice", "")
	is := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) }
	}
	p.on("/gone", is(410))
	other.on("/gone", is(410))
	p.on("/missing", is(404))
	p.on("/locked", is(500))
	p.on("/gts", is(410))
	p.on("/gts/main-key", is(410))
	p.on("/alive/main-key", is(410))
	p.actor(t, "bob", "mallory")
	p.on("/alive", serveAs(typeActivity, fmt.Sprintf(`{"id":"%s/alive","type":"Person"}`, p.URL)))
	for _, c := range []struct {
		name, keyID, actor, object string
		status, effect             int
	}{
		{"key 410, keyId is the actor", "/gone#main-key", "/gone", "/gone", 202, 1},
		{"key 410 as a path, actor 410", "/gts/main-key", "/gts", "/gts", 202, 1},
		{"key 410 as a path, actor alive", "/alive/main-key", "/alive", "/alive", 202, 0},
		{"key 404", "/missing#main-key", "/missing", "/missing", 202, 0},
		{"key 500", "/locked#main-key", "/locked", "/locked", 503, 0},
		{"key of another who is gone", "/gone#main-key", "/users/bob", "/users/bob", 202, 0},
		{"not of itself", "/gone#main-key", "/gone", "/users/bob", 202, 0},
		{"alive, wrong signature", "/users/bob#main-key", "/users/bob", "/users/bob", 401, 0},
	} {
		before := len(g.received())
		body := fmt.Sprintf(`{"type":"Delete","actor":"%s","object":"%s"}`, p.URL+c.actor, p.URL+c.object)
		equal(t, c.name, g.post(t, "/ap/inbox", alice.as(p.URL+c.keyID), body).StatusCode, c.status)
		equal(t, c.name+": effect", len(g.received())-before, c.effect)
	}
	before := len(g.received())
	body := fmt.Sprintf(`{"type":"Delete","actor":"%s/gone","object":"%s/gone"}`, p.URL, p.URL)
	equal(t, "a key elsewhere that is gone", g.post(t, "/ap/inbox", alice.as(other.URL+"/gone#main-key"), body).StatusCode, 202)
	equal(t, "effect", len(g.received())-before, 0)
	like := fmt.Sprintf(`{"type":"Like","actor":"%s/gone","object":"x"}`, p.URL)
	equal(t, "a Like with a key that is gone", g.post(t, "/ap/inbox", alice.as(p.URL+"/gone#main-key"), like).StatusCode, 401)
}

// TestX11_Overload: more at once than MaxInbox is 503.
func TestX11_Overload(t *testing.T) {
	g, p := newGateway(t, func(cfg *ServerConfig) { cfg.MaxInbox = 1 }), newPeer(t)
	alice := p.actor(t, "alice", "alice")
	busy, done := make(chan struct{}), make(chan struct{})
	g.memory.take = func(Inbound) error {
		close(busy)
		<-done
		return nil
	}
	body := like(p.URL + "/users/alice")
	first := make(chan int)
	go func() { first <- g.post(t, "/ap/inbox", alice, body).StatusCode }()
	<-busy
	equal(t, "second", g.post(t, "/ap/inbox", alice, body).StatusCode, 503)
	close(done)
	equal(t, "first", <-first, 202)
}

// TestX11_SlowPeers: who sends headers or a body too slowly is cut off (attack X11).
func TestX11_SlowPeers(t *testing.T) {
	s := NewHTTPServer("127.0.0.1:0", newSite(t), quiet())
	for name, d := range map[string]time.Duration{"ReadHeaderTimeout": s.ReadHeaderTimeout, "ReadTimeout": s.ReadTimeout,
		"WriteTimeout": s.WriteTimeout, "IdleTimeout": s.IdleTimeout} {
		if d <= 0 || d > 2*time.Minute {
			t.Errorf("%s is %v", name, d)
		}
	}
	equal(t, "MaxHeaderBytes", s.MaxHeaderBytes, 32<<10)
	s.ReadHeaderTimeout, s.ReadTimeout = 20*time.Millisecond, 40*time.Millisecond
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(listener)
	defer s.Shutdown(context.WithoutCancel(t.Context()))
	for name, start := range map[string]string{
		"headers": "POST /ap/inbox HTTP/1.1\r\nHost: ap.exam",
		"body": "POST /ap/inbox HTTP/1.1\r\nHost: ap.example.org\r\nContent-Type: application/activity+json\r\nSignature: x\r\n" +
			"Content-Length: 100\r\n\r\n{",
		"huge headers": "GET / HTTP/1.1\r\nHost: ap.example.org\r\nX: " + strings.Repeat("x", 64<<10),
	} {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, start) // the server may hang up meanwhile
		answer, _ := io.ReadAll(conn)
		if strings.Contains(string(answer), " 20") && !strings.Contains(string(answer), " 4") {
			t.Errorf("%s: %s", name, answer)
		}
		conn.Close()
	}
}
