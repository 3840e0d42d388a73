//go:build e2e

package e2e

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"isthmus/e2e/sink"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// A gateway that is asked to stop does, in good order, while a server keeps its delivery
// waiting, a request never ends, and the XMPP server says nothing any more. What was on its
// way goes on at the next start.
func TestStopsWhateverHangs(t *testing.T) {
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f)
		louise := w.Person("louise")
		louise.Opens()
		louise.Starts()
		fans := w.Crowd(louise, 2, 1)
		louise.Publishes("everything is well")
		w.SinkSees(len(fans), "Create", "everything is well")

		hold := make(chan struct{})
		w.Sink.Fail(sink.Fault{Host: w.Sink.Host(fans[0].Host), Status: 503, Hold: hold})
		louise.Publishes("somebody does not answer")
		w.Until("one server keeps it waiting, the other has it", func() error {
			if n := w.Sink.Held(); n != 1 {
				return fmt.Errorf("%d wait", n)
			}
			return nil
		})
		slow, err := net.Dial("tcp", w.Gateway.Listen)
		if err != nil {
			t.Fatal(err)
		}
		defer slow.Close()
		fmt.Fprintf(slow, "POST /ap/inbox HTTP/1.1\r\nHost: %s\r\nContent-Type: application/activity+json\r\nContent-Length: 1000\r\n\r\n{", w.Gateway.Component)
		w.Tap.Freeze()
		if code := w.Gateway.Stop(); code != 0 {
			t.Errorf("exit code %d", code)
		}
		if log := w.Gateway.Log(); !strings.Contains(log, "gateway stopped") {
			t.Error("it does not say that it stopped")
		}
		w.Tap.Thaw()
		w.Tap.Cut(false)
		close(hold)
		w.Sink.Heal()
		w.Gateway.Start()
		w.SinkSees(len(fans), "Create", "somebody does not answer")
	})
}
