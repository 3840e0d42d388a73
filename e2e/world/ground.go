// Package world is what scenarios are written in: people with real XMPP
// clients, people with a foreign Fediverse server, a gateway between them, and
// sentences such as
//
//	louise.Starts()
//	bob.Follows(louise)
//	louise.Publishes("hello")
//	bob.Sees("Create", "hello")
//
// A Ground holds what takes long to start and is shared by all scenarios of a
// test run; a World is one scenario's own gateway on it. Every step either
// holds or ends the scenario with what was seen instead.
//
// It looks at the gateway from outside only: configuration, command line, XMPP
// and HTTP. It imports none of its packages.
package world

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"isthmus/e2e/netlab"
	"isthmus/e2e/peer"
	"isthmus/e2e/sink"
	"isthmus/e2e/xmppclient"
	"isthmus/e2e/xmppserver"
)

// Hosts of the foreign servers in every ground. Those after PeerHost are of its
// kind, for scenarios that take more than one; a scenario that uses them pays
// for starting them.
const (
	PeerHost   = "fedi.test"
	SecondHost = "second.test"
	ThirdHost  = "third.test"
)

// server starts an XMPP server when it is first asked for; one scenario has it at a time.
type server func() (*xmppserver.Server, error)

// Ground is the shared part. Servers and peers start when they are first used.
type Ground struct {
	Dir string
	Lab *netlab.Lab

	Bin     func() (string, error) // the gateway
	Peer    func() (*peer.Peer, error)
	peers   map[string]func() (*peer.Peer, error) // by host
	clients func() (*xmppclient.Bridge, error)
	servers map[xmppserver.Flavour]chan server // those that no scenario has now

	mu    sync.Mutex
	close []func()
	count int
}

// NewGround makes a ground with all its files below a new directory.
func NewGround() (*Ground, error) {
	dir, err := os.MkdirTemp("", "isthmus-e2e-")
	if err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	lab, err := netlab.New(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	g := &Ground{
		Dir: dir, Lab: lab, peers: map[string]func() (*peer.Peer, error){},
		servers: map[xmppserver.Flavour]chan server{},
	}
	g.later(func() { os.RemoveAll(dir) })
	g.later(lab.Close)
	g.Bin = sync.OnceValues(func() (string, error) { return build(dir) })
	for _, host := range []string{PeerHost, SecondHost, ThirdHost} {
		g.peers[host] = sync.OnceValues(func() (*peer.Peer, error) {
			p, err := peer.Start(lab, host)
			if err == nil {
				g.later(p.Close)
			}
			return p, err
		})
	}
	g.Peer = g.peers[PeerHost]
	g.clients = sync.OnceValues(func() (*xmppclient.Bridge, error) {
		b, err := xmppclient.NewBridge()
		if err == nil {
			g.later(b.Close)
		}
		return b, err
	})
	for _, f := range xmppserver.Every {
		n := 1
		if f == xmppserver.EjabberdForced {
			n = 2 // it has most to do
		}
		g.servers[f] = make(chan server, n)
		for i := range n {
			name := string(f)
			if i > 0 {
				name += strconv.Itoa(i + 1)
			}
			g.servers[f] <- sync.OnceValues(func() (*xmppserver.Server, error) {
				s, err := xmppserver.Start(f, filepath.Join(dir, name), name+".test")
				if err == nil {
					g.later(s.Kill)
				}
				return s, err
			})
		}
	}
	return g, nil
}

// NewSink makes many small hosts that are the caller's alone.
func (g *Ground) NewSink() (*sink.Sink, error) {
	return sink.New(g.Lab, fmt.Sprintf("sink%d.test", g.number()))
}

// later registers something to do at Close, last first.
func (g *Ground) later(f func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.close = append(g.close, f)
}

// Close ends everything that was started.
func (g *Ground) Close() {
	g.mu.Lock()
	todo := g.close
	g.close = nil
	g.mu.Unlock()
	for i := len(todo) - 1; i >= 0; i-- {
		todo[i]()
	}
}

// number gives scenarios and people names that nobody else has.
func (g *Ground) number() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.count++
	return g.count
}
