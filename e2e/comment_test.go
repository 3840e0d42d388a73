//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// A comment goes out in the name of who wrote it, if that person is enrolled; who
// is not stays in XMPP and is only counted.
func TestCommentsOfOthersUnderAPost(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, heard(w))
		marie, paul, carol := w.Person("marie"), w.Person("paul"), w.Fan("carol")
		marie.Opens()
		marie.Starts()
		carol.Follows(marie.Handle())
		d.bob.Replies(d.post, "Bring boots")
		d.louise.SeesComment(d.thread, d.bob, "Bring boots")

		paul.Comments(d.thread, "I only read XMPP")
		item := marie.Comments(d.thread, "I have two pairs")
		for _, f := range []*world.Fan{d.bob, carol} { // who takes part, and who follows marie
			note := f.SeesObject("Create", "two pairs")
			if note["attributedTo"] != marie.Actor() || note["inReplyTo"] == nil {
				t.Errorf("%s sees a comment by %v in answer to %v, want one by %s", f.Handle(), note["attributedTo"], note["inReplyTo"], marie.Actor())
			}
		}
		counts(w, d, "replies", 3)
		marie.EditsComment(d.thread, item, "I have three pairs")
		if o := carol.SeesObject("Update", "three pairs"); o["attributedTo"] != marie.Actor() {
			t.Errorf("the edit is attributed to %v, want %s", o["attributedTo"], marie.Actor())
		}
		d.bob.SawNothing("only read XMPP")
		carol.SawNothing("only read XMPP")

		page := d.bob.Gets(fmt.Sprint(d.bob.Gets(d.post + "/replies")["first"]))
		if strings.Contains(world.Flat(page), paul.User) {
			t.Errorf("the replies tell of somebody who is not enrolled: %v", page)
		}
		if _, body := w.Fetch(w.Gateway.URL("/@"+marie.User), "text/html"); strings.Contains(body, "three pairs") {
			t.Error("marie's page shows a comment as if it were a post of her blog")
		}
	})
}

// Any comment of an enrolled person can be taken back; here by who wrote it, where
// the server allows that.
func TestACommentIsTakenBack(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, heard(w))
		item := d.louise.Comments(d.thread, "Never mind")
		note := d.bob.SeesObject("Create", "Never mind")
		if note["inReplyTo"] != d.post {
			t.Errorf("a comment under the post answers %v, want %s", note["inReplyTo"], d.post)
		}
		looked(w, d)
		counts(w, d, "replies", 1)
		if page := d.bob.Gets(fmt.Sprint(d.bob.Gets(d.post + "/replies")["first"])); !strings.Contains(world.Flat(page), fmt.Sprint(note["id"])) {
			t.Errorf("the replies do not list the comment %v: %v", note["id"], page)
		}
		d.louise.RetractsComment(d.thread, item)
		d.bob.Sees("Delete", fmt.Sprint(note["id"]))
		counts(w, d, "replies", 0)
	})
}

// looked waits until the gateway has read the comments again, as it does now and
// then, and done with it what there was to do. Prosody does not say then who
// published them.
func looked(w *world.World, d discussion) {
	w.T.Helper()
	mark := w.Tap.Mark()
	w.Until("the gateway has read the comments twice", func() error {
		n := len(w.Tap.Since(mark, func(s world.Tapped) bool {
			items := s.Find("pubsub/items")
			return !s.ToGateway && s.Name == "iq" && items != nil && items.Attr["node"] == d.thread.Node && len(items.Children) == 0
		}))
		if n < 2 { // it has dealt with the first when it reads again
			return fmt.Errorf("%d times", n)
		}
		return nil
	})
}

// Bob's reply can be answered at its own place, on his virtual account.
func TestACommentUnderAFediversePost(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		reply := d.bob.Replies(d.post, "Bring boots")
		c := d.louise.SeesComment(d.thread, d.bob, "Bring boots")
		his := w.Below(c, d.bob)
		item := d.louise.Comments(his, "Mine leak")
		note := d.bob.SeesObject("Create", "Mine leak")
		if note["inReplyTo"] != reply.ID || note["attributedTo"] != d.louise.Actor() || !mentions(note, d.bob) {
			t.Errorf("the answer is %v, want one of %s to %s that mentions bob", note, d.louise.Actor(), reply.ID)
		}
		paul := w.Person("paul") // who never said start
		if answer, err := paul.Client.IQ("set", his.Service, `<pubsub xmlns="http://jabber.org/protocol/pubsub"><publish node="`+his.Node+`"><item id="paul-was-here">`+
			world.Entry{ID: "paul-was-here", Title: "Not enrolled", Author: paul.JID}.XML()+`</item></publish></pubsub>`); err != nil || answer.Condition() == "" {
			t.Errorf("somebody who is not enrolled may publish: %v %+v", err, answer)
		}
		d.louise.RetractsComment(his, item)
		d.bob.Sees("Delete", fmt.Sprint(note["id"]))
		d.bob.SawNothing("Not enrolled")
	})
}

