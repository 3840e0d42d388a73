package web

import (
	"bytes"
	"encoding/xml"
	"slices"
	"strconv"
	"time"

	"isthmus/words"
)

// The elements of a feed, with the section of RFC 4287 that governs each.
type (
	atomDoc struct {
		XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"` // §4.1.1
		Lang    string      `xml:"xml:lang,attr,omitempty"`          // §2
		ID      string      `xml:"id"`                               // §4.2.6: permanent, so the actor's id, not the page
		Title   string      `xml:"title"`                            // §4.2.14
		Sub     string      `xml:"subtitle,omitempty"`               // §4.2.12
		Updated string      `xml:"updated"`                          // §4.2.15, mandatory
		Icon    string      `xml:"icon,omitempty"`                   // §4.2.5
		Links   []atomLink  `xml:"link"`                             // §4.2.7
		Author  atomAuthor  `xml:"author"`                           // §4.2.1: mandatory unless every entry has one
		Gen     string      `xml:"generator"`                        // §4.2.4
		Entries []atomEntry `xml:"entry"`
	}
	atomEntry struct {
		Lang       string         `xml:"xml:lang,attr,omitempty"`
		ID         string         `xml:"id"`
		Title      string         `xml:"title"` // §4.2.14: mandatory, also for posts without one
		Published  string         `xml:"published,omitempty"`
		Updated    string         `xml:"updated"`
		Author     *atomAuthor    `xml:"author,omitempty"` // §4.2.1: only when it is not the feed's
		Links      []atomLink     `xml:"link"`
		Categories []atomCategory `xml:"category"`
		Summary    string         `xml:"summary,omitempty"`
		Content    *atomContent   `xml:"content,omitempty"`
	}
	atomLink struct {
		Rel    string `xml:"rel,attr"`
		Href   string `xml:"href,attr"`
		Type   string `xml:"type,attr,omitempty"`
		Title  string `xml:"title,attr,omitempty"`
		Length string `xml:"length,attr,omitempty"`
	}
	atomAuthor struct {
		Name string `xml:"name"`
		URI  string `xml:"uri,omitempty"`
	}
	atomCategory struct {
		Term string `xml:"term,attr"`
	}
	atomContent struct {
		Type string `xml:"type,attr"` // §3.1.1.2: html is escaped
		HTML string `xml:",chardata"`
	}
)

// atomFeed writes one page of a blog as a feed document (RFC 4287; paged as in
// RFC 5005 §3).
func atomFeed(v Profile, before string) []byte {
	self := v.URL + "/feed.atom"
	doc := atomDoc{
		Lang: languageTag(v.Lang), ID: v.ID, Title: v.Display(), Sub: v.BioText, Icon: v.Avatar, Gen: "Isthmus",
		Updated: atomTime(v.Updated), Author: atomAuthor{v.Display(), v.URL},
		Links: []atomLink{
			{Rel: "self", Href: paged(self, before), Type: "application/atom+xml"},
			{Rel: "alternate", Href: paged(v.URL, before), Type: "text/html"},
		},
	}
	if v.XMPP != "" {
		doc.Links = append(doc.Links, atomLink{Rel: "alternate", Href: v.XMPP, Type: "application/atom+xml"})
	}
	if before != "" {
		doc.Links = append(doc.Links, atomLink{Rel: "first", Href: self, Type: "application/atom+xml"})
	}
	if v.Next != "" {
		doc.Links = append(doc.Links, atomLink{Rel: "next", Href: paged(self, v.Next), Type: "application/atom+xml"})
	}
	for _, p := range v.List {
		doc.Entries = append(doc.Entries, atomPost(p, v.Author, tongue(words.Pick(v.Lang))))
	}
	return doc.bytes()
}

func (doc atomDoc) bytes() []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", " ")
	_ = enc.Encode(doc) // into memory, of types that encode
	b.WriteByte('\n')
	return b.Bytes()
}

func atomPost(p Post, blog Author, t tongue) atomEntry {
	updated := p.Updated
	if updated.IsZero() {
		updated = p.Published
	}
	e := atomEntry{
		Lang: languageTag(p.Lang), ID: p.ID, Title: t.heading(p), Updated: atomTime(updated),
		Links: []atomLink{
			{Rel: "alternate", Href: p.URL, Type: "text/html"},
			{Rel: "related", Href: p.ID, Type: "application/activity+json"},
			{Rel: "replies", Href: p.URL + "/replies.atom", Type: "application/atom+xml"}, // RFC 4685 §4
		},
		Summary: p.Warning,
		Content: &atomContent{"html", string(p.Content)},
	}
	if p.Title == "" && !p.Folded() {
		e.Title = shorten(p.Excerpt, 60)
	}
	if e.Title == "" {
		e.Title = t.heading(p)
	}
	if !p.Published.IsZero() {
		e.Published = atomTime(p.Published)
	}
	switch {
	case p.Byline != "":
		e.Author = &atomAuthor{Name: p.Byline}
	case p.Author.Handle != blog.Handle:
		e.Author = &atomAuthor{p.Author.Display(), p.Author.URL}
	}
	if p.XMPP != "" {
		e.Links = append(e.Links, atomLink{Rel: "via", Href: p.XMPP})
	}
	for _, l := range p.Links {
		e.Links = append(e.Links, atomLink{Rel: "related", Href: l.URL, Title: l.Title})
	}
	for _, m := range p.Media {
		l := atomLink{Rel: "enclosure", Href: m.URL, Type: m.Type, Title: m.Alt}
		if m.Size > 0 {
			l.Length = strconv.FormatInt(m.Size, 10)
		}
		e.Links = append(e.Links, l)
	}
	for _, t := range p.Tags {
		e.Categories = append(e.Categories, atomCategory{t.Name})
	}
	return e
}

// atomReplies writes the comments of a post, the newest first.
func atomReplies(v Post) []byte {
	t := tongue(words.Pick(v.Lang))
	doc := atomDoc{
		ID: v.ID + "/replies", Title: t.say("replies.to", "who", v.Author.Display()), Sub: t.heading(v), Gen: "Isthmus", Author: atomAuthor{v.Author.Display(), v.Author.URL},
		Links: []atomLink{
			{Rel: "self", Href: v.URL + "/replies.atom", Type: "application/atom+xml"},
			{Rel: "alternate", Href: v.URL + "/replies", Type: "text/html"},
		},
	}
	list := slices.SortedStableFunc(slices.Values(v.Comments), func(a, b Comment) int { return b.Published.Compare(a.Published) })
	latest := v.Published
	for _, c := range list {
		p := Post{ID: c.ID, URL: c.URL, Author: c.Author, Excerpt: c.Author.Display(), Content: c.Content, Warning: c.Warning, Lang: c.Lang, Published: c.Published, Updated: c.Updated, Media: c.Media}
		e := atomPost(p, v.Author, t)
		e.Links = slices.DeleteFunc(e.Links, func(l atomLink) bool { return l.Rel == "replies" || l.Href == "" })
		for _, at := range []time.Time{c.Published, c.Updated} {
			if at.After(latest) {
				latest = at
			}
		}
		doc.Entries = append(doc.Entries, e)
	}
	doc.Updated = atomTime(latest)
	return doc.bytes()
}

func paged(address, before string) string {
	if before == "" {
		return address
	}
	return address + "?before=" + before
}

// atomTime is a date as §3.3 wants it; a blog without posts has the zero one.
func atomTime(t time.Time) string {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return t.UTC().Format(time.RFC3339)
}
