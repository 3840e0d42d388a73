package activitypub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"isthmus/activitypub/vocab"
)

// memory is a Handler with a handful of accounts, in memory. Handles are
// canonical; gone ones are deleted; aliases are other spellings.
type memory struct {
	base    string
	domain  string
	handles map[string]string // handle → token
	aliases map[string]string // Libervia's spelling → handle, case counts
	gone    map[string]bool   // handles and tokens
	fail    error             // of everything, when set
	known   func(string) bool

	mu   sync.Mutex
	got  []Inbound
	take func(Inbound) error
}

func newMemory(base, domain string) *memory {
	return &memory{base: base, domain: domain,
		handles: map[string]string{"alice": "AbC123", "berlin-meetup": "grp_7"},
		aliases: map[string]string{"News---alice": "alice"},
		gone:    map[string]bool{"zoe": true, "gone1": true},
	}
}

func (m *memory) Finger(_ context.Context, q FingerQuery) (Finger, error) {
	if m.fail != nil {
		return Finger{}, m.fail
	}
	host := strings.TrimPrefix(m.base, "https://")
	handle, token := q.User, ""
	switch {
	case q.Instance:
		return Finger{Subject: host + "@" + host, ActorID: m.base + "/ap/actor/gateway"}, nil
	case q.URL != "":
		for h, t := range m.handles {
			if q.URL == m.base+"/ap/actor/"+t || q.URL == m.base+"/@"+h {
				handle, token = h, t
			}
		}
	case q.Host != host && q.Host != m.domain:
		return Finger{}, ErrNotFound
	case m.aliases[q.Asked] != "":
		handle = m.aliases[q.Asked]
	}
	if token = m.handles[handle]; token == "" {
		if m.gone[handle] {
			return Finger{}, ErrGone
		}
		return Finger{}, fmt.Errorf("looking for %q: %w", handle, ErrNotFound)
	}
	id := m.base + "/ap/actor/" + token
	return Finger{Subject: "acct:" + handle + "@" + m.domain, Aliases: []string{id, m.base + "/@" + handle}, ActorID: id,
		ProfileURL: m.base + "/@" + handle}, nil
}

func (m *memory) doc(path, typ, html string) (Document, error) {
	if m.fail != nil {
		return Document{}, m.fail
	}
	token := path[strings.LastIndexByte(path, '/')+1:]
	id := m.base + path
	if m.gone[token] {
		return Document{}, &GoneError{vocabTombstone(id)}
	}
	if strings.HasPrefix(token, "no") {
		return Document{}, ErrNotFound
	}
	return Document{Body: fmt.Appendf(nil, `{"@context":"https://www.w3.org/ns/activitystreams","id":%q,"type":%q}`, id, typ), HTMLURL: html,
		Modified: time.Date(2026, 11, 1, 10, 0, 0, 5000, time.UTC)}, nil
}

func vocabTombstone(id string) []byte {
	return fmt.Appendf(nil, `{"@context":"https://www.w3.org/ns/activitystreams","id":%q,"type":"Tombstone"}`, id)
}

func (m *memory) Actor(_ context.Context, token string) (Document, error) {
	doc, err := m.doc("/ap/actor/"+token, "Person", m.base+"/@alice")
	doc.Open = token == "gateway"
	return doc, err
}

func (m *memory) Post(_ context.Context, token string) (Document, error) {
	return m.doc("/ap/post/"+token, "Note", m.base+"/@alice/"+token)
}

func (m *memory) Activity(_ context.Context, token string) (Document, error) {
	return m.doc("/ap/activity/"+token, "Create", "")
}

func (m *memory) Collection(_ context.Context, token, name, page string) (Document, error) {
	return m.pages("/ap/actor/", token, name, page)
}

func (m *memory) Export(_ context.Context, token string) (Document, error) {
	if token != "secret" {
		return Document{}, ErrNotFound
	}
	return Document{Body: []byte(`{"type":"Collection"}`), Private: true}, nil
}

