package component

import (
	"context"
	"errors"
	"strings"
	"testing"

	"isthmus/component/stanza"
)

const stanzasNS = `xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'`

func TestMessages(t *testing.T) {
	s, _, h, _ := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.chat = func(_ context.Context, m Message) error {
			h.note("type %s lang %s id %s to %s", m.Type, m.Lang, m.ID, m.To)
			switch m.Body {
			case "refuse":
				return stanza.ErrNotAcceptable("not like this")
			case "fail":
				return errors.New("disk on fire at /var/lib/secret")
			case "panic":
				panic("boom")
			}
			return nil
		}
	})
	s.Send(`<message type='chat' from='a@example.org/x' to='bob\40social.example@ap.example.org' id='1' xml:lang='de'><body>hallo</body></message>`)
	h.expect(t, `chat a@example.org/x: hallo`, `type chat lang  id 1 to bob\40social.example@ap.example.org`)
	s.Send(`<message from='a@example.org/x' to='ap.example.org' id='2' xml:lang='de'><subject>s</subject><body xml:lang='en'>hi</body></message>`)
	h.expect(t, `chat a@example.org/x: hi`, `type normal lang en id 2 to ap.example.org`)

	for body, want := range map[string]string{
		"refuse": `<error type='modify'><not-acceptable ` + stanzasNS + `/><text ` + stanzasNS + `>not like this</text></error>`,
		"fail":   `<error type='cancel'><internal-server-error ` + stanzasNS + `/></error>`,
		"panic":  `<error type='cancel'><internal-server-error ` + stanzasNS + `/></error>`,
	} {
		s.Send(`<message type='chat' from='a@example.org/x' to='ap.example.org' id='3'><body>` + body + `</body></message>`)
		got := s.Expect(`<message type='error' id='3' from='ap.example.org' to='a@example.org/x'>` + want + `</message>`)
		if strings.Contains(got.XML(), "secret") || strings.Contains(got.XML(), "boom") {
			t.Errorf("the error tells too much: %s", got.XML())
		}
		<-h.calls
		<-h.calls
	}
}

// Nothing but a chat message with a body reaches the Handler as one.
func TestY11_MessagesThatAreNotChat(t *testing.T) {
	s, _, h, _ := connected(t)
	for _, in := range []string{
		`type='chat'><body/>`,
		`type='chat'><body>  </body>`,
		`type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/>`,
		`type='chat'><body xmlns='urn:x'>other</body>`,
		`type='groupchat'><body>in a room</body>`,
		`type='headline'><body>news</body>`,
		`type='chat'><received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='chat' from='b@example.org' to='ap.example.org'><body>forged</body></message></forwarded></received>`,
		`type='chat'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='chat' from='b@example.org' to='ap.example.org'><body>forged</body></message></forwarded>`,
		`><privilege xmlns='urn:xmpp:privilege:2'><perm access='roster' type='both'/></privilege>`,
	} {
		s.Send(`<message from='a@example.org/x' to='ap.example.org' ` + in + `</message>`)
	}
	s.Send(`<message from='a@example.org/x' to='ap.example.org' type='chat'><body>end</body></message>`)
	h.expect(t, "chat a@example.org/x: end")
	if u := s.Unread(); len(u) != 0 {
		t.Errorf("answered with %s", u[0].XML())
	}
}

func TestEvents(t *testing.T) {
	const event = `<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='urn:xmpp:microblog:0'><item id='1' publisher='a@example.org'/></items></event>`
	s, _, h, _ := connected(t)
	s.Send(`<message type='headline' from='a@example.org' to='ap.example.org' id='e1'>` + event + `</message>`)
	h.expect(t, "event a@example.org urn:xmpp:microblog:0 to ap.example.org id e1")
	s.Send(`<message from='pubsub.example.org' to='bob@ap.example.org'>` + event + `</message>`) // XEP-0060 §12.7
	h.expect(t, "event pubsub.example.org urn:xmpp:microblog:0 to bob@ap.example.org id ")

	// A client can write anything into a message, but only its server sends from
	// the bare address.
	s.Send(`<message type='headline' from='a@example.org/x' to='ap.example.org'>` + event + `</message>`)
	s.Send(`<message type='groupchat' from='a@example.org' to='ap.example.org'>` + event + `</message>`)
	s.Send(`<message type='headline' from='a@example.org' to='ap.example.org'><addresses xmlns='http://jabber.org/protocol/address'><address type='replyto' jid='b@example.org'/></addresses><forwarded xmlns='urn:xmpp:forward:0'>` + event + `</forwarded></message>`)
	s.Send(`<presence from='a@example.org' to='ap.example.org' type='probe'/>`)
	h.expect(t, `presence a@example.org "probe"`)
}

