package bridge

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/component/xmpptest"
	"isthmus/db"
	"isthmus/db/pgtest"
	"isthmus/queue"
)

const patience = 20 * time.Second

// world is a gateway between a scripted XMPP server with a few nodes and
// Fediverse peers on loopback. Everything of ours in it is real.
type world struct {
	t    *testing.T
	xmpp *xmpptest.Server
	b    *Bridge
	db   *db.DB
	file string // of the database, "" on PostgreSQL
	url  string
	stop func()

	mu    sync.Mutex
	nodes map[string]*node // "jid node"
	vcard map[string]string
	subs  map[string]bool          // "jid node" that the gateway subscribed to
	asked func(iq *stanza.Element) // called at each pubsub request, before it is answered
	peers []*peer
}

// blankDB is a new database, made once: the migrations cost more than most tests.
var blankDB = sync.OnceValue(func() []byte {
	dir, err := os.MkdirTemp("", "isthmus")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "isthmus.db")
	d, err := db.Open(context.Background(), "sqlite:"+file)
	if err != nil {
		panic(err)
	}
	d.Close()
	blank, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	return blank
})

func newWorld(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	w := &world{t: t, nodes: map[string]*node{}, vcard: map[string]string{}, subs: map[string]bool{}}
	w.xmpp = xmpptest.Start(t, "ap.example.org", "s3cret")
	w.xmpp.Answer("", stanza.NSPubSub, w.pubsub)
	w.xmpp.Answer("", stanza.NSVCardTemp, w.vcardTemp)
	w.xmpp.Answer("", stanza.NSDiscoInfo, w.info)
	w.xmpp.Answer("", stanza.NSPing, xmpptest.Result())
	w.db = w.newDB()
	t.Cleanup(func() { w.db.Close() })
	for blog := range int64(4) { // the gateway's own, and the first ones to be made
		if _, err := w.db.AddPrivateKey(t.Context(), InstanceBlog+blog, testKey()); err != nil {
			t.Fatal(err)
		}
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.url = "http://" + ln.Addr().String()
	cfg := Config{
		Component: "ap.example.org", Secret: "s3cret", Server: w.xmpp.Addr(),
		Domains: []string{"example.org"}, PubSub: []string{"pubsub.example.org"},
		PublicURL: w.url, HandleDomain: ln.Addr().String(),
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Name:         "Isthmus", Version: "test", AllowUsers: true,
		Poll: time.Hour, PollMissing: time.Hour, RetractHold: 10 * time.Millisecond,
		Likes: LikesAttachments, Digest: 10 * time.Millisecond,
		Media: MediaLink, Backfill: 20, Refresh: 24 * time.Hour,
		Delivery: queue.Config{RetryFirst: 20 * time.Millisecond, BreakerPause: 50 * time.Millisecond},
		Log:      slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&cfg)
	}
	w.start(cfg, ln)
	return w
}

