package mapping

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// maxReaction bounds, in runes, what goes as a reaction: an emoji may be a
// family of them.
const maxReaction = 64

// IsHeart reports whether a comment is Movim's like: a heart as title, and
// nothing else.
func IsHeart(e stanza.Entry) bool {
	main, _ := choose(e.Content)
	text := strings.TrimSpace(plainText(main))
	return isHeart(plainText(e.Title)) && (text == "" || isHeart(text)) && e.Summary.IsZero() && len(e.LinksOf("enclosure")) == 0
}

// isHeart knows the two hearts of text and the selectors that make them emoji.
func isHeart(s string) bool {
	s = strings.TrimRight(strings.TrimSpace(s), "\ufe0e\ufe0f")
	return s == "♥" || s == "❤"
}

// Like says that somebody likes an object, or reacts to it with content, an
// emoji (row O18: peers without reactions take that as a like). authorURL is
// who is told.
func Like(actorURL, activityURL, objectURL, authorURL, content string, at time.Time) vocab.Activity {
	a := vocab.Activity{ID: activityURL, Type: "Like", Actor: actorURL, Object: objectURL, Published: at}
	if content = oneLine(content); utf8.RuneCountInString(content) <= maxReaction {
		a.Content = content
	}
	if authorURL != "" {
		a.To = []string{authorURL}
	}
	return a
}

// Announce repeats an object to everybody. at must not be before the object was
// published (row O13, Misskey).
func Announce(actorURL, activityURL, objectURL, authorURL, followersURL string, at time.Time) vocab.Activity {
	return vocab.Activity{
		ID: activityURL, Type: "Announce", Actor: actorURL, To: []string{vocab.Public}, Cc: addressees(followersURL, authorURL),
		Object: objectURL, Published: at,
	}
}

// Undo takes an activity back, as it was sent. It holds all of it and goes to the
// same people (row O22: Threads and Mastodon find nothing by a bare id).
func Undo(inner vocab.Doc, activityURL string) vocab.Activity {
	return vocab.Activity{ID: activityURL, Type: "Undo", Actor: inner.Str("actor"), To: inner.IDs("to"), Cc: inner.IDs("cc"), Object: inner}
}

// addressees are the ids that are not empty, each once.
func addressees(ids ...string) []string {
	var out []string
	for _, id := range ids {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}
