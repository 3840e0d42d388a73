package queue_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"isthmus/db"
	"isthmus/queue"
)

// laneCheck is a sink that knows the lane of each delivery and insists on order.
type laneCheck struct {
	t    *testing.T
	mu   sync.Mutex
	rnd  *rand.Rand
	fail float64
	lane map[int64]string
	last map[string]int64 // lane and inbox: newest delivery accepted
	busy map[string]int64
	got  map[queue.Place]int
}

func (c *laneCheck) send(ctx context.Context, delivery int64, to queue.Target) error {
	c.mu.Lock()
	key := c.lane[delivery] + " " + to.Inbox
	if c.lane[delivery] == "" {
		key = fmt.Sprint(delivery, " ", to.Inbox)
	}
	if other := c.busy[key]; other != 0 {
		c.t.Errorf("deliveries %d and %d are both on their way in lane %s", other, delivery, key)
	}
	c.busy[key] = delivery
	takes := time.Duration(c.rnd.IntN(3)) * time.Millisecond
	if c.rnd.IntN(40) == 0 {
		takes = 15 * time.Millisecond // longer than SlowAfter
	}
	failing := c.rnd.Float64() < c.fail
	c.mu.Unlock()

	select {
	case <-time.After(takes):
	case <-ctx.Done():
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.busy, key)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if failing {
		return errors.New("not now")
	}
	if last := c.last[key]; last > delivery {
		c.t.Errorf("lane %s: %d came after %d", key, delivery, last)
	}
	c.last[key] = delivery
	c.got[queue.Place{Delivery: delivery, Target: to}]++
	return nil
}

// Whatever fails, and however often the engine is stopped and started, each
// inbox gets the deliveries of a lane in order, and all of them.
func TestOrderWithinLanes(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { orderWithinLanes(t, seed) })
	}
}

func orderWithinLanes(t *testing.T, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 7))
	queue.SmallWindows(t)
	w := newWorld(t)
	check := &laneCheck{t: t, rnd: rand.New(rand.NewPCG(seed, 8)), fail: []float64{0.05, 0.3, 0.5}[seed%3],
		lane: make(map[int64]string), last: make(map[string]int64), busy: make(map[string]int64), got: make(map[queue.Place]int)}
	w.send = check.send
	w.cfg = queue.Config{
		Workers: 12, PerHost: 1 + int(seed%2), RetryFirst: time.Millisecond, RetryMax: 4 * time.Millisecond,
		BreakerFailures: 4, BreakerPause: 3 * time.Millisecond, BreakerMax: 10 * time.Millisecond,
		SlowAfter: 8 * time.Millisecond, Checkpoint: 5 * time.Millisecond, Timeout: time.Second, Now: time.Now,
	}
	hosts := 5
	inboxes := 0
	for i := range hosts {
		shared := i%2 == 0
		w.follow(w.blog, fmt.Sprintf("h%d.test", i), 8, shared)
		if inboxes++; !shared {
			inboxes += 7
		}
	}
	want := 0
	w.start()
	for i := range 24 {
		lane := ""
		if rnd.IntN(4) > 0 {
			lane = fmt.Sprint("post:", rnd.IntN(4))
		}
		d := db.Delivery{Lane: lane, Scope: db.ToFollowers, Urgent: rnd.IntN(3) == 0}
		switch rnd.IntN(4) {
		case 0:
			d.Scope = db.ToReached
		case 1:
			d.Scope = db.ToNobody
		}
		var direct []db.Target
		if rnd.IntN(2) == 0 { // a stranger, in reach of no fan-out
			host := fmt.Sprintf("h%d.test", rnd.IntN(hosts))
			direct = append(direct, db.Target{Host: host, Inbox: "https://" + host + "/stranger"})
			want++
		}
		if d.Scope == db.ToNobody { // a follower alone
			direct = append(direct, db.Target{Host: "h2.test", Inbox: "https://h2.test/inbox"})
			want++
		} else {
			want += inboxes
		}
		check.mu.Lock() // the engine sees the delivery before we know its number
		check.lane[w.post(d, direct...)] = lane
		check.mu.Unlock()
		if i%8 == 7 {
			w.stop()
			w.start()
		}
	}
	w.idle()
	check.mu.Lock()
	defer check.mu.Unlock()
	if len(check.got) != want {
		t.Errorf("%d places reached, want %d", len(check.got), want)
	}
	for p, n := range check.got {
		if n != 1 {
			t.Errorf("%v was accepted %d times though nothing crashed", p, n)
		}
	}
}
