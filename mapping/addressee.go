package mapping

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"isthmus/component/stanza"
)

// Addressee finds whom a comment is addressed to where comments are a flat list,
// the way people do it: by beginning with the name. handles are user@host and
// names are display names, by the same index, "" when not known; the first that
// fits is returned, -1 when none does. `@bob`, `@bob@mastodon.example`, `bob:`,
// `Bob,` and `Bob Miller:` address; a mere first word does not.
func Addressee(e stanza.Entry, handles, names []string) int {
	text := strings.TrimLeftFunc(EntryText(e), unicode.IsSpace)
	text, at := strings.CutPrefix(text, "@")
	for i, h := range handles {
		user, _, _ := strings.Cut(h, "@")
		for _, name := range []string{h, user, names[i]} {
			if rest, ok := cutName(text, name); ok && (at || strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, ",")) {
				return i
			}
		}
	}
	return -1
}

// cutName takes a whole name off the beginning of a text, whatever its case.
func cutName(text, name string) (rest string, ok bool) {
	if name == "" || len(text) < len(name) || !strings.EqualFold(text[:len(name)], name) {
		return "", false
	}
	rest = text[len(name):]
	next, _ := utf8.DecodeRuneInString(rest)
	return rest, rest == "" || !isWord(next) && next != '@'
}
