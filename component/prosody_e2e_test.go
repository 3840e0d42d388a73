//go:build e2e

package component

import (
	"context"
	"encoding/xml"
	"errors"
	"strings"
	"testing"
	"time"

	"isthmus/component/stanza"
)

// Run with: go test -tags e2e ./component -run E2E
func TestE2EProsody(t *testing.T) { scenarios(t, prosody(t)) }

func TestE2EEjabberd(t *testing.T) { scenarios(t, ejabberd(t)) }

func scenarios(t *testing.T, srv *realServer) {
	t.Run("faults in words", func(t *testing.T) { e2eFaults(t, srv) })
	t.Run("life", func(t *testing.T) { e2eLife(t, srv) })
	t.Run("poison from a client", func(t *testing.T) { e2ePoison(t, srv) })
	t.Run("mellium alone", func(t *testing.T) { e2eMelliumAlone(t, srv) })
	t.Run("error IQs from another component", func(t *testing.T) { e2eErrorIQs(t, srv) })
	t.Run("what Send lets through", func(t *testing.T) { e2eSend(t, srv) })
	if srv.name == "prosody" { // ejabberd 23.01 knows no privileged IQs
		t.Run("privileges", func(t *testing.T) { e2ePrivileges(t, srv) })
	}
	t.Run("restart", func(t *testing.T) { e2eRestart(t, srv) }) // last: it stops the server
}

func (s *realServer) config(domain string) (*logs, Config) {
	l, log := newLogs()
	return l, Config{
		Domain: domain + "." + s.host, Secret: e2eSecret, Server: s.comp, Log: log,
		Name: "Test gateway", BackoffMin: 50 * time.Millisecond, BackoffMax: 200 * time.Millisecond,
	}
}

// up starts a component and waits until it is connected.
func (s *realServer) up(t *testing.T, domain string) (*Component, *fakeHandler) {
	t.Helper()
	_, cfg := s.config(domain)
	h := newFakeHandler()
	c, _ := run(t, cfg, h)
	h.expectSoon(t, "up")
	return c, h
}

// expectSoon waits for a call as long as real servers need; they also send what
// nobody asked for, presence of earlier tests for one.
func (h *fakeHandler) expectSoon(t *testing.T, want string) {
	t.Helper()
	for deadline := time.After(e2ePatience); ; {
		select {
		case got := <-h.calls:
			if got == want {
				return
			}
		case <-deadline:
			t.Fatalf("handler was not asked %q", want)
		}
	}
}

// stayed fails when the component has lost its stream in the meantime.
func stayed(t *testing.T, c *Component) {
	t.Helper()
	if st := c.Status(); !st.Up || st.Reconnects != 0 {
		t.Errorf("status %+v, want the first stream still up", st)
	}
}

func e2eFaults(t *testing.T, srv *realServer) {
	srv.up(t, "ap")
	for name, tc := range map[string]struct {
		domain, secret, words string
		is                    error
	}{
		"wrong secret":   {"other", "wrong", "the server refused our secret for other." + srv.host, ErrUnauthorized},
		"conflict":       {"ap", e2eSecret, "another program is connected as ap." + srv.host + "; stop it, or", ErrConflict},
		"unknown domain": {"zz", e2eSecret, "has no component zz." + srv.host, ErrHostUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			if srv.name == "ejabberd" {
				switch name {
				case "conflict":
					return // 23.01 accepts both and spreads stanzas at random
				case "unknown domain":
					tc.words, tc.is = "the server refused our secret for zz."+srv.host, ErrUnauthorized // 23.01 says no more
				}
			}
			l, cfg := srv.config(tc.domain)
			cfg.Secret = tc.secret
			c, _ := run(t, cfg, newFakeHandler())
			l.await(t, tc.words)
			if st := c.Status(); !errors.Is(st.Err, tc.is) || !strings.Contains(st.LastError, tc.words) {
				t.Errorf("status %+v", st)
			}
		})
	}
	t.Run("port for clients", func(t *testing.T) {
		l, cfg := srv.config("ap")
		cfg.Server = srv.c2s
		run(t, cfg, newFakeHandler())
		l.await(t, "is a port for clients")
	})
}

