package component

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"isthmus/component/stanza"
)

// A peer that stops reading blocks the write: its own deadline must end the
// stream, and let go of everybody who waits for room. (With mellium v0.22.0 a
// deadline did not interrupt a blocked write.)
func TestBlockedWriteEndsTheStream(t *testing.T) {
	s, c, h, l := connectedWith(t, func(cfg *Config, _ *fakeHandler) { cfg.WriteTimeout = 50 * time.Millisecond })
	s.Freeze()
	text := stanza.New(stanza.NSComponent, "body").AddText(strings.Repeat("x", 200<<10))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				if err := c.Send(stanza.Message("chat", c.JID(), addr("a@example.org"), text)); err != nil {
					if !errors.Is(err, ErrDown) {
						t.Errorf("Send: %v", err)
					}
					return
				}
			}
		})
	}
	h.expect(t, "down")
	wg.Wait()
	l.await(t, "stopped reading")
	h.expect(t, "up")
	if st := c.Status(); !errors.Is(st.Err, ErrHalfOpen) {
		t.Errorf("err = %v, want ErrHalfOpen", st.Err)
	}
}

// What one goroutine sends arrives in its order, and nothing is torn.
func TestSendKeepsOrder(t *testing.T) {
	s, c, _, _ := connected(t)
	const senders, n = 8, 300
	var wg sync.WaitGroup
	for g := range senders {
		wg.Go(func() {
			for i := range n {
				e := stanza.Message("chat", addr(fmt.Sprintf("s%d@ap.example.org", g)), addr("a@example.org")).Set("id", fmt.Sprint(i))
				if err := c.Send(e); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for g := range senders {
		for i := range n {
			e := s.Expect(fmt.Sprintf(`<message from='s%d@ap.example.org'/>`, g))
			if e.ID() != fmt.Sprint(i) {
				t.Fatalf("sender %d: got %s as number %d", g, e.ID(), i)
			}
		}
	}
}

func TestWriterPut(t *testing.T) {
	w := newWriter(nil, 0)
	chunk := make([]byte, writerHigh)
	if err := w.put(chunk, false); err != nil {
		t.Fatal(err)
	}
	if err := w.put([]byte("x"), false); !errors.Is(err, errFull) {
		t.Errorf("full queue: %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- w.put([]byte("x"), true) }()
	w.close()
	if err := <-done; !errors.Is(err, ErrDown) {
		t.Errorf("closed while waiting: %v", err)
	}
	if err := w.put([]byte("x"), true); !errors.Is(err, ErrDown) {
		t.Errorf("closed: %v", err)
	}
}
