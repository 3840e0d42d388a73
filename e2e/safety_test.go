//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// Who is blocked is gone for the blogger, both ways, and their server is told.
func TestABlockedAccountIsKeptAway(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		carol, mark := w.Fan("carol"), d.louise.Client.Mark()
		carol.Follows(d.louise.Handle())
		d.louise.Hears(mark, carol.User) // or it would be taken for the answer
		if answer := d.louise.Says("block @" + d.bob.Handle()); !strings.Contains(answer, "Followers removed: 1") {
			t.Errorf("block is answered with %q", answer)
		}
		block := d.bob.Sees("Block", d.bob.ID)
		d.bob.Replies(d.post, "Bring boots")
		d.bob.Whispers("hello?", d.louise)
		follow := d.bob.Asks(d.louise.Handle())
		d.bob.Answered("Reject", follow)
		d.louise.Publishes("For everybody but bob")
		carol.SeesObject("Create", "For everybody but bob")
		carol.Replies(d.post, "Bring sandals")
		d.louise.SeesComment(d.thread, carol, "Bring sandals")
		d.louise.SeesNo(d.thread, "Bring boots")
		if n := d.louise.Messages(d.bob, ""); n != 0 {
			t.Errorf("%d messages of a blocked account", n)
		}
		id := d.louise.Chats(d.bob, "One more thing")
		if condition, text := d.louise.Bounced(id); condition != "not-allowed" || text == "" {
			t.Errorf("a message to who is blocked comes back as %s with %q", condition, text)
		}
		d.louise.Says("unblock @" + d.bob.Handle())
		d.bob.Sees("Undo", fmt.Sprint(block["id"]))
		d.louise.Chats(d.bob, "We talk again")
		d.bob.SeesObject("Create", "We talk again")

		d.bob.Sends(d.louise.Handle(), world.JSON{"id": d.bob.URL("/blocks/" + d.louise.User), "type": "Block", "object": block["actor"]})
		d.bob.Whispers("that was the last word", d.louise)
		d.louise.GetsMessage(d.bob, "that was the last word")
		id = d.louise.Chats(d.bob, "Why?")
		if condition, _ := d.louise.Bounced(id); condition != "forbidden" {
			t.Errorf("a message to who blocks comes back as %s", condition)
		}
		d.bob.SawNothing("Why?")
	})
}

// Reports go to those who run the servers, both ways; what the admin decides about a
// server holds.
func TestReportsAndTheAdmin(t *testing.T) {
	on(t, xmppserver.All, func(t *testing.T, f xmppserver.Flavour) {
		w := world.Prepare(t, ground, f)
		w.Gateway.Rewrite("[admin]\n", "[admin]\njids = [\"admin@"+w.Server.Domain+"\"]\n")
		w.Gateway.Start()
		admin, louise, bob := w.Admin(), w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		louise.Armed()
		bob.Follows(louise.Handle())
		if answer := louise.Says("queue"); !strings.Contains(answer, "I do not know") {
			t.Errorf("the admin's command answers louise %q", answer)
		}

		mark := admin.Client.Mark()
		bob.Sends(louise.Handle(), world.JSON{"id": bob.URL("/flags/1"), "type": "Flag", "content": "Not nice", "object": []any{louise.Actor()}})
		admin.Hears(mark, "Not nice")
		if answer := admin.Says("report 1 show"); !strings.Contains(answer, louise.JID) {
			t.Errorf("the report is %q", answer)
		}
		louise.Says("report @" + bob.Handle())
		louise.Says("It says the same to everybody")
		louise.Says("yes")
		flag := bob.Sees("Flag", "the same to everybody")
		if strings.Contains(world.Flat(flag), louise.User) {
			t.Errorf("the report names who wrote it: %v", flag)
		}
		admin.Hears(mark, "the same to everybody")

		carol := w.FanAt(world.SecondHost, "carol")
		carol.Follows(louise.Handle())
		if answer := admin.Says("domain block " + world.SecondHost + " Only advertisements"); !strings.Contains(answer, "Followers from there: 1") {
			t.Errorf("domain block asks %q", answer)
		}
		admin.Says("yes")
		louise.Says("followers")
		carol.Whispers("buy something", louise)
		louise.Publishes("After the block")
		bob.SeesObject("Create", "After the block")
		carol.SawNothing("After the block")
		if n := louise.Messages(carol, ""); n != 0 {
			t.Errorf("%d messages from a blocked server", n)
		}
		if answer := louise.Says("find @" + carol.Handle()); strings.Contains(answer, "Address:") {
			t.Errorf("a blocked server is found: %q", answer)
		}

		admin.Says("suspend " + louise.JID)
		admin.Says("yes")
		if answer := louise.Says("start"); !strings.Contains(answer, "suspended") && !strings.Contains(answer, "admin") {
			t.Errorf("who is suspended starts: %q", answer)
		}
		admin.Says("unsuspend " + louise.JID)
		heard := louise.Client.Mark()
		admin.Says("announce The gateway moves tonight.")
		admin.Says("yes")
		louise.Hears(heard, "The gateway moves tonight.")
	})
}
