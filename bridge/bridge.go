// Package bridge is where the two networks meet. It implements what the XMPP
// border and the Fediverse border ask for, decides, and stores a decision
// together with the work it causes in one transaction; workers carry it out.
// It parses no wire format, spells no address and speaks to no socket itself.
//
// A post on its way out is read here in this order: events.go (a notification
// arrives), gate.go (a stranger reads the item), take.go (whose words are they),
// publish.go (post, activity and delivery are stored), send.go (a worker signs and
// sends). A comment: thread.go
// (comments nodes are watched), comment.go (who wrote what, and to whom),
// publish.go, send.go.
//
// A reply on its way in: inbox.go (stored and answered), create.go (is it
// genuine, and what does it concern), note.go (stored), place.go (a worker puts
// it where XMPP readers see it), news.go (its author is told).
//
// What somebody here reads: account.go (who is that), outbox.go and shelf.go (what
// did they write), story.go (as an item), fetch.go (pages of it), feedtell.go (new
// ones, live). Following: subscribe.go, followout.go (Follow and its answers).
package bridge

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"isthmus/activitypub"
	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
	"isthmus/monitor"
	"isthmus/queue"
	"isthmus/web"
)

// Config is everything the gateway needs to know; cmd/gateway fills it from the
// configuration file.
type Config struct {
	Component string   // XEP-0114 domain
	Secret    string   // shared with the XMPP server
	Server    string   // host:port of its component listener
	Domains   []string // whose accounts may enrol
	PubSub    []string // services whose nodes may be enrolled

	PublicURL    string // https://host, no trailing slash
	HandleDomain string
	AllowPrivate []netip.Prefix
	// Limits bounds what is answered to whom.
	Limits activitypub.Limits
	// OnlyAllowed blocks every server that no rule lets in.
	OnlyAllowed bool
	// AuthorizedFetch shows documents only to signed requests.
	AuthorizedFetch bool

	Name, Description, Contact, Version string

	Rules []string // of this server, plain text
	Style []byte   // stylesheet of the pages, nil for the built-in one

	// AdminPage is where browsers find the admin's page, without a slash at its end; "" for nowhere.
	AdminPage string

	Admins []string // bare JIDs, lower case, that may run the admin commands

	AllowUsers       bool          // users may enrol themselves
	ApproveFollowers bool          // default of new blogs
	Poll             time.Duration // slow catch-up
	PollMissing      time.Duration // first retry while there is nothing to read, backing off to Poll
	RetractHold      time.Duration // how long a retract waits for proof that it is no trimming
	Likes            string        // where likes are shown in XMPP: LikesAttachments, LikesComments or LikesOff
	Digest           time.Duration // how long likes and boosts are collected before their author is told

	ReaderOpen bool          // everybody may read Fediverse accounts, and not only accounts of Domains
	Media      string        // how files of Fediverse accounts are shown: MediaLink or MediaProxy
	Backfill   int           // how many posts a first follow brings
	Keep       int           // how many posts of a followed account are kept; 0 is 5000
	Refresh    time.Duration // how old what is known of a followed account may become

	Delivery queue.Config
	Log      *slog.Logger
	Metrics  *monitor.Metrics // nil counts nothing
	Roles    Roles            // of this process; the zero value is all of them
	Member   *db.Member       // this process among others; nil when there are none
	Health   *monitor.Health  // nil tells nobody
	Now      func() time.Time // nil: time.Now
}

// Addresses spells every address of this gateway.
func (c Config) Addresses() mapping.Addresses {
	return mapping.Addresses{Base: c.PublicURL, HandleDomain: c.HandleDomain, Component: c.Component, Domains: c.Domains}
}

// Where likes and reactions are shown in XMPP.
const (
	LikesAttachments = "attachments" // XEP-0470 where there is a node for it, else as comments
	LikesComments    = "comments"    // a comment titled ♥, as Movim's
	LikesOff         = "off"         // only counted and told
)

// How files of Fediverse accounts are shown to readers.
const (
	MediaLink  = "link"  // by their own addresses
	MediaProxy = "proxy" // through the gateway, so that readers do not reveal themselves
)

// Bridge holds the flows. Make it with New, run it with Run.
type Bridge struct {
	cfg      Config
	addr     mapping.Addresses
	db       *db.DB
	xmpp     *component.Component
	client   *activitypub.Client
	verifier *activitypub.Verifier
	member   *db.Member
	wakes    *wakes
	work     *work
	mail     mail
	inbox    inbox
	jobs     *jobRunners
	relay    *relay
	leads    atomic.Bool // this process has the XMPP stream, or tries to
	delivery queue.Config
	log      *slog.Logger
	now      func() time.Time

	keys    keyring
	out     outgoing
	doors   doors
	asked   questions
	kept    keptFiles
	presses replying
	rumours hearsay
	quota   quota
	rules   rulebook
	flight  singleflight.Group // what several ask for at once
	aliases aliases
	heeds   notifyTable
	proxy   *activitypub.Proxy // nil unless readers see files through us
	blogMu  [64]sync.Mutex     // one post of a blog is stored at a time
	present presenceTable
	finger  func(ctx context.Context, handle string) (actorURL, subject string, err error)
	beat    chan struct{} // the stream went up or down
	seed    []byte        // of the ids of posts
	began   time.Time
	http    http.Handler

	compared comparisons
	punctual punctual
}

