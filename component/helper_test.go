package component

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"isthmus/component/stanza"
	"isthmus/component/xmpptest"
)

const (
	testDomain = "ap.example.org"
	patience   = xmpptest.Patience
)

// fakeHandler is a Handler whose methods a test replaces one by one. What is
// not replaced records that it was called and answers as if there were nothing.
type fakeHandler struct {
	calls chan string // "up", "down", "chat alice@example.org: hello", …

	chat         func(ctx context.Context, m Message) error
	info         func(q Query) (stanza.Info, error)
	items        func(q Query) ([]stanza.DiscoItem, error)
	vcard        func(q Query) (*stanza.VCard, error)
	commands     []CommandInfo
	execute      func(ctx context.Context, req CommandRequest) (CommandReply, error)
	registration func(from stanza.JID) (Registration, error)
	register     func(from stanza.JID, form *stanza.Form) error
	unregister   func(from stanza.JID) error
	onUp         func(ctx context.Context)
	onPresence   func(p Presence)
	onEvent      func(ev stanza.Event)
	publish      func(p Publication) (string, error)
	retract      func(r Retraction) error
	fetch        func(f FetchRequest) (FetchResult, error)
	subscribe    func(s SubscribeRequest) (stanza.Subscription, error)
	found        []Found
	onReferenced func(r Referenced)
}

func newFakeHandler() *fakeHandler { return &fakeHandler{calls: make(chan string, 10000)} }

func (h *fakeHandler) note(format string, args ...any) { h.calls <- fmt.Sprintf(format, args...) }

func (h *fakeHandler) Up(ctx context.Context) {
	h.note("up")
	if h.onUp != nil {
		h.onUp(ctx)
	}
}
func (h *fakeHandler) Down() { h.note("down") }

func (h *fakeHandler) Presence(_ context.Context, p Presence) {
	h.note("presence %s %q", p.From, p.Type)
	if h.onPresence != nil {
		h.onPresence(p)
	}
}

func (h *fakeHandler) Event(_ context.Context, to stanza.JID, ev stanza.Event, id string) {
	h.note("event %s %s to %s id %s", ev.Service, ev.Node, to, id)
	if h.onEvent != nil {
		h.onEvent(ev)
	}
}

func (h *fakeHandler) Chat(ctx context.Context, m Message) error {
	h.note("chat %s: %s", m.From, m.Body)
	if h.chat != nil {
		return h.chat(ctx, m)
	}
	return nil
}

func (h *fakeHandler) Withdrawn(_ context.Context, w Withdrawal) error {
	h.note("%s withdraws %s from %s", w.From, w.Of, w.To)
	return nil
}

func (h *fakeHandler) Reacted(_ context.Context, r Reaction) error {
	h.note("%s thinks %v of %s to %s", r.From, r.Emojis, r.Of, r.To)
	return nil
}

func (h *fakeHandler) Referenced(_ context.Context, r Referenced) {
	h.note("referenced by %s to %s: %d", r.From, r.To, len(r.References))
	if h.onReferenced != nil {
		h.onReferenced(r)
	}
}

func (h *fakeHandler) Publish(_ context.Context, p Publication) (string, error) {
	h.note("publish by %s to %s: %s in %s", p.From, p.To, p.Item.ID, p.Node)
	if h.publish != nil {
		return h.publish(p)
	}
	return "", stanza.ErrItemNotFound("")
}

func (h *fakeHandler) Retract(_ context.Context, r Retraction) error {
	h.note("retract by %s to %s: %s in %s", r.From, r.To, r.Item, r.Node)
	if h.retract != nil {
		return h.retract(r)
	}
	return stanza.ErrItemNotFound("")
}

func (h *fakeHandler) Bounced(_ context.Context, m *stanza.Element, err *stanza.Error) {
	h.note("bounced %s %s: %v", m.Local, m.ID(), err)
}

func (h *fakeHandler) Info(_ context.Context, q Query) (stanza.Info, error) {
	if h.info != nil {
		return h.info(q)
	}
	return stanza.Info{}, stanza.ErrItemNotFound("")
}

func (h *fakeHandler) Items(_ context.Context, q Query) ([]stanza.DiscoItem, error) {
	if h.items != nil {
		return h.items(q)
	}
	return nil, stanza.ErrItemNotFound("")
}

func (h *fakeHandler) VCard(_ context.Context, q Query) (*stanza.VCard, error) {
	if h.vcard != nil {
		return h.vcard(q)
	}
	return nil, nil
}

func (h *fakeHandler) Hints(context.Context, stanza.JID) Hints {
	return Hints{Title: "Search", Search: "Look for somebody.", Field: "Who", Prompt: "Who is it?", Columns: map[string]string{"jid": "Address"}}
}

func (h *fakeHandler) Commands(context.Context, stanza.JID) []CommandInfo { return h.commands }

func (h *fakeHandler) Execute(ctx context.Context, req CommandRequest) (CommandReply, error) {
	if h.execute != nil {
		return h.execute(ctx, req)
	}
	return CommandReply{Done: true}, nil
}

