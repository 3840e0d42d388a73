package component

import (
	"encoding/xml"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"isthmus/component/stanza"
)

const benchEvent = `<message type='headline' from='alice@example.org' to='ap.example.org' id='1'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='urn:xmpp:microblog:0'><item id='a-title-and-a-suffix' publisher='alice@example.org'><entry xmlns='http://www.w3.org/2005/Atom'><title type='text'>A title of usual length</title><id>tag:example.org,2026-01-01:a-title</id><published>2026-01-01T12:00:00Z</published><updated>2026-01-01T12:00:00Z</updated><author><name>Alice</name><uri>xmpp:alice@example.org</uri></author><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Some words that make up a short post, with <b>markup</b> and a <a href='https://example.org/'>link</a>.</p></div></content></entry></item></items></event></message>`

// repeat yields the same bytes over and over.
type repeat struct {
	s string
	i int
}

func (r *repeat) Read(p []byte) (int, error) {
	n := copy(p, r.s[r.i:])
	r.i = (r.i + n) % len(r.s)
	return n, nil
}

// One pubsub event of 700 bytes, read into a tree.
func BenchmarkNext(b *testing.B) {
	l := &link{dec: xml.NewDecoder(io.MultiReader(strings.NewReader("<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams'>"), &repeat{s: benchEvent}))}
	b.SetBytes(int64(len(benchEvent)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := l.next(); err != nil {
			b.Fatal(err)
		}
	}
}

// discard is a connection that takes everything.
type discard struct{ net.Conn }

func (discard) Write(p []byte) (int, error)      { return len(p), nil }
func (discard) SetWriteDeadline(time.Time) error { return nil }

// The same event checked, printed and queued.
func BenchmarkSend(b *testing.B) {
	c := New(Config{Domain: testDomain}, newFakeHandler())
	e, err := stanza.ParseXML([]byte(strings.Replace(benchEvent, "<message", "<message xmlns='jabber:component:accept'", 1)))
	if err != nil {
		b.Fatal(err)
	}
	e.Set("from", testDomain).Set("to", "alice@example.org")
	c.link = &link{out: newWriter(discard{}, time.Second)}
	go c.link.out.run()
	defer c.link.out.close()
	b.SetBytes(int64(len(benchEvent)))
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Send(e); err != nil {
			b.Fatal(err)
		}
	}
}
