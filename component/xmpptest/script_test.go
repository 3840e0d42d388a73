package xmpptest

import (
	"encoding/xml"
	"fmt"
	"net"
	"testing"
)

func TestLike(t *testing.T) {
	e := Parse(`<iq type='get' id='1'><query xmlns='urn:x' node='n'><a/><b>text</b></query></iq>`)
	for pattern, want := range map[string]bool{
		`<iq/>`:                           true,
		`<iq type='get'/>`:                true,
		`<iq id='*'/>`:                    true,
		`<iq from='*'/>`:                  false,
		`<iq type='set'/>`:                false,
		`<message/>`:                      false,
		`<iq><query xmlns='urn:x'/></iq>`: true,
		`<iq><query/></iq>`:               false,
		`<iq><query xmlns='urn:x'><b>text</b><a/></query></iq>`: true,
		`<iq><query xmlns='urn:x'><b>other</b></query></iq>`:    false,
		`<iq><query xmlns='urn:x'><c/></query></iq>`:            false,
	} {
		if got := Like(t, pattern)(e); got != want {
			t.Errorf("%s: %v, want %v", pattern, got, want)
		}
	}
}

// What costs a component its stream at real servers costs it here, too.
func TestViolations(t *testing.T) {
	for _, in := range []string{
		`<message from='a@other.example' to='b@example.org'/>`,
		`<message from='ap.example.org'/>`,
		`<message to='b@example.org'/>`,
		`<foo from='ap.example.org' to='b@example.org'/>`,
		"<message from='ap.example.org' to='b@example.org'>\x01</message>",
	} {
		s := Start(t, "ap.example.org", "x")
		near, far := net.Pipe()
		go func() {
			fmt.Fprint(far, "<stream xmlns='jabber:component:accept'>"+in)
			far.Close()
		}()
		d := xml.NewDecoder(near)
		if _, err := d.Token(); err != nil {
			t.Fatal(err)
		}
		if s.serve(newConn(near), d) == nil {
			t.Errorf("%s passed", in)
		}
	}
}
