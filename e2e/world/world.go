package world

import (
	"fmt"
	"strings"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/peer"
	"isthmus/e2e/sink"
	"isthmus/e2e/xmppserver"
)

// Limit is how long a step may take at most before the scenario gives up. It
// is generous: what should happen usually happens within a second.
const Limit = 45 * time.Second

// World is one scenario: a gateway of its own on a shared ground.
type World struct {
	postgres bool // whatever the flavour

	T       await.T
	Ground  *Ground
	Server  *xmppserver.Server
	Tap     *Tap
	Gateway *Gateway
	Peer    *peer.Peer
	Sink    *sink.Sink

	abroad []*abroad // the foreign servers used so far; the first is Peer
}

// abroad is a foreign server in one scenario.
type abroad struct {
	*peer.Peer
	mark int // journal entries before this are not ours
}

// New makes a world on one flavour of XMPP server and starts its gateway. The
// server is this scenario's alone until it ends. settings are added to the
// gateway's configuration; without any, everything that waits is made quick.
func New(t await.T, g *Ground, flavour xmppserver.Flavour, settings ...string) *World {
	t.Helper()
	w := Prepare(t, g, flavour, settings...)
	w.Gateway.Start()
	return w
}

// Prepare is New without starting the gateway.
func Prepare(t await.T, g *Ground, flavour xmppserver.Flavour, settings ...string) *World {
	t.Helper()
	return prepare(t, g, flavour, false, settings)
}

// PreparePostgres is Prepare with a database on the server.
func PreparePostgres(t await.T, g *Ground, flavour xmppserver.Flavour, settings ...string) *World {
	t.Helper()
	return prepare(t, g, flavour, true, settings)
}

func prepare(t await.T, g *Ground, flavour xmppserver.Flavour, postgres bool, settings []string) *World {
	t.Helper()
	mine := <-g.servers[flavour]
	t.Cleanup(func() { g.servers[flavour] <- mine })
	w := &World{T: t, Ground: g, postgres: postgres}
	var err error
	must := func(what string) {
		if err != nil {
			t.Helper()
			t.Fatalf("%s: %v", what, err)
		}
	}
	w.Server, err = mine()
	must(string(flavour))
	if w.Server.Alive() != nil { // an earlier scenario left it down
		err = w.Server.Start()
		must(string(flavour))
	}
	w.Peer = w.at(PeerHost).Peer
	w.Sink, err = g.NewSink()
	must("sink")
	w.Tap, err = newTap(w.Server.ComponentAddr())
	must("tap")
	t.Cleanup(w.Tap.close)
	if len(settings) == 0 {
		settings = []string{quick}
	}
	w.Gateway, err = newGateway(w, strings.Join(settings, "\n"))
	must("gateway")
	t.Cleanup(w.Gateway.Kill)
	t.Cleanup(w.report)
	t.Cleanup(w.audit)
	return w
}

// at makes a foreign server take part in the scenario.
func (w *World) at(host string) *abroad {
	w.T.Helper()
	for _, a := range w.abroad {
		if a.Host == host {
			return a
		}
	}
	start := w.Ground.peers[host]
	if start == nil {
		w.T.Fatalf("there is no foreign server %s", host)
	}
	p, err := start()
	w.check(err, "foreign server %s", host)
	mark, err := p.Mark()
	w.check(err, "journal of %s", host)
	w.abroad = append(w.abroad, &abroad{p, mark})
	return w.abroad[len(w.abroad)-1]
}

// report prints what everybody logged when the scenario failed.
func (w *World) report() {
	if !w.T.Failed() {
		return
	}
	w.T.Logf("---- gateway (%s) ----\n%s", w.Gateway.Component, w.Gateway.Log())
	var stream strings.Builder
	for _, s := range w.Tap.Since(0, nil) {
		fmt.Fprintf(&stream, "%.1500s\n", s)
	}
	w.T.Logf("---- component stream ----\n%s", stream.String())
	w.T.Logf("---- %s ----\n%s", w.Server.Flavour, w.Server.Log())
	for _, a := range w.abroad {
		w.T.Logf("---- %s ----\n%s", a.Host, a.Log())
	}
}

// Quick returns the quick settings with more below them.
func Quick(more string) string { return quick + more }

// Until waits for a condition, Limit at most.
func (w *World) Until(what string, cond func() error) {
	w.T.Helper()
	await.True(w.T, Limit, what, cond)
}

// check ends the scenario when err is not nil.
func (w *World) check(err error, format string, args ...any) {
	if err != nil {
		w.T.Helper()
		w.T.Fatalf("%s: %v", fmt.Sprintf(format, args...), err)
	}
}
