package main

import (
	"fmt"
	"time"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// publishing is how many replies become comments in a second, beside what the XMPP server
// takes of a component that does nothing but send it the same.
func publishing(b *bench) {
	b.part("Inbox: published", func(s *stage, ground *world.Ground) {
		for _, f := range []xmppserver.Flavour{xmppserver.Prosody, xmppserver.EjabberdForced} {
			n := map[xmppserver.Flavour]int{xmppserver.Prosody: 120, xmppserver.EjabberdForced: 480}[f]
			if b.quick {
				n /= 4
			}
			l := newLoad(s, ground, f, "")
			l.Gateway.Start()
			fan := l.SinkFan("reader", "fan")
			rate := b.ratio(12, fmt.Sprintf("replies that become comments in a second, %s", f), "the same of a bare component, 128 under way", 0.8)
			repeated := 0
			for run := range b.runs {
				louise := l.blogger("louise") // another one each time: after a thousand messages her client answers late
				fan.Follows(louise)
				inbox := l.Inbox(louise.Actor())
				l.introduce(inbox)
				text := fmt.Sprintf("asked %d", run)
				ours := louise.Discusses(text, world.OwnPEP)
				object := fmt.Sprint(fan.Sees("Create", text).Activity["object"].(map[string]any)["id"])
				bare := louise.Discusses(text+" of nobody", world.OwnPEP)
				fan.Sees("Create", text+" of nobody")
				parcels := l.parcels(n, inbox, func(i int) world.JSON {
					who := actor(knownHost, i%known)
					return reply(who, fmt.Sprintf("%s/notes/%s-%d-%d", who, f, run, i), louise.Actor(), object)
				})
				before, mark := l.jobs(), l.Tap.Mark()
				begun := time.Now()
				l.send(l.Gateway.Listen, 64, parcels)
				l.handled(before)
				last, sent := l.published(mark, ours.Node, n)
				repeated += sent - n
				l.Gateway.Stop()
				limit := l.child("publish", publishConfig{Addr: l.Tap.Addr, Domain: l.Gateway.Component, Secret: l.Server.Secret, Service: bare.Service, Node: bare.Node, Items: n, Window: 128})
				l.Gateway.Start()
				rate.add(float64(n)/last.Sub(begun).Seconds(), float64(limit.Ops)/limit.Wall.Seconds())
			}
			l.Gateway.Stop()
			b.note("%s: %d of %d publications were sent again.", f, repeated, n*b.runs)
		}
	})
}

// published is when the last of n items stood in a node, and how many publications that took:
// what is not answered is sent again.
func (l *load) published(mark int, node string, n int) (last time.Time, sent int) {
	items, standing := map[string]string{}, map[string]bool{}
	for _, s := range l.Tap.Since(mark, nil) {
		id := s.Attr["id"]
		switch p := s.Find("pubsub/publish"); {
		case !s.ToGateway && p != nil && p.Attr["node"] == node:
			items[id] = p.Find("item").Attr["id"]
			sent++
		case s.ToGateway && s.Attr["type"] == "result" && items[id] != "" && !standing[items[id]]:
			standing[items[id]] = true
			last = s.At
		}
	}
	if len(standing) != n {
		l.t.Fatalf("%d of %d replies were published", len(standing), n)
	}
	return last, sent
}
