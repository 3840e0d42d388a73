package component

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"isthmus/component/stanza"
)

type iqResult struct {
	reply *stanza.Element
	err   error
}

// ask sends an IQ in the background.
func ask(ctx context.Context, c *Component, to string) <-chan iqResult {
	done := make(chan iqResult, 1)
	go func() {
		r, err := c.IQ(ctx, stanza.IQ("get", c.JID(), addr(to), stanza.New("urn:x", "q")))
		done <- iqResult{r, err}
	}()
	return done
}

func result(t *testing.T, done <-chan iqResult) iqResult {
	t.Helper()
	select {
	case r := <-done:
		return r
	case <-time.After(patience):
		t.Fatal("IQ did not return")
		return iqResult{}
	}
}

// A reply counts only from the very address that was asked.
func TestY5_SpoofedReplies(t *testing.T) {
	s, c, _, _ := connected(t)
	done := ask(context.Background(), c, "alice@example.org/phone")
	id := s.Expect(`<iq type='get' to='alice@example.org/phone'/>`).ID()
	for _, from := range []string{"mallory@example.org/x", "alice@example.org", "alice@example.org/other", "example.org", "ap.example.org", "alice@example.org/Phone"} {
		s.Send(fmt.Sprintf(`<iq type='result' id='%s' from='%s' to='ap.example.org'><spoofed xmlns='urn:x'/></iq>`, id, from))
		s.Send(fmt.Sprintf(`<iq type='error' id='%s' from='%s' to='ap.example.org'/>`, id, from))
	}
	s.Send(fmt.Sprintf(`<iq type='result' id='%s' to='ap.example.org'><spoofed xmlns='urn:x'/></iq>`, id))
	s.Send(fmt.Sprintf(`<iq type='result' id='%s' from='Alice@Example.ORG/phone' to='ap.example.org'><true xmlns='urn:x'/></iq>`, id))
	if r := result(t, done); r.err != nil || r.reply.First("urn:x", "true") == nil {
		t.Errorf("got %v, %v", r.reply, r.err)
	}
}

// Without a sender it is the server that speaks, for the stream's own domain.
func TestReplyWithoutSender(t *testing.T) {
	p := newPending()
	c, _ := p.add(pendingKey{peerKey(testDomain), "1"})
	if !p.deliver(stanza.New(stanza.NSComponent, "iq", "type", "result", "id", "1"), false, testDomain) {
		t.Error("not delivered")
	}
	<-c
}

// A malformed address comes back as it was written.
func TestReplyFromMalformedAddress(t *testing.T) {
	p := newPending()
	if _, err := p.add(pendingKey{peerKey("a b@@c"), "1"}); err != nil {
		t.Fatal(err)
	}
	if !p.deliver(stanza.New(stanza.NSComponent, "iq", "type", "error", "id", "1", "from", "a b@@c"), false, testDomain) {
		t.Error("not delivered")
	}
}

// Prosody ignores RSM, so a node can come back larger than we read; who asked
// learns it and can ask for less.
func TestReplyTooLarge(t *testing.T) {
	s, c, _, _ := connected(t)
	done := ask(context.Background(), c, "alice@example.org")
	id := s.Expect(`<iq type='get' to='alice@example.org'/>`).ID()
	s.Send(`<iq type='result' from='alice@example.org' to='ap.example.org' id='` + id + `'><items xmlns='urn:x'>` + strings.Repeat("<item/>", stanza.MaxSize/7) + `</items></iq>`)
	if r := result(t, done); !errors.Is(r.err, ErrTooLarge) {
		t.Errorf("err = %v, want ErrTooLarge", r.err)
	}
	if c.Status().Reconnects != 0 || len(s.Unread()) != 0 {
		t.Error("a reply was answered, or the stream lost")
	}
}

