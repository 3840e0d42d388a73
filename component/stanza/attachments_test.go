package stanza

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

var (
	noticedAt = time.Date(2022, 7, 11, 12, 7, 24, 0, time.UTC)
	reactedAt = time.Date(2022, 7, 11, 12, 7, 48, 0, time.UTC)
)

func TestAttachments(t *testing.T) {
	for _, c := range []struct {
		name, in string // what is inside <attachments/>
		want     Attachments
		printed  string // "" when as it was read
	}{
		{"nothing", ``, Attachments{}, ``},
		{"noticed", `<noticed timestamp="2022-07-11T12:07:24Z"/>`, Attachments{Noticed: true, NoticedAt: noticedAt}, ``},
		{"noticed at some time", `<noticed/>`, Attachments{Noticed: true}, ``},
		{"XEP-0470, example 2", `<noticed timestamp="2022-07-11T12:07:24Z"/><reactions timestamp="2022-07-11T12:07:48Z"><reaction>👷</reaction><reaction>🔨</reaction></reactions>`,
			Attachments{true, noticedAt, []string{"👷", "🔨"}, reactedAt}, ``},
		{"reactions alone", `<reactions><reaction>🎉</reaction></reactions>`, Attachments{Reactions: []string{"🎉"}}, ``},
		{"odd", `<noticed timestamp="yesterday"/><reactions timestamp="2022-07-11T14:07:48+02:00"> <reaction> 🎉 </reaction><reaction>🎉</reaction><reaction/><reaction xmlns="urn:x">🔨</reaction></reactions><reactions><reaction>👷</reaction></reactions><rsvp xmlns="urn:x"/>`,
			Attachments{true, time.Time{}, []string{"🎉", "👷"}, reactedAt},
			`<noticed/><reactions timestamp="2022-07-11T12:07:48Z"><reaction>🎉</reaction><reaction>👷</reaction></reactions>`},
		{"reactions without any", `<reactions timestamp="2022-07-11T12:07:48Z"><reaction/></reactions>`, Attachments{}, ` `},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := parse(t, `<attachments xmlns="urn:xmpp:pubsub-attachments:1">`+c.in+`</attachments>`)
			got, ok := ParseAttachments(New(NSPubSub, "item").Add(e))
			if direct, _ := ParseAttachments(e); !ok || !reflect.DeepEqual(got, c.want) || !reflect.DeepEqual(direct, got) {
				t.Errorf("read %+v, %v\nwant %+v", got, ok, c.want)
			}
			if c.printed == "" {
				c.printed = c.in
			}
			want := parse(t, `<attachments xmlns="urn:xmpp:pubsub-attachments:1">`+strings.TrimSpace(c.printed)+`</attachments>`).XML()
			if s := got.Element().XML(); s != want {
				t.Errorf("printed %s\nwant    %s", s, want)
			}
			if none := !c.want.Noticed && c.want.Reactions == nil; got.IsZero() != none {
				t.Errorf("IsZero of %+v is %v", got, got.IsZero())
			}
		})
	}
	for _, s := range []string{`<attachments/>`, `<item><entry xmlns="http://www.w3.org/2005/Atom"/></item>`, `<summary xmlns="urn:xmpp:pubsub-attachments:summary:1"/>`} {
		if a, ok := ParseAttachments(parse(t, s)); ok {
			t.Errorf("%s is %+v", s, a)
		}
	}
}

