//go:build e2e

package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"isthmus/e2e/sink"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// Kills and seed of TestKilledAtRandom: ISTHMUS_KILLS=1000 is "make crash", and
// ISTHMUS_SEED repeats the script of a run (not its timing).
func crashParameters(t *testing.T) (kills int, seed uint64) {
	kills, seed = 25, uint64(time.Now().UnixNano())
	for name, set := range map[string]func(uint64){
		"ISTHMUS_KILLS": func(n uint64) { kills = int(n) },
		"ISTHMUS_SEED":  func(n uint64) { seed = n },
	} {
		if text := os.Getenv(name); text != "" {
			n, err := strconv.ParseUint(text, 10, 64)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			set(n)
		}
	}
	return kills, seed
}

// The gateway is killed again and again, at any moment, while people on both sides
// write, edit, delete, like and follow. In the end both sides show what they should,
// and everything once.
func TestKilledAtRandom(t *testing.T) {
	kills, seed := crashParameters(t)
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		t.Logf("%d kills, seed %d (ISTHMUS_SEED=%d repeats the script)", kills, seed, seed)
		w := world.New(t, ground, f)
		s := newScript(t, w, rand.New(rand.NewPCG(seed, 0)))
		backups := 0
		for i := range kills {
			for range 1 + s.rng.IntN(4) {
				s.step()
			}
			switch s.rng.IntN(6) {
			case 0: // a host has trouble
				w.Sink.Fail(sink.Fault{Host: w.Sink.Host(s.fans[s.rng.IntN(len(s.fans))].Host), Status: 503, Times: 1 + s.rng.IntN(3)})
			case 1: // a backup runs, and everything ends in the middle of it
				if !strings.HasPrefix(w.Gateway.DB, "sqlite:") {
					break // the server has its own
				}
				backups++
				copied := filepath.Join(w.Gateway.Dir, fmt.Sprintf("copy-%d.db", backups))
				s.sending.Go(func() {
					if out, code := w.Gateway.Run("backup", copied); code != 0 {
						t.Errorf("backup: %s", out)
					}
				})
			}
			time.Sleep(time.Duration(s.rng.IntN(700)) * time.Millisecond)
			w.Gateway.Kill()
			if s.rng.IntN(4) == 0 { // and again, on its way up
				w.Gateway.Launch()
				time.Sleep(time.Duration(s.rng.IntN(150)) * time.Millisecond)
				w.Gateway.Kill()
			}
			s.step() // something happens while it is down
			w.Gateway.Start()
			if i%10 == 9 {
				t.Logf("%d of %d kills", i+1, kills)
			}
		}
		w.Sink.Heal()
		s.settles()
		s.compare()
		if out, code := w.Gateway.Run("verify"); code != 0 {
			t.Errorf("verify: %s", out)
		}
	})
}
