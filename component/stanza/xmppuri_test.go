package stanza

import (
	"reflect"
	"testing"
)

func TestURI(t *testing.T) {
	const comments = "urn:xmpp:microblog:0:comments/on-slow-feeds"
	for _, c := range []struct{ name, in, jid, node, item string }{
		{"Movim", "xmpp:alice@example.org?;node=urn:xmpp:microblog:0;item=on-slow-feeds", "alice@example.org", NSMicroblog, "on-slow-feeds"},
		{"Movim comments", "xmpp:comments.example.org?;node=" + comments, "comments.example.org", comments, ""},
		{"Libervia", "xmpp:carol@example.org?;node=urn%3Axmpp%3Amicroblog%3A0%3Acomments%2Fon-slow-feeds;item=a%3Bb", "carol@example.org", comments, "a;b"},
		{"folded over lines", "xmpp:carol@example.org?; node=urn%3Axmpp%3Amicroblog%3A0;  item=x", "carol@example.org", NSMicroblog, "x"},
		{"query type", "XMPP:pubsub.example.org?pubsub;action=retrieve;node=n", "pubsub.example.org", "n", ""},
		{"no query type, no semicolon", "xmpp:pubsub.example.org?node=n", "pubsub.example.org", "n", ""},
		{"virtual user", `xmpp:bob%5C40mastodon.example@ap.example.org`, `bob\40mastodon.example@ap.example.org`, "", ""},
		{"virtual user, unencoded", `xmpp:bob\40mastodon.example@ap.example.org?;node=n`, `bob\40mastodon.example@ap.example.org`, "n", ""},
		{"authority", "xmpp://me@example.net/alice@example.org?message", "alice@example.org", "", ""},
		{"authority alone", "xmpp://alice@example.org", "alice@example.org", "", ""},
		{"fragment", "xmpp:alice@example.org#x", "alice@example.org", "", ""},
		{"unencoded #", "xmpp:alice@example.org?;node=http://jabber.org/protocol/tune#x;item=1", "alice@example.org", "http://jabber.org/protocol/tune#x", "1"},
		{"percent that is none", "xmpp:alice@example.org?;node=50%;item=%zz%4", "alice@example.org", "50%", "%zz%4"},
		{"not ASCII", "xmpp:nasobém@example.org?;node=café;item=%E2%99%A5", "nasobém@example.org", "café", "♥"},
	} {
		t.Run(c.name, func(t *testing.T) {
			u, err := ParseURI(c.in)
			if err != nil || u.JID.String() != c.jid || u.Node() != c.node || u.Item() != c.item {
				t.Errorf("%s read as %+v, %v", c.in, u, err)
			}
		})
	}
	for _, s := range []string{"", "xmpp:", "xmpp", "http://example.org/", "xmpp:?;node=n", "xmpp:a@?x", "xmpp:a@b@c", "xmpp:a@b?;node=%00", "xmpp:a%FF@b"} {
		if u, err := ParseURI(s); err != ErrURI {
			t.Errorf("%q read as %+v, %v", s, u, err)
		}
	}
}

// TestURIString: the spelling that Movim compares, byte by byte.
func TestURIString(t *testing.T) {
	alice := JID{Local: "alice", Domain: "example.org"}
	for _, c := range []struct {
		uri  URI
		want string
	}{
		{ItemURI(alice, NSMicroblog, "on-slow-feeds"), "xmpp:alice@example.org?;node=urn:xmpp:microblog:0;item=on-slow-feeds"},
		{ItemURI(alice, NSMicroblog+":comments/x", ""), "xmpp:alice@example.org?;node=urn:xmpp:microblog:0:comments/x"},
		{ItemURI(alice, "", ""), "xmpp:alice@example.org"},
		{ItemURI(JID{Local: `bob\40mastodon.example`, Domain: "ap.example.org"}, "n", "i"), `xmpp:bob\40mastodon.example@ap.example.org?;node=n;item=i`},
		{ItemURI(alice, "a;b=c%#d e", "♥"), "xmpp:alice@example.org?;node=a%3Bb=c%25%23d%20e;item=♥"},
		{URI{JID: alice, Query: "message"}, "xmpp:alice@example.org?message"},
		{URI{JID: alice, Query: "pubsub", Params: []Param{{"action", "retrieve"}}}, "xmpp:alice@example.org?pubsub;action=retrieve"},
	} {
		if got := c.uri.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// FuzzURI: what was read is printed so that it reads the same.
func FuzzURI(f *testing.F) {
	for _, s := range []string{"xmpp:a@b/c?d;e=f", "xmpp:a@b?;node=%25%3b;item= x ", "xmpp://a@b/c@d#e", "xmpp:b?%20;=;=%3D", "xmpp:b/?x%0A%0d%09%23"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := ParseURI(s)
		if err != nil {
			return
		}
		if again, err := ParseURI(u.String()); err != nil || !reflect.DeepEqual(again, u) {
			t.Fatalf("%q is %+v\n%q is %+v, %v", s, u, u.String(), again, err)
		}
	})
}
