//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/e2e/world"
)

// A server that cannot be reached in one way or another keeps nobody else waiting, costs
// its people nothing, and gets everything once when it is back.
func TestAServerThatCannotBeReached(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise := w.Person("louise")
		louise.Opens()
		louise.Starts()
		fans := w.Crowd(louise, 3, 1)
		louise.Publishes("everything is well")
		w.SinkSees(len(fans), "Create", "everything is well")
		for _, c := range []struct {
			name  string
			fails func(host string, now bool) error
			log   string
		}{
			{"its certificate has expired", w.Ground.Lab.Expire, "certificate has expired"},
			{"its name is gone", func(host string, now bool) error { w.Ground.Lab.Lose(host, now); return nil }, "no such host"},
		} {
			host := w.Sink.Host(fans[0].Host)
			if err := c.fails(host, true); err != nil {
				t.Fatal(err)
			}
			louise.Publishes(c.name)
			w.SinkSees(len(fans)-1, "Create", c.name)
			w.Until("the log to say why", func() error {
				if log := w.Gateway.Log(); !strings.Contains(log, c.log) {
					return errNotYet
				}
				return nil
			})
			tries := func(n string) {
				t.Helper()
				w.Until(n+" to be tried again", func() error {
					if out, _ := w.Gateway.Run("status"); !strings.Contains(out, " "+n+" inboxes to try again") {
						return fmt.Errorf("%s", out)
					}
					return nil
				})
			}
			tries("1")
			if err := c.fails(host, false); err != nil {
				t.Fatal(err)
			}
			w.SinkSees(len(fans), "Create", c.name)
			tries("0")
		}
	})
}
