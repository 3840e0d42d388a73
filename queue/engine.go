package queue

import (
	"context"
	"fmt"
	"time"
)

// idlePoll is how often the store is looked at when nothing is going on.
const idlePoll = time.Second

// engine is the state of a running Deliverer. It belongs to the goroutine of
// loop; others hand it functions to call.
type engine struct {
	*Deliverer
	ctx    context.Context // ends when work is to stop
	sends  context.Context // of attempts: ends Grace later
	cut    context.CancelFunc
	events chan func()
	closed chan struct{}
	ended  bool
	looks  int // reads of the store that have not come back

	hosts     map[string]*host
	nextProbe int64          // when an open host may be probed, 0 for none
	untended  map[*host]bool // to be tended when a claim or a save has come back
	wakes     int            // WakeHost calls under way

	fans    line   // fan-outs in turn
	urgent  source // claimed retries
	retries source
	count   [kinds]int // attempts in flight
	running map[*task]bool
	active  map[Place]*task // waiting for their turn, in flight, or their outcome not stored yet

	lanes   map[string][]*fanout // in order; the first one may run
	known   int                  // fan-outs read and not finished
	lastID  int64                // newest fan-out read
	begun   line                 // fan-outs that may run and have no window yet
	windows map[*fanout]bool     // fan-outs with a window

	lookFanouts, readingFanouts bool
	lookRetries, readingRetries bool
	moreRetries                 bool       // the last claim left some
	held                        [kinds]int // claimed, in flight or waiting
	claims                      int        // claims that came back
	nextDue                     int64      // of the retries, 0 for none

	cp checkpoint

	lastPoll, lastSpill, lastMinute, lastSweep time.Time
	complained                                 map[string]bool // in this minute
}

func newEngine(ctx context.Context, d *Deliverer) *engine {
	e := &engine{
		Deliverer: d, ctx: ctx, events: make(chan func(), 256), closed: make(chan struct{}),
		hosts: make(map[string]*host), running: make(map[*task]bool), active: make(map[Place]*task),
		untended: make(map[*host]bool), lanes: make(map[string][]*fanout), complained: make(map[string]bool),
		windows: make(map[*fanout]bool), cp: newCheckpoint(),
		lookFanouts: true, lookRetries: true,
	}
	e.sends, e.cut = context.WithCancel(context.WithoutCancel(ctx))
	e.urgent, e.retries = newSource(urgent), newSource(retry)
	e.lastSweep = e.cfg.Now()
	return e
}

// restore learns which hosts were in trouble or have rows that wait for them.
func (e *engine) restore() error {
	hosts, err := e.store.Hosts(e.ctx)
	if err != nil {
		return fmt.Errorf("queue: read hosts: %w", err)
	}
	for _, r := range hosts {
		h := e.host(r.Host)
		h.Host, h.stored, h.backlog = r, true, true
		e.untended[h] = true
		if r.OpenUntil > 0 {
			e.open.Add(1)
			e.probeAt(r.OpenUntil)
		}
	}
	return nil
}

func (e *engine) now() int64 { return e.cfg.Now().UnixMilli() }

// post hands the loop something to do; it is dropped when the loop has ended.
func (e *engine) post(fn func()) {
	select {
	case e.events <- fn:
	case <-e.closed:
	}
}

// look reads the store in the background; then runs in the loop.
func (e *engine) look(read func(ctx context.Context) (then func())) {
	e.looks++
	go func() {
		then := read(e.ctx)
		e.post(func() {
			e.looks--
			then()
		})
	}()
}

func (e *engine) loop() {
	for !e.ended {
		e.round()
		timer := time.NewTimer(e.pause())
		select {
		case fn := <-e.events:
			fn()
			e.drain()
		case <-e.kick:
			e.lookFanouts, e.lookRetries = true, true
		case <-timer.C:
		case <-e.ctx.Done():
			e.ended = true
		}
		timer.Stop()
	}
}

// drain takes the events that are there by now: one round serves them all.
func (e *engine) drain() {
	for {
		select {
		case fn := <-e.events:
			fn()
		default:
			return
		}
	}
}

// pause is how long nothing will happen by itself.
func (e *engine) pause() time.Duration {
	if !e.cp.empty() || len(e.running) > 0 {
		return e.interval()
	}
	d := idlePoll
	for _, at := range []int64{e.nextDue, e.nextProbe} {
		if at > 0 {
			d = min(d, time.Duration(at-e.now())*time.Millisecond)
		}
	}
	return max(d, time.Millisecond)
}

// round does all that is to be done at this moment.
func (e *engine) round() {
	e.tick()
	e.probe()
	e.save()
	e.readFanouts()
	e.readRetries()
	e.dispatch()
	e.spill()
}

// tick does what goes by the clock.
func (e *engine) tick() {
	now := time.Now()
	if now.Sub(e.lastPoll) >= idlePoll {
		e.lastPoll = now
		e.lookFanouts, e.lookRetries = true, true
		for f := range e.windows {
			e.load(f) // if the store failed when it was asked
		}
	}
	if e.nextDue > 0 && e.nextDue <= e.now() {
		e.lookRetries = true
	}
	if now.Sub(e.lastMinute) >= time.Minute {
		e.lastMinute = now
		clear(e.complained)
		e.forgetStale()
	}
	if at := e.cfg.Now(); at.Sub(e.lastSweep) >= time.Hour {
		e.lastSweep = at
		e.sweep()
	}
}

// close waits for what is in flight, returns what was not begun, and stores
// where everything is.
func (e *engine) close() error {
	grace := time.NewTimer(e.cfg.Grace)
	defer grace.Stop()
	late := grace.C
	for len(e.running)+e.looks > 0 || e.cp.saving {
		select {
		case fn := <-e.events:
			fn()
			continue
		case <-late:
		}
		if e.sends.Err() != nil {
			break // they do not heed their context either
		}
		e.cut()
		grace.Reset(2 * time.Second)
	}
	e.cut()
	close(e.closed)
	for _, t := range e.active {
		if !t.over {
			e.unbegun(t)
		}
	}
	return e.lastSave()
}

// complain logs trouble with the store, each kind once a minute.
func (e *engine) complain(msg string, args ...any) {
	if e.ctx.Err() != nil || e.complained[msg] {
		return
	}
	e.complained[msg] = true
	e.log.Error(msg, args...)
}
