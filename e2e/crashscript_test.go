//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/sink"
	"isthmus/e2e/world"
)

// script is a small world whose people do something at random, and what both sides
// should show because of it.
type script struct {
	t      *testing.T
	w      *world.World
	rng    *rand.Rand
	louise *world.Person
	fans   []*world.SinkFan // follow louise from the beginning, each on a host
	inbox  string           // shared
	actor  string           // louise's

	posts   []*scriptPost
	replies []*scriptReply
	late    []*world.SinkFan // followed in between
	number  int
	sending sync.WaitGroup
}

// scriptPost is a post of louise's.
type scriptPost struct {
	name    string // in its text, at every version
	version int
	thread  world.Thread
	object  string // its id, once a host got it
}

// scriptReply is a reply of a fan to a post.
type scriptReply struct {
	name    string
	version int
	gone    bool
	post    *scriptPost
	fan     *world.SinkFan
	send    chan world.JSON // one after the other, each until it is accepted
}

func (p *scriptPost) text() string  { return fmt.Sprintf("%s version %d", p.name, p.version) }
func (r *scriptReply) text() string { return fmt.Sprintf("%s version %d", r.name, r.version) }
func (r *scriptReply) id() string   { return r.fan.ID + "/notes/" + r.name }

func newScript(t *testing.T, w *world.World, rng *rand.Rand) *script {
	s := &script{t: t, w: w, rng: rng, louise: w.Person("louise")}
	s.louise.Opens("pubsub#max_items=256") // the most that Prosody allows
	s.louise.Starts()
	s.fans = w.Crowd(s.louise, 8, 1)
	s.inbox = "https://" + w.Gateway.Component + "/ap/inbox"
	s.actor = s.louise.Actor()
	s.publish()
	w.SinkSees(len(s.fans), "Create", s.posts[0].text())
	return s
}

// step does one thing.
func (s *script) step() {
	switch n := s.rng.IntN(10); {
	case n < 3 && len(s.posts) < 200: // so that nothing is trimmed
		s.publish()
	case n < 5:
		p := s.posts[s.rng.IntN(len(s.posts))]
		p.version++
		s.louise.EditsDiscussed(p.thread, p.text())
	case n < 8:
		s.reply()
	case n == 8:
		s.change()
	case len(s.late) < 25: // each of them gets everything
		f := s.w.SinkFan("late-"+s.name("f"), "late")
		s.late = append(s.late, f)
		s.keepTrying(func() error { return f.Ask(s.actor, s.inbox) })
	}
}

func (s *script) name(kind string) string {
	s.number++
	return fmt.Sprintf("%s%d", kind, s.number)
}

func (s *script) publish() {
	p := &scriptPost{name: s.name("post"), version: 1}
	p.thread = s.louise.Discusses(p.text(), world.OwnPEP)
	s.posts = append(s.posts, p)
}

// reply answers a post that has reached the fan's host.
func (s *script) reply() {
	p, f := s.posts[s.rng.IntN(len(s.posts))], s.fans[s.rng.IntN(len(s.fans))]
	if p.object == "" {
		got := s.w.Sink.Received(func(d sink.Delivery) bool {
			return d.Activity["actor"] == s.actor && d.Type() == "Create" && d.Status == 202 && strings.Contains(world.Flat(d.Activity), p.name+" version") // others play the same script
		})
		if len(got) == 0 {
			return
		}
		p.object = got[0].Activity["object"].(map[string]any)["id"].(string)
	}
	r := &scriptReply{name: s.name("reply"), version: 1, post: p, fan: f, send: make(chan world.JSON, 1000)}
	s.replies = append(s.replies, r)
	s.sending.Go(func() {
		for a := range r.send {
			s.until(func() error { return s.w.Sink.Post(f.Host, f.User, s.inbox, a) })
		}
	})
	r.send <- s.activity(r, "Create", s.note(r))
}

// change edits or deletes a reply.
func (s *script) change() {
	live := slices.DeleteFunc(slices.Clone(s.replies), func(r *scriptReply) bool { return r.gone })
	if len(live) == 0 {
		return
	}
	r := live[s.rng.IntN(len(live))]
	r.version++
	if r.gone = s.rng.IntN(2) == 0; r.gone {
		r.send <- s.activity(r, "Delete", world.JSON{"id": r.id(), "type": "Tombstone"})
		return
	}
	n := s.note(r)
	time.Sleep(2 * time.Millisecond) // an edit is known by its time
	n["updated"] = time.Now().UTC().Format(time.RFC3339Nano)
	r.send <- s.activity(r, "Update", n)
}

func (s *script) note(r *scriptReply) world.JSON {
	return world.JSON{
		"id": r.id(), "type": "Note", "attributedTo": r.fan.ID, "content": "<p>" + r.text() + "</p>", "inReplyTo": r.post.object,
		"published": time.Now().UTC().Format(time.RFC3339), "to": []string{"https://www.w3.org/ns/activitystreams#Public"},
	}
}

func (s *script) activity(r *scriptReply, typ string, object world.JSON) world.JSON {
	return world.JSON{
		"@context": "https://www.w3.org/ns/activitystreams", "id": fmt.Sprintf("%s/%s-%d", r.id(), typ, r.version), "type": typ, "actor": r.fan.ID,
		"object": object, "to": []string{"https://www.w3.org/ns/activitystreams#Public"},
	}
}

// keepTrying does what other servers do: a request is made again until it is accepted.
func (s *script) keepTrying(send func() error) { s.sending.Go(func() { s.until(send) }) }

func (s *script) until(send func() error) {
	if err := await.Until(context.Background(), 10*time.Minute, send); err != nil {
		s.t.Errorf("never accepted: %v", err)
	}
}
