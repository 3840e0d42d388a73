package queue

import "context"

// How many claimed retries are held in memory, in all and for one host. The
// rest of a host's rows wait in the store for their turn.
const (
	maxHeld     = 128
	maxHeldHost = 16
)

// readRetries claims what is due, never while progress is being stored: what was
// claimed before a save began is then never mistaken for what came after.
func (e *engine) readRetries() {
	if e.moreRetries && e.held[urgent] < maxHeld/2 && e.held[retry] < maxHeld/2 {
		e.lookRetries = true
	}
	if !e.lookRetries || e.readingRetries || e.cp.saving || e.ctx.Err() != nil {
		return
	}
	e.lookRetries, e.readingRetries, e.moreRetries = false, true, false
	now := e.now()
	rooms := [kinds]int{urgent: maxHeld - e.held[urgent], retry: maxHeld - e.held[retry]}
	e.look(func(ctx context.Context) func() {
		c, err := e.claim(ctx, now, rooms)
		return func() {
			e.readingRetries = false
			e.claims++
			if err != nil {
				e.complain("retries not read", "err", err)
			}
			e.moreRetries = c.more
			e.nextDue = 0
			if c.next > now { // an older one waits for something else, or for room
				e.nextDue = c.next
			}
			for _, r := range c.rows {
				e.claimed(r)
			}
			e.tendAll()
		}
	})
}

type claim struct {
	rows []Retry
	more bool
	next int64
}

// claim runs beside the loop.
func (e *engine) claim(ctx context.Context, now int64, rooms [kinds]int) (c claim, err error) {
	c.next, err = e.store.NextRetryDue(ctx)
	if err != nil || c.next == 0 || c.next > now {
		return c, err
	}
	for _, k := range []kind{urgent, retry} {
		if rooms[k] <= 0 {
			c.more = true
			continue
		}
		rows, err := e.store.ClaimRetries(ctx, now, now+e.lease(), k == urgent, rooms[k])
		if err != nil {
			return c, err
		}
		c.rows = append(c.rows, rows...)
		c.more = c.more || len(rows) == rooms[k]
	}
	c.next, err = e.store.NextRetryDue(ctx)
	return c, err
}

// claimed puts a row in line.
func (e *engine) claimed(r Retry) {
	t := &task{kind: retry, row: r}
	if r.Urgent {
		t.kind = urgent
	}
	if old := e.active[t.place()]; old != nil { // its lease ran out while it waits or flies
		if !old.over {
			e.cp.reschedule[r.ID] = Retry{ID: r.ID, Due: e.now() + e.lease(), Tries: old.row.Tries}
		}
		return
	}
	t.host = e.host(r.Target.Host)
	t.host.held++
	e.held[t.kind]++
	e.active[t.place()] = t
	if t.host.blocked(e.now()) || t.host.held > maxHeldHost {
		e.parkTask(t)
		e.tend(t.host)
		return
	}
	if t.kind == urgent {
		e.urgent.add(t)
	} else {
		e.retries.add(t)
	}
}

// release is the end of a task. While its row can still be claimed, because the
// outcome is not on disk, it stays known.
func (e *engine) release(t *task) {
	t.over = true
	if t.fan == nil {
		t.host.held--
		e.held[t.kind]--
	}
	if t.fan == nil || t.spilled {
		e.cp.then(func() { delete(e.active, t.place()) })
	} else {
		delete(e.active, t.place())
	}
}
