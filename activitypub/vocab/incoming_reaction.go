package vocab

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxReaction bounds a reaction, in runes; an emoji of a family with flags
// has a dozen.
const maxReaction = 64

// ReactionOf returns what a Like or EmojiReact says (row I27): an emoji, or
// `:name:` of a picture, which is emoji when the activity has it. A plain like
// says "", and so does what is no reaction: too long, white space, or
// characters that mean nothing to the eye.
func ReactionOf(d Doc) (content string, emoji Tag) {
	for _, key := range []string{"content", "_misskey_reaction"} {
		if s, _ := d.Text(key); content == "" {
			content = strings.TrimSpace(s)
		}
	}
	if content == "" || len(content) > 4*maxReaction || utf8.RuneCountInString(content) > maxReaction ||
		strings.IndexFunc(content, notInReaction) >= 0 {
		return "", Tag{}
	}
	name, _, _ := strings.Cut(strings.Trim(content, ":"), "@") // :name@host: of a picture from elsewhere
	if name == "" {
		return "", Tag{}
	}
	for _, t := range bounded(d.Docs("tag")) {
		known, _, _ := strings.Cut(strings.Trim(t.Str("name"), ":"), "@")
		if t.Is("Emoji") && known == name {
			content = ":" + name + ":"
			return content, Tag{Type: "Emoji", Name: content, Href: picture(t, "icon").URL}
		}
	}
	if strings.HasPrefix(content, ":") {
		content = ":" + name + ":"
	}
	return content, Tag{}
}

// notInReaction refuses what no emoji is made of: white space, controls, marks
// of direction, what XML cannot have, and markup. Code points that this version
// of Unicode does not know may be next year's emoji.
func notInReaction(r rune) bool {
	switch {
	case r == utf8.RuneError, r&0xFFFE == 0xFFFE, strings.ContainsRune(`<>&"`, r):
		return true
	case r == '\u200d', 0xE0020 <= r && r <= 0xE007F: // families, flags of regions
		return false
	}
	return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Cs)
}
