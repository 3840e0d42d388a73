//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"isthmus/db/pgtest"
	"isthmus/e2e/await"
	"isthmus/e2e/sink"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// BenchmarkSizes is where the table “How large a machine” in docs/OPERATIONS.md comes from: what
// a follow, a delivery and a like cost the gateway, with one process on each engine and
// with three. The other servers run on the same machine, so that rates are what is left; the
// processor time is the gateway's alone. ISTHMUS_SERVERS is how many servers there are
// (1000); make sizes.
func BenchmarkSizes(b *testing.B) {
	servers := 1000
	if n, err := strconv.Atoi(os.Getenv("ISTHMUS_SERVERS")); err == nil {
		servers = n
	}
	for _, c := range []struct {
		name    string
		prepare func(await.T, *world.Ground, xmppserver.Flavour, ...string) *world.World
		start   func(w *world.World)
	}{
		{"sqlite", world.Prepare, func(w *world.World) { w.Gateway.Start() }},
		{"postgres", world.PreparePostgres, func(w *world.World) { w.Gateway.Start() }},
		{"three", world.PreparePostgres, func(w *world.World) { w.Gateway.Several("", "", "") }},
	} {
		b.Run(c.name, func(b *testing.B) {
			if c.name != "sqlite" && !pgtest.Wanted() {
				b.Fatal("it needs a server: scripts/postgres.sh")
			}
			w := c.prepare(b, ground, xmppserver.Prosody)
			w.Gateway.Rewrite(`level = "debug"`, `level = "warn"`)
			w.Gateway.Rewrite("[http]\n", "[http]\nrate_address = 0\nrate_host = 0\n")
			c.start(w)
			sizes(b, w, servers)
		})
	}
}

func sizes(b *testing.B, w *world.World, servers int) {
	louise := w.Person("louise")
	louise.Opens()
	louise.Starts()
	actor := louise.Actor()
	inbox := w.Inbox(actor)
	var fans []*world.SinkFan
	for i := range 2 * servers {
		fans = append(fans, w.SinkFan(fmt.Sprintf("size%d", i%servers), "fan"))
	}
	everybody := func(do func(f *world.SinkFan) error) {
		var asking sync.WaitGroup
		work := make(chan *world.SinkFan)
		for range 32 {
			asking.Go(func() {
				for f := range work {
					if err := await.Until(context.Background(), time.Minute, func() error { return do(f) }); err != nil {
						b.Error(err)
					}
				}
			})
		}
		for _, f := range fans {
			work <- f
		}
		close(work)
		asking.Wait()
	}
	arrived := func(typ, text string) int {
		return len(w.Sink.Received(func(d sink.Delivery) bool {
			return d.Status == 202 && d.Type() == typ && (text == "" || strings.Contains(world.Flat(d.Activity), text))
		}))
	}
	measure := func(what string, n int, do func(), done func() error) {
		b.Helper()
		before, _ := w.Gateway.Usage()
		begun := time.Now()
		do()
		await.True(b, 10*time.Minute, what, done)
		took := time.Since(begun)
		after, _ := w.Gateway.Usage()
		b.ReportMetric(float64(n)/took.Seconds(), what+"/s")
		b.ReportMetric(float64((after-before).Microseconds())/float64(n)/1000, "cpu-ms/"+what)
	}
	atLeast := func(want int, count func() int) func() error {
		return func() error {
			if n := count(); n < want {
				return fmt.Errorf("%d of %d", n, want)
			}
			return nil
		}
	}
	measure("follow", len(fans), func() { everybody(func(f *world.SinkFan) error { return f.Ask(actor, inbox) }) },
		atLeast(len(fans), func() int { return arrived("Accept", actor) }))
	const posts = 5
	name := strings.ReplaceAll(b.Name(), "/", " ") // of this one: the sink has what others sent, too
	measure("delivery", posts*servers, func() {
		for i := range posts {
			louise.Publishes(fmt.Sprintf("%s %d", name, i))
		}
	}, atLeast(posts*servers, func() int { return arrived("Create", name) }))
	object := w.SinkSees(1, "Create", name+" 0")[0].Activity["object"].(map[string]any)["id"].(string)
	measure("like", len(fans), func() {
		everybody(func(f *world.SinkFan) error {
			return w.Sink.Post(f.Host, f.User, inbox, world.JSON{"@context": "https://www.w3.org/ns/activitystreams", "id": f.ID + "/like", "type": "Like", "actor": f.ID, "object": object})
		})
	}, func() error {
		if out, _ := w.Gateway.Run("status"); !strings.Contains(out, " 0 activities to read") {
			return fmt.Errorf("%s", out)
		}
		return nil
	})
	_, resident := w.Gateway.Usage()
	b.ReportMetric(float64(resident)/1e6, "MB")
	if st, err := os.Stat(filepath.Join(w.Gateway.Dir, "isthmus.db")); err == nil {
		b.ReportMetric(float64(st.Size())/1e6, "MB-db")
	}
	b.ReportMetric(0, "ns/op")
}
