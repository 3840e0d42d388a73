package component

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"isthmus/component/stanza"
)

// What one sender sends is handled in order, also from several resources.
func TestLaneKeepsOrder(t *testing.T) {
	s, _, h, _ := connected(t)
	var b strings.Builder
	var want []string
	for i := range 500 {
		fmt.Fprintf(&b, `<presence from='Alice@example.org/r%d' to='ap.example.org'/>`, i)
		want = append(want, fmt.Sprintf(`presence Alice@example.org/r%d ""`, i))
	}
	s.Send(b.String())
	h.expect(t, want...)
}

// A handler may send IQs and wait for their replies; the reader goes on.
func TestHandlerSendsIQ(t *testing.T) {
	var c *Component
	ready := make(chan struct{})
	s, comp, h, _ := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.chat = func(ctx context.Context, m Message) error {
			<-ready
			_, err := c.IQ(ctx, stanza.IQ("get", m.To, m.From, stanza.New(stanza.NSVersion, "query")))
			h.note("asked: %v", err)
			return nil
		}
	})
	c = comp
	close(ready)
	s.Send(`<message type='chat' from='alice@example.org/x' to='ap.example.org'><body>hi</body></message>`)
	h.expect(t, "chat alice@example.org/x: hi")
	s.SendElement(stanza.Reply(s.Expect(`<iq type='get' to='alice@example.org/x'/>`)))
	h.expect(t, "asked: <nil>")
}

// A handler that hangs on a lost stream is told, and its lane goes on.
func TestHandlerIQIsToldOfDrop(t *testing.T) {
	var c *Component
	ready := make(chan struct{})
	s, comp, h, _ := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.chat = func(ctx context.Context, m Message) error {
			<-ready
			_, err := c.IQ(ctx, stanza.IQ("get", m.To, m.From, stanza.New("urn:x", "q")))
			h.note("down: %v", errors.Is(err, ErrDown))
			return nil
		}
	})
	c = comp
	close(ready)
	s.Send(`<message type='chat' from='alice@example.org/x' to='ap.example.org'><body>hi</body></message>`)
	h.expect(t, "chat alice@example.org/x: hi")
	s.Expect(`<iq type='get' to='alice@example.org/x'/>`)
	s.DropConnection()
	got := map[string]bool{<-h.calls: true, <-h.calls: true}
	if !got["down: true"] || !got["down"] {
		t.Errorf("calls %v", got)
	}
}

// One sender's full lane is refused; the reader and everybody else go on, and
// replies to our own IQs still arrive.
func TestFullLane(t *testing.T) {
	release := make(chan struct{})
	s, c, h, l := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.onPresence = func(p Presence) {
			if p.From.Local == "flood" {
				<-release
			}
		}
	})
	presence := `<presence from='flood@example.org/x' to='ap.example.org'/>`
	msg := `<message type='chat' from='flood@example.org/x' to='bob@ap.example.org' id='m'><body>hi</body></message>`
	s.Send(presence)
	h.expect(t, `presence flood@example.org/x ""`) // its lane is busy now
	s.Send(strings.Repeat(presence, laneDepth))    // and now it is full
	s.Send(presence)
	s.Send(msg)
	s.Expect(`<message type='error' to='flood@example.org/x' id='m'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`)
	s.Send(`<iq type='get' from='flood@example.org/x' to='ap.example.org' id='i'><ping xmlns='urn:xmpp:ping'/></iq>`)
	s.Expect(`<iq type='error' to='flood@example.org/x' id='i'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`)
	l.await(t, "sender is faster than we are", "flood@example.org/x", "stanza=presence")

	done := ask(context.Background(), c, "alice@example.org")
	s.SendElement(stanza.Reply(s.Expect(`<iq type='get' to='alice@example.org'/>`)))
	if r := result(t, done); r.err != nil {
		t.Error(r.err)
	}
	// Of the 64 lanes one is blocked; nine senders cannot all be in it.
	for i := range 9 {
		s.Send(fmt.Sprintf(`<message type='chat' from='u%d@example.org/x' to='ap.example.org'><body>hi</body></message>`, i))
	}
	if call := <-h.calls; !strings.HasPrefix(call, "chat u") {
		t.Errorf("got %q", call)
	}
	close(release)
}

// All lanes together hold a bounded number of bytes.
func TestLaneBytes(t *testing.T) {
	release := make(chan struct{})
	l := newLanes(func(job) { <-release })
	accepted := 0
	for l.offer(fmt.Sprint(accepted), job{size: 1 << 20}) {
		accepted++
	}
	if accepted != laneBytes>>20 {
		t.Errorf("%d MiB accepted, want %d", accepted, laneBytes>>20)
	}
	close(release)
	l.stop()
	if n := l.bytes.Load(); n != 0 {
		t.Errorf("%d bytes left over", n)
	}
}

// Settle comes behind what was offered before, and tells what was refused.
func TestLanesSettle(t *testing.T) {
	release := make(chan struct{})
	handled := 0
	l := newLanes(func(job) { <-release; handled++ })
	accepted := 0
	for l.offer("louise", job{}) {
		accepted++
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.settle(ctx, "louise"); err == nil {
		t.Error("settled a lane that is stuck")
	}
	close(release)
	lost, err := l.settle(t.Context(), "louise")
	if err != nil || lost != 1 || handled != accepted {
		t.Errorf("settled with %d of %d handled, %d lost (%v)", handled, accepted, lost, err)
	}
	l.stop()
	if _, err := l.settle(t.Context(), "louise"); err == nil {
		t.Error("settled what is stopped")
	}
}
