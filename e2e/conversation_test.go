//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// discussion is a post with comments that a follower has received.
type discussion struct {
	louise *world.Person
	bob    *world.Fan
	thread world.Thread
	post   string // its id on the Fediverse
}

// discuss lets louise publish a post with a comments node, and bob receive it.
func discuss(w *world.World, place world.Place, options ...string) discussion {
	w.T.Helper()
	d := discussion{louise: w.Person("louise"), bob: w.Fan("bob")}
	d.louise.Opens()
	d.louise.Starts()
	d.louise.Armed()
	d.bob.Follows(d.louise.Handle())
	d.thread = d.louise.Discusses("The tide is coming in", place, options...)
	d.post = fmt.Sprint(d.bob.SeesObject("Create", "The tide is coming in")["id"])
	return d
}

// heard is a place whose comments the gateway is told of: ejabberd without the
// snippet tells a component nothing of what stands on PEP.
func heard(w *world.World) world.Place {
	if w.Server.Flavour == xmppserver.Ejabberd {
		return world.CommentsService
	}
	return world.OwnPEP
}

// A reply appears as a comment, an edit changes it, a deletion takes it away.
func TestAReplyStandsUnderThePost(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		mark := d.louise.Client.Mark()
		reply := d.bob.Replies(d.post, "Bring boots")
		c := d.louise.SeesComment(d.thread, d.bob, "Bring boots")
		if !strings.HasPrefix(c.Page, d.bob.URL("/")) {
			t.Errorf("the comment's page is %q, want the one at %s", c.Page, world.PeerHost)
		}
		if !strings.Contains(c.Name, d.bob.User) {
			t.Errorf("the comment's author is called %q, want %q", c.Name, d.bob.User)
		}
		d.louise.Hears(mark, "answered")

		d.bob.Edits(reply.ID, "Bring high boots")
		edited := d.louise.SeesComment(d.thread, d.bob, "Bring high boots")
		if edited.ID != c.ID || edited.Published != c.Published {
			t.Errorf("the edit stands as %+v, want it in the place of %+v", edited, c)
		}
		if n := len(d.louise.Standing(d.thread)); n != 1 {
			t.Errorf("%d comments after an edit, want 1", n)
		}

		d.bob.Deletes(reply.ID)
		left := d.louise.SeesGone(d.thread, c.ID)
		ejabberd := w.Server.Flavour != xmppserver.Prosody
		if ejabberd && left.ID != "" {
			t.Errorf("ejabberd lets a publisher retract, but a tombstone stands: %+v", left)
		}
		if strings.Contains(left.Title+left.Text, "boots") {
			t.Errorf("the tombstone tells what was deleted: %+v", left)
		}
		d.louise.Settled()
		if n := d.louise.Heard(mark, "answered"); n != 1 {
			t.Errorf("louise was told %d times of one reply, want once", n)
		}
	})
}

// The blogger answers back and the replier is notified; the answer can be edited
// and retracted.
func TestTheAnswerReachesTheReplier(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, heard(w))
		reply := d.bob.Replies(d.post, "Bring boots")
		c := d.louise.SeesComment(d.thread, d.bob, "Bring boots")

		item := d.louise.Answers(d.thread, c, "Mine leak")
		create := d.bob.Sees("Create", "Mine leak")
		note, _ := create["object"].(world.JSON)
		if note["type"] != "Note" || note["inReplyTo"] != reply.ID || note["attributedTo"] != d.louise.Actor() {
			t.Errorf("the answer is a %v by %v to %v, want a Note by %s to %s", note["type"], note["attributedTo"], note["inReplyTo"], d.louise.Actor(), reply.ID)
		}
		if !mentions(note, d.bob) {
			t.Errorf("the answer mentions %v, want @%s %s", note["tag"], d.bob.Handle(), d.bob.ID)
		}
		if !strings.Contains(world.Flat(create["cc"])+world.Flat(create["to"]), d.bob.ID) || world.Flat(create["cc"]) != world.Flat(note["cc"]) {
			t.Errorf("the answer is addressed to %v cc %v, its note cc %v; want bob in both", create["to"], create["cc"], note["cc"])
		}
		if found := d.bob.Finds(fmt.Sprint(note["id"])); found["id"] != note["id"] {
			t.Errorf("the answer's id leads to %v", found)
		}

		d.louise.EditsComment(d.thread, item, "Mine leak a lot")
		if o := d.bob.SeesObject("Update", "Mine leak a lot"); o["id"] != note["id"] {
			t.Errorf("the edit is of %v, want %v", o["id"], note["id"])
		}
		d.louise.RetractsComment(d.thread, item)
		d.bob.Sees("Delete", fmt.Sprint(note["id"]))
		if err := w.Answers(fmt.Sprint(note["id"]), 410); err != nil {
			t.Error(err)
		}
		for _, r := range w.FromGateway() {
			if a := r.Activity(); a["type"] == "Create" && strings.Contains(world.Flat(a), "Bring boots") {
				t.Errorf("bob's own reply came back to him: %s", r.Body)
			}
		}
	})
}

