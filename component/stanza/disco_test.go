package stanza

import (
	"reflect"
	"testing"
)

var muc = []string{"http://jabber.org/protocol/muc", NSDiscoInfo, NSCaps, NSDiscoItems}

// TestVer has the examples of XEP-0115 §5.2 and §5.3.
func TestVer(t *testing.T) {
	simple := Info{Identities: []Identity{{Category: "client", Type: "pc", Name: "Exodus 0.9.1"}}, Features: muc}
	if got := simple.Ver(); got != "QgayPKawpkPSDYmwT/WM94uAlu0=" {
		t.Errorf("simple: %s", got)
	}
	form := NewForm("result", "urn:xmpp:dataforms:softwareinfo",
		Field{Var: "software_version", Values: []string{"0.11"}},
		Field{Var: "os", Values: []string{"Mac"}},
		Field{Var: "ip_version", Values: []string{"ipv6", "ipv4"}},
		Field{Var: "os_version", Values: []string{"10.5.1"}},
		Field{Var: "software", Values: []string{"Psi"}})
	full := Info{
		Identities: []Identity{{"client", "pc", "Psi 0.11", "en"}, {"client", "pc", "Ψ 0.11", "el"}},
		Features:   muc,
		Forms:      []Form{*form},
	}
	const want = "q07IKJEyjvHSyhy//CH0CxmKi8w="
	if got := full.Ver(); got != want {
		t.Errorf("complex: %s", got)
	}
	if got := ParseInfo(full.Element("node#ver")).Ver(); got != want {
		t.Errorf("complex, read back: %s", got)
	}
	full.Forms = append(full.Forms, Form{Fields: []Field{{Var: "x", Values: []string{"y"}}}})
	if got := full.Ver(); got != want {
		t.Errorf("a form without FORM_TYPE counts: %s", got)
	}
	if muc[0] != "http://jabber.org/protocol/muc" || form.Fields[1].Var != "software_version" {
		t.Error("the caller's slices were sorted")
	}
}

func TestInfo(t *testing.T) {
	info := Info{
		Identities: []Identity{{Category: "gateway", Type: "activitypub", Name: "Isthmus", Lang: "en"}},
		Features:   []string{NSDiscoInfo, NSRegister},
		Forms:      []Form{*NewForm("result", "http://jabber.org/network/serverinfo")},
	}
	const want = `<query xmlns="http://jabber.org/protocol/disco#info" node="n"><identity category="gateway" type="activitypub" name="Isthmus" xml:lang="en"/>` +
		`<feature var="http://jabber.org/protocol/disco#info"/><feature var="jabber:iq:register"/>` +
		`<x xmlns="jabber:x:data" type="result"><field var="FORM_TYPE" type="hidden"><value>http://jabber.org/network/serverinfo</value></field></x></query>`
	if got := info.Element("n").XML(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	again := ParseInfo(IQ("result", romeo, juliet, info.Element("n")))
	if !reflect.DeepEqual(again, info) {
		t.Errorf("got  %+v\nwant %+v", again, info)
	}
	if !again.Has(NSRegister) || again.Has(NSPing) || again.Form("http://jabber.org/network/serverinfo") == nil || again.Form("x") != nil {
		t.Errorf("looked up in %+v", again)
	}
	if got := ParseInfo(nil); !reflect.DeepEqual(got, Info{}) {
		t.Errorf("nothing is %+v", got)
	}
}

func TestDiscoItems(t *testing.T) {
	items := []DiscoItem{{JID: romeo, Node: NSMicroblog, Name: "Romeo's blog"}, {JID: juliet}}
	if got := ParseDiscoItems(IQ("result", romeo, juliet, DiscoItems("n", items))); !reflect.DeepEqual(got, items) {
		t.Errorf("got %+v", got)
	}
	if got := ParseDiscoItems(parse(t, `<query xmlns="http://jabber.org/protocol/disco#items"><item name="no address"/></query>`)); got != nil {
		t.Errorf("got %+v", got)
	}
}

func TestCaps(t *testing.T) {
	p := Presence("", romeo, juliet, Caps("https://isthmus.example/", "QgayPKawpkPSDYmwT/WM94uAlu0="))
	if got := string(p.AppendXML(nil, NSComponent)); got != `<presence from="romeo@montague.lit" to="juliet@capulet.lit"><c xmlns="http://jabber.org/protocol/caps" hash="sha-1" node="https://isthmus.example/" ver="QgayPKawpkPSDYmwT/WM94uAlu0="/></presence>` {
		t.Errorf("presence %s", got)
	}
	if node, ver, hash, ok := ParseCaps(p); !ok || node != "https://isthmus.example/" || ver != "QgayPKawpkPSDYmwT/WM94uAlu0=" || hash != "sha-1" {
		t.Errorf("read %s %s %s %v", node, ver, hash, ok)
	}
	if _, _, _, ok := ParseCaps(Presence("", romeo, juliet)); ok {
		t.Error("caps out of nothing")
	}
}
