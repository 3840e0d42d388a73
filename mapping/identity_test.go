package mapping

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"isthmus/component/stanza"
	"isthmus/e2e/strict"
)

var here = Addresses{
	Base: "https://ap.example.org", HandleDomain: "example.org", Component: "ap.example.org",
	Domains: []string{"example.org", "second.example"},
}

// TestURLs: every address we make is one we recognise, on one host, of
// characters that nobody spells in two ways.
func TestURLs(t *testing.T) {
	tok := NewToken([]byte("0123456789abcdef"))
	for address, want := range map[string]struct {
		kind  Kind
		token string
	}{
		here.Actor(tok):             {KindActor, tok},
		here.Key(tok):               {KindKey, tok},
		here.Post(tok):              {KindPost, tok},
		here.Activity(tok):          {KindActivity, tok},
		here.Inbox(tok):             {"inbox", tok},
		here.Outbox(tok):            {"outbox", tok},
		here.Followers(tok):         {KindFollowers, tok},
		here.Following(tok):         {"following", tok},
		here.Featured(tok):          {"featured", tok},
		here.Page("a.b-c_d"):        {KindPage, "a.b-c_d"},
		here.PostPage("alice", tok): {KindPostPage, tok},
		here.Actor(InstanceToken):   {KindActor, InstanceToken},
	} {
		kind, token, ok := here.TokenOf(address)
		if !ok || kind != want.kind || token != want.token {
			t.Errorf("%s is %q %q %v", address, kind, token, ok)
		}
		u, err := url.Parse(address)
		if err != nil || u.Host != "ap.example.org" || u.EscapedPath() != u.Path {
			t.Errorf("%s is not plain: %v", address, err)
		}
	}
	for _, address := range []string{
		"", "https://ap.example.org", "https://ap.example.org/", "https://ap.example.org/ap/actor/", "https://ap.example.org/ap/actor/a/b",
		"https://ap.example.org/ap/actor/a/inbox/c", "https://ap.example.org/ap/actor/a%62", "https://ap.example.org/ap/actor/a?x",
		"https://ap.example.org/ap/post/a/inbox", "https://ap.example.org/ap/actor/a#b", "https://ap.example.org/ap/inbox",
		"https://ap.example.org/@", "https://ap.example.org/@Alice", "https://ap.example.org/@alice/feed.atom", "https://ap.example.org/@a/b/c",
		"https://ap.example.org.evil.example/ap/actor/a", "http://ap.example.org/ap/actor/a", "https://ap.example.org/ap/other/a",
	} {
		if kind, token, ok := here.TokenOf(address); ok {
			t.Errorf("%s is taken for %q %q", address, kind, token)
		}
	}
	if _, _, ok := (Addresses{}).TokenOf("/ap/actor/a"); ok {
		t.Error("no base, but an address of ours")
	}
	if here.Acct("alice") != "alice@example.org" || here.FeedPage("alice") != "https://ap.example.org/@alice/feed.atom" ||
		here.Media("abc") != "https://ap.example.org/media/abc" || here.SharedInbox() != "https://ap.example.org/ap/inbox" {
		t.Error("addresses")
	}
}

func TestY7_TokensAndItems(t *testing.T) {
	if tok := NewToken(make([]byte, 16)); len(tok) != 26 || !isToken(tok) {
		t.Errorf("token %q", tok)
	}
	a, b := ItemID("https://m.example/1"), ItemID("https://m.example/2")
	if a == b || a != ItemID("https://m.example/1") || !ValidItemID(a) {
		t.Errorf("item ids %q %q", a, b)
	}
	for id, want := range map[string]bool{"": false, "short": false, "longer": true, "with space": false, "ünicode": false,
		strings.Repeat("x", 128): true, strings.Repeat("x", 129): false, "a.b_c-D9": true, "a/b/c/d": false} {
		if ValidItemID(id) != want {
			t.Errorf("%q: %v", id, !want)
		}
	}
}

