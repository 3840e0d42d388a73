package xmppclient

import (
	"strings"
	"testing"
)

func TestElementFindsPathsAndConditions(t *testing.T) {
	e, err := Parse(`<iq xmlns="jabber:client" type="error" xml:lang="en"><a><b>x&amp;y</b><b>z</b></a>` +
		`<error type="cancel"><item-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/><text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">no</text></error></iq>`)
	if err != nil {
		t.Fatal(err)
	}
	if e.Value("a/b") != "x&y" || len(e.Find("a").All("b")) != 2 || e.Find("a/c") != nil || e.Attr["xml:lang"] != "en" {
		t.Errorf("tree is %+v", e)
	}
	if c := e.Condition(); c != "item-not-found" {
		t.Errorf("condition %q", c)
	}
	for _, bad := range []string{"", "text", "<a><b></a>", "<a>"} {
		if e, err := Parse(bad); err == nil {
			t.Errorf("%q gives %+v", bad, e)
		}
	}
}

func TestReadStreamTellsStanzasApart(t *testing.T) {
	const in = `<?xml version="1.0"?><stream:stream xmlns="jabber:component:accept" xmlns:stream="http://etherx.jabber.org/streams" id="1">` +
		`<handshake/> <message from="a"><body>hi</body></message><iq id="7"/></stream:stream>`
	var names []string
	var sizes []int64
	ReadStream(strings.NewReader(in), func(e *Element, size int64) {
		names, sizes = append(names, e.Name), append(sizes, size)
		if e.Name == "message" && e.Value("body") != "hi" {
			t.Errorf("message is %+v", e)
		}
	})
	if strings.Join(names, " ") != "handshake message iq" {
		t.Fatalf("stanzas: %v", names)
	}
	if want := int64(len(`<message from="a"><body>hi</body></message>`)); sizes[1] != want {
		t.Errorf("size %d, want %d", sizes[1], want)
	}
}
