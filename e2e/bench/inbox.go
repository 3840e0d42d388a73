package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/proc"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// accepting is how fast the inbox answers 202, with nothing behind it: beside the same
// server when it stores nothing, and beside bare verifying and storing.
func accepting(b *bench) {
	b.part("Inbox: taking", func(s *stage, ground *world.Ground) {
		l := newLoad(s, ground, xmppserver.Prosody, "")
		l.Gateway.Start()
		inbox := l.Inbox(l.blogger("louise").Actor())
		l.Gateway.Stop()
		p, addr := l.accept()
		n, actors := 6000, 64
		if b.quick {
			n = 600
		}
		like := func(run string) func(i int) world.JSON {
			return func(i int) world.JSON {
				who := actor(0, i%actors)
				return world.JSON{"id": fmt.Sprintf("%s/likes/%s-%d", who, run, i), "type": "Like", "actor": who, "object": fmt.Sprintf("https://%s/posts/%d", hostName(1), i)}
			}
		}
		l.send(addr, 8, l.parcels(actors, inbox, like("known"))) // their keys are known from now on
		without := b.ratio(9, "taken, against the same server without its database", "taken and forgotten", 0.6)
		bare := b.ratio(10, "taken, against verifying and storing alone", "verify + insert in batches", 0.5)
		middle, slowest, alone := b.value(0, "202 after, 64 at a time, half of them", "ms", 0), b.value(0, "202 after, 64 at a time, 99 of 100", "ms", 0), b.value(0, "202 after, one at a time, half of them", "ms", 0)
		lone := b.most(11, "what storing adds to a 202, one at a time", "a commit of one row", 1.5)
		for run := range b.runs {
			view := func(i int) world.JSON {
				a := like(fmt.Sprint("view-", run))(i)
				a["type"] = "View" // nothing that concerns a gateway
				return a
			}
			forgotten, views := l.parcels(n, inbox, view), l.parcels(200, inbox, view)
			stored := l.parcels(n, inbox, like(fmt.Sprint(run)))
			few := l.parcels(200, inbox, like(fmt.Sprint("alone-", run)))
			limit := l.child("limit", limitConfig{Kind: "verify", Key: l.secret(), Hosts: n, Per: 1, Batch: 20, Body: 512, Dir: l.Gateway.Dir})
			nothing := l.cost(p, n, func() { l.send(addr, 64, forgotten) })
			ours := l.cost(p, n, func() { l.send(addr, 64, stored) })
			without.add(ours.rate(), nothing.rate())
			bare.add(ours.rate(), limit.rate())
			middle.add(ms(quantile(stored, 0.5)))
			slowest.add(ms(quantile(stored, 0.99)))
			l.send(addr, 1, few)
			alone.add(ms(quantile(few, 0.5)))
			l.send(addr, 1, views)
			commit := l.child("limit", limitConfig{Kind: "verify", Key: l.secret(), Hosts: len(few), Per: 1, Batch: 1, Body: 512, Dir: l.Gateway.Dir})
			lone.add(ms(quantile(few, 0.5)-quantile(views, 0.5)), ms(commit.Median))
		}
	})
}

// accept starts the inbox alone, on the database of a gateway that does not run.
func (l *load) accept() (*proc.Process, string) {
	return l.server("accept", acceptConfig{Component: l.Gateway.Component, PublicURL: l.Gateway.URL(""), DNS: l.Ground.Lab.DNS(),
		DB: "sqlite:" + filepath.Join(l.Gateway.Dir, "isthmus.db")}, "SSL_CERT_FILE="+l.Ground.Lab.CAFile)
}

