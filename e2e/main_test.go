//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"testing"

	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

var ground *world.Ground

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if ground, err = world.NewGround(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer ground.Close()
		return m.Run()
	}())
}

// on runs a scenario on each of the flavours, side by side.
func on(t *testing.T, flavours []xmppserver.Flavour, scenario func(t *testing.T, f xmppserver.Flavour)) {
	t.Helper()
	for _, f := range flavours {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			scenario(t, f)
		})
	}
}

// everywhere runs a scenario with a started gateway on every flavour.
func everywhere(t *testing.T, scenario func(t *testing.T, w *world.World)) {
	t.Helper()
	on(t, xmppserver.All, func(t *testing.T, f xmppserver.Flavour) { scenario(t, world.New(t, ground, f)) })
}

// somewhere runs a scenario that the XMPP server has no part in, on one.
func somewhere(t *testing.T, scenario func(t *testing.T, w *world.World)) {
	t.Helper()
	on(t, []xmppserver.Flavour{xmppserver.Prosody}, func(t *testing.T, f xmppserver.Flavour) { scenario(t, world.New(t, ground, f)) })
}
