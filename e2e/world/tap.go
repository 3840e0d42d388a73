package world

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"isthmus/e2e/xmppclient"
)

// Tap stands between a gateway and its XMPP server: it hands bytes on as they
// are, notes every stanza of both directions, and can cut the line.
type Tap struct {
	Addr string // where the gateway connects

	ln     net.Listener
	server string

	mu     sync.Mutex
	down   bool
	frozen chan struct{} // closed when bytes go on, nil while they do
	conns  []net.Conn
	stanza []Tapped
}

// Tapped is one stanza that passed.
type Tapped struct {
	ToGateway bool
	Size      int64 // bytes on the wire
	At        time.Time
	*xmppclient.Element
}

// newTap listens on a free loopback port and forwards to server.
func newTap(server string) (*Tap, error) {
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("world: tap: %w", err)
	}
	t := &Tap{Addr: ln.Addr().String(), ln: ln, server: server}
	go t.serve()
	return t, nil
}

func (t *Tap) serve() {
	for {
		c, err := t.ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			go t.join(c)
		}
	}
}

// join connects one connection of the gateway with the server.
func (t *Tap) join(gateway net.Conn) {
	t.mu.Lock()
	down := t.down
	t.mu.Unlock()
	if down {
		gateway.Close()
		return
	}
	server, err := net.Dial("tcp4", t.server)
	if err != nil {
		gateway.Close()
		return
	}
	t.mu.Lock()
	t.conns = append(t.conns, gateway, server)
	t.mu.Unlock()
	go t.copy(server, gateway, false)
	t.copy(gateway, server, true)
}

// copy forwards one direction and notes its stanzas. The note may lag behind
// the bytes; it never holds them up.
func (t *Tap) copy(to, from net.Conn, toGateway bool) {
	r, w := io.Pipe()
	go func() {
		xmppclient.ReadStream(r, func(e *xmppclient.Element, size int64) {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.stanza = append(t.stanza, Tapped{toGateway, size, time.Now(), e})
		})
		io.Copy(io.Discard, r)
	}()
	io.Copy(to, io.TeeReader(thawed{t, from}, w))
	w.Close()
	to.Close()
	from.Close()
}

// Freeze keeps the line open and lets nothing pass, as when a router in between is gone,
// until Thaw.
func (t *Tap) Freeze() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.frozen == nil {
		t.frozen = make(chan struct{})
	}
}

// Thaw ends it. What waited passes.
func (t *Tap) Thaw() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.frozen != nil {
		close(t.frozen)
		t.frozen = nil
	}
}

// thawed reads what may pass.
type thawed struct {
	t *Tap
	r io.Reader
}

func (r thawed) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	r.t.mu.Lock()
	frozen := r.t.frozen
	r.t.mu.Unlock()
	if frozen != nil {
		<-frozen
	}
	return n, err
}

// Cut drops the line; with down the gateway cannot come back until Up.
func (t *Tap) Cut(down bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.down = down
	for _, c := range t.conns {
		c.Close()
	}
	t.conns = nil
}

// Up lets the gateway connect again.
func (t *Tap) Up() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.down = false
}

func (t *Tap) isDown() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.down
}

func (t *Tap) close() {
	t.ln.Close()
	t.Thaw()
	t.Cut(true)
}

// Mark is a position among the stanzas, for Since.
func (t *Tap) Mark() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.stanza)
}

// Since returns the stanzas after a mark that fit; nil fits all.
func (t *Tap) Since(mark int, fits func(Tapped) bool) []Tapped {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []Tapped
	for _, s := range t.stanza[min(mark, len(t.stanza)):] {
		if fits == nil || fits(s) {
			out = append(out, s)
		}
	}
	return out
}

// IsEvent fits pubsub events on their way to the gateway that speak of item
// id; "" is any item.
func IsEvent(id string) func(Tapped) bool {
	return func(s Tapped) bool {
		if !s.ToGateway || s.Name != "message" {
			return false
		}
		for _, event := range s.All("event") {
			for _, items := range event.All("items") {
				for _, item := range items.All("item") {
					if id == "" || item.Attr["id"] == id {
						return true
					}
				}
			}
		}
		return false
	}
}

// String names a stanza in one line.
func (s Tapped) String() string {
	arrow := "gateway →"
	if s.ToGateway {
		arrow = "→ gateway"
	}
	line := fmt.Sprintf("%s %s %s from=%s to=%s id=%s", arrow, s.Name, s.Attr["type"], s.Attr["from"], s.Attr["to"], s.Attr["id"])
	for _, c := range s.Children {
		line += " " + words(c, 4)
	}
	return line
}

// words are an element's name, what identifies it, and its children's, to a depth.
func words(e *xmppclient.Element, depth int) string {
	s := e.Name
	for _, a := range []string{"node", "id", "type", "var"} {
		if e.Attr[a] != "" {
			s += fmt.Sprintf(" %s=%.60q", a, e.Attr[a])
		}
	}
	if text := strings.TrimSpace(e.Text); text != "" {
		s += fmt.Sprintf(" %.60q", text)
	}
	if depth > 0 {
		for _, c := range e.Children {
			s += " " + words(c, depth-1)
		}
	}
	return "<" + s + ">"
}
