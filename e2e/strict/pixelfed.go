package strict

import (
	"regexp"
	"strings"
	"time"
)

// Pixelfed is InboxValidator.php and Helpers.php.
var Pixelfed = Peer{
	Name: "Pixelfed", draftOnly: true,
	reads: regexp.MustCompile(`^[_.-]*[a-zA-Z0-9][a-zA-Z0-9_.-]*$`), // alphanumeric when "_", "." and "-" are taken out
	post: func(r *reading, req Request) {
		sig := signatureOf(req)
		r.demand(sig, "date", "digest")
		r.dated(req, 24*time.Hour, 24*time.Hour)
		a := parse(req.Body)
		r.must(deep(a) <= 8, "nested %d deep: no JSON", deep(a))
		r.must(a.text("id") != "", "no id")
		r.must(hostOf(a.text("id")) == hostOf(sig.keyID), "activity %v, key %q", a["id"], sig.keyID)
		if author := a.in("object").text("attributedTo"); author != "" {
			r.must(hostOf(author) == hostOf(sig.keyID), "attributed to %q, key %q", author, sig.keyID)
		}
		if a.text("type") == "Create" {
			r.must(a.in("object").text("published") != "", "Create without published")
		}
	},
	get: func(r *reading, req Request) { r.demand(signatureOf(req), "date") },
	object: func(r *reading, o object) {
		r.must(deep(o) <= 8, "nested %d deep: no JSON", deep(o))
		for _, e := range o.list("attachment") {
			if !oneOf(e.text("type"), "Image", "Video", "Document") {
				continue
			}
			r.must(webURL(e.text("url")), "attachment at %v", e["url"])
			r.must(strings.Contains(e.text("mediaType"), "/"), "attachment of type %v", e["mediaType"])
			hash, set := e["blurhash"].(string)
			r.must(!set || len(hash) >= 6 && len(hash) <= 164, "blurhash %q", hash)
			for _, side := range []string{"width", "height"} {
				n, set := e[side].(float64)
				r.must(!set || n >= 1 && n <= 5000, "%s %v", side, n)
			}
		}
	},
	actor: func(r *reading, doc Document) {
		a := parse(doc.Body)
		r.must(deep(a) <= 8, "nested %d deep: no JSON", deep(a))
		_, summary := a["summary"].(string)
		r.must(summary, "no summary")
		_, approves := a["manuallyApprovesFollowers"].(bool)
		r.must(approves, "no manuallyApprovesFollowers")
		_, one := a["url"].(string)
		r.must(one, "url is %v", a["url"])
	},
}
