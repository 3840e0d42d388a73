//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"isthmus/e2e/world"
)

func TestNobodyIsThereWithoutConsent(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Publishes("just for XMPP")
		bob.FindsNothing(louise.Handle())
		code, _ := w.Fetch(w.Gateway.URL("/.well-known/webfinger?resource=acct:"+louise.Handle()), "application/jrd+json")
		if code != 404 {
			t.Errorf("WebFinger answers %d, want 404", code)
		}
		if code, _ := w.Fetch(w.Gateway.URL("/@"+louise.User), "text/html"); code != 404 {
			t.Errorf("the page answers %d, want 404", code)
		}
		if answer := louise.Says("status"); !strings.Contains(answer, "start") {
			t.Errorf("status does not tell how to start: %q", answer)
		}
	})
}

func TestStartByAdHocCommand(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		offered, err := louise.Client.Commands(w.Gateway.Component)
		if err != nil {
			t.Fatal(err)
		}
		for _, node := range []string{"start", "status", "preview", "pause", "stop", "help"} {
			if offered[node] == "" {
				t.Errorf("command %s is not offered: %v", node, offered)
			}
		}
		mark := louise.Client.Mark()
		if a := louise.Runs("start"); a.Status != "completed" || !strings.Contains(a.Words(), louise.Handle()) {
			t.Errorf("start answers %+v", a)
		}
		louise.Befriends(mark)
		bob.Follows(louise.Handle())
		louise.Publishes("by command")
		bob.Sees("Create", "by command")

		actor := louise.Actor()
		if a := louise.Runs("stop", "sure", "1"); a.Status != "completed" {
			t.Errorf("stop answers %+v", a)
		}
		bob.Sees("Delete", actor)
	})
}

func TestStartByRegistration(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		before, err := louise.Client.Registration(w.Gateway.Component)
		if err != nil || before.Registered || before.Instructions == "" {
			t.Errorf("before: %+v %v", before, err)
		}
		mark := louise.Client.Mark()
		if err := louise.Client.Register(w.Gateway.Component, nil); err == nil {
			t.Error("registered without a yes")
		}
		if err := louise.Client.Register(w.Gateway.Component, map[string]string{"agreed": "1"}); err != nil {
			t.Fatal(err)
		}
		louise.Befriends(mark)
		if after, err := louise.Client.Registration(w.Gateway.Component); err != nil || !after.Registered {
			t.Errorf("after: %+v %v", after, err)
		}
		bob.Follows(louise.Handle())
		louise.Publishes("by registration")
		bob.Sees("Create", "by registration")
		actor := louise.Actor()
		if err := louise.Client.Unregister(w.Gateway.Component); err != nil {
			t.Fatal(err)
		}
		bob.Sees("Delete", actor)
		bob.FindsNothing(louise.Handle())
	})
}

func TestTheAdminEnrolsAndTheUserIsTold(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		mark := louise.Client.Mark()
		if out, code := w.Gateway.Run("enrol", louise.JID); code != 0 {
			t.Fatalf("enrol: %d %s", code, out)
		}
		louise.Hears(mark, louise.Handle())
		louise.Befriends(mark)
		w.Until("louise can be found", func() error { return w.Findable(louise) })
		bob.Follows(louise.Handle())
		louise.Publishes("by the admin")
		bob.Sees("Create", "by the admin")
		if out, code := w.Gateway.Run("status"); code != 0 || !strings.Contains(out, louise.JID) {
			t.Errorf("status: %d %s", code, out)
		}
		if out, code := w.Gateway.Run("enrol", "mallory@elsewhere.test"); code == 0 {
			t.Errorf("a foreign account was enrolled: %s", out)
		}
	})
}

func TestPausedBlogsKeepTheirFollowersAndSendNothing(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, marie, bob := w.Person("louise"), w.Person("marie"), w.Fan("bob")
		for _, p := range []*world.Person{louise, marie} {
			p.Opens()
			p.Starts()
			bob.Follows(p.Handle())
		}
		louise.Says("pause")
		louise.Status("paused")
		louise.Publishes("said while paused")
		louise.Settled()
		marie.Publishes("meanwhile")
		bob.Sees("Create", "meanwhile")
		bob.SawNothing("said while paused")
		if err := followers(w, bob, louise, 1); err != nil {
			t.Error(err)
		}
		louise.Says("start")
		louise.Publishes("back again")
		bob.Sees("Create", "back again")
	})
}

func TestStopDeletesEverythingAndStaysGone(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Publishes("soon gone")
		note := bob.Sees("Create", "soon gone")["object"].(world.JSON)
		actor := louise.Actor()
		if answer := louise.Says("stop"); !strings.Contains(answer, "yes") {
			t.Errorf("stop does not ask back: %q", answer)
		}
		louise.Says("stop yes")
		bob.Sees("Delete", actor)
		w.Until("the actor is gone", func() error { return w.Answers(actor, 410) })
		w.Until("the post is gone", func() error { return w.Answers(note["id"].(string), 410) })
		bob.FindsNothing(louise.Handle())
		if err := w.Answers(w.Gateway.URL("/.well-known/webfinger?resource=acct:"+louise.Handle()), 410); err != nil {
			t.Error(err)
		}
	})
}

func TestStrangersAreNotServed(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise := w.Person("louise")
		if answer := louise.Says("help"); !strings.Contains(answer, "start") {
			t.Errorf("help is %q", answer)
		}
		if answer := louise.Says("dance"); !strings.Contains(answer, "help") {
			t.Errorf("an unknown word is answered %q", answer)
		}
		if answer := louise.Says("start " + w.Server.Pubsub + " no-such-node"); strings.Contains(answer, "Turned on") {
			t.Errorf("a node that is not there was enrolled: %q", answer)
		}
		if answer := louise.Says("preview"); answer == "" {
			t.Error("preview says nothing")
		}
	})
}
