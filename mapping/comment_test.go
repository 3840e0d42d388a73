package mapping

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// reply is somebody's object under a post of alice's, with all that is known
// besides it.
func reply(o vocab.Incoming) Reply {
	a := Author{Handle: "bob@mastodon.example", Name: "Bob 🐝", JID: stanza.JID{Local: `bob\40mastodon.example`, Domain: "ap.example.org"}}
	item := stanza.ItemURI(stanza.JID{Domain: "comments.example.org"}, commentsNode, ItemID(o.ID))
	return Reply{Object: o, Author: a, Now: now, ItemURI: item.String()}
}

const commentsNode = "urn:xmpp:microblog:0:comments/bees-1"

// repliesTo is what some of the golden replies have that the object does not tell.
var repliesTo = map[string]func(*Reply){
	"gotosocial-reply": func(r *Reply) { // an answer to a comment, with a node of its own
		parent := stanza.ItemURI(stanza.JID{Domain: "comments.example.org"}, commentsNode, "c-17").String()
		r.ParentURI, r.ParentID = parent, parent
		r.Comments = stanza.ItemURI(r.Author.JID, "urn:xmpp:microblog:0:comments/"+ItemID(r.Object.ID), "").String()
	},
	"hostile-html": func(r *Reply) { r.Author.Name = "alice@example.org\u202e\u0000" },
	"rtl":          func(r *Reply) { r.Author.Name = "נועה" },
	"nothing":      func(r *Reply) { r.Author.Name = "\u3164\u200b" },
}

func incoming(t *testing.T, doc []byte) vocab.Incoming {
	t.Helper()
	d, err := vocab.Read(doc, vocab.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	return vocab.ReadIncoming(d)
}

// TestGoldenComments reads testdata/comment/*.json, as peers write it, and
// compares with the entry in the .xml beside it and the message in the .txt.
func TestGoldenComments(t *testing.T) {
	files, err := filepath.Glob("testdata/comment/*.json")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		r := reply(incoming(t, src))
		if more := repliesTo[name]; more != nil {
			more(&r)
		}
		text := MessageText(r) + "\n"
		for ext, got := range map[string]string{".xml": lines(Comment(r).Element()), ".txt": text} {
			golden := strings.TrimSuffix(path, ".json") + ext
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s%s differs from its golden file; got\n%s", name, ext, got)
			}
		}
		checkComment(t, name, r)
	}
}

// lines prints an entry with each child on lines of its own.
func lines(e *stanza.Element) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<entry xmlns=%q", e.Space)
	if e.Lang() != "" {
		fmt.Fprintf(&b, " xml:lang=%q", e.Lang())
	}
	b.WriteString(">\n")
	for _, c := range e.Elements() {
		fmt.Fprintf(&b, "  %s\n", c.AppendXML(nil, e.Space))
	}
	return b.String() + "</entry>\n"
}

// checkedWire is an entry as it is sent, which is read back as it was.
func checkedWire(t *testing.T, name string, e stanza.Entry) string {
	t.Helper()
	wire := e.Element().XML()
	el, err := stanza.ParseXML([]byte(wire))
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, wire)
	}
	again, err := stanza.ParseEntry(el)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if printed := again.Element().XML(); printed != wire {
		t.Fatalf("%s: not stable:\n wrote %s\n  read %s", name, wire, printed)
	}
	return wire
}

// checkComment holds what is true of every comment that we publish.
func checkComment(t *testing.T, name string, r Reply) {
	t.Helper()
	e := Comment(r)
	wire := checkedWire(t, name, e)
	if len(wire) > 200_000 {
		t.Fatalf("%s: %d bytes", name, len(wire))
	}
	title := e.Title.Body
	if !visible(title) || utf8.RuneCountInString(title) > maxTitle {
		t.Fatalf("%s: title %q", name, title)
	}
	if len(e.Content) != 2 || e.Content[0].Type != "text" || e.Content[1].XHTML == nil {
		t.Fatalf("%s: content %+v", name, e.Content)
	}
	if size := len(stanza.New("", "").AddText(e.Content[0].Body).XML()) + len(e.Content[1].XHTML.XML()); size > 100<<10 {
		t.Fatalf("%s: content of %d bytes", name, size)
	}
	if utf8.RuneCountInString(e.Content[0].Body) <= maxTitle && title != e.Content[0].Body {
		t.Fatalf("%s: title %q, text %q", name, title, e.Content[0].Body)
	}
	if len(e.Authors) != 1 || e.Authors[0].URI != "xmpp:"+r.Author.JID.String() || e.Authors[0].Name == "" {
		t.Fatalf("%s: author %+v", name, e.Authors)
	}
	if e.Published.IsZero() || e.Published.After(now) || e.Updated.Before(e.Published) || e.Updated.After(now) {
		t.Fatalf("%s: published %v, updated %v", name, e.Published, e.Updated)
	}
	for _, l := range e.Links {
		if scheme, _, _ := strings.Cut(l.Href, ":"); !slices.Contains([]string{"http", "https", "xmpp"}, scheme) {
			t.Fatalf("%s: link to %q", name, l.Href)
		}
	}
	message := MessageText(r)
	if utf8.RuneCountInString(message) > maxMessage+maxURL+2 || message == "" {
		t.Fatalf("%s: message %q", name, message)
	}
	for _, s := range []string{wire, message} {
		if stanza.Clean(s) != s || strings.ContainsAny(s, "\u202d\u202e\u0085\u2028") {
			t.Fatalf("%s: hostile characters in %q", name, s)
		}
	}
	checkXHTML(t, name, e.Content[1].XHTML, 0)
}

