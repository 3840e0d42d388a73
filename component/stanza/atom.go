package stanza

import (
	"errors"
	"time"
)

var (
	// ErrNotEntry says that an element is no atom:entry.
	ErrNotEntry = errors.New("stanza: not an Atom entry")
	// ErrNotFeed says that an element is no atom:feed.
	ErrNotFeed = errors.New("stanza: not an Atom feed")
)

// Entry is a blog post or comment as it lies in an item (RFC 4287 §4.1.2,
// XEP-0277 §2.3). Reading takes whatever clients write; writing keeps the rules.
type Entry struct {
	// "atom:entry elements MUST contain exactly one atom:id element." (RFC 4287
	// §4.1.2) Movim puts the item id there, Libervia an xmpp: URI. "" if absent.
	ID string

	// "Any element defined by this specification MAY have an xml:lang
	// attribute, whose content indicates the natural language for the element
	// and its descendents." (RFC 4287 §2) Of the entry itself, "" if absent.
	Lang string

	// "atom:entry elements MUST contain exactly one atom:title element." (RFC
	// 4287 §4.1.2) Libervia writes one per type; the plain one is kept. A short
	// post of Movim is its title and nothing else, so are its comments.
	Title Text

	// "atom:entry elements MUST NOT contain more than one atom:summary
	// element." (RFC 4287 §4.1.2) Movim shows it before the content.
	Summary Text

	// "atom:entry elements MUST NOT contain more than one atom:content
	// element." (RFC 4287 §4.1.2) XEP-0277 §2.3 demands two for rich content, the
	// same in text and in xhtml, and clients do that. In document order.
	Content []Text

	// "atom:entry elements MUST contain one or more atom:author elements" (RFC
	// 4287 §4.1.2). Nobody has checked them: the item's publisher counts.
	Authors []Person

	// "The "atom:published" element is a Date construct indicating an instant
	// in time associated with an event early in the life cycle of the entry."
	// (RFC 4287 §4.2.9) UTC; zero if absent or bad.
	Published time.Time

	// "atom:entry elements MUST contain exactly one atom:updated element." (RFC
	// 4287 §4.1.2) UTC; zero if absent or bad. Written always: Movim drops
	// entries without.
	Updated time.Time

	// "atom:entry elements MAY contain any number of atom:category elements."
	// (RFC 4287 §4.1.2) These are the tags; nsfw hides a post in Movim.
	Categories []Category

	// "The "atom:link" element defines a reference from an entry or feed to a
	// Web resource." (RFC 4287 §4.2.7)
	Links []Link

	// "The "in-reply-to" element is used to indicate that an entry is a
	// response to another resource." (RFC 4685 §3) An xmpp: href is mandatory
	// in XEP-0472 §4.4.
	InReplyTo []InReply

	// Who is mentioned, and what else the entry points to, in the words of
	// XEP-0372. Positions count in no text that an entry would have.
	References []Reference

	// "If an atom:entry is copied from one feed into another feed, then the
	// source atom:feed's metadata […] MAY be preserved […] by adding an
	// atom:source child element" (RFC 4287 §4.2.11). As found; nil if absent.
	Source *Element
}

// Text is a text construct (RFC 4287 §3.1) or inline content (§4.1.3).
type Text struct {
	// "When present, the value MUST be one of "text", "html", or "xhtml". If
	// the "type" attribute is not provided, Atom Processors MUST behave as
	// though it were present with a value of "text"." (RFC 4287 §3.1.1) Read as
	// one of the three; media types of content are folded into them.
	Type string

	// xml:lang of the element itself, "" if absent (RFC 4287 §2).
	Lang string

	// "the content of the Text construct MUST NOT contain child elements"
	// (RFC 4287 §3.1.1.1); HTML source for html (§3.1.1.2); "" for xhtml.
	Body string

	// "the content of this element MUST be a single XHTML div element" (RFC
	// 4287 §3.1.1.3). The div; nil unless Type is xhtml.
	XHTML *Element
}

// IsZero reports whether t holds nothing to read.
func (t Text) IsZero() bool { return t.Body == "" && t.XHTML == nil }

