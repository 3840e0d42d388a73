package component

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/component/xmpptest"
)

// Each of these, sent by somebody else, ended the stream of a mellium v0.22.0
// session one way or another. Here the same stream must go on.
var poison = map[string]string{
	"sender that PRECIS refuses":    `<message from='♥@example.org/x' to='ap.example.org' type='chat'><body>hi</body></message>`,
	"recipient that PRECIS refuses": `<message from='a@example.org/x' to='♥@ap.example.org' type='chat'><body>hi</body></message>`,
	"resource U+3164":               "<message from='a@example.org/\u3164' to='ap.example.org' type='chat'><body>hi</body></message>",
	"host with underscore":          `<iq from='a@ex_ample.org/x' to='ap.example.org' type='get' id='1'><query xmlns='urn:x'/></iq>`,
	"no sender":                     `<iq to='ap.example.org' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>`,
	"sender that is no address":     `<iq from='@/' to='ap.example.org' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>`,
	"recipient elsewhere":           `<iq from='a@example.org/x' to='b@other.example' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>`,
	"error IQ without child":        `<iq from='a@example.org/x' to='ap.example.org' type='error' id='1'/>`,
	"error IQ with text":            `<iq from='a@example.org/x' to='ap.example.org' type='error' id='1'>oops</iq>`,
	"error IQ with a lone payload":  `<iq from='a@example.org/x' to='ap.example.org' type='error' id='1'><query xmlns='urn:x'/></iq>`,
	"error message without child":   `<message from='a@example.org/x' to='ap.example.org' type='error' id='1'/>`,
	"IQ without child":              `<iq from='a@example.org/x' to='ap.example.org' type='get' id='1'/>`,
	"IQ with two children":          `<iq from='a@example.org/x' to='ap.example.org' type='set' id='1'><a xmlns='urn:x'/><b xmlns='urn:x'/></iq>`,
	"IQ of no known type":           `<iq from='a@example.org/x' to='ap.example.org' type='fetch' id='1'><a xmlns='urn:x'/></iq>`,
	"IQ without id":                 `<iq from='a@example.org/x' to='ap.example.org' type='get'><ping xmlns='urn:xmpp:ping'/></iq>`,
	"stream error inside":           `<message from='a@example.org/x' to='ap.example.org'><error xmlns='http://etherx.jabber.org/streams'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error></message>`,
	"stream header inside":          `<message from='a@example.org/x' to='ap.example.org'><stream xmlns='http://etherx.jabber.org/streams'/></message>`,
	"prefixed stream end inside":    `<message from='a@example.org/x' to='ap.example.org'><stream:stream/></message>`,
	"undeclared prefix":             `<message from='a@example.org/x' to='ap.example.org'><foo:bar foo:baz='1'/></message>`,
	"nested too deep":               `<message from='a@example.org/x' to='ap.example.org'>` + strings.Repeat("<a>", 3000) + strings.Repeat("</a>", 3000) + `</message>`,
	"too large":                     `<iq from='a@example.org/x' to='ap.example.org' type='get' id='1'><a xmlns='urn:x'>` + strings.Repeat("x", 2<<20) + `</a></iq>`,
	"unknown top-level element":     `<features xmlns='urn:x'><message/></features>`,
	"stream-level element":          `<stream:features/>`,
	"client namespace":              `<message xmlns='jabber:client' from='a@example.org/x' to='ap.example.org'/>`,
	"white space":                   " \n\t ",
	"comment":                       "<!-- hello -->",
}

func TestY2_StreamSurvivesPoison(t *testing.T) {
	s, c, h, _ := connected(t)
	for name, xml := range poison {
		s.Send(xml)
		got := s.Ask(`<iq from='probe@example.org/p' to='ap.example.org' type='get' id='alive'><ping xmlns='urn:xmpp:ping'/></iq>`)
		if got.Type() != "result" {
			t.Errorf("after %s: ping answered with %s", name, got.XML())
		}
	}
	if st := c.Status(); !st.Up || st.Reconnects != 0 {
		t.Errorf("status %+v, want the first stream still up", st)
	}
	for len(h.calls) > 0 {
		if call := <-h.calls; call == "down" {
			t.Error("the stream was lost in between")
		}
	}
}

// The IQs among the poison are answered where there is somebody to answer.
func TestPoisonIsAnswered(t *testing.T) {
	s, _, _, _ := connected(t)
	for iq, want := range map[string]string{
		poison["IQ without child"]:     `<error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`,
		poison["IQ with two children"]: `<error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`,
		poison["IQ of no known type"]:  `<error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`,
		poison["too large"]:            `<error type='modify'><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`,
		poison["host with underscore"]: `<error type='cancel'><feature-not-implemented xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`,
	} {
		s.Send(iq)
		s.Expect(`<iq from='ap.example.org' type='error' id='1'>` + want + `</iq>`)
	}
}

