package mapping

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// Author is a Fediverse account as shown in XMPP.
type Author struct {
	Handle string // user@host
	Name   string // as the account has it, may be ""
	JID    stanza.JID
}

// Reply is somebody's object and what must be known besides it.
type Reply struct {
	Object vocab.Incoming
	Author Author
	Now    time.Time // nothing is published later than this

	ItemURI string // xmpp: URI of the item it will be, for atom:id
	// ParentURI and ParentID are the xmpp: URI and the atom:id of the comment it
	// answers; "" when it answers the post itself.
	ParentURI, ParentID string
	Comments            string // xmpp: URI of its own comments node, "" for none

	media func(address string) string // see Story
}

// Bounds of an entry, so that it passes every server: ejabberd takes payloads of
// 250,000 bytes, Prosody stanzas of 256 KiB (attack Y4).
const (
	maxTitle    = 4000     // runes
	maxXHTML    = 50 << 10 // bytes; the same as text is never longer
	maxTail     = 8 << 10  // bytes of XHTML after the text
	maxEnclosed = 24 << 10 // bytes of addresses and descriptions
)

// Comment makes the entry for a comments node. Its title is all of the text,
// because Movim shows nothing else; its content is the same as text and as
// XHTML (XEP-0277 §2.3). An object without a date is of now: the caller gives
// it the one that was published before.
func Comment(r Reply) stanza.Entry {
	o := r.Object
	p := r.parts()
	p.shorten(maxXHTML)
	published, updated := r.times()
	e := stanza.Entry{
		ID: r.ItemURI, Title: stanza.Text{Type: "text", Body: p.text(maxTitle)},
		Content: []stanza.Text{
			{Type: "text", Body: p.text(0)},
			{Type: "xhtml", XHTML: xhtml(p.head, p.body, p.tail)},
		},
		Authors: []stanza.Person{r.Author.person()}, Published: published, Updated: updated,
		Categories: r.categories(),
	}
	if languageTag.MatchString(o.Lang) {
		e.Lang = o.Lang
	}
	if page := r.page(); page != "" {
		e.Links = append(e.Links, stanza.Link{Rel: "alternate", Type: "text/html", Href: page})
	}
	if r.Comments != "" {
		e.Links = append(e.Links, stanza.Link{Rel: "replies", Title: "comments", Href: r.Comments})
	}
	e.Links = append(e.Links, p.enclosures()...)
	if r.ParentURI != "" {
		e.InReplyTo = []stanza.InReply{{Ref: r.ParentID, Href: r.ParentURI}} // RFC 4685 §3
	}
	return e
}

// MessageText is a reply as the text of a chat message, with the address of the
// original at its end; what was written in a chat has none.
func MessageText(r Reply) string {
	p := r.parts()
	p.shorten(maxXHTML)
	text := p.text(maxMessage)
	page := r.page()
	if page == "" || r.Object.Type == "ChatMessage" || strings.HasSuffix(text, page) {
		return text
	}
	return text + "\n\n" + page
}

const maxMessage = 10_000 // runes

// Heart is a like as Movim writes it, and knows it: a comment of one character.
func Heart(a Author, itemURI string, at time.Time) stanza.Entry {
	return stanza.Entry{
		ID: itemURI, Title: stanza.Text{Type: "text", Body: heart}, Authors: []stanza.Person{a.person()}, Published: at, Updated: at,
	}
}

const heart = "♥"

// Removed stands where a comment was, on servers where it may be overwritten but
// not retracted (Prosody).
func Removed(a Author, itemURI string, published, at time.Time) stanza.Entry {
	return stanza.Entry{
		ID: itemURI, Title: stanza.Text{Type: "text", Body: "[deleted]"}, Authors: []stanza.Person{a.person()},
		Published: published, Updated: at,
	}
}

// person names the author. A name that could be another address is followed by
// the handle (attack X14).
func (a Author) person() stanza.Person {
	return stanza.Person{Name: a.display(), URI: "xmpp:" + a.JID.Bare().String()}
}

// display is a name that fits into a line of somebody else's and does not pass
// for another: with the handle where it has an @, the handle where it has nothing.
func (a Author) display() string {
	name := cut(calmName(a.Name), maxDisplayName)
	switch handle := calmName(a.Handle); {
	case name == "":
		name = "@" + handle
	case strings.ContainsAny(name, "@＠﹫") && strings.TrimPrefix(name, "@") != handle:
		name += " (@" + handle + ")"
	}
	return name
}

// Called is how an account is called in a sentence: its name and its handle.
func (a Author) Called() string {
	handle, name := "@"+calmName(a.Handle), a.display()
	if name == handle || strings.HasSuffix(name, "("+handle+")") {
		return name
	}
	return name + " (" + handle + ")"
}

// times are in order and not of the future.
func (r Reply) times() (published, updated time.Time) {
	published, updated = r.Object.Published, r.Object.Updated
	if published.IsZero() {
		published = updated
	}
	if published.IsZero() || published.After(r.Now) && !r.Now.IsZero() {
		published = r.Now
	}
	if updated.After(r.Now) && !r.Now.IsZero() {
		updated = r.Now
	}
	if updated.Before(published) {
		updated = published
	}
	return published.UTC().Truncate(time.Second), updated.UTC().Truncate(time.Second)
}

// page is the original on the web.
func (r Reply) page() string {
	for _, u := range []string{r.Object.URL, r.Object.ID} {
		if u = calmURL(webURL(u)); u != "" {
			return u
		}
	}
	return ""
}

// categories are the hashtags; nsfw hides a post in Movim.
func (r Reply) categories() []stanza.Category {
	var out []stanza.Category
	add := func(term string) {
		known := slices.ContainsFunc(out, func(c stanza.Category) bool { return strings.EqualFold(c.Term, term) })
		if term != "" && !known && len(out) < maxTags {
			out = append(out, stanza.Category{Term: term})
		}
	}
	if r.Object.Sensitive {
		add("nsfw")
	}
	for _, t := range r.Object.Hashtags[:min(len(r.Object.Hashtags), maxCategories)] {
		if t = calmName(t); !strings.ContainsAny(t, ` <>"&`) && utf8.RuneCountInString(t) <= maxTagRunes {
			add(t)
		}
	}
	return out
}