// checkXHTML is row O7 for trees.
func checkXHTML(t *testing.T, name string, e *stanza.Element, depth int) {
	t.Helper()
	attrs, ok := allowed[e.Local]
	if !ok && depth > 0 || depth == 0 && e.Local != "div" || e.Space != stanza.NSXHTML || depth > 40 {
		t.Fatalf("%s: %s in %s at %d", name, e.Local, e.Space, depth)
	}
	for _, a := range e.Attr {
		if a.Space == "xml" && a.Local == "lang" {
			continue
		}
		if a.Space != "" || !slices.Contains(attrs, a.Local) && !(e.Local == "a" && a.Local == "href") {
			t.Fatalf("%s: %s on %s", name, a.Local, e.Local)
		}
		if a.Local == "href" && cleanHref(a.Value) != a.Value {
			t.Fatalf("%s: link to %q", name, a.Value)
		}
	}
	if len(e.Child) == 0 && e.Local != "br" {
		t.Fatalf("%s: empty %s", name, e.Local)
	}
	for _, c := range e.Elements() {
		checkXHTML(t, name, c, depth+1)
	}
}

func TestReadable(t *testing.T) {
	for in, want := range map[string]string{
		"":                                       "",
		"<p>a<br>b</p><p>c</p>":                  "a\nb\n\nc",
		"a<br><br>b":                             "a\n\nb",
		"<pre>x\n\n  y</pre>z":                   "x\n\n  y\n\nz",
		"<ul><li>a<li>b</ul>c":                   "• a\n• b\n\nc",
		"x<ul><li>a</ul><p>c":                    "x\n\n• a\n\nc",
		"<ul><li>a<ul><li>b<p>c</ul>d<li>e</ul>": "• a\n  • b\n\n    c\n\n  d\n• e",
		"<ol start=9><li>a<li value=3>b<li>c</ol>":                          "9. a\n3. b\n4. c",
		"<ol reversed><li>a<li>b</ol>":                                      "2. a\n1. b",
		"a<blockquote><p>b<p>c<blockquote>d</blockquote></blockquote>e":     "a\n\n> b\n>\n> c\n>\n> > d\n\ne",
		"<ul><li><blockquote>a<br>b</blockquote></ul>":                      "• > a\n  > b",
		`<a href="https://a.example/x">here</a>, <b>there</b>`:              "here (https://a.example/x), there",
		`<a href="https://www.a.example/">a.example</a>`:                    "a.example",
		`<a href="https://evil.example/">https://a.example</a>`:             "https://a.example (https://evil.example/)",
		`<a href="https://evil.example/">@see this</a>`:                     "@see this (https://evil.example/)",
		`<a href="https://a.example/@b">@b</a> <a href="//x">c</a>`:         "@b c",
		`<a href="https://a.example/t/b" rel="tag">#b</a>`:                  "#b",
		`<a href="https://a.example/b" class="u-url mention">Bob Bee</a>`:   "Bob Bee",
		`:a: <img src="https://a.example/b" alt=":b:"> <img alt="c" src=d>`: ":a: :b:",
	} {
		if got := readable(render(stanza.Text{Type: "html", Body: in})); got != want {
			t.Errorf("%s\n got %q\nwant %q", in, got, want)
		}
	}
}

func TestX14_Calm(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "",
		"שלום \u2067a\u2069 \u200fb":   "שלום \u2067a\u2069 \u200fb",
		"\u202eabc\u202cd":             "abcd",
		"\u202babc":                    "\u202babc\u202c",
		"\u2067a\n\u2069b":             "\u2067a\u2069\nb",
		"\u2067\u202aa\u2069b\u202c":   "\u2067\u202aa\u202c\u2069b",
		"a\u2069\u202cb":               "ab",
		"\u2067\u202ea\u202cb\u2069":   "\u2067ab\u2069",
		"a\u0085b\u0090c\ufeffd\ufdd0": "a bcd",
		"👩\u200d👩\u200d👧 \u200c \U000e0067": "👩\u200d👩\u200d👧 \u200c \U000e0067",
	} {
		if got := calm(in); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
}

