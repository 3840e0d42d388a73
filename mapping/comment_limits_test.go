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

// TestY4_HugeReplies has what is as large as a peer can send.
func TestY4_HugeReplies(t *testing.T) {
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
		"options":        {Type: "Question", Options: slices.Repeat([]vocab.Choice{{Name: strings.Repeat("o", 800), Votes: 1 << 39}}, 1000)},
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

// TestY4_CutReply: what goes with the text and the way to the rest survive.
func TestY4_CutReply(t *testing.T) {
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
			{Type: "Question", Content: s, Plain: true, Options: []vocab.Choice{{Name: s, Votes: 3}}, Hashtags: []string{s}},
			{Type: "Video", Name: s, URL: s, Summary: s, Attachments: []vocab.Attachment{{Type: "Video", URL: "https://a.example/" + s, Name: s, MediaType: s}}},
			{Type: "Event", Content: s, Name: s, Place: s, Lang: s, Attachments: []vocab.Attachment{{Type: "Link", URL: s, Name: s}}},
		} {
			r := reply(o)
			r.Author.Name = s
			checkComment(t, fmt.Sprintf("%q", s), r)
		}
	})
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
