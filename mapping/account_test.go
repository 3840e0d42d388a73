package mapping

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

var bobProfile = vocab.Profile{
	ID: "https://mastodon.example/users/bob", Type: "Person", User: "bob", Name: "Bob 🐝", URL: "https://mastodon.example/@bob",
	Summary: "<p>Bees, mostly.</p><p>He/him</p>",
	Fields:  []vocab.Field{{Name: "Web", Value: `<a href="https://bob.example" rel="me">bob.example</a>`}, {Name: "", Value: "x"}},
}

var bobAuthor = Author{Handle: "bob@mastodon.example", Name: "Bob 🐝", JID: stanza.JID{Local: `bob\40mastodon.example`, Domain: "ap.example.org"}}

func TestVCardOf(t *testing.T) {
	v := VCardOf(bobProfile, bobAuthor)
	if v.FullName != "Bob 🐝" || v.Nick != "@bob@mastodon.example" || v.Note != "Bees, mostly.\n\nHe/him\n\nWeb: bob.example" {
		t.Errorf("%+v", v)
	}
	if !slices.Equal(v.URLs, []string{"https://mastodon.example/@bob", "https://bob.example"}) {
		t.Errorf("links %q", v.URLs)
	}
	hostile := vocab.Profile{Summary: strings.Repeat("<p>x\u202e", 100_000), URL: "javascript:x"}
	if v := VCardOf(hostile, bobAuthor); len(v.URLs) != 0 || len(v.Note) > 4*maxBio || strings.Contains(v.Note, "\u202e") {
		t.Errorf("%d bytes, %q", len(v.Note), v.URLs)
	}
}

func TestBlogFeed(t *testing.T) {
	node := stanza.ItemURI(bobAuthor.JID, stanza.NSMicroblog, "").String()
	f := BlogFeed(bobProfile, bobAuthor, node, now)
	again, err := stanza.ParseFeed(f.Element())
	if err != nil || again.Title.Body != "Bob 🐝 (@bob@mastodon.example)" || again.Subtitle.Body != "Bees, mostly.\n\nHe/him" || !again.Updated.Equal(now.Truncate(time.Second)) {
		t.Errorf("%v %+v", err, again)
	}
}

func TestCard(t *testing.T) {
	p := bobProfile
	p.Approves = true
	want := `Bob 🐝 (@bob@mastodon.example)

Bees, mostly.

He/him

Followers: 12 · decides about each follower

Address: bob\40mastodon.example@ap.example.org
xmpp:x
Page: https://mastodon.example/@bob`
	if got := Card(p, bobAuthor, []string{"Followers: 12", "decides about each follower"}, []string{"Address: " + bobAuthor.JID.String(), "xmpp:x", "Page: " + CalmLink(p.URL)}); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestRefusesBridges(t *testing.T) {
	for text, want := range map[string]bool{
		"<p>No bots please <a href='x'>#<span>nobot</span></a></p>": true, "#NoBridge": true, "I like #nobots.": true, "#nobottles": false, "nobridge": false, "x#nobridge": false,
	} {
		if got := RefusesBridges(vocab.Profile{Summary: text}); got != want {
			t.Errorf("%s: %v", text, got)
		}
		if got := RefusesBridges(vocab.Profile{Fields: []vocab.Field{{Name: "x", Value: text}}}); got != want {
			t.Errorf("in a field, %s: %v", text, got)
		}
	}
}

func TestReadFollows(t *testing.T) {
	for text, want := range map[string]string{
		"Account address,Show boosts,Notify on new posts,Languages\r\nbob@a.example,true,false,\r\nADA@b.example,true,false,\"en, de\"\r\n": "bob@a.example ada@b.example",
		"\ufeffAccount address,Show boosts\nbob@a.example,true\nbob@a.example,true\nnonsense,true\n":                                        "bob@a.example",
		"@bob@a.example\nacct:ada@b.example, @eve@c.example":                                                                                "bob@a.example ada@b.example eve@c.example",
		"bob@a.example,true,false,\nada@b.example,true,false,":                                                                              "bob@a.example ada@b.example",
		"\"Account address\"\n\"bob@a.example\"":                                                                                            "bob@a.example",
	} {
		got, _, err := ReadFollows([]byte(text))
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	if _, skipped, err := ReadFollows([]byte("no one @ here@ x@y")); !errors.Is(err, ErrNoFollows) || skipped == 0 {
		t.Errorf("nothing: %d, %v", skipped, err)
	}
	if got := WriteFollows([]string{"bob@a.example"}); got != "Account address,Show boosts,Notify on new posts,Languages\nbob@a.example,true,false,\n" {
		t.Errorf("%q", got)
	}
}

// FuzzFollows: what is read can be written and read again, and each of it has an
// address.
func FuzzFollows(f *testing.F) {
	f.Add("Account address,Show boosts\nbob@a.example,true")
	f.Add("@bob@a.example acct:x@y.example;\"")
	f.Fuzz(func(t *testing.T, text string) {
		got, _, err := ReadFollows([]byte(text))
		if err != nil {
			return
		}
		again, skipped, err := ReadFollows([]byte(WriteFollows(got)))
		if err != nil || skipped != 0 || !slices.Equal(got, again) {
			t.Fatalf("%q became %q, %d, %v", got, again, skipped, err)
		}
	})
}

func TestFindTerm(t *testing.T) {
	a := Addresses{Base: "https://ap.example.org", Component: "ap.example.org"}
	for text, want := range map[string]string{
		"@bob@mastodon.example": "bob@mastodon.example", "bob@Mastodon.Example": "bob@mastodon.example", "acct:bob@mastodon.example": "bob@mastodon.example",
		`bob\40mastodon.example@ap.example.org`: "bob@mastodon.example", "bob%mastodon.example@ap.example.org": "bob@mastodon.example",
		`xmpp:bob\40mastodon.example@ap.example.org?;node=urn:xmpp:microblog:0`: "bob@mastodon.example",
		"https://mastodon.example/@bob":                                         "https://mastodon.example/@bob",
		"look at (@bob@mastodon.example), please!":                              "bob@mastodon.example",
		"@bob@a.example or @ada@b.example":                                      "", "hello": "", "": "", "http://mastodon.example/@bob": "", "https://": "", "https://x@evil.example/": "",
		"@bob@mastodon.example bob@mastodon.example": "bob@mastodon.example",
	} {
		handle, link, ok := FindTerm(text, a)
		if got := handle + link; got != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", text, got, ok, want)
		}
	}
}

// FuzzFindTerm: a handle that is found has an address here, and that is found too.
func FuzzFindTerm(f *testing.F) {
	for _, s := range []string{"@bob@mastodon.example", `bob\40mastodon.example@ap.example.org`, "https://a.example/@x", "xmpp:x@y?;node=z", "acct:a@b.c"} {
		f.Add(s)
	}
	a := Addresses{Base: "https://ap.example.org", Component: "ap.example.org"}
	f.Fuzz(func(t *testing.T, s string) {
		handle, link, ok := FindTerm(s, a)
		if ok != (handle != "" || link != "") || handle != "" && link != "" {
			t.Fatalf("%q %q %v", handle, link, ok)
		}
		if handle == "" {
			return
		}
		user, host, _ := strings.Cut(handle, "@")
		jid := a.RemoteJID(user, host)
		if again, _, _ := FindTerm(jid.String(), a); jid.IsZero() || again != handle {
			t.Fatalf("%q has the address %q, which is %q", handle, jid, again)
		}
	})
}