func (m *memory) PostCollection(_ context.Context, token, name, page string) (Document, error) {
	return m.pages("/ap/post/", token, name, page)
}

func (m *memory) pages(of, token, name, page string) (Document, error) {
	path, typ := of+token+"/"+name, "OrderedCollection"
	if page != "" {
		path, typ = path+"?page="+page, "OrderedCollectionPage"
	}
	d, err := m.doc(path, typ, "")
	d.Private = token == "private"
	return d, err
}

func (m *memory) PageID(_ context.Context, handle, token string) (string, error) {
	switch {
	case m.fail != nil:
		return "", m.fail
	case m.gone[handle] || m.gone[token]:
		return "", ErrGone
	case m.handles[handle] == "":
		return "", ErrNotFound
	case token != "":
		return m.base + "/ap/post/" + token, nil
	}
	return m.base + "/ap/actor/" + m.handles[handle], nil
}

func (m *memory) Media(_ context.Context, hash string) (string, []byte, error) {
	switch hash {
	case "png":
		return "image/png", []byte("\x89PNG"), nil
	case "doc":
		return "application/activity+json", []byte("{}"), nil
	case "svg":
		return "image/svg+xml", []byte("<svg/>"), nil
	}
	return "", nil, ErrNotFound
}

func (m *memory) NodeInfo(context.Context) (NodeInfo, error) {
	return NodeInfo{Users: 3, Posts: 40, ActiveMonth: 2, ActiveHalfYear: 3, OpenRegistrations: true, Name: "Test", Description: "A <test>"}, m.fail
}

func (m *memory) InboxExists(_ context.Context, token string) error {
	switch {
	case m.fail != nil:
		return m.fail
	case m.gone[token]:
		return ErrGone
	case strings.HasPrefix(token, "no"):
		return ErrNotFound
	}
	return nil
}

func (m *memory) KnownActor(_ context.Context, actor string) bool {
	return m.known != nil && m.known(actor)
}

func (m *memory) Unwanted(_ context.Context, keyID, _ string) bool {
	return strings.Contains(keyID, "/blocked/")
}

func (m *memory) MayRead(_ context.Context, id, actor string) error {
	if strings.HasSuffix(actor, "/mallory") {
		return fmt.Errorf("%w: %s", ErrForbidden, id)
	}
	return nil
}

func (m *memory) Inbox(_ context.Context, in Inbound) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.take != nil {
		if err := m.take(in); err != nil {
			return err
		}
	}
	m.got = append(m.got, in)
	return nil
}

func (m *memory) received() []Inbound {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.got
}

// site is our server for discovery tests: ids on ap.example.org, handles at
// example.org.
type site struct {
	*memory
	http.Handler
}

func newSite(t testing.TB) *site {
	m := newMemory("https://ap.example.org", "example.org")
	pages := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, "page "+r.URL.Path)
	})
	return &site{m, NewServer(ServerConfig{PublicURL: "https://ap.example.org/", HandleDomain: "Example.org", Name: "isthmus", Version: "0.1.0",
		Homepage: "https://example.org/isthmus", Log: quiet()}, m, &Verifier{Store: &keyShelf{}}, pages)}
}

