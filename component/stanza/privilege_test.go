package stanza

import (
	"reflect"
	"testing"
)

func TestPrivileges(t *testing.T) {
	const owner = "http://jabber.org/protocol/pubsub#owner"
	for _, c := range []struct {
		name, in string // what is inside the message
		want     Privileges
	}{
		{"XEP-0356", `<privilege xmlns="urn:xmpp:privilege:2"><perm access="roster" type="both" push="true"/><perm access="message" type="outgoing"/><perm access="presence" type="managed_entity"/>` +
			`<perm access="iq"><namespace ns="http://jabber.org/protocol/pubsub" type="set"/><namespace ns="http://jabber.org/protocol/pubsub#owner" type="both"/></perm></privilege>`,
			Privileges{NSPrivilege, "both", "outgoing", "managed_entity", map[string]string{NSPubSub: "set", owner: "both"}}},
		{"Prosody's module", `<privilege xmlns="urn:xmpp:privilege:2"><perm access="iq"><namespace ns="http://jabber.org/protocol/pubsub" type="both"><namespace ns="http://jabber.org/protocol/pubsub#owner" type="both"><namespace ns="vcard-temp" type="get"/></namespace></namespace></perm></privilege>`,
			Privileges{Space: NSPrivilege, IQ: map[string]string{NSPubSub: "both", owner: "both", NSVCardTemp: "get"}}},
		{"ejabberd 23", `<privilege xmlns="urn:xmpp:privilege:1"><perm type="outgoing" access="message"/><perm type="both" access="roster"/><perm type="roster" access="presence"/></privilege>`,
			Privileges{Space: NSPrivilegeOld, Roster: "both", Message: "outgoing", Presence: "roster"}},
		{"get and set told apart", `<privilege xmlns="urn:xmpp:privilege:2"><perm access="iq"><namespace ns="n" type="get"/><namespace ns="n" type="set"/><namespace ns="m" type="set"/><namespace ns="m" type="set"/></perm></privilege>`,
			Privileges{Space: NSPrivilege, IQ: map[string]string{"n": "both", "m": "set"}}},
		{"none", `<privilege xmlns="urn:xmpp:privilege:2"><perm access="roster" type="none"/><perm access="iq"><namespace ns="n" type="none"/><namespace ns="n"/></perm><perm access="all" type="both"/></privilege>`,
			Privileges{Space: NSPrivilege}},
		{"taken back", `<privilege xmlns="urn:xmpp:privilege:2"/>`, Privileges{Space: NSPrivilege}},
		{"a permission of another namespace", `<privilege xmlns="urn:xmpp:privilege:2"><perm xmlns="urn:xmpp:privilege:1" access="roster" type="both"/></privilege>`, Privileges{Space: NSPrivilege}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := ParsePrivileges(parse(t, `<message from="example.org" to="ap.example.org">`+c.in+`</message>`))
			if !ok || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %+v, %v\nwant %+v", got, ok, c.want)
			}
		})
	}
	for _, s := range []string{
		`<message/>`, `<iq><privilege xmlns="urn:xmpp:privilege:2"/></iq>`, `<message><privilege/></message>`,
		`<message type="error"><privilege xmlns="urn:xmpp:privilege:2"><perm access="roster" type="both"/></privilege></message>`,
		`<message><privilege xmlns="urn:xmpp:privilege:2"><forwarded xmlns="urn:xmpp:forward:0"/></privilege></message>`,
	} {
		if p, ok := ParsePrivileges(parse(t, s)); ok {
			t.Errorf("%s is %+v", s, p)
		}
	}
}