// cost is what a process uses while do does n things to it.
func (l *load) cost(p *proc.Process, n int, do func()) sample {
	if l.profiled && p == l.Gateway.Process() {
		p.Signal(syscall.SIGUSR2)
		defer p.Signal(syscall.SIGUSR2)
	}
	before, _, err := p.Usage()
	if err != nil {
		l.t.Fatalf("%v", err)
	}
	begun := time.Now()
	do()
	wall := time.Since(begun)
	after, _, err := p.Usage()
	if err != nil {
		l.t.Fatalf("%v", err)
	}
	return sample{Ops: n, CPU: after - before, Wall: wall}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// handling is all that an activity costs, from the first byte to what XMPP users see.
func handling(b *bench) {
	b.part("Inbox: handling", func(s *stage, ground *world.Ground) {
		l := newLoad(s, ground, xmppserver.EjabberdForced, "")
		l.Gateway.Start()
		louise := l.blogger("louise")
		louiseID := louise.Actor()
		inbox := l.Inbox(louiseID)
		fan := l.SinkFan("reader", "fan")
		fan.Follows(louise)
		louise.Discusses("to be answered", world.OwnPEP)
		object := fmt.Sprint(fan.Sees("Create", "to be answered").Activity["object"].(map[string]any)["id"])
		n := 1000
		if b.quick {
			n = 100
		}
		l.reads(l.Person("reader"))
		kinds := kinds(n, louiseID, object)
		l.introduce(inbox)
		lines := make([]*line, len(kinds))
		for k, kind := range kinds {
			what := kind.name
			if kind.libervia != "" {
				what += " (Libervia: " + kind.libervia + ")"
			}
			lines[k] = b.value(0, what, "ms of processor time", kind.most)
		}
		for run := range b.runs {
			for k, kind := range kinds {
				parcels := l.parcels(kind.n, inbox, func(i int) world.JSON { return kind.activity(run, i) })
				before := l.jobs()
				s := l.cost(l.Gateway.Process(), kind.n, func() {
					l.send(l.Gateway.Listen, 64, parcels)
					l.handled(before)
				})
				lines[k].add(ms(s.CPU) / float64(kind.n))
				if run == b.runs-1 {
					b.note("%s: %d in %v, 202 after %v (half) and %v (99 of 100).", kind.name, kind.n, s.Wall.Round(time.Millisecond),
						quantile(parcels, 0.5).Round(10*time.Microsecond), quantile(parcels, 0.99).Round(10*time.Microsecond))
				}
			}
		}
		for _, kind := range kinds { // a profile has its price, so it is made apart
			parcels := l.parcels(kind.n, inbox, func(i int) world.JSON { return kind.activity(b.runs, i) })
			before := l.jobs()
			in := l.inside(func() {
				l.send(l.Gateway.Listen, 64, parcels)
				l.handled(before)
			})
			b.note("%s: %.0f allocations and %.0f KiB each, %.0f %% of the processor time in the database.", kind.name,
				in.Objects/float64(kind.n), in.Bytes/float64(kind.n)/1024, in.Database)
		}
	})
}

// introduce makes the known actors known.
func (l *load) introduce(inbox string) {
	l.send(l.Gateway.Listen, 8, l.parcels(known, inbox, func(i int) world.JSON {
		who := actor(knownHost, i)
		return world.JSON{"id": who + "/hello", "type": "View", "actor": who, "object": inbox}
	}))
}

// reads makes a person a reader of the accounts that the kinds read. The zone answers no
// Follow, so that they accepted is written to the database.
func (l *load) reads(p *world.Person) {
	for i := range read {
		p.Subscribes(fmt.Sprintf(`u%d\40%s@%s`, i, hostName(readHost), l.Gateway.Component), world.Microblog)
	}
	l.Gateway.Stop()
	ctx := context.Background()
	d := l.database()
	for i := range read {
		list, err := d.FollowersHere(ctx, actor(readHost, i), "pending", 0, 10)
		if err == nil && len(list) != 1 {
			err = fmt.Errorf("%d readers", len(list))
		}
		if err == nil {
			err = d.SetFollowingState(ctx, list[0].ID, "accepted")
		}
		if err != nil {
			l.t.Fatalf("bench: %v", err)
		}
	}
	d.Close()
	l.Gateway.Start()
}

// handled waits until everything that was taken has had its effect: nothing is to be read
// or delivered, and no more jobs wait than before.
func (l *load) handled(before int) {
	await.True(l.t, 10*time.Minute, "everything to be handled", func() error {
		out, _ := l.Gateway.Run("status")
		if !strings.Contains(out, " 0 activities to read") || !strings.Contains(out, "queue: 0 posts on their way") || l.jobs() > before {
			return fmt.Errorf("%s", out)
		}
		return nil
	})
}

var jobs = regexp.MustCompile(`(\d+) jobs`)

// jobs is how many wait; some always do, for their time.
func (l *load) jobs() int {
	out, _ := l.Gateway.Run("status")
	m := jobs.FindStringSubmatch(out)
	if m == nil {
		l.t.Fatalf("status: %s", out)
	}
	n, _ := strconv.Atoi(m[1])
	return n
}