func TestY11_Bounces(t *testing.T) {
	s, _, h, _ := connected(t)
	s.Send(`<message type='error' from='a@example.org' to='ap.example.org' id='1'><body>what we sent</body><error type='wait'><remote-server-timeout ` + stanzasNS + `/><text ` + stanzasNS + `>gone</text></error></message>`)
	h.expect(t, "bounced message 1: stanza error remote-server-timeout: gone")
	s.Send(`<message type='error' from='a@example.org' to='ap.example.org' id='2'/>`)
	h.expect(t, "bounced message 2: stanza error undefined-condition")
	s.Send(`<presence type='error' from='a@example.org' to='ap.example.org' id='3'><error type='cancel'><remote-server-not-found ` + stanzasNS + `/></error></presence>`)
	h.expect(t, "bounced presence 3: stanza error remote-server-not-found")
	if u := s.Unread(); len(u) != 0 {
		t.Errorf("an error was answered: %s", u[0].XML())
	}
}

func TestPresence(t *testing.T) {
	caps := make(chan *Caps, 10)
	s, _, h, _ := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.onPresence = func(p Presence) { caps <- p.Caps }
	})
	s.Send(`<presence from='a@example.org/x' to='ap.example.org'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='https://client.example' ver='abc='/></presence>`)
	h.expect(t, `presence a@example.org/x ""`)
	if c := <-caps; c == nil || *c != (Caps{Node: "https://client.example", Ver: "abc=", Hash: "sha-1"}) {
		t.Errorf("caps %+v", c)
	}
	for _, typ := range []string{"subscribe", "subscribed", "unsubscribe", "unsubscribed", "unavailable", "probe"} {
		s.Send(`<presence from='a@example.org' to='bob@ap.example.org' type='` + typ + `'/>`)
		h.expect(t, `presence a@example.org "`+typ+`"`)
		if c := <-caps; c != nil {
			t.Errorf("caps %+v", c)
		}
	}
}

// Who is online is forgotten with the stream: presence that was still waiting
// in a lane when it dropped is not news on the next one. Requests are.
func TestPresenceOfAnOldStream(t *testing.T) {
	release := make(chan struct{})
	s, _, h, _ := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.onEvent = func(stanza.Event) { <-release }
	})
	s.Send(`<message from='a@example.org' to='ap.example.org' id='e'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='n'/></event></message>`)
	h.expect(t, "event a@example.org n to ap.example.org id e")
	s.Send(`<presence from='a@example.org/x' to='ap.example.org'/><presence from='a@example.org' to='ap.example.org' type='subscribe'/>`)
	s.Ask(`<iq type='get' from='other@example.org/x' to='ap.example.org' id='1'><ping xmlns='urn:xmpp:ping'/></iq>`)
	s.DropConnection()
	h.expect(t, "down", "up")
	close(release)
	h.expect(t, `presence a@example.org "subscribe"`)
}

