package component

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"isthmus/component/stanza"
	"isthmus/component/xmpptest"
)

func TestReconnects(t *testing.T) {
	s, c, h, l := connected(t)
	if st := c.Status(); !st.Up || st.LastError != "" || st.Reconnects != 0 {
		t.Errorf("status %+v", st)
	}

	s.DropConnection()
	h.expect(t, "down", "up")
	l.await(t, "closed the connection")

	s.CloseStream()
	h.expect(t, "down", "up")
	l.await(t, "the server closed the stream")

	s.StreamError("system-shutdown", "")
	h.expect(t, "down", "up")
	l.await(t, "the server is shutting down")

	s.StreamError("reset", "new keys")
	h.expect(t, "down", "up")
	l.await(t, "the server closed the stream: reset: new keys")

	if st := c.Status(); !st.Up || st.Reconnects != 4 || st.LastError == "" {
		t.Errorf("status %+v", st)
	}
	if s.Ask(`<iq type='get' from='a@example.org/x' to='ap.example.org' id='1'><ping xmlns='urn:xmpp:ping'/></iq>`).Type() != "result" {
		t.Error("no answer after reconnecting")
	}
}

func TestServerRestart(t *testing.T) {
	s, c, h, l := connected(t)
	s.Stop()
	h.expect(t, "down")
	l.await(t, "nothing accepts connections at "+s.Addr())
	if st := c.Status(); st.Up || !strings.Contains(st.LastError, "component_ports") {
		t.Errorf("status %+v", st)
	}
	if err := c.Send(stanza.Message("", c.JID(), addr("a@example.org"))); !errors.Is(err, ErrDown) {
		t.Errorf("Send: %v", err)
	}
	s.Restart()
	h.expect(t, "up")
}

// What an operator reads names the place to look at.
func TestFaultsInWords(t *testing.T) {
	for name, tc := range map[string]struct {
		prepare func(s *xmpptest.Server, cfg *Config)
		is      error
		words   []string
	}{
		"wrong secret": {
			func(_ *xmpptest.Server, cfg *Config) { cfg.Secret = "other" }, ErrUnauthorized,
			[]string{"secret for ap.example.org", "component_secret", "ejabberd_service"},
		},
		"unknown domain": {
			func(_ *xmpptest.Server, cfg *Config) { cfg.Domain = "zz.example.org" }, ErrHostUnknown,
			[]string{`add Component "zz.example.org"`, "component_secret"},
		},
		"conflict": {
			func(s *xmpptest.Server, _ *Config) { s.Refuse("conflict", "Component already connected") }, ErrConflict,
			[]string{"another program is connected as ap.example.org; stop it, or"},
		},
		"another stream error": {
			func(s *xmpptest.Server, _ *Config) { s.Refuse("policy-violation", "not today") }, nil,
			[]string{"policy-violation: not today"},
		},
		"port for clients": {
			func(s *xmpptest.Server, _ *Config) {
				s.Greeting = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' from='ap.example.org' id='%s' version='1.0'><stream:features/>"
			}, nil,
			[]string{"a port for clients", "5347"},
		},
		"nobody there": {
			func(s *xmpptest.Server, _ *Config) { s.Stop() }, nil,
			[]string{"nothing accepts connections at 127.0.0.1:", "start the XMPP server"},
		},
		"no XMPP": {
			func(s *xmpptest.Server, _ *Config) { s.Greeting = "<html><body>400 Bad Request</body></html>" }, nil,
			[]string{"connecting to 127.0.0.1:"},
		},
		"no such name": {
			func(_ *xmpptest.Server, cfg *Config) { cfg.Server = "xmpp.invalid:5347" }, nil,
			[]string{"the name of the XMPP server in xmpp.invalid:5347 cannot be resolved"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := xmpptest.Start(t, testDomain, "s3cret")
			l, log := newLogs()
			cfg := fast(s, log)
			tc.prepare(s, &cfg)
			c, _ := run(t, cfg, newFakeHandler())
			for _, w := range tc.words {
				l.await(t, "level=WARN", strings.ReplaceAll(w, `"`, `\"`))
				if st := c.Status(); !strings.Contains(st.LastError, w) || st.Up {
					t.Errorf("status %+v\ndoes not say %q", st, w)
				}
			}
			if st := c.Status(); tc.is != nil && !errors.Is(st.Err, tc.is) {
				t.Errorf("err = %v, want %v", st.Err, tc.is)
			}
		})
	}
}

