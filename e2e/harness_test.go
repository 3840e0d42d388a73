//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"isthmus/e2e/peer"
	"isthmus/e2e/sink"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// The two foreign servers understand each other without any gateway, so a
// scenario that fails has found something between them.
func TestTheForeignServersUnderstandEachOther(t *testing.T) {
	p, err := ground.Peer()
	if err != nil {
		t.Fatal(err)
	}
	s, err := ground.NewSink()
	if err != nil {
		t.Fatal(err)
	}
	bob := "https://" + world.PeerHost + "/users/harness-bob"
	dora := s.Actor("harness", "dora")

	mark, err := p.Mark()
	if err != nil {
		t.Fatal(err)
	}
	follow, err := s.Follow("harness", "dora", bob, bob+"/inbox")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Wait(world.Limit, mark, func(r peer.Received) bool { return r.Verified && r.Activity()["id"] == follow }); err != nil {
		t.Error(err)
	}
	accepted, err := s.Wait(world.Limit, 1, func(d sink.Delivery) bool {
		return d.Type() == "Accept" && d.Bad == nil && strings.Contains(world.Flat(d.Activity), follow)
	})
	if err != nil {
		t.Fatal(err)
	}
	if accepted[0].Activity["actor"] != bob {
		t.Errorf("Accept by %v", accepted[0].Activity["actor"])
	}

	if err := p.Call("follow", world.JSON{"user": "harness-bob", "what": "@dora@" + s.Host("harness")}, nil); err != nil {
		t.Fatal(err)
	}
	asked, err := s.Wait(world.Limit, 1, func(d sink.Delivery) bool {
		return d.Type() == "Follow" && d.Bad == nil && d.Activity["object"] == dora
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Post("harness", "dora", bob+"/inbox", world.JSON{
		"@context": "https://www.w3.org/ns/activitystreams", "id": dora + "/accepts/1", "type": "Accept", "actor": dora, "object": asked[0].Activity,
	})
	if err != nil {
		t.Fatal(err)
	}
	var me struct{ Following []string }
	if err := p.Call("person", world.JSON{"user": "harness-bob"}, &me); err != nil || len(me.Following) != 1 || me.Following[0] != dora {
		t.Errorf("bob follows %v, %v", me.Following, err)
	}
}

// Clients understand each other about comments without any gateway, wherever the
// node is, and what the servers allow is what the scenarios assume.
func TestTheClientsUnderstandEachOther(t *testing.T) {
	on(t, xmppserver.Every, func(t *testing.T, f xmppserver.Flavour) {
		w := world.Prepare(t, ground, f) // its gateway is not started
		louise, marie := w.Person("louise"), w.Person("marie")
		louise.Opens()
		for _, place := range []world.Place{world.OwnPEP, world.CommentsService, world.PubsubService} {
			thread := louise.Discusses("The tide is coming in", place)
			item := marie.Comments(thread, "Bring boots")
			c := louise.SeesCommentBy(thread, marie.JID, "Bring boots")
			if c.ID != item || c.Updated == "" || c.Publisher != "" && c.Publisher != marie.JID && c.Publisher != marie.Client.JID {
				t.Errorf("%s: marie's comment %s is %+v", place, item, c)
			}
			marie.Watches(thread.Service, thread.Node)
			answer := louise.Answers(thread, c, "Mine leak")
			if a := marie.SeesCommentBy(thread, louise.JID, "Mine leak"); a.ID != answer || a.Ref != c.AtomID || a.InReplyTo != thread.URI(c.ID) {
				t.Errorf("%s: louise's answer is %+v", place, a)
			}
			marie.EditsComment(thread, item, "Bring high boots")
			louise.SeesCommentBy(thread, marie.JID, "Bring high boots")
			marie.Hearts(thread)
			louise.SeesCommentBy(thread, marie.JID, "♥")
			if n := len(louise.Hearted(thread)); n != 1 || len(louise.Standing(thread)) != 2 {
				t.Errorf("%s: %d hearts and %+v", place, n, louise.Standing(thread))
			}
			louise.RetractsComment(thread, item)
			if left := louise.SeesGone(thread, item); left.ID != "" {
				t.Errorf("%s: the owner retracted, but %+v is left", place, left)
			}
		}
		louise.OpensAttachments(louise.Discusses("The tide is going out", world.OwnPEP))
	})
}
