//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// Where the gateway may act for the server's accounts (XEP-0356), who has never
// had a client for blogs writes one from a chat; what is answered stands below.
func TestAPostIsWrittenInAChat(t *testing.T) {
	only(t, xmppserver.ProsodyPrivileged, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Starts() // there is no blog yet
		louise.Armed()
		bob.Follows(louise.Handle())
		louise.Says("post The tide is coming in") // she is told, too, that strangers can read it now
		post := fmt.Sprint(bob.SeesObject("Create", "The tide is coming in")["id"])
		if got := louise.Says("post And going out"); !strings.Contains(got, "Published on your blog and on the Fediverse") {
			t.Errorf("post is answered with %q", got)
		}
		bob.Sees("Create", "And going out")
		bob.Replies(post, "Bring boots")
		w.Until("the answer stands below the post", func() error {
			if got := louise.Says("thread " + post); !strings.Contains(got, "Bring boots") {
				return fmt.Errorf("the conversation is %q", got)
			}
			return nil
		})
		mark := louise.Client.Mark()
		louise.ChatsTo(w.Gateway.Component, "https://files.example/tide.png", world.Sharing("https://files.example/tide.png", "A beach at noon"))
		louise.Hears(mark, "post")
		louise.Says("post Low water")
		if o := world.Flat(bob.SeesObject("Create", "Low water")["attachment"]); !strings.Contains(o, "files.example/tide.png") || !strings.Contains(o, "A beach at noon") {
			t.Errorf("the picture is %q", o)
		}
		w.ExactlyOnce(bob, "The tide is coming in")
	})
}
