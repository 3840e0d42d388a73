package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// latency is how long one thing takes when nothing else goes on, and while ten thousand
// inboxes are written to.
func latency(b *bench) {
	b.part("Latency", func(s *stage, ground *world.Ground) {
		inboxes, times := 10_000, 30
		if b.quick {
			inboxes, times = 1000, 5
		}
		l := newLoad(s, ground, xmppserver.EjabberdForced, "")
		l.Gateway.Start()
		one, many, asked := l.blogger("one"), l.blogger("many"), l.blogger("asked")
		l.reads(asked)
		fan := l.SinkFan("reader", "fan")
		fan.Follows(asked)
		thread := asked.Discusses("to be answered", world.OwnPEP)
		object := fmt.Sprint(fan.Sees("Create", "to be answered").Activity["object"].(map[string]any)["id"])
		l.Gateway.Stop()
		l.follow(one, audience{hosts: 1, per: 1})
		l.follow(many, audience{first: 1000, hosts: inboxes / 10, per: 10})
		l.Gateway.Start()
		who := "https://p." + zoneName + "/users/u0" // whom louise has written to: strangers have one message
		inbox := l.Inbox(one.Actor())
		talk := func(i int) (out, in time.Duration) { return l.chatOut(one, i), l.chatIn(one, who, inbox, i) }
		l.post(one, 1, "this opens a connection")
		talk(-1)

		var posts, outs, ins []time.Duration
		for i := range times {
			posts = append(posts, l.firstByte(one, 1, fmt.Sprintf("alone %d", i)))
			out, in := talk(i)
			outs, ins = append(outs, out), append(ins, in)
		}
		quantiles(b, 15, "post: from the stanza to the first inbox, one follower", posts, 5)
		quantiles(b, 0, "chat to the Fediverse: from the stanza to the inbox", outs, 0)
		quantiles(b, 0, "message from the Fediverse: from the first byte to the stanza", ins, 0)

		notified(b, l, asked, thread, object, times)

		var firsts []time.Duration
		first := b.most(0, fmt.Sprintf("post to %d inboxes: to the first one", inboxes), "with one follower", 0)
		for i := range b.runs {
			firsts = append(firsts, l.firstByte(many, inboxes, fmt.Sprintf("many %d", i)))
			first.add(ms(firsts[i]), ms(slices.Sorted(slices.Values(posts))[len(posts)/2]))
		}

		accept := b.most(5, fmt.Sprintf("post to %d inboxes: until it is on its way to all of them", inboxes), "with one follower", 2)
		for i := range b.runs {
			accept.add(ms(l.accepted(many, inboxes, fmt.Sprintf("accepted %d", i))), ms(l.accepted(one, 1, fmt.Sprintf("accepted %d", i))))
		}

		outs, ins = nil, nil
		for i := 0; len(outs) < times; i++ {
			l.ask(http.MethodDelete, nil)
			many.Publishes(fmt.Sprintf("meanwhile %d", i))
			for l.ask(http.MethodGet, nil).Posts < int64(inboxes)*9/10 && len(outs) < times {
				out, in := talk(1000 + 100*i + len(outs))
				outs, ins = append(outs, out), append(ins, in)
			}
			l.idle()
		}
		quantiles(b, 0, fmt.Sprintf("chat to the Fediverse while %d inboxes are written to", inboxes), outs, 0)
		quantiles(b, 0, fmt.Sprintf("message from the Fediverse while %d inboxes are written to", inboxes), ins, 0)
	})
}

func quantiles(b *bench, goal int, what string, took []time.Duration, most float64) {
	slices.Sort(took)
	half := b.value(goal, what+": half of them", "ms", most)
	half.add(ms(took[len(took)/2]))
	b.value(0, what+": 99 of 100", "ms", 0).add(ms(took[int(0.99*float64(len(took)-1))]))
}