func (h *fakeHandler) Registration(_ context.Context, from stanza.JID) (Registration, error) {
	if h.registration != nil {
		return h.registration(from)
	}
	return Registration{}, nil
}

func (h *fakeHandler) Register(_ context.Context, from stanza.JID, form *stanza.Form) error {
	if h.register != nil {
		return h.register(from, form)
	}
	return nil
}

func (h *fakeHandler) Unregister(_ context.Context, from stanza.JID) error {
	if h.unregister != nil {
		return h.unregister(from)
	}
	return nil
}

// expect waits for calls, in this order.
func (h *fakeHandler) expect(t *testing.T, want ...string) {
	t.Helper()
	for _, w := range want {
		select {
		case got := <-h.calls:
			if got != w {
				t.Fatalf("handler got %q, want %q", got, w)
			}
		case <-time.After(patience):
			t.Fatalf("handler was not asked %q", w)
		}
	}
}

// logs collects what was logged and lets tests wait for it.
type logs struct {
	mu      sync.Mutex
	lines   []string
	changed chan struct{}
}

func newLogs() (*logs, *slog.Logger) {
	l := &logs{changed: make(chan struct{})}
	return l, slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(p))
	close(l.changed)
	l.changed = make(chan struct{})
	return len(p), nil
}

// await waits until a line contains all parts.
func (l *logs) await(t *testing.T, parts ...string) {
	t.Helper()
	deadline := time.After(patience)
	for {
		l.mu.Lock()
		lines, changed := l.lines, l.changed
		l.mu.Unlock()
	next:
		for _, line := range lines {
			for _, p := range parts {
				if !strings.Contains(line, p) {
					continue next
				}
			}
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("nothing logged with %q; log:\n%s", parts, strings.Join(lines, ""))
		}
	}
}

// fast are settings for tests: reconnect at once, everything else as it is.
func fast(s *xmpptest.Server, log *slog.Logger) Config {
	return Config{
		Domain: s.Domain, Secret: s.Secret, Server: s.Addr(), Log: log,
		Name: "Test gateway", Version: "1.2",
		BackoffMin: time.Millisecond, BackoffMax: 10 * time.Millisecond,
	}
}

// run starts a component against cfg and stops it with the test.
func run(t *testing.T, cfg Config, h Handler) (c *Component, stop func()) {
	t.Helper()
	c = New(cfg, h)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-done:
				if err != nil {
					t.Errorf("Run: %v", err)
				}
			case <-time.After(patience):
				t.Error("Run did not end")
			}
		})
	}
	t.Cleanup(stop)
	return c, stop
}

// connected starts a server double and a component that is up.
func connected(t *testing.T) (*xmpptest.Server, *Component, *fakeHandler, *logs) {
	t.Helper()
	return connectedWith(t, nil)
}

func connectedWith(t *testing.T, change func(*Config, *fakeHandler)) (*xmpptest.Server, *Component, *fakeHandler, *logs) {
	t.Helper()
	s := xmpptest.Start(t, testDomain, "s3cret")
	l, log := newLogs()
	h := newFakeHandler()
	cfg := fast(s, log)
	if change != nil {
		change(&cfg, h)
	}
	c, _ := run(t, cfg, h)
	h.expect(t, "up")
	return s, c, h, l
}

func addr(s string) stanza.JID {
	j, err := stanza.ParseJID(s)
	if err != nil {
		panic(err)
	}
	return j
}

func (h *fakeHandler) Fetch(_ context.Context, f FetchRequest) (FetchResult, error) {
	h.note("fetch by %s from %s: %s", f.From, f.To, f.Node)
	if h.fetch != nil {
		return h.fetch(f)
	}
	return FetchResult{}, stanza.ErrItemNotFound("")
}

func (h *fakeHandler) Subscribe(_ context.Context, s SubscribeRequest) (stanza.Subscription, error) {
	h.note("subscribe %s at %s to %s", s.JID, s.To, s.Node)
	if h.subscribe != nil {
		return h.subscribe(s)
	}
	return stanza.Subscription{}, stanza.ErrItemNotFound("")
}

func (h *fakeHandler) Unsubscribe(_ context.Context, s SubscribeRequest) error {
	h.note("unsubscribe %s at %s from %s", s.JID, s.To, s.Node)
	return nil
}

func (h *fakeHandler) Subscriptions(_ context.Context, q Query) ([]stanza.Subscription, error) {
	return []stanza.Subscription{{Node: "n", JID: q.From.Bare(), State: "pending"}}, nil
}

func (h *fakeHandler) Search(_ context.Context, from stanza.JID, what string) ([]Found, error) {
	h.note("search by %s: %s", from, what)
	return h.found, nil
}

func (h *fakeHandler) Locate(_ context.Context, from stanza.JID, what string) (stanza.JID, error) {
	h.note("locate by %s: %s", from, what)
	if len(h.found) == 0 {
		return stanza.JID{}, stanza.ErrItemNotFound("nobody")
	}
	return h.found[0].JID, nil
}