// A server that takes the connection and says nothing is given up.
func TestSilentServer(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	l, log := newLogs()
	run(t, Config{Domain: testDomain, Server: ln.Addr().String(), Log: log, ConnectTimeout: 20 * time.Millisecond, BackoffMin: time.Millisecond}, newFakeHandler())
	l.await(t, "did not answer like an XMPP server in time")
}

// After conflict the component keeps trying and gets in when the other is gone.
func TestConflictEnds(t *testing.T) {
	s := xmpptest.Start(t, testDomain, "s3cret")
	_, log := newLogs()
	h1, h2 := newFakeHandler(), newFakeHandler()
	_, stop := run(t, fast(s, log), h1)
	h1.expect(t, "up")
	l2, log2 := newLogs()
	run(t, fast(s, log2), h2)
	l2.await(t, "another program is connected as ap.example.org")
	stop()
	h1.expect(t, "down")
	h2.expect(t, "up")
}

// Ending Run writes what is queued and closes the stream in good order.
func TestRunEndsInGoodOrder(t *testing.T) {
	s := xmpptest.Start(t, testDomain, "s3cret")
	_, log := newLogs()
	h := newFakeHandler()
	c, stop := run(t, fast(s, log), h)
	h.expect(t, "up")
	for range 1000 {
		if err := c.Send(stanza.Message("chat", c.JID(), addr("a@example.org"))); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	s.AwaitDown()
	h.expect(t, "down")
	if n := len(s.Unread()); n != 1000 {
		t.Errorf("%d of 1000 stanzas arrived", n)
	}
	if st := c.Status(); st.Up || st.LastError != "the gateway was stopped" {
		t.Errorf("status %+v", st)
	}
	if _, err := c.IQ(context.Background(), stanza.IQ("get", c.JID(), addr("a@example.org"))); !errors.Is(err, ErrDown) {
		t.Errorf("IQ after the end: %v", err)
	}
}

// Run ends while it waits to reconnect, too, and while it connects.
func TestRunEndsWhileDown(t *testing.T) {
	s := xmpptest.Start(t, testDomain, "s3cret")
	s.Stop()
	l, log := newLogs()
	cfg := fast(s, log)
	cfg.BackoffMin = time.Hour
	_, stop := run(t, cfg, newFakeHandler())
	l.await(t, "nothing accepts connections")
	stop()
}

func TestRunRefusesImpossibleConfig(t *testing.T) {
	for _, cfg := range []Config{
		{},
		{Domain: "a@ap.example.org", Server: "127.0.0.1:5347"},
		{Domain: "ap.example.org/x", Server: "127.0.0.1:5347"},
		{Domain: "ap_1.example.org", Server: "127.0.0.1:5347"},
		{Domain: "ap.example.org' x='", Server: "127.0.0.1:5347"},
		{Domain: "ap.example.org", Server: "127.0.0.1"},
	} {
		if err := New(cfg, newFakeHandler()).Run(context.Background()); err == nil {
			t.Errorf("%+v: no error", cfg)
		}
	}
}

// Up runs once per stream and is told when its stream is gone; Down waits for it.
func TestUpEndsWithItsStream(t *testing.T) {
	running := make(chan struct{})
	s, _, h, _ := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.onUp = func(ctx context.Context) {
			running <- struct{}{}
			<-ctx.Done()
			h.note("up ended")
		}
	})
	<-running
	s.DropConnection()
	h.expect(t, "up ended", "down", "up")
	<-running
}

func TestPanicsInUpAndDownAreCaught(t *testing.T) {
	s, _, h, l := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.onUp = func(context.Context) { panic("oops") }
	})
	l.await(t, "handler panicked", "oops")
	s.DropConnection()
	h.expect(t, "down", "up")
}

func TestBackoff(t *testing.T) {
	b := backoff{min: time.Second, max: time.Minute}
	want := time.Second
	for range 10 {
		d := b.next(0)
		if d < want/2 || d > want {
			t.Errorf("wait %v, want within %v and %v", d, want/2, want)
		}
		want = min(2*want, time.Minute)
	}
	if d := b.next(30 * time.Second); d < 30*time.Second {
		t.Errorf("wait %v after a short life, want the longest", d)
	}
	if d := b.next(time.Hour); d > time.Second {
		t.Errorf("wait %v after a long life, want the shortest", d)
	}
}