// firstByte publishes a post to n inboxes and returns how long after its stanza the first
// of them had it.
func (l *load) firstByte(p *world.Person, n int, text string) time.Duration {
	l.idle()
	l.ask(http.MethodDelete, nil)
	mark := l.Tap.Mark()
	item := p.Publishes(text)
	t := l.arrived(n)
	events := l.Tap.Since(mark, world.IsEvent(item))
	if len(events) == 0 {
		l.t.Fatalf("no event of %s", item)
	}
	return time.Unix(0, t.First).Sub(events[0].At)
}

// accepted publishes a post to n inboxes and returns how long after its stanza its activity
// is on disk with all that its delivery needs. It waits until all of them have it.
func (l *load) accepted(p *world.Person, n int, text string) time.Duration {
	l.idle()
	l.ask(http.MethodDelete, nil)
	d, err := sql.Open("sqlite", "file:"+filepath.Join(l.Gateway.Dir, "isthmus.db")+"?mode=ro")
	if err != nil {
		l.t.Fatalf("%v", err)
	}
	defer d.Close()
	newest := func() (id int64) {
		if err := d.QueryRow(`select coalesce(max(id), 0) from delivery`).Scan(&id); err != nil {
			l.t.Fatalf("%v", err)
		}
		return id
	}
	d.SetMaxOpenConns(1)
	before, mark := newest(), l.Tap.Mark()
	stored := make(chan time.Time, 1)
	go func() {
		for newest() <= before {
			time.Sleep(200 * time.Microsecond)
		}
		stored <- time.Now()
	}()
	item := p.Publishes(text)
	at := <-stored
	l.arrived(n)
	events := l.Tap.Since(mark, world.IsEvent(item))
	if len(events) == 0 {
		l.t.Fatalf("no event of %s", item)
	}
	return at.Sub(events[0].At)
}

// chatOut is a direct message to somebody on a server of its own.
func (l *load) chatOut(p *world.Person, i int) time.Duration {
	host := "p." + zoneName
	jid := `u0\40` + host + "@" + l.Gateway.Component
	mark, text := l.Tap.Mark(), fmt.Sprintf("direct %d", i)
	before := l.ask(http.MethodGet, nil).Probes[host]
	p.ChatsTo(jid, text)
	var at int64
	await.True(l.t, time.Minute, "a direct message", func() error {
		if at = l.ask(http.MethodGet, nil).Probes[host]; at == before {
			return fmt.Errorf("not yet")
		}
		return nil
	})
	sent := l.Tap.Since(mark, func(s world.Tapped) bool { return s.ToGateway && s.Name == "message" && s.Value("body") == text })
	if len(sent) == 0 {
		l.t.Fatalf("no message %q", text)
	}
	return time.Unix(0, at).Sub(sent[0].At)
}

// chatIn is a direct message to a person.
func (l *load) chatIn(p *world.Person, who, inbox string, i int) time.Duration {
	text := fmt.Sprintf("a word with you %d", i)
	id := fmt.Sprintf("%s/direct/%d", who, i)
	to := p.Actor()
	parcel := l.parcels(1, inbox, func(int) world.JSON {
		return world.JSON{"id": id + "/activity", "type": "Create", "actor": who, "to": []string{to}, "object": world.JSON{"id": id, "type": "Note", "attributedTo": who,
			"to": []string{to}, "content": "<p>" + text + "</p>", "published": time.Now().UTC().Format(time.RFC3339),
			"tag": []world.JSON{{"type": "Mention", "href": to, "name": "@" + p.Handle()}}}}
	})
	mark, begun := l.Tap.Mark(), time.Now()
	l.send(l.Gateway.Listen, 1, parcel)
	var at time.Time
	await.True(l.t, time.Minute, "a direct message to a person", func() error {
		got := l.Tap.Since(mark, func(s world.Tapped) bool {
			return !s.ToGateway && s.Name == "message" && strings.Contains(s.Value("body"), text)
		})
		if len(got) == 0 {
			return fmt.Errorf("not yet")
		}
		at = got[0].At
		return nil
	})
	return at.Sub(begun)
}
