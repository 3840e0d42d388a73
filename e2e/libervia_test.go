//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/e2e/libervia"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// Somebody else's client, as published, reads a Fediverse account's blog.
func TestLiberviaReadsAFediverseBlog(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		bob.Fills(4, "post")
		bob.Writes(world.Note{HTML: "<p>First line.</p><p>Second <em>line</em>.</p>"})
		li, err := libervia.Login(t.TempDir(), louise.JID, xmppserver.Password, w.Server.ClientAddr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(li.Close)
		out, err := li.Blog(w.Virtual(bob), world.Microblog)
		if err != nil {
			t.Fatalf("%v\n%s", err, li.Log())
		}
		for _, want := range []string{"post 1", "post 4", "First line.", "Second", "spiders", fmt.Sprintf(`%q`, bob.User), "urn:xmpp:microblog:0:comments/"} {
			if !strings.Contains(out, want) {
				t.Errorf("Libervia does not show %q:\n%s", want, out)
			}
		}
		if n := strings.Count(out, `"author_jid_verified": true`); n != 5 {
			t.Errorf("it believes %d of 5 authors:\n%s", n, out)
		}
	})
}
