//go:build e2e

package e2e

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
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
		kills = 6
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

// What one process is told, the others know: new keys are signed with and shown, and a
// server that is blocked is not sent to, whoever does it.
func TestProcessesAgree(t *testing.T) {
	pgtest.ServerOnly(t)
	on(t, []xmppserver.Flavour{xmppserver.EjabberdForced}, func(t *testing.T, f xmppserver.Flavour) {
		w := world.PreparePostgres(t, ground, f)
		all := w.Gateway.Several("http,xmpp", "http,worker", "http,worker")
		louise, bob, carol := w.Person("louise"), w.Fan("bob"), w.FanAt(world.SecondHost, "carol")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		carol.Follows(louise.Handle())
		shown := func(s *world.Sibling) string {
			req, err := http.NewRequest(http.MethodGet, strings.Replace(louise.Actor(), "https://"+w.Gateway.Component, "http://"+s.Listen, 1), nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = w.Gateway.Component
			req.Header.Set("Accept", "application/activity+json")
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil || !strings.Contains(string(body), "BEGIN PUBLIC KEY") {
				t.Fatalf("%s: %v", body, err)
			}
			return string(body)
		}
		before := shown(all[0])
		for _, s := range all {
			if shown(s) != before {
				t.Error("they show different actors")
			}
		}
		if out, code := w.Gateway.Run("rotate-keys"); code != 0 {
			t.Fatalf("rotate-keys: %d, %s", code, out)
		}
		bob.Sees("Update", louise.Actor())
		for _, s := range all {
			w.Until("each to show the new key", func() error {
				if shown(s) == before {
					return errNotYet
				}
				return nil
			})
		}
		louise.Publishes("with a new key")
		bob.Sees("Create", "with a new key")
		carol.Sees("Create", "with a new key")

		list := suspending(t, world.SecondHost)
		if out, code := w.Gateway.Run("domains", "apply", list); code != 0 || !strings.Contains(out, "Done: 1 rules") {
			t.Errorf("apply: %d, %s", code, out)
		}
		louise.Hears(0, world.SecondHost)
		louise.Publishes("after the list")
		bob.SeesObject("Create", "after the list")
		carol.SawNothing("after the list")
		w.Until("the shards to be shared evenly", func() error {
			if out, code := w.Gateway.Run("status"); code != 0 || !strings.Contains(out, "processes: 3") || !strings.Contains(out, "has the XMPP stream") || strings.Count(out, "4 of 8 shards") != 2 {
				return fmt.Errorf("status: %d, %s", code, out)
			}
			return nil
		})
	})
}
