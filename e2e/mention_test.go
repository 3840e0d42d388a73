//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// Who is named in a post is told of it, follower or not.
func TestAHandleInAPostIsAMention(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob, carol := w.Person("louise"), w.Fan("bob"), w.FanAt(world.SecondHost, "carol")
		louise.Opens()
		louise.Starts()
		louise.Armed()
		louise.Publishes("Thanks to @" + bob.Handle() + " and @" + carol.Handle() + ", not to @nobody-there@" + world.PeerHost + ".")
		for _, f := range []*world.Fan{bob, carol} {
			create := f.Sees("Create", "Thanks to")
			note, _ := create["object"].(world.JSON)
			for _, named := range []*world.Fan{bob, carol} {
				if !mentions(note, named) || !strings.Contains(world.Flat(create["cc"]), named.ID) {
					t.Errorf("%s sees tags %v, cc %v; want %s mentioned", f.Handle(), note["tag"], create["cc"], named.Handle())
				}
				if content := fmt.Sprint(note["content"]); !strings.Contains(content, `class="u-url mention"`) || !strings.Contains(content, "@"+named.Handle()) {
					t.Errorf("the mention is no link: %s", content)
				}
			}
			if strings.Contains(world.Flat(note["tag"]), "nobody-there") {
				t.Errorf("somebody who does not exist is mentioned: %v", note["tag"])
			}
			w.ExactlyOnce(f, "Thanks to")
		}
	})
}

// An XEP-0372 reference to a virtual address names its account, whatever the text says.
func TestAReferenceIsAMention(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		louise.Armed()
		louise.Writes(world.Entry{
			ID: "reference-" + louise.User, Title: "Thanks to Bob", Author: louise.JID, AuthorName: louise.User,
			Links: fmt.Sprintf(`<reference xmlns="urn:xmpp:reference:0" type="mention" begin="10" end="13" uri="xmpp:%s"/>`, world.Escape(w.Virtual(bob))),
		})
		if note := bob.SeesObject("Create", "Thanks to Bob"); !mentions(note, bob) {
			t.Errorf("the tags are %v, want @%s", note["tag"], bob.Handle())
		}
	})
}

// An edit tells whom it newly names, and the Delete reaches all of them.
func TestMentionsAreToldOfEditAndDelete(t *testing.T) {
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f)
		louise, bob, carol := w.Person("louise"), w.Fan("bob"), w.FanAt(world.SecondHost, "carol")
		louise.Opens()
		louise.Starts()
		louise.Armed()
		post := louise.Publishes("Hello @" + bob.Handle())
		note := bob.SeesObject("Create", "Hello")
		louise.Edits(post, "Hello @"+carol.Handle())
		carol.Sees("Update", "Hello")
		bob.Sees("Update", "Hello")
		louise.Retracts(post)
		for _, f := range []*world.Fan{bob, carol} {
			f.Sees("Delete", fmt.Sprint(note["id"]))
		}
	})
}

// Whoever asks to quote a public post may, and gets a stamp that others can check
// (FEP-044f).
func TestAQuoteRequestIsStamped(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		d := discuss(w, world.OwnPEP)
		quoting := d.bob.Writes(world.Note{Text: "Listen to this", More: world.JSON{"quoteUrl": d.post}})
		accept := d.bob.Answered("Accept", d.bob.AsksToQuote(d.post, quoting.ID))
		stamp := fmt.Sprint(accept["result"])
		code, body := w.Fetch(stamp, "application/activity+json") // by anybody, unsigned
		for _, part := range []string{`"QuoteAuthorization"`, quoting.ID, d.post, d.louise.Actor()} {
			if code != 200 || !strings.Contains(body, part) {
				t.Errorf("the stamp %s is %d %s, want one with %s", stamp, code, body, part)
			}
		}
		mallory := w.FanAt(world.SecondHost, "mallory")
		mallory.AsksToQuote(d.post, quoting.ID) // bob's note is not mallory's to vouch for
		mallory.Settled(d.louise)
		for _, r := range w.FromGateway() {
			a := r.Activity()
			if a["type"] == "Accept" && strings.Contains(world.Flat(a["object"]), mallory.ID) && a["result"] != nil {
				t.Errorf("mallory was given a stamp for bob's note: %s", r.Body)
			}
		}
		d.louise.Hears(0, quoting.ID) // who quotes her, and with which link she takes it back
		if answer := d.louise.Says("unquote " + quoting.ID); !strings.Contains(answer, "Taken back") {
			t.Errorf("unquote says %q", answer)
		}
		d.bob.Sees("Delete", stamp)
		if code, body := w.Fetch(stamp, "application/activity+json"); code != 404 {
			t.Errorf("the stamp taken back is %d %s", code, body)
		}
	})
}
