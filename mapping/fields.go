package mapping

import (
	"strings"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// ProfileField is a line of a profile, in plain text.
type ProfileField struct{ Name, Value string }

// Bounds of the fields of a profile, as Mastodon has them for its own users.
const (
	MaxFields      = 4
	maxFieldLength = 255
)

// NewField makes a field of what somebody typed; false when a part of it is empty
// or too long.
func NewField(name, value string) (ProfileField, bool) {
	f := ProfileField{Name: oneLine(stanza.Clean(name)), Value: oneLine(stanza.Clean(value))}
	n, v := len([]rune(f.Name)), len([]rune(f.Value))
	return f, visible(f.Name) && visible(f.Value) && n <= maxFieldLength && v <= maxFieldLength
}

// Link is the web address that a field is, "" when it is anything else.
func (f ProfileField) Link() string {
	if strings.ContainsRune(f.Value, ' ') {
		return ""
	}
	return webURL(f.Value)
}

// field is a line of the actor. A link that is all of it says that it is the
// person's own (rel=me), which the page there can confirm.
func (f ProfileField) field() vocab.Field {
	if u := f.Link(); u != "" {
		link := anchor(f.Value, attribute{"href", u}, attribute{"rel", "me nofollow noopener"})
		var b strings.Builder
		link.writeSelf(&b)
		return vocab.Field{Name: f.Name, Value: b.String()}
	}
	return vocab.Field{Name: f.Name, Value: textEscaper.Replace(f.Value)}
}

// linkFields are the links of a profile that no field says already.
func linkFields(fields []ProfileField, links []string) []ProfileField {
	said := map[string]bool{}
	for _, f := range fields {
		said[f.Link()] = true
	}
	var out []ProfileField
	for _, u := range links {
		if !said[u] {
			out = append(out, ProfileField{Name: "Web", Value: u})
		}
	}
	return out
}

// AllFields are the lines of a profile: those that somebody wrote, and after them the
// links of their vCard.
func (p Profile) AllFields() []ProfileField {
	return append(p.Fields[:len(p.Fields):len(p.Fields)], linkFields(p.Fields, p.Links)...)
}
