package mapping

import (
	"slices"
	"strings"
	"unicode/utf8"

	"isthmus/component/stanza"
)

// Story is somebody's post as an item of a blog.
type Story struct {
	Reply

	Via   string                      // xmpp: URI of the original, of what somebody else repeats; else ""
	Media func(address string) string // where files and pictures are shown from; nil leaves their addresses
}

// Bounds of a title that is made of a text.
const (
	maxShort = 280 // runes of a post that is nothing but a title
	maxLead  = 120 // runes of the beginning of a longer one
)

// BlogEntry makes the entry for the author's blog node, or for that of somebody who
// repeats it (XEP-0277 §2.6, XEP-0472 §4.5: a copy with the original author and a
// link to the original). Its title is never empty, since clients drop what has
// none: the name of what has one, else how the text begins. A short text without
// anything besides is its title, as Movim writes it; else the content is all of it,
// with the warning before it, as text and as XHTML.
func BlogEntry(s Story) stanza.Entry {
	o := s.Object
	s.media = s.Media
	p := s.parts()
	p.shorten(maxXHTML)
	title := p.title(s.Reply)
	p.dropTitle(title)
	published, updated := s.times()
	e := stanza.Entry{
		ID: s.ItemURI, Title: stanza.Text{Type: "text", Body: title},
		Authors: []stanza.Person{s.Author.person()}, Published: published, Updated: updated,
		Categories: s.categories(),
	}
	if text := p.text(0); text != e.Title.Body || !p.bare() {
		e.Content = []stanza.Text{{Type: "text", Body: text}, {Type: "xhtml", XHTML: xhtml(p.head, p.body, p.tailUnlisted())}}
	}
	if p.warned && !slices.ContainsFunc(e.Categories, func(c stanza.Category) bool { return c.Term == "nsfw" }) {
		e.Categories = append([]stanza.Category{{Term: "nsfw"}}, e.Categories...)
	}
	if languageTag.MatchString(o.Lang) {
		e.Lang = o.Lang
	}
	if page := s.page(); page != "" {
		e.Links = append(e.Links, stanza.Link{Rel: "alternate", Type: "text/html", Href: page})
	}
	if s.Comments != "" {
		e.Links = append(e.Links, stanza.Link{Rel: "replies", Title: "comments", Href: s.Comments})
	}
	e.Links = append(e.Links, p.enclosures()...)
	if s.Via != "" {
		e.Links = append(e.Links, stanza.Link{Rel: "via", Href: s.Via})
	}
	if s.ParentURI != "" {
		e.InReplyTo = []stanza.InReply{{Ref: s.ParentID, Href: s.ParentURI}} // RFC 4685 §3
	}
	return e
}

// dropTitle takes a name that stands above the text out of it: an item has a title
// of its own.
func (p *parts) dropTitle(title string) {
	if n := len(p.head.child); n > 0 && !p.warned && len(p.body.child)+len(p.tail.child) > 0 && oneLine(p.head.child[n-1].deepText()) == title {
		p.head.child = p.head.child[:n-1]
	}
}

// tailUnlisted is the tail without the list of files, which readers of XHTML see as
// enclosures; it stays when it is all there is.
func (p *parts) tailUnlisted() *node {
	if p.listed == nil || len(p.head.child)+len(p.body.child) == 0 {
		return p.tail
	}
	rest := &node{}
	for _, c := range p.tail.child {
		if c != p.listed {
			rest.add(c)
		}
	}
	return rest
}

// title is what a post is called in a list of posts.
func (p *parts) title(r Reply) string {
	if name := label(withoutTags(r.Object.Name), maxName); name != "" && isTitled(r.Object.Type) {
		return name
	}
	if p.warned {
		return label(readable(p.head), maxName)
	}
	text := p.text(0)
	if p.bare() && utf8.RuneCountInString(text) <= maxShort {
		return text
	}
	if len(p.body.child)+len(p.head.child) == 0 && len(p.files) > 0 {
		if name := label(p.files[0].Name, maxLead); name != "" {
			return name
		}
		return "[" + p.files[0].Type + "]"
	}
	for _, n := range []*node{p.body, p.head, p.tail} {
		if line := lead(readable(n)); line != "" {
			return line
		}
	}
	return "[…]"
}

// lead is the first sentence or line of a text, at most so long.
func lead(text string) string {
	for line := range strings.Lines(text) {
		line = oneLine(line)
		if !visible(line) || strings.HasPrefix(line, "RE: ") { // a quote's address comes before some texts
			continue
		}
		for i, r := range line {
			if i > 20 && strings.ContainsRune(".!?…。！？", r) && strings.HasPrefix(line[i+utf8.RuneLen(r):], " ") {
				return cut(line[:i+utf8.RuneLen(r)], maxLead)
			}
		}
		return cut(line, maxLead)
	}
	return ""
}

// bare reports whether a post is one paragraph of plain text and nothing else:
// then a title says all of it.
func (p *parts) bare() bool {
	if len(p.head.child)+len(p.tail.child)+len(p.files) > 0 || len(p.body.child) > 1 || p.more != "" {
		return false
	}
	plain := true
	p.body.walk(func(n *node) bool {
		href, linked := n.attribute("href")
		class, _ := n.attribute("class")
		switch {
		case n.tag == "" || n.tag == "p" || n.tag == "span":
		case linked && href != "" && (strings.Contains(class, "mention") || strings.Contains(class, "hashtag") || strings.HasPrefix(n.deepText(), "#") || strings.HasPrefix(n.deepText(), "@")):
		default:
			plain = false
		}
		return true
	})
	return plain
}