func e2eLife(t *testing.T, srv *realServer) {
	c, h := srv.up(t, "ap")
	ctx, cancel := context.WithTimeout(t.Context(), e2ePatience)
	defer cancel()
	if err := c.pingServer(ctx, c.current()); err != nil {
		t.Errorf("keepalive ping: %v", err)
	}
	if _, err := c.IQ(ctx, stanza.IQ("get", c.JID(), addr(srv.host), stanza.New(stanza.NSPing, "ping"))); err != nil {
		t.Errorf("ping to the host: %v", err)
	}
	if err := c.current().out.put([]byte(" \n"), true); err != nil {
		t.Error(err)
	}
	alice := login(t, srv, "alice", "x")
	for _, to := range []string{"ap." + srv.host, "ap." + srv.host + "/gw", `bob\40social.example@ap.` + srv.host} {
		alice.ping(to)
	}
	alice.send(`<message type='chat' to='ap.` + srv.host + `' id='m1'><body>hello</body></message>`)
	h.expectSoon(t, "chat alice@"+srv.host+"/x: hello")
	alice.send(`<iq type='get' to='ap.` + srv.host + `' id='info'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`)
	if info := stanza.ParseInfo(alice.reply("info")); len(info.Identities) != 1 || info.Identities[0].Category != "gateway" {
		t.Errorf("info %+v", info)
	}
	// The reply comes from the very address that was asked, whatever it is.
	for _, to := range []string{"alice@" + srv.host, "nobody@" + srv.host, "Alice@" + strings.ToUpper(srv.host), alice.jid.String(), "other." + srv.host, "pubsub." + srv.host} {
		done := make(chan error, 1)
		go func() {
			_, err := c.IQ(ctx, stanza.IQ("get", c.JID(), addr(to), stanza.New(stanza.NSDiscoInfo, "query")))
			done <- err
		}()
		if to == alice.jid.String() {
			for q := alice.next(); ; q = alice.next() {
				if q.Local == "iq" && q.Type() == "get" {
					alice.send(`<iq type='result' to='` + q.Get("from") + `' id='` + q.ID() + `'/>`)
					break
				}
			}
		}
		if err := <-done; errors.Is(err, ErrTimeout) || errors.Is(err, ErrDown) {
			t.Errorf("IQ to %s: %v", to, err)
		}
	}
	stayed(t, c)
}

// What any user of the server can send.
func e2ePoison(t *testing.T, srv *realServer) {
	c, _ := srv.up(t, "ap")
	gw := "ap." + srv.host
	for name, resource := range map[string]string{"plain": "x", "U+3164": "\u3164", "heart": "♥", "long": strings.Repeat("r", 1000)} {
		t.Run("resource "+name, func(t *testing.T) {
			alice := login(t, srv, "alice", resource)
			for _, xml := range []string{
				`<message to='♥@` + gw + `' type='chat'><body>hi</body></message>`,
				`<presence to='♥@` + gw + `' type='subscribe'/>`,
				`<iq to='♥@` + gw + `' type='get' id='p0'><query xmlns='urn:x'/></iq>`,
				`<iq to='` + gw + `' type='error' id='p1'/>`,
				`<iq to='` + gw + `' type='error' id='p2'>text</iq>`,
				`<iq to='` + gw + `' type='result' id='p3'/>`,
				`<message to='` + gw + `'><error xmlns='http://etherx.jabber.org/streams'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error></message>`,
				`<message to='` + gw + `'><stream xmlns='http://etherx.jabber.org/streams'/></message>`,
				`<message to='` + gw + `'><stream:stream/><stream:error/></message>`,
				`<message to='` + gw + `'><a xmlns=''/><b xmlns='urn:x' xmlns:y='urn:y' y:z='1'/><y:c xmlns:y='urn:y'/></message>`,
				`<message to='` + gw + `'>` + strings.Repeat("<a>", 500) + strings.Repeat("</a>", 500) + `</message>`,
				`<message to='` + gw + `' type='chat'><body><![CDATA[ ]]&gt; <b> ]]>&#x85;&#x2028;&#x10FFFF;</body></message>`,
				`<message to='` + gw + `' type='chat'><body>` + strings.Repeat("x", 200<<10) + `</body></message>`,
			} {
				alice.send(xml)
				alice.ping(gw)
			}
			stayed(t, c)
		})
	}
}

// The finding behind our own reader: what one user sends ends the token reader
// of a mellium v0.22.0 session, on a component that did nothing wrong.
func e2eMelliumAlone(t *testing.T, srv *realServer) {
	for name, inner := range map[string]string{
		"error":  `<error xmlns='http://etherx.jabber.org/streams'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>`,
		"stream": `<stream xmlns='http://etherx.jabber.org/streams'/>`,
	} {
		t.Run(name, func(t *testing.T) {
			conn := dialUntil(t, srv.comp)
			defer conn.Close()
			session, err := openSession(Config{Domain: "other." + srv.host, Secret: e2eSecret}, conn)
			if err != nil {
				t.Fatal(err)
			}
			login(t, srv, "alice", "x").send(`<message to='other.` + srv.host + `'>` + inner + `</message>`)
			r := session.TokenReader()
			defer r.Close()
			for depth := 0; ; {
				tok, err := r.Token()
				if err != nil && depth > 0 {
					return // inside the message: the server has closed nothing
				}
				if err != nil {
					t.Fatalf("between stanzas: %v", err)
				}
				switch tok.(type) {
				case xml.StartElement:
					depth++
				case xml.EndElement:
					if depth--; depth == 0 {
						t.Fatal("the message was read to its end; v0.22.0 gave an error")
					}
				}
			}
		})
	}
}

