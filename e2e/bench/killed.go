package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// killed is a gateway that is killed at random while it delivers: nothing may be lost, and
// what is sent again is what was in flight and what was sent since progress was last stored.
func killed(b *bench) {
	b.part("Killed", func(s *stage, ground *world.Ground) {
		const hosts, per, answer, stored = 64, 10, 20 * time.Millisecond, 100 * time.Millisecond
		const workers = 64 // [delivery] workers
		kills := 100
		if b.quick {
			kills = 10
		}
		l := newLoad(s, ground, xmppserver.Prosody, "")
		l.Gateway.Start()
		writer := l.blogger("writer")
		l.Gateway.Stop()
		l.follow(writer, audience{hosts: hosts, per: per})
		l.Gateway.Start()
		l.ask(http.MethodPut, faults{Latency: answer})
		l.ask(http.MethodDelete, nil)
		lost := b.none(7, fmt.Sprintf("lost in %d kills", kills))
		repeated := b.most(7, "sent again", "in flight + sent in the last 100 ms", 1)
		posts, bound := 0, 0.0
		for range kills {
			if l.distinct() >= (posts-1)*hosts*per { // what was in flight at a kill may come a minute later
				posts++
				writer.Publishes(fmt.Sprintf("post %d", posts))
			}
			time.Sleep(rand.N(time.Second))
			at := time.Now()
			l.Gateway.Kill()
			// So many are in flight as long as there are more; none is for longer than a second.
			bound += float64(l.since(at.Add(-stored)) + min(workers, l.since(at.Add(-time.Second))))
			l.Gateway.Start()
		}
		l.reached(posts * hosts * per)
		l.idle()
		t := l.ask(http.MethodGet, nil)
		lost.add(float64(posts*hosts*per) - float64(t.Posts-t.Again))
		repeated.add(float64(t.Again), bound)
		b.note("%d deliveries of %d posts, %d sent again.", posts*hosts*per, posts, t.Again)
	})
}

// since is how many POSTs came since a time.
func (l *load) since(at time.Time) int {
	return int(l.askOf(http.MethodGet, fmt.Sprintf("?since=%d", at.UnixNano()), nil).Late)
}

// distinct is how many deliveries came, each counted once.
func (l *load) distinct() int {
	t := l.ask(http.MethodGet, nil)
	return int(t.Posts - t.Again)
}

// reached waits until n different deliveries came.
func (l *load) reached(n int) {
	await.True(l.t, 2*time.Minute, fmt.Sprintf("%d different deliveries", n), func() error {
		if d := l.distinct(); d < n {
			return fmt.Errorf("%d", d)
		}
		return nil
	})
}
