package queue

import (
	"context"
	"fmt"
	"time"
)

// checkpoint gathers what the next save is to store.
type checkpoint struct {
	number, saved int // of the one being gathered, and of the last one on disk
	touched       map[*fanout]bool
	remove        []int64
	done          []Place
	add           map[Place]Retry
	reschedule    map[int64]Retry
	hosts         map[string]*host
	after         []func()
	soon          bool // something may wait for it to be on disk

	saving  bool
	last    time.Time // when a save came back
	unsaved *pending  // one that the store would not take; it comes first
}

// pending is a checkpoint on its way to the store.
type pending struct {
	Checkpoint
	number int
	after  []func()
}

func newCheckpoint() checkpoint {
	c := checkpoint{number: 1}
	c.clear()
	return c
}

func (c *checkpoint) clear() {
	c.touched = make(map[*fanout]bool)
	c.add = make(map[Place]Retry)
	c.reschedule = make(map[int64]Retry)
	c.hosts = make(map[string]*host)
	c.remove, c.done, c.after, c.soon = nil, nil, nil, false
}

func (c *checkpoint) empty() bool {
	return len(c.touched)+len(c.remove)+len(c.done)+len(c.add)+len(c.reschedule)+len(c.hosts)+len(c.after) == 0
}

// failing reports whether the store refuses to take progress.
func (c *checkpoint) failing() bool { return c.unsaved != nil }

// then calls fn when what has been gathered so far is on disk.
func (c *checkpoint) then(fn func()) { c.after = append(c.after, fn) }

// host stores what is known of a host, or forgets it.
func (c *checkpoint) host(h *host) { c.hosts[h.Host.Host] = h }

// unspill removes the row that a target was given while it was in flight.
func (c *checkpoint) unspill(t *task) {
	if _, ok := c.add[t.place()]; ok {
		delete(c.add, t.place())
		return
	}
	c.done = append(c.done, t.place())
}

// take closes what was gathered and begins the next one.
func (c *checkpoint) take(now int64) *pending {
	p := &pending{number: c.number, after: c.after}
	p.Now, p.Remove, p.Done = now, c.remove, c.done
	for f := range c.touched {
		if f.over {
			p.Finished = append(p.Finished, f.ID)
			continue
		}
		p.Cursors = append(p.Cursors, Cursor{f.ID, f.After, ahead(f.window)})
	}
	for _, r := range c.add {
		p.Add = append(p.Add, r)
	}
	for _, r := range c.reschedule {
		p.Reschedule = append(p.Reschedule, r)
	}
	for name, h := range c.hosts {
		switch worth := h.Failures > 0 || h.backlog; {
		case worth:
			p.Hosts = append(p.Hosts, h.Host)
			h.stored = true
		case h.stored:
			p.Forget = append(p.Forget, name)
			h.stored = false
		}
	}
	c.number++
	c.clear()
	return p
}

// saveAgain is how long a store that failed is left alone.
const saveAgain = time.Second

// interval is how long to gather: what may be waited for is stored earlier.
func (e *engine) interval() time.Duration {
	if e.cp.soon {
		return e.cfg.Checkpoint / 8
	}
	return e.cfg.Checkpoint
}

// save stores what was gathered, at most once each interval.
func (e *engine) save() {
	c := &e.cp
	since := time.Since(c.last)
	var p *pending
	switch {
	case c.saving || e.readingRetries:
		return
	case c.unsaved != nil && since >= saveAgain:
		p = c.unsaved
	case c.unsaved != nil || c.empty() || since < e.interval():
		return
	default:
		p = c.take(e.now())
	}
	c.saving = true
	e.look(func(ctx context.Context) func() {
		err := e.store.SaveCheckpoint(context.WithoutCancel(ctx), p.Checkpoint)
		return func() { e.saved(p, err) }
	})
}

func (e *engine) saved(p *pending, err error) {
	c := &e.cp
	c.saving, c.last = false, time.Now()
	if err != nil {
		c.unsaved = p
		e.complain("progress not stored, nothing is sent until it is", "err", err)
		return
	}
	c.unsaved, c.saved = nil, p.number
	for _, fn := range p.after {
		fn()
	}
	if len(p.Remove)+len(p.Done)+len(p.Add)+len(p.Reschedule) > 0 {
		e.lookRetries = true
	}
	e.tendAll()
	if e.cfg.afterCheckpoint != nil {
		e.cfg.afterCheckpoint()
	}
}

// lastSave stores what is left when the loop has ended.
func (e *engine) lastSave() error {
	for _, p := range []*pending{e.cp.unsaved, e.cp.take(e.now())} {
		if p == nil {
			continue
		}
		if err := e.store.SaveCheckpoint(context.WithoutCancel(e.ctx), p.Checkpoint); err != nil {
			return fmt.Errorf("queue: %w", err)
		}
	}
	return nil
}
