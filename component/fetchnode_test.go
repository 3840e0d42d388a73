package component

import (
	"strings"
	"testing"

	"isthmus/component/stanza"
)

// asks sends a pubsub request to a virtual user and returns the answer.
func asksVirtual(s interface {
	Ask(string) *stanza.Element
}, typ, inner string) *stanza.Element {
	return s.Ask(`<iq type='` + typ + `'` + toVirtual + `><pubsub ` + pubsubNS + `>` + inner + `</pubsub></iq>`)
}

func TestFetch(t *testing.T) {
	seen := make(chan FetchRequest, 10)
	s, _, _, _ := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.fetch = func(f FetchRequest) (FetchResult, error) {
			seen <- f
			if f.Node == "slow" {
				return FetchResult{}, stanza.ErrRemoteTimeout("later")
			}
			return FetchResult{Items: []stanza.Item{{ID: "1", Publisher: "b@example.org", Payload: stanza.New("urn:x", "note")}}, RSM: f.RSM}, nil
		}
	})
	got := asksVirtual(s, "get", `<items node='n' max_items='3'/>`)
	if items, rsm := stanza.ParseItems(got); len(items) != 1 || items[0].Publisher != "b@example.org" || rsm != nil {
		t.Errorf("answer %s", got.XML())
	}
	if f := <-seen; f.Node != "n" || f.Max != 3 || f.RSM != nil || f.IDs != nil || f.From.String() != "a@example.org/x" || f.To.String() != `bob\40social.example@ap.example.org` {
		t.Errorf("asked %+v", f)
	}
	asksVirtual(s, "get", `<items node='n' max_items='3'><item id='a'/><item id='b'/></items><set xmlns='`+stanza.NSRSM+`'><max>9</max></set>`)
	if f := <-seen; len(f.IDs) != 2 || f.Max != 0 || f.RSM != nil {
		t.Errorf("asked %+v", f)
	}
	asksVirtual(s, "get", `<items node='n' max_items='3'/><set xmlns='`+stanza.NSRSM+`'><before/></set>`)
	if f := <-seen; f.RSM == nil || !f.RSM.HasBefore || f.RSM.Max != 3 || f.Max != 0 {
		t.Errorf("asked %+v", f)
	}
	if got := stanza.ParseError(asksVirtual(s, "get", `<items node='slow'/>`)); got == nil || got.Type != "wait" {
		t.Errorf("answer %v", got)
	}
	<-seen
	for in, want := range map[string]string{
		`<items/>`:                        "bad-request",
		`<items node='n' max_items='x'/>`: "bad-request",
		`<items node='n'>` + strings.Repeat("<item id='a'/>", maxIDs+1) + `</items>`: "bad-request",
		`<options node='n' jid='a@example.org'/>`:                                    "feature-not-implemented",
		`<default/>`: "feature-not-implemented", `<what/>`: "feature-not-implemented", ``: "feature-not-implemented",
	} {
		if got := asksVirtual(s, "get", in); stanza.Condition(stanza.ParseError(got)) != want {
			t.Errorf("%s: %s", in, got.XML())
		}
	}
	if n := len(seen); n != 0 {
		t.Errorf("%d requests reached the Handler", n)
	}
	if got := asksVirtual(s, "get", `<affiliations/>`); got.Type() != "result" {
		t.Errorf("affiliations %s", got.XML())
	}
	if got := asksVirtual(s, "get", `<subscriptions/>`); len(stanza.ParseSubscriptions(got)) != 1 {
		t.Errorf("subscriptions %s", got.XML())
	}
}