// Person is a person construct (RFC 4287 §3.2).
type Person struct {
	// "Person constructs MUST contain exactly one "atom:name" element." (§3.2.1)
	Name string
	// "an IRI associated with the person" (§3.2.2). In XMPP `xmpp:` and the
	// bare address; Movim compares it with the publisher as a string.
	URI string
	// "an e-mail address associated with the person" (§3.2.3)
	Email string
}

// Category is a tag (RFC 4287 §4.2.2).
type Category struct {
	// "Category elements MUST have a "term" attribute." (§4.2.2.1)
	Term string
	// "a human-readable label for display in end-user applications" (§4.2.2.3)
	Label string
	// "an IRI that identifies a categorization scheme" (§4.2.2.2)
	Scheme string
}

// Link is a link (RFC 4287 §4.2.7).
type Link struct {
	// "If the "rel" attribute is not present, the link element MUST be
	// interpreted as if the link relation type is "alternate"." (§4.2.7.2)
	// In use: alternate, replies (RFC 4685 §4), enclosure, related, via.
	Rel string
	// "atom:link elements MUST have an href attribute, whose value MUST be a
	// IRI reference" (§4.2.7.1). Links without are not read.
	Href string
	// "an advisory media type" (§4.2.7.3)
	Type string
	// "human-readable information about the link" (§4.2.7.5). Movim and
	// Libervia find the comments node by title="comments".
	Title string
	// "the language of the resource pointed to by the href attribute" (§4.2.7.4)
	HrefLang string
	// "an advisory length of the linked content in octets" (§4.2.7.6); 0 if
	// absent or bad.
	Length int64
	// The atom:id of what is repeated, on rel="via" (XEP-0277 §2.6), or of
	// the post commented, on rel="start" (§5).
	Ref string
	// Of Movim's link previews, on rel="related"; in no specification.
	Description, Logo string
}

// InReply is thr:in-reply-to (RFC 4685 §3).
type InReply struct {
	// "the persistent, universally unique identifier of the resource being
	// responded to": its atom:id. Movim leaves it out.
	Ref string
	// "an IRI that may be used to retrieve a representation of the resource".
	Href string
	// The media type of Href: "a hint to the client".
	Type string
	// "an IRI of an Atom Feed or Entry Document containing an atom:entry with
	// an atom:id value equal to the value of the "ref" attribute."
	Source string
}

// Feed is the metadata of a whole blog: item `0` of its node (XEP-0277 §5).
type Feed struct {
	// "atom:feed elements MUST contain exactly one atom:id element." (RFC 4287 §4.1.1)
	ID, Lang string
	// "atom:feed elements MUST contain exactly one atom:title element." (§4.1.1)
	Title Text
	// "a human-readable description or subtitle for a feed" (§4.2.12)
	Subtitle Text
	// "atom:feed elements MUST contain exactly one atom:updated element."
	// (§4.1.1) UTC; zero if absent or bad.
	Updated time.Time
	// "the atom:author elements of the containing atom:feed element are
	// considered to apply to the entry if there are no atom:author elements in
	// the locations described above." (§4.2.1)
	Authors []Person
	Links   []Link
	// "an image that provides visual identification for a feed" (§4.2.8);
	// Icon is its small square kin (§4.2.5). IRIs.
	Logo, Icon string
}

// Link returns the first link with this relation.
func (e Entry) Link(rel string) (Link, bool) { return firstLink(e.Links, rel) }

// LinksOf returns the links with this relation, in document order.
func (e Entry) LinksOf(rel string) []Link { return linksOf(e.Links, rel) }

// Link returns the first link with this relation.
func (f Feed) Link(rel string) (Link, bool) { return firstLink(f.Links, rel) }

func firstLink(links []Link, rel string) (Link, bool) {
	for _, l := range links {
		if l.Rel == rel {
			return l, true
		}
	}
	return Link{}, false
}

func linksOf(links []Link, rel string) []Link {
	var out []Link
	for _, l := range links {
		if l.Rel == rel {
			out = append(out, l)
		}
	}
	return out
}
