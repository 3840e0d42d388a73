//go:build e2e

package e2e

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"isthmus/db/pgtest"
	"isthmus/e2e/sink"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// A gateway is three processes, each role in two of them. One after the other is killed,
// or stopped in order, while people on both sides write, edit, delete and follow, and the
// others go on. In the end both sides show what they should, and everything once.
func TestSeveralProcesses(t *testing.T) {
	pgtest.ServerOnly(t)
	kills, seed := crashParameters(t)
	if os.Getenv("ISTHMUS_KILLS") == "" {
		kills = 12
	}
	on(t, []xmppserver.Flavour{xmppserver.EjabberdForced}, func(t *testing.T, f xmppserver.Flavour) {
		t.Logf("%d kills, seed %d (ISTHMUS_SEED=%d repeats the script)", kills, seed, seed)
		w := world.PreparePostgres(t, ground, f)
		all := w.Gateway.Several("http,worker", "worker,xmpp", "http,xmpp")
		s := newScript(t, w, rand.New(rand.NewPCG(seed, 1)))
		for i := range kills {
			victim := all[i%len(all)]
			for range 1 + s.rng.IntN(4) {
				s.step()
			}
			if s.rng.IntN(6) == 0 {
				w.Sink.Fail(sink.Fault{Host: w.Sink.Host(s.fans[s.rng.IntN(len(s.fans))].Host), Status: 503, Times: 1 + s.rng.IntN(3)})
			}
			time.Sleep(time.Duration(s.rng.IntN(700)) * time.Millisecond)
			if s.rng.IntN(4) == 0 {
				victim.Stop()
			} else {
				victim.Kill()
			}
			for range 1 + s.rng.IntN(3) { // the others have it
				s.step()
				time.Sleep(time.Duration(s.rng.IntN(700)) * time.Millisecond)
			}
			for _, other := range all {
				if err := other.Alive(); other != victim && err != nil {
					t.Fatal(err)
				}
			}
			victim.Launch()
		}
		w.Sink.Heal()
		s.settles()
		s.compare()
	})
}
