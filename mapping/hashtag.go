package mapping

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"

	"isthmus/component/stanza"

	"isthmus/activitypub/vocab"
)

// Limits of what one post carries.
const (
	maxTags       = 32
	maxTagRunes   = 60
	maxTagLinks   = 256 // in text
	maxCategories = 64  // looked at
)

// hashtags collects the tags of one post, each once whatever its case.
type hashtags struct {
	page  string // what they link to
	names []string
	seen  map[string]bool
	links int
}

// add takes a name without its #; false when it is not new.
func (h *hashtags) add(name string) bool {
	key := cases.Fold().String(name)
	if h.seen[key] || len(h.names) >= maxTags {
		return false
	}
	if h.seen == nil {
		h.seen = map[string]bool{}
	}
	h.seen[key] = true
	h.names = append(h.names, name)
	return true
}

func (h *hashtags) href(name string) string {
	sep := "?"
	if strings.Contains(h.page, "?") {
		sep = "&"
	}
	return h.page + sep + "tag=" + url.QueryEscape(name)
}

// link makes the link that peers turn into one to their own page of the tag:
// text with #, class hashtag, rel tag (row O6).
func (h *hashtags) link(name string) *node {
	return anchor("#"+name, attribute{"href", h.href(name)}, attribute{"rel", "tag"}, attribute{"class", "mention hashtag"})
}

// tags is what goes into the object.
func (h *hashtags) tags() []vocab.Tag {
	var out []vocab.Tag
	for _, name := range h.names {
		out = append(out, vocab.Tag{Type: "Hashtag", Name: "#" + name, Href: h.href(name)})
	}
	return out
}

// linkIn finds the hashtags in text and makes them links, those that are links
// already too.
func (h *hashtags) linkIn(n *node) {
	n.rewriteText(h.split)
	n.walk(func(c *node) bool {
		if c.tag == "a" {
			if name, ok := strings.CutPrefix(c.deepText(), "#"); ok && isHashtag(name) && !strings.Contains(name, "#") {
				h.add(name)
				*c = node{tag: "a", attr: h.link(name).attr, child: c.child, up: c.up}
			}
		}
		return c.tag != "a" && c.tag != "code" && c.tag != "pre"
	})
}

func (h *hashtags) split(s string) []*node {
	var out []*node
	done := 0
	for i := 0; i < len(s); {
		hash := strings.IndexByte(s[i:], '#')
		if hash < 0 {
			break
		}
		start := i + hash
		end := start + 1
		for end < len(s) {
			r, n := utf8.DecodeRuneInString(s[end:])
			if !isWord(r) {
				break
			}
			end += n
		}
		i = end
		before, _ := utf8.DecodeLastRuneInString(s[:start])
		name := s[start+1 : end]
		if start > 0 && (isWord(before) || strings.ContainsRune("#/&", before)) || end < len(s) && s[end] == '#' || !isHashtag(name) || h.links >= maxTagLinks {
			continue
		}
		h.add(name)
		h.links++
		if start > done {
			out = append(out, &node{text: s[done:start]})
		}
		out = append(out, h.link(name))
		done = end
	}
	if done < len(s) {
		out = append(out, &node{text: s[done:]})
	}
	return out
}

// isHashtag reports whether a name works as a hashtag: letters, digits and
// underscores, and not digits alone.
func isHashtag(name string) bool {
	letter := false
	for _, r := range name {
		if !isWord(r) {
			return false
		}
		letter = letter || unicode.IsLetter(r)
	}
	return letter && utf8.RuneCountInString(name) <= maxTagRunes
}

// tagName makes a hashtag of a category: what is between its words goes, the
// words are set apart by capitals. "" when nothing usable is left.
func tagName(c stanza.Category) string {
	term := c.Term
	if strings.Contains(term, "://") { // some write an address here
		term = c.Label
	}
	words := strings.FieldsFunc(term, func(r rune) bool { return !isWord(r) })
	if len(words) > 1 {
		for i, w := range words {
			r, n := utf8.DecodeRuneInString(w)
			words[i] = string(unicode.ToUpper(r)) + w[n:]
		}
	}
	name := strings.Join(words, "")
	if !isHashtag(name) {
		return ""
	}
	return name
}
