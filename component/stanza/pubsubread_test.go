package stanza

import (
	"reflect"
	"testing"
)

func TestRequestsAreReadAsTheyAreMade(t *testing.T) {
	jid := JID{Local: "a", Domain: "example.org"}
	iq := func(payload *Element) *Element { return IQ("get", JID{}, jid, payload) }
	for _, want := range []ItemsQuery{{Node: "n"}, {Node: "n", Max: 7}, {Node: "n", IDs: []string{"a", "b"}}, {Node: "n", RSM: &RSM{Max: 3, HasBefore: true, Index: -1, Count: -1}}} {
		got, ok := ParseItemsRequest(iq(ItemsRequest(want.Node, want.IDs, want.Max, want.RSM)))
		if !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v became %+v", want, got)
		}
	}
	if node, who, ok := ParseSubscribe(iq(SubscribeRequest("n", jid))); !ok || node != "n" || who != jid {
		t.Errorf("subscribe: %s %s %v", node, who, ok)
	}
	if node, who, ok := ParseUnsubscribe(iq(UnsubscribeRequest("n", jid, "1"))); !ok || node != "n" || who != jid {
		t.Errorf("unsubscribe: %s %s %v", node, who, ok)
	}
	if _, _, ok := ParseSubscribe(iq(UnsubscribeRequest("n", jid, "1"))); ok {
		t.Error("an unsubscribe is no subscribe")
	}
	list := []Subscription{{Node: "n", JID: jid, State: "pending"}}
	if got := ParseSubscriptions(iq(SubscriptionsResult("", list))); !reflect.DeepEqual(got, list) {
		t.Errorf("%+v", got)
	}
}

func TestFormWithRows(t *testing.T) {
	f := NewForm("result", "urn:x", Field{Var: "p", Type: "text-single", Values: []string{"x"}, Media: []Media{{Type: "image/png", URI: "https://a.example/p.png"}}})
	f.Reported = []Field{{Var: "jid", Type: "jid-single", Label: "Address"}}
	f.Items = [][]Field{{{Var: "jid", Values: []string{"a@example.org"}}}, {{Var: "jid", Values: []string{"b@example.org"}}}}
	if got := ParseForm(f.Element()); !reflect.DeepEqual(got, f) {
		t.Errorf("got  %+v\nwant %+v", got, f)
	}
}

func TestProfilePayloads(t *testing.T) {
	if got := ParseAvatarMetadata(Banner("https://a.example/h.jpg")); len(got) != 1 || got[0].URL != "https://a.example/h.jpg" || len(got[0].ID) != 40 {
		t.Errorf("banner %+v", got)
	}
	for e, want := range map[*Element]string{
		Nick("Bob"): `<nick xmlns="http://jabber.org/protocol/nick">Bob</nick>`,
		PPSSubscription(JID{Local: "a", Domain: "b.example"}, "n"): `<subscription xmlns="urn:xmpp:pps:0" jid="a@b.example" node="n"/>`,
		PPSSubscriber(JID{Local: "a", Domain: "b.example"}):        `<subscriber xmlns="urn:xmpp:pps:0" jid="a@b.example"/>`,
		AttachmentsSummary{Noticed: 7}.Element():                   `<summary xmlns="urn:xmpp:pubsub-attachments:summary:1"><noticed count="7"/></summary>`,
		AttachmentsSummary{}.Element():                             `<summary xmlns="urn:xmpp:pubsub-attachments:summary:1"/>`,
	} {
		if got := e.XML(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// FuzzItemsQuery: whatever is asked, it is read or refused, and what is read can be
// asked again.
func FuzzItemsQuery(f *testing.F) {
	f.Add(`<iq type='get' from='a@b' to='c'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n' max_items='3'><item id='1'/></items><set xmlns='http://jabber.org/protocol/rsm'><max>1</max><before/></set></pubsub></iq>`)
	f.Add(`<iq type='set' from='a@b' to='c'><pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='n' jid='a@b'/></pubsub></iq>`)
	f.Fuzz(func(t *testing.T, s string) {
		e, err := ParseXML([]byte(s))
		if err != nil {
			return
		}
		ParseSubscribe(e)
		ParseUnsubscribe(e)
		ParseForm(e)
		q, ok := ParseItemsRequest(e)
		if !ok || q.Max < 0 {
			return
		}
		again, ok := ParseItemsRequest(IQ("get", JID{}, JID{Domain: "x"}, ItemsRequest(q.Node, q.IDs, q.Max, q.RSM)))
		if !ok || again.Node != q.Node || again.Max != q.Max || !reflect.DeepEqual(again.IDs, q.IDs) || (again.RSM == nil) != (q.RSM == nil) {
			t.Fatalf("%+v became %+v", q, again)
		}
	})
}
