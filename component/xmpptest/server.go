// Package xmpptest is a stand-in for an XMPP server as an external component
// sees it (XEP-0114): a real TCP listener on loopback that shakes hands, routes
// nothing but what the component sends to itself, and otherwise does what the
// test says. Tests read like a transcript: Send what a peer would, Expect what
// the component answers.
//
// It keeps no accounts, rosters or nodes, and it does not check what a real
// server would refuse, apart from what costs a component its stream: a sender on
// another domain, a missing address, a stanza that is too large, bad XML.
package xmpptest

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"isthmus/component/stanza"
)

// Patience is how long Await and the like wait before they fail the test.
const Patience = 20 * time.Second

// Server is the double. Its methods fail the test when what they wait for does
// not come; they must be called from the test's goroutine.
type Server struct {
	Domain, Secret string

	// Greeting, when set before a component connects, is sent instead of the
	// usual stream header. %s stands for the stream id.
	Greeting string

	t       testing.TB
	addr    string
	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever something happens
	ln      net.Listener
	conn    *conn          // the one that shook hands
	taken   *conn          // the one that is being let in or was
	all     map[*conn]bool // every one that is open
	count   int            // how many shook hands
	refusal string
	swallow bool // what the component sends to itself
	loops   int  // how much of that was swallowed
	spaces  int  // white space between stanzas
	inbox   []*stanza.Element
	rules   []rule
	err     error // protocol violation of the component
	wg      sync.WaitGroup
}

type rule struct {
	to, ns string
	answer func(iq *stanza.Element) *stanza.Element
}

// Start listens on a free loopback port until the test ends.
func Start(t testing.TB, domain, secret string) *Server {
	t.Helper()
	s := &Server{Domain: domain, Secret: secret, t: t, addr: "127.0.0.1:0", changed: make(chan struct{}), all: make(map[*conn]bool)}
	s.listen()
	t.Cleanup(s.Stop)
	return s
}

// Addr is host:port for component.Config.Server.
func (s *Server) Addr() string { return s.addr }

func (s *Server) listen() {
	s.t.Helper()
	ln, err := net.Listen("tcp", s.addr)
	if err != nil {
		s.t.Fatal("xmpptest:", err)
	}
	s.mu.Lock()
	s.ln, s.addr = ln, ln.Addr().String()
	s.mu.Unlock()
	s.wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			s.wg.Go(func() { s.accept(c) })
		}
	})
}

// Stop closes the listener and the connection, as when the server goes down.
// Start again with Restart.
func (s *Server) Stop() {
	s.mu.Lock()
	s.ln.Close()
	for c := range s.all {
		c.close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// Restart listens again where it did before Stop.
func (s *Server) Restart() { s.t.Helper(); s.listen() }

// Refuse makes every handshake end in a stream error; Admit undoes it.
func (s *Server) Refuse(condition, text string) {
	s.set(func() { s.refusal = streamError(condition, text) })
}

// Admit undoes Refuse.
func (s *Server) Admit() { s.set(func() { s.refusal = "" }) }

// set changes state and wakes who waits for it.
func (s *Server) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	close(s.changed)
	s.changed = make(chan struct{})
}

// wait blocks until ready, called with the lock held, is true.
func (s *Server) wait(what string, ready func() bool) {
	s.t.Helper()
	deadline := time.NewTimer(Patience)
	defer deadline.Stop()
	for {
		s.mu.Lock()
		ok, err, changed := ready(), s.err, s.changed
		s.mu.Unlock()
		if ok {
			return
		}
		if err != nil {
			s.t.Fatalf("xmpptest: waiting for %s: %v", what, err)
		}
		select {
		case <-changed:
		case <-deadline.C:
			s.t.Fatalf("xmpptest: no %s in %v; unread:\n%s", what, Patience, s.unread())
		}
	}
}

func (s *Server) unread() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, e := range s.inbox {
		fmt.Fprintln(&b, "  "+e.XML())
	}
	return b.String()
}

// AwaitUp waits until a component is connected.
func (s *Server) AwaitUp() { s.t.Helper(); s.AwaitConnection(1) }

// AwaitConnection waits until the nth connection, counted from 1, is up or was.
func (s *Server) AwaitConnection(n int) {
	s.t.Helper()
	s.wait(fmt.Sprintf("component connection %d", n), func() bool { return s.count >= n && (s.count > n || s.conn != nil) })
}

// AwaitDown waits until no component is connected.
func (s *Server) AwaitDown() {
	s.t.Helper()
	s.wait("end of the component's connection", func() bool { return s.conn == nil })
}

// DropConnection cuts the connection without a word.
func (s *Server) DropConnection() { s.t.Helper(); s.live().close() }

// StreamError ends the stream with an error (RFC 6120 §4.9).
func (s *Server) StreamError(condition, text string) {
	s.t.Helper()
	c := s.live()
	c.write(streamError(condition, text) + "</stream:stream>")
	c.close()
}

// CloseStream ends the stream in good order.
func (s *Server) CloseStream() {
	s.t.Helper()
	c := s.live()
	c.write("</stream:stream>")
	c.close()
}

// Freeze stops reading and answering, as a machine that lost its network does:
// the connection stays open and its buffers fill. The next connection takes the
// frozen one's place, as if the server had noticed.
func (s *Server) Freeze() { s.t.Helper(); s.live().freeze() }

// SwallowLoops makes the server drop what the component sends to itself, pings
// of its keepalive among it.
func (s *Server) SwallowLoops() { s.set(func() { s.swallow = true }) }

// AwaitLoop waits for the next stanza that was swallowed.
func (s *Server) AwaitLoop() {
	s.t.Helper()
	s.wait("stanza of the component to itself", func() bool {
		if s.loops == 0 {
			return false
		}
		s.loops--
		return true
	})
}

// AwaitWhiteSpace waits for white space between stanzas (RFC 6120 §4.6.1).
func (s *Server) AwaitWhiteSpace() {
	s.t.Helper()
	s.wait("white space", func() bool { return s.spaces > 0 })
}

func (s *Server) live() *conn {
	s.t.Helper()
	var c *conn
	s.wait("component connection", func() bool { c = s.conn; return c != nil })
	return c
}

func streamError(condition, text string) string {
	e := "<stream:error><" + condition + " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
	if text != "" {
		e += string(stanza.New("urn:ietf:params:xml:ns:xmpp-streams", "text").AddText(text).AppendXML(nil, ""))
	}
	return e + "</stream:error>"
}
