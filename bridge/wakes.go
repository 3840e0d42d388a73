package bridge

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"isthmus/db"
)

// What processes tell each other. Who misses it looks by itself a second later, or
// reads everything anew when it listens again.
const (
	topicMail  = "mail"  // deliveries were enqueued
	topicJobs  = "jobs"  // jobs were added
	topicInbox = "inbox" // activities came
	topicRelay = "relay" // stanzas wait for who has the stream
	topicRules = "rules" // the rules about servers elsewhere were changed

	// With a colon and what they are about:
	topicAnswer = "answer" // a process: what it relayed was answered
	topicHeard  = "heard"  // a host: it was heard from while it was left alone
	topicKey    = "key"    // a blog: it has a new key
)

// wakes gathers what is to be told to other processes: one word for many.
type wakes struct {
	db     *db.DB
	member *db.Member

	mu      sync.Mutex
	pending map[string]bool
	ready   chan struct{}
}

func newWakes(d *db.DB, m *db.Member) *wakes {
	return &wakes{db: d, member: m, pending: make(map[string]bool), ready: make(chan struct{}, 1)}
}

// maxWakes bounds what waits to be told.
const maxWakes = 1024

func (w *wakes) say(topic string) {
	if w.member.Alone() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.pending) < maxWakes {
		w.pending[topic] = true
	}
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

func (w *wakes) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-w.ready:
		}
		w.mu.Lock()
		topics := w.pending
		w.pending = make(map[string]bool)
		w.mu.Unlock()
		for topic := range topics {
			asking, cancel := context.WithTimeout(ctx, 5*time.Second)
			err := w.db.Wake(asking, topic)
			cancel()
			if err != nil {
				break // they look by themselves
			}
		}
	}
}

// hears does what another process asks for.
func (b *Bridge) hears(ctx context.Context, topic string) {
	kind, what, _ := strings.Cut(topic, ":")
	switch kind {
	case db.TopicAll:
		b.member.Freed()
		b.work.kick()
		b.jobs.kick()
		b.relay.kick()
		b.readRules(ctx)
		b.keys.forgetAll()
	case db.TopicLease:
		b.member.Freed()
	case topicMail, topicInbox:
		b.work.kick()
	case topicJobs:
		b.jobs.kick()
	case topicRelay, topicAnswer:
		b.relay.kick()
	case topicRules:
		b.readRules(ctx)
	case topicHeard:
		b.work.heard(what)
	case topicKey:
		if blog, err := strconv.ParseInt(what, 10, 64); err == nil {
			b.keys.forget(blog)
		}
	}
}

// reloadRules makes every process read the rules anew, which were changed.
func (b *Bridge) reloadRules(ctx context.Context) error {
	b.wakes.say(topicRules)
	return b.rules.load(ctx, b.db)
}

func (b *Bridge) readRules(ctx context.Context) {
	if err := b.rules.load(ctx, b.db); err != nil && ctx.Err() == nil {
		b.log.Error("rules not read anew", "err", err)
	}
}
