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
