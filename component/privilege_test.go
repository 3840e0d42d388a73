package component

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"isthmus/component/stanza"
	"isthmus/component/xmpptest"
)

func items(user string) *stanza.Element {
	return stanza.IQ("get", stanza.JID{}, addr(user), stanza.ItemsRequest("n", nil, 0, nil))
}

func publishNote() *stanza.Element {
	return stanza.IQ("set", stanza.JID{}, stanza.JID{}, stanza.PublishRequest("n", stanza.Item{ID: "1", Payload: stanza.New("urn:x", "note")}, nil))
}

func TestAs(t *testing.T) {
	s, c, _, _ := connected(t)
	alice := addr("Alice@Example.org/phone")
	if _, err := c.As(t.Context(), alice, publishNote()); !errors.Is(err, ErrNotPrivileged) {
		t.Errorf("without privileges: %v", err)
	}
	if c.MayAct("example.org", stanza.NSPubSub) {
		t.Error("may act without privileges")
	}
	s.Privilege("example.org", stanza.NSPubSub, stanza.NSPubSubOwner)
	if !c.MayAct("Example.org", stanza.NSPubSub) || !c.MayAct("example.org", stanza.NSPubSubOwner) || c.MayAct("example.org", "jabber:iq:roster") || c.MayAct("other.example", stanza.NSPubSub) {
		t.Error("may act as nobody said")
	}

	s.Answer("Alice@Example.org", stanza.NSPrivilege, xmpptest.As(func(iq *stanza.Element) *stanza.Element {
		switch iq.Get("to") {
		case "Alice@Example.org":
			return xmpptest.Result(`<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='n'><item id='1'/></publish></pubsub>`)(iq)
		case "pubsub.example.org":
			return xmpptest.Error(stanza.ErrItemNotFound("no such node"))(iq)
		}
		return nil
	}))
	iq := publishNote().Set("id", "mine").Set("from", "bob@ap.example.org")
	r, err := c.As(t.Context(), alice, iq)
	if err != nil || r.Type() != "result" || r.First(stanza.NSPubSub, "pubsub").First("", "publish") == nil {
		t.Errorf("got %v, %v", r, err)
	}
	sent := s.Expect(`<iq type='set' from='ap.example.org' to='Alice@Example.org'><privileged_iq xmlns='urn:xmpp:privilege:2'><iq xmlns='jabber:client' type='set' id='*' to='Alice@Example.org'><pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq></privileged_iq></iq>`)
	if inner := sent.Elements()[0].Elements()[0]; inner.Get("from") != "" || inner.ID() == "mine" || inner.ID() == sent.ID() || iq.ID() != "mine" {
		t.Errorf("sent %s; argument is now %s", sent.XML(), iq.XML())
	}
	if _, err := c.As(t.Context(), alice, items("pubsub.example.org")); stanza.Condition(err) != "item-not-found" {
		t.Errorf("error inside: %v", err)
	}
}