// TestX14_AuthorNames: a name that could be taken for somebody else's address stands
// beside the real one (attack X14).
func TestX14_AuthorNames(t *testing.T) {
	for in, want := range map[string]string{
		"":                         "@bob@m.example",
		" \u200b\u3164 ":           "@bob@m.example",
		"Bob":                      "Bob",
		"B\u200bo\u202eb\n\tx":     "Bob x",
		"@bob@m.example":           "@bob@m.example",
		"alice@example.org":        "alice@example.org (@bob@m.example)",
		"alice＠example.org":        "alice＠example.org (@bob@m.example)",
		"Bob :blobcat:":            "Bob :blobcat:",
		strings.Repeat("x", 1<<20): strings.Repeat("x", maxDisplayName-1) + "…",
	} {
		e := Heart(Author{Handle: "bob@m.example", Name: in, JID: stanza.JID{Local: `bob\40m.example`, Domain: "gw.example", Resource: "x"}}, "xmpp:x", now)
		if got := e.Authors[0]; got.Name != want || got.URI != `xmpp:bob\40m.example@gw.example` {
			t.Errorf("%.40q is called %.60q, %s", in, got.Name, got.URI)
		}
	}
}

func TestHeartAndRemoved(t *testing.T) {
	a, item := reply(vocab.Incoming{}).Author, "xmpp:c.example.org?;node=n;item=i"
	for name, c := range map[string]struct {
		entry stanza.Entry
		want  string
	}{
		"heart": {Heart(a, item, now), `<entry xmlns="http://www.w3.org/2005/Atom">
  <title type="text">♥</title>
  <id>xmpp:c.example.org?;node=n;item=i</id>
  <author><name>Bob 🐝</name><uri>xmpp:bob\40mastodon.example@ap.example.org</uri></author>
  <published>2026-03-01T12:00:00Z</published>
  <updated>2026-03-01T12:00:00Z</updated>
</entry>
`},
		"removed": {Removed(a, item, now.Add(-time.Hour), now), `<entry xmlns="http://www.w3.org/2005/Atom">
  <title type="text">[deleted]</title>
  <id>xmpp:c.example.org?;node=n;item=i</id>
  <author><name>Bob 🐝</name><uri>xmpp:bob\40mastodon.example@ap.example.org</uri></author>
  <published>2026-03-01T11:00:00Z</published>
  <updated>2026-03-01T12:00:00Z</updated>
</entry>
`},
	} {
		if got := lines(c.entry.Element()); got != c.want {
			t.Errorf("%s is\n%s", name, got)
		}
	}
}

// TestTimesOfReplies: nothing is of the future, nothing was edited before it was
// written.
func TestTimesOfReplies(t *testing.T) {
	early, late := now.Add(-time.Hour), now.Add(time.Hour)
	for _, c := range []struct{ published, updated, wantPublished, wantUpdated time.Time }{
		{time.Time{}, time.Time{}, now, now},
		{early, time.Time{}, early, early},
		{early, now, early, now},
		{now, early, now, now},
		{late, late, now, now},
		{early, late, early, now},
		{time.Time{}, early, early, early},
	} {
		e := Comment(reply(vocab.Incoming{Published: c.published, Updated: c.updated}))
		if !e.Published.Equal(c.wantPublished) || !e.Updated.Equal(c.wantUpdated) {
			t.Errorf("%v, %v became %v, %v", c.published, c.updated, e.Published, e.Updated)
		}
	}
}

// TestY3_XHTMLOfReplies: the tree says what the HTML would.
func TestY3_XHTMLOfReplies(t *testing.T) {
	for _, in := range []string{
		`<p>a &amp; <b lang="de">b</b><br>c</p><ol start="2"><li value="7">d</li></ol><pre>e
  f</pre>`,
		`<p><a href="https://a.example/?b&amp;c" rel="nofollow" class="u-url mention">@<span class="h-card">d</span></a></p>`,
	} {
		n := render(stanza.Text{Type: "html", Body: in})
		if got := HTML(stanza.Text{Type: "xhtml", XHTML: xhtml(n)}); got != in {
			t.Errorf("%s\nbecame %s", in, got)
		}
		if n.weight() < len(n.html()) {
			t.Errorf("%s weighs only %d", in, n.weight())
		}
	}
}
