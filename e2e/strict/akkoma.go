package strict

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Akkoma is 2025.10: the signature plug, user.ex, web_finger.ex, linkify.
var Akkoma = Peer{
	Name: "Akkoma", draftOnly: true,
	reads: regexp.MustCompile("^[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*$"), // the local part of an address of mail
	types: regexp.MustCompile(`^[a-zA-Z0-9_-]+$`),                                                       // a dot ends a name
	post: func(r *reading, req Request) {
		sig := signatureOf(req)
		r.demand(sig, "(request-target)", "host", "date", "digest")
		r.must(req.Header.Get("Digest") == "SHA-256="+sha(req.Body), "Digest is %q", req.Header.Get("Digest")) // it signs its own
		r.dated(req, 2*time.Hour, 40*time.Minute)
		a := parse(req.Body)
		r.must(hostOf(sig.keyID) == hostOf(a.text("actor")), "key %q of actor %v", sig.keyID, a["actor"])
		if o := a.in("object"); a.text("type") == "Create" { // row O3
			for _, member := range []string{"to", "cc"} {
				r.must(slices.Equal(sorted(a.texts(member)), sorted(o.texts(member))), "%s of the activity %v, of the post %v", member, a[member], o[member])
			}
		}
	},
	object: func(r *reading, o object) {
		_, list := o["tag"].([]any)
		r.must(list || o["tag"] == nil, "tag is no list: %v", o["tag"])
	},
	actor: func(r *reading, doc Document) {
		a := parse(doc.Body)
		key := a.in("publicKey")
		r.must(strings.HasPrefix(key.text("id"), a.text("id")+"#"), "key id %q of %q", key.text("id"), a.text("id"))
		r.must(hostOf(key.text("id")) == hostOf(key.text("owner")), "key %q of owner %q", key.text("id"), key.text("owner"))
	},
	finger: func(r *reading, doc Document) {
		kind, _, _ := strings.Cut(doc.ContentType, ";")
		r.must(oneOf(kind, "application/jrd+json", "application/json", "application/xrd+xml", "application/xml"), "%s is %q", doc.URL, doc.ContentType)
		jrd := parse(doc.Body)
		r.must(selfLink(jrd) != "", "no link to itself: %s", doc.Body)
		_, domain, _ := strings.Cut(jrd.text("subject"), "@")
		r.must(domain == hostOf(doc.URL), "%s speaks of %q", doc.URL, jrd.text("subject"))
	},
}

func sorted(s []string) []string { s = slices.Clone(s); slices.Sort(s); return s }
