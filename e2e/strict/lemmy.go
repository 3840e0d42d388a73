package strict

import (
	"net/url"
	"regexp"
	"time"
)

// Lemmy is 1.0-dev and its library: http_signatures.rs, protocol/person.rs,
// protocol/note.rs, utils/mention.rs.
var Lemmy = Peer{
	Name: "Lemmy", draftOnly: true,
	types: regexp.MustCompile(`^[\p{L}\p{M}\p{N}_.]+$`), // a dash ends a name
	post: func(r *reading, req Request) {
		sig := signatureOf(req)
		r.demand(sig, "digest")
		r.must(oneOf(sig.algorithm, "hs2019", "rsa-sha256"), "algorithm %q", sig.algorithm)
		names, values := digests(req.Header)
		r.must(len(names) > 0, "no Digest")
		for i := range names {
			r.must(values[i] == sha(req.Body), "Digest %s is of another body", names[i])
		}
		r.dated(req, time.Hour, time.Hour)
		r.lemmyKey(sig)
		a := parse(req.Body)
		r.must(hostOf(a.text("id")) == hostOf(a.text("actor")), "activity %v of actor %v", a["id"], a["actor"])
	},
	get: func(r *reading, req Request) { r.lemmyKey(signatureOf(req)) },
	object: func(r *reading, o object) {
		if o.text("type") == "Tombstone" {
			return
		}
		r.must(o.text("attributedTo") != "", "attributedTo is %v", o["attributedTo"])
		for _, member := range []string{"tag", "attachment"} {
			_, list := o[member].([]any)
			r.must(list || o[member] == nil, "%s is no list: %v", member, o[member])
		}
		if u := o["id"]; o.text("type") == "Article" {
			r.must(o.text("name") != "", "an Article without name: %v", u)
		}
	},
	actor: func(r *reading, doc Document) {
		a := parse(doc.Body)
		r.must(oneOf(a.text("type"), "Person", "Service", "Organization", "Group", "Application"), "type %v", a["type"])
		r.must(webURL(a.text("outbox")), "outbox %v", a["outbox"])
		r.must(a.in("publicKey").text("publicKeyPem") != "", "publicKey %v", a["publicKey"])
		r.must(a["endpoints"] == nil || webURL(a.in("endpoints").text("sharedInbox")), "endpoints without sharedInbox")
		for _, member := range []string{"icon", "image"} {
			r.must(a[member] == nil || a.in(member).text("type") == "Image", "%s is %v", member, a[member])
		}
	},
}

// lemmyKey: the key id is a URL with a fragment.
func (r *reading) lemmyKey(sig signature) {
	u, err := url.Parse(sig.keyID)
	r.must(err == nil && u.Fragment != "", "key id %q has no fragment", sig.keyID)
}
