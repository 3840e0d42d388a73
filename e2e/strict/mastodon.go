package strict

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Mastodon is 4.7: signed_request.rb, signature_verification.rb, account.rb,
// process_account_service.rb, webfinger.rb.
var Mastodon = Peer{
	Name:    "Mastodon",
	reads:   regexp.MustCompile(`(?i)^[a-z0-9_]+([a-z0-9_.-]+[a-z0-9_]+)?$`),
	longest: 2048,
	post: func(r *reading, req Request) {
		sig := signatureOf(req)
		r.must(len(req.Body) <= 1<<20, "413: %d bytes", len(req.Body))
		r.demand(sig, "digest")
		r.either(sig, "date", "(created)")
		r.either(sig, "(request-target)", "digest")
		r.mastodonAlgorithm(sig)
		if !sig.rfc9421 {
			names, values := digests(req.Header)
			i := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, "sha-256") })
			r.must(i >= 0 && values[i] == sha(req.Body), "Digest is %q", req.Header.Get("Digest"))
			r.dated(req, 65*time.Minute, time.Hour)
		}
		a := parse(req.Body)
		r.must(slices.Contains(a.texts("@context"), "https://www.w3.org/ns/activitystreams"), "no ActivityStreams context: the activity is dropped")
		if inner := a.in("object"); a.text("type") == "Undo" { // a bare id cannot be matched (row I22)
			r.must(inner.text("id") != "" && inner.text("type") != "" && inner.text("actor") != "", "Undo of %v", a["object"])
		}
		if o := a.in("object"); a.text("type") == "Update" && !isActor(o) { // row I7
			r.must(o.text("updated") > o.text("published"), "an edit of %q without a later time: %q", o.text("published"), o.text("updated"))
		}
	},
	get: func(r *reading, req Request) {
		r.demand(signatureOf(req), "host", "(request-target)")
		r.mastodonAlgorithm(signatureOf(req))
	},
	object: func(r *reading, o object) {
		_, listed := o["inReplyTo"].([]any)
		r.must(!listed, "inReplyTo is a list: the post is dropped")
		r.must(o.text("attributedTo") != "" || o.text("type") == "Tombstone", "no attributedTo")
		public := "https://www.w3.org/ns/activitystreams#Public"
		if !slices.Contains(append(o.texts("to"), o.texts("cc")...), public) { // row O4: followers are looked for in `to` only
			r.must(!slices.ContainsFunc(o.texts("cc"), func(s string) bool { return strings.HasSuffix(s, "/followers") }), "followers in cc: the post is a direct one")
		}
	},
	actor: func(r *reading, doc Document) {
		a := parse(doc.Body)
		r.must(slices.Contains(a.texts("@context"), "https://www.w3.org/ns/activitystreams"), "no ActivityStreams context")
		r.must(isActor(a), "type %v", a["type"])
		r.must(webURL(a.text("inbox")), "inbox %v", a["inbox"])
		r.must(a["url"] == nil || hostOf(a.text("url")) == hostOf(a.text("id")), "url is of another host: %v", a["url"])
		r.must(a.in("publicKey").text("owner") == a.text("id"), "the key is of %v", a.in("publicKey")["owner"])
		fields := 0
		for _, e := range a.list("attachment") {
			if e.text("type") == "PropertyValue" {
				fields++
			}
		}
		r.must(fields <= 50, "%d fields", fields)
	},
	finger: func(r *reading, doc Document) {
		jrd := parse(doc.Body)
		r.must(doc.Status == 200, "%s answers %d", doc.URL, doc.Status)
		r.must(strings.HasPrefix(jrd.text("subject"), "acct:"), "subject %v", jrd["subject"])
		asked, err := url.Parse(doc.URL)
		r.must(err == nil && asked.Query().Get("resource") == jrd.text("subject"), "asked for its own subject, %s calls itself %q", doc.URL, jrd.text("subject"))
		r.must(selfLink(jrd) != "", "no link to itself: %s", doc.Body)
	},
}

func (r *reading) mastodonAlgorithm(sig signature) {
	r.must(sig.rfc9421 || oneOf(sig.algorithm, "", "rsa-sha256", "hs2019"), "algorithm %q", sig.algorithm)
	if sig.algorithm == "rsa-sha256" {
		r.must(!slices.Contains(sig.covers, "(created)") && !slices.Contains(sig.covers, "(expires)"), "(created) with rsa-sha256")
	}
}

// selfLink is the href of the link that Mastodon and Akkoma take (row D1).
func selfLink(jrd object) string {
	for _, l := range jrd.list("links") {
		if l.text("rel") == "self" && oneOf(l.text("type"), "application/activity+json", `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`) {
			return l.text("href")
		}
	}
	return ""
}
