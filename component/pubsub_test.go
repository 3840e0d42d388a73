package component

import (
	"errors"
	"strings"
	"testing"

	"isthmus/component/stanza"
)

const (
	pubsubNS  = `xmlns='http://jabber.org/protocol/pubsub'`
	errorsNS  = `xmlns='http://jabber.org/protocol/pubsub#errors'`
	toVirtual = ` from='a@example.org/x' to='bob\40social.example@ap.example.org' id='p'`
)

func TestPublish(t *testing.T) {
	seen := make(chan Publication, 10)
	s, _, h, _ := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.publish = func(p Publication) (string, error) {
			seen <- p
			switch p.Node {
			case "closed":
				return "", stanza.ErrForbidden("followers only")
			case "broken":
				return "", errors.New("disk on fire at /var/lib/secret")
			case "panic":
				panic("boom")
			}
			if p.Item.ID == "" {
				p.Item.ID = "made"
			}
			return p.Item.ID, nil
		}
	})
	publish := func(node, item string) *stanza.Element {
		return s.Ask(`<iq type='set'` + toVirtual + `><pubsub ` + pubsubNS + `><publish node='` + node + `'>` + item + `</publish></pubsub></iq>`)
	}
	const sent = `<item id='1' publisher='mallory@example.org'><note xmlns='urn:x'>hi</note></item>`
	got := publish("n", sent)
	if want := `<pubsub xmlns="http://jabber.org/protocol/pubsub"><publish node="n"><item id="1"/></publish></pubsub>`; got.Type() != "result" || got.First(stanza.NSPubSub, "pubsub").XML() != want {
		t.Errorf("answer %s", got.XML())
	}
	h.expect(t, `publish by a@example.org/x to bob\40social.example@ap.example.org: 1 in n`)
	if p := <-seen; p.Item.Publisher != "a@example.org" || p.Item.Payload.Text() != "hi" || p.Options != nil {
		t.Errorf("published %+v", p)
	}
	if got := publish("n", `<item><note xmlns='urn:x'/></item>`); got.First(stanza.NSPubSub, "pubsub").First("", "publish").First("", "item").Get("id") != "made" {
		t.Errorf("answer %s", got.XML())
	}
	for node, want := range map[string]string{"closed": "forbidden", "broken": "internal-server-error", "panic": "internal-server-error"} {
		if got := publish(node, sent); stanza.Condition(stanza.ParseError(got)) != want || strings.Contains(got.XML(), "secret") {
			t.Errorf("%s: %s", node, got.XML())
		}
	}

	s.Send(`<iq type='set'` + toVirtual + `><pubsub ` + pubsubNS + `><publish node='n'>` + sent + `</publish><publish-options><x xmlns='jabber:x:data' type='submit'><field var='pubsub#access_model'><value>open</value></field></x></publish-options></pubsub></iq>`)
	s.Expect(`<iq type='result' id='p'/>`)
	for p := range seen {
		if p.Options != nil {
			if v := p.Options.Value("pubsub#access_model"); v != "open" {
				t.Errorf("options %+v", p.Options)
			}
			break
		}
	}
}

func TestRetract(t *testing.T) {
	s, _, h, _ := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.retract = func(r Retraction) error {
			if r.Item == "other" {
				return stanza.ErrForbidden("")
			}
			return nil
		}
	})
	retract := func(id string) *stanza.Element {
		return s.Ask(`<iq type='set'` + toVirtual + `><pubsub ` + pubsubNS + `><retract node='n' notify='true'><item id='` + id + `'/></retract></pubsub></iq>`)
	}
	if got := retract("1"); got.Type() != "result" || len(got.Elements()) != 0 {
		t.Errorf("answer %s", got.XML())
	}
	h.expect(t, `retract by a@example.org/x to bob\40social.example@ap.example.org: 1 in n`)
	if got := retract("other"); stanza.Condition(stanza.ParseError(got)) != "forbidden" {
		t.Errorf("answer %s", got.XML())
	}
}

