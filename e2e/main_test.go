//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"testing"

	"isthmus/db/pgtest"
	"isthmus/e2e/await"
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

// on runs a scenario on each of the flavours, beside others: each server has one
// scenario at a time.
func on(t *testing.T, flavours []xmppserver.Flavour, scenario func(t *testing.T, f xmppserver.Flavour)) {
	t.Helper()
	t.Parallel()
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

// engines are the flavours for scenarios that the XMPP server has no part in: with
// Prosody the gateway keeps its data in SQLite, with ejabberd that announces deletions
// on PostgreSQL.
var engines = []xmppserver.Flavour{xmppserver.Prosody, xmppserver.EjabberdForced}

// somewhere runs a scenario that the XMPP server has no part in, once on each engine.
func somewhere(t *testing.T, scenario func(t *testing.T, w *world.World)) {
	t.Helper()
	on(t, engines, func(t *testing.T, f xmppserver.Flavour) { scenario(t, world.New(t, ground, f)) })
}

// only runs a scenario that is about one flavour, once on each engine.
func only(t *testing.T, f xmppserver.Flavour, scenario func(t *testing.T, w *world.World), settings ...string) {
	t.Helper()
	t.Parallel()
	for name, prepare := range map[string]func(await.T, *world.Ground, xmppserver.Flavour, ...string) *world.World{
		"sqlite": world.Prepare, "postgres": world.PreparePostgres,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "postgres" {
				pgtest.ServerOnly(t)
			}
			w := prepare(t, ground, f, settings...)
			w.Gateway.Start()
			scenario(t, w)
		})
	}
}