// ask sends one request; headers are "Name: value" lines.
func ask(t testing.TB, h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	r.Host = "ap.example.org"
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	if h := r.Header.Get("Host"); h != "" {
		r.Host = h
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func decode[T any](t testing.TB, w *httptest.ResponseRecorder) (v T) {
	t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return v
}

// TestStatusTable: every answer has one status, one line of JSON, and of our own
// troubles no word (row I9).
func TestStatusTable(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		err    error
		status int
	}{
		{ErrNotFound, 404}, {fmt.Errorf("secret: %w", ErrNotFound), 404}, {ErrGone, 410}, {&GoneError{}, 410}, {ErrForbidden, 403}, {ErrBusy, 503},
		{ErrBadRequest, 400}, {ErrTooLarge, 413}, {ErrMediaType, 415}, {ErrSignature, 401}, {context.DeadlineExceeded, 503},
		{refuse(ErrBusy, "secret"), 503}, {errors.New("secret: no such table"), 500}, {fmt.Errorf("secret: %w", io.ErrUnexpectedEOF), 500},
	} {
		s.fail = c.err
		w := ask(t, s, "GET", "/ap/actor/AbC123")
		equal(t, c.err.Error(), w.Code, c.status)
		equal(t, "content type", w.Header().Get("Content-Type"), "application/json")
		equal(t, "Retry-After only when busy", w.Header().Get("Retry-After") != "", c.status == 503)
		if body := w.Body.String(); strings.Count(body, "\n") != 1 || strings.Contains(body, "secret") || decode[map[string]string](t, w)["error"] == "" {
			t.Errorf("%v: body %q", c.err, body)
		}
	}
}

// TestMethods: inboxes are for POST, everything else is not (row C6).
func TestMethods(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/ap/inbox", "/ap/actor/AbC123/inbox"} {
		for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"} {
			w := ask(t, s, method, path)
			equal(t, method+" "+path, w.Code, 405)
			equal(t, "Allow", w.Header().Get("Allow"), "POST")
		}
	}
	for _, path := range []string{"/ap/actor/AbC123", "/ap/actor/AbC123/outbox", "/ap/post/p1", "/ap/activity/a1", "/media/png", "/nodeinfo/2.1",
		"/.well-known/webfinger", "/.well-known/host-meta", "/.well-known/host-meta.json", "/.well-known/nodeinfo", "/@alice", "/"} {
		for _, method := range []string{"POST", "PUT", "DELETE"} {
			w := ask(t, s, method, path)
			equal(t, method+" "+path, w.Code, 405)
			equal(t, "Allow", w.Header().Get("Allow"), "GET, HEAD")
		}
	}
	w := ask(t, s, "OPTIONS", "/ap/actor/AbC123", "Origin: https://elk.example")
	equal(t, "preflight", fmt.Sprint(w.Code, w.Header().Get("Access-Control-Allow-Origin")), "204*")
	get, head := ask(t, s, "GET", "/ap/post/p1"), ask(t, s, "HEAD", "/ap/post/p1")
	equal(t, "HEAD has no body", head.Body.Len(), 0)
	for name := range get.Header() {
		equal(t, "HEAD "+name, head.Header().Get(name), get.Header().Get(name))
	}
}

// TestConditional: ETag and Last-Modified (RFC 9110 §13).
func TestConditional(t *testing.T) {
	s := newSite(t)
	first := ask(t, s, "GET", "/ap/post/p1")
	etag := first.Header().Get("ETag")
	equal(t, "Last-Modified", first.Header().Get("Last-Modified"), "Sun, 01 Nov 2026 10:00:00 GMT")
	for header, want := range map[string]int{
		"If-None-Match: " + etag:                           304,
		"If-None-Match: W/" + etag:                         304,
		`If-None-Match: "x", ` + etag:                      304,
		"If-None-Match: *":                                 304,
		`If-None-Match: "x"`:                               200,
		"If-Modified-Since: Sun, 01 Nov 2026 10:00:00 GMT": 304,
		"If-Modified-Since: Sun, 01 Nov 2026 09:59:59 GMT": 200,
		"If-Modified-Since: whenever":                      200,
	} {
		w := ask(t, s, "GET", "/ap/post/p1", header)
		equal(t, header, w.Code, want)
		equal(t, header+": ETag", w.Header().Get("ETag"), etag)
		equal(t, header+": body", w.Body.Len() == 0, want == 304)
	}
	w := ask(t, s, "GET", "/ap/post/p1", `If-None-Match: "x"`, "If-Modified-Since: Sun, 01 Nov 2026 10:00:00 GMT")
	equal(t, "the tag counts", w.Code, 200)
}

