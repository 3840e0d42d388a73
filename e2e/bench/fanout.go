package main

import (
	"fmt"
	"time"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// fanout is a post on its way to many, over connections that stand and to servers that
// were never spoken to.
func fanout(b *bench) {
	b.part("Fan-out", func(s *stage, ground *world.Ground) {
		const hosts, per, fresh = 64, 20, 1000
		l := newLoad(s, ground, xmppserver.Prosody, "")
		l.Gateway.Start()
		kept := l.blogger("kept")
		var first []*world.Person
		for range b.runs {
			first = append(first, l.blogger("first"))
		}
		l.Gateway.Stop()
		l.follow(kept, audience{hosts: hosts, per: per})
		for i, p := range first {
			l.follow(p, audience{first: 1000 + i*fresh, hosts: fresh, per: 1})
		}
		l.Gateway.Start()
		_, t := l.post(kept, hosts*per, "this opens the connections")
		body := int(t.Bytes / t.Posts)

		stand, anew, again := b.ratio(1, "deliveries, kept connections", "sign + raw TLS", 0.90), b.ratio(2, "deliveries, first contact", "sign + new TLS + POST", 0.95), b.ratio(3, "second post to the same servers", "own first post", 1.5)
		written := b.value(0, fmt.Sprintf("written to disk for each delivery to %d inboxes", hosts*per), "B", 0)
		for i := range b.runs {
			limit := l.limit("kept", hosts, per, body)
			before, _ := l.Gateway.Process().Written()
			ours, _ := l.post(kept, hosts*per, fmt.Sprintf("kept %d", i))
			after, _ := l.Gateway.Process().Written()
			stand.add(ours.rate(), limit.rate())
			written.add(float64(after-before) / float64(ours.Ops))

			limit = l.limit("fresh", fresh, 1, body)
			ours, _ = l.post(first[i], fresh, fmt.Sprintf("first %d", i))
			anew.add(ours.rate(), limit.rate())
			second, _ := l.post(first[i], fresh, fmt.Sprintf("second %d", i))
			again.add(second.rate(), ours.rate())
		}
		// A profile has its price, so it is made apart.
		for _, w := range []struct {
			what string
			to   *world.Person
			n    int
		}{{"kept connections", kept, hosts * per}, {"tickets", first[0], fresh}} {
			in := l.inside(func() { l.post(w.to, w.n, "seen from inside, "+w.what) })
			b.value(4, "the database's share of the processor time, "+w.what, "%", 2).add(in.Database)
			b.note("A delivery, %s: %.0f allocations and %.1f KiB.", w.what, in.Objects/float64(w.n), in.Bytes/float64(w.n)/1024)
		}
	})
}

// crowd is the largest audience of performance.md: a hundred thousand on ten thousand servers.
func crowd(b *bench) {
	b.part("A hundred thousand followers", func(s *stage, ground *world.Ground) {
		hosts, per := 10_000, 10
		if b.quick {
			hosts = 1000
		}
		l := newLoad(s, ground, xmppserver.Prosody, "")
		l.Gateway.Start()
		shared, own := l.blogger("shared"), l.blogger("own")
		l.Gateway.Stop()
		l.follow(shared, audience{hosts: hosts, per: per, shared: true})
		l.follow(own, audience{first: hosts, hosts: hosts, per: per})
		l.Gateway.Start()
		limit := l.limit("fresh", min(hosts, 2000), 1, 2000)
		cost := b.most(6, fmt.Sprintf("%d followers on %d servers by shared inbox", hosts*per, hosts), "servers × first contact", 1.1)
		peak := b.value(6, "resident at most meanwhile", "MiB", 64)
		ours, _ := l.post(shared, hosts, "to shared inboxes")
		cost.add(ours.CPU.Seconds()/float64(hosts), 1/limit.rate())
		peak.add(mib(ours.Peak))
		peak = b.value(6, fmt.Sprintf("resident at most while %d inboxes are written to one by one", hosts*per), "MiB", 128)
		before, _ := l.Gateway.Process().Written()
		ours, t := l.post(own, hosts*per, "to each inbox")
		after, _ := l.Gateway.Process().Written()
		b.value(4, "written to disk for each of these deliveries", "B", 100).add(float64(after-before) / float64(ours.Ops))
		peak.add(mib(ours.Peak))
		b.note("%d deliveries took %v of wall time and %v of processor time: %.0f for each second of it; %d connections, %d of them resumed",
			ours.Ops, ours.Wall.Round(time.Millisecond), ours.CPU, ours.rate(), t.Connections, t.Resumed)
	})
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }
