package mapping

import (
	"strings"
	"unicode/utf8"

	"isthmus/component/stanza"
)

// Limits of what is looked for in a text.
const (
	maxHandles = 20  // different ones
	maxUser    = 256 // bytes of a name
)

// Handles returns whom a text names as @user@host where a reader sees it: not
// in links, code and preformatted text. Each comes once as user@host, folded to
// lower case and A-labels; there are at most twenty. Whether they exist is for
// WebFinger to say.
func Handles(e stanza.Entry) []string {
	var out []string
	seen := map[string]bool{}
	look := func(t stanza.Text) {
		render(t).rewriteText(func(s string) []*node {
			eachHandle(s, func(_, _ int, handle string) bool {
				if !seen[handle] && len(out) < maxHandles {
					seen[handle] = true
					out = append(out, handle)
				}
				return len(out) < maxHandles
			})
			return []*node{{text: s}}
		})
	}
	main, _ := choose(e.Content)
	if !sameText(plainText(e.Title), plainText(main)) { // else cut short, maybe inside a handle
		look(e.Title)
	}
	look(e.Summary)
	look(main)
	return out
}

// ReferenceHandles returns whom an entry mentions by XEP-0372 at an address of
// ours, as Handles does.
func ReferenceHandles(a Addresses, e stanza.Entry) []string {
	var out []string
	seen := map[string]bool{}
	for _, r := range e.References {
		uri, err := stanza.ParseURI(r.URI)
		if r.Type != "mention" || err != nil {
			continue
		}
		user, host, ok := a.ParseRemoteJID(uri.JID)
		if handle := user + "@" + host; ok && !seen[handle] && len(out) < maxHandles {
			seen[handle] = true
			out = append(out, handle)
		}
	}
	return out
}

// eachHandle calls f for every @user@host in s, folded; f says whether to go
// on. It looks at every byte a bounded number of times.
func eachHandle(s string, f func(start, end int, handle string) bool) {
	for i := 0; i < len(s); {
		at := strings.IndexByte(s[i:], '@')
		if at < 0 {
			return
		}
		start := i + at
		end, handle := handleAt(s, start)
		if i = start + 1; handle != "" {
			if i = end; !f(start, end, handle) {
				return
			}
		}
	}
}

// handleAt reads the handle that begins with the @ at start, without the
// punctuation of the sentence around it; "" when there is none.
func handleAt(s string, start int) (end int, handle string) {
	if before, _ := utf8.DecodeLastRuneInString(s[:start]); start > 0 && (isWord(before) || strings.ContainsRune("@/=", before)) {
		return 0, "" // a mail address, a path, a parameter
	}
	second := start + 1 + spanOf(s[start+1:], maxUser, func(r rune) bool { return isWord(r) || strings.ContainsRune(".-+~", r) })
	if second >= len(s) || s[second] != '@' {
		return 0, ""
	}
	length := spanOf(s[second+1:], 2*maxUser, func(r rune) bool { return isWord(r) && r != '_' || r == '.' || r == '-' })
	end = second + 1 + len(strings.TrimRight(s[second+1:second+1+length], ".-"))
	switch rest := s[end:]; {
	case length >= 2*maxUser, strings.HasPrefix(rest, "@"), strings.HasPrefix(rest, "_"):
		return 0, ""
	case len(rest) > 1 && rest[0] == ':' && '0' <= rest[1] && rest[1] <= '9':
		return 0, "" // with its port it is another server
	}
	return end, foldHandle(s[start+1 : end])
}

// spanOf returns how many of the first limit bytes, or a few more, are such
// characters.
func spanOf(s string, limit int, is func(rune) bool) int {
	n := 0
	for n < len(s) && n < limit {
		r, size := utf8.DecodeRuneInString(s[n:])
		if !is(r) {
			break
		}
		n += size
	}
	return n
}

// foldHandle folds user@host, "" when there can be no such account.
func foldHandle(s string) string {
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return ""
	}
	user, host, ok := account(s[:at], s[at+1:])
	if !ok {
		return ""
	}
	return user + "@" + host
}
