package queue

import (
	"context"
	"time"
)

const (
	spillEvery = 10 * time.Millisecond
	sweepBatch = 256 // rows given up at once
	// stragglerAfter is slow enough for an attempt when half of its window was sent
	// meanwhile: each window would wait for its slowest host.
	stragglerAfter = 200 * time.Millisecond
)

// park gives every task of a group a row that waits for the host.
func (e *engine) park(g *group) {
	for _, t := range g.tasks {
		e.parkTask(t)
	}
	g.tasks = nil
	g.drop()
	e.tend(g.host)
}

func (e *engine) parkTask(t *task) {
	if t.fan == nil {
		e.release(t)
		t.row.Tries-- // counted when it was claimed, and not made
	}
	e.keep(t, WaitHost)
}

// parkWaiting parks what waits at a host.
func (e *engine) parkWaiting(h *host, which ...kind) {
	for _, k := range which {
		waiting := h.waiting[k]
		h.waiting[k] = nil
		for _, g := range waiting {
			e.park(g)
		}
	}
}

// spill keeps what is slow from holding up the rest. An attempt in flight for
// long gets a row, due after the attempt must have ended, so that its fan-out's
// cursor can pass; what waits behind it at the same host waits in the store. So
// does what waits at a host that alone fills a fan-out's window.
func (e *engine) spill() {
	if time.Since(e.lastSpill) < spillEvery {
		return
	}
	e.lastSpill = time.Now()
	now := e.now()
	for t := range e.running {
		if now-t.started < e.patience(t).Milliseconds() {
			continue
		}
		t.host.slow = true
		e.parkWaiting(t.host, retry, fan)
		if t.fan == nil || t.settled {
			continue
		}
		t.row.Tries = 1
		e.keep(t, now+e.lease())
		t.spilled = true
	}
	for f := range e.windows {
		switch {
		case len(f.ready) > 0 || f.exhausted || e.fits(f, targetPage):
			f.stuckSince = 0
		case f.stuckSince == 0:
			f.stuckSince = now
		case now-f.stuckSince >= e.cfg.SlowAfter.Milliseconds():
			f.stuckSince = now
			e.parkHead(f)
		}
	}
}

// patience is how long an attempt may hold up what comes after it.
func (e *engine) patience(t *task) time.Duration {
	if f := t.fan; f != nil && !f.exhausted && 2*f.settled >= len(f.window) {
		return min(stragglerAfter, e.cfg.SlowAfter)
	}
	return e.cfg.SlowAfter
}

// parkHead parks what one fan-out has waiting at the host where its window begins.
func (e *engine) parkHead(f *fanout) {
	h := f.window[0].host
	g := f.groups[h]
	for i, w := range h.waiting[fan] {
		if w == g {
			h.waiting[fan] = append(h.waiting[fan][:i:i], h.waiting[fan][i+1:]...)
			e.park(g)
			return
		}
	}
}

// lease is how long a claimed row is out of the way, and with it how late a crash
// makes it.
func (e *engine) lease() int64 { return 2 * e.cfg.Timeout.Milliseconds() }

// unbegun gives back what was claimed or begun and not finished: a retry is due
// at once in the next process, a fan-out's target is still ahead of its cursor.
func (e *engine) unbegun(t *task) {
	switch {
	case t.fan == nil:
		t.row.Tries--
		t.row.Due = e.now()
		e.cp.reschedule[t.row.ID] = t.row
	case t.spilled:
		t.row.Due, t.row.Tries = e.now(), 0
		e.cp.add[t.place()] = t.row
	}
}

// sweep gives up rows that wait for a host or a lane and whose delivery is too old.
func (e *engine) sweep() {
	before := e.now() - e.cfg.GiveUp.Milliseconds()
	e.look(func(ctx context.Context) func() {
		rows, err := e.store.OldRetries(ctx, before, sweepBatch)
		return func() {
			if err != nil {
				e.complain("old retries not read", "err", err)
				return
			}
			for _, r := range rows {
				if e.active[Place{r.Delivery, r.Target}] != nil {
					continue
				}
				e.cp.remove = append(e.cp.remove, r.ID)
				if k := "give up " + r.Target.Host; !e.complained[k] {
					e.complained[k] = true
					e.log.Warn("deliveries given up", "host", r.Target.Host, "first", r.Delivery)
				}
			}
			if len(rows) == sweepBatch {
				e.cp.then(e.sweep)
			}
		}
	})
}
