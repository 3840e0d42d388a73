package mapping

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// parts are what a reply says, before it is text or XHTML: what must be read
// first, the text, and what goes with it.
type parts struct {
	head, body, tail *node
	files            []vocab.Attachment // as they may be written, links to pages too
	listed           *node              // the paragraph of the tail that lists them
	warned           bool               // the head has a content warning
	long             bool               // there is more text than was looked at
	more             string             // where the rest is, once something had to go
	page             string
}

const (
	maxSource   = 256 << 10    // bytes of text that are looked at; tags may be most of it
	maxWarning  = 500          // runes
	maxTailText = maxTitle / 2 // runes of what comes after a text that was cut
)

// parts takes a reply apart.
func (r Reply) parts() *parts {
	o := r.Object
	p := &parts{head: &node{}, tail: &node{}, page: r.page()}
	typ := "html"
	if o.Plain {
		typ = "text"
	}
	content := o.Content
	if len(content) > maxSource {
		content, p.long = strings.ToValidUTF8(content[:maxSource], ""), true
	}
	body, images := renderWithImages(stanza.Text{Type: typ, Body: content})
	if !visible(body.deepText()) && isTitled(o.Type) {
		body = render(stanza.Text{Type: "html", Body: o.Summary[:min(len(o.Summary), maxSource)]})
	}
	if p.body = body; !visible(body.deepText()) {
		p.body = &node{}
	}
	p.body.calm()
	p.files = files(o, images)
	for i := range p.files {
		if f := &p.files[i]; r.media != nil && f.Type != "Link" {
			f.URL = r.media(f.URL)
		}
	}
	p.addHead(o)
	p.addTail(o)
	p.head.calm()
	p.tail.calm()
	return p
}

// isTitled tells what has a title and an abstract from what has neither: there
// name is nothing to show, and summary a content warning (rows O9, I24).
func isTitled(typ string) bool {
	return !slices.Contains([]string{"Note", "Question", "ChatMessage", "Comment", "Quotation"}, typ)
}

// addHead says what must be read before the text: a warning and the title.
func (p *parts) addHead(o vocab.Incoming) {
	warning := ""
	if !isTitled(o.Type) {
		warning = label(withoutTags(o.Summary), maxWarning)
		p.warned = warning != ""
	}
	if warning == "" && o.Sensitive {
		warning = "NSFW"
	}
	if warning != "" {
		p.head.add(&node{tag: "p"}).add(&node{text: "⚠ " + warning})
	}
	name := label(withoutTags(o.Name), maxName)
	text := p.body.child
	if name == "" || !isTitled(o.Type) && len(text) > 0 {
		return
	}
	if len(text) > 0 && label(text[0].deepText(), maxName) == name {
		return // the text has its title already
	}
	p.head.add(&node{tag: "p"}).add(&node{tag: "strong"}).add(&node{text: name})
}

// withoutTags is what should be plain text, and is where somebody sent HTML.
func withoutTags(s string) string {
	for _, tag := range []string{"</", "<br", "<p>", "/>"} {
		if strings.Contains(s, tag) {
			return PlainText(s)
		}
	}
	return html.UnescapeString(s)
}

// shorten cuts the text so that all together is at most limit bytes of XHTML, and
// says where the rest is.
func (p *parts) shorten(limit int) {
	limit -= p.head.weight() + p.tail.weight()
	if !p.long && p.body.weight() <= limit {
		return
	}
	p.more = "[…]"
	more := &node{tag: "p"}
	more.add(&node{text: p.more})
	if p.page != "" {
		p.more += " " + p.page
		more.child[0].text += " "
		more.add(anchor(p.page, attribute{"href", p.page}))
	}
	p.body.shorten(limit - 2*printed(p.page) - 64)
	p.body.add(more)
}

// text puts the parts together, at most so many runes; 0 means all. What goes
// with the text stays where there is room for half of it.
func (p *parts) text(runes int) string {
	head, body, tail := readable(p.head), readable(p.body), readable(p.tail)
	all := joined(head, body, tail)
	if runes == 0 || utf8.RuneCountInString(all) <= runes {
		return all
	}
	more := "[…]"
	if p.page != "" {
		more += " " + p.page
	}
	tail = cutLines(tail, maxTailText)
	room := runes - utf8.RuneCountInString(joined(head, "x", more, tail))
	return cut(joined(head, cut(strings.TrimSuffix(body, p.more), max(room, 1)), more, tail), runes)
}

// joined sets texts apart by an empty line.
func joined(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), "\n\n")
}

// cutLines leaves out lines at the end until at most so many runes are left.
func cutLines(s string, runes int) string {
	for utf8.RuneCountInString(s) > runes {
		i := strings.LastIndexByte(s, '\n')
		if i < 0 {
			return ""
		}
		s = strings.TrimRight(s[:i], "\n")
	}
	return s
}
