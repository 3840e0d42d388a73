package main

import (
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
		known, n := 64, 1000
		if b.quick {
			n = 100
		}
		kinds := []struct {
			name, libervia string
			most           float64
			n              int
			activity       func(run, i int) world.JSON
		}{
			{"Follow of never seen actors on servers never seen", "107 ms", 10.7, n / 2, func(run, i int) world.JSON {
				who := actor(10_000+run*n+i, 0)
				return world.JSON{"id": who + "/follow", "type": "Follow", "actor": who, "object": louiseID}
			}},
			{"Like of never seen actors on servers never seen", "69 ms", 6.9, n / 2, func(run, i int) world.JSON {
				who := actor(20_000+run*n+i, 0)
				return world.JSON{"id": who + "/like", "type": "Like", "actor": who, "object": object}
			}},
			{"Like of known actors", "", 0, n, func(run, i int) world.JSON {
				who := actor(0, i%known)
				return world.JSON{"id": fmt.Sprintf("%s/likes/%d-%d", who, run, i), "type": "Like", "actor": who, "object": object}
			}},
			{"Create of a reply that becomes a comment", "7.3 ms", 0.73, n / 2, func(run, i int) world.JSON {
				who := actor(0, i%known)
				id := fmt.Sprintf("%s/notes/%d-%d", who, run, i)
				return world.JSON{"id": id + "/activity", "type": "Create", "actor": who, "to": []string{"https://www.w3.org/ns/activitystreams#Public"}, "cc": []string{louiseID},
					"object": world.JSON{"id": id, "type": "Note", "attributedTo": who, "inReplyTo": object, "content": "<p>An answer of some length, as people write them when they have an opinion.</p>",
						"published": time.Now().UTC().Format(time.RFC3339), "to": []string{"https://www.w3.org/ns/activitystreams#Public"}, "cc": []string{louiseID}}}
			}},
			{"Delete of a reply", "", 0, n / 2, func(run, i int) world.JSON {
				who := actor(0, i%known)
				id := fmt.Sprintf("%s/notes/%d-%d", who, run, i)
				return world.JSON{"id": id + "/delete", "type": "Delete", "actor": who, "object": world.JSON{"id": id, "type": "Tombstone"}}
			}},
		}
		l.send(l.Gateway.Listen, 8, l.parcels(known, inbox, func(i int) world.JSON {
			who := actor(0, i)
			return world.JSON{"id": who + "/hello", "type": "View", "actor": who, "object": object}
		}))
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
	})
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