// What the server itself refuses, and what makes no sense.
func TestAsRefused(t *testing.T) {
	s, c, _, _ := connected(t)
	s.Privilege("example.org", stanza.NSPubSub)
	alice := addr("alice@example.org")
	s.Answer("alice@example.org", stanza.NSPrivilege, xmpptest.Error(stanza.ErrForbidden("not you")))
	if _, err := c.As(t.Context(), alice, items("alice@example.org")); stanza.Condition(err) != "forbidden" {
		t.Errorf("refused: %v", err)
	}
	s.Answer("alice@example.org", stanza.NSPrivilege, xmpptest.Result())
	if r, err := c.As(t.Context(), alice, items("alice@example.org")); stanza.Condition(err) != "undefined-condition" {
		t.Errorf("nothing inside: %v, %v", r, err)
	}
	for name, tc := range map[string]struct {
		user stanza.JID
		iq   *stanza.Element
		want error
	}{
		"nothing":        {alice, nil, ErrStanza},
		"not an IQ":      {alice, stanza.Message("chat", stanza.JID{}, alice, stanza.New(stanza.NSPubSub, "pubsub")), ErrStanza},
		"no payload":     {alice, stanza.IQ("get", stanza.JID{}, alice), ErrStanza},
		"nobody":         {addr("example.org"), items("alice@example.org"), ErrStanza},
		"a result":       {alice, stanza.IQ("result", stanza.JID{}, alice, stanza.New(stanza.NSPubSub, "pubsub")), ErrStanza},
		"other payload":  {alice, stanza.IQ("get", stanza.JID{}, alice, stanza.New("jabber:iq:roster", "query")), ErrNotPrivileged},
		"another server": {addr("alice@other.example"), items("alice@other.example"), ErrNotPrivileged},
	} {
		if _, err := c.As(t.Context(), tc.user, tc.iq); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

// ejabberd drops what it does not allow and says nothing.
func TestAsTimesOut(t *testing.T) {
	s, c, _, _ := connectedWith(t, func(cfg *Config, _ *fakeHandler) { cfg.AsTimeout = 20 * time.Millisecond })
	s.Privilege("example.org", stanza.NSPubSub)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := c.As(ctx, addr("alice@example.org"), items("alice@example.org")); !errors.Is(err, ErrTimeout) || ctx.Err() != nil {
		t.Errorf("err = %v, want ErrTimeout", err)
	}
	cancel()
	if _, err := c.As(ctx, addr("alice@example.org"), items("alice@example.org")); !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want Canceled", err)
	}
}

// Privileges are of the stream on which they were told, and can be taken back.
func TestPrivilegesEnd(t *testing.T) {
	s, c, h, _ := connected(t)
	s.Privilege("example.org", stanza.NSPubSub)
	s.Privilege("other.example", stanza.NSPubSub)
	s.Privilege("example.org")
	if c.MayAct("example.org", stanza.NSPubSub) || !c.MayAct("other.example", stanza.NSPubSub) {
		t.Error("not taken back, or for all")
	}
	s.DropConnection()
	h.expect(t, "down", "up")
	if c.MayAct("other.example", stanza.NSPubSub) {
		t.Error("may act on a stream where nobody said so")
	}
	if _, err := c.As(t.Context(), addr("alice@other.example"), items("alice@other.example")); !errors.Is(err, ErrNotPrivileged) {
		t.Errorf("err = %v, want ErrNotPrivileged", err)
	}
	s.Stop()
	h.expect(t, "down")
	if _, err := c.As(t.Context(), addr("alice@other.example"), items("alice@other.example")); !errors.Is(err, ErrDown) || c.MayAct("other.example", stanza.NSPubSub) {
		t.Errorf("err = %v, want ErrDown", err)
	}
}

// A server speaks for its own users, from its bare domain and to ours; nobody
// else says that we may.
func TestY5_PrivilegesFromOthers(t *testing.T) {
	s, c, h, _ := connected(t)
	const perm = `<privilege xmlns='urn:xmpp:privilege:2'><perm access='iq'><namespace ns='http://jabber.org/protocol/pubsub' type='both'/></perm></privilege>`
	for _, addresses := range []string{
		`from='mallory@example.org/x' to='ap.example.org'`, `from='mallory@example.org' to='ap.example.org'`, `from='example.org/x' to='ap.example.org'`,
		`from='example.org' to='bob@ap.example.org'`, `from='ap.example.org' to='ap.example.org'`, `type='error' from='example.org' to='ap.example.org'`,
	} {
		s.Send(`<message ` + addresses + `>` + perm + `</message>`)
	}
	s.Send(`<message type='chat' from='mallory@example.org/x' to='ap.example.org'>` + perm + `<body>still a text</body></message>`)
	for got := ""; got != "chat mallory@example.org/x: still a text"; got = <-h.calls {
	}
	s.Ask(`<iq type='get' id='1' from='example.org' to='ap.example.org'><ping xmlns='urn:xmpp:ping'/></iq>`)
	if c.MayAct("example.org", stanza.NSPubSub) || c.MayAct("ap.example.org", stanza.NSPubSub) {
		t.Error("believed somebody who is no server")
	}
}

// Strangers cannot fill the memory with domains they make up.
func TestPrivilegesAreBounded(t *testing.T) {
	g := newGrants()
	p := stanza.Privileges{IQ: map[string]string{"n": "both"}}
	for i := range maxGrants {
		if !g.put(fmt.Sprintf("h%d.example", i), p) {
			t.Fatalf("no room for %d", i)
		}
	}
	if g.put("more.example", p) || g.of("more.example").Allows("get", "n") {
		t.Error("room without end")
	}
	if !g.put("h0.example", stanza.Privileges{}) || g.of("H0.example").Allows("get", "n") {
		t.Error("what is known cannot change")
	}
}
