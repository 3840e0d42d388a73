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

	"golang.org/x/net/html"

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

// checkComment holds what is true of every comment that we publish.
func checkComment(t *testing.T, name string, r Reply) {
	t.Helper()
	e := Comment(r)
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

// TestHugeReplies has what is as large as a peer can send.
func TestHugeReplies(t *testing.T) {
	const n = 900_000
	for name, o := range map[string]vocab.Incoming{
		"one word":       {Type: "Note", Content: strings.Repeat("x", n)},
		"words":          {Type: "Note", Content: strings.Repeat("bees & ", n/7)},
		"escaped":        {Type: "Note", Content: strings.Repeat("&amp;&lt;", n/9)},
		"plain":          {Type: "Note", Plain: true, Content: strings.Repeat("a < b\n\n", n/7)},
		"paragraphs":     {Type: "Article", Name: strings.Repeat("n", n/2), Content: strings.Repeat("<p>x</p>", n/8)},
		"breaks":         {Type: "Note", Content: strings.Repeat("<br>x", n/5)},
		"nested":         {Type: "Note", Content: strings.Repeat("<blockquote><ul><li><b>", n/30) + "x"},
		"quotes":         {Type: "Note", Content: strings.Repeat("<blockquote>", 10) + strings.Repeat("<br>x", n/6)},
		"items":          {Type: "Note", Content: "<ol>" + strings.Repeat("<li>x", n/5)},
		"links":          {Type: "Note", Content: strings.Repeat(`<a href="https://a.example/?&&">x</a> `, n/40)},
		"warning":        {Type: "Note", Summary: strings.Repeat("w ", n/2), Content: "x"},
		"marks":          {Type: "Note", Content: strings.Repeat("\u2067x", n/4)},
		"pictures":       {Type: "Note", Content: strings.Repeat(`<img src="https://a.example/`+strings.Repeat("&", 100)+`.png" alt="`+strings.Repeat("b", 100)+`">`, n/1000)},
		"options":        {Type: "Question", Options: slices.Repeat([]string{strings.Repeat("o", 800)}, 1000)},
		"hashtags":       {Type: "Note", Content: "x", Hashtags: slices.Repeat([]string{strings.Repeat("t", 800)}, 1000)},
		"attachments":    {Type: "Note", Attachments: attached(1000, 800)},
		"few, but large": {Type: "Note", Content: strings.Repeat("x ", n/4), Attachments: attached(16, 2000)},
		"long addresses": {Type: "Note", URL: "https://a.example/" + strings.Repeat("&", n), Quote: "https://a.example/" + strings.Repeat("&", 2000), Content: "x"},
	} {
		o.ID = "https://huge.example/1"
		start := time.Now()
		checkComment(t, name, reply(o))
		if d := time.Since(start); d > 20*time.Second {
			t.Errorf("%s takes %v", name, d)
		}
	}
}

func attached(n, size int) []vocab.Attachment {
	var out []vocab.Attachment
	for i := range n {
		out = append(out, vocab.Attachment{Type: "Image", URL: fmt.Sprintf("https://a.example/%d/%s", i, strings.Repeat("&", size)), Name: strings.Repeat("\"", size)})
	}
	return out
}

// TestCutReply: what goes with the text and the way to the rest survive.
func TestCutReply(t *testing.T) {
	e := Comment(reply(vocab.Incoming{
		ID: "https://a.example/1", Type: "Note", Summary: "long", Content: strings.Repeat("<p>Bees & trees.</p>", 10_000),
		Attachments: []vocab.Attachment{{Type: "Image", URL: "https://a.example/bee.png", Name: "a bee"}},
	}))
	const end = "…\n\n[…] https://a.example/1\n\n[a bee] https://a.example/bee.png"
	for i, s := range []string{e.Title.Body, e.Content[0].Body} {
		if !strings.HasPrefix(s, "⚠ long\n\nBees & trees.\n\n") || !strings.HasSuffix(s, end) && i == 0 || !strings.HasSuffix(s, strings.TrimPrefix(end, "…")) {
			t.Errorf("%.40q … %q", s, s[len(s)-100:])
		}
	}
	if n := utf8.RuneCountInString(e.Title.Body); n < maxTitle*9/10 {
		t.Errorf("only %d of %d runes", n, maxTitle)
	}
	if n := len(e.Content[1].XHTML.XML()); n < maxXHTML*9/10 {
		t.Errorf("only %d of %d bytes", n, maxXHTML)
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

func TestCalm(t *testing.T) {
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

func TestAuthorNames(t *testing.T) {
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

// FuzzComment: whatever a peer sends becomes an entry that our own reader takes,
// bounded and harmless, always the same.
func FuzzComment(f *testing.F) {
	files, _ := filepath.Glob("testdata/comment/*.json")
	for _, path := range files {
		if src, err := os.ReadFile(path); err == nil {
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		d, err := vocab.Read(doc, vocab.DefaultLimits)
		if err != nil {
			return
		}
		r := reply(vocab.ReadIncoming(d))
		checkComment(t, "fuzz", r)
		if a, b := Comment(r).Element().XML(), Comment(r).Element().XML(); a != b {
			t.Fatalf("not the same twice:\n%s\n%s", a, b)
		}
	})
}

// FuzzReplyText is the same for the text alone, HTML and plain, and for names.
func FuzzReplyText(f *testing.F) {
	for _, s := range []string{
		"<p>a <b>b</b></p><ul><li>c<li><p>d</ul><pre>\n x </pre><h1>e</h1>", "<blockquote>a<ol reversed start=2><li>b<br><br>c",
		"\u202ea\u2067<a href='https://a.example/\u202e'>b</a>\u2069\n\u2028", "<img alt=':x:'><img src='https://a.example/a.png' alt='b\r'>",
		"]]></content></entry>&#0;&amp;amp;", "RE: https://a.example/q", "\u2028", "\u200b&nbsp;<br>", "<span class='quote-inline'>x</span>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, o := range []vocab.Incoming{
			{Type: "Note", Content: s, Summary: s, Quote: s},
			{Type: "Question", Content: s, Plain: true, Options: []string{s}, Hashtags: []string{s}},
			{Type: "Video", Name: s, URL: s, Summary: s, Attachments: []vocab.Attachment{{Type: "Video", URL: "https://a.example/" + s, Name: s, MediaType: s}}},
			{Type: "Event", Content: s, Name: s, Place: s, Lang: s, Attachments: []vocab.Attachment{{Type: "Link", URL: s, Name: s}}},
		} {
			r := reply(o)
			r.Author.Name = s
			checkComment(t, fmt.Sprintf("%q", s), r)
		}
	})
}

// TestXHTMLOfReplies: the tree says what the HTML would.
func TestXHTMLOfReplies(t *testing.T) {
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

// TestShorten: what is cut is well-formed, small enough and the beginning of what
// it was.
func TestShorten(t *testing.T) {
	const in = `<p>one two <b>three &amp; four</b> five</p><ul><li>six</li><li><a href="https://a.example">seven</a></li></ul><p>eight<br>nine</p>`
	whole := strings.ReplaceAll(PlainText(in), " ", "")
	for limit := range 400 {
		n := render(stanza.Text{Type: "html", Body: in})
		cut := n.shorten(limit)
		if n.weight() > limit || cut != (n.html() != in) {
			t.Fatalf("%d: %v, %d bytes: %s", limit, cut, n.weight(), n.html())
		}
		if got := strings.TrimSuffix(strings.ReplaceAll(plain(n), " ", ""), "…"); !strings.HasPrefix(whole, strings.TrimRight(got, "\n•")) {
			t.Fatalf("%d: %q", limit, got)
		}
		if strings.Contains(n.html(), "<li></li>") || strings.Contains(n.html(), "<p></p>") {
			t.Fatalf("%d: %s", limit, n.html())
		}
		if _, err := html.Parse(strings.NewReader(n.html())); err != nil {
			t.Fatal(err)
		}
	}
}