func TestUnknownIQs(t *testing.T) {
	s, _, _, _ := connected(t)
	for to, want := range map[string]string{
		"ap.example.org":       "feature-not-implemented",
		"ap.example.org/gw":    "feature-not-implemented",
		"ap.example.org/other": "service-unavailable",
		"bob@ap.example.org":   "service-unavailable",
		"Bob@AP.example.org/x": "service-unavailable", // ejabberd passes it as written
	} {
		for _, typ := range []string{"get", "set"} {
			s.Send(`<iq type='` + typ + `' from='a@example.org/x' to='` + to + `' id='1'><query xmlns='urn:unknown'/></iq>`)
			got := s.Expect(`<iq type='error' id='1' to='a@example.org/x'><error type='cancel'><` + want + ` ` + stanzasNS + `/></error></iq>`)
			if !strings.EqualFold(got.Get("from"), to) {
				t.Errorf("answer from %s, want %s", got.Get("from"), to)
			}
		}
	}
	// Known, but not to be set, and not for virtual users.
	s.Send(`<iq type='set' from='a@example.org/x' to='ap.example.org' id='2'><query xmlns='jabber:iq:version'/></iq>`)
	s.Expect(`<iq type='error' id='2'><error><feature-not-implemented ` + stanzasNS + `/></error></iq>`)
	s.Send(`<iq type='get' from='a@example.org/x' to='bob@ap.example.org' id='3'><query xmlns='jabber:iq:register'/></iq>`)
	s.Expect(`<iq type='error' id='3'><error><service-unavailable ` + stanzasNS + `/></error></iq>`)
}

func TestPingVersionTime(t *testing.T) {
	s, _, _, _ := connected(t)
	for _, to := range []string{"ap.example.org", "ap.example.org/gw", `bob\40social.example@ap.example.org`, "bob@ap.example.org/res"} {
		head := `<iq type='get' from='a@example.org/x' to='` + to + `' `
		if got := s.Ask(head + `id='1'><ping xmlns='urn:xmpp:ping'/></iq>`); got.Type() != "result" || len(got.Elements()) != 0 || got.Get("from") != to {
			t.Errorf("ping: %s", got.XML())
		}
		s.Send(head + `id='2'><query xmlns='jabber:iq:version'/></iq>`)
		s.Expect(`<iq type='result' id='2'><query xmlns='jabber:iq:version'><name>Test gateway</name><version>1.2</version></query></iq>`)
		s.Send(head + `id='3'><time xmlns='urn:xmpp:time'/></iq>`)
		s.Expect(`<iq type='result' id='3'><time xmlns='urn:xmpp:time'><tzo>+00:00</tzo><utc/></time></iq>`)
	}
}

// An answer that is too large is an error, not silence.
func TestAnswerTooLarge(t *testing.T) {
	s, _, _, l := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.info = func(Query) (stanza.Info, error) {
			return stanza.Info{Features: []string{strings.Repeat("x", MaxStanza)}}, nil
		}
	})
	s.Send(`<iq type='get' from='a@example.org/x' to='bob@ap.example.org' id='1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`)
	s.Expect(`<iq type='error' id='1' from='bob@ap.example.org'><error type='wait'><resource-constraint ` + stanzasNS + `/></error></iq>`)
	l.await(t, "answer not sent")
}

// What people do to messages is no message.
func TestWithdrawnAndReacted(t *testing.T) {
	s, _, h, _ := connected(t)
	const from = `<message type='chat' from='a@example.org/x' to='bob\40social.example@ap.example.org' id='1'>`
	s.Send(from + `<body>I took it back</body><retract xmlns='urn:xmpp:message-retract:1' id='m0'/></message>`)
	h.expect(t, `a@example.org/x withdraws m0 from bob\40social.example@ap.example.org`)
	s.Send(from + `<reactions xmlns='urn:xmpp:reactions:0' id='m0'><reaction>🐢</reaction></reactions></message>`)
	h.expect(t, `a@example.org/x thinks [🐢] of m0 to bob\40social.example@ap.example.org`)
	s.Send(from + `<composing xmlns='http://jabber.org/protocol/chatstates'/></message>` + from + `<received xmlns='urn:xmpp:receipts' id='q'/></message>` +
		from + `<displayed xmlns='urn:xmpp:chat-markers:0' id='q'/></message>` + from + `<body> </body></message>` + from + `<body>now</body></message>`)
	h.expect(t, "chat a@example.org/x: now")
	s.Send(from + `<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/><payload>x</payload></encrypted></message>`)
	h.expect(t, "chat a@example.org/x: ")
}
