package mapping

import (
	"strings"

	"golang.org/x/net/html"

	"isthmus/component/stanza"
)

// HTML turns the text of an entry into the HTML that survives on the Fediverse
// (rows O7, O8): Mastodon's whitelist, in paragraphs, addresses made links.
// Text that is HTML comes back unchanged when it went through before.
func HTML(t stanza.Text) string { return render(t).html() }

// Sanitize is HTML for text that is HTML already.
func Sanitize(s string) string { return HTML(stanza.Text{Type: "html", Body: s}) }

// FromText turns plain text into such HTML: empty lines separate paragraphs,
// line breaks stay.
func FromText(s string) string { return HTML(stanza.Text{Type: "text", Body: s}) }

// render builds the tree of a text, images set apart.
func render(t stanza.Text) *node {
	n, _ := renderWithImages(t)
	return n
}

func renderWithImages(t stanza.Text) (*node, []image) {
	var b builder
	switch {
	case t.XHTML != nil:
		b.readXHTML(t.XHTML)
	case t.Type == "html":
		b.readHTML(t.Body)
	default:
		b.readText(t.Body)
	}
	n := b.finish()
	linkAddresses(n)
	return n, b.images
}

// readHTML feeds HTML source. The tokenizer is enough, and unlike a parser it
// knows no nesting that could cost more than its length.
func (b *builder) readHTML(s string) {
	z := html.NewTokenizer(strings.NewReader(s))
	skip, depth := "", 0 // inside an element that is gone
	for {
		typ := z.Next()
		switch typ {
		case html.ErrorToken:
			return
		case html.TextToken:
			if depth == 0 {
				b.text(string(z.Text()))
			}
			continue
		case html.CommentToken, html.DoctypeToken:
			continue
		}
		tok := z.Token()
		switch kind, _ := element(tok.Data); {
		case depth > 0:
			if tok.Data == skip && typ == html.StartTagToken {
				depth++
			} else if tok.Data == skip && typ == html.EndTagToken {
				depth--
			}
		case typ == html.EndTagToken:
			b.close(tok.Data)
		case kind == gone:
			if typ == html.StartTagToken {
				skip, depth = tok.Data, 1
			}
		default:
			b.open(tok.Data, func(name string) string {
				for _, a := range tok.Attr {
					if a.Key == name {
						if a.Val == "" && name == "reversed" {
							return name
						}
						return a.Val
					}
				}
				return ""
			})
		}
	}
}

// readXHTML feeds the children of an XHTML element. Elements of other
// namespaces are taken by name too: most often a namespace is merely missing.
func (b *builder) readXHTML(e *stanza.Element) {
	for _, n := range e.Child {
		if n.Elem == nil {
			b.text(n.Text)
			continue
		}
		name := strings.ToLower(n.Elem.Local)
		if kind, _ := element(name); kind == gone {
			continue
		}
		b.open(name, func(attr string) string {
			if attr == "lang" && n.Elem.Lang() != "" {
				return n.Elem.Lang()
			}
			return n.Elem.Get(attr)
		})
		b.readXHTML(n.Elem)
		b.close(name)
	}
}

// readText feeds plain text.
func (b *builder) readText(s string) {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	for line := range strings.SplitSeq(s, "\n") {
		if strings.TrimFunc(line, isSpace) == "" {
			b.endBlock()
			continue
		}
		b.br()
		b.text(line)
	}
	b.endBlock()
}

// PlainText returns the text of HTML: paragraphs apart, items on lines of their
// own, no markup.
func PlainText(s string) string {
	return plain(render(stanza.Text{Type: "html", Body: s}))
}

func plain(n *node) string {
	var b strings.Builder
	gap := func(s string) {
		for b.Len() > 0 && !strings.HasSuffix(b.String(), s) {
			b.WriteByte('\n')
		}
	}
	var walk func(*node)
	walk = func(n *node) {
		for i, c := range n.child {
			switch c.tag {
			case "":
				b.WriteString(c.text)
				continue
			case "br":
				b.WriteByte('\n')
			case "p", "pre", "blockquote":
				if n.tag != "li" || i > 0 {
					gap("\n\n")
				}
			case "ul", "ol":
				if n.tag != "li" {
					gap("\n")
				}
			case "li":
				gap("\n")
				b.WriteString("• ")
			}
			walk(c)
		}
	}
	walk(n)
	return b.String()
}