// From another component of the same server, these two ended a mellium v0.22.0
// session.
func e2eErrorIQs(t *testing.T, srv *realServer) {
	c, _ := srv.up(t, "ap")
	other, _ := srv.up(t, "other")
	ctx, cancel := context.WithTimeout(t.Context(), e2ePatience)
	defer cancel()
	for _, e := range []*stanza.Element{
		stanza.IQ("error", other.JID(), c.JID()),
		stanza.IQ("error", other.JID(), c.JID()).AddText("oops"),
		stanza.IQ("result", other.JID(), c.JID()),
		stanza.Presence("error", other.JID(), c.JID()),
		stanza.Message("error", other.JID(), c.JID()),
	} {
		if err := other.Send(e); err != nil {
			t.Fatal(err)
		}
		if _, err := other.IQ(ctx, stanza.IQ("get", other.JID(), c.JID(), stanza.New(stanza.NSPing, "ping"))); err != nil {
			t.Errorf("after %s: %v", e.XML(), err)
		}
	}
	stayed(t, c)
	stayed(t, other)
}

// Nothing that passes Send's checks costs the stream.
func e2eSend(t *testing.T, srv *realServer) {
	c, _ := srv.up(t, "ap")
	ctx, cancel := context.WithTimeout(t.Context(), e2ePatience)
	defer cancel()
	to := addr("alice@" + srv.host)
	body := func(s string) *stanza.Element { return stanza.New(stanza.NSComponent, "body").AddText(s) }
	for name, e := range map[string]*stanza.Element{
		"no sender":          stanza.Message("chat", stanza.JID{}, to, body("x")),
		"capital domain":     stanza.Message("chat", addr("Bob@AP."+strings.ToUpper(srv.host)+"/x"), to, body("x")),
		"virtual user":       stanza.Message("chat", addr(`bob\40social.example@ap.`+srv.host), to, body("x")),
		"space in sender":    stanza.Message("chat", addr("a b@ap."+srv.host), to, body("x")),
		"odd addressee":      stanza.Message("chat", c.JID(), addr("a b@"+srv.host), body("x")),
		"odd host":           stanza.Message("chat", c.JID(), addr("a@exa_mple..test"), body("x")),
		"empty type":         stanza.Presence("", c.JID(), to),
		"unknown type":       stanza.Presence("flying", c.JID(), to),
		"illegal chars":      stanza.Message("chat", c.JID(), to, body("\x00\x01\ufffe\xff ]]> ok")),
		"odd names":          stanza.Message("chat", c.JID(), to, stanza.New("urn:x", "o:p", "1", "2")),
		"namespaces":         stanza.Message("chat", c.JID(), to, stanza.New("", "x").Add(stanza.New("http://www.w3.org/2000/xmlns/", "y"))),
		"as large as can be": stanza.Message("chat", c.JID(), to, body(strings.Repeat("x", MaxStanza-300))),
	} {
		if err := c.Send(e); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := c.IQ(ctx, stanza.IQ("get", c.JID(), addr(srv.host), stanza.New(stanza.NSPing, "ping"))); err != nil {
			t.Fatalf("after %s: %v", name, err)
		}
	}
	stayed(t, c)
}

func e2eRestart(t *testing.T, srv *realServer) {
	c, h := srv.up(t, "ap")
	waiting := make(chan error, 1)
	alice := login(t, srv, "alice", "x")
	go func() {
		_, err := c.IQ(t.Context(), stanza.IQ("get", c.JID(), alice.jid, stanza.New("urn:x", "never-answered")))
		waiting <- err
	}()
	for alice.next().First("urn:x", "") == nil {
	}
	srv.stop()
	h.expectSoon(t, "down")
	if err := <-waiting; !errors.Is(err, ErrDown) {
		t.Errorf("pending IQ: %v, want ErrDown", err)
	}
	srv.start(t)
	h.expectSoon(t, "up")
	login(t, srv, "alice", "x").ping("ap." + srv.host)
	if st := c.Status(); st.Reconnects != 1 {
		t.Errorf("status %+v", st)
	}
}