func TestY6_RemoteJIDs(t *testing.T) {
	for _, c := range []struct{ user, host, jid string }{
		{"bob", "mastodon.example", `bob\40mastodon.example@ap.example.org`},
		{"Bob_9", "Mastodon.EXAMPLE.", `bob_9\40mastodon.example@ap.example.org`},
		{"a.b-c", "x.y.example", `a.b-c\40x.y.example@ap.example.org`},
		{"o'brien", "m.example", `o\27brien\40m.example@ap.example.org`},
		{"владимир", "пример.example", `владимир\40xn--e1afmkfd.example@ap.example.org`},
		{"ÉVA", "bücher.example", `éva\40xn--bcher-kva.example@ap.example.org`},
		{"a+b=c~d", "m.example", `a+b=c~d\40m.example@ap.example.org`},
	} {
		jid := here.RemoteJID(c.user, c.host)
		if jid.String() != c.jid {
			t.Errorf("%s@%s is %s, want %s", c.user, c.host, jid, c.jid)
			continue
		}
		user, host, ok := here.ParseRemoteJID(jid.WithResource("any"))
		if !ok || here.RemoteJID(user, host) != jid {
			t.Errorf("%s is read as %q %q %v", jid, user, host, ok)
		}
	}
	for typed, want := range map[string]string{
		`bob%mastodon.example@ap.example.org`:      "bob@mastodon.example",
		`BOB\40Mastodon.example@AP.example.org`:    "bob@mastodon.example",
		`\40bob\40mastodon.example@ap.example.org`: "bob@mastodon.example",
		`@bob%mastodon.example@ap.example.org`:     "",
	} {
		jid, err := stanza.ParseJID(typed)
		if err != nil {
			continue // not an address
		}
		user, host, ok := here.ParseRemoteJID(jid)
		if got := user + "@" + host; got != want || !ok {
			t.Errorf("%s is read as %s, %v", typed, got, ok)
		}
	}
	for _, c := range []struct{ user, host string }{
		{"", "m.example"}, {"bob", ""}, {"bob", "localhost"}, {"bob", "127.0.0.1"}, {"bob", "127.1"}, {"bob", "[::1]"}, {"bob", "m.example:443"},
		{"bob", "m..example"}, {"bob", "-m.example"}, {"bob", "m.example/x"}, {"bob", "a@m.example"}, {"bob", "m.example?x"}, {"bob", "a_b.example"},
		{"b@b", "m.example"}, {"b b", "m.example"}, {"b/b", "m.example"}, {"b\\b", "m.example"}, {"b%b", "m.example"}, {"b\x00", "m.example"},
		{"b\u200bb", "m.example"}, {"b\u202eb", "m.example"}, {"a\u017fb", "m.example"}, {"a\u212ab", "m.example"}, {"straße", "m.example"}, {"ａｂ", "m.example"},
		{"\xff", "m.example"}, {strings.Repeat("b", 1020), "m.example"}, {"bob", strings.Repeat("m.", 130) + "example"}, {"bob", "\xff.example"},
	} {
		if jid := here.RemoteJID(c.user, c.host); !jid.IsZero() {
			t.Errorf("%q at %q gets the address %s", c.user, c.host, jid)
		}
	}
	for _, s := range []string{"ap.example.org", "bob@ap.example.org", `bob\40m.example@other.example`} {
		jid, _ := stanza.ParseJID(s)
		if user, host, ok := here.ParseRemoteJID(jid); ok {
			t.Errorf("%s is read as %q %q", s, user, host)
		}
	}
}

// FuzzRemoteJID: what becomes an address comes back from it, folded, and the
// address is folded and fit for XMPP.
func FuzzRemoteJID(f *testing.F) {
	f.Add("bob", "mastodon.example")
	f.Add("O'Brien\\40", "Bücher.example")
	f.Add("ß%a@b", "xn--e1afmkfd.example.")
	f.Fuzz(func(t *testing.T, user, host string) {
		jid := here.RemoteJID(user, host)
		if jid.IsZero() {
			return
		}
		again, err := stanza.ParseJID(jid.String())
		if err != nil || again != jid || jid.Fold() != jid || strings.IndexFunc(jid.String(), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) >= 0 {
			t.Fatalf("%q at %q is %q (%v)", user, host, jid, err)
		}
		u, h, ok := here.ParseRemoteJID(jid)
		if !ok || u != strings.ToLower(user) || here.RemoteJID(u, h) != jid {
			t.Fatalf("%q at %q is %s, and that %q at %q", user, host, jid, u, h)
		}
	})
}

