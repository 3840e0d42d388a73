package stanza

import (
	"strconv"
	"time"
)

// Element writes the entry with what RFC 4287 §4.1.2 demands: title and updated
// are always there. Without a date of its own, updated is published, else the
// epoch; the caller knows better.
func (e Entry) Element() *Element {
	el := New(NSAtom, "entry").setLang(e.Lang)
	el.Add(textElement("title", e.Title, true)).AddTextElement("id", e.ID)
	addPersons(el, e.Authors)
	addTime(el, "published", e.Published)
	updated := e.Updated
	if updated.IsZero() {
		updated = e.Published
	}
	if updated.IsZero() {
		updated = time.Unix(0, 0)
	}
	addTime(el, "updated", updated)
	el.Add(textElement("summary", e.Summary, false))
	for _, t := range e.Content {
		el.Add(textElement("content", t, false))
	}
	for _, c := range e.Categories {
		el.Add(New(NSAtom, "category", "term", c.Term, "scheme", c.Scheme, "label", c.Label))
	}
	addLinks(el, e.Links)
	for _, r := range e.InReplyTo {
		el.Add(New(NSThread, "in-reply-to", "ref", r.Ref, "href", r.Href, "type", r.Type, "source", r.Source))
	}
	for _, r := range e.References {
		el.Add(r.Element())
	}
	return el.Add(e.Source)
}

// Element writes the feed with what RFC 4287 §4.1.1 demands, as Entry.Element.
func (f Feed) Element() *Element {
	el := New(NSAtom, "feed").setLang(f.Lang)
	el.Add(textElement("title", f.Title, true), textElement("subtitle", f.Subtitle, false)).AddTextElement("id", f.ID)
	addPersons(el, f.Authors)
	updated := f.Updated
	if updated.IsZero() {
		updated = time.Unix(0, 0)
	}
	addTime(el, "updated", updated)
	addLinks(el, f.Links)
	return el.AddTextElement("logo", f.Logo).AddTextElement("icon", f.Icon)
}

func (e *Element) setLang(lang string) *Element {
	if lang != "" {
		e.Attr = append(e.Attr, Attr{Space: "xml", Local: "lang", Value: lang})
	}
	return e
}

// textElement writes a text construct; nil for an empty one, unless must.
func textElement(name string, t Text, must bool) *Element {
	if t.IsZero() && !must {
		return nil
	}
	el := New(NSAtom, name).setLang(t.Lang)
	switch {
	case t.XHTML != nil:
		return el.Set("type", "xhtml").Add(t.XHTML)
	case t.Type == "html":
		el.Set("type", "html")
	default:
		el.Set("type", "text") // the default, said because clients look for it
	}
	return el.AddText(t.Body)
}

func addPersons(el *Element, list []Person) {
	for _, p := range list {
		a := New(NSAtom, "author")
		if p.Name == "" {
			a.Add(New(NSAtom, "name")) // required, RFC 4287 §3.2.1
		}
		el.Add(a.AddTextElement("name", p.Name).AddTextElement("uri", p.URI).AddTextElement("email", p.Email))
	}
}

func addTime(el *Element, name string, t time.Time) {
	if !t.IsZero() {
		el.AddTextElement(name, t.UTC().Format(time.RFC3339Nano))
	}
}

func addLinks(el *Element, list []Link) {
	for _, l := range list {
		rel := l.Rel
		if rel == "" {
			rel = "alternate"
		}
		e := New(NSAtom, "link", "rel", rel, "title", l.Title, "type", l.Type, "hreflang", l.HrefLang, "href", l.Href,
			"ref", l.Ref, "description", l.Description, "logo", l.Logo)
		if l.Length > 0 {
			e.Set("length", strconv.FormatInt(l.Length, 10))
		}
		el.Add(e)
	}
}