// What no node could take does not reach the Handler (XEP-0060 §7.1.3, §7.2.3).
func TestPubSubRefuses(t *testing.T) {
	s, _, h, _ := connected(t)
	const item = `<item id='1'><note xmlns='urn:x'/></item>`
	for in, want := range map[string]string{
		`<publish>` + item + `</publish>`:                                                     `<bad-request ` + stanzasNS + `/><nodeid-required ` + errorsNS + `/>`,
		`<publish node=''>` + item + `</publish>`:                                             `<bad-request ` + stanzasNS + `/><nodeid-required ` + errorsNS + `/>`,
		`<publish node='n'/>`:                                                                 `<bad-request ` + stanzasNS + `/><item-required ` + errorsNS + `/>`,
		`<publish node='n'><item id='1'/></publish>`:                                          `<bad-request ` + stanzasNS + `/><payload-required ` + errorsNS + `/>`,
		`<publish node='n'>` + item + item + `</publish>`:                                     `<bad-request ` + stanzasNS + `/><invalid-payload ` + errorsNS + `/>`,
		`<publish node='n'><item><note xmlns='urn:x'/><note xmlns='urn:x'/></item></publish>`: `<bad-request ` + stanzasNS + `/><invalid-payload ` + errorsNS + `/>`,
		`<retract><item id='1'/></retract>`:                                                   `<bad-request ` + stanzasNS + `/><nodeid-required ` + errorsNS + `/>`,
		`<retract node='n'/>`:                                                                 `<bad-request ` + stanzasNS + `/><item-required ` + errorsNS + `/>`,
		`<retract node='n'><item/></retract>`:                                                 `<bad-request ` + stanzasNS + `/><item-required ` + errorsNS + `/>`,
		`<retract node='n'><item id='1'/><item id='2'/></retract>`:                            `<bad-request ` + stanzasNS + `/>`,
	} {
		s.Send(`<iq type='set'` + toVirtual + `><pubsub ` + pubsubNS + `>` + in + `</pubsub></iq>`)
		s.Expect(`<iq type='error' id='p' to='a@example.org/x'><error type='modify'>` + want + `</error></iq>`)
	}
	// Everything else of pubsub, and publishing where no virtual user is.
	publish := `<publish node='n'>` + item + `</publish>`
	for _, tc := range []struct{ typ, to, in, want string }{
		{"get", `bob\40social.example@ap.example.org`, publish, "feature-not-implemented"},
		{"get", `bob\40social.example@ap.example.org/x`, `<items node='n'/>`, "service-unavailable"},
		{"get", `ap.example.org`, `<items node='n'/>`, "feature-not-implemented"},
		{"set", `bob\40social.example@ap.example.org`, ``, "service-unavailable"},
		{"set", `bob\40social.example@ap.example.org/x`, publish, "service-unavailable"},
		{"set", `ap.example.org`, publish, "feature-not-implemented"},
		{"set", `ap.example.org/gw`, publish, "feature-not-implemented"},
		{"set", `ap.example.org/other`, publish, "service-unavailable"},
	} {
		s.Send(`<iq type='` + tc.typ + `' from='a@example.org/x' to='` + tc.to + `' id='q'><pubsub ` + pubsubNS + `>` + tc.in + `</pubsub></iq>`)
		s.Expect(`<iq type='error' id='q' from='` + tc.to + `'><error type='cancel'><` + tc.want + ` ` + stanzasNS + `/></error></iq>`)
	}
	s.Send(`<message type='chat' from='a@example.org/x' to='ap.example.org'><body>end</body></message>`)
	h.expect(t, "chat a@example.org/x: end")
}

// A reference without a text says who is mentioned elsewhere (XEP-0372 §3.4).
func TestReferenced(t *testing.T) {
	seen := make(chan Referenced, 10)
	s, _, h, _ := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.onReferenced = func(r Referenced) { seen <- r }
	})
	const (
		post   = `xmpp:a@example.org?;node=urn:xmpp:microblog:0;item=1`
		anchor = `<reference xmlns='urn:xmpp:reference:0' type='mention' uri='xmpp:bob\40social.example@ap.example.org' anchor='` + post + `'/>`
		plain  = `<reference xmlns='urn:xmpp:reference:0' type='mention' uri='xmpp:bob\40social.example@ap.example.org'/>`
	)
	for _, typ := range []string{"chat", "normal", "headline"} {
		s.Send(`<message type='` + typ + `'` + toVirtual + `>` + plain + anchor + `</message>`)
		h.expect(t, `referenced by a@example.org/x to bob\40social.example@ap.example.org: 1`)
		if r := <-seen; r.ID != "p" || r.References[0].Anchor != post || r.References[0].Type != "mention" {
			t.Errorf("got %+v", r)
		}
	}
	for _, in := range []string{
		` type='chat'>` + plain, ` type='groupchat'>` + anchor, ` type='chat'><forwarded xmlns='urn:xmpp:forward:0'>` + anchor + `</forwarded>`,
		` type='headline'><body>news</body>` + anchor,
	} {
		s.Send(`<message` + toVirtual + in + `</message>`)
	}
	s.Send(`<message type='chat'` + toVirtual + `><body>with text</body>` + anchor + `</message>`)
	h.expect(t, "chat a@example.org/x: with text")
	if u := s.Unread(); len(u) != 0 {
		t.Errorf("answered with %s", u[0].XML())
	}
}
