package queue

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Received is one activity from a peer, stored and answered.
type Received struct {
	ID       int64
	Activity string // its id
	Actor    string
	Type     string
	Token    string // the recipient's actor, "" for the shared inbox
	Body     string
	At       int64 // when it came, Unix ms
	Tries    int   // failed attempts
}

// InboundStore keeps received activities. Times are Unix milliseconds.
type InboundStore interface {
	// DueInbound returns those that are due, oldest first, at most one for each
	// actor, without those of which skip is true, at most limit with them; they
	// stay due until one of the others is called.
	DueInbound(ctx context.Context, now int64, limit int, skip func(id int64) bool) ([]Received, error)
	DoneInbound(ctx context.Context, id int64) error
	RetryInbound(ctx context.Context, id, due int64, tries int) error
}

// Inbound gives received activities to a handler: those of one actor in the
// order they came, those of different actors at the same time. An error makes
// it try again, after a while; after Tries failures, or one that is Final, the
// activity is dropped with a line in the log. A crash repeats what was under
// way, so handlers are idempotent. The fields may be changed before Run.
type Inbound struct {
	Parallel int           // activities at a time (64)
	Tries    int           // (10)
	Poll     time.Duration // (1 s)
	First    time.Duration // wait after the first error (1 s), doubling
	Max      time.Duration // up to (10 min)
	Now      func() time.Time

	store  InboundStore
	handle func(context.Context, Received) error
	log    *slog.Logger
	kick   chan struct{}
}

// NewInbound makes a worker.
func NewInbound(store InboundStore, handle func(context.Context, Received) error, log *slog.Logger) *Inbound {
	return &Inbound{
		Parallel: 64, Tries: 10, Poll: time.Second, First: time.Second, Max: 10 * time.Minute, Now: time.Now,
		store: store, handle: handle, log: log, kick: make(chan struct{}, 1),
	}
}

// Kick makes the worker look for activities at once.
func (w *Inbound) Kick() { poke(w.kick) }

// Run works until ctx ends, and then waits for the handlers, whose context ends
// with it.
func (w *Inbound) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	busy := make(map[int64]bool) // ids in a handler
	done := make(chan int64)
	poll := time.NewTicker(w.Poll)
	defer poll.Stop()
	for {
		w.start(ctx, busy, done, &running)
		select {
		case <-ctx.Done():
			w.drain(busy, done)
			return nil
		case id := <-done:
			delete(busy, id)
			w.collect(busy, done)
		case <-poll.C:
		case <-w.kick:
		}
	}
}

// collect takes the others that are done by now: one look at the store serves
// them all.
func (w *Inbound) collect(busy map[int64]bool, done chan int64) {
	for {
		select {
		case id := <-done:
			delete(busy, id)
		default:
			return
		}
	}
}

func (w *Inbound) drain(busy map[int64]bool, done chan int64) {
	for len(busy) > 0 {
		delete(busy, <-done)
	}
}

func (w *Inbound) start(ctx context.Context, busy map[int64]bool, done chan int64, running *sync.WaitGroup) {
	if len(busy) >= w.Parallel || ctx.Err() != nil {
		return
	}
	due, err := w.store.DueInbound(ctx, w.Now().UnixMilli(), w.Parallel, func(id int64) bool { return busy[id] })
	if err != nil {
		if ctx.Err() == nil {
			w.log.Error("received activities not read", "err", err)
		}
		return
	}
	for _, in := range due {
		if len(busy) >= w.Parallel {
			return
		}
		busy[in.ID] = true
		running.Go(func() {
			w.work(ctx, in)
			done <- in.ID
		})
	}
}

func (w *Inbound) work(ctx context.Context, in Received) {
	err := w.call(ctx, in)
	if ctx.Err() != nil && err != nil {
		return // shutting down: it is still due
	}
	log := w.log.With("activity", in.Activity, "actor", in.Actor, "type", in.Type)
	tries := in.Tries + 1
	switch {
	case err == nil:
		err = w.store.DoneInbound(context.WithoutCancel(ctx), in.ID)
	case final(err) || tries >= w.Tries:
		log.Error("activity dropped", "err", err, "tries", tries)
		err = w.store.DoneInbound(ctx, in.ID)
	default:
		wait := backoff(tries, w.First, w.Max)
		log.Warn("activity not handled", "err", err, "tries", tries, "again", wait)
		err = w.store.RetryInbound(ctx, in.ID, w.Now().Add(wait).UnixMilli(), tries)
	}
	if err != nil && ctx.Err() == nil {
		log.Error("end of activity not stored: it is handled again", "err", err)
	}
}

func (w *Inbound) call(ctx context.Context, in Received) (err error) {
	defer recovered(&err)
	return w.handle(ctx, in)
}