// Sharing with words of one's own is a quote (Movim: thr:in-reply-to in a post of
// the own blog).
func TestAShareIsAQuote(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		marie := w.Person("marie")
		marie.Opens()
		marie.Starts()
		marie.Armed()
		d.bob.Follows(marie.Handle())
		blog := world.Thread{Service: d.louise.JID, Node: world.Microblog}
		marie.Writes(world.Entry{
			ID: "share-by-" + marie.User, Title: "Listen to louise", Author: marie.JID, AuthorName: marie.User,
			Links: fmt.Sprintf(`<thr:in-reply-to xmlns:thr="http://purl.org/syndication/thread/1.0" ref="%s" href="%s"/>`, d.thread.Item, world.Escape(blog.URI(d.thread.Item))),
		})
		note := d.bob.SeesObject("Create", "Listen to louise")
		if note["attributedTo"] != marie.Actor() || note["inReplyTo"] != nil {
			t.Errorf("the share is by %v in answer to %v, want a note of %s that answers nothing", note["attributedTo"], note["inReplyTo"], marie.Actor())
		}
		for _, member := range []string{"quote", "quoteUrl", "quoteUri", "_misskey_quote"} {
			if note[member] != d.post {
				t.Errorf("%s is %v, want %s", member, note[member], d.post)
			}
		}
		code, stamp := w.Fetch(fmt.Sprint(note["quoteAuthorization"]), "application/activity+json")
		for _, part := range []string{`"QuoteAuthorization"`, fmt.Sprint(note["id"]), d.post, d.louise.Actor()} {
			if code != 200 || !strings.Contains(stamp, part) {
				t.Errorf("the stamp is %d %s, want one with %s", code, stamp, part)
			}
		}
		if content := fmt.Sprint(note["content"]); !strings.Contains(content, "RE:") || !strings.Contains(content, w.Gateway.Component) {
			t.Errorf("the share has no link for those who know no quotes: %s", content)
		}
	})
}

// Repeating without a word is an Announce (Libervia: a copy with rel='via').
func TestARepeatIsAnAnnounce(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		marie := w.Person("marie")
		marie.Opens()
		marie.Starts()
		marie.Armed()
		d.bob.Follows(marie.Handle())
		blog := world.Thread{Service: d.louise.JID, Node: world.Microblog}
		id := "repeat-by-" + marie.User
		marie.Writes(world.Entry{
			ID: id, Title: "The tide is coming in", Author: d.louise.JID, AuthorName: d.louise.User,
			Links: `<link rel="via" href="` + world.Escape(blog.URI(d.thread.Item)) + `"/>`,
		})
		announce := d.bob.Sees("Announce", d.post)
		if announce["actor"] != marie.Actor() || announce["object"] != d.post {
			t.Errorf("the repeat is %v, want an Announce of %s by %s", announce, d.post, marie.Actor())
		}
		counts(w, d, "shares", 1)
		marie.Retracts(id)
		if w.Server.Flavour == xmppserver.Ejabberd {
			return // see TestAFediverseAccountFollowsAnXMPPBlog
		}
		undo := d.bob.Answered("Undo", fmt.Sprint(announce["id"]))
		if inner, _ := undo["object"].(world.JSON); inner["type"] != "Announce" || inner["object"] != d.post {
			t.Errorf("the Undo holds %v, want the whole Announce", undo["object"])
		}
		counts(w, d, "shares", 0)
		w.ExactlyOnce(d.bob, "The tide is coming in") // never as a post of marie's
	})
}

// A reply to what is gone finds nobody there, and disturbs nothing.
func TestAReplyToADeletedPost(t *testing.T) {
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f)
		d := discuss(w, world.OwnPEP)
		d.bob.Replies(d.post, "In time")
		d.louise.SeesComment(d.thread, d.bob, "In time")
		d.louise.Retracts(d.thread.Item)
		d.bob.Sees("Delete", d.post)
		for range 2 {
			d.bob.Writes(world.Note{Text: "Too late", InReplyTo: d.post, Mentions: []string{d.louise.Handle()}})
			d.bob.Likes(d.post)
			d.bob.Settled(d.louise)
		}
		d.louise.SeesNo(d.thread, "Too late")
		d.louise.SeesHearts(d.thread)
		if err := w.Answers(d.post+"/replies", 410); err != nil {
			if other := w.Answers(d.post+"/replies", 404); other != nil {
				t.Errorf("the replies of a deleted post: %v", err)
			}
		}
		again := d.louise.Discusses("Another tide", world.OwnPEP)
		post := fmt.Sprint(d.bob.SeesObject("Create", "Another tide")["id"])
		d.bob.Replies(post, "In time again")
		d.louise.SeesComment(again, d.bob, "In time again")
	})
}
