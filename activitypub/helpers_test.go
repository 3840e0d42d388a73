package activitypub

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files anew")

var loopback = netip.MustParsePrefix("127.0.0.0/8")

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func readFile(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// key reads one of the keys in testdata.
func key(t testing.TB, name, id string) *Key {
	t.Helper()
	k, err := ParseKey(id, readFile(t, name+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// as is the same key under another id.
func (k *Key) as(id string) *Key {
	c := *k
	c.ID = id
	return &c
}

// cavage signs a request as a peer does: its own 30 lines, so that the library
// is not checked against itself. names are what is signed, params the rest of
// the header.
func cavage(t testing.TB, req *http.Request, private crypto.Signer, hash crypto.Hash, keyID string, names []string, params ...string) {
	t.Helper()
	values := map[string]string{}
	for _, p := range params {
		name, v, _ := strings.Cut(p, "=")
		values["("+name+")"] = v
	}
	var lines []string
	for _, n := range names {
		v := strings.Join(req.Header.Values(n), ", ")
		switch n {
		case "(request-target)":
			v = strings.ToLower(req.Method) + " " + req.URL.RequestURI()
		case "(created)", "(expires)":
			v = values[n]
		case "host":
			v = req.Host
		}
		lines = append(lines, n+": "+v)
	}
	text := []byte(strings.Join(lines, "\n"))
	var sig []byte
	var err error
	switch k := private.(type) {
	case ed25519.PrivateKey:
		sig = ed25519.Sign(k, text)
	case *rsa.PrivateKey:
		sum := sha256.Sum256(text)
		digest := sum[:]
		if hash == crypto.SHA512 {
			sum := sha512.Sum512(text)
			digest = sum[:]
		}
		sig, err = rsa.SignPKCS1v15(rand.Reader, k, hash, digest)
	}
	if err != nil {
		t.Fatal(err)
	}
	params = append([]string{fmt.Sprintf("keyId=%q", keyID)}, params...)
	params = append(params, fmt.Sprintf("headers=%q", strings.Join(names, " ")),
		fmt.Sprintf("signature=%q", base64.StdEncoding.EncodeToString(sig)))
	req.Header.Set("Signature", strings.Join(params, ","))
}

func digestOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
}

var postNames = []string{"(request-target)", "host", "date", "digest"}

// peer is a Fediverse server on loopback with TLS: documents by path, and a
// list of what it was asked.
type peer struct {
	*httptest.Server
	mu    sync.Mutex
	docs  map[string]string
	other map[string]http.HandlerFunc
	asked []*http.Request
}

func newPeer(t testing.TB) *peer {
	p := &peer{docs: map[string]string{}, other: map[string]http.HandlerFunc{}}
	p.Server = httptest.NewUnstartedServer(p)
	p.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	p.StartTLS()
	t.Cleanup(p.Close)
	return p
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r)
	h, doc := p.other[r.URL.Path], p.docs[r.URL.RequestURI()]
	p.mu.Unlock()
	switch {
	case h != nil:
		h(w, r)
	case doc != "":
		w.Header().Set("Content-Type", "application/activity+json; charset=utf-8")
		io.WriteString(w, doc)
	default:
		http.NotFound(w, r)
	}
}

// put serves a document; $BASE in it is the peer's address.
func (p *peer) put(uri, doc string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.docs[uri] = strings.ReplaceAll(doc, "$BASE", p.URL)
	return p.URL + uri
}

// on serves a path by code.
func (p *peer) on(path string, h http.HandlerFunc) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.other[path] = h
	return p.URL + path
}

// requests gives the request lines so far.
func (p *peer) requests() (lines []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.asked {
		lines = append(lines, r.Method+" "+r.URL.RequestURI())
	}
	return lines
}

// request gives the i-th request so far.
func (p *peer) request(i int) *http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[i]
}

// actor serves an actor with its key embedded and gives the key to sign with.
func (p *peer) actor(t testing.TB, name, keyName string) *Key {
	id := p.URL + "/users/" + name
	k := key(t, keyName, id+"#main-key")
	p.put("/users/"+name, fmt.Sprintf(`{"@context":"https://www.w3.org/ns/activitystreams","id":%q,"type":"Person",
		"inbox":"%s/inbox","publicKey":{"id":%q,"owner":%q,"publicKeyPem":%q}}`, id, id, k.ID, id, k.PublicPEM()))
	return k
}

// newClient makes a client that may reach loopback and trusts httptest.
func newClient(t testing.TB, change ...func(*ClientConfig)) *Client {
	t.Helper()
	cfg := ClientConfig{UserAgent: "Isthmus/test (+https://ap.example.org/)", AllowPrivate: []netip.Prefix{loopback},
		RootCAs: testRoots(), Log: quiet()}
	for _, f := range change {
		f(&cfg)
	}
	c, err := NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// testRoots trusts the one certificate of all httptest servers.
var testRoots = sync.OnceValue(func() *x509.CertPool {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
})

// keyShelf is a KeyStore in memory.
type keyShelf struct {
	mu   sync.Mutex
	keys map[string]RemoteKey
	fail error
}

func (s *keyShelf) RemoteKey(_ context.Context, id string) (RemoteKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.keys[id]
	if !ok {
		return k, errors.Join(s.fail, ErrUnknownKey)
	}
	return k, nil
}

func (s *keyShelf) SaveRemoteKey(_ context.Context, k RemoteKey) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil {
		s.keys = map[string]RemoteKey{}
	}
	s.keys[k.ID] = k
	return s.fail
}

// clock is a time that only moves when told.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func equalList(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

func wantErr(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got error %v, want %v", what, err, want)
	}
}
