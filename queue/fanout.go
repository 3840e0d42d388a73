package queue

import "context"

// fanout is a delivery to an audience while it is worked on. Its window holds
// the targets from the cursor on, as far as they have been read.
type fanout struct {
	Fanout
	source
	window     []*task
	settled    int    // in the window
	read       Target // the last target read
	loading    bool
	exhausted  bool // nothing follows the window
	over       bool // nothing is left
	inLine     bool
	stuckSince int64 // the window is full and every host in it busy since then
}

// How much is read at once.
const (
	maxKnown   = 4096 // fan-outs
	fanoutPage = 512
	maxWindows = 64 // fan-outs with a window
)

// Of one fan-out; variables so that a test needs no thousands.
var (
	targetPage = 256
	minWindow  = 1024
)

// windowSize is how many targets of a fan-out are in memory: enough hosts to
// keep the workers busy even when each of them has a dozen inboxes.
func (e *engine) windowSize() int { return max(minWindow, 16*e.workers()) }

// fits reports whether a fan-out's window has room for n more targets.
func (e *engine) fits(f *fanout, n int) bool {
	return len(f.window) == 0 || len(f.window)+n <= e.windowSize()
}

// readFanouts learns of new fan-outs. Ids grow, so those of a lane come in order.
func (e *engine) readFanouts() {
	if !e.lookFanouts || e.readingFanouts || e.known >= maxKnown || e.ctx.Err() != nil {
		return
	}
	e.lookFanouts, e.readingFanouts = false, true
	after := e.lastID
	e.look(func(ctx context.Context) func() {
		rows, err := e.store.Fanouts(ctx, after, fanoutPage)
		return func() {
			e.readingFanouts = false
			if err != nil {
				e.complain("deliveries not read", "err", err)
				return
			}
			for _, r := range rows {
				e.lastID = r.ID
				e.learn(r)
			}
			e.lookFanouts = e.lookFanouts || len(rows) == fanoutPage
			e.begin()
		}
	})
}

func (e *engine) learn(r Fanout) {
	f := &fanout{Fanout: r, source: newSource(fan), read: r.After}
	f.source.fan = f
	e.known++
	if r.Lane != "" {
		e.lanes[r.Lane] = append(e.lanes[r.Lane], f)
		if len(e.lanes[r.Lane]) > 1 {
			return // after the others
		}
	}
	e.begun.add(f)
}

// begin gives windows to fan-outs that may run.
func (e *engine) begin() {
	for len(e.windows) < maxWindows {
		f := e.begun.next()
		if f == nil {
			return
		}
		e.windows[f] = true
		e.load(f)
	}
}

// finish is called when it is on disk that a fan-out is over: the next of its
// lane sees every retry row it left.
func (e *engine) finish(f *fanout) {
	e.known--
	delete(e.windows, f)
	e.lookFanouts = true
	if f.Lane != "" {
		rest := e.lanes[f.Lane][1:]
		if len(rest) == 0 {
			delete(e.lanes, f.Lane)
		} else {
			e.lanes[f.Lane] = rest
			e.begun.add(rest[0])
		}
	}
	e.begin()
}

// load reads the next targets if there is room for them.
func (e *engine) load(f *fanout) {
	limit := max(targetPage, aheadLen(f.Ahead))
	if f.loading || f.exhausted || !e.fits(f, limit) || e.ctx.Err() != nil {
		return
	}
	f.loading = true
	row, after := f.Fanout, f.read
	e.look(func(ctx context.Context) func() {
		found, err := e.store.Audience(ctx, row, after, limit)
		return func() {
			f.loading = false
			if err != nil {
				e.complain("audience not read", "delivery", f.ID, "err", err)
				return
			}
			f.exhausted = len(found) < limit
			e.extend(f, found)
		}
	})
}

// extend adds targets to the window and puts them in line.
func (e *engine) extend(f *fanout, found []Recipient) {
	fresh := make([]*task, len(found))
	for i, r := range found {
		row := Retry{Delivery: f.ID, Blog: f.Blog, Lane: f.Lane, Target: r.Target, Created: f.Created, Tries: 1}
		fresh[i] = &task{kind: fan, row: row, fan: f, hash: hashOf(r.Target), settled: r.Queued}
		f.read = r.Target
	}
	f.window = append(f.window, fresh...)
	readAhead(f.Ahead, f.window)
	f.Ahead = nil
	for i, r := range found {
		t := fresh[i]
		switch {
		case t.settled:
			f.settled++
		case r.Waits:
			t.row.Tries = 0
			e.keep(t, WaitLane)
		default:
			t.host = e.host(r.Target.Host)
			f.add(t)
		}
	}
	e.queue(f)
	e.advance(f)
}

// settle notes that a target no longer holds the cursor.
func (e *engine) settle(t *task) {
	if t.settled {
		return
	}
	t.settled = true
	t.fan.settled++
	e.cp.touched[t.fan] = true
	e.advance(t.fan)
}

func (e *engine) advance(f *fanout) {
	for len(f.window) > 0 && f.window[0].settled {
		f.After = f.window[0].row.Target
		f.window[0] = nil
		f.window = f.window[1:]
		f.settled--
		e.cp.touched[f] = true
	}
	if f.exhausted && len(f.window) == 0 && !f.over {
		f.over = true
		e.cp.soon = true
		e.cp.touched[f] = true
		e.cp.then(func() { e.finish(f) })
	}
	e.load(f)
}
