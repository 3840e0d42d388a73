//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// Movim's way, which works on every server: a like is a comment that is a heart.
func TestALikeIsAHeart(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		carol := w.Fan("carol")
		mark := d.louise.Client.Mark()
		his := d.bob.Likes(d.post)
		d.louise.SeesHearts(d.thread, d.bob)
		carol.Reacts(d.post, "🎉") // where nothing but hearts can be shown
		d.louise.SeesHearts(d.thread, d.bob, carol)
		d.louise.Hears(mark, "like") // the digest
		counts(w, d, "likes", 2)
		d.bob.Undoes(his)
		d.louise.SeesHearts(d.thread, carol)
		looked(w, d)
		counts(w, d, "likes", 1)
		counts(w, d, "replies", 0) // neither hearts nor what is left of them
		d.bob.Likes(d.post)
		d.louise.SeesHearts(d.thread, d.bob, carol)
		counts(w, d, "likes", 2)
	})
}

// Where the author's client has made a node for attachments (XEP-0470), likes and
// reactions are there and no heart stands among the comments.
func TestLikesAndReactionsAreAttached(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		d.louise.OpensAttachments(d.thread)
		like := d.bob.Likes(d.post)
		d.louise.SeesAttached(d.thread, d.bob, true)
		react := d.bob.Reacts(d.post, "🎉")
		d.louise.SeesAttached(d.thread, d.bob, true, "🎉")
		d.bob.Sends(d.louise.Handle(), world.JSON{ // Misskey's way; a second reaction of one actor
			"@context": []any{"https://www.w3.org/ns/activitystreams", world.JSON{"_misskey_reaction": "https://misskey-hub.net/ns#_misskey_reaction"}},
			"type":     "Like", "object": d.post, "content": "🌊", "_misskey_reaction": "🌊",
		})
		d.louise.SeesAttached(d.thread, d.bob, true, "🎉", "🌊")
		d.bob.Undoes(like)
		d.louise.SeesAttached(d.thread, d.bob, false, "🎉", "🌊")
		d.bob.Undoes(react)
		d.louise.SeesAttached(d.thread, d.bob, false, "🌊")
		counts(w, d, "likes", 1)
		d.louise.SeesHearts(d.thread)
	})
}

func TestLikesAsTheAdminWants(t *testing.T) {
	setting := func(value string) string {
		return strings.Replace(world.Quick(""), "[blog]\n", "[blog]\nlikes = \""+value+"\"\n", 1)
	}
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		t.Run("comments", func(t *testing.T) {
			w := world.New(t, ground, f, setting("comments"))
			d := discuss(w, world.OwnPEP)
			d.louise.OpensAttachments(d.thread)
			d.bob.Likes(d.post)
			d.louise.SeesHearts(d.thread, d.bob)
			d.louise.SeesAttached(d.thread, d.bob, false)
		})
		t.Run("off", func(t *testing.T) {
			w := world.New(t, ground, f, setting("off"))
			d := discuss(w, world.OwnPEP)
			d.louise.OpensAttachments(d.thread)
			d.bob.Likes(d.post)
			d.bob.Replies(d.post, "I said I like it")
			d.louise.SeesComment(d.thread, d.bob, "I said I like it")
			counts(w, d, "likes", 1) // counted all the same
			d.louise.SeesHearts(d.thread)
			d.louise.SeesAttached(d.thread, d.bob, false)
		})
	})
}

func TestABoostIsCountedAndTold(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		carol := w.FanAt(world.SecondHost, "carol")
		mark := d.louise.Client.Mark()
		his := d.bob.Boosts(d.post)
		carol.Boosts(d.post)
		counts(w, d, "shares", 2)
		d.louise.Hears(mark, "boost")
		d.bob.Undoes(his)
		counts(w, d, "shares", 1)
		if first := d.bob.Gets(fmt.Sprint(d.bob.Gets(d.post + "/shares")["first"])); strings.Contains(world.Flat(first), d.bob.ID) {
			t.Errorf("the shares still name bob: %v", first)
		}
		if n := len(d.louise.Standing(d.thread)); n != 0 {
			t.Errorf("a boost stands among the comments: %+v", d.louise.Standing(d.thread))
		}
	})
}

