//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"isthmus/db/pgtest"
	"isthmus/e2e/await"
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

// A router in between is gone and nobody says so: a ping is missed, and what was written
// meanwhile goes out when the line is back, once.
func TestALineThatIsDeadInSilence(t *testing.T) {
	on(t, []xmppserver.Flavour{xmppserver.Ejabberd, xmppserver.EjabberdForced}, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f)
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		louise.Armed()
		bob.Follows(louise.Handle())
		louise.Publishes("before the silence")
		bob.Sees("Create", "before the silence")
		w.Tap.Freeze()
		louise.Publishes("into the silence")
		await.True(t, 3*time.Minute, "the log to say that the line is dead", func() error {
			if !strings.Contains(w.Gateway.Log(), "did not answer a ping") {
				return errNotYet
			}
			return nil
		})
		w.Tap.Cut(false)
		w.Tap.Thaw()
		bob.Sees("Create", "into the silence")
		w.ExactlyOnce(bob, "into the silence")
		w.ExactlyOnce(bob, "before the silence")
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
