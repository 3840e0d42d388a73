package mapping

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

func note(text string) stanza.Entry {
	return stanza.Entry{Title: stanza.Text{Type: "text", Body: text}, Published: now}
}

func TestHandlesInText(t *testing.T) {
	for in, want := range map[string]string{
		"":                                 "",
		"@bob@m.example":                   "bob@m.example",
		"Hi @Bob@M.Example, hi":            "bob@m.example",
		"(@a.b-c_d@x.y.z.example.)":        "a.b-c_d@x.y.z.example",
		"@bob@m.example: look":             "bob@m.example",
		"@bob@m.example's":                 "bob@m.example",
		"@bob@m.example… @ana@m.example!?": "bob@m.example ana@m.example",
		"@bob@m.example\n@bob@M.example":   "bob@m.example",
		"@éva@bücher.example":              "éva@xn--bcher-kva.example",
		"@владимир@пример.рф":              "владимир@xn--e1afmkfd.xn--p1ai",
		"an:@bob@m.example/@ana@n.example": "bob@m.example",
		"@bob@m.example。":                  "bob@m.example",
		"#@bob@m.example":                  "bob@m.example",
		"@bob+x@m.example":                 "bob+x@m.example",
		"@bob-@m.example-":                 "bob-@m.example",
		"bob@m.example":                    "",
		"mail bob@m.example @ana":          "",
		"a@bob@m.example":                  "",
		"@@bob@m.example":                  "",
		"/@bob@m.example":                  "",
		"?u=@bob@m.example":                "",
		"@bob":                             "",
		"@bob@":                            "",
		"@bob@localhost":                   "",
		"@bob@127.0.0.1":                   "",
		"@bob@m.example:8443":              "",
		"@bob@m.example@n.example":         "",
		"@bob@m.example_x":                 "",
		"@bob@m..example":                  "",
		"@bo b@m.example":                  "",
		"@ſam@m.example":                   "",
		"@" + strings.Repeat("b", 300) + "@m.example":           "",
		"@bob@" + strings.Repeat("m.", 600) + "example":         "",
		"https://m.example/@bob@n.example see":                  "",
		"see https://m.example/?@bob@n.example @ana@n.example.": "ana@n.example",
	} {
		if got := strings.Join(Handles(note(in)), " "); got != want {
			t.Errorf("%q names %q, want %q", in, got, want)
		}
	}
	html := note("title @a@t.example")
	html.Summary = stanza.Text{Type: "text", Body: "@b@s.example"}
	html.Content = []stanza.Text{{Type: "html", Body: `<p>@c@x.example <b>@d@x.example</b></p><pre>@e@x.example</pre><code>@f@x.example</code><a href="https://x.example">@g@x.example</a><script>@h@x.example</script>`}}
	if got := strings.Join(Handles(html), " "); got != "a@t.example b@s.example c@x.example d@x.example" {
		t.Errorf("in HTML: %s", got)
	}
	html.Title.Body, html.Content = "A title that was cut @c@x.exa…", []stanza.Text{{Type: "text", Body: "A title that was cut @c@x.example"}}
	if got := strings.Join(Handles(html), " "); got != "b@s.example c@x.example" {
		t.Errorf("beside a title cut short: %s", got)
	}
	var many strings.Builder
	for i := range 100 {
		fmt.Fprintf(&many, "@u%d@m.example ", i)
	}
	if got := Handles(note(many.String())); len(got) != 20 || got[19] != "u19@m.example" {
		t.Errorf("of a hundred: %s", got)
	}
}

func TestReferenceHandles(t *testing.T) {
	e := stanza.Entry{References: []stanza.Reference{
		{Type: "mention", URI: `xmpp:Bob\40m.example@AP.example.org`},
		{Type: "mention", URI: "xmpp:bob%5C40m.example@ap.example.org"},
		{Type: "mention", URI: "xmpp:alice@example.org"},
		{Type: "mention", URI: "xmpp:ap.example.org"},
		{Type: "mention", URI: "https://m.example/@bob"},
		{Type: "data", URI: `xmpp:ana\40m.example@ap.example.org`},
		{Type: "mention", URI: `xmpp:ana\40n.example@ap.example.org`},
	}}
	if got := strings.Join(ReferenceHandles(here, e), " "); got != "bob@m.example ana@n.example" {
		t.Error(got)
	}
}