// mentions tells whether an object has the Mention tag that notifies a fan.
func mentions(object world.JSON, f *world.Fan) bool {
	return slices.ContainsFunc(list(object["tag"]), func(tag world.JSON) bool {
		return tag["type"] == "Mention" && tag["href"] == f.ID && tag["name"] == "@"+f.Handle()
	})
}

// Movim puts comments on a comments service, Libervia on the pubsub service; the
// way back is a flat comment as Movim writes it.
func TestCommentsWhereClientsPutThem(t *testing.T) {
	for _, place := range []world.Place{world.CommentsService, world.PubsubService} {
		t.Run(string(place), func(t *testing.T) {
			everywhere(t, func(t *testing.T, w *world.World) {
				d := discuss(w, place)
				reply := d.bob.Replies(d.post, "Bring boots")
				c := d.louise.SeesComment(d.thread, d.bob, "Bring boots")
				d.louise.Comments(d.thread, "I have none")
				note := d.bob.SeesObject("Create", "I have none")
				if to := note["inReplyTo"]; to != d.post && to != reply.ID {
					t.Errorf("the comment answers %v, want the post %s or bob's reply %s", to, d.post, reply.ID)
				}
				d.bob.Deletes(reply.ID)
				d.louise.SeesGone(d.thread, c.ID)
			})
		})
	}
}

func TestAReplyToAReplyKeepsItsPlace(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		carol := w.Fan("carol")
		reply := d.bob.Replies(d.post, "Bring boots")
		first := d.louise.SeesComment(d.thread, d.bob, "Bring boots")
		if first.InReplyTo != "" && strings.Contains(first.InReplyTo, d.thread.Node) {
			t.Errorf("a reply to the post itself says it answers the comment %q", first.InReplyTo)
		}
		carol.Writes(world.Note{Text: "Sandals will do", InReplyTo: reply.ID, Mentions: []string{d.louise.Handle()}})
		second := d.louise.SeesComment(d.thread, carol, "Sandals will do")
		if second.Ref != first.AtomID || second.InReplyTo != d.thread.URI(first.ID) {
			t.Errorf("carol answers ref %q href %q, want ref %q href %q", second.Ref, second.InReplyTo, first.AtomID, d.thread.URI(first.ID))
		}
	})
}

// A stranger answers what louise commented: nobody knows him, nobody follows him.
func TestAStrangersReplyToACommentReachesTheThread(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		d.louise.Comments(d.thread, "By the way, it is Tuesday")
		comment := d.bob.SeesObject("Create", "it is Tuesday")
		stranger := w.FanAt(world.SecondHost, "stranger")
		stranger.Writes(world.Note{Text: "Wednesday here", InReplyTo: fmt.Sprint(comment["id"]), Nobody: true})
		d.louise.SeesComment(d.thread, stranger, "Wednesday here")
	})
}

func TestTwoRepliersFromOneHost(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		carol := w.Fan("carol")
		d.bob.Replies(d.post, "Bring boots")
		hers := carol.Replies(d.post, "Bring sandals")
		his := d.louise.SeesComment(d.thread, d.bob, "Bring boots")
		d.louise.SeesComment(d.thread, carol, "Bring sandals")
		carol.Edits(hers.ID, "Bring a towel")
		d.louise.SeesComment(d.thread, carol, "Bring a towel")
		if again := d.louise.SeesComment(d.thread, d.bob, "Bring boots"); again.ID != his.ID || len(d.louise.Standing(d.thread)) != 2 {
			t.Errorf("carol's edit changed more than her comment: %+v", d.louise.Reads(d.thread))
		}
		d.louise.Comments(d.thread, "I shall bring everything")
		note := d.bob.SeesObject("Create", "bring everything")
		for _, f := range []*world.Fan{d.bob, carol} {
			if !strings.Contains(world.Flat(note["cc"])+world.Flat(note["to"]), f.ID) {
				t.Errorf("%s takes part in the thread but is not addressed: to %v cc %v", f.Handle(), note["to"], note["cc"])
			}
		}
		w.ExactlyOnce(d.bob, "bring everything") // one shared inbox for both
	})
}

