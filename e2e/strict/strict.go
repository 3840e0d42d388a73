// Package strict plays the strictest readers of the Fediverse: for each of seven
// servers, what its code and documents demand of a request, of a document and of
// a name before they look at what it says. Each server is one small file; the rows
// are those of the reference that the project was built by.
//
// It knows nothing of the gateway: it reads what arrived as that server would, with
// the standard library only, and says what that server would have refused.
package strict

import (
	"fmt"
	"net/http"
	"regexp"
	"time"
)

// Request is one signed request as it arrived.
type Request struct {
	Method string
	Host   string // as in the Host header
	Path   string // with the query
	Header http.Header
	Body   []byte
	At     time.Time // when it arrived
}

// Document is the answer to a GET for ActivityPub or WebFinger.
type Document struct {
	URL         string // what was asked for
	Status      int
	ContentType string
	Body        []byte
}

// Peer is one server.
type Peer struct {
	Name string

	draftOnly bool           // takes no RFC 9421: such a request was for another server
	reads     *regexp.Regexp // the names that it lets others have; nil is any
	types     *regexp.Regexp // the names that its users can type, where that is less
	longest   int            // name, in bytes; 0 is any
	post      func(*reading, Request)
	get       func(*reading, Request)
	actor     func(*reading, Document)
	object    func(*reading, object) // of what it is told to create or update, and of what it fetches
	finger    func(*reading, Document)
}

// Peers are all there are.
var Peers = []Peer{Mastodon, Misskey, Lemmy, Akkoma, Pixelfed, PeerTube, GoToSocial}

// reading collects what a peer finds wrong.
type reading struct {
	peer  string
	found []string
}

// must notes a fault unless ok.
func (r *reading) must(ok bool, format string, args ...any) {
	if !ok {
		r.found = append(r.found, r.peer+": "+fmt.Sprintf(format, args...))
	}
}

// Request tells what the peer would have refused of a signed request.
func (p Peer) Request(req Request) []string {
	r := &reading{peer: p.Name}
	sig := signatureOf(req)
	switch {
	case sig.rfc9421 && p.draftOnly:
		return nil
	case sig.rfc9421:
		r.messageSignature(req)
	default:
		r.must(sig.keyID != "", "the signature names no key")
	}
	if req.Method == http.MethodGet {
		call(p.get, r, req)
		return r.found
	}
	call(p.post, r, req)
	if o, is := parse(req.Body)["object"].(object); is && oneOf(parse(req.Body).text("type"), "Create", "Update") && !isActor(o) {
		call(p.object, r, o)
	}
	return r.found
}

// Actor tells what the peer would refuse of an actor's document.
func (p Peer) Actor(doc Document) []string {
	r := &reading{peer: p.Name}
	r.identity(doc)
	name := parse(doc.Body).text("preferredUsername")
	r.must(p.Reads(name), "username %q", name)
	call(p.actor, r, doc)
	return r.found
}

// Reads reports whether the peer lets an account of another server have a name.
func (p Peer) Reads(name string) bool {
	return name != "" && (p.longest == 0 || len(name) <= p.longest) && (p.reads == nil || p.reads.MatchString(name))
}

// Types reports whether the peer's users can write to a name.
func (p Peer) Types(name string) bool {
	return p.types == nil && p.Reads(name) || p.types != nil && p.types.MatchString(name)
}

// Object tells what the peer would refuse of a post that it fetches.
func (p Peer) Object(doc Document) []string {
	r := &reading{peer: p.Name}
	r.identity(doc)
	call(p.object, r, parse(doc.Body))
	return r.found
}

// Finger tells what the peer would refuse of a WebFinger answer.
func (p Peer) Finger(doc Document) []string {
	r := &reading{peer: p.Name}
	call(p.finger, r, doc)
	return r.found
}

func call[T any](rule func(*reading, T), r *reading, v T) {
	if rule != nil {
		rule(r, v)
	}
}

// identity is what all demand of a document: it is what was asked for (row D18), in
// the type that Lemmy compares byte for byte (row D15).
func (r *reading) identity(doc Document) {
	r.must(doc.Status == http.StatusOK, "%s answers %d", doc.URL, doc.Status)
	r.must(parse(doc.Body).text("id") == doc.URL, "%s calls itself %q", doc.URL, parse(doc.Body).text("id"))
	r.must(oneOf(doc.ContentType, "application/activity+json", "application/activity+json; charset=utf-8",
		`application/ld+json; profile="https://www.w3.org/ns/activitystreams"`), "%s is %q", doc.URL, doc.ContentType)
}