func TestSubscribe(t *testing.T) {
	s, _, h, _ := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.subscribe = func(r SubscribeRequest) (stanza.Subscription, error) {
			return stanza.Subscription{Node: r.Node, JID: r.JID, State: "pending"}, nil
		}
	})
	got := asksVirtual(s, "set", `<subscribe node='n' jid='a@example.org'/>`)
	if sub, ok := stanza.ParseSubscription(got); !ok || sub.State != "pending" || sub.JID.String() != "a@example.org" {
		t.Errorf("answer %s", got.XML())
	}
	h.expect(t, `subscribe a@example.org at bob\40social.example@ap.example.org to n`)
	asksVirtual(s, "set", `<subscribe node='n' jid='A@example.org/x'/><options><x xmlns='jabber:x:data'/></options>`)
	h.expect(t, `subscribe A@example.org/x at bob\40social.example@ap.example.org to n`)
	if got := asksVirtual(s, "set", `<unsubscribe node='n' jid='a@example.org' subid='1'/>`); got.Type() != "result" || len(got.Elements()) != 0 {
		t.Errorf("answer %s", got.XML())
	}
	h.expect(t, `unsubscribe a@example.org at bob\40social.example@ap.example.org from n`)
	for in, want := range map[string]string{
		`<subscribe jid='a@example.org'/>`: "nodeid-required", `<subscribe node='n'/>`: "invalid-jid", `<subscribe node='n' jid='@'/>`: "invalid-jid",
		`<subscribe node='n' jid='b@example.org'/>`: "invalid-jid", `<unsubscribe node='n' jid='b@example.org'/>`: "invalid-jid",
	} {
		if e := stanza.ParseError(asksVirtual(s, "set", in)); e == nil || e.Condition != "bad-request" || e.App == nil || e.App.Local != want {
			t.Errorf("%s: %v", in, e)
		}
	}
	for _, in := range []string{`<create node='n'/>`, `<configure/>`, `<purge node='n'/>`} {
		if got := asksVirtual(s, "set", in); stanza.Condition(stanza.ParseError(got)) != "forbidden" {
			t.Errorf("%s: %s", in, got.XML())
		}
	}
	for _, typ := range []string{"get", "set"} {
		got := s.Ask(`<iq type='` + typ + `'` + toVirtual + `><pubsub xmlns='` + stanza.NSPubSubOwner + `'><configure node='n'/></pubsub></iq>`)
		if stanza.Condition(stanza.ParseError(got)) != "forbidden" {
			t.Errorf("as owner: %s", got.XML())
		}
	}
	if got := s.Ask(`<iq type='get'` + toVirtual + `><pubsub xmlns='` + stanza.NSPubSubOwner + `'/></iq>`); stanza.Condition(stanza.ParseError(got)) != "bad-request" {
		t.Errorf("nothing: %s", got.XML())
	}
}

func TestSearch(t *testing.T) {
	bob := stanza.JID{Local: `bob\40social.example`, Domain: "ap.example.org"}
	s, _, h, _ := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.found = []Found{{JID: bob, Handle: "@bob@social.example", Name: "Bob", Note: "one\ntwo", Page: "https://social.example/@bob", Avatar: "https://social.example/b.png"}}
	})
	ask := func(typ, ns, inner string) *stanza.Element {
		return s.Ask(`<iq type='` + typ + `' from='a@example.org/x' to='ap.example.org' id='s'><query xmlns='` + ns + `'>` + inner + `</query></iq>`)
	}
	form := ask("get", stanza.NSSearch, "").First(stanza.NSSearch, "query")
	if f := stanza.ParseForm(form); f == nil || f.FormType() != stanza.NSSearch || f.Field(fieldSearch) == nil || form.First("", "nick") == nil || form.First("", "instructions").Text() == "" {
		t.Errorf("form %s", form.XML())
	}
	res := ask("set", stanza.NSSearch, stanza.NewForm("submit", stanza.NSSearch, stanza.Field{Var: fieldSearch, Values: []string{" @bob@social.example "}}).Element().XML())
	h.expect(t, "search by a@example.org/x: @bob@social.example")
	f := stanza.ParseForm(res.First(stanza.NSSearch, "query"))
	if f == nil || len(f.Reported) != 6 || len(f.Items) != 1 || f.Items[0][0].Values[0] != bob.String() || f.Reported[0].Type != "jid-single" {
		t.Errorf("result %s", res.XML())
	}
	res = ask("set", stanza.NSSearch, "<nick>bob@social.example</nick>")
	h.expect(t, "search by a@example.org/x: bob@social.example")
	if it := res.First(stanza.NSSearch, "query").First("", "item"); it.Get("jid") != bob.String() || it.First("", "nick").Text() != "@bob@social.example" {
		t.Errorf("result %s", res.XML())
	}
	if got := ask("set", stanza.NSSearch, "<nick> </nick>"); stanza.Condition(stanza.ParseError(got)) != "not-acceptable" {
		t.Errorf("nothing: %s", got.XML())
	}
	if got := ask("get", stanza.NSGateway, ""); got.First("", "query").First("", "prompt").Text() == "" || got.First("", "query").First("", "desc").Text() == "" {
		t.Errorf("prompt %s", got.XML())
	}
	if got := ask("set", stanza.NSGateway, "<prompt>@bob@social.example</prompt>"); got.First("", "query").First("", "jid").Text() != bob.String() {
		t.Errorf("address %s", got.XML())
	}
	h.expect(t, "locate by a@example.org/x: @bob@social.example")
	if got := ask("set", stanza.NSGateway, "<prompt/>"); stanza.Condition(stanza.ParseError(got)) != "bad-request" {
		t.Errorf("nothing: %s", got.XML())
	}
}

func TestVCard4(t *testing.T) {
	s, _, _, _ := connectedWith(t, func(_ *Config, h *fakeHandler) {
		h.vcard = func(Query) (*stanza.VCard, error) { return &stanza.VCard{FullName: "Bob"}, nil }
	})
	got := s.Ask(`<iq type='get'` + toVirtual + `><vcard xmlns='` + stanza.NSVCard4 + `'/></iq>`)
	if v := stanza.ParseVCard4(got); v == nil || v.FullName != "Bob" {
		t.Errorf("%s", got.XML())
	}
}