// FuzzParseRemoteJID: whatever is typed, what is read has one address.
func FuzzParseRemoteJID(f *testing.F) {
	f.Add(`bob%mastodon.example`)
	f.Add(`a\5c40b\40m.example`)
	f.Fuzz(func(t *testing.T, local string) {
		u, h, ok := here.ParseRemoteJID(stanza.JID{Local: local, Domain: "ap.example.org"})
		if !ok {
			return
		}
		jid := here.RemoteJID(u, h)
		if u2, h2, ok := here.ParseRemoteJID(jid); !ok || u2 != u || h2 != h {
			t.Fatalf("%q is %q at %q, but %s is %q at %q", local, u, h, jid, u2, h2)
		}
	})
}

func free(string) bool { return false }

func TestHandles(t *testing.T) {
	for _, c := range []struct{ jid, node, want string }{
		{"alice@example.org", "", "alice"},
		{"Alice@Example.Org", "urn:xmpp:microblog:0", "alice"},
		{"jean-marie@example.org", "", "jean-marie"},
		{"a.b_c@example.org", "", "a.b_c"},
		{`d\27artagnan@example.org`, "", "dartagnan"},
		{`toto\40example.net@example.org`, "", "toto_example_net"},
		{"éva@example.org", "", "eva"},
		{"straße@example.org", "", "strasse"},
		{"владимир@example.org", "", "vladimir"},
		{"Ἀθῆναι@example.org", "", "athinai"},
		{".dots.@example.org", "", "dots"},
		{"日本@example.org", "", "_e6_97_a5_e6_9c_ac"},
		{"日本語日本語@example.org", "", "blog_"},
		{"alice@second.example", "", "alice_second"},
		{"alice@xmpp.second.example", "", "alice_xmpp_second"},
		{"alice@example.org", "photos", "alice_photos"},
		{"alice@example.org", "My Blog/é", "alice_my_blog_e"},
		{"pubsub.example.org", "berlin-xmpp-meetup", "berlin-xmpp-meetup"},
		{"pubsub.example.org", "Berlin XMPP Meetup", "berlin_xmpp_meetup"},
		{"pubsub.example.org", "urn:xmpp:pubsub-social-feed:1", "urn_xmpp_pubsub_social_feed_1"},
		{"pubsub.second.example", "news", "news_second"},
		{"a-very-long-name-indeed-that-nobody-can-type@example.org", "", "a_very_long_name_indeed_that"},
		{"example.org", "", "example.org"},
	} {
		jid, err := stanza.ParseJID(c.jid)
		if err != nil {
			t.Fatal(err)
		}
		got := Handle(jid, c.node, "example.org", free)
		if got != c.want && !(c.want == "blog_" && strings.HasPrefix(got, "blog_")) {
			t.Errorf("%s %s is %q, want %q", c.jid, c.node, got, c.want)
		}
	}
}

// TestX14_Homographs: a host is written as its A-label everywhere, so one that only
// looks like another is seen to be another (attack X14).
func TestX14_Homographs(t *testing.T) {
	for _, host := range []string{"m\u0430stodon.example", "masto\u0501on.example", "\u03bcastodon.example", "mastodon.ex\u00e0mple"} {
		jid := here.RemoteJID("bob", host)
		_, shown, ok := here.ParseRemoteJID(jid)
		if !ok || !strings.Contains(shown, "xn--") || strings.IndexFunc(jid.String(), func(r rune) bool { return r > unicode.MaxASCII }) >= 0 {
			t.Errorf("%s: %s, shown as %q", host, jid, shown)
		}
	}
	real := here.RemoteJID("bob", "mastodon.example")
	for host, want := range map[string]stanza.JID{"MASTODON.example": real, "\uff4dastodon.example": real, "mastodon\u3002example": real} { // the same name, written otherwise
		if jid := here.RemoteJID("bob", host); jid != want {
			t.Errorf("%s: %s, want %s", host, jid, want)
		}
	}
}

