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

// slow leaves only notifications: nothing below may come from polling.
var slow = strings.NewReplacer(`poll = "5s"`, `poll = "6h"`, `poll_missing = "1s"`, `poll_missing = "6h"`).Replace(world.Quick(""))

func TestTheVeryFirstPostArrives(t *testing.T) {
	on(t, xmppserver.All, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f, slow)
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Starts() // there is no blog yet
		louise.Armed()
		bob.Follows(louise.Handle())
		louise.Publishes("my first post ever")
		bob.Sees("Create", "my first post ever")
		louise.Publishes("and my second")
		bob.Sees("Create", "and my second")
		w.ExactlyOnce(bob, "my first post ever")
	})
}

// Without presence, only the explicit subscription can deliver; ejabberd needs
// the snippet for that.
func TestTheExplicitSubscriptionAloneDelivers(t *testing.T) {
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f, slow)
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Says("start") // and never accepts the contact request
		louise.Status("on")
		bob.Follows(louise.Handle())
		post := louise.Publishes("through the subscription")
		bob.Sees("Create", "through the subscription")
		louise.Retracts(post)
		bob.Sees("Delete", "Tombstone")
		if n := len(w.Tap.Since(0, world.IsEvent(post))); n != 1 {
			t.Errorf("the server sent %d events for one post, want 1", n)
		}
	})
}

// Without the snippet ejabberd notifies nobody but a contact with a presence.
func TestPresenceAloneDelivers(t *testing.T) {
	only(t, xmppserver.Ejabberd, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		louise.Armed()
		bob.Follows(louise.Handle())
		louise.Publishes("through presence")
		bob.Sees("Create", "through presence")

		louise.LogsOut() // a new session has to be told again
		louise.LogsIn()
		louise.Armed()
		louise.Publishes("from a new session")
		bob.Sees("Create", "from a new session")
	}, slow)
}

func TestMovimArticle(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		id := fmt.Sprintf("a-walk-%s", louise.User)
		louise.Writes(world.Entry{
			ID: id, Title: "A walk", Author: louise.JID, AuthorName: "Louise",
			XHTML: `<p>Along the <strong>isthmus</strong>, <a href="https://example.org/map">map</a></p><script>alert(1)</script><p onclick="x()">done</p>`,
			Text:  "Along the **isthmus**, [map](https://example.org/map)\n\ndone",
			Links: `<link rel="alternate" href="xmpp:` + louise.JID + `?;node=urn:xmpp:microblog:0;item=` + id + `"/>` +
				`<link rel="replies" title="comments" href="xmpp:comments.` + w.Server.Domain + `?;node=urn:xmpp:microblog:0:comments/` + id + `"/>` +
				`<link rel="enclosure" href="https://upload.example.org/walk.jpg" type="image/jpeg" title="The path"/>` +
				`<link rel="related" href="https://example.org/about" type="text/html" title="About walking"/>`,
			Categories: []string{"Hiking", "sea side"},
		})
		create := bob.Sees("Create", "isthmus")
		a := create["object"].(world.JSON)
		if a["type"] != "Article" || a["name"] != "A walk" {
			t.Errorf("object is %v %v", a["type"], a["name"])
		}
		content, _ := a["content"].(string)
		if !strings.Contains(content, "<strong>isthmus</strong>") || !strings.Contains(content, `href="https://example.org/map"`) {
			t.Errorf("content lost its marks: %s", content)
		}
		if strings.Contains(content, "script") || strings.Contains(content, "onclick") || strings.Contains(content, "alert") {
			t.Errorf("content is not clean: %s", content)
		}
		if preview, _ := a["preview"].(world.JSON); preview["type"] != "Note" {
			t.Errorf("preview is %v (FEP-b2b8)", a["preview"])
		}
		var tags []string
		for _, tag := range list(a["tag"]) {
			if tag["type"] == "Hashtag" {
				tags = append(tags, strings.ToLower(fmt.Sprint(tag["name"])))
			}
		}
		if !slices.Contains(tags, "#hiking") {
			t.Errorf("hashtags are %v", tags)
		}
		att := list(a["attachment"])
		if len(att) == 0 || att[0]["url"] != "https://upload.example.org/walk.jpg" || att[0]["mediaType"] != "image/jpeg" || att[0]["name"] != "The path" {
			t.Errorf("attachment is %v", a["attachment"])
		}
		if !strings.Contains(world.Flat(a["url"]), "xmpp:"+louise.JID) {
			t.Errorf("no xmpp: link (FEP-fffd): %v", a["url"])
		}
		public := "https://www.w3.org/ns/activitystreams#Public"
		if !strings.Contains(world.Flat(a["to"]), public) || !strings.Contains(world.Flat(a["cc"]), "followers") {
			t.Errorf("audience is to %v cc %v", a["to"], a["cc"])
		}
	})
}