// Several likes and boosts within the interval are one message; what was taken
// back meanwhile is not in it.
func TestLikesAndBoostsAreDigested(t *testing.T) {
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f, strings.Replace(world.Quick(""), `digest = "1s"`, `digest = "6s"`, 1))
		d := discuss(w, world.OwnPEP)
		carol, dora := w.Fan("carol"), w.Fan("dora")
		mark := d.louise.Client.Mark()
		d.bob.Likes(d.post)
		dora.Likes(d.post)
		d.bob.Boosts(d.post)
		carol.Undoes(carol.Likes(d.post)) // taken back before anybody was told
		digest := d.louise.Hears(mark, "like")
		if !strings.Contains(strings.ToLower(digest), "boost") {
			t.Errorf("the digest is %q, want likes and boosts in one message", digest)
		}
		if n := d.louise.Heard(mark, "like"); n != 1 {
			t.Errorf("louise was told %d times of likes, want once", n)
		}
		if strings.Contains(digest, carol.User) {
			t.Errorf("the digest is %q, with a like that was taken back", digest)
		}
	})
}

// What louise likes is told to its author, and taken back with the whole Like.
func TestAHeartIsALike(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, heard(w))
		marie := w.Person("marie")
		marie.Opens()
		marie.Starts()
		d.bob.Follows(marie.Handle())
		marie.Watches(d.thread.Service, d.thread.Node)
		// her heart under louise's post is a like of louise's post
		heart := marie.Hearts(d.thread)
		counts(w, d, "likes", 1)
		if w.Server.Flavour != xmppserver.Prosody { // which lets only the owner retract
			marie.RetractsComment(d.thread, heart)
			counts(w, d, "likes", 0)
		}

		reply := d.bob.Replies(d.post, "Bring boots")
		c := d.louise.SeesComment(d.thread, d.bob, "Bring boots")
		his := w.Below(c, d.bob)
		item := d.louise.Hearts(his)
		like := d.bob.Answered("Like", reply.ID)
		if like["actor"] != d.louise.Actor() {
			t.Errorf("the Like is by %v, want %s", like["actor"], d.louise.Actor())
		}
		d.louise.RetractsComment(his, item)
		undo := d.bob.Answered("Undo", fmt.Sprint(like["id"]))
		if inner, _ := undo["object"].(world.JSON); inner["type"] != "Like" || inner["object"] != reply.ID {
			t.Errorf("the Undo holds %v, want the whole Like", undo["object"])
		}
	})
}

// The same by XEP-0470, as Libervia does it; here under an XMPP post, whose likes
// are counted for everybody.
func TestAnAttachmentIsALike(t *testing.T) {
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f)
		d := discuss(w, world.OwnPEP)
		marie := w.Person("marie")
		marie.Opens()
		marie.Starts()
		d.louise.OpensAttachments(d.thread)
		attach := func(noticed bool, reactions ...string) {
			marie.Attaches(d.louise.JID, world.Microblog, d.thread.Item, noticed, reactions...)
		}
		attach(true, "🌊")
		counts(w, d, "likes", 1)
		attach(false)
		counts(w, d, "likes", 0)
	})
}

// And under a Fediverse post, whose author is told.
func TestAnAttachmentToAFediversePost(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		reply := d.bob.Replies(d.post, "Bring boots")
		c := d.louise.SeesComment(d.thread, d.bob, "Bring boots")
		attach := func(noticed bool, reactions ...string) {
			d.louise.Attaches(w.Virtual(d.bob), world.Microblog, c.ID, noticed, reactions...)
		}
		attach(true)
		like := d.bob.Answered("Like", reply.ID)
		if like["content"] != nil {
			t.Errorf("“noticed” went out as a reaction %v, want a plain Like", like["content"])
		}
		attach(true, "🥾")
		reaction := d.bob.Sees("Like", "🥾") // which servers that know no reactions take for a like
		if reaction["object"] != reply.ID || reaction["id"] == like["id"] {
			t.Errorf("the reaction is %v", reaction)
		}
		attach(false)
		for _, a := range []world.JSON{like, reaction} {
			d.bob.Answered("Undo", fmt.Sprint(a["id"]))
		}
	})
}
