package bridge

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/db"
)

// peer is a Fediverse server on loopback: it has any user one asks for, one
// shared inbox, and keeps what it gets.
type peer struct {
	w    *world
	http *httptest.Server
	pem  string

	mu     sync.Mutex
	got    []vocab.Doc
	at     []string // inbox path of each
	bodies []string // everything that came, as it came

	requests []arrived      // the same, with the headers
	fail     []int          // statuses to answer next
	status   map[string]int // of actors that are not there any more
	seq      int

	name  string            // the domain of its handles: h1.example for the first
	docs  map[string]string // what is served besides actors, by path
	reads []string          // paths of what was read besides actors

	extra map[string]string // JSON members of a user's actor document, with a comma before

	named  string // preferredUsername of everybody, instead of their own
	looked func() // called when an actor is read, before the answer
}

// arrived is one POST to a peer.
type arrived struct {
	*http.Request
	body []byte
}

// testKey is made once, and is as small as is taken: signing costs more than most
// of what is tested.
var testKey = sync.OnceValue(func() string {
	k, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		panic(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
})

func (w *world) peer() *peer {
	p := &peer{w: w, status: map[string]int{}, docs: map[string]string{}, extra: map[string]string{}}
	p.http = httptest.NewServer(p)
	w.t.Cleanup(p.http.Close)
	p.pem = testKey()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.peers = append(w.peers, p)
	p.name = fmt.Sprintf("h%d.example", len(w.peers))
	return p
}

func (p *peer) actor(user string) string { return p.http.URL + "/users/" + user }

func (p *peer) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		body, err := io.ReadAll(r.Body)
		if err != nil { // the gateway went away: the test is over
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.fail) > 0 {
			status := p.fail[0]
			p.fail = p.fail[1:]
			rw.WriteHeader(status)
			return
		}
		doc, err := vocab.Read(body, vocab.DefaultLimits)
		if err != nil {
			p.w.t.Errorf("peer got what it cannot read: %v", err)
		}
		p.got = append(p.got, doc)
		p.at = append(p.at, r.URL.Path)
		p.bodies = append(p.bodies, string(body))
		p.requests = append(p.requests, arrived{r, body})
		rw.WriteHeader(http.StatusAccepted)
		return
	}
	user := strings.TrimPrefix(r.URL.Path, "/users/")
	p.mu.Lock()
	if _, ok := p.docs[r.URL.Path]; ok || !strings.HasPrefix(r.URL.Path, "/users/") || strings.Contains(user, "/") {
		defer p.mu.Unlock()
		p.reads = append(p.reads, r.URL.Path)
		body, ok := p.docs[r.URL.Path]
		if !ok {
			rw.WriteHeader(http.StatusNotFound)
			return
		}
		typ := "application/activity+json"
		if strings.HasPrefix(body, "\x89PNG") {
			typ = "image/png"
		} else if strings.HasPrefix(body, "#domain") {
			typ = "text/csv; charset=utf-8"
		}
		rw.Header().Set("Content-Type", typ)
		io.WriteString(rw, body)
		return
	}
	extra := p.extra[user]
	status, name, looked := p.status[user], cmp.Or(p.named, user), p.looked
	p.mu.Unlock()
	if looked != nil {
		looked()
	}
	if status != 0 {
		rw.WriteHeader(status)
		return
	}
	id := p.actor(user)
	key, _ := activitypub.ParseKey(id+"#main-key", p.pem)
	rw.Header().Set("Content-Type", "application/activity+json")
	kind := "Person"
	if strings.HasPrefix(user, "group") {
		kind = "Group"
	}
	fmt.Fprintf(rw, `{"@context":["https://www.w3.org/ns/activitystreams","https://w3id.org/security/v1"],"id":%q,"type":%q,"preferredUsername":%q,"inbox":%q,"outbox":%q,
		"endpoints":{"sharedInbox":%q},"publicKey":{"id":%q,"owner":%q,"publicKeyPem":%q},"followers":%q%s}`,
		id, kind, name, id+"/inbox", id+"/outbox", p.http.URL+"/inbox", id+"#main-key", id, key.PublicPEM(), id+"/followers", extra)
}

// answers makes the actor document of a user answer with a status.
func (p *peer) answers(user string, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status[user] = status
}

// post signs an activity as a user and sends it to an inbox of the gateway; it
// gets an id and an actor if it has none.
func (p *peer) post(user, inbox string, activity map[string]any) int {
	p.w.t.Helper()
	if activity["id"] == nil {
		p.seq++
		activity["id"] = fmt.Sprintf("%s/activities/%d", p.http.URL, p.seq)
	}
	activity["@context"] = "https://www.w3.org/ns/activitystreams"
	if activity["actor"] == nil {
		activity["actor"] = p.actor(user)
	}
	body, _ := json.Marshal(activity)
	req, _ := http.NewRequest("POST", inbox, bytes.NewReader(body))
	req.Header.Set("Content-Type", "application/activity+json")
	key, err := activitypub.ParseKey(p.actor(user)+"#main-key", p.pem)
	if err == nil {
		err = activitypub.Sign(req, body, *key)
	}
	if err != nil {
		p.w.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		p.w.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// follows makes a user follow a blog and waits for the Accept.
func (p *peer) follows(user, blogToken string) {
	p.w.t.Helper()
	actor := p.w.b.addr.Actor(blogToken)
	if code := p.post(user, p.w.b.addr.Inbox(blogToken), map[string]any{"type": "Follow", "object": actor}); code != 202 {
		p.w.t.Fatalf("Follow answered with %d", code)
	}
	got := p.await("Accept")
	follow, _ := got.One("object")
	if follow.Str("actor") != p.actor(user) || follow.Str("type") != "Follow" || follow["@context"] != nil {
		p.w.t.Errorf("Accept embeds %v", follow)
	}
}

// newFollowedBlog is a world in which bob, on a peer, follows louise's open blog.
func newFollowedBlog(t *testing.T, change ...func(*Config)) (*world, *peer, db.Blog) {
	t.Helper()
	w := newWorld(t, change...)
	p := w.peer()
	blog := w.enrolled(louise)
	p.follows("bob", blog.Token)
	return w, p, blog
}

// await waits for the next activity of a type and takes it.
func (p *peer) await(typ string) (doc vocab.Doc) {
	p.w.t.Helper()
	p.w.until("the peer gets "+typ, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		for i, d := range p.got {
			if d.Is(typ) {
				doc = d
				p.got = append(p.got[:i], p.got[i+1:]...)
				p.at = append(p.at[:i], p.at[i+1:]...)
				return true
			}
		}
		return false
	})
	return doc
}

// object is the embedded object of an activity.
func object(d vocab.Doc) vocab.Doc {
	o, _ := d.One("object")
	return o
}

// count is how many activities of a type wait to be looked at.
func (p *peer) count(typ string) (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.got {
		if d.Is(typ) {
			n++
		}
	}
	return n
}

// publicPEM is everybody's public key.
func (p *peer) publicPEM() string {
	key, err := activitypub.ParseKey("x", p.pem)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return key.PublicPEM()
}
