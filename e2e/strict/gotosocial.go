package strict

import (
	"regexp"
	"strings"
	"time"
)

// GoToSocial is 0.20: http_signatures.md, actors.md, dereferencing/finger.go,
// regexes.go, and what one was seen to refuse.
var GoToSocial = Peer{
	Name: "GoToSocial", draftOnly: true,
	reads: regexp.MustCompile(`^[\p{L}\p{M}\p{Nd}_.-]+$`),
	post: func(r *reading, req Request) {
		r.gotosocialSigned(req, "(request-target)", "host", "date")
		r.must(oneOf(req.Header.Get("Content-Type"), "application/activity+json", "application/activity+json; charset=utf-8",
			`application/ld+json; profile="https://www.w3.org/ns/activitystreams"`), "406: %q", req.Header.Get("Content-Type"))
		if a := parse(req.Body); oneOf(a.text("type"), "Accept", "Reject") { // by the Follow's id (row I21)
			r.must(a.in("object").text("id") != "" || a.text("object") != "", "%s of %v", a.text("type"), a["object"])
		}
	},
	get: func(r *reading, req Request) { r.gotosocialSigned(req, "(request-target)", "host", "date") },
	actor: func(r *reading, doc Document) {
		a := parse(doc.Body)
		name := a.text("preferredUsername")
		r.must(strings.ToLower(name) == name, "%q is asked for in lower case, and the answer must have it so", name)
		_, one := a["publicKey"].(object)
		r.must(one, "publicKey is %v", a["publicKey"])
	},
	finger: func(r *reading, doc Document) {
		jrd := parse(doc.Body)
		r.must(doc.Status == 200 && jrd.text("subject") != "", "%s answers %d: %s", doc.URL, doc.Status, doc.Body)
	},
}

func (r *reading) gotosocialSigned(req Request, headers ...string) {
	r.must(req.Header.Get("User-Agent") != "", "418: no User-Agent")
	r.demand(signatureOf(req), headers...)
	r.dated(req, time.Hour, time.Hour)
}