// TestX16_Paths: tokens are unreserved characters, ids come from the configuration
// alone (attack X16).
func TestX16_Paths(t *testing.T) {
	s := newSite(t)
	plain := ask(t, s, "GET", "/ap/actor/AbC123").Body.String()
	for _, c := range [][]string{
		{"/ap/actor/AbC123?x=y"}, {"/ap/actor/AbC123?page=2"}, {"/ap/actor/%41bC123"},
		{"/ap/actor/AbC123", "Host: evil.example"}, {"/ap/actor/AbC123", "X-Forwarded-Host: evil.example"},
	} {
		equal(t, strings.Join(c, " "), ask(t, s, "GET", c[0], c[1:]...).Body.String(), plain)
	}
	for _, path := range []string{"/ap/actor/a%20b", "/ap/actor/a%2Fb", "/ap/actor/a@b", "/ap/actor/" + strings.Repeat("x", 129), "/ap/actor/%00",
		"/ap/actor/AbC123/outbox?page=a/b", "/ap/actor/a%25/outbox", "/ap/post/é", "/media/..%2Fx", "/ap/actor/nobody", "/ap/activity/none"} {
		equal(t, path, ask(t, s, "GET", path).Code, 404)
	}
	equal(t, "bad query", ask(t, s, "GET", "/ap/actor/AbC123/outbox?a;b=%zz").Code, 400)
	equal(t, "other paths", ask(t, s, "GET", "/about").Body.String(), "page /about")
	equal(t, "feed", ask(t, s, "GET", "/@alice/feed.atom", "Accept: application/activity+json").Body.String(), "page /@alice/feed.atom")
	bare := NewServer(ServerConfig{PublicURL: "https://ap.example.org", Log: quiet()}, s.memory, nil, nil)
	equal(t, "without pages", ask(t, bare, "GET", "/about").Code, 404)
}

// TestCollections: by name and page (row C1); private ones are not for caches.
func TestCollections(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/ap/actor/AbC123/outbox", "/ap/actor/AbC123/followers", "/ap/actor/AbC123/following", "/ap/actor/AbC123/featured",
		"/ap/post/p1/replies", "/ap/post/p1/likes", "/ap/post/p1/shares"} {
		d := decode[vocab.Doc](t, ask(t, s, "GET", path))
		equal(t, path, d.ID(), "https://ap.example.org"+path)
		d = decode[vocab.Doc](t, ask(t, s, "GET", path+"?page=20"))
		equal(t, path+" page", d.ID(), "https://ap.example.org"+path+"?page=20")
	}
	equal(t, "others", ask(t, s, "GET", "/ap/actor/AbC123/liked").Body.String(), "page /ap/actor/AbC123/liked")
	w := ask(t, s, "GET", "/ap/actor/private/outbox")
	equal(t, "private", w.Header().Get("Cache-Control"), "private, no-store")
	equal(t, "private, Vary", strings.Join(w.Header()["Vary"], ", "), "Accept, Signature")
	equal(t, "private, no CORS", w.Header().Get("Access-Control-Allow-Origin"), "")
}

// TestMedia: files are never documents nor scripts of this host (row P12, X3).
func TestMedia(t *testing.T) {
	s := newSite(t)
	for hash, want := range map[string]string{"png": "image/png", "doc": "application/octet-stream", "svg": "application/octet-stream"} {
		w := ask(t, s, "GET", "/media/"+hash)
		equal(t, hash, w.Header().Get("Content-Type"), want)
		equal(t, hash+" nosniff", w.Header().Get("X-Content-Type-Options"), "nosniff")
		equal(t, hash+" CSP", w.Header().Get("Content-Security-Policy"), "default-src 'none'; sandbox")
	}
	equal(t, "range", ask(t, s, "GET", "/media/png", "Range: bytes=1-3").Body.String(), "PNG")
	equal(t, "unchanged", ask(t, s, "GET", "/media/png", `If-None-Match: "png"`).Code, 304)
	equal(t, "absent", ask(t, s, "GET", "/media/x").Code, 404)
}
