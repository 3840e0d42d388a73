//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// A server that refuses draft signatures gets RFC 9421, and from then on at once.
func TestServerThatWantsRFC9421(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Fails(world.JSON{"path": "*", "status": 401, "unless": "signature-input"})
		bob.Follows(louise.Handle()) // Fedify checks the Accept's signature
		louise.Publishes("first")
		bob.Sees("Create", "first")
		refused, taken := 0, 0
		for _, r := range w.FromGateway() {
			switch {
			case r.Fault:
				refused++
			case strings.HasPrefix(fmt.Sprint(r.Headers["signature-input"]), "sig1="):
				taken++
			}
		}
		if refused != 1 || taken < 2 {
			t.Errorf("%d drafts were refused and %d messages of RFC 9421 taken", refused, taken)
		}
	})
}

// Where documents are only for who signs, Fedify still follows and reads; a stranger
// without a signature does not, nor does who is blocked.
func TestAuthorizedFetch(t *testing.T) {
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		w := world.Prepare(t, ground, f)
		w.Gateway.Rewrite("[activitypub]\n", "[activitypub]\nauthorized_fetch = true\n")
		w.Gateway.Start()
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Publishes("For those who sign")
		post := bob.SeesObject("Create", "For those who sign")
		id := fmt.Sprint(post["id"])
		if seen := bob.Finds(id); !strings.Contains(world.Flat(seen), "For those who sign") {
			t.Errorf("bob reads %v", seen)
		}
		for _, url := range []string{id, louise.Actor(), louise.Actor() + "/outbox"} {
			if status, body := w.Fetch(url, "application/activity+json"); status != 401 {
				t.Errorf("unsigned, %s answers %d: %.100s", url, status, body)
			}
		}
		if status, _ := w.Fetch(w.Gateway.URL("/ap/actor/gateway"), "application/activity+json"); status != 200 {
			t.Errorf("the instance actor answers %d", status)
		}
		louise.Says("block @" + bob.Handle())
		bob.FindsNothing(id)
	})
}

// New keys: Fedify, which holds the old one, takes what is signed with the new one.
func TestNewKeys(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		_, before := w.Fetch(louise.Actor(), "application/activity+json")
		if out, code := w.Gateway.Run("rotate-keys"); code != 0 || !strings.Contains(out, "new keys are made") {
			t.Fatalf("rotate-keys: %d, %s", code, out)
		}
		bob.Sees("Update", louise.Actor())
		_, after := w.Fetch(louise.Actor(), "application/activity+json")
		if before == after || !strings.Contains(after, "BEGIN PUBLIC KEY") {
			t.Errorf("the actor shows %s", after)
		}
		louise.Publishes("with a new key")
		bob.Sees("Create", "with a new key")
		bob.Unfollows(louise.Handle())
	})
}

// suspending writes a list, as Mastodon exports it, that blocks a server.
func suspending(t *testing.T, host string) (file string) {
	file = filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(file, []byte("#domain,#severity\n"+host+",suspend\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A list of servers, as an admin takes it over while the gateway runs.
func TestListOfServers(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob, carol := w.Person("louise"), w.Fan("bob"), w.FanAt(world.SecondHost, "carol")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		carol.Follows(louise.Handle())
		list := suspending(t, world.SecondHost)
		if out, code := w.Gateway.Run("domains", "import", list); code != 0 || !strings.Contains(out, "new: 1") || !strings.Contains(out, "parted: 1 followers, 0 follows, of 1 people here") {
			t.Errorf("import: %d, %s", code, out)
		}
		if out, code := w.Gateway.Run("domains", "apply", list); code != 0 || !strings.Contains(out, "Done: 1 rules") {
			t.Errorf("apply: %d, %s", code, out)
		}
		louise.Hears(0, "ended all contact") // the first that she hears of that server is its follower
		louise.Publishes("after the list")
		bob.SeesObject("Create", "after the list")
		carol.SawNothing("after the list")
		if out, _ := w.Gateway.Run("domains", "export"); !strings.Contains(out, world.SecondHost+",suspend,false,false,,false") {
			t.Errorf("export: %s", out)
		}
	})
}
