//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppclient"
)

// Who has no client for feeds gets new posts as messages, with buttons; edits correct
// them, deletions take them back, and a restart repeats nothing.
func TestPostsComeAsMessages(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		bob.Fills(3, "old post")
		mark := louise.Client.Mark()
		louise.Says("follow @" + bob.Handle())
		louise.Hears(mark, "You follow @"+bob.Handle()+" now")
		louise.Says("messages on")
		post := bob.Writes(world.Note{Text: "A new post", More: world.JSON{"summary": "gardening", "sensitive": true}})
		got := louise.Got(bob, mark, "the post", func(e *xmppclient.Element) bool { return strings.Contains(e.Value("body"), "A new post") })
		if body := got.Value("body"); !strings.HasPrefix(body, "⚠ gardening") || !strings.Contains(body, bob.URL("/@"+bob.User)) || !world.Has(got, "response") {
			t.Errorf("the message is %q", body)
		}
		louise.Chats(bob, button(got, "/like "))
		bob.Sees("Like", post.ID)
		louise.Says("reply last What lovely weather")
		if o := bob.SeesObject("Create", "What lovely weather"); o["inReplyTo"] != post.ID {
			t.Errorf("the answer is to %v", o["inReplyTo"])
		}
		bob.Edits(post.ID, "A better post")
		louise.Got(bob, mark, "a correction", func(e *xmppclient.Element) bool {
			return world.Has(e, "replace") && strings.Contains(e.Value("body"), "A better post") && strings.Contains(world.Whole(e), got.Attr["id"])
		})
		w.Gateway.Stop()
		w.Gateway.Start()
		bob.Writes(world.Note{Text: "After the restart"})
		louise.Got(bob, mark, "a post", func(e *xmppclient.Element) bool { return strings.Contains(e.Value("body"), "After the restart") })
		bob.Deletes(post.ID)
		louise.Got(bob, mark, "a retraction", func(e *xmppclient.Element) bool {
			return world.Has(e, "retract") && strings.Contains(world.Whole(e), got.Attr["id"])
		})
		for words, want := range map[string]int{"old post": 0, "A new post": 1, "A better post": 1, "After the restart": 1} {
			if n := louise.Messages(bob, words); n != want {
				t.Errorf("%d messages with %q, want %d", n, words, want)
			}
		}
		louise.Says("messages off")
		bob.Writes(world.Note{Text: "Nobody is told of this"})
		louise.Chats(bob, "Thank you")
		bob.SeesObject("Create", "Thank you")
		if n := louise.Messages(bob, "Nobody is told"); n != 0 {
			t.Error("a post came as a message although that was switched off")
		}
	})
}

// button is what a message's button says that begins with these words.
func button(m *xmppclient.Element, words string) string {
	for _, r := range m.All("response") {
		if strings.HasPrefix(r.Attr["value"], words) {
			return r.Attr["value"]
		}
	}
	return ""
}
