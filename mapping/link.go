package mapping

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"isthmus/component/stanza"
)

// rewriteText replaces the text below n, piece by piece as a reader sees it.
// Text of links, code and preformatted text is left alone.
func (n *node) rewriteText(f func(text string) []*node) {
	var out []*node
	for i := 0; i < len(n.child); i++ {
		c := n.child[i]
		if c.tag != "" {
			if c.tag != "a" && c.tag != "code" && c.tag != "pre" {
				c.rewriteText(f)
			}
			out = append(out, c)
			continue
		}
		var b strings.Builder
		for ; i < len(n.child) && n.child[i].tag == ""; i++ {
			b.WriteString(n.child[i].text)
		}
		i--
		for _, c := range f(b.String()) {
			c.up = n
			out = append(out, c)
		}
	}
	n.child = out
}

// linkAddresses makes links of addresses that stand in text.
func linkAddresses(n *node) { n.rewriteText(splitAddresses) }

// anchor makes a link.
func anchor(text string, attr ...attribute) *node {
	a := &node{tag: "a", attr: attr}
	a.add(&node{text: text})
	return a
}

func splitAddresses(s string) []*node {
	var out []*node
	done := 0 // s[:done] is in out
	for i := 0; i < len(s); {
		colon := strings.IndexByte(s[i:], ':')
		if colon < 0 {
			break
		}
		start, ok := schemeBefore(s, i+colon, done)
		if !ok {
			i += colon + 1
			continue
		}
		end := addressEnd(s, start)
		i = max(end, i+colon+1)
		address := trimAddress(s[start:end])
		if href := bareHref(address); href != "" {
			if start > done {
				out = append(out, &node{text: s[done:start]})
			}
			out = append(out, anchor(address, attribute{"href", href}))
			done = start + len(address)
		}
	}
	if done < len(s) {
		out = append(out, &node{text: s[done:]})
	}
	return out
}

// schemeBefore finds the scheme that ends at this colon and begins a word.
func schemeBefore(s string, colon, from int) (start int, ok bool) {
	for _, scheme := range []string{"https", "http", "xmpp", "gemini"} {
		start = colon - len(scheme)
		if start < from || !strings.EqualFold(s[start:colon], scheme) {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(s[from:start])
		if start == from || !isWord(before) {
			return start, true
		}
	}
	return 0, false
}

func addressEnd(s string, start int) int {
	if n := strings.IndexFunc(s[start:], func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`<>"`, r) }); n >= 0 {
		return start + n
	}
	return len(s)
}

// trimAddress leaves out the punctuation of the sentence around it; a bracket
// that was opened inside belongs to the address.
func trimAddress(s string) string {
	open := strings.Count(s, "(") - strings.Count(s, ")")
	for s != "" {
		r, n := utf8.DecodeLastRuneInString(s)
		if r == ')' && open >= 0 || !strings.ContainsRune(".,;:!?'*_)]}»”’…", r) {
			break
		}
		if r == ')' {
			open++
		}
		s = s[:len(s)-n]
	}
	return s
}

// bareHref is stricter than cleanHref: nobody said that this is an address.
func bareHref(s string) string {
	href := cleanHref(s)
	scheme, rest, _ := strings.Cut(href, ":")
	switch scheme {
	case "http", "https", "gemini":
		if !strings.HasPrefix(rest, "//") {
			return ""
		}
	case "xmpp":
		if u, err := stanza.ParseURI(href); err != nil || !strings.Contains(u.JID.Domain, ".") {
			return ""
		}
	}
	return href
}

// isWord says what hashtags are made of (row O6; Mastodon, Misskey).
func isWord(r rune) bool {
	return r == '_' || unicode.In(r, unicode.L, unicode.M, unicode.N)
}