// TestX14_HandlesAreUnique enrols many of one name: the first comes first, nobody
// gets the same, and readable ways out come before numbers.
func TestX14_HandlesAreUnique(t *testing.T) {
	taken := map[string]bool{}
	enrol := func(jid stanza.JID, node string) string {
		h := Handle(jid, node, "example.org", func(h string) bool { return taken[h] })
		if taken[h] || !universal.MatchString(h) || len(h) > 30 {
			t.Fatalf("%s %s got %q", jid, node, h)
		}
		taken[h] = true
		return h
	}
	pubsub := stanza.JID{Domain: "pubsub.example.org"}
	for _, c := range []struct{ node, want string }{
		{"news", "news"}, {"News", "news_example"}, {"NEWS", "news_pubsub_exampl"}, {"n\u0301ews", "news_2"}, {"nEws", "news_3"},
	} {
		if got := enrol(pubsub, c.node); got != c.want && !strings.HasPrefix(got, c.want) {
			t.Errorf("node %q got %q, want %q", c.node, got, c.want)
		}
	}
	if got := enrol(stanza.JID{Local: "news", Domain: "example.org"}, ""); got != "news_example_org" {
		t.Errorf("an account got %q", got)
	}
	for range 200 {
		enrol(stanza.JID{Local: "a-very-long-name-indeed-that-nobody-can-type", Domain: "example.org"}, "")
	}
	if got := Handle(pubsub, "all", "", func(h string) bool { return !strings.HasPrefix(h, "blog_") }); !strings.HasPrefix(got, "blog_") {
		t.Errorf("when every name of a kind is gone: %q", got)
	}
}

// universal is the alphabet that passes everywhere, dots and dashes inside.
var universal = regexp.MustCompile(`^[a-z0-9_]+([.-]+[a-z0-9_]+)*$`)

func FuzzHandle(f *testing.F) {
	f.Add("alice", "example.org", "", "")
	f.Add("", "pubsub.other.example", "Büro & Café", "buro_cafe")
	f.Add("-.-", "x", "___", "a")
	f.Fuzz(func(t *testing.T, local, domain, node, gone string) {
		jid := stanza.JID{Local: local, Domain: domain}
		taken := func(h string) bool { return strings.Contains(gone, h) }
		h := Handle(jid, node, "example.org", taken)
		if len(h) > 30 || !universal.MatchString(h) || taken(h) {
			t.Fatalf("%q %q got %q", jid, node, h)
		}
		if again := Handle(jid, node, "example.org", taken); again != h {
			t.Fatalf("%q %q got %q, then %q", jid, node, h, again)
		}
	})
}

// TestY6_EscapeIsInjective: an escaped name is never that of another.
func TestY6_EscapeIsInjective(t *testing.T) {
	seen := map[string]string{}
	for _, s := range []string{"a_40b", "a@b", "a_b", "a b", "_", "", "A", "a", "é", "e\u0301", "_5f", "日", "__"} {
		e := escapeName(s)
		if old, dup := seen[e]; dup {
			t.Errorf("%q and %q are both %q", s, old, e)
		}
		seen[e] = s
	}
}

// TestHandlesAreReadByAll: whatever an account or node is called, every server lets it
// have its handle (activitypub.md §1.3).
func TestHandlesAreReadByAll(t *testing.T) {
	given := map[string]bool{}
	for _, text := range []string{"louise@example.org", "Ää@example.org", `d\27artagnan@example.org`, "-x-@example.org", "...@example.org", "日本語@example.org",
		"a+b@example.org", strings.Repeat("x", 900) + "@example.org", "pubsub.example.org", "x@xn--caf-dma.example"} {
		for _, node := range []string{"", "urn:xmpp:microblog:0", "News", "berlin-xmpp-meetup", "日本", "a b/c", strings.Repeat("n", 900)} {
			jid, err := stanza.ParseJID(text)
			if err != nil {
				t.Fatal(text, err)
			}
			h := Handle(jid, node, "example.org", func(h string) bool { return given[h] })
			given[h] = true
			for _, p := range strict.Peers {
				if !p.Reads(h) {
					t.Errorf("%s refuses %q, the handle of %s %s", p.Name, h, text, node)
				}
			}
		}
	}
}
