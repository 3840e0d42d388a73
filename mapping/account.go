package mapping

import (
	"fmt"
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

// Counts are figures of an account as its own server tells them, -1 when it does
// not.
type Counts struct{ Followers, Posts int64 }

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

// Card is an account in a few lines of chat; uri is its xmpp: address.
func Card(p vocab.Profile, a Author, c Counts, uri string) string {
	head := a.Called()
	var facts []string
	if c.Followers >= 0 {
		facts = append(facts, fmt.Sprintf("Followers: %d", c.Followers))
	}
	if c.Posts >= 0 {
		facts = append(facts, fmt.Sprintf("Posts: %d", c.Posts))
	}
	switch p.Type {
	case "Service", "Application":
		facts = append(facts, "automated")
	case "Group":
		facts = append(facts, "a group")
	}
	if p.Approves {
		facts = append(facts, "decides about each follower")
	}
	if p.MovedTo != "" {
		facts = append(facts, "moved to "+calmURL(webURL(p.MovedTo)))
	}
	lines := []string{"Address: " + a.JID.String(), uri}
	if page := calmURL(webURL(p.URL)); page != "" {
		lines = append(lines, "Page: "+page)
	}
	return joined(head, bio(p, maxCardBio), strings.Join(facts, " · "), strings.Join(lines, "\n"))
}

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
