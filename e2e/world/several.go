package world

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/netlab"
	"isthmus/e2e/proc"
)

// Sibling is one of several processes of a gateway.
type Sibling struct {
	Roles  string // "" is all
	Listen string // where it speaks plain HTTP, if it does

	g    *Gateway
	name string
	proc *proc.Process
	log  string // of earlier runs
}

// Several starts a gateway as several processes with these roles, behind a front door that
// shares the requests among those that answer.
func (g *Gateway) Several(roles ...string) []*Sibling {
	g.w.T.Helper()
	var doors []*url.URL
	for i, r := range roles {
		port, err := netlab.FreePort()
		g.w.check(err, "port")
		s := &Sibling{Roles: r, Listen: fmt.Sprintf("127.0.0.1:%d", port), g: g, name: fmt.Sprintf("gateway %d", i+1)}
		g.siblings = append(g.siblings, s)
		doors = append(doors, &url.URL{Scheme: "http", Host: s.Listen})
	}
	g.w.Ground.Lab.Serve(g.Component, netlab.Balance(doors...))
	mark := g.w.Tap.Mark()
	for _, s := range g.siblings {
		s.Launch()
	}
	await.True(g.w.T, 30*time.Second, "one that answers HTTP", func() error {
		for _, s := range g.siblings {
			if resp, err := http.Get("http://" + s.Listen + "/.well-known/nodeinfo"); err == nil {
				return resp.Body.Close()
			}
		}
		return fmt.Errorf("none does")
	})
	await.True(g.w.T, 30*time.Second, "the component stream", func() error {
		if len(g.w.Tap.Since(mark, func(s Tapped) bool { return s.ToGateway && s.Name == "handshake" })) == 0 {
			return fmt.Errorf("no handshake yet")
		}
		return nil
	})
	return g.siblings
}

// Launch starts it and waits for nothing.
func (s *Sibling) Launch() {
	s.g.w.T.Helper()
	args := []string{"run", "--config", s.g.Config, "--listen", s.Listen}
	if s.Roles != "" {
		args = append(args, "--roles", s.Roles)
	}
	p, err := proc.Start(proc.Spec{Name: s.name, Path: s.g.bin, Args: args, Env: s.g.env(), Dir: s.g.Dir})
	if err != nil {
		s.g.w.T.Fatalf("%s: %v", s.name, err)
	}
	s.proc = p
}

// Kill pulls the plug (SIGKILL).
func (s *Sibling) Kill() { s.end((*proc.Process).Kill) }

// Stop ends it in order.
func (s *Sibling) Stop() { s.end(func(p *proc.Process) { p.Stop(30 * time.Second) }) }

func (s *Sibling) end(how func(*proc.Process)) {
	if s.proc == nil {
		return
	}
	how(s.proc)
	s.log = s.Log()
	s.proc = nil
}

// Alive says why it is not running.
func (s *Sibling) Alive() error {
	if s.proc == nil {
		return fmt.Errorf("%s is not running", s.name)
	}
	return s.proc.Alive()
}

// Log returns what it logged, over all its runs.
func (s *Sibling) Log() string {
	if s.proc == nil {
		return s.log
	}
	return s.log + s.proc.Log.Tail(1<<20) + "\n"
}

// Usage is what all processes of the gateway have used together: processor time, and
// bytes of memory.
func (g *Gateway) Usage() (cpu time.Duration, resident int64) {
	g.w.T.Helper()
	running := []*proc.Process{g.proc}
	for _, s := range g.siblings {
		running = append(running, s.proc)
	}
	for _, p := range running {
		if p == nil {
			continue
		}
		c, r, err := p.Usage()
		g.w.check(err, "usage")
		cpu, resident = cpu+c, resident+r
	}
	return cpu, resident
}

// Process is the gateway's, while it is one.
func (g *Gateway) Process() *proc.Process { return g.proc }
