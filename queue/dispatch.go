package queue

import (
	"context"
	"errors"
	"time"
)

// dispatch starts attempts while there are workers: urgent ones first, up to
// half of them, then retries up to their share, then fan-outs in turn.
func (e *engine) dispatch() {
	if e.ctx.Err() != nil || e.cp.failing() {
		return // what is sent now could not be noted
	}
	all := e.workers()
	kept := min(max(1, all/8), all-1) // for urgent ones
	share := max(1, int(float64(all)*e.cfg.RetryShare))
	for e.count[urgent] < max(1, all/2) && e.total() < all {
		g := e.urgent.pop()
		if g == nil {
			break
		}
		e.serve(g)
	}
	for e.count[retry] < share && e.total()-e.count[urgent] < all-kept && e.total() < all {
		g := e.retries.pop()
		if g == nil {
			break
		}
		e.serve(g)
	}
	for e.total()-e.count[urgent] < all-kept && e.total() < all {
		f := e.fans.next()
		if f == nil {
			break
		}
		g := f.pop()
		e.queue(f)
		e.serve(g)
	}
}

func (e *engine) total() int { return len(e.running) }

// room reports whether a host takes one more attempt of a kind.
func (e *engine) room(h *host, k kind) bool {
	limit := e.cfg.PerHost
	if k == urgent {
		limit++
	}
	if h.open() {
		limit = 1 // the probe
	}
	return h.inflight < limit
}

// serve starts the first task of a group, or lets the group wait.
func (e *engine) serve(g *group) {
	h, k := g.host, g.src.kind
	switch {
	case h.blocked(e.now()):
		e.park(g)
		return
	case !e.room(h, k):
		h.waiting[k] = append(h.waiting[k], g)
		return
	}
	e.start(g.take())
	switch {
	case len(g.tasks) == 0:
		g.drop()
	case e.room(h, k):
		e.ready(g)
	default:
		h.waiting[k] = append(h.waiting[k], g)
	}
}

// ready puts a group in line again.
func (e *engine) ready(g *group) {
	g.src.ready = append(g.src.ready, g)
	if g.src.fan != nil {
		e.queue(g.src.fan)
	}
}

// queue puts a fan-out that has something ready in line.
func (e *engine) queue(f *fanout) {
	if len(f.ready) > 0 {
		e.fans.add(f)
	}
}

func (e *engine) start(t *task) {
	h := t.host
	h.inflight++
	e.count[t.kind]++
	e.running[t] = true
	e.active[t.place()] = t
	t.started = e.now()
	if h.open() {
		t.probe, h.probing = true, true
	}
	delivery, target := t.row.Delivery, t.row.Target
	go func() {
		err := e.attempt(delivery, target)
		e.post(func() { e.finished(t, err) })
	}()
}

// attempt runs in its own goroutine.
func (e *engine) attempt(delivery int64, target Target) (err error) {
	ctx, cancel := context.WithTimeout(e.sends, e.cfg.Timeout)
	defer cancel()
	defer recovered(&err)
	if err = e.send(ctx, delivery, target); err == nil {
		return nil
	}
	if v, _ := judge(err); v == gone {
		e.cfg.OnGone(target.Inbox)
	}
	return err
}

// finished takes the outcome of an attempt.
func (e *engine) finished(t *task, err error) {
	h := t.host
	h.inflight--
	e.count[t.kind]--
	delete(e.running, t)
	h.slow = e.now()-t.started > e.cfg.SlowAfter.Milliseconds()
	if t.probe {
		h.probing = false
	}
	if err != nil && e.sends.Err() != nil && errors.Is(err, context.Canceled) {
		return // cut off by the shutdown: as if it had not been begun
	}
	v, after := judge(err)
	e.judged(h, t.probe, v, after, err)
	e.resolve(t, v, after, err)
	e.free(h)
	e.tend(h)
}

// free lets one group of each kind have a look at a host where there may be room.
func (e *engine) free(h *host) {
	for k := range kinds {
		if len(h.waiting[k]) > 0 && e.room(h, k) {
			g := h.waiting[k][0]
			h.waiting[k] = h.waiting[k][1:]
			e.ready(g)
		}
	}
}

// resolve notes what becomes of a task.
func (e *engine) resolve(t *task, v verdict, after time.Duration, err error) {
	e.release(t)
	now := e.now()
	switch {
	case v == failed && now-t.row.Created > e.cfg.GiveUp.Milliseconds():
		e.log.Warn("delivery given up", "host", t.row.Target.Host, "delivery", t.row.Delivery, "tries", t.row.Tries, "err", err)
	case v == failed:
		due := now + max(backoff(t.row.Tries, e.cfg.RetryFirst, e.cfg.RetryMax), min(after, maxAfter)).Milliseconds()
		e.log.Debug("delivery failed", "host", t.row.Target.Host, "delivery", t.row.Delivery, "tries", t.row.Tries, "err", err)
		e.later(t, due)
		return
	case v != sent:
		e.logDrop(t, err)
	}
	switch {
	case t.fan == nil:
		e.cp.remove = append(e.cp.remove, t.row.ID)
		e.cp.soon = e.cp.soon || t.row.Lane != ""
	case t.spilled:
		e.cp.unspill(t)
	default:
		e.settle(t)
	}
}

// later gives a task a row that is due then, or when its host is well again.
func (e *engine) later(t *task, due int64) {
	if t.host.open() {
		due = WaitHost
	}
	e.keep(t, due)
}

// keep stores a task's row. The fan-out that it came from may move on.
func (e *engine) keep(t *task, due int64) {
	t.row.Due = due
	if due == WaitHost {
		h := t.host
		h.backlog, h.parked = true, e.cp.number
		e.cp.host(h)
	}
	if t.fan == nil {
		e.cp.reschedule[t.row.ID] = t.row
		return
	}
	e.cp.add[t.place()] = t.row
	e.settle(t)
}

// logDrop says that a peer refuses something, once a minute for each host.
func (e *engine) logDrop(t *task, err error) {
	host := t.row.Target.Host
	if e.complained["drop "+host] {
		return
	}
	e.complained["drop "+host] = true
	e.log.Warn("delivery refused for good", "host", host, "delivery", t.row.Delivery, "err", err)
}