// Three servers, none of which sees all of the thread but through the gateway.
func TestThreeServersInOneThread(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		carol, dora := w.FanAt(world.SecondHost, "carol"), w.FanAt(world.ThirdHost, "dora")
		carol.Follows(d.louise.Handle())

		bobs := d.bob.Replies(d.post, "Bring boots")
		first := d.louise.SeesComment(d.thread, d.bob, "Bring boots")
		carol.SeesForwarded(d.bob, "Create", "Bring boots") // her server could not know of it

		carols := carol.Writes(world.Note{Text: "And a coat", InReplyTo: bobs.ID, Mentions: []string{d.louise.Handle()}})
		second := d.louise.SeesComment(d.thread, carol, "And a coat")
		doras := dora.Writes(world.Note{Text: "It is summer", InReplyTo: carols.ID, Mentions: []string{d.louise.Handle()}})
		third := d.louise.SeesComment(d.thread, dora, "It is summer")
		for _, c := range []struct{ child, parent world.Comment }{{second, first}, {third, second}} {
			if c.child.InReplyTo != d.thread.URI(c.parent.ID) || c.child.Ref != c.parent.AtomID {
				t.Errorf("%q answers ref %q href %q, want ref %q href %q", c.child.Title, c.child.Ref, c.child.InReplyTo, c.parent.AtomID, d.thread.URI(c.parent.ID))
			}
		}

		d.louise.Answers(d.thread, third, "You have not met our summers")
		for _, f := range []*world.Fan{d.bob, carol, dora} {
			note := f.SeesObject("Create", "our summers")
			if note["inReplyTo"] != doras.ID || !mentions(note, dora) {
				t.Errorf("%s sees an answer to %v with tags %v, want one to %s that mentions dora", f.Handle(), note["inReplyTo"], note["tag"], doras.ID)
			}
			w.ExactlyOnce(f, "our summers")
		}
	})
}

// Not everybody answers with a Note. Movim shows only the title of a comment, so
// everything is in there.
func TestRepliesOfOtherKinds(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		for _, c := range []struct {
			note world.Note
			want []string
		}{
			{world.Note{Kind: "Article", HTML: "<h1>Soles</h1><p>They wear <em>thin</em>.</p>", More: world.JSON{"name": "On boots"}}, []string{"On boots", "Soles", "They wear thin."}},
			{world.Note{Text: "What do you wear?", Kind: "Question", More: world.JSON{"oneOf": []world.JSON{{"type": "Note", "name": "boots"}, {"type": "Note", "name": "sandals"}}}}, []string{"What do you wear?", "boots", "sandals"}},
			{world.Note{Text: "Toes everywhere", More: world.JSON{"summary": "feet", "sensitive": true}}, []string{"⚠", "feet", "Toes everywhere"}},
			{world.Note{Text: "Look", More: world.JSON{"attachment": []world.JSON{{"type": "Document", "mediaType": "image/png", "url": d.bob.URL("/boots.png"), "name": "a pair of boots"}}}}, []string{"Look", "a pair of boots", d.bob.URL("/boots.png")}},
			{world.Note{HTML: `<p>Clean <script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:alert(3)">words</a></p>`}, []string{"Clean", "words"}},
		} {
			c.note.InReplyTo = d.post
			d.bob.Writes(c.note)
			got := d.louise.SeesComment(d.thread, d.bob, c.want[0])
			for _, part := range c.want {
				if !strings.Contains(got.Title, part) || !strings.Contains(got.Text, part) {
					t.Errorf("%s %q stands as title %q and text %q, want %q in both", c.note.Kind, c.note.Text, got.Title, got.Text, part)
				}
			}
			if s := got.Title + got.Text; strings.Contains(s, "alert") || strings.Contains(s, "<p>") {
				t.Errorf("%q is not clean", s)
			}
		}
		if n := len(d.louise.Standing(d.thread)); n != 5 {
			t.Errorf("%d comments stand, want 5", n)
		}
	})
}