// TestMentions has what the golden posts do not.
func TestMentions(t *testing.T) {
	card := func(m Mention) string {
		line := node{}
		line.add(m.card())
		return line.html()
	}
	self := Mention{Handle: "alice@example.org", ActorURL: here.Actor("a1"), PageURL: here.Page("alice")}
	nameless := Mention{ActorURL: "https://nameless.example/1"}
	moved := Mention{Handle: "bob@example", ActorURL: bob.ActorURL}
	moved.Handle, moved.Typed = "bob@new.example", "bob@mastodon.example"
	scripted := Mention{Handle: "bob@mastodon.example", ActorURL: bob.ActorURL, PageURL: "javascript:alert(1)"}
	for name, c := range map[string]struct {
		text   string
		change func(*Post)
		want   string // content
		cc     []string
	}{
		"nobody":    {"@bob@mastodon.example", func(*Post) {}, "<p>@bob@mastodon.example</p>", nil},
		"oneself":   {"I, @alice@example.org", func(p *Post) { p.Parent = &self }, "<p>I, " + card(self) + "</p>", nil},
		"one's own": {"more", func(p *Post) { p.Parent = &self }, "<p>more</p>", nil},
		"nameless":  {"more", func(p *Post) { p.Parent = &nameless }, "<p>more</p>", []string{nameless.ActorURL}},
		"empty":     {"", func(p *Post) { p.Parent = &bob }, "<p>" + card(bob) + "</p>", []string{bob.ActorURL}},
		"in code": {"`x`", func(p *Post) {
			p.Parent = &bob
			p.Entry.Content = []stanza.Text{{Type: "html", Body: "<pre>@bob@mastodon.example</pre>"}}
		}, "<p>" + card(bob) + " <strong>`x`</strong></p><pre>@bob@mastodon.example</pre>", []string{bob.ActorURL}},
		"list": {"", func(p *Post) {
			p.Parent = &bob
			p.Entry.Content = []stanza.Text{{Type: "html", Body: "<ul><li>x</ul>"}}
		}, "<p>" + card(bob) + "</p><ul><li>x</li></ul>", []string{bob.ActorURL}},
		"other spelling":  {"@bob@mastodon.example!", func(p *Post) { p.Mentions = []Mention{moved} }, "<p>" + card(moved) + "!</p>", []string{bob.ActorURL}},
		"bad page":        {"@bob@mastodon.example", func(p *Post) { p.Parent = &scripted }, `<p><span class="h-card" translate="no"><a href="https://mastodon.example/users/bob" class="u-url mention">@bob@mastodon.example</a></span></p>`, []string{bob.ActorURL}},
		"bad actor":       {"@bob@mastodon.example", func(p *Post) { p.Mentions = []Mention{{Handle: "bob@mastodon.example", ActorURL: "xmpp:x@y"}} }, "<p>@bob@mastodon.example</p>", nil},
		"thrice the same": {"x", func(p *Post) { p.Parent, p.Mentions, p.Addressed = &bob, []Mention{bob, ana}, []Mention{ana, bob} }, "<p>" + card(bob) + " x</p>", []string{bob.ActorURL, ana.ActorURL}},
		"no followers":    {"x", func(p *Post) { p.FollowersURL, p.Addressed = "", []Mention{ana} }, "<p>x</p>", []string{ana.ActorURL}},
	} {
		p := post(note(c.text), "i")
		p.Comment = true
		c.change(&p)
		o := Object(p)
		checkObject(t, name, o)
		if o.Content != c.want || o.Type != "Note" {
			t.Errorf("%s: %s\n got %s\nwant %s", name, o.Type, o.Content, c.want)
		}
		if cc := slices.DeleteFunc(o.Cc, func(s string) bool { return s == here.Followers("a1") }); !slices.Equal(cc, c.cc) || len(o.Tags) != len(c.cc) {
			t.Errorf("%s: cc %s, tags %v", name, cc, o.Tags)
		}
	}
}

// TestQuotes has what the golden posts do not.
func TestQuotes(t *testing.T) {
	for name, c := range map[string]struct {
		quoted Quoted
		want   string
		tag    string
	}{
		"no page":  {Quoted{ID: "https://m.example/1"}, `<p>x</p><p class="quote-inline">RE: <a href="https://m.example/1">https://m.example/1</a></p>`, "RE: https://m.example/1"},
		"linked":   {Quoted{ID: "https://m.example/1", URL: "https://there.example/"}, `<p>x <a href="https://there.example/">https://there.example/</a></p>`, ""},
		"bad page": {Quoted{ID: "https://m.example/1", URL: "xmpp:a@b"}, `<p>x</p><p class="quote-inline">RE: <a href="https://m.example/1">https://m.example/1</a></p>`, "RE: https://m.example/1"},
	} {
		text := "x"
		if name == "linked" {
			text = "x https://there.example/"
		}
		p := post(note(text), "i")
		p.Quote = &c.quoted
		o := Object(p)
		checkObject(t, name, o)
		if o.Content != c.want || o.Quote != c.quoted.ID || len(o.Tags) != 1 || o.Tags[0].Name != c.tag {
			t.Errorf("%s: %s %+v", name, o.Content, o.Tags)
		}
	}
	p := post(readEntry(t, "testdata/post/movim-share.xml"), "movim-share")
	want := Object(p)
	p.Quote = &Quoted{URL: "javascript:x"}
	if got := Object(p); string(got.JSON()) != string(want.JSON()) {
		t.Errorf("a quote of nothing changes something: %s", got.JSON())
	}
}

