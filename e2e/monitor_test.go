//go:build e2e

package e2e

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"isthmus/e2e/netlab"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// watched is a world whose gateway can be watched at an address.
func watched(t *testing.T, f xmppserver.Flavour) (w *world.World, addr string) {
	port, err := netlab.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	addr = fmt.Sprintf("127.0.0.1:%d", port)
	return world.New(t, ground, f, world.Quick("[monitor]\nlisten = \""+addr+"\"\n")), addr
}

// Whoever watches the gateway from outside learns which part does not work, and that
// it works again.
func TestWatchedFromOutside(t *testing.T) {
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) {
		w, addr := watched(t, f)
		looks := func(path string) (int, string) {
			resp, err := http.Get("http://" + addr + path)
			if err != nil {
				return 0, err.Error()
			}
			defer resp.Body.Close()
			text, _ := io.ReadAll(resp.Body)
			return resp.StatusCode, string(text)
		}
		shows := func(path string, code int, words string) {
			t.Helper()
			w.Until(path+" says "+words, func() error {
				if got, text := looks(path); got != code || !strings.Contains(text, words) {
					return fmt.Errorf("%d %.2000s", got, text)
				}
				return nil
			})
		}
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Publishes("counted")
		bob.Sees("Create", "counted")
		shows("/livez", 200, "alive")
		shows("/readyz", 200, "ready")
		for _, line := range []string{`isthmus_delivery_seconds_count{result="delivered"} 2`, `isthmus_received_total{result="handled",type="Follow"} 1`,
			"isthmus_followers 1", "isthmus_xmpp_up 1", `isthmus_blogs{state="on"} 1`} {
			shows("/metrics", 200, line+"\n")
		}
		if out, code := w.Gateway.Run("healthcheck"); code != 0 || out != "ready\n" {
			t.Errorf("healthcheck: %d %s", code, out)
		}

		w.Tap.Cut(true)
		shows("/readyz", 503, "xmpp: ")
		shows("/livez", 200, "alive")
		shows("/metrics", 200, "isthmus_xmpp_up 0\n")
		if out, code := w.Gateway.Run("healthcheck"); code != 1 || !strings.Contains(out, "xmpp: ") {
			t.Errorf("healthcheck: %d %s", code, out)
		}
		w.Tap.Up()
		shows("/readyz", 200, "ready")
		w.Gateway.Stop()
		if out, code := w.Gateway.Run("healthcheck"); code != 1 || !strings.Contains(out, "is it running?") {
			t.Errorf("healthcheck: %d %s", code, out)
		}
	})
}
