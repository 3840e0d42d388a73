//go:build e2e

package e2e

import (
	"fmt"
	"testing"

	"isthmus/e2e/world"
)

// Nobody speaks for somebody else. Every attempt stands beside the same thing
// done right, which has its effect.
func TestNobodySpeaksForAnother(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		mallory := w.FanAt(world.SecondHost, "mallory")
		inbox := w.Inbox(d.louise.Actor())
		public := []string{"https://www.w3.org/ns/activitystreams#Public"}
		n := 0
		note := func(id, author, text string) world.JSON {
			return world.JSON{"id": id, "type": "Note", "attributedTo": author, "inReplyTo": d.post, "content": "<p>" + text + "</p>", "to": public}
		}
		activity := func(typ, actor string, object any) world.JSON {
			n++
			return world.JSON{"id": fmt.Sprintf("%s/activities/forged-%d", mallory.URL(""), n), "type": typ, "actor": actor, "object": object, "to": public}
		}
		mine := func() string { n++; return fmt.Sprintf("%s/notes/made-%d", mallory.URL(""), n) }

		reply := d.bob.Replies(d.post, "these are my words")
		c := d.louise.SeesComment(d.thread, d.bob, "these are my words")
		like := d.bob.Likes(d.post)
		d.louise.SeesHearts(d.thread, d.bob)

		// the signature is another's: refused at the door
		for what, body := range map[string]world.JSON{
			"Create": activity("Create", d.bob.ID, note(d.bob.URL("/notes/forged"), d.bob.ID, "forged words")),
			"Update": activity("Update", d.bob.ID, note(reply.ID, d.bob.ID, "forged words")),
			"Delete": activity("Delete", d.bob.ID, reply.ID),
			"Undo":   activity("Undo", d.bob.ID, world.JSON{"id": like, "type": "Like", "actor": d.bob.ID, "object": d.post}),
		} {
			if status := mallory.Posts(inbox, body); status != 401 && status != 403 {
				t.Errorf("a %s in bob's name, signed by mallory, is answered %d, want 401 or 403", what, status)
			}
		}
		// the signature is good, but it is not the signer's to do
		for _, body := range []world.JSON{
			activity("Create", mallory.ID, note(mine(), d.bob.ID, "forged words, another author")),
			activity("Create", mallory.ID, note(d.bob.URL("/notes/forged"), d.bob.ID, "forged words, on bob's host")),
			activity("Create", mallory.ID, note(d.bob.URL("/notes/forged"), mallory.ID, "forged words, own name on bob's host")),
			activity("Announce", mallory.ID, note(d.bob.URL("/notes/forged"), d.bob.ID, "forged words, announced")),
			activity("Announce", mallory.ID, activity("Create", d.bob.ID, note(d.bob.URL("/notes/forged"), d.bob.ID, "forged words, announced twice"))),
			activity("Update", mallory.ID, note(reply.ID, d.bob.ID, "forged words, changed")),
			activity("Update", mallory.ID, note(reply.ID, mallory.ID, "forged words, taken over")),
			activity("Delete", mallory.ID, reply.ID),
			activity("Delete", mallory.ID, world.JSON{"id": reply.ID, "type": "Tombstone"}),
			activity("Undo", mallory.ID, world.JSON{"id": like, "type": "Like", "actor": d.bob.ID, "object": d.post}),
			activity("Undo", mallory.ID, like),
		} {
			if status := mallory.Posts(inbox, body); status/100 != 2 && status/100 != 4 {
				t.Errorf("%v of %v is answered %d", body["type"], body["object"], status)
			}
		}
		// and the same done right
		words := "my own words"
		if status := mallory.Posts(inbox, activity("Create", mallory.ID, note(mine(), mallory.ID, words))); status != 202 {
			t.Errorf("an honest Create is answered %d, want 202", status)
		}
		d.louise.SeesComment(d.thread, mallory, words)
		d.bob.Settled(d.louise)
		d.louise.SeesNo(d.thread, "forged words")
		if now := d.louise.SeesComment(d.thread, d.bob, "these are my words"); now.ID != c.ID {
			t.Errorf("bob's comment moved from %+v to %+v", c, now)
		}
		if n := len(d.louise.Standing(d.thread)); n != 2 {
			t.Errorf("%d comments stand, want bob's and mallory's: %+v", n, d.louise.Standing(d.thread))
		}
		d.louise.SeesHearts(d.thread, d.bob)
		counts(w, d, "likes", 1)
		counts(w, d, "replies", 2)
		if n := d.louise.Messages(d.bob, "forged words") + d.louise.Messages(mallory, "forged words"); n != 0 {
			t.Errorf("%d messages with forged words", n)
		}
	})
}

// An entry that claims another author than its publisher does not go out, in
// nobody's name.
func TestACommentInAnothersNameGoesNowhere(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, heard(w))
		marie := w.Person("marie")
		marie.Opens()
		marie.Starts()
		d.bob.Follows(marie.Handle())
		d.bob.Replies(d.post, "Bring boots")
		d.louise.SeesComment(d.thread, d.bob, "Bring boots")
		marie.Comments(d.thread, "I, marie, like boots") // from now on the gateway is told of comments
		if o := d.bob.SeesObject("Create", "like boots"); o["attributedTo"] != marie.Actor() {
			t.Errorf("marie's comment is attributed to %v, want %s", o["attributedTo"], marie.Actor())
		}
		marie.CommentsAs(d.thread, world.Entry{Title: "I, louise, hate boots", Author: d.louise.JID, AuthorName: "Louise"})
		marie.CommentsAs(d.thread, world.Entry{Title: "I, bob, hate boots", Author: w.Virtual(d.bob), AuthorName: "Bob"})
		for _, words := range []string{"I, marie, said so", "and I mean it"} {
			marie.Comments(d.thread, words)
			d.bob.Sees("Create", words)
		}
		d.bob.SawNothing("hate boots")
	})
}