// TestX17_ManyMentions: however many and however long, sizes hold (row O20), and
// who is answered comes before those who merely get it.
func TestX17_ManyMentions(t *testing.T) {
	var text strings.Builder
	crowd := make([]Mention, 5000)
	for i := range crowd {
		handle := fmt.Sprintf("u%d@m.example", i%100)
		crowd[i] = Mention{Handle: handle, ActorURL: fmt.Sprintf("https://m.example/%s%d", strings.Repeat("x", i%2000), i), PageURL: "https://m.example/" + strings.Repeat("y", 2000)}
		text.WriteString(" @" + handle + " #tag" + fmt.Sprint(i))
	}
	p := post(note(text.String()), "i")
	p.Lang = "en"
	answer(&p)
	p.Mentions, p.Addressed = crowd[:2000], crowd
	o := Object(p)
	checkObject(t, "crowd", o)
	if len(o.Cc) < 10 || o.Cc[1] != bob.ActorURL || len(o.Cc) > maxMentions+1 {
		t.Errorf("%d in cc, first %s", len(o.Cc), o.Cc[:2])
	}
	sent := Create(o, here.Activity("c1")).Object.(vocab.Object)
	for i, id := range o.Cc[1:] {
		if sent.Tags[i].Href != id || sent.Tags[i].Type != "Mention" {
			t.Errorf("%s lost its tag", id)
		}
	}
}

// TestX17_MentionsAreLinear has what makes scanners quadratic.
func TestX17_MentionsAreLinear(t *testing.T) {
	for name, part := range map[string]string{
		"at signs": "@", "spaced": " @", "names": " @a", "pairs": " @a@", "handles": " @a@b.example", "chains": "@a@b.example@a",
		"hosts": " @a@b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b.b", "dots": " @a@b....", "letters": "@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"joined": "a@", "unicode": " @é@bü.example",
	} {
		took := func(n int) time.Duration {
			p := post(note(strings.Repeat(part, n/len(part))), "i")
			answer(&p)
			p.Mentions = []Mention{{Handle: "a@b.example", ActorURL: "https://b.example/a"}}
			start := time.Now()
			Handles(p.Entry)
			peopleOf(p).linkIn(render(p.Entry.Title))
			return time.Since(start)
		}
		took(1 << 10)
		if small, large := took(1<<14), took(1<<18); large > 100*small+time.Second {
			t.Errorf("%s: %v for 16 KiB, %v for 256 KiB", name, small, large)
		}
	}
}

// FuzzMentions: what is found are handles with an address here, linking them
// leaves HTML that is ours, and linking again changes nothing.
func FuzzMentions(f *testing.F) {
	for _, s := range []string{
		"Hi @bob@m.example, @Éva@Bücher.example. a@b.c @x", "<p>@a@b.example<b>@c@d.example</b> <a href='https://x.example'>@e@f.example</a></p><pre>@g@h.example</pre>",
		"@@a@b.example@c @a@b.example:80 @a@b.example_ /@a@b.example #@a@b.example", "@bob@m.example <span class='h-card'><a href='https://m.example/@bob'>@bob@m.example</a></span>",
	} {
		f.Add("html", s)
		f.Add("text", s)
	}
	f.Fuzz(func(t *testing.T, typ, in string) {
		e := stanza.Entry{Content: []stanza.Text{{Type: typ, Body: in}}, Published: now}
		p := post(e, "i")
		handles := Handles(e)
		if len(handles) > 20 {
			t.Fatalf("%q: %d handles", in, len(handles))
		}
		for i, handle := range handles {
			user, host, _ := strings.Cut(handle, "@")
			jid := here.RemoteJID(user, host)
			if u, h, ok := here.ParseRemoteJID(jid); !ok || u+"@"+h != handle || slices.Index(handles, handle) != i {
				t.Fatalf("%q names %q", in, handle)
			}
			p.Mentions = append(p.Mentions, Mention{Handle: handle, ActorURL: "https://" + host + "/" + fmt.Sprint(i)})
		}
		who := peopleOf(p)
		tree := render(e.Content[0])
		who.linkIn(tree)
		once := tree.html()
		if strings.Count(in, "@") < maxMentionLinks {
			who.linkIn(tree)
			if twice := tree.html(); twice != once {
				t.Fatalf("%q\n once %s\ntwice %s", in, once, twice)
			}
			for _, m := range who.list {
				if !who.seen[m.ActorURL] {
					t.Fatalf("%q: %s was found and not linked in %s", in, m.Handle, once)
				}
			}
		}
		answer(&p)
		checkObject(t, in, Object(p))
	})
}
