//go:build e2e

package e2e

import (
	"testing"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// Prosody lets a publisher retract nothing; a gateway that may act for the
// server's accounts (XEP-0356) retracts as the owner of the node, and leaves no
// tombstone.
func TestADeletedReplyIsRetractedWithPrivileges(t *testing.T) {
	on(t, []xmppserver.Flavour{xmppserver.ProsodyPrivileged}, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f)
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
