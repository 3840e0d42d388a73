package strict

import (
	"regexp"
	"strings"
	"time"
)

// PeerTube is peertube-crypto.ts and custom-validators/activitypub/actor.ts.
// Threads compares the digest's name as literally.
var PeerTube = Peer{
	Name: "PeerTube", draftOnly: true,
	reads: regexp.MustCompile(`^[A-Za-z0-9_.:-]+$`),
	post: func(r *reading, req Request) {
		sig := signatureOf(req)
		r.demand(sig, "(request-target)", "host", "digest")
		r.either(sig, "date", "(created)")
		r.must(req.Header.Get("Digest") == "SHA-256="+sha(req.Body), "Digest is %q", req.Header.Get("Digest"))
		r.dated(req, time.Hour, time.Hour)
		a := parse(req.Body)
		r.must(webURL(a.text("id")) && webURL(a.text("actor")), "id %v, actor %v", a["id"], a["actor"])
		r.must(a.text("type") == "Flag" || webURL(a.text("object")) || webURL(a.in("object").text("id")), "object %v", a["object"])
	},
	get: func(r *reading, req Request) { r.demand(signatureOf(req), "(request-target)", "host") },
	actor: func(r *reading, doc Document) {
		a := parse(doc.Body)
		for _, member := range []string{"id", "inbox", "url", "outbox", "following", "followers"} {
			r.must(webURL(a.text(member)), "%s is %v", member, a[member])
		}
		key := a.in("publicKey")
		r.must(webURL(key.text("id")) && webURL(key.text("owner")), "key %v of %v", key["id"], key["owner"])
		pem := key.text("publicKeyPem")
		r.must(strings.HasPrefix(pem, "-----BEGIN PUBLIC KEY-----") && strings.Contains(pem, "-----END PUBLIC KEY-----"), "the key is no SPKI: %.40q", pem)
		if a.text("type") == "Group" {
			owners := a.texts("attributedTo")
			r.must(len(owners) == 1 && webURL(owners[0]), "a Group attributed to %v", a["attributedTo"])
		}
	},
}
