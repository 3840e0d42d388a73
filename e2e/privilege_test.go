//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// Prosody lets a publisher retract nothing; a gateway that may act for the
// server's accounts (XEP-0356) retracts as the owner of the node, and leaves no
// tombstone.
func TestADeletedReplyIsRetractedWithPrivileges(t *testing.T) {
	only(t, xmppserver.ProsodyPrivileged, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		reply := d.bob.Replies(d.post, "Bring boots")
		c := d.louise.SeesComment(d.thread, d.bob, "Bring boots")
		if c.Publisher != w.Virtual(d.bob) {
			t.Errorf("with privileges the comment was published by %q, want still %q", c.Publisher, w.Virtual(d.bob))
		}
		d.bob.Likes(d.post)
		d.louise.SeesHearts(d.thread, d.bob)
		d.bob.Deletes(reply.ID)
		if left := d.louise.SeesGone(d.thread, c.ID); left.ID != "" {
			t.Errorf("a tombstone stands although the gateway may retract: %+v", left)
		}
		d.louise.SeesHearts(d.thread, d.bob) // and nothing else was taken away
	})
}

// With privileges, and only for who wants it, the accounts that somebody follows are
// in their contact list; blocks are in both lists, wherever they were made.
func TestContactListsAndBlockListsAreKept(t *testing.T) {
	only(t, xmppserver.ProsodyPrivileged, func(t *testing.T, w *world.World) {
		louise, bob, carol := w.Person("louise"), w.Fan("bob"), w.Fan("carol")
		roster := func(want bool, part string) {
			t.Helper()
			w.Until(fmt.Sprintf("the contact list has %q: %v", part, want), func() error {
				r, err := louise.Client.IQ("get", "", `<query xmlns="jabber:iq:roster"/>`)
				if err == nil && strings.Contains(world.Whole(r), part) != want {
					err = fmt.Errorf("it is %s", world.Whole(r))
				}
				return err
			})
		}
		louise.FollowsFan(bob)
		if answer := louise.Says("roster on"); !strings.Contains(answer, "Fediverse") {
			t.Errorf("roster on is answered with %q", answer)
		}
		roster(true, w.Virtual(bob))
		louise.FollowsFan(carol)
		roster(true, w.Virtual(carol))

		louise.Says("block @" + carol.Handle())
		roster(false, w.Virtual(carol))
		blocked := func(want bool, who *world.Fan) {
			t.Helper()
			w.Until(fmt.Sprintf("%s is blocked: %v", who.User, want), func() error {
				r, err := louise.Client.IQ("get", "", `<blocklist xmlns="urn:xmpp:blocking"/>`)
				if err == nil && strings.Contains(world.Whole(r), w.Virtual(who)) != want {
					err = fmt.Errorf("the list is %s", world.Whole(r))
				}
				return err
			})
		}
		blocked(true, carol)
		louise.Says("unblock @" + carol.Handle())
		blocked(false, carol)

		if _, err := louise.Client.Must("set", "", fmt.Sprintf(`<block xmlns="urn:xmpp:blocking"><item jid="%s"/></block>`, w.Virtual(bob))); err != nil {
			t.Fatal(err)
		}
		louise.Starts()                                       // the gateway sees who is a contact of its own coming online
		w.Until("the gateway to be a contact", func() error { // before her client goes, and what it has not sent with it
			accepted := func(s world.Tapped) bool {
				return s.ToGateway && s.Name == "presence" && s.Attr["type"] == "subscribed"
			}
			if len(w.Tap.Since(0, accepted)) == 0 {
				return errNotYet
			}
			return nil
		})
		louise.LogsOut()
		louise.LogsIn()
		bob.Sees("Block", bob.ID)
		w.Until("louise does not follow bob any more", func() error {
			if answer := louise.Says("following"); strings.Contains(answer, bob.Handle()) {
				return fmt.Errorf("following: %q", answer)
			}
			return nil
		})
	})
}
