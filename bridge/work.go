package bridge

import (
	"context"
	"strconv"
	"sync"

	"golang.org/x/sync/errgroup"

	"isthmus/db"
	"isthmus/queue"
)

// work is what goes to other servers and comes from them, in shards. A process does it
// for the shards that it has.
type work struct {
	b    *Bridge
	tune func(*queue.Inbound) // for tests

	mu     sync.Mutex
	shards map[int]shard // those that this process has
}

type shard struct {
	mail  *queue.Deliverer
	inbox *queue.Inbound
}

// mail and inbox are the two halves, by which the flows say that there is something new.
type (
	mail  struct{ *work }
	inbox struct{ *work }
)

func (m mail) Kick()  { m.kick(); m.b.wakes.say(topicMail) }
func (i inbox) Kick() { i.kick(); i.b.wakes.say(topicInbox) }

// Heard says that a host was heard from (queue.Deliverer.Heard), wherever its shard is.
func (m mail) Heard(host string) {
	if !m.heard(host) {
		m.b.wakes.say(topicHeard + ":" + host)
	}
}

// kick makes this process look at what is new.
func (w *work) kick() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.shards {
		s.mail.Kick()
		s.inbox.Kick()
	}
}

// count returns how many shards are here.
func (w *work) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.shards)
}

// heard reports whether the host's shard is here.
func (w *work) heard(host string) bool {
	w.mu.Lock()
	s, here := w.shards[w.b.db.ShardOf(host)]
	w.mu.Unlock()
	if here {
		s.mail.Heard(host)
	}
	return here
}

// roleWorker is the role of processes that share the shards.
const roleWorker = "worker"

// run works on every shard while it is this process's turn.
func (w *work) run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for n := range w.b.db.Shards() {
		g.Go(func() error {
			turn := func() bool { return w.b.member.Turn(roleWorker, n) }
			return w.b.member.Hold(ctx, "shard "+strconv.Itoa(n), turn, func(ctx context.Context, lease *db.Lease) error {
				return w.do(ctx, n, lease)
			})
		})
	}
	return g.Wait()
}

// do works on one shard until ctx ends.
func (w *work) do(ctx context.Context, n int, lease *db.Lease) error {
	b, store := w.b, w.b.db.Shard(n, lease)
	s := shard{
		mail:  queue.NewDeliverer(deliveryStore{store}, b.send, b.delivery, b.log),
		inbox: queue.NewInbound(inboundStore{store}, b.receive, b.log),
	}
	s.inbox.Now = b.now
	s.inbox.Tries = 13 // some fifty minutes: who is read for it may be down for a while
	s.inbox.Parallel = max(8, s.inbox.Parallel/b.db.Shards())
	if w.tune != nil {
		w.tune(s.inbox)
	}
	w.have(n, &s)
	defer w.have(n, nil)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.mail.Run(ctx) })
	g.Go(func() error { return s.inbox.Run(ctx) })
	return g.Wait()
}

// have notes which shards are here, and gives each its part of the workers.
func (w *work) have(n int, s *shard) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s == nil {
		delete(w.shards, n)
	} else {
		w.shards[n] = *s
	}
	for _, s := range w.shards {
		s.mail.SetShare(len(w.shards))
	}
}
