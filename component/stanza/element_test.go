package stanza

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
)

// parse reads a document that the test knows to be good.
func parse(t *testing.T, s string) *Element {
	t.Helper()
	e, err := ParseXML([]byte(s))
	if err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return e
}

func TestY1_Print(t *testing.T) {
	lang := Attr{Space: "xml", Local: "lang", Value: "de"}
	for _, c := range []struct {
		name string
		e    *Element
		want string
	}{
		{"empty", New("urn:a", "x"), `<x xmlns="urn:a"/>`},
		{"namespace only where it changes", New("urn:a", "x").Add(New("urn:a", "y").Add(New("urn:b", "z")), New("", "n")),
			`<x xmlns="urn:a"><y><z xmlns="urn:b"/></y><n xmlns=""/></x>`},
		{"mixed content", New("urn:a", "p").AddText("a < b ").Add(New("urn:a", "em").AddText("& c")).AddText(" ]]> d\r\n\t"),
			"<p xmlns=\"urn:a\">a &lt; b <em>&amp; c</em> ]]&gt; d&#xD;\n\t</p>"},
		{"attributes", New("urn:a", "x", "v", "\"<&>'\n\r\t"), `<x xmlns="urn:a" v="&quot;&lt;&amp;&gt;'&#xA;&#xD;&#x9;"/>`},
		{"xml:lang", &Element{Space: "urn:a", Local: "x", Attr: []Attr{lang}}, `<x xmlns="urn:a" xml:lang="de"/>`},
		{"foreign attributes", &Element{Local: "x", Attr: []Attr{{"urn:b", "k", "1"}, {"", "k", "2"}, {"urn:b", "l", "3"}, {"urn:c", "k", "4"}}},
			`<x xmlns:n0="urn:b" n0:k="1" k="2" n0:l="3" xmlns:n3="urn:c" n3:k="4"/>`},
		{"the same attribute twice", &Element{Local: "x", Attr: []Attr{{"", "k", "1"}, {"", "k", "2"}}}, `<x k="1"/>`},
		{"declarations as attributes", &Element{Local: "x", Attr: []Attr{{"", "xmlns", "urn:a"}, {"xmlns", "p", "urn:b"}}}, `<x/>`},
		{"names that are none", &Element{Local: "a b><", Attr: []Attr{{"", "1=", "v"}, {"", "", "w"}}}, `<a_b__ _1_="v" _="w"/>`},
		{"reserved namespaces", New(nsXML, "x").Add(New(nsXMLNS, "y")), `<x><y/></x>`},
		{"white space in namespaces", New("urn:a\nb", "x").Add(New("urn:ab", "y"), New(" ", "z")), `<x xmlns="urn:ab"><y/><z xmlns=""/></x>`},
		{"characters XML has not", New("urn:a", "x", "v", "a\x00\x1bb").AddText("c\ufffe\xff\u0007d"), "<x xmlns=\"urn:a\" v=\"ab\">c\ufffdd</x>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.e.XML(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestPrintStanza(t *testing.T) {
	a, b := JID{Domain: "ap.example.org"}, JID{"juliet", "capulet.lit", "balcony"}
	iq := IQ("get", a, b, New(NSPing, "ping"))
	const want = `<iq type="get" from="ap.example.org" to="juliet@capulet.lit/balcony"><ping xmlns="urn:xmpp:ping"/></iq>`
	for _, parent := range []string{NSComponent, ""} {
		if got := string(iq.AppendXML(nil, parent)); got != want {
			t.Errorf("below %q: %s", parent, got)
		}
	}
	if got := iq.XML(); !strings.HasPrefix(got, `<iq xmlns="jabber:component:accept" type="get"`) {
		t.Errorf("for people: %s", got)
	}
	if got := New("urn:xmpp:forward:0", "forwarded").Add(New(NSComponent, "message")).XML(); got != `<forwarded xmlns="urn:xmpp:forward:0"><message xmlns="jabber:component:accept"/></forwarded>` {
		t.Errorf("forwarded: %s", got)
	}
	var none *Element
	if got := none.XML() + string(none.AppendXML(nil, "")); got != "" {
		t.Errorf("nothing printed as %q", got)
	}
}

func TestPrintDoesNotAllocate(t *testing.T) {
	e := Message("headline", JID{Domain: "a.example"}, JID{Domain: "b.example"}, Event{Node: NSMicroblog, Items: []Item{{ID: "1", Payload: Entry{Title: Text{Body: "♥ & more"}}.Element()}}}.Element())
	buf := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { buf = e.AppendXML(buf[:0], NSComponent) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"prefixes", `<a:x xmlns:a="urn:a" xmlns="urn:b" a:k="1" k="2"><y/><a:z a:k="3"/></a:x>`,
			`<x xmlns="urn:a" xmlns:n0="urn:a" n0:k="1" k="2"><y xmlns="urn:b"/><z xmlns:n0="urn:a" n0:k="3"/></x>`},
		{"mixed content in order", `<p>a<b>c</b>d<i/>e</p>`, `<p>a<b>c</b>d<i/>e</p>`},
		{"comments, instructions, CDATA", `<?xml version="1.0"?><!-- c --><p>a<!-- c -->b<?pi?><![CDATA[<c>]]></p><!-- d -->`, `<p>ab&lt;c&gt;</p>`},
		{"white space is kept", "<p> \n<b/> </p>", "<p> \n<b/> </p>"},
		{"xml:lang", `<p xml:lang="de" xml:space="preserve"/>`, `<p xml:lang="de" xml:space="preserve"/>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := parse(t, c.in).XML(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	e := parse(t, `<p xml:lang="de">a<!-- c -->b</p>`)
	if want := (&Element{Local: "p", Attr: []Attr{{"xml", "lang", "de"}}, Child: []Node{{Text: "ab"}}}); !reflect.DeepEqual(e, want) {
		t.Errorf("got %+v, want %+v", e, want)
	}
	if e.Lang() != "de" {
		t.Errorf("xml:lang is %q", e.Lang())
	}
}

func TestY8_ParseRefuses(t *testing.T) {
	for _, s := range []string{
		``, ` `, `x`, `<a>`, `<a></b>`, `<a/><b/>`, `<a/>text`, `<!DOCTYPE a><a/>`,
		`<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>`, `<a>&e;</a>`, `<a>` + "\x00" + `</a>`, `<a>` + "\xff" + `</a>`,
	} {
		if e, err := ParseXML([]byte(s)); !errors.Is(err, ErrSyntax) || e != nil {
			t.Errorf("%q: %v, %v", s, e, err)
		}
	}
}

func TestY8_Bounds(t *testing.T) {
	nest := func(n int) string { return strings.Repeat("<a>", n) + strings.Repeat("</a>", n) }
	var attrs strings.Builder
	for i := range maxAttrs + 1 {
		fmt.Fprintf(&attrs, " a%d=''", i)
	}
	long := "urn:" + strings.Repeat("x", 2000)
	for name, s := range map[string]string{
		"depth":      nest(MaxDepth + 1),
		"size":       "<a>" + strings.Repeat("x", MaxSize) + "</a>",
		"attributes": "<a><b" + attrs.String() + "/></a>",
		"namespaces": "<a xmlns:n='" + long + "'>" + strings.Repeat("<n:x/>", 1000) + "</a>",
	} {
		if _, err := ParseXML([]byte(s)); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	parse(t, nest(MaxDepth))
	parse(t, "<a>"+strings.Repeat("x", MaxSize-7)+"</a>")
}

// TestReadOn: an element past the bounds costs that element and nothing else.
func TestReadOn(t *testing.T) {
	for name, big := range map[string]string{
		"text":     strings.Repeat("x", MaxSize),
		"depth":    strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100),
		"children": strings.Repeat("<a/>", MaxSize/4),
	} {
		t.Run(name, func(t *testing.T) {
			d := xml.NewDecoder(strings.NewReader(`<stream xmlns='jabber:component:accept'>` +
				`<message from='a@b.example' to='c.example' id='1' xml:lang='de'>` + big + `<x>` + big + `</x>tail</message>` +
				`<message id='2'>after</message></stream>`))
			if _, err := d.Token(); err != nil {
				t.Fatal(err)
			}
			e, err := next(d)
			if !errors.Is(err, ErrTooLarge) {
				t.Fatalf("got %v", err)
			}
			if got := e.XML(); got != `<message xmlns="jabber:component:accept" from="a@b.example" to="c.example" id="1"/>` {
				t.Errorf("what is left of it: %s", got)
			}
			if e, err = next(d); err != nil || e.ID() != "2" || e.Text() != "after" {
				t.Errorf("then %v, %v", e, err)
			}
		})
	}
}

func TestReadCutOff(t *testing.T) {
	for _, s := range []string{`<a><b>`, `<a>` + strings.Repeat("<b>", 100)} {
		if _, err := next(xml.NewDecoder(strings.NewReader(s))); err == nil {
			t.Errorf("%s read without an error", s)
		}
	}
	if _, err := ReadElement(noTokens{}, xml.StartElement{Name: xml.Name{Local: "a"}}); err != io.ErrUnexpectedEOF {
		t.Errorf("end of tokens: %v", err)
	}
}

type noTokens struct{}

func (noTokens) Token() (xml.Token, error) { return nil, io.EOF }

func next(d *xml.Decoder) (*Element, error) {
	for {
		tok, err := d.Token()
		if err != nil {
			return nil, err
		}
		if start, ok := tok.(xml.StartElement); ok {
			return ReadElement(d, start)
		}
	}
}

func TestY2_Clean(t *testing.T) {
	for in, want := range map[string]string{
		"":                         "",
		"plain ♥ \U0001F986\t\r\n": "plain ♥ \U0001F986\t\r\n",
		"a\x00b\x08c\x7f":          "abc\x7f",
		"\xff\xfea":                "\ufffd\ufffda",
		"\ufffe\uffff\ufffd":       "\ufffd",
		"a\xed\xa0\x80b":           "a\ufffd\ufffd\ufffdb",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTree(t *testing.T) {
	e := parse(t, `<m from="a@b.example/r" to="c.example" type="chat" id="7"><body>one</body><x xmlns="urn:x">two<y>three</y></x><body>four</body>five</m>`)
	if e.From() != (JID{"a", "b.example", "r"}) || e.To() != (JID{Domain: "c.example"}) || e.Type() != "chat" || e.ID() != "7" {
		t.Errorf("read %v %v %q %q", e.From(), e.To(), e.Type(), e.ID())
	}
	if got := e.First("urn:x", "x").First("urn:x", "y").Text() + e.Text() + e.DeepText(); got != "threefiveonetwothreefourfive" {
		t.Errorf("texts: %s", got)
	}
	if n := len(e.All("", "body")); n != 2 || len(e.Elements()) != 3 {
		t.Errorf("%d bodies", n)
	}
	var none *Element
	if none.First("", "x").Get("y")+none.Text()+none.DeepText()+none.Lang() != "" || none.All("", "") != nil || none.Is("", "") {
		t.Error("nothing has something")
	}
}

// FuzzElement: whatever the element, its print is well-formed, and reading and
// printing it again changes nothing.
func FuzzElement(f *testing.F) {
	f.Add([]byte(`<a:x xmlns:a="urn:a" a:k="1">a<y/>]]&gt;</a:x>`), "urn:a", "x", "urn:b", "k", "v\n", "t\r")
	f.Add([]byte(`<xmlns xmlns="urn:a" xml:lang="de"><!-- c --><![CDATA[<]]></xmlns>`), nsXML, "xmlns", "xmlns", "xmlns", "\x00", "\xff")
	f.Add([]byte(`<:a b:="1" :b="2" b="3"/>`), "\x01", "a:b", "\x01", "é", "", "\ufffe")
	f.Fuzz(func(t *testing.T, doc []byte, space, local, attrSpace, attrLocal, value, text string) {
		if len(doc)+len(space)+len(local)+len(attrSpace)+len(attrLocal)+len(value)+len(text) > 4096 {
			return
		}
		e := &Element{Space: space, Local: local, Attr: []Attr{{attrSpace, attrLocal, value}, {"", local, text}, {attrSpace, local, space}}}
		e.AddText(text).Add(New(attrSpace, attrLocal, local, value)).AddText(value)
		stable(t, e)
		if read, err := ParseXML(doc); err == nil {
			stable(t, read)
			stable(t, e.Add(read))
		}
	})
}

func stable(t *testing.T, e *Element) {
	t.Helper()
	first := e.XML()
	again, err := ParseXML([]byte(first))
	if errors.Is(err, ErrTooLarge) {
		return
	}
	if err != nil {
		t.Fatalf("%v in print %q of %+v", err, first, e)
	}
	if second := again.XML(); second != first {
		t.Fatalf("printed %q\nthen    %q", first, second)
	}
}