// mellium v0.22.0 refuses white space after the XML declaration (asserted in its
// own test table) and before the handshake; servers may send it.
func TestGreetingWithWhiteSpace(t *testing.T) {
	s := xmpptest.Start(t, testDomain, "s3cret")
	s.Greeting = "<?xml version='1.0'?>\n  <stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' from='ap.example.org' id='%s'>\n"
	_, log := newLogs()
	h := newFakeHandler()
	run(t, fast(s, log), h)
	h.expect(t, "up")
	s.Ask(`<iq from='a@example.org/x' to='ap.example.org' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>`)
}

// Prefixes of the server's header stay bound for the whole stream.
func TestHeaderPrefixesAreKept(t *testing.T) {
	s := xmpptest.Start(t, testDomain, "s3cret")
	s.Greeting = "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:p='urn:xmpp:ping' xmlns:stream='http://etherx.jabber.org/streams' from='ap.example.org' id='%s'>"
	_, log := newLogs()
	h := newFakeHandler()
	run(t, fast(s, log), h)
	h.expect(t, "up")
	got := s.Ask(`<iq from='a@example.org/x' to='ap.example.org' type='get' id='1'><p:ping xmlns:p='urn:xmpp:ping'/></iq>`)
	if got.Type() != "result" {
		t.Errorf("got %s", got.XML())
	}
	s.Send(`<iq from='a@example.org/x' to='ap.example.org' type='get' id='2'><p:ping/></iq>`)
	s.Expect(`<iq type='result' id='2'/>`)
}

// fakeLink reads from a string as if it had been negotiated.
func fakeLink(in string) *link {
	return &link{dec: xml.NewDecoder(strings.NewReader("<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>" + in))}
}

func TestNextEnds(t *testing.T) {
	for in, want := range map[string]error{
		`</stream:stream>`: errClosed,
		`<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>Replaced</text></stream:error></stream:stream>`: &streamError{"conflict", "Replaced"},
		`<stream:error><host-gone xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>`:                                                                                 &streamError{"host-gone", ""},
		`<message from='a@b'>`: io.ErrUnexpectedEOF,
	} {
		_, _, err := fakeLink(in).next()
		var se, wantSE *streamError
		if errors.As(want, &wantSE) {
			if !errors.As(err, &se) || *se != *wantSE {
				t.Errorf("%s: %v, want %v", in, err, want)
			}
		} else if err == nil || !errors.Is(err, want) && !strings.Contains(err.Error(), "EOF") {
			t.Errorf("%s: %v, want %v", in, err, want)
		}
	}
}

// Whatever a stanza holds, the one after it is read.
func FuzzNext(f *testing.F) {
	for _, p := range poison {
		if len(p) < 1000 {
			f.Add(p)
		}
	}
	f.Fuzz(func(t *testing.T, in string) {
		e, err := stanza.ParseXML([]byte(in))
		if err != nil {
			return
		}
		msg := stanza.Message("", stanza.JID{}, stanza.JID{}).Add(e)
		l := fakeLink(string(msg.AppendXML(nil, stanza.NSComponent)) + "<presence id='after'/>")
		got, size, err := l.next()
		if err != nil && !errors.Is(err, stanza.ErrTooLarge) {
			t.Fatalf("%s: %v", msg.XML(), err)
		}
		if err == nil && (got.XML() != msg.XML() || size <= 0) {
			t.Fatalf("%s came as %s, %d bytes", msg.XML(), got.XML(), size)
		}
		if got, _, err = l.next(); err != nil || got.ID() != "after" {
			t.Fatalf("after %s: %v", msg.XML(), err)
		}
	})
}

// What never was a stanza does not make next hang or panic either.
func FuzzNextRaw(f *testing.F) {
	for _, p := range poison {
		if len(p) < 1000 {
			f.Add(p)
		}
	}
	f.Fuzz(func(t *testing.T, in string) {
		l := fakeLink(in)
		for range len(in) + 2 {
			if _, _, err := l.next(); err != nil && !errors.Is(err, stanza.ErrTooLarge) {
				return
			}
		}
		t.Fatal("next does not end")
	})
}

// A server that never stops greeting is given up.
func TestGreetingIsBounded(t *testing.T) {
	s := xmpptest.Start(t, testDomain, "s3cret")
	s.Greeting = "<?xml version='1.0'?><stream:stream id='" + strings.Repeat("x", maxGreeting)
	_, log := newLogs()
	_, err := connect(context.Background(), fast(s, log).withDefaults())
	if !errors.Is(err, errGreeting) {
		t.Errorf("err = %v", err)
	}
}
