package mapping

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"isthmus/component/stanza"
)

// attribute is one that may be written.
type attribute struct{ name, value string }

// filter keeps of an element's attributes what Mastodon keeps (row O7), in a
// fixed order. get returns the value of an attribute, "" when absent.
func filter(tag string, get func(string) string) []attribute {
	var out []attribute
	add := func(name, value string) {
		if value != "" {
			out = append(out, attribute{name, value})
		}
	}
	switch tag {
	case "a":
		add("href", cleanHref(get("href")))
		add("rel", words(get("rel"), func(w string) bool { return slices.Contains(linkRels, w) }))
	case "ol":
		add("start", number(get("start")))
		if get("reversed") != "" {
			add("reversed", "reversed")
		}
	case "li":
		add("value", number(get("value")))
	}
	switch tag {
	case "a", "span", "p":
		add("class", words(get("class"), keptClass))
	}
	switch tag {
	case "a", "span":
		if t := strings.ToLower(get("translate")); t == "no" || t == "yes" {
			add("translate", t)
		}
	}
	if lang := get("lang"); languageTag.MatchString(lang) {
		add("lang", lang)
	}
	return out
}

var (
	linkRels    = []string{"tag", "me", "nofollow", "noopener", "noreferrer", "ugc", "author"}
	microformat = regexp.MustCompile(`^(h|p|u|dt|e)-[a-z0-9-]+$`)
	// languageTag is BCP 47 as far as a regular expression wants to know.
	languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}$`)
)

func keptClass(w string) bool {
	switch w {
	case "mention", "hashtag", "ellipsis", "invisible", "quote-inline":
		return true
	}
	return len(w) <= 64 && microformat.MatchString(w)
}

// words keeps some of a list of words, each once.
func words(s string, keep func(string) bool) string {
	var out []string
	for _, w := range strings.Fields(s) {
		if w = strings.ToLower(w); keep(w) && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return strings.Join(out, " ")
}

func number(s string) string {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 32)
	if err != nil {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// maxURL bounds addresses that are passed on, in bytes.
const maxURL = 2048

// linkSchemes are those that Mastodon lets links have (row O7).
var linkSchemes = []string{"http", "https", "dat", "dweb", "ipfs", "ipns", "ssb", "gopher", "xmpp", "magnet", "gemini"}

// cleanHref returns a link's target as it may be written, "" when it may not:
// absolute, of a scheme that executes nothing, without credentials (attack Y9).
func cleanHref(s string) string {
	s = cleanURL(s)
	scheme, rest, ok := strings.Cut(s, ":")
	scheme = strings.ToLower(scheme)
	if !ok || rest == "" || !slices.Contains(linkSchemes, scheme) {
		return ""
	}
	s = scheme + ":" + rest
	switch scheme {
	case "http", "https":
		if webURL(s) == "" {
			return ""
		}
	case "xmpp":
		u, err := stanza.ParseURI(s)
		if err != nil || !slices.Contains([]string{"", "message", "join", "pubsub", "subscribe"}, u.Query) {
			return ""
		}
	}
	return s
}

// webURL returns an absolute http or https URL without credentials, or "".
func webURL(s string) string {
	s = cleanURL(s)
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || !strings.EqualFold(u.Scheme, "https") && !strings.EqualFold(u.Scheme, "http") {
		return ""
	}
	return strings.ToLower(u.Scheme) + s[len(u.Scheme):]
}

// cleanURL does what browsers do before they look at a scheme: white space
// around and line breaks inside go, other characters that no URL has are
// escaped. "" when it is too long.
func cleanURL(s string) string {
	s = strings.TrimFunc(stanza.Clean(s), func(r rune) bool { return r <= ' ' })
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
		case r <= ' ' || r == '"' || r == '<' || r == '>' || r == '`' || r == '\\' || r == 0x7f || r == '\u00a0':
			for _, c := range []byte(string(r)) {
				b.WriteString("%" + strings.ToUpper(strconv.FormatInt(int64(c)+0x100, 16)[1:]))
			}
		default:
			b.WriteRune(r)
		}
	}
	if b.Len() > maxURL {
		return ""
	}
	return b.String()
}
