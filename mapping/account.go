package mapping

import (
	"regexp"
	"strings"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// Bounds of an account as it is shown.
const (
	maxBio        = 4000 // runes
	maxCardBio    = 500
	maxFieldRunes = 300
	maxFieldLines = 16
	maxURLs       = 8
)

// BlogFeed is item `0` of an account's node: what the blog is called (XEP-0277 §5).
// node is the node's xmpp: URI.
func BlogFeed(p vocab.Profile, a Author, node string, updated time.Time) stanza.Feed {
	f := stanza.Feed{
		ID: node, Title: stanza.Text{Type: "text", Body: a.Called()}, Updated: updated.UTC().Truncate(time.Second), Authors: []stanza.Person{a.person()},
		Links: []stanza.Link{{Rel: "self", Href: node}},
	}
	if bio := bio(p, maxBio); bio != "" {
		f.Subtitle = stanza.Text{Type: "text", Body: bio}
	}
	if page := calmURL(webURL(p.URL)); page != "" {
		f.Links = append(f.Links, stanza.Link{Rel: "alternate", Type: "text/html", Href: page})
	}
	return f
}

// VCardOf is an account's vCard, without the picture.
func VCardOf(p vocab.Profile, a Author) stanza.VCard {
	v := stanza.VCard{FullName: a.display(), Nick: "@" + calmName(a.Handle), Note: bio(p, maxBio)}
	link := func(s string) {
		if s = calmURL(webURL(s)); s != "" && len(v.URLs) < maxURLs {
			v.URLs = append(v.URLs, s)
		}
	}
	link(p.URL)
	var lines []string
	for _, f := range p.Fields[:min(len(p.Fields), maxFieldLines)] {
		name, value := label(withoutTags(f.Name), maxFieldRunes), label(withoutTags(f.Value), maxFieldRunes)
		if name != "" && value != "" {
			lines = append(lines, name+": "+value)
		}
		for _, href := range hrefs.FindAllStringSubmatch(f.Value, 2) {
			link(href[1])
		}
	}
	v.Note = joined(v.Note, strings.Join(lines, "\n"))
	return v
}

var hrefs = regexp.MustCompile(`href="(https?://[^"<>\s]+)"`)

// bio is what an account says of itself, as text.
func bio(p vocab.Profile, runes int) string {
	summary := p.Summary[:min(len(p.Summary), maxSource)]
	return cut(strings.TrimSpace(calm(PlainText(summary))), runes)
}

// Card is an account in a few lines of chat: who it is, what it says of itself, facts
// about it, and lines with its addresses.
func Card(p vocab.Profile, a Author, facts, lines []string) string {
	return joined(a.Called(), bio(p, maxCardBio), strings.Join(facts, " · "), strings.Join(lines, "\n"))
}

// CalmLink is a web address as it may be shown to people, "" for what is none.
func CalmLink(s string) string { return calmURL(webURL(s)) }

// RefusesBridges reports whether an account says in its profile that it wants no
// bots or bridges: #nobot, #nobridge (row P4).
func RefusesBridges(p vocab.Profile) bool {
	texts := []string{p.Name, PlainText(p.Summary[:min(len(p.Summary), maxSource)])}
	for _, f := range p.Fields {
		texts = append(texts, f.Name, PlainText(f.Value))
	}
	for _, t := range texts {
		if refusal.MatchString(t) {
			return true
		}
	}
	return false
}

var refusal = regexp.MustCompile(`(?i)(^|[^\pL\pN_])#(nobots?|nobridges?)($|[^\pL\pN_])`)