func TestPrivilegesAllow(t *testing.T) {
	p := Privileges{IQ: map[string]string{"g": "get", "s": "set", "b": "both"}}
	for in, want := range map[[2]string]bool{
		{"get", "g"}: true, {"set", "g"}: false, {"get", "s"}: false, {"set", "s"}: true, {"get", "b"}: true, {"set", "b"}: true,
		{"get", "x"}: false, {"", "x"}: false, {"result", "b"}: false, {"", "b"}: false,
	} {
		if got := p.Allows(in[0], in[1]); got != want {
			t.Errorf("%v: %v", in, got)
		}
	}
	if (Privileges{}).Allows("get", "") {
		t.Error("nothing allows something")
	}
}

func TestPrivilegedIQ(t *testing.T) {
	iq := IQ("set", JID{Local: "bob", Domain: "ap.example.org"}, JID{}, New(NSPubSub, "pubsub")).Set("id", "1")
	const inside = `<pubsub xmlns="http://jabber.org/protocol/pubsub"/></iq></privileged_iq></iq>`
	if got, want := string(PrivilegedIQ(NSPrivilege, juliet.WithResource("balcony"), iq).AppendXML(nil, NSComponent)),
		`<iq type="set" to="juliet@capulet.lit"><privileged_iq xmlns="urn:xmpp:privilege:2"><iq xmlns="jabber:client" type="set" id="1" to="juliet@capulet.lit">`+inside; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	iq.Set("to", "pubsub.capulet.lit").setLang("it")
	if got, want := string(PrivilegedIQ(NSPrivilege, juliet, iq).AppendXML(nil, NSComponent)),
		`<iq type="set" to="juliet@capulet.lit"><privileged_iq xmlns="urn:xmpp:privilege:2"><iq xmlns="jabber:client" type="set" id="1" to="pubsub.capulet.lit" xml:lang="it">`+inside; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestParsePrivileged(t *testing.T) {
	r := ParsePrivileged(parse(t, `<iq type="result" from="alice@p.test" id="q26" to="ap.p.test"><privilege xmlns="urn:xmpp:privilege:2"><forwarded xmlns="urn:xmpp:forward:0">`+
		`<iq xmlns="jabber:client" to="alice@p.test" type="error" id="in1" from="pubsub.p.test"><error type="cancel"><item-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></iq></forwarded></privilege></iq>`))
	if r.ID() != "in1" || Condition(ParseError(r)) != "item-not-found" {
		t.Errorf("got %s", r.XML())
	}
	for _, s := range []string{
		`<iq type="result"/>`,
		`<iq type="result"><privilege xmlns="urn:xmpp:privilege:2"/></iq>`,
		`<iq type="result"><privilege xmlns="urn:xmpp:privilege:2"><forwarded xmlns="urn:xmpp:forward:0"><message xmlns="jabber:client"/></forwarded></privilege></iq>`,
	} {
		if r := ParsePrivileged(parse(t, s)); r != nil {
			t.Errorf("%s has %s inside", s, r.XML())
		}
	}
}

// FuzzPrivileges: what a server or anybody writes is read to its end, and a type
// that is allowed was written there.
func FuzzPrivileges(f *testing.F) {
	f.Add([]byte(`<message><privilege xmlns="urn:xmpp:privilege:2"><perm access="iq"><namespace ns="n" type="both"><namespace ns="m" type="get"/></namespace></perm></privilege></message>`), "n")
	f.Add([]byte(`<message><privilege xmlns="urn:xmpp:privilege:1"><perm access="roster" type="none"/><forwarded xmlns="urn:xmpp:forward:0"><iq/></forwarded></privilege></message>`), "")
	f.Fuzz(func(t *testing.T, doc []byte, ns string) {
		el, err := ParseXML(doc)
		if err != nil {
			return
		}
		_ = ParsePrivileged(el)
		p, ok := ParsePrivileges(el)
		if !ok && !reflect.DeepEqual(p, Privileges{}) {
			t.Fatalf("not ok, but %+v", p)
		}
		if p.Allows("get", ns) && p.Allows("set", ns) != (p.IQ[ns] == "both") {
			t.Fatalf("%+v", p)
		}
		stable(t, PrivilegedIQ(NSPrivilege, juliet, el))
	})
}
