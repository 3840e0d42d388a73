package main

import (
	"time"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// audiences are fan-outs of every shape: a first post over new connections, and another one
// over those that stand or are resumed.
func audiences(b *bench) {
	b.part("Audiences", func(s *stage, ground *world.Ground) {
		shapes := []audience{
			{hosts: 1000, per: 1}, {hosts: 100, per: 10}, {hosts: 1, per: 1000}, {hosts: 100, per: 10, shared: true},
			{hosts: 10_000, per: 1}, {hosts: 1000, per: 10}, {hosts: 1, per: 10_000}, {hosts: 1000, per: 10, shared: true},
		}
		if b.quick {
			shapes = shapes[:4]
		}
		l := newLoad(s, ground, xmppserver.Prosody, "")
		l.Gateway.Start()
		var people []*world.Person
		for range shapes {
			people = append(people, l.blogger("writer"))
		}
		l.Gateway.Stop()
		for i, a := range shapes {
			a.first = 20_000 * i // nobody was written to before
			l.follow(people[i], a)
		}
		l.Gateway.Start()
		for i, a := range shapes {
			inboxes, how := a.hosts*a.per, "each inbox"
			if a.shared {
				inboxes, how = a.hosts, "shared inboxes"
			}
			for _, which := range []string{"first post", "next post"} {
				before := l.written()
				ours, t := l.post(people[i], inboxes, which)
				b.note("%d followers on %d servers, to %s, %s: %v until the last, %.0f deliveries for each second of processor time, %.0f MiB resident, %d B written for each; %d connections, %d of them resumed.",
					a.hosts*a.per, a.hosts, how, which, ours.Wall.Round(time.Millisecond), ours.rate(), mib(ours.Peak), (l.written()-before)/int64(inboxes), t.Connections, t.Resumed)
			}
		}
	})
}

// written is how much the gateway has written to disk so far, in bytes.
func (l *load) written() int64 {
	n, err := l.Gateway.Process().Written()
	if err != nil {
		l.t.Fatalf("bench: %v", err)
	}
	return n
}
