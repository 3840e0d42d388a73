//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"isthmus/e2e/world"
)

func TestABlogForContactsOnlyStaysHome(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, marie, bob := w.Person("louise"), w.Person("marie"), w.Fan("bob")
		louise.Opens("pubsub#access_model=presence")
		mark := louise.Client.Mark()
		louise.Says("start")
		louise.Befriends(mark) // a contact may read; a stranger may not, and that is what counts
		louise.Armed()
		marie.Opens()
		marie.Starts()
		bob.Follows(marie.Handle())
		secret := louise.Publishes("only for my friends")
		w.Until("the gateway has seen the post", func() error {
			louise.Settled()
			if len(w.Tap.Since(0, world.IsEvent(secret))) == 0 {
				return errNotYet
			}
			return nil
		})
		if answer := louise.Status("refused"); !strings.Contains(answer, "read") {
			t.Errorf("status does not say why: %q", answer)
		}
		marie.Publishes("for everybody")
		bob.Sees("Create", "for everybody")
		bob.SawNothing("only for my friends")
		if _, page := w.Fetch(w.Gateway.URL("/@"+louise.User), "text/html"); strings.Contains(page, "only for my friends") {
			t.Error("the page shows it")
		}
	})
}

func TestAClosedBlogStopsAndAnOpenedOneGoesOn(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, marie, bob := w.Person("louise"), w.Person("marie"), w.Fan("bob")
		for _, p := range []*world.Person{louise, marie} {
			p.Opens()
			p.Starts()
			bob.Follows(p.Handle())
		}
		louise.Armed()
		louise.Publishes("while it is open")
		bob.Sees("Create", "while it is open")

		louise.Configures("pubsub#access_model=presence")
		louise.Publishes("now it is closed")
		louise.Status("refused")
		marie.Publishes("meanwhile elsewhere")
		bob.Sees("Create", "meanwhile elsewhere")
		bob.SawNothing("now it is closed")
		if _, page := w.Fetch(w.Gateway.URL("/@"+louise.User), "text/html"); strings.Contains(page, "while it is open") {
			t.Error("the page of a closed blog shows its posts")
		}

		louise.Configures("pubsub#access_model=open")
		louise.Publishes("open once more")
		bob.Sees("Create", "open once more")
	})
}
