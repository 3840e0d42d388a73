package stanza

import (
	"reflect"
	"testing"
)

func TestReferences(t *testing.T) {
	const ns = ` xmlns="urn:xmpp:reference:0"`
	msg := parse(t, `<message><body>But, soft! Juliet is the sun.</body>`+
		`<reference`+ns+` type="mention" uri="xmpp:juliet@capulet.lit" begin="10" end="16"/>`+
		`<reference`+ns+` uri="xmpp:romeo@montague.lit" type="mention" anchor="xmpp:juliet@capulet.lit?;node=urn:xmpp:microblog:0;item=1"/>`+
		`<reference`+ns+` type="data" uri="https://example.org/" begin="3" end="3"/>`+
		`<reference`+ns+` uri="x" begin="-1" end="2"/><reference`+ns+` uri="x" begin="2"/><reference`+ns+` uri="x" begin="a" end="b"/>`+
		`<reference`+ns+` type="data"><media-sharing xmlns="urn:xmpp:sims:1"/></reference>`+
		`<reference type="mention" uri="xmpp:not@this.example"/>`+
		`<forwarded xmlns="urn:xmpp:forward:0"><reference`+ns+` type="mention" uri="xmpp:nor@this.example"/></forwarded></message>`)
	want := []Reference{
		{Type: "mention", URI: "xmpp:juliet@capulet.lit", Begin: 10, End: 16},
		{Type: "mention", URI: "xmpp:romeo@montague.lit", Anchor: "xmpp:juliet@capulet.lit?;node=urn:xmpp:microblog:0;item=1"},
		{Type: "data", URI: "https://example.org/"},
		{URI: "x"}, {URI: "x"}, {URI: "x"},
	}
	got := ParseReferences(msg)
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %+v\nwant %+v", got, want)
	}
	if s := got[0].Element().XML(); s != `<reference`+ns+` type="mention" uri="xmpp:juliet@capulet.lit" begin="10" end="16"/>` {
		t.Errorf("printed %s", s)
	}
	if s := got[1].Element().XML(); s != `<reference`+ns+` type="mention" uri="xmpp:romeo@montague.lit" anchor="xmpp:juliet@capulet.lit?;node=urn:xmpp:microblog:0;item=1"/>` {
		t.Errorf("printed %s", s)
	}
	if ParseReferences(nil) != nil || ParseReferences(New("", "message")) != nil {
		t.Error("references out of nothing")
	}
}

// FuzzReferences: what was read is printed so that it reads the same.
func FuzzReferences(f *testing.F) {
	f.Add([]byte(`<m><reference xmlns="urn:xmpp:reference:0" type="mention" uri="xmpp:a@b" begin="0" end="1"/></m>`))
	f.Add([]byte(`<m><r:reference xmlns:r="urn:xmpp:reference:0" uri=" " anchor="&#xA;" begin=" 1" end="2147483648"/></m>`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		el, err := ParseXML(doc)
		if err != nil {
			return
		}
		refs := ParseReferences(el)
		m := New("", "message")
		for _, r := range refs {
			m.Add(r.Element())
		}
		if again := ParseReferences(m); !reflect.DeepEqual(again, refs) {
			t.Fatalf("%+v\nagain %+v", refs, again)
		}
		stable(t, m)
	})
}
