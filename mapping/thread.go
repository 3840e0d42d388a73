package mapping

import (
	"strings"

	"isthmus/component/stanza"
)

// commentsPrefix begins the names of comments nodes (XEP-0277 §5.1).
const commentsPrefix = stanza.NSMicroblog + ":comments/"

// CommentsNode finds where the comments of an entry lie: its link titled
// comments, or whatever link to replies leads to a node named like one. Movim
// writes node names as they are, Libervia percent-encoded.
func CommentsNode(e stanza.Entry) (stanza.URI, bool) {
	var other stanza.URI
	for _, l := range e.LinksOf("replies") {
		uri, err := stanza.ParseURI(l.Href)
		if err != nil || uri.Node() == "" {
			continue
		}
		if strings.EqualFold(strings.TrimSpace(l.Title), "comments") {
			return uri, true
		}
		if other.JID.IsZero() && strings.HasPrefix(uri.Node(), commentsPrefix) {
			other = uri
		}
	}
	return other, !other.JID.IsZero()
}

// ParentOf tells what an entry answers (RFC 4685 §3): the item, zero when no
// xmpp: URI is given, and the atom:id, "" when that is not. An entry may say it
// several times, for the web too; the first one in XMPP counts (XEP-0472 §4.4).
// Libervia's ids are such URIs themselves.
func ParentOf(e stanza.Entry) (item stanza.URI, ref string, ok bool) {
	for _, r := range e.InReplyTo {
		for _, address := range []string{r.Href, r.Ref} {
			if uri, err := stanza.ParseURI(address); err == nil {
				return uri, r.Ref, true
			}
		}
	}
	if len(e.InReplyTo) == 0 {
		return stanza.URI{}, "", false
	}
	return stanza.URI{}, e.InReplyTo[0].Ref, true
}

// RepeatOf returns the link of a pure repeat to its original (XEP-0277 §4.3,
// XEP-0472 §4.6).
func RepeatOf(e stanza.Entry) (stanza.Link, bool) { return e.Link("via") }
