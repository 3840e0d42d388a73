package component

import (
	"errors"
	"testing"
	"time"

	"isthmus/component/stanza"
)

func quickPings(cfg *Config, _ *fakeHandler) {
	cfg.Keepalive, cfg.PingTimeout = 20*time.Millisecond, 100*time.Millisecond
}

// A machine that lost its network keeps the connection open and says nothing.
func TestHalfOpenIsNoticed(t *testing.T) {
	s, c, h, l := connectedWith(t, quickPings)
	if err := c.pingServer(t.Context(), c.current()); err != nil {
		t.Fatal(err)
	}
	s.Freeze()
	h.expect(t, "down")
	l.await(t, "went silent: it did not answer a ping")
	h.expect(t, "up")
	if st := c.Status(); !errors.Is(st.Err, ErrHalfOpen) {
		t.Errorf("err = %v, want ErrHalfOpen", st.Err)
	}
}

// A server that never answered a ping on this stream may not route them, as
// ejabberd does with IQs of components to bare addresses under mod_privilege.
func TestUnansweredPingsAloneDoNotDrop(t *testing.T) {
	s, c, _, l := connectedWith(t, quickPings)
	s.SwallowLoops()
	s.DropConnection() // the next stream has no answered ping
	l.await(t, "does not answer pings")
	s.AwaitConnection(2)
	if s.Ask(`<iq type='get' from='a@example.org/x' to='ap.example.org' id='1'><ping xmlns='urn:xmpp:ping'/></iq>`).Type() != "result" {
		t.Error("no answer")
	}
	if n := c.Status().Reconnects; n != 1 {
		t.Errorf("%d reconnects, want 1", n)
	}
}

// Any byte counts as a sign of life while a ping is out.
func TestBusyStreamIsAlive(t *testing.T) {
	s, c, _, _ := connectedWith(t, func(cfg *Config, _ *fakeHandler) {
		cfg.Keepalive, cfg.PingTimeout = 20*time.Millisecond, 300*time.Millisecond
	})
	if err := c.pingServer(t.Context(), c.current()); err != nil {
		t.Fatal(err)
	}
	s.SwallowLoops()
	for range 3 {
		s.AwaitLoop()
		s.Send(" ")
	}
	if n := c.Status().Reconnects; n != 0 {
		t.Errorf("%d reconnects, want none", n)
	}
}

// White space goes out when nothing else does.
func TestWhiteSpaceKeepalive(t *testing.T) {
	s, c, _, _ := connectedWith(t, quickPings)
	s.AwaitWhiteSpace()
	if err := c.Send(stanza.Message("", c.JID(), addr("a@example.org"))); err != nil {
		t.Fatal(err)
	}
	s.Expect(`<message to='a@example.org'/>`)
}
