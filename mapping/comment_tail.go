package mapping

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// Bounds of what is said in lines after the text.
const (
	maxAltLine  = 300 // runes
	maxPollShow = 32  // options
	maxOption   = 200 // runes
)

// addTail adds what goes with the text, each in a line: time and place, what can
// be voted for, files, the page of what is more than text, and the post quoted.
func (p *parts) addTail(o vocab.Incoming) {
	known, quoted := p.addresses()
	if when := timeSpan(o.Starts, o.Until); when != "" {
		p.line("📅 " + when)
	}
	if where := label(o.Place, maxWarning); where != "" {
		p.line("📍 " + where)
	}
	p.addPoll(o)
	media := o.Type == "Video" || o.Type == "Audio" // whose page has a player
	p.paragraph()
	p.listed = p.tail.last()
	for _, a := range p.files {
		cover := a.Type == "Image" && a.Name == ""
		if media && cover || media && a.Type == o.Type && p.page != "" || known[bareAddress(a.URL)] {
			continue
		}
		known[bareAddress(a.URL)] = true
		if oneLine(a.Name) == oneLine(o.Name) {
			a.Name = "" // said already
		}
		p.address(a.Name, a.URL)
	}
	empty := len(p.body.child) == 0 && (isTitled(o.Type) || len(p.tail.child[0].child) == 0)
	if (media || o.Type == "Event" || empty) && p.page != "" && !known[bareAddress(p.page)] {
		p.paragraph()
		p.address("", p.page)
	}
	if q := calmURL(webURL(o.Quote)); q != "" && !quoted && !known[bareAddress(q)] {
		p.paragraph()
		p.tail.last().attr = []attribute{{"class", "quote-inline"}}
		p.line("RE: ", anchor(q, attribute{"href", q}))
	}
	if n := len(p.tail.child); n > 0 {
		p.tail.last().dropEmpty()
	}
	if len(p.head.child)+len(p.body.child)+len(p.tail.child) == 0 {
		p.line("[…]") // Movim drops what has no title
	}
}

// addresses are those that the text has as links, and whether it says itself
// what it quotes.
func (p *parts) addresses() (known map[string]bool, quoted bool) {
	known = map[string]bool{}
	p.body.walk(func(n *node) bool {
		if href, ok := n.attribute("href"); ok {
			known[bareAddress(href)] = true
		}
		class, _ := n.attribute("class")
		quoted = quoted || slices.Contains(strings.Fields(class), "quote-inline")
		return true
	})
	return known, quoted
}

func (p *parts) addPoll(o vocab.Incoming) {
	if len(o.Options) == 0 {
		return
	}
	p.paragraph()
	votes := int64(0)
	for _, option := range o.Options {
		votes += max(option.Votes, 0)
	}
	for _, option := range o.Options[:min(len(o.Options), maxPollShow)] {
		name := label(withoutTags(option.Name), maxOption)
		if name == "" {
			continue
		}
		if votes > 0 {
			name += fmt.Sprintf(" — %d (%d %%)", option.Votes, (option.Votes*200+votes)/(2*votes))
		}
		p.line("○ " + name)
	}
	if len(o.Options) > maxPollShow {
		p.line("…")
	}
	switch {
	case o.Closed && o.Ends.IsZero():
		p.line("⌛")
	case o.Closed:
		p.line("⌛ " + moment(o.Ends))
	case !o.Ends.IsZero():
		p.line("⏳ " + moment(o.Ends))
	}
}

// paragraph begins a new one in the tail, unless an empty one is there.
func (p *parts) paragraph() {
	if len(p.tail.child) == 0 || len(p.tail.last().child) > 0 {
		p.tail.add(&node{tag: "p"})
	}
}

// line adds a line to the last paragraph of the tail.
func (p *parts) line(text string, more ...*node) {
	if len(p.tail.child) == 0 {
		p.paragraph()
	}
	last := p.tail.last()
	if len(last.child) > 0 {
		last.add(&node{tag: "br"})
	}
	if text != "" {
		last.add(&node{text: text})
	}
	for _, n := range more {
		last.add(n)
	}
}

// address is a line with an address and what is there, while there is room.
func (p *parts) address(name, href string) {
	link := anchor(href, attribute{"href", href})
	if name = label(name, maxAltLine); name != "" {
		name = "[" + name + "] "
	}
	if p.tail.weight()+printed(name)+2*printed(href) < maxTail {
		p.line(name, link)
	}
}

// timeSpan is when an event is, in the time zone of nobody.
func timeSpan(from, until time.Time) string {
	from, until = from.UTC(), until.UTC()
	switch {
	case from.IsZero():
		return ""
	case until.IsZero() || !until.After(from):
		return moment(from)
	case from.Format(time.DateOnly) == until.Format(time.DateOnly):
		return from.Format("2006-01-02 15:04") + "–" + until.Format("15:04 UTC")
	}
	return moment(from) + " – " + moment(until)
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// files are the attachments, and the pictures that were in the text, each once,
// with addresses that may be written.
func files(o vocab.Incoming, images []image) []vocab.Attachment {
	var out []vocab.Attachment
	size := 0
	add := func(a vocab.Attachment) {
		a.URL = calmURL(webURL(a.URL))
		a.Name = calm(altText(a.Name, a.URL))
		known := slices.ContainsFunc(out, func(b vocab.Attachment) bool { return a.URL == b.URL })
		if a.URL == "" || known || len(out) >= maxAttachments {
			return
		}
		if size += printed(a.URL) + printed(a.Name); size > maxEnclosed {
			return
		}
		if a.Type == "Link" {
			a.MediaType = "text/html"
		} else if a.MediaType = mediaType(a.MediaType, a.URL); attachmentType(a.MediaType) != "Document" {
			a.Type = attachmentType(a.MediaType)
		}
		out = append(out, a)
	}
	for _, a := range o.Attachments[:min(len(o.Attachments), 4*maxAttachments)] {
		add(a)
	}
	for _, i := range images[:min(len(images), 4*maxAttachments)] {
		add(vocab.Attachment{URL: i.src, Type: "Image", Name: i.alt})
	}
	return out
}

// enclosures are the files as links of the entry; pages are related.
func (p *parts) enclosures() []stanza.Link {
	var out []stanza.Link
	for _, a := range p.files {
		l := stanza.Link{Rel: "enclosure", Href: a.URL, Type: a.MediaType, Title: a.Name, Length: a.Size}
		switch {
		case a.Type == "Link":
			l.Rel, l.Length = "related", 0
		case l.Type == "" && a.Type == "Image": // Movim shows what is said to be a picture
			l.Type = "image/jpeg"
		}
		out = append(out, l)
	}
	return out
}
