package queue_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"isthmus/db"
	"isthmus/queue"
)

// cpu is what this process has used.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// The time to accept a post must not depend on who follows (performance.md §11, 5).
func BenchmarkEnqueue(b *testing.B) {
	for _, followers := range []int{1, 10_000} {
		b.Run(fmt.Sprint(followers, " followers"), func(b *testing.B) {
			w := newWorld(b)
			w.follow(w.blog, "h.test", followers, false)
			for b.Loop() {
				w.post(db.Delivery{Scope: db.ToFollowers})
			}
		})
	}
}

// What the engine and the database cost for each send, when sending costs nothing
// (performance.md §11, 4).
func BenchmarkDispatch(b *testing.B) {
	for _, c := range []struct{ hosts, inboxes, failing int }{{1000, 1, 0}, {200, 10, 0}, {1000, 1, 33}} {
		b.Run(fmt.Sprintf("%d hosts x %d, 1 in %d fails", c.hosts, c.inboxes, c.failing), func(b *testing.B) {
			w := newWorld(b)
			w.cfg.Now, w.cfg.RetryFirst = time.Now, 50*time.Millisecond
			for i := range c.hosts {
				w.follow(w.blog, fmt.Sprintf("h%04d.test", i), c.inboxes, false)
			}
			var sent atomic.Int64
			w.send = func(_ context.Context, _ int64, to queue.Target) error {
				if n := sent.Add(1); c.failing > 0 && n%int64(c.failing) == 0 {
					return statusError{code: 503}
				}
				return nil
			}
			w.start()
			before := cpu(b)
			for b.Loop() {
				w.post(db.Delivery{Scope: db.ToFollowers})
				w.idle()
			}
			b.ReportMetric(float64(cpu(b)-before)/float64(sent.Load()), "cpu-ns/send")
			b.ReportMetric(float64(sent.Load())/b.Elapsed().Seconds(), "sends/s")
		})
	}
}

// The first send of a post, from the call that enqueues it.
func BenchmarkFirstSend(b *testing.B) {
	w := newWorld(b)
	w.cfg.Now = time.Now
	w.follow(w.blog, "h.test", 1, true)
	sent := make(chan struct{}, 1)
	w.send = func(context.Context, int64, queue.Target) error { sent <- struct{}{}; return nil }
	w.start()
	for b.Loop() {
		w.post(db.Delivery{Scope: db.ToFollowers})
		<-sent
	}
}
