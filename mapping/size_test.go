package mapping

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// babble makes about n bytes of text with what must be escaped in it.
func babble(r *rand.Rand, n int, sep string) string {
	var b strings.Builder
	for b.Len() < n {
		b.WriteString([]string{"duck", "goose", `"`, `\`, "<", "&", "é", "🦆", "שלום", "#tag"}[r.IntN(10)])
		b.WriteString(sep)
	}
	return b.String()
}

func article(content string) stanza.Entry {
	return stanza.Entry{Title: stanza.Text{Type: "text", Body: "A long one"}, Content: []stanza.Text{{Type: "text", Body: content}}, Published: now}
}

// TestLargePosts: whatever is published, the document and the delivered copy
// keep their sizes, and what is left out is behind a link (row O20).
func TestLargePosts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	paragraphs := func(n, size int) string {
		var b strings.Builder
		for range n {
			b.WriteString(babble(r, size, " ") + "\n\n")
		}
		return b.String()
	}
	cases := map[string]stanza.Entry{
		"100 KB article":         article(paragraphs(200, 500)),
		"100 KB in a paragraph":  article(babble(r, 100_000, " ")),
		"100 KB in a word":       article(strings.Repeat("x", 100_000)),
		"150 KB of quotes":       article(strings.Repeat(`"`, 150_000)),
		"400 KB":                 article(paragraphs(800, 500)),
		"a large second one":     article("first\n\n" + babble(r, 100_000, " ")),
		"just below":             article(strings.Repeat("0123456789 ", 2600)),
		"a long title":           {Title: stanza.Text{Type: "text", Body: babble(r, 100_000, " ")}, Content: []stanza.Text{{Type: "text", Body: "x"}}},
		"only a long title":      {Title: stanza.Text{Type: "text", Body: babble(r, 100_000, " ")}},
		"a long summary":         {Title: stanza.Text{Type: "text", Body: "T"}, Summary: stanza.Text{Type: "text", Body: babble(r, 100_000, " ")}, Content: []stanza.Text{{Type: "text", Body: "x"}}},
		"a long content warning": {Summary: stanza.Text{Type: "text", Body: babble(r, 100_000, " ")}, Content: []stanza.Text{{Type: "text", Body: "x"}}, Categories: []stanza.Category{{Term: "nsfw"}}},
		"no end of hashtags":     article(strings.Repeat("#a", 10) + babble(r, 50_000, " #x")),
		"long source": {Title: stanza.Text{Type: "text", Body: "T"}, Content: []stanza.Text{
			{Type: "text", Body: babble(r, 80_000, " ")}, {Type: "html", Body: "<p>short</p>"}}},
	}
	loaded := article(paragraphs(100, 500))
	for i := range 500 {
		loaded.Categories = append(loaded.Categories, stanza.Category{Term: fmt.Sprintf("%s%d", strings.Repeat("ü", 50), i)})
		loaded.Links = append(loaded.Links,
			stanza.Link{Rel: "enclosure", Href: fmt.Sprintf("https://a.example/%s%d.jpg", strings.Repeat("x", 2000), i), Title: babble(r, 7000, "🦆")},
			stanza.Link{Rel: "related", Href: fmt.Sprintf("https://b.example/%s%d", strings.Repeat("y", 2000), i)},
			stanza.Link{Rel: "alternate", Type: "text/html", Href: fmt.Sprintf("https://c.example/%s%d", strings.Repeat("z", 2000), i)})
	}
	cases["everything at once"] = loaded
	for name, e := range cases {
		p := post(e, "large")
		p.Lang = "en"
		o := Object(p)
		checkObject(t, name, o)
		sent := Create(o, here.Activity("c1")).Object.(vocab.Object)
		if sent.Content == o.Content && len(sent.Tags) == len(o.Tags) && len(sent.Attachments) == len(o.Attachments) && sent.SourceText == o.SourceText {
			continue // fits as it is
		}
		if sent.ID != o.ID || sent.Name != o.Name {
			t.Errorf("%s: the copy is another object", name)
		}
		if sent.Content != o.Content {
			rest, ok := strings.CutSuffix(sent.Content, moreLink(o.URL))
			if !ok {
				t.Errorf("%s: no link to the rest", name)
			}
			if !strings.HasPrefix(o.Content, rest) && !strings.HasSuffix(rest, "…</p>") {
				t.Errorf("%s: not cut at a paragraph", name)
			}
			if body := Create(o, here.Activity("c1")).JSON(); len(body) < MaxDelivered/2 && name != "a large second one" {
				t.Errorf("%s: cut to %d bytes, more than needed", name, len(body))
			}
		}
	}
	full := Object(post(cases["100 KB article"], "large"))
	if got := len(full.Content); got < 100_000 {
		t.Errorf("the document keeps only %d bytes of 100 KB", got)
	}
}

func TestBlockEnds(t *testing.T) {
	html := `<p>a<br>b <b>c</b></p><ul><li>d<p>e</p></li></ul><p>&lt;p&gt;</p>`
	var parts []string
	from := 0
	for _, end := range blockEnds(html) {
		parts, from = append(parts, html[from:end]), end
	}
	if got := strings.Join(parts, " | "); got != `<p>a<br>b <b>c</b></p> | <ul><li>d<p>e</p></li></ul> | <p>&lt;p&gt;</p>` {
		t.Error(got)
	}
}

// FuzzObject: whatever an entry holds, every rule about objects holds too.
func FuzzObject(f *testing.F) {
	f.Add("Title", "xhtml", "<p>a <b>b</b> #c https://d.example</p>", "e f", "enclosure", "https://g.example/h.png", "image/png", "alt", "en", int64(1_772_000_000))
	f.Add("", "text", "line\n\nline #tag", "nsfw", "related", "javascript:x", "", "", "", int64(0))
	f.Add("x", "html", "<img src=https://a.example/b.gif alt=c><script>d", "#e", "alternate", "https://f.example", "text/html", "\x01", "de-AT", int64(1)<<40)
	f.Fuzz(func(t *testing.T, title, typ, body, term, rel, href, mime, alt, lang string, at int64) {
		text := stanza.Text{Type: typ, Body: body, Lang: lang}
		if e, err := stanza.ParseXML([]byte(body)); err == nil && typ == "xhtml" {
			text.XHTML = e
		}
		e := stanza.Entry{
			Title: stanza.Text{Type: "text", Body: title}, Content: []stanza.Text{text, {Type: "text", Body: title}},
			Categories: []stanza.Category{{Term: term}, {Term: title, Label: term}},
			Links:      []stanza.Link{{Rel: rel, Href: href, Type: mime, Title: alt}, {Rel: "related", Href: href}, {Rel: "enclosure", Href: href, Type: mime, Title: title}},
			Published:  now.AddDate(0, 0, int(at%100_000)),
		}
		if at%2 == 0 {
			e.Summary = stanza.Text{Type: "html", Body: body}
		}
		p := post(e, "item")
		p.Lang, p.Byline = lang, alt
		answered(&p, at, href)
		checkObject(t, "fuzz", Object(p))
	})
}

// answered makes a post also a comment, a quote or both.
func answered(p *Post, at int64, href string) {
	for _, handle := range Handles(p.Entry) {
		p.Mentions = append(p.Mentions, Mention{Handle: handle, ActorURL: href, PageURL: "https://page.example"})
	}
	if at%3 == 0 {
		answer(p)
	}
	if at%5 == 0 {
		p.Quote = &Quoted{ID: href, URL: href}
	}
}
