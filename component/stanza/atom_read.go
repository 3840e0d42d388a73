package stanza

import (
	"strconv"
	"strings"
	"time"
)

// ParseEntry reads an atom:entry. Everything missing is simply absent;
// ErrNotEntry is the only error.
func ParseEntry(el *Element) (Entry, error) {
	if !el.Is(NSAtom, "entry") {
		return Entry{}, ErrNotEntry
	}
	e := Entry{Lang: el.Lang()}
	var titles, summaries []Text
	for _, c := range el.Elements() {
		if c.Space == NSThread && c.Local == "in-reply-to" {
			r := InReply{Ref: c.Get("ref"), Href: c.Get("href"), Type: c.Get("type"), Source: c.Get("source")}
			if r.Ref != "" || r.Href != "" {
				e.InReplyTo = append(e.InReplyTo, r)
			}
		}
		if c.Space != NSAtom { // "foreign markup", RFC 4287 §6.3
			continue
		}
		switch c.Local {
		case "id":
			e.ID = first(e.ID, trimmed(c))
		case "title":
			titles = appendText(titles, c)
		case "summary":
			summaries = appendText(summaries, c)
		case "content":
			e.Content = appendText(e.Content, c)
		case "author":
			e.Authors = appendPerson(e.Authors, c)
		case "published":
			e.Published = firstTime(e.Published, c)
		case "updated":
			e.Updated = firstTime(e.Updated, c)
		case "category":
			if term := c.Get("term"); term != "" {
				e.Categories = append(e.Categories, Category{Term: term, Label: c.Get("label"), Scheme: c.Get("scheme")})
			}
		case "link":
			e.Links = appendLink(e.Links, c)
		case "source":
			if e.Source == nil {
				e.Source = c
			}
		}
	}
	e.Title, e.Summary = plainest(titles), plainest(summaries)
	e.References = ParseReferences(el)
	return e, nil
}

// ParseFeed reads an atom:feed; entries inside are not looked at.
func ParseFeed(el *Element) (Feed, error) {
	if !el.Is(NSAtom, "feed") {
		return Feed{}, ErrNotFeed
	}
	f := Feed{Lang: el.Lang()}
	var titles, subtitles []Text
	for _, c := range el.Elements() {
		if c.Space != NSAtom {
			continue
		}
		switch c.Local {
		case "id":
			f.ID = first(f.ID, trimmed(c))
		case "title":
			titles = appendText(titles, c)
		case "subtitle":
			subtitles = appendText(subtitles, c)
		case "updated":
			f.Updated = firstTime(f.Updated, c)
		case "author":
			f.Authors = appendPerson(f.Authors, c)
		case "link":
			f.Links = appendLink(f.Links, c)
		case "logo":
			f.Logo = first(f.Logo, trimmed(c))
		case "icon":
			f.Icon = first(f.Icon, trimmed(c))
		}
	}
	f.Title, f.Subtitle = plainest(titles), plainest(subtitles)
	return f, nil
}

func first(old, new string) string {
	if old != "" {
		return old
	}
	return new
}

func trimmed(e *Element) string { return strings.TrimSpace(e.Text()) }

// appendText reads a text construct or content that is inline text. Content
// that lies elsewhere or is no text (RFC 4287 §4.1.3.2) is left out, as is what
// holds nothing.
func appendText(list []Text, c *Element) []Text {
	t := Text{Lang: c.Lang()}
	switch typ := strings.ToLower(strings.TrimSpace(c.Get("type"))); {
	case c.Get("src") != "":
		return list
	case typ == "html" || typ == "text/html":
		t.Type = "html"
	case typ == "xhtml" || typ == "application/xhtml+xml":
		t.Type = "xhtml"
	case typ == "" || typ == "text" || strings.HasPrefix(typ, "text/"):
		t.Type = "text"
	default:
		return list
	}
	// Markup that should have been escaped, or is missing its type or div, is
	// still markup.
	if t.Type == "xhtml" || c.First(NSXHTML, "") != nil {
		t.Type, t.XHTML = "xhtml", findDiv(c)
	} else {
		t.Body = c.DeepText()
	}
	if t.IsZero() {
		return list
	}
	return append(list, t)
}

// findDiv returns the div of xhtml text (RFC 4287 §3.1.1.3), making one around
// what lacks it. nil when there is nothing.
func findDiv(c *Element) *Element {
	var div *Element
	others := 0
	for _, n := range c.Child {
		switch {
		case n.Elem.Is(NSXHTML, "div") && div == nil:
			div = n.Elem
		case n.Elem != nil || strings.TrimSpace(n.Text) != "":
			others++
		}
	}
	if others > 0 {
		return &Element{Space: NSXHTML, Local: "div", Child: c.Child}
	}
	if div.First("", "") == nil && strings.TrimSpace(div.Text()) == "" {
		return nil
	}
	return div
}

// plainest picks one of several renderings of a title or summary: plain text
// before html before xhtml.
func plainest(list []Text) Text {
	for _, typ := range []string{"text", "html", "xhtml"} {
		for _, t := range list {
			if t.Type == typ {
				return t
			}
		}
	}
	return Text{}
}

func appendPerson(list []Person, c *Element) []Person {
	p := Person{Name: trimmed(c.First(NSAtom, "name")), URI: trimmed(c.First(NSAtom, "uri")), Email: trimmed(c.First(NSAtom, "email"))}
	if p == (Person{}) {
		return list
	}
	return append(list, p)
}

func appendLink(list []Link, c *Element) []Link {
	l := Link{
		Rel: c.Get("rel"), Href: c.Get("href"), Type: c.Get("type"), Title: c.Get("title"), HrefLang: c.Get("hreflang"),
		Ref: c.Get("ref"), Description: c.Get("description"), Logo: c.Get("logo"),
	}
	if l.Href == "" {
		return list
	}
	// RFC 4287 §4.2.7.2: a registered relation may be written as its IRI.
	if l.Rel = strings.TrimPrefix(l.Rel, "http://www.iana.org/assignments/relation/"); l.Rel == "" {
		l.Rel = "alternate"
	}
	if n, err := strconv.ParseInt(strings.TrimSpace(c.Get("length")), 10, 64); err == nil && n > 0 {
		l.Length = n
	}
	return append(list, l)
}

func firstTime(old time.Time, c *Element) time.Time {
	if !old.IsZero() {
		return old
	}
	return parseTime(trimmed(c))
}

// timeLayouts are RFC 3339 and what is written in its name. A fraction is
// accepted after the seconds by time.Parse itself.
var timeLayouts = []string{
	time.RFC3339,
	"2006-01-02T15:04:05Z0700",
	"2006-01-02T15:04:05Z07",
	"2006-01-02T15:04:05", // no zone: taken as UTC
	"2006-01-02T15:04Z07:00",
	"2006-01-02",
}

// parseTime reads a Date construct (RFC 4287 §3.3), in UTC; zero when it is none.
func parseTime(s string) time.Time {
	s = strings.ToUpper(s) // RFC 3339 §5.6 allows t and z
	if len(s) > 10 && s[10] == ' ' {
		s = s[:10] + "T" + strings.TrimLeft(s[11:], " ")
	}
	s = strings.ReplaceAll(s, " ", "")
	if len(s) >= 19 && s[17:19] == "60" { // a leap second, RFC 3339 §5.6
		s = s[:17] + "59" + s[19:]
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			if t = t.UTC(); t.Year() >= 1 && t.Year() <= 9999 {
				return t
			}
			return time.Time{}
		}
	}
	return time.Time{}
}
