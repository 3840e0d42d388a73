package component

import (
	"context"
	"errors"
	"testing"
	"time"

	"isthmus/component/stanza"
	"isthmus/component/xmpptest"
)

// A service that has much to do is waited for as long as somebody at its domain is answered,
// and one that says nothing is not.
func TestPatientlyWhileOthersAreAnswered(t *testing.T) {
	t.Parallel()
	s, c, _, _ := connected(t)
	s.Answer("busy.example.org", stanza.NSVersion, xmpptest.Result())
	const silence = time.Second
	begun, done := time.Now(), make(chan error, 1)
	ask := func(to string) *stanza.Element {
		return stanza.IQ("get", c.JID(), addr(to), stanza.New(stanza.NSPing, "ping"))
	}
	go func() {
		_, err := c.Patiently(context.Background(), ask("alice@busy.example.org"), silence)
		done <- err
	}()
	late := s.Expect(`<iq to='alice@busy.example.org'/>`)
	for time.Since(begun) < 2*silence {
		if _, err := c.IQ(context.Background(), stanza.IQ("get", c.JID(), addr("busy.example.org"), stanza.New(stanza.NSVersion, "query"))); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-done:
			t.Fatalf("after %v: %v", time.Since(begun), err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	s.Send(`<iq type='result' id='` + late.ID() + `' from='alice@busy.example.org' to='ap.example.org'/>`)
	if err := <-done; err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := c.Patiently(ctx, ask("silent.example.org"), 20*time.Millisecond); !errors.Is(err, ErrTimeout) || ctx.Err() != nil {
		t.Errorf("nobody answers: %v", err)
	}
	ctx, cancel = context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Patiently(ctx, ask("silent.example.org"), time.Hour); !errors.Is(err, ErrTimeout) {
		t.Errorf("at the deadline: %v", err)
	}
	ctx, cancel = context.WithCancel(context.Background())
	cancel()
	if _, err := c.Patiently(ctx, ask("silent.example.org"), time.Hour); !errors.Is(err, context.Canceled) || errors.Is(err, ErrTimeout) {
		t.Errorf("called off: %v", err)
	}
}
