//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/sink"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// Everybody follows at once, from many servers: each is accepted, once, and what else goes
// on goes on meanwhile: louise's post goes out, and the gateway answers her. ISTHMUS_FOLLOWS
// says how many (make flood: 10,000).
func TestEverybodyFollowsAtOnce(t *testing.T) {
	follows := 200
	if n, err := strconv.Atoi(os.Getenv("ISTHMUS_FOLLOWS")); err == nil {
		follows = n
	}
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		w := world.Prepare(t, ground, f)
		w.Gateway.Rewrite("[http]\n", "[http]\nrate_address = 0\n") // they do not all live at one address
		w.Gateway.Start()
		louise := w.Person("louise")
		louise.Opens()
		louise.Starts()
		first := w.Crowd(louise, 1, 1)
		actor := louise.Actor()
		inbox := w.Inbox(actor)
		hosts := max(1, follows/5)
		begun := time.Now()
		var asking sync.WaitGroup
		work := make(chan *world.SinkFan)
		for range 64 {
			asking.Go(func() {
				for f := range work {
					if err := await.Until(context.Background(), 5*time.Minute, func() error { return f.Ask(actor, inbox) }); err != nil {
						t.Errorf("never taken: %v", err)
					}
				}
			})
		}
		for i := range follows {
			if i == follows/2 {
				asking.Go(func() {
					louise.Publishes("in the middle of it")
					louise.Status("on")
				})
			}
			work <- w.SinkFan(fmt.Sprintf("many%d", i%hosts), "fan")
		}
		close(work)
		asking.Wait()
		took := time.Since(begun)
		first[0].Sees("Create", "in the middle of it")
		accepts := func() map[string]int {
			seen := map[string]int{}
			for _, d := range w.Sink.Received(func(d sink.Delivery) bool { return d.Type() == "Accept" && d.Status == 202 && d.Bad == nil }) {
				follow, _ := d.Activity["object"].(map[string]any)
				id, _ := follow["actor"].(string)
				seen[id]++
			}
			return seen
		}
		await.True(t, 10*time.Minute, "all to be accepted", func() error {
			if n := len(accepts()); n < follows+1 {
				return fmt.Errorf("%d of %d are", n, follows+1)
			}
			return nil
		})
		t.Logf("%d follows from %d servers: taken within %v, accepted within %v", follows, hosts, took.Round(10*time.Millisecond), time.Since(begun).Round(10*time.Millisecond))
		for who, n := range accepts() {
			if n != 1 {
				t.Errorf("%s was accepted %d times", who, n)
			}
		}
		louise.Publishes("welcome, everybody")
		w.SinkSees(hosts+1, "Create", "welcome, everybody")
	})
}
