package component

import (
	"context"
	"errors"
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/component/xmpptest"
)

func TestSendWithoutStream(t *testing.T) {
	c := New(Config{Domain: testDomain, Server: "127.0.0.1:1"}, newFakeHandler())
	if err := c.Send(stanza.Message("chat", c.JID(), addr("a@example.org"))); !errors.Is(err, ErrDown) {
		t.Errorf("Send: %v", err)
	}
	if _, err := c.IQ(context.Background(), stanza.IQ("get", c.JID(), addr("a@example.org"))); !errors.Is(err, ErrDown) {
		t.Errorf("IQ: %v", err)
	}
}

func TestY4_Y5_SendRefuses(t *testing.T) {
	s, c, _, _ := connected(t)
	to := addr("a@example.org")
	big := stanza.New("urn:x", "x").AddText(strings.Repeat("x", MaxStanza))
	for name, tc := range map[string]struct {
		e    *stanza.Element
		want error
	}{
		"sender elsewhere":       {stanza.Message("", addr("b@example.org"), to), ErrFrom},
		"sender on a subdomain":  {stanza.Message("", addr("sub.ap.example.org"), to), ErrFrom},
		"sender that is none":    {stanza.Message("", c.JID(), to).Set("from", "@"), ErrFrom},
		"no addressee":           {stanza.Message("", c.JID(), stanza.JID{}), ErrStanza},
		"addressee that is none": {stanza.Message("", c.JID(), to).Set("to", "a b@c d"), ErrStanza},
		"not a stanza":           {stanza.New(stanza.NSComponent, "handshake", "to", "a@b"), ErrStanza},
		"nothing":                {nil, ErrStanza},
		"IQ without type":        {stanza.IQ("", c.JID(), to), ErrStanza},
		"IQ of no known type":    {stanza.IQ("fetch", c.JID(), to), ErrStanza},
		"too large":              {stanza.Message("", c.JID(), to, big), ErrTooLarge},
		"too large once escaped": {stanza.Message("", c.JID(), to, stanza.New("urn:x", "x").AddText(strings.Repeat("<", MaxStanza/4))), ErrTooLarge},
	} {
		if err := c.Send(tc.e); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
	for e, want := range map[*stanza.Element]error{
		stanza.IQ("result", c.JID(), to):   ErrStanza,
		stanza.IQ("get", c.JID(), to, big): ErrTooLarge,
		stanza.IQ("get", to, to):           ErrFrom,
	} {
		if _, err := c.IQ(context.Background(), e); !errors.Is(err, want) {
			t.Errorf("IQ %.80s: %v, want %v", e.XML(), err, want)
		}
	}
	// None of it reached the stream.
	if err := c.Send(stanza.Message("chat", c.JID(), to).Set("id", "last")); err != nil {
		t.Fatal(err)
	}
	s.Expect(`<message id='last' from='ap.example.org' to='a@example.org'/>`)
	if u := s.Unread(); len(u) != 0 {
		t.Errorf("server got %s", u[0].XML())
	}
}

func TestSendCompletes(t *testing.T) {
	s, c, _, _ := connected(t)
	e := stanza.Message("chat", stanza.JID{}, addr("a@example.org"))
	if err := c.Send(e); err != nil {
		t.Fatal(err)
	}
	s.Expect(`<message from='ap.example.org' to='a@example.org'/>`)
	if e.Get("from") != "" {
		t.Error("Send changed its argument")
	}
	// ejabberd delivers our domain as the peer wrote it; Prosody wants it exact.
	if err := c.Send(stanza.IQ("result", addr("Bob@AP.Example.ORG/x"), addr("a@example.org"))); err != nil {
		t.Fatal(err)
	}
	s.Expect(`<iq type='result' id='*' from='Bob@ap.example.org/x'/>`)
	// jabber:client is what other servers' forwarded stanzas come in.
	other := stanza.New("jabber:client", "message", "to", "a@example.org", "id", "c")
	if err := c.Send(other); err != nil {
		t.Fatal(err)
	}
	s.Expect(`<message id='c' from='ap.example.org'/>`)
}

// One bad character costs the whole stream (RFC 6120 §4.9.3.13).
func TestY2_SendCleans(t *testing.T) {
	s, c, _, _ := connected(t)
	body := stanza.New(stanza.NSComponent, "body").AddText("bell \a, zero \x00, lone \xff, \ufffe and fine: ♥")
	odd := stanza.New("urn:x\x01", "o:p 1", "a b", "\x02").AddText("]]>")
	if err := c.Send(stanza.Message("chat", c.JID(), addr("a@example.org"), body, odd)); err != nil {
		t.Fatal(err)
	}
	got := s.Expect(`<message><body/></message>`)
	if want := "bell , zero , lone \ufffd,  and fine: ♥"; got.First("", "body").Text() != want {
		t.Errorf("body %q, want %q", got.First("", "body").Text(), want)
	}
}

func TestIQ(t *testing.T) {
	s, c, _, _ := connected(t)
	s.Answer("example.org", stanza.NSVersion, xmpptest.Result(`<query xmlns='jabber:iq:version'><name>X</name></query>`))
	s.Answer("pubsub.example.org", "", xmpptest.Error(stanza.ErrItemNotFound("no such node")))

	req := stanza.IQ("get", stanza.JID{}, addr("example.org"), stanza.New(stanza.NSVersion, "query")).Set("id", "mine")
	r, err := c.IQ(context.Background(), req)
	if err != nil || r.First(stanza.NSVersion, "query").First("", "name").Text() != "X" {
		t.Fatalf("%v, %v", r, err)
	}
	if sent := s.Expect(`<iq to='example.org' from='ap.example.org'/>`); sent.ID() == "mine" || sent.ID() == "" || req.ID() != "mine" {
		t.Errorf("sent id %q, want one of our own; argument now has %q", sent.ID(), req.ID())
	}

	_, err = c.IQ(context.Background(), stanza.IQ("get", c.JID(), addr("pubsub.example.org"), stanza.ItemsRequest("n", nil, 0, nil)))
	var se *stanza.Error
	if !errors.As(err, &se) || se.Condition != "item-not-found" || se.Text != "no such node" {
		t.Errorf("err = %v", err)
	}

	// Our own addresses are reached through the server.
	r, err = c.IQ(context.Background(), stanza.IQ("get", addr("bob@ap.example.org"), c.JID(), stanza.New(stanza.NSVersion, "query")))
	if err != nil || r.First(stanza.NSVersion, "query").First("", "name").Text() != "Test gateway" {
		t.Errorf("own domain: %v, %v", r, err)
	}
}