// Answers out of order reach their own question.
func TestManyIQsAtOnce(t *testing.T) {
	s, c, _, _ := connected(t)
	const n = 200
	var waits []<-chan iqResult
	for range n {
		waits = append(waits, ask(context.Background(), c, "alice@example.org"))
	}
	var reqs []*stanza.Element
	ids := map[string]bool{}
	for range n {
		r := s.Expect(`<iq type='get' to='alice@example.org'/>`)
		reqs, ids[r.ID()] = append(reqs, r), true
	}
	if len(ids) != n {
		t.Fatalf("%d different ids, want %d", len(ids), n)
	}
	for i := len(reqs) - 1; i >= 0; i-- {
		s.SendElement(stanza.Reply(reqs[i]))
		s.SendElement(stanza.Reply(reqs[i])) // a second answer is nobody's
	}
	for _, w := range waits {
		if r := result(t, w); r.err != nil {
			t.Fatal(r.err)
		}
	}
}

// Everybody who waits is told the moment the stream drops.
func TestDropTellsPending(t *testing.T) {
	s, c, h, _ := connected(t)
	var waits []<-chan iqResult
	for i := range 10 {
		waits = append(waits, ask(context.Background(), c, fmt.Sprintf("u%d@example.org", i)))
		s.Expect(`<iq type='get'/>`)
	}
	s.DropConnection()
	for _, w := range waits {
		if r := result(t, w); !errors.Is(r.err, ErrDown) {
			t.Errorf("err = %v, want ErrDown", r.err)
		}
	}
	h.expect(t, "down", "up")
	// The answer to a question of the old stream is nobody's on the new one.
	done := ask(context.Background(), c, "u0@example.org")
	s.SendElement(stanza.Reply(s.Expect(`<iq type='get' to='u0@example.org'/>`)))
	if r := result(t, done); r.err != nil {
		t.Error(r.err)
	}
}

func TestIQTimesOut(t *testing.T) {
	s, c, _, _ := connectedWith(t, func(cfg *Config, _ *fakeHandler) { cfg.IQTimeout = 20 * time.Millisecond })
	done := ask(context.Background(), c, "alice@example.org")
	late := s.Expect(`<iq type='get'/>`)
	if r := result(t, done); !errors.Is(r.err, ErrTimeout) {
		t.Errorf("err = %v, want ErrTimeout", r.err)
	}
	s.SendElement(stanza.Reply(late)) // too late, and harmless

	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if r := result(t, ask(ctx, c, "alice@example.org")); !errors.Is(r.err, ErrTimeout) || !errors.Is(r.err, context.DeadlineExceeded) {
		t.Errorf("err = %v, want ErrTimeout and DeadlineExceeded", r.err)
	}
	s.Expect(`<iq type='get'/>`)

	ctx, cancel = context.WithCancel(context.Background())
	done = ask(ctx, c, "alice@example.org")
	s.Expect(`<iq type='get'/>`)
	cancel()
	if r := result(t, done); !errors.Is(r.err, context.Canceled) {
		t.Errorf("err = %v, want Canceled", r.err)
	}
	l := c.current()
	l.pending.mu.Lock()
	defer l.pending.mu.Unlock()
	for k := range l.pending.wait {
		if k.peer != "ap.example.org/gw" { // the keepalive's
			t.Errorf("%v is still waited for", k)
		}
	}
}

// Callers' contexts end their wait and nothing else: five runs of "timeout,
// send, cancel" killed a mellium v0.22.0 stream after 48 to 2,584 sends.
func TestCancelledContextsDoNotHurtTheStream(t *testing.T) {
	s, c, _, _ := connected(t)
	const n = 3000
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := w; i < n; i += 4 {
				ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i%50)*time.Microsecond)
				_, _ = c.IQ(ctx, stanza.IQ("get", c.JID(), addr("alice@example.org"), stanza.New("urn:x", "q")))
				cancel()
			}
		})
	}
	wg.Wait()
	if err := c.Send(stanza.Message("chat", c.JID(), addr("a@example.org")).Set("id", "last")); err != nil {
		t.Fatal(err)
	}
	s.Expect(`<message id='last'/>`)
	if st := c.Status(); st.Reconnects != 0 || !st.Up {
		t.Errorf("status %+v", st)
	}
}
