package mapping

import (
	"strings"
	"unicode/utf8"

	"isthmus/component/stanza"
)

// plainText is the text of a text construct without markup.
func plainText(t stanza.Text) string {
	if t.XHTML == nil && t.Type != "html" {
		return stanza.Clean(t.Body)
	}
	return plain(render(t))
}

// oneLine makes all white space single spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(stanza.Clean(s)), " ") }

// cut shortens to n runes, at a space if one is near, and says so with an
// ellipsis.
func cut(s string, n int) string {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s
	}
	end := 0
	for range n - 1 {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	if i := strings.LastIndexByte(s[:end], ' '); i > end*3/4 {
		end = i
	}
	return strings.TrimRight(s[:end], " .,;:") + "…"
}

// sameText reports whether two texts read the same. A title that was cut short
// is the same as what it was cut from.
func sameText(a, b string) bool {
	a, b = oneLine(a), oneLine(b)
	if a == b {
		return true
	}
	for _, dots := range []string{"…", "..."} {
		if short, ok := strings.CutSuffix(a, dots); ok && len(short) >= 20 && strings.HasPrefix(b, strings.TrimSpace(short)) {
			return true
		}
	}
	return false
}
