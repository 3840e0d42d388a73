package strict

import (
	"regexp"
	"strings"
)

// Misskey is Misskey and Sharkey: ActivityPubServerService.ts,
// InboxProcessorService.ts, ApPersonService.ts, and mfm-js for typed names.
var Misskey = Peer{
	Name: "Misskey", draftOnly: true,
	reads:   regexp.MustCompile(`^\w([\w.-]*\w)?$`),
	types:   regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$`),
	longest: 128,
	post: func(r *reading, req Request) {
		sig := signatureOf(req)
		r.must(len(req.Body) < 64<<10, "413: %d bytes", len(req.Body))
		r.demand(sig, "host", "digest")
		names, values := digests(req.Header)
		r.must(len(names) == 1 && names[0] == "SHA-256" && values[0] == sha(req.Body), "Digest is %q", req.Header.Values("Digest"))
		r.must(!strings.HasPrefix(sig.keyID, "acct:"), "key id %q", sig.keyID)
		a := parse(req.Body)
		r.must(a.text("actor") != "" && a.text("actor") == withoutFragment(sig.keyID), "actor %v, key %q", a["actor"], sig.keyID)
		r.must(hostOf(a.text("id")) == hostOf(sig.keyID), "activity %v, key %q", a["id"], sig.keyID)
	},
	get: func(r *reading, req Request) { r.demand(signatureOf(req), "host") },
	object: func(r *reading, o object) {
		_, listed := o["inReplyTo"].([]any)
		r.must(!listed, "inReplyTo is a list: the post is dropped")
		if o.text("type") == "Tombstone" {
			return
		}
		r.must(hostOf(o.text("id")) == hostOf(o.text("attributedTo")), "%v is attributed to %v", o["id"], o["attributedTo"])
		switch u := o["url"].(type) { // 2024.11.0 (misskey #15039)
		case string:
			r.must(hostOf(u) == hostOf(o.text("id")), "url is of another host: %s", u)
		case []any:
			first, _ := u[0].(object)
			r.must(hostOf(first.text("href")) == hostOf(o.text("id")), "url is of another host: %v", u)
		}
	},
	actor: func(r *reading, doc Document) {
		a := parse(doc.Body)
		r.must(len(doc.Body) <= 256<<10, "%d bytes", len(doc.Body))
		for _, member := range []string{"inbox", "outbox", "followers", "following", "featured"} {
			r.must(hostOf(a.text(member)) == hostOf(a.text("id")), "%s is of another host: %v", member, a[member])
		}
		r.must(hostOf(a.in("endpoints").text("sharedInbox")) == hostOf(a.text("id")), "sharedInbox is of another host")
		r.must(hostOf(a.in("publicKey").text("id")) == hostOf(a.text("id")), "the key is of another host: %v", a.in("publicKey")["id"])
	},
}

func withoutFragment(id string) string { s, _, _ := strings.Cut(id, "#"); return s }
