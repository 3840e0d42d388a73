//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/e2e/world"
)

func TestACommunityNodeEnrolledByTheAdmin(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		admin, bob := w.Admin(), w.Fan("bob")
		node := admin.Community("berlin-meetup")
		if out, code := w.Gateway.Run("enrol", w.Server.Pubsub, node); code != 0 {
			t.Fatalf("enrol: %d %s", code, out)
		}
		handle := w.HandleOf(node)
		group := bob.Finds(handle)
		if group["type"] != "Group" {
			t.Errorf("the community is a %v, want a Group", group["type"])
		}
		bob.Follows(handle)
		id := "meeting-" + node
		admin.WritesTo(w.Server.Pubsub, node, world.Entry{ID: id, Title: "We meet at eight", Author: admin.JID, AuthorName: "Admin"})
		create := bob.Sees("Create", "We meet at eight") // its event had no payload
		if create["actor"] != group["id"] {
			t.Errorf("the post is by %v, want the community %v", create["actor"], group["id"])
		}
		note := create["object"].(world.JSON)
		admin.WritesTo(w.Server.Pubsub, node, world.Entry{ID: id, Title: "We meet at nine", Author: admin.JID, AuthorName: "Admin"})
		bob.Sees("Update", "We meet at nine")
		admin.RetractsFrom(w.Server.Pubsub, node, id)
		bob.Sees("Delete", fmt.Sprint(note["id"]))
		if n := len(w.Tap.Since(0, world.IsEvent(id))); n > 2 { // the first may have been fetched
			t.Errorf("%d notifications for a post and its edit, want 2 at most", n)
		}
	})
}

func TestACommunityNodeEnrolledByItsOwner(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		admin, louise, bob := w.Admin(), w.Person("louise"), w.Fan("bob")
		node := admin.Community("choir")
		if answer := louise.Says("start " + w.Server.Pubsub + " " + node); strings.Contains(answer, "Turned on") {
			t.Errorf("somebody who does not own the node turned it on: %q", answer)
		}
		admin.ProvesOwner(node)
		handle := w.HandleOf(node)
		bob.Follows(handle)
		admin.WritesTo(w.Server.Pubsub, node, world.Entry{ID: "song-" + node, Title: "New song", Author: admin.JID, AuthorName: "Admin"})
		bob.Sees("Create", "New song")
	})
}

// Somebody elsewhere writes to a community whose node lets others write: the post stands in
// the node under their name, those who follow the community elsewhere get it as a boost, and
// who owns the node can take both away.
func TestAPostToACommunityStandsInItsNode(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		admin, bob, carol := w.Admin(), w.Fan("bob"), w.FanAt(world.SecondHost, "carol")
		node := admin.Community("allotment", "pubsub#publish_model=open")
		if out, code := w.Gateway.Run("enrol", w.Server.Pubsub, node); code != 0 {
			t.Fatalf("enrol: %d %s", code, out)
		}
		admin.WritesTo(w.Server.Pubsub, node, world.Entry{ID: "first-" + node, Title: "Welcome", Author: admin.JID, AuthorName: "Admin"})
		handle := w.HandleOf(node)
		group := fmt.Sprint(bob.Finds(handle)["id"])
		carol.Follows(handle)
		post := bob.Writes(world.Note{Kind: "Article", Text: "They like it dry", Mentions: []string{handle}, More: world.JSON{"name": "Cacti for everybody", "audience": group}})
		var item string
		w.Until("the post in the node", func() error {
			for _, it := range admin.Items(w.Server.Pubsub, node) {
				if text := world.Whole(it); strings.Contains(text, "They like it dry") {
					item = it.Attr["id"]
					if !strings.Contains(text, "Cacti for everybody") || !strings.Contains(text, w.Virtual(bob)) {
						return fmt.Errorf("the item is %s", text)
					}
					return nil
				}
			}
			return fmt.Errorf("it is not there")
		})
		announce := carol.Sees("Announce", post.ID)
		if announce["actor"] != group {
			t.Errorf("it is boosted by %v, want %s", announce["actor"], group)
		}
		admin.RetractsFrom(w.Server.Pubsub, node, item)
		carol.Sees("Undo", post.ID)
		carol.SawNothing(`"Delete"`)
	})
}
