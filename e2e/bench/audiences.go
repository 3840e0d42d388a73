package main

import (
	"fmt"
	"os"
	"time"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// audiences are fan-outs of every shape: a first post over new connections, and another one
// over those that stand or are resumed.
func audiences(b *bench) {
	list := []audience{
		{hosts: 1000, per: 1}, {hosts: 100, per: 10}, {hosts: 1, per: 1000}, {hosts: 100, per: 10, shared: true},
		{hosts: 10_000, per: 1}, {hosts: 1000, per: 10}, {hosts: 1, per: 10_000}, {hosts: 1000, per: 10, shared: true},
	}
	if b.quick {
		list = list[:4]
	}
	b.shapes("Audiences", list)
}

// masses are the same for a hundred thousand followers; ten on each of 10,000 servers are in crowd.
func masses(b *bench) {
	const n = 100_000
	list := []audience{{hosts: 1, per: n}, {hosts: 1000, per: n / 1000}, {hosts: 1000, per: n / 1000, shared: true}, {hosts: n, per: 1}}
	if b.quick {
		list = []audience{{hosts: 1, per: n / 100}}
	}
	b.shapes("Masses", list)
}

// shapes measures posts to audiences that were never written to before.
func (b *bench) shapes(title string, list []audience) {
	b.part(title, func(s *stage, ground *world.Ground) {
		l := newLoad(s, ground, xmppserver.Prosody, "")
		l.Gateway.Start()
		var people []*world.Person
		for range list {
			people = append(people, l.blogger("writer"))
		}
		l.Gateway.Stop()
		first := 0
		for i := range list {
			list[i].first = first
			first += list[i].hosts
			l.follow(people[i], list[i])
		}
		l.Gateway.Start()
		for i, a := range list {
			inboxes, how := a.hosts*a.per, "each inbox"
			if a.shared {
				inboxes, how = a.hosts, "shared inboxes"
			}
			posts := []string{"first post", "next post"}
			if inboxes >= 100_000 && a.hosts == 1 {
				posts = posts[:1] // four minutes, and all is on one connection that stands
			}
			for _, which := range posts {
				before := l.written()
				ours, t := l.post(people[i], inboxes, which)
				b.note("%d followers on %d servers, to %s, %s: %v until the last, %.0f deliveries for each second of processor time, %.0f MiB resident, %d B written for each; %d connections, %d of them resumed.",
					a.hosts*a.per, a.hosts, how, which, ours.Wall.Round(time.Millisecond), ours.rate(), mib(ours.Peak), (l.written()-before)/int64(inboxes), t.Connections, t.Resumed)
				fmt.Fprintf(os.Stderr, "  %s\n", b.last().notes[len(b.last().notes)-1])
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