// newDB is an empty database on the engine that is tested.
func (w *world) newDB() *db.DB {
	w.t.Helper()
	address := ""
	if pgtest.Wanted() {
		address = pgtest.Database(w.t, func(address string) error {
			d, err := db.Open(context.Background(), address)
			if err != nil {
				return err
			}
			return d.Close()
		})
	} else {
		w.file = filepath.Join(w.t.TempDir(), "isthmus.db")
		address = "sqlite:" + w.file
		if err := os.WriteFile(w.file, blankDB(), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	d, err := db.Open(w.t.Context(), address)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// start runs a gateway on the world's database.
func (w *world) start(cfg Config, ln net.Listener) {
	w.t.Helper()
	b, err := New(cfg, w.db)
	if err != nil {
		w.t.Fatal(err)
	}
	w.b = b
	b.finger = w.fingered
	b.xmpp = component.New(component.Config{
		Domain: cfg.Component, Secret: cfg.Secret, Server: cfg.Server, Log: cfg.Log, BackoffMin: 10 * time.Millisecond, BackoffMax: 50 * time.Millisecond,
		Name: cfg.Name, Version: cfg.Version, Forms: b.gatewayForms(),
	}, xmppSide{b})
	for _, j := range []*queue.Jobs{b.jobs.stream, b.jobs.anywhere} {
		j.Poll, j.First, j.Max = 10*time.Millisecond, 20*time.Millisecond, 200*time.Millisecond
	}
	b.work.tune = func(in *queue.Inbound) {
		in.Poll, in.First, in.Max = time.Duration(w.db.Shards()*w.db.Shards())*10*time.Millisecond, 20*time.Millisecond, 200*time.Millisecond // all of them look
	}
	server := &http.Server{Handler: b.Handler()}
	go server.Serve(ln)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	var once sync.Once
	w.stop = func() {
		once.Do(func() {
			cancel()
			server.Close()
			<-done
		})
	}
	w.t.Cleanup(w.stop)
	w.until("the component is connected", func() bool { return b.xmpp.Status().Up })
}

// restart puts another gateway in the place of the one that runs, or ran.
func (w *world) restart() {
	w.t.Helper()
	w.stop()
	ln, err := net.Listen("tcp", strings.TrimPrefix(w.url, "http://"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.start(w.b.cfg, ln)
}

type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Helper()
	defer func() { recover() }() // a goroutine that outlives its test by a moment
	l.t.Log(string(p[:len(p)-1]))
	return len(p), nil
}

// until waits for a condition.
func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	for end := time.Now().Add(patience); !ok(); {
		if time.Now().After(end) {
			w.t.Fatalf("waited in vain: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

const microblog = stanza.NSMicroblog

// publish stores an item in a blog and notifies, as a server does.
func (w *world) publish(jid, id, payload string) {
	w.put(jid, microblog, id, jid+"/phone", payload)
	w.event(jid, `<items node='`+microblog+`'><item id='`+id+`' publisher='`+jid+`/phone'>`+payload+`</item></items>`)
}

func (w *world) retract(jid, id string) {
	w.drop(jid, microblog, id)
	w.event(jid, `<items node='`+microblog+`'><retract id='`+id+`'/></items>`)
}

func (w *world) event(from, inner string) {
	w.xmpp.Send(`<message type='headline' from='` + from + `' to='ap.example.org'><event xmlns='http://jabber.org/protocol/pubsub#event'>` + inner + `</event></message>`)
}

// says sends a chat command and returns the answer.
func (w *world) says(user, text string) string {
	w.t.Helper()
	w.xmpp.Send(`<message type='chat' from='` + user + `/phone' to='ap.example.org' id='m'><body>` + text + `</body></message>`)
	return w.xmpp.Await("an answer to "+text, func(e *stanza.Element) bool {
		return e.Local == "message" && e.Get("to") == user+"/phone"
	}).First("", "body").Text()
}

// told waits for a message to somebody's bare address.
func (w *world) told(user string) string {
	w.t.Helper()
	return w.xmpp.Await("a message to "+user, func(e *stanza.Element) bool {
		return e.Local == "message" && e.Get("to") == user
	}).First("", "body").Text()
}

// enrolled makes a blog that is on and open, with this many old posts.
func (w *world) enrolled(user string) db.Blog {
	w.t.Helper()
	w.change(user, microblog, func(*node) {})
	w.says(user, "start")
	return w.tended(user, microblog)
}

// tended waits until a blog was looked after and returns it.
func (w *world) tended(jid, node string) (blog db.Blog) {
	w.t.Helper()
	w.until(jid+" is looked after", func() (ok bool) {
		var err error
		blog, err = w.db.BlogByNode(w.t.Context(), jid, node)
		return err == nil && blog.SyncedAt > 0
	})
	return blog
}

// stored waits until an item is stored with this text.
func (w *world) stored(blog db.Blog, item, text string) {
	w.t.Helper()
	w.until(item+" is stored as "+text, func() bool {
		post, err := w.db.PostByItem(w.t.Context(), blog.ID, item)
		return err == nil && strings.Contains(post.Object, text)
	})
}

// get fetches a document of the gateway.
func (w *world) get(path, accept string) (status int, header http.Header, body string) {
	w.t.Helper()
	req, _ := http.NewRequest("GET", w.url+path, nil)
	req.Header.Set("Accept", accept)
	c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := c.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(b)
}

func parse(t *testing.T, s string) *stanza.Element {
	t.Helper()
	e, err := stanza.ParseXML([]byte(s))
	if err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return e
}

// note is a short post as Movim writes it: nothing but a title.
func note(text string) string {
	return `<entry xmlns='http://www.w3.org/2005/Atom'><title>` + text + `</title><id>x</id><updated>2026-01-02T03:04:05Z</updated><published>2026-01-02T03:04:05Z</published></entry>`
}
