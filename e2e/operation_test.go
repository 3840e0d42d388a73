//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

func TestConfigErrorsNameLineAndFix(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		good, err := os.ReadFile(w.Gateway.Config)
		if err != nil {
			t.Fatal(err)
		}
		if out, code := w.Gateway.Run("check-config"); code != 0 {
			t.Errorf("a good config: %d %s", code, out)
		}
		broken := strings.Replace(string(good), "public_url", "publik_url", 1)
		if err := os.WriteFile(w.Gateway.Config, []byte(broken), 0o600); err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprint(1 + strings.Count(broken[:strings.Index(broken, "publik_url")], "\n"))
		out, code := w.Gateway.Run("check-config")
		if code == 0 || !strings.Contains(out, "publik_url") || !strings.Contains(out, line) || !strings.Contains(out, "public_url") {
			t.Errorf("a misspelt key: %d %s", code, out)
		}
		if out, code := w.Gateway.Run("run"); code == 0 {
			t.Errorf("it ran with a broken config: %s", out)
		}
		if out, code := w.Gateway.Run("version"); code != 0 || out == "" {
			t.Errorf("version: %d %s", code, out)
		}
	})
}

func TestAWrongSecretIsExplained(t *testing.T) {
	on(t, xmppserver.All, func(t *testing.T, f xmppserver.Flavour) {
		w := world.Prepare(t, ground, f)
		w.Gateway.Rewrite(`secret = "`+w.Server.Secret+`"`, `secret = "wrong"`)
		w.Gateway.Launch()
		w.Until("the log explains the wrong secret", func() error {
			if log := w.Gateway.Log(); !strings.Contains(log, "secret") {
				return errNotYet
			}
			return nil
		})
		if strings.Contains(w.Gateway.Log(), w.Server.Secret) {
			t.Error("the log holds a secret")
		}
	})
}

// ejabberd lets two in and gives each some of the stanzas.
func TestASecondGatewayIsToldOfTheConflict(t *testing.T) {
	only(t, xmppserver.Prosody, func(t *testing.T, w *world.World) {
		second := w.Gateway.Twin()
		second.Launch()
		w.Until("the second one reports the conflict", func() error {
			if log := second.Log(); !strings.Contains(log, "conflict") && !strings.Contains(log, "already connected") {
				return errNotYet
			}
			return nil
		})
		second.Kill()
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Publishes("the first one works on")
		bob.Sees("Create", "the first one works on")
	})
}

// The log must be fit to be shown: no bodies, no secrets.
func TestTheLogKeepsSecrets(t *testing.T) {
	somewhere(t, func(t *testing.T, w *world.World) {
		louise, bob := w.Person("louise"), w.Fan("bob")
		louise.Opens()
		louise.Starts()
		bob.Follows(louise.Handle())
		louise.Writes(world.Entry{ID: "an-item-of-" + louise.User, Title: "xyzzy-in-a-post", Author: louise.JID})
		bob.Sees("Create", "xyzzy-in-a-post")
		louise.Says("xyzzy-in-a-chat")
		log := w.Gateway.Log()
		for _, s := range []string{"xyzzy", w.Server.Secret, "PRIVATE KEY"} {
			if strings.Contains(log, s) {
				t.Errorf("the log contains %q", s)
			}
		}
	})
}
