package component

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// These tests pin what mellium.im/xmpp v0.22.0 does that stream.go works
// around. When one fails after an update, the work-around may go.

const greeting = `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' from='ap.example.org' id='1'>`

func talk(in string) io.ReadWriter {
	return struct {
		io.Reader
		io.Writer
	}{strings.NewReader(in), new(bytes.Buffer)}
}

// Anybody can put an element of the streams namespace into a message. Prosody
// 0.12.3 and ejabberd 23.01 pass it on, and the reader takes it for the
// stream's own.
func TestMelliumReaderEndsInsideStanza(t *testing.T) {
	for _, inner := range []string{
		`<error xmlns='http://etherx.jabber.org/streams'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>`,
		`<stream xmlns='http://etherx.jabber.org/streams'/>`,
		`<features xmlns='http://etherx.jabber.org/streams'/>`,
	} {
		s, err := openSession(Config{Domain: testDomain}, talk(greeting+`<handshake/><message>`+inner+`</message><presence/>`))
		if err != nil {
			t.Fatal(err)
		}
		r := s.TokenReader()
		if _, err := r.Token(); err != nil {
			t.Fatal(err)
		}
		if tok, err := r.Token(); err == nil {
			t.Errorf("%s came through as %v; v0.22.0 gave an error", inner, tok)
		}
		r.Close()
	}
}

func TestMelliumRefusesWhiteSpaceInGreeting(t *testing.T) {
	for _, in := range []string{
		"<?xml version='1.0'?>\n" + greeting + "<handshake/>",
		greeting + "\n<handshake/>",
	} {
		if _, err := openSession(Config{Domain: testDomain}, talk(in)); err == nil {
			t.Errorf("%q was accepted; v0.22.0 gave an error", in)
		}
	}
}

// A domain that the server spells with an underscore in its greeting cannot be
// negotiated, which is why Config refuses it in words.
func TestMelliumRefusesUnderscore(t *testing.T) {
	in := strings.Replace(greeting, "ap.example.org", "ap_1.example.org", 1) + "<handshake/>"
	if _, err := openSession(Config{Domain: "ap_1.example.org"}, talk(in)); err == nil {
		t.Error("accepted; v0.22.0 gave improper-addressing")
	}
}
