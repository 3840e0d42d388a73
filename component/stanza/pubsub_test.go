package stanza

import (
	"reflect"
	"testing"
)

var (
	romeo  = JID{Local: "romeo", Domain: "montague.lit"}
	juliet = JID{Local: "juliet", Domain: "capulet.lit"}
)

func TestPubSubRequests(t *testing.T) {
	opts := NewForm("submit", "http://jabber.org/protocol/pubsub#publish-options", Field{Var: "pubsub#access_model", Values: []string{"open"}})
	note := New("urn:x", "note").AddText("hi")
	for _, c := range []struct {
		name string
		got  *Element
		want string
	}{
		{"all items", ItemsRequest("n", nil, 0, nil), `<items node="n"/>`},
		{"last items", ItemsRequest("n", nil, 20, nil), `<items node="n" max_items="20"/>`},
		{"items by id", ItemsRequest("n", []string{"a", "b"}, 0, nil), `<items node="n"><item id="a"/><item id="b"/></items>`},
		{"a page", ItemsRequest("n", nil, 0, &RSM{Max: 5, HasBefore: true}), `<items node="n"/><set xmlns="http://jabber.org/protocol/rsm"><max>5</max><before/></set>`},
		{"subscribe", SubscribeRequest("n", juliet), `<subscribe node="n" jid="juliet@capulet.lit"/>`},
		{"unsubscribe", UnsubscribeRequest("n", juliet, ""), `<unsubscribe node="n" jid="juliet@capulet.lit"/>`},
		{"unsubscribe with subid", UnsubscribeRequest("n", juliet, "7"), `<unsubscribe node="n" jid="juliet@capulet.lit" subid="7"/>`},
		{"own subscriptions", SubscriptionsRequest(""), `<subscriptions/>`},
		{"publish", PublishRequest("n", Item{ID: "1", Publisher: "romeo@montague.lit", Payload: note}, nil), `<publish node="n"><item id="1"><note xmlns="urn:x">hi</note></item></publish>`},
		{"publish with options", PublishRequest("n", Item{Payload: note}, opts), `<publish node="n"><item><note xmlns="urn:x">hi</note></item></publish>` +
			`<publish-options><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE" type="hidden"><value>http://jabber.org/protocol/pubsub#publish-options</value></field><field var="pubsub#access_model"><value>open</value></field></x></publish-options>`},
		{"retract", RetractRequest("n", "1", true), `<retract node="n" notify="true"><item id="1"/></retract>`},
		{"retract quietly", RetractRequest("n", "1", false), `<retract node="n"><item id="1"/></retract>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, want := c.got.XML(), `<pubsub xmlns="http://jabber.org/protocol/pubsub">`+c.want+`</pubsub>`; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestPublish(t *testing.T) {
	note := Item{ID: "1", Payload: New("urn:x", "note").AddText("hi")}
	opts := NewForm("submit", "http://jabber.org/protocol/pubsub#publish-options", Field{Var: "pubsub#access_model", Values: []string{"open"}})
	for _, o := range []*Form{nil, opts} {
		node, items, got, ok := ParsePublish(IQ("set", romeo, juliet, PublishRequest("n", note, o)))
		if !ok || node != "n" || !reflect.DeepEqual(items, []Item{note}) || !reflect.DeepEqual(got, o) {
			t.Errorf("read %q, %+v, %+v, %v", node, items, got, ok)
		}
	}
	const head, tail = `<iq type="set"><pubsub xmlns="http://jabber.org/protocol/pubsub">`, `</pubsub></iq>`
	node, items, got, ok := ParsePublish(parse(t, head+`<publish><item publisher="romeo@montague.lit"/><item id="2"><a xmlns="urn:x"/><b xmlns="urn:x"/></item></publish><publish-options/>`+tail))
	if want := []Item{{Publisher: "romeo@montague.lit"}, {ID: "2", Payload: New("urn:x", "a")}}; !ok || node != "" || got != nil || !reflect.DeepEqual(items, want) {
		t.Errorf("read %q, %+v, %+v, %v", node, items, got, ok)
	}
	for _, s := range []string{`<retract node="n"><item id="1"/></retract>`, `<items node="n"/>`, `<publish xmlns="urn:x" node="n"/>`, ``} {
		if node, items, _, ok := ParsePublish(parse(t, head+s+tail)); ok || node != "" || items != nil {
			t.Errorf("%s publishes %q, %+v", s, node, items)
		}
	}
	if got, want := PublishResult("n", "1").XML(), `<pubsub xmlns="http://jabber.org/protocol/pubsub"><publish node="n"><item id="1"/></publish></pubsub>`; got != want {
		t.Errorf("answered %s\nwant     %s", got, want)
	}
}

func TestRetract(t *testing.T) {
	for _, notify := range []bool{true, false} {
		if node, ids, ok := ParseRetract(IQ("set", romeo, juliet, RetractRequest("n", "1", notify))); !ok || node != "n" || !reflect.DeepEqual(ids, []string{"1"}) {
			t.Errorf("read %q, %q, %v", node, ids, ok)
		}
	}
	const head, tail = `<iq type="set"><pubsub xmlns="http://jabber.org/protocol/pubsub">`, `</pubsub></iq>`
	if node, ids, ok := ParseRetract(parse(t, head+`<retract><item/><item id="2"/></retract>`+tail)); !ok || node != "" || !reflect.DeepEqual(ids, []string{"", "2"}) {
		t.Errorf("read %q, %q, %v", node, ids, ok)
	}
	if node, ids, ok := ParseRetract(parse(t, head+`<publish node="n"><item id="1"/></publish>`+tail)); ok || node != "" || ids != nil {
		t.Errorf("a publish retracts %q, %q", node, ids)
	}
}

func TestItems(t *testing.T) {
	items := []Item{{ID: "1", Publisher: "romeo@montague.lit/orchard", Payload: New("urn:x", "note")}, {ID: "2"}}
	for _, page := range []*RSM{nil, {First: "1", Last: "2", Count: 2}} {
		got, rsm := ParseItems(IQ("result", romeo, juliet, ItemsResult("n", items, page)))
		if !reflect.DeepEqual(got, items) || !reflect.DeepEqual(rsm, page) {
			t.Errorf("got %+v, %+v", got, rsm)
		}
	}
	for _, s := range []string{`<iq/>`, `<iq><pubsub xmlns="http://jabber.org/protocol/pubsub"/></iq>`, `<iq><pubsub xmlns="http://jabber.org/protocol/pubsub"><items/></pubsub></iq>`} {
		if got, rsm := ParseItems(parse(t, s)); got != nil || rsm != nil {
			t.Errorf("%s: %+v, %+v", s, got, rsm)
		}
	}
}

func TestSubscriptions(t *testing.T) {
	s := Subscription{Node: NSMicroblog, JID: juliet, SubID: "7", State: "subscribed"}
	if got, ok := ParseSubscription(IQ("result", romeo, juliet, s.Element())); !ok || got != s {
		t.Errorf("got %+v, %v", got, ok)
	}
	if got, ok := ParseSubscription(IQ("result", romeo, juliet)); ok {
		t.Errorf("a subscription out of nothing: %+v", got)
	}
	list := ParseSubscriptions(parse(t, `<iq><pubsub xmlns="http://jabber.org/protocol/pubsub"><subscriptions node="n"><subscription jid="juliet@capulet.lit" subscription="pending"/><subscription node="m" jid="♥ " subscription="none"/></subscriptions></pubsub></iq>`))
	if want := []Subscription{{Node: "n", JID: juliet, State: "pending"}, {Node: "m", State: "none"}}; !reflect.DeepEqual(list, want) {
		t.Errorf("got %+v, want %+v", list, want)
	}
}

func TestEvent(t *testing.T) {
	const head, tail = `<message type="headline" from="romeo@montague.lit" to="ap.example.org"><event xmlns="http://jabber.org/protocol/pubsub#event">`, `</event></message>`
	for _, c := range []struct {
		name, in string
		want     Event
	}{
		{"an item", `<items node="n"><item id="1" publisher="romeo@montague.lit/orchard"><note xmlns="urn:x"/></item></items>`,
			Event{Node: "n", Items: []Item{{"1", "romeo@montague.lit/orchard", New("urn:x", "note")}}}},
		{"only the head of an item", `<items node="n"><item id="1"/></items>`, Event{Node: "n", Items: []Item{{ID: "1"}}}},
		{"retracted", `<items node="n"><retract id="1"/><retract id="2"/></items>`, Event{Node: "n", Retracted: []string{"1", "2"}}},
		{"published and trimmed", `<items node="n"><item id="3"/><retract id="1"/></items>`, Event{Node: "n", Items: []Item{{ID: "3"}}, Retracted: []string{"1"}}},
		{"purged", `<purge node="n"/>`, Event{Node: "n", Purged: true}},
		{"deleted", `<delete node="n"/>`, Event{Node: "n", Deleted: true}},
		{"configured", `<configuration node="n"/>`, Event{Node: "n", Configured: true}},
		{"subscribed", `<subscription node="n" jid="juliet@capulet.lit" subid="7" subscription="subscribed"/>`, Event{Node: "n", Subscription: "subscribed", Subscriber: juliet, SubID: "7"}},
		{"several", `<items node="n"><item id="1"/></items><purge node="n"/><subscription node="n" subscription="none"/>`, Event{Node: "n", Items: []Item{{ID: "1"}}, Purged: true, Subscription: "none"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.want.Service = romeo
			got, ok := ParseEvent(parse(t, head+c.in+tail))
			if !ok || !reflect.DeepEqual(got, c.want) {
				t.Fatalf("got  %+v, %v\nwant %+v", got, ok, c.want)
			}
			if again, ok := ParseEvent(Message("headline", romeo, juliet, got.Element())); !ok || !reflect.DeepEqual(again, got) {
				t.Errorf("%s read as %+v", got.Element().XML(), again)
			}
		})
	}
}

func TestEventOdd(t *testing.T) {
	for _, s := range []string{
		`<message/>`,
		`<message><event xmlns="urn:x"/></message>`,
		`<message type="error"><event xmlns="http://jabber.org/protocol/pubsub#event"><purge node="n"/></event></message>`,
		`<iq><event xmlns="http://jabber.org/protocol/pubsub#event"><purge node="n"/></event></iq>`,
	} {
		if ev, ok := ParseEvent(parse(t, s)); ok {
			t.Errorf("%s is %+v", s, ev)
		}
	}
	ev, ok := ParseEvent(parse(t, `<message from="@"><event xmlns="http://jabber.org/protocol/pubsub#event">text<x xmlns="urn:x" node="m"/><collection node="n"/></event></message>`))
	if want := (Event{Node: "n"}); !ok || !reflect.DeepEqual(ev, want) {
		t.Errorf("got %+v, %v", ev, ok)
	}
}

// FuzzPublish: what was read is printed so that it reads the same.
func FuzzPublish(f *testing.F) {
	f.Add([]byte(`<iq><pubsub xmlns="http://jabber.org/protocol/pubsub"><publish node="n"><item id="1"><x xmlns="urn:x"/></item></publish><publish-options><x xmlns="jabber:x:data" type="submit"><field var="a"><value>b</value></field></x></publish-options></pubsub></iq>`))
	f.Add([]byte(`<iq><pubsub xmlns="http://jabber.org/protocol/pubsub"><publish><item publisher="a@b">x<y/>z</item><item/></publish><retract node="&#xA;"><item/><item id=" 2"/></retract></pubsub></iq>`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		el, err := ParseXML(doc)
		if err != nil {
			return
		}
		node, items, _, ok := ParsePublish(el)
		for _, it := range items {
			it.Publisher = ""
			again, got, opts, _ := ParsePublish(IQ("set", romeo, juliet, PublishRequest(node, it, nil)))
			if again != node || !reflect.DeepEqual(got, []Item{it}) || opts != nil {
				t.Fatalf("%q, %+v\nagain %q, %+v, %+v", node, it, again, got, opts)
			}
		}
		if !ok && (node != "" || items != nil) {
			t.Fatalf("no publish, but %q, %+v", node, items)
		}
		node, ids, _ := ParseRetract(el)
		for _, id := range ids {
			if again, got, ok := ParseRetract(IQ("set", romeo, juliet, RetractRequest(node, id, true))); !ok || again != node || !reflect.DeepEqual(got, []string{id}) {
				t.Fatalf("%q, %q\nagain %q, %q, %v", node, id, again, got, ok)
			}
		}
	})
}
