// Package queue carries stored work out: deliveries to other servers, jobs, and
// received activities. It keeps nothing but what it can rebuild from its Store,
// knows no protocol, and never decides what to send: it is given functions that
// do the work and errors that say whether trying again makes sense.
//
// Deliveries. A delivery to an audience is one row with a cursor; its targets
// are read in (host, inbox) order, a window at a time, and sent to, one or two
// at a time for each host, in turn with other blogs' deliveries. Only a target
// that fails, or keeps the others waiting, gets a row of its own. Every 100 ms
// what was done is stored in one transaction: a crash repeats what was in flight
// and what was sent since, and loses nothing. The engine is one goroutine that
// owns all state (engine.go); attempts and the store's answers reach it as
// events.
package queue

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
)

// Send makes one attempt at one inbox. The error says what is to become of it:
// one that is Gone() means that the inbox does not exist, Final() that this
// delivery will never be taken, After() how long the peer wants to be left
// alone; anything else is tried again.
type Send func(ctx context.Context, delivery int64, t Target) error

// Deliverer is the delivery engine. Make it with NewDeliverer, run it with Run.
type Deliverer struct {
	store Store
	send  Send
	cfg   Config
	log   *slog.Logger
	kick  chan struct{}

	share atomic.Int64 // see SetShare
	open  atomic.Int64 // hosts whose circuit is open
	mu    sync.Mutex
	heard map[string]bool // hosts that spoke to us while their circuit was open
}

// NewDeliverer makes an engine; nothing is sent before Run.
func NewDeliverer(store Store, send Send, cfg Config, log *slog.Logger) *Deliverer {
	return &Deliverer{
		store: store, send: send, cfg: cfg.withDefaults(), log: log,
		kick: make(chan struct{}, 1), heard: make(map[string]bool),
	}
}

// SetShare says that this engine is one of n in the process, which have Config.Workers
// together.
func (d *Deliverer) SetShare(n int) { d.share.Store(int64(n)) }

// workers is how many attempts this engine may have in flight.
func (d *Deliverer) workers() int {
	n := max(1, int(d.share.Load()))
	return (d.cfg.Workers + n - 1) / n
}

// Kick says that something was enqueued. What another process enqueues is found
// within a second.
func (d *Deliverer) Kick() { poke(d.kick) }

// maxHeard bounds what Heard remembers between two rounds of the engine.
const maxHeard = 1024

// Heard says that a host was heard from: if its circuit is open, the next probe
// need not wait (activitypub.md O33). It is cheap; call it for every request.
func (d *Deliverer) Heard(host string) {
	if d.open.Load() == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.heard) < maxHeard {
		d.heard[host] = true
	}
	d.Kick()
}

func (d *Deliverer) takeHeard() map[string]bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.heard) == 0 {
		return nil
	}
	h := d.heard
	d.heard = make(map[string]bool)
	return h
}

// Run delivers until ctx ends. Then it starts nothing new, gives attempts in
// flight Config.Grace to finish, and stores where it is. It returns an error
// only when the store cannot be read at the start, or written at the end.
func (d *Deliverer) Run(ctx context.Context) error {
	e := newEngine(ctx, d)
	if err := e.restore(); err != nil {
		if ctx.Err() != nil { // ended before it began
			return nil
		}
		return err
	}
	e.loop()
	return e.close()
}