// list is an array of objects, or one object alone.
func list(v any) []world.JSON {
	var out []world.JSON
	switch v := v.(type) {
	case world.JSON:
		out = append(out, v)
	case []any:
		for _, e := range v {
			if m, ok := e.(world.JSON); ok {
				out = append(out, m)
			}
		}
	}
	return out
}

// The publisher decides who speaks, not what the entry says. Where the server
// does not tell the publisher (ejabberd without the snippet) such an entry may
// stay home, but it never goes out in another name.
func TestAForgedAuthorIsIgnored(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Writes(world.Entry{ID: "forged-" + louise.User, Title: "who am I", Author: "mallory@" + w.Server.Domain, AuthorName: "Mallory"})
		if w.Server.Flavour == xmppserver.Ejabberd {
			louise.Publishes("this is me")
			bob.Sees("Create", "this is me")
		} else {
			bob.Sees("Create", "who am I")
		}
		for _, r := range w.FromGateway() {
			create := r.Activity()
			if create["type"] != "Create" {
				continue
			}
			if create["actor"] != louise.Actor() || create["object"].(world.JSON)["attributedTo"] != louise.Actor() {
				t.Errorf("the publisher is not the author: %v", create)
			}
			if strings.Contains(strings.ToLower(world.Flat(create)), "mallory@") {
				t.Errorf("the claimed author's address leaked: %v", create)
			}
		}
	})
}

// ejabberd retracts what it trims because of max_items; that is no deletion.
func TestATrimmedItemIsNotDeleted(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens("pubsub#max_items=2", "pubsub#notify_retract=true")
		louise.Starts()
		louise.Armed()
		bob.Follows(louise.Handle())
		var ids []string
		for i := range 5 {
			text := fmt.Sprintf("tide table, part %d", i)
			louise.Publishes(text)
			note := bob.Sees("Create", text)["object"].(world.JSON)
			ids = append(ids, fmt.Sprint(note["id"]))
		}
		if w.Server.Flavour != xmppserver.Ejabberd { // see TestAFediverseAccountFollowsAnXMPPBlog
			last := louise.Publishes("and now for real")
			bob.Sees("Create", "and now for real")
			louise.Retracts(last)
			bob.Sees("Delete", "Tombstone")
		}
		for _, id := range ids {
			if err := w.Answers(id, 200); err != nil {
				t.Errorf("a trimmed post was deleted: %v", err)
			}
		}
	})
}

func TestOldPostsAreInTheOutboxOnly(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		for i := range 3 {
			louise.Publishes(fmt.Sprintf("from before, %d", i))
		}
		louise.Starts()
		bob.Follows(louise.Handle())
		w.Until("the old posts are in the outbox", func() error {
			outbox := bob.Gets(fmt.Sprint(bob.Gets(louise.Actor())["outbox"]))
			if outbox["totalItems"] != float64(3) {
				return fmt.Errorf("outbox has %v items", outbox["totalItems"])
			}
			if page := bob.Gets(fmt.Sprint(outbox["first"])); !strings.Contains(world.Flat(page["orderedItems"]), "from before, 0") {
				return fmt.Errorf("first page is %v", page)
			}
			return nil
		})
		louise.Publishes("from now on")
		bob.Sees("Create", "from now on")
		bob.SawNothing("from before")
	})
}

func TestADeletedNodeDeletesItsPosts(t *testing.T) {
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f)
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Publishes("on sand")
		note := bob.Sees("Create", "on sand")["object"].(world.JSON)
		louise.DeletesBlog()
		bob.Sees("Delete", fmt.Sprint(note["id"]))
	})
}
