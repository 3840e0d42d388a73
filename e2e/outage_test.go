//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"testing"

	"isthmus/db/pgtest"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

var errNotYet = errors.New("not yet")

func TestPostsWhileTheGatewayIsDown(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		kept := louise.Publishes("before the outage")
		bob.Sees("Create", "before the outage")

		w.Gateway.Stop()
		louise.Publishes("first during the outage")
		louise.Edits(kept, "edited during the outage")
		louise.Publishes("second during the outage")
		w.Gateway.Start()
		bob.Sees("Create", "first during the outage")
		bob.Sees("Create", "second during the outage")
		bob.Sees("Update", "edited during the outage")
		w.ExactlyOnce(bob, "first during the outage")
		w.ExactlyOnce(bob, "before the outage")
	})
}

func TestPostsWhileTheStreamIsCut(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Publishes("before the cut")
		bob.Sees("Create", "before the cut")
		w.Tap.Cut(true)
		louise.Publishes("nobody listens")
		mark := w.Tap.Mark()
		w.Tap.Up()
		w.Gateway.Connected(mark)
		bob.Sees("Create", "nobody listens")
		louise.Publishes("somebody listens")
		bob.Sees("Create", "somebody listens")
		w.ExactlyOnce(bob, "nobody listens")
		w.ExactlyOnce(bob, "before the cut")
	})
}

func TestTheXMPPServerRestarts(t *testing.T) {
	everywhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Publishes("before the restart")
		bob.Sees("Create", "before the restart")
		mark := w.Tap.Mark()
		if err := w.Server.Restart(); err != nil {
			t.Fatal(err)
		}
		w.Gateway.Connected(mark)
		louise.LogsIn()
		louise.Publishes("after the restart")
		bob.Sees("Create", "after the restart")
		w.ExactlyOnce(bob, "before the restart")
	})
}

func TestTheGatewayStartsBeforeTheXMPPServer(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		w.Gateway.Stop()
		w.Server.Stop()
		w.Gateway.Start() // and is not discouraged
		mark := w.Tap.Mark()
		if err := w.Server.Start(); err != nil {
			t.Fatal(err)
		}
		w.Gateway.Connected(mark)
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Publishes("better late")
		bob.Sees("Create", "better late")
	})
}

// The database server restarts in the middle of it: what was on its way goes on, and
// what comes meanwhile is taken when it is asked for again.
func TestTheDatabaseServerRestarts(t *testing.T) {
	pgtest.ServerOnly(t)
	on(t, []xmppserver.Flavour{xmppserver.EjabberdForced}, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f)
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Publishes("before the restart")
		bob.Sees("Create", "before the restart")
		for i := range 5 {
			if err := pgtest.Cut(w.Gateway.DB); err != nil {
				t.Fatal(err)
			}
			louise.Publishes(fmt.Sprint("after restart number ", i))
		}
		for i := range 5 {
			bob.Sees("Create", fmt.Sprint("after restart number ", i))
			w.ExactlyOnce(bob, fmt.Sprint("after restart number ", i))
		}
		carol := w.Fan("carol")
		carol.Follows(louise.Handle())
	})
}
