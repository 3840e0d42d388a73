//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/control"
	"isthmus/e2e/world"
)

// Where a reply cannot stand under the post, its author gets it as a message
// from the replier.
func TestAReplyWithoutAPlaceComesAsAMessage(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		louise.Armed()
		bob.Follows(louise.Handle())
		louise.Publishes("No comments, please")
		post := fmt.Sprint(bob.SeesObject("Create", "No comments, please")["id"])
		bob.Replies(post, "I say something all the same")
		body := louise.GetsMessage(bob, "all the same")
		if !strings.Contains(body, bob.URL("/")) {
			t.Errorf("the message has no link to the original: %q", body)
		}
		bob.Replies(post, "And once more")
		louise.GetsMessage(bob, "And once more")

		closed := louise.Discusses("Only I may comment", world.OwnPEP, "pubsub#publish_model=publishers")
		post = fmt.Sprint(bob.SeesObject("Create", "Only I may comment")["id"])
		bob.Replies(post, "Knock knock")
		louise.GetsMessage(bob, "Knock knock")
		louise.SeesNo(closed, "Knock knock")
		for _, words := range []string{"all the same", "And once more", "Knock knock"} {
			if n := louise.Messages(bob, words); n != 1 {
				t.Errorf("%d messages with %q, want 1", n, words)
			}
		}
		if n := louise.Messages(bob, "You get this as a message because"); n != 1 {
			t.Errorf("louise was told %d times why replies come as messages, want once", n)
		}
	})
}

func TestPrivateRepliesStayOutOfTheNode(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		mark := w.Tap.Mark()
		d.bob.Writes(world.Note{Text: "whispered to followers", InReplyTo: d.post, Visibility: "followers"})
		d.louise.GetsMessage(d.bob, "whispered to followers")
		d.bob.Writes(world.Note{Text: "whispered to louise", InReplyTo: d.post, Visibility: "direct", Way: world.Way{Via: "personal"}})
		d.louise.GetsMessage(d.bob, "whispered to louise")
		d.bob.Writes(world.Note{Text: "said quietly", InReplyTo: d.post, Visibility: "unlisted"})
		d.louise.SeesComment(d.thread, d.bob, "said quietly")
		d.louise.SeesNo(d.thread, "whispered")
		for _, s := range w.Tap.Since(mark, func(s world.Tapped) bool { return !s.ToGateway && s.Name == "iq" }) {
			if strings.Contains(s.String(), "whispered") {
				t.Errorf("a private reply was published: %s", s)
			}
		}
		page := fmt.Sprint(d.bob.Gets(d.post)["url"])
		for _, what := range []string{d.post, d.post + "/replies", "/@" + d.louise.User} {
			if strings.HasPrefix(what, "/") {
				what = w.Gateway.URL(what)
			}
			for _, accept := range []string{"text/html", "application/activity+json"} {
				if _, body := w.Fetch(what, accept); strings.Contains(body, "whispered") {
					t.Errorf("%s (beside %s) tells a private reply", what, page)
				}
			}
		}
	})
}

func TestAMentionComesAsAMessage(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob") // a blog is not needed
		louise.Opens()
		louise.Starts()
		bob.Writes(world.Note{Text: "have you seen the tide?", Mentions: []string{louise.Handle()}})
		if body := louise.GetsMessage(bob, "have you seen the tide?"); !strings.Contains(body, bob.URL("/")) {
			t.Errorf("the message has no link to the original: %q", body)
		}
		paul := w.Person("paul") // who never said start
		bob.Sends(louise.Handle(), world.JSON{"type": "Create", "to": "https://www.w3.org/ns/activitystreams#Public", "object": world.JSON{
			"id": bob.URL("/notes/hand-made"), "type": "Note", "attributedTo": bob.ID, "content": "<p>and you, paul?</p>", "to": "https://www.w3.org/ns/activitystreams#Public",
			"tag": world.JSON{"type": "Mention", "href": w.Gateway.URL("/@" + paul.User), "name": "@" + paul.Handle()},
		}})
		bob.Writes(world.Note{Text: "still there?", Mentions: []string{louise.Handle()}})
		louise.GetsMessage(bob, "still there?")
		paul.Settled()
		if n := paul.Messages(bob, "and you, paul?") + louise.Messages(bob, "and you, paul?"); n != 0 {
			t.Errorf("a mention of somebody who is not enrolled was delivered %d times", n)
		}
	})
}

func TestAMutedAccountIsNotHeard(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		carol := w.Fan("carol")
		d.louise.Says("mute " + d.bob.Handle())
		mark := d.louise.Client.Mark()
		d.bob.Replies(d.post, "Bring boots")
		d.bob.Writes(world.Note{Text: "hello?", Mentions: []string{d.louise.Handle()}})
		d.bob.Likes(d.post)
		d.bob.Settled(d.louise)
		carol.Replies(d.post, "Bring sandals")
		d.louise.SeesComment(d.thread, carol, "Bring sandals")
		d.louise.SeesNo(d.thread, "Bring boots")
		if n := d.louise.Messages(d.bob, ""); n != 0 {
			t.Errorf("%d messages of a muted account, want none", n)
		}
		if n := d.louise.Heard(mark, d.bob.Handle()); n != 0 {
			t.Errorf("louise was told %d times of a muted account, want never", n)
		}

		d.louise.Says("unmute " + d.bob.Handle())
		d.bob.Replies(d.post, "Can you hear me now?")
		d.louise.SeesComment(d.thread, d.bob, "Can you hear me now?")
	})
}

// What is told is the blogger's choice; what stands under a post is not touched by it.
func TestWhatABloggerWantsToHear(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		d.louise.Hears(0, d.bob.Handle()+") follows you now")
		if answer := d.louise.Says("notify replies off"); !strings.Contains(answer, "replies: off") {
			t.Errorf("notify answers %q", answer)
		}
		d.louise.Says("notify follows off")
		d.louise.Says("notify likes off")
		mark := d.louise.Client.Mark()
		carol := w.Fan("carol")
		carol.Follows(d.louise.Handle())
		carol.Likes(d.post)
		reply := d.bob.Replies(d.post, "Bring boots")
		d.louise.SeesComment(d.thread, d.bob, "Bring boots")
		d.louise.SeesHearts(d.thread, carol)
		w.Until("the gateway knows that it stands", func() error { // and has told whom it tells
			if trace := asks[control.Trace](t, w, "trace", reply.ID); !strings.Contains(fmt.Sprint(trace.Hops), "it stands as item") {
				return fmt.Errorf("%+v", trace)
			}
			return nil
		})
		d.louise.Says("notify replies on")
		d.bob.Replies(d.post, "Bring high boots")
		d.louise.Hears(mark, "Bring high boots")
		for _, words := range []string{"Bring boots", "follows you now", "liked"} {
			if n := d.louise.Heard(mark, words); n != 0 {
				t.Errorf("louise was told %d times %q, which she does not want to hear", n, words)
			}
		}
	})
}