// New wires the borders, the queue and the flows to a database. Nothing is sent
// before Run.
func New(cfg Config, d *db.DB) (*Bridge, error) {
	b := &Bridge{cfg: cfg, addr: cfg.Addresses(), db: d, log: cfg.Log, now: cfg.Now, beat: make(chan struct{}, 1)}
	if b.now == nil {
		b.now = time.Now
	}
	b.began = b.now().UTC()
	if b.cfg.Roles == (Roles{}) {
		b.cfg.Roles = AllRoles
	}
	if b.cfg.Keep == 0 {
		b.cfg.Keep = maxBackfill
	}
	if b.log == nil {
		b.log = slog.Default()
	}
	var err error
	b.client, err = activitypub.NewClient(activitypub.ClientConfig{
		UserAgent:    fmt.Sprintf("Isthmus/%s (+%s)", cfg.Version, cfg.PublicURL),
		AllowPrivate: cfg.AllowPrivate,
		Refuse:       b.barredHost,
		RefuseFiles:  b.barredFiles,
		Timeout:      cfg.Delivery.Timeout,
		Log:          b.log,
	})
	if err != nil {
		return nil, err
	}
	b.rules.onlyAllowed = cfg.OnlyAllowed
	if err := b.rules.load(context.Background(), d); err != nil {
		return nil, err
	}
	if b.seed, err = loadSeed(context.Background(), d); err != nil {
		return nil, err
	}
	b.finger = b.client.Finger
	b.proxy = b.newProxy()
	b.xmpp = component.New(component.Config{
		Domain: cfg.Component, Secret: cfg.Secret, Server: cfg.Server,
		Name: cfg.Name, Version: cfg.Version, Log: b.log, Forms: b.gatewayForms(), OnError: b.stanzaError,
	}, xmppSide{b})

	b.delivery = cfg.Delivery
	b.delivery.OnGone, b.delivery.Now = b.inboxGone, b.now
	if b.member = cfg.Member; b.member == nil {
		b.member = d.Solo()
	}
	b.wakes, b.relay = newWakes(d, b.member), newRelay()
	b.work = &work{b: b, shards: make(map[int]shard)}
	b.mail, b.inbox = mail{b.work}, inbox{b.work}
	b.jobs = &jobRunners{queue.NewJobs(jobStore{d, false}, b.log), queue.NewJobs(jobStore{d, true}, b.log), b.wakes}
	b.jobs.stream.Parallel = 128 // most of them wait for an XMPP service, and one that is slow must not keep the others waiting
	b.jobs.stream.Now, b.jobs.anywhere.Now = b.now, b.now
	b.jobs.anywhere.Lease = 15 * time.Second // nobody says that who had one is gone
	b.registerJobs()

	scheme, _, _ := strings.Cut(cfg.PublicURL, "://")
	b.verifier = &activitypub.Verifier{Client: b.client, Store: keyStore{b}, InstanceKey: b.instanceKey, Scheme: scheme, Seen: b.signatureSeen}
	b.http = activitypub.NewServer(activitypub.ServerConfig{
		PublicURL: cfg.PublicURL, HandleDomain: cfg.HandleDomain,
		Name: "isthmus", Version: cfg.Version, Log: b.log, Proxy: b.proxy, Echo: b.echoes,
		AuthorizedFetch: cfg.AuthorizedFetch, Limits: cfg.Limits, Changes: d.Changes,
	}, httpSide{b}, b.verifier, web.New(pages{b}, cfg.Style))
	cfg.Metrics.Gather(b.gauges)
	if cfg.Health != nil {
		b.checks(cfg.Health)
	}
	return b, nil
}

// Handler answers HTTP.
func (b *Bridge) Handler() http.Handler { return b.cfg.Metrics.Requests(b.http, requestKind) }

// Run does what this process has the roles for until ctx ends.
func (b *Bridge) Run(ctx context.Context) error {
	if _, err := b.instanceKey(ctx); err != nil {
		return fmt.Errorf("instance key: %w", err)
	}
	b.clockSinceLast(ctx)
	g, ctx := errgroup.WithContext(ctx)
	if b.cfg.Roles.XMPP {
		g.Go(func() error { return b.lead(ctx) })
	}
	if b.cfg.Roles.Worker {
		g.Go(func() error { return b.work.run(ctx) })
		g.Go(func() error { return b.jobs.anywhere.Run(ctx) })
	}
	g.Go(func() error { return b.heartbeat(ctx) })
	g.Go(func() error { return b.wakes.run(ctx) })
	g.Go(func() error { return b.db.Listen(ctx, func(topic string) { b.hears(ctx, topic) }) })
	return g.Wait()
}

// bare is the component's own address, the one that subscribes.
func (b *Bridge) bare() stanza.JID { return stanza.JID{Domain: b.cfg.Component} }

// resource is the address whose presence carries the +notify capabilities.
func (b *Bridge) resource() stanza.JID { return b.bare().WithResource("gw") }

// visitor is the stranger: nobody's contact, so it reads what anybody can.
func (b *Bridge) visitor() stanza.JID {
	return stanza.JID{Local: "visitor", Domain: b.cfg.Component}
}

func (b *Bridge) nowMS() int64 { return b.now().UnixMilli() }

func msTime(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// lock serialises what changes one blog's posts.
func (b *Bridge) lock(blog int64) func() {
	m := &b.blogMu[uint64(blog)%uint64(len(b.blogMu))]
	m.Lock()
	return m.Unlock
}