// TestAttachmentsNode: the spelling under which clients look.
func TestAttachmentsNode(t *testing.T) {
	for _, c := range []struct{ service, node, item, want string }{
		{"juliet@capulet.lit", NSMicroblog, "balcony-restoration-afd1", "xmpp:juliet@capulet.lit?;node=urn%3Axmpp%3Amicroblog%3A0;item=balcony-restoration-afd1"}, // XEP-0470 §4.1.1
		{"comments.capulet.lit", NSMicroblog + ":comments/x", "a b", "xmpp:comments.capulet.lit?;node=urn%3Axmpp%3Amicroblog%3A0%3Acomments%2Fx;item=a%20b"},
		{`bob\40mastodon.example@ap.example.org`, "a;b=c&d", "♥~._-", "xmpp:bob%5C40mastodon.example@ap.example.org?;node=a%3Bb%3Dc%26d;item=%E2%99%A5~._-"},
		{"käse@münchen.example", "n", "100%", "xmpp:k%C3%A4se@m%C3%BCnchen.example?;node=n;item=100%25"},
	} {
		service, err := ParseJID(c.service)
		if err != nil {
			t.Fatal(err)
		}
		uri := ItemURI(service, c.node, c.item)
		want := "urn:xmpp:pubsub-attachments:1/" + c.want
		if got := AttachmentsNode(uri); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if got, ok := ParseAttachmentsNode(want); !ok || !reflect.DeepEqual(got, uri) {
			t.Errorf("%s is %+v, %v", want, got, ok)
		}
	}
	got, ok := ParseAttachmentsNode("urn:xmpp:pubsub-attachments:1/xmpp:alice@example.org?pubsub;item=1;x=y;node=urn:xmpp:microblog:0")
	if want := ItemURI(JID{Local: "alice", Domain: "example.org"}, NSMicroblog, "1"); !ok || !reflect.DeepEqual(got, want) {
		t.Errorf("not encoded: %+v, %v", got, ok)
	}
	for _, s := range []string{
		"", NSMicroblog, NSAttachments, NSAttachments + "/", NSAttachments + "/https://example.org/?node=n;item=i",
		NSAttachments + "/xmpp:alice@example.org", NSAttachments + "/xmpp:alice@example.org?;node=n", NSAttachments + "/xmpp:alice@example.org?;item=i",
		"urn:xmpp:pubsub-attachments:0/xmpp:alice@example.org?;node=n;item=i", "urn:xmpp:pubsub-attachments:summary:1/" + NSMicroblog,
	} {
		if u, ok := ParseAttachmentsNode(s); ok {
			t.Errorf("%q is about %+v", s, u)
		}
	}
}

// FuzzAttachments: what was read is printed so that it reads the same, payload
// and name of the node.
func FuzzAttachments(f *testing.F) {
	f.Add([]byte(`<attachments xmlns="urn:xmpp:pubsub-attachments:1"><noticed timestamp="2022-07-11T12:07:24Z"/><reactions><reaction> x </reaction><reaction>x</reaction></reactions></attachments>`), "xmpp:a@b?;node=c;item=d")
	f.Add([]byte(`<reactions xmlns="urn:xmpp:pubsub-attachments:1" timestamp="2022-07-11t12:07:24.5+01:00"><reaction>&#xD;x<b/>y</reaction></reactions>`), `xmpp:a\40b@c/d@e/f?;item=%20%2f;node=%3B%25%3d+`)
	f.Add([]byte(`<noticed xmlns="urn:xmpp:pubsub-attachments:1" timestamp="9999-12-31T23:59:60Z"/>`), "xmpp:é.?;node=#;item=")
	f.Fuzz(func(t *testing.T, doc []byte, uri string) {
		if el, err := ParseXML(doc); err == nil {
			for _, e := range []*Element{el, New(NSAttachments, "attachments").Add(el, el)} {
				a, ok := ParseAttachments(e)
				if !ok {
					continue
				}
				if again, ok := ParseAttachments(a.Element()); !ok || !reflect.DeepEqual(again, a) {
					t.Fatalf("%+v\nagain %+v, %v", a, again, ok)
				}
				stable(t, a.Element())
			}
		}
		u, err := ParseURI(uri)
		if err != nil {
			return
		}
		node := AttachmentsNode(u)
		got, ok := ParseAttachmentsNode(node)
		if want := u.Node() != "" && u.Item() != ""; ok != want || ok && !reflect.DeepEqual(got, ItemURI(u.JID, u.Node(), u.Item())) {
			t.Fatalf("%+v named %q is about %+v, %v", u, node, got, ok)
		}
		if Clean(node) != node || ok && AttachmentsNode(got) != node {
			t.Fatalf("%q is not stable", node)
		}
	})
}
