package mapping

import (
	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// Quoted is what a post shares with words of its own.
type Quoted struct {
	ID    string // of the object
	URL   string // its page; ID when empty
	Stamp string // id of its author's QuoteAuthorization, "" when there is none (yet)
}

// objectLink is the media type of links to objects, and quoteRel what makes one
// of them a quote (FEP-e232, FEP-044f).
const (
	objectLink = `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`
	quoteRel   = "https://misskey-hub.net/ns#_misskey_quote"
)

// page is where people read what is quoted, "" when that is nowhere.
func (q *Quoted) page() string {
	if u := cleanHref(q.URL); webURL(u) != "" {
		return u
	}
	if u := cleanHref(q.ID); webURL(u) != "" {
		return u
	}
	return ""
}

// addQuote says that o quotes q, in every way that peers understand: the last
// paragraph is for those that do not, others hide it by its class.
func addQuote(o *vocab.Object, body *node, q *Quoted) {
	page := q.page()
	tag := vocab.Tag{Type: "Link", MediaType: objectLink, Rel: quoteRel, Href: q.ID}
	if !links(body, page) {
		tag.Name = "RE: " + page
		p := body.add(&node{tag: "p", attr: []attribute{{"class", "quote-inline"}}})
		p.add(&node{text: "RE: "})
		p.add(anchor(page, attribute{"href", page}))
	}
	o.Quote, o.QuoteAuthorization = q.ID, q.Stamp
	o.Tags = append(o.Tags, tag)
}

// links reports whether there is a link to an address below n.
func links(n *node, href string) (found bool) {
	n.walk(func(c *node) bool {
		found = found || c.tag == "a" && c.attr[0] == attribute{"href", href}
		return !found
	})
	return found
}

// withoutShared leaves out the link to what an entry shares, which Movim writes
// beside thr:in-reply-to: the quote says it.
func withoutShared(e stanza.Entry, q *Quoted) stanza.Entry {
	shared, _, _ := ParentOf(e)
	var kept []stanza.Link
	for _, l := range e.Links {
		uri, err := stanza.ParseURI(l.Href)
		same := err == nil && uri.JID.Fold() == shared.JID.Fold() && uri.Node() == shared.Node() && uri.Item() == shared.Item()
		if l.Rel != "related" || !same && l.Href != q.URL && l.Href != q.ID {
			kept = append(kept, l)
		}
	}
	e.Links = kept
	return e
}

// AcceptQuote grants a QuoteRequest (FEP-044f), or a LikeRequest, ReplyRequest
// or AnnounceRequest (GoToSocial); the stamp at stampURL proves it to others.
func AcceptQuote(request vocab.Doc, actorURL, activityURL, stampURL string) vocab.Activity {
	a := answerTo("Accept", request, actorURL, activityURL)
	a.Result = stampURL
	return a
}

// RejectRequest refuses such a request.
func RejectRequest(request vocab.Doc, actorURL, activityURL string) vocab.Activity {
	return answerTo("Reject", request, actorURL, activityURL)
}

// answerTo embeds the request (row O22) with ids in place of objects: what it is
// about may be long, and need not be told to whoever reads the answer.
func answerTo(typ string, request vocab.Doc, actorURL, activityURL string) vocab.Activity {
	inner := vocab.Doc{"type": request.Str("type")}
	for _, key := range []string{"id", "actor", "object", "instrument"} {
		if ids := request.IDs(key); len(ids) > 0 {
			inner[key] = ids[0]
		}
	}
	asker, _ := inner["actor"].(string)
	return vocab.Activity{ID: activityURL, Type: typ, Actor: actorURL, To: addressees(asker), Object: inner}
}

// Stamp is the document that proves a grant. typ is QuoteAuthorization,
// LikeAuthorization, ReplyAuthorization or AnnounceAuthorization, actorURL the
// author of target, which interacting may refer to.
func Stamp(stampURL, typ, actorURL, interacting, target string) []byte {
	return vocab.Stamp{ID: stampURL, Type: typ, AttributedTo: actorURL, Interacting: interacting, Target: target}.JSON()
}
