package mapping

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"isthmus/component/stanza"
)

// maxHandle is what every peer takes, also typed (activitypub.md §1.3).
const maxHandle = 30

// handleShape is the alphabet of handles: dots and dashes only inside.
var handleShape = regexp.MustCompile(`^[a-z0-9_]+([.-]+[a-z0-9_]+)*$`)

// fits reports whether a name is a handle as it is.
func fits(s string) bool { return len(s) <= maxHandle && handleShape.MatchString(s) }

// ValidHandle reports whether a name can be a handle as it is, in lower case.
func ValidHandle(s string) bool { return fits(s) }

// Handle chooses the handle of an XMPP account (node "" or its microblog), of
// another node of an account, or of a node on a pubsub service (jid without
// localpart). Names that fit are kept, others become a readable slug. taken
// says which handles are gone; the result is not one of them. The caller stores
// it: the same arguments give the same handle only while taken says the same.
func Handle(jid stanza.JID, node, primaryDomain string, taken func(string) bool) string {
	jid = jid.Bare().Fold()
	if node == stanza.NSMicroblog {
		node = ""
	}
	name := named(stanza.Unescape(jid.Local))
	switch {
	case jid.Local == "" && node == "":
		name = named(jid.Domain)
	case jid.Local == "":
		name = named(node)
	case node != "":
		name = join(name, named(node))
	}
	short, full := domainName(jid)
	candidates := []string{name, join(name, short), join(name, full)}
	if !within(jid.Domain, primaryDomain) {
		candidates = candidates[1:]
	}
	for _, h := range candidates {
		if !taken(h) {
			return h
		}
	}
	for n := 2; n < 10_000; n++ {
		suffix := fmt.Sprintf("_%d", n)
		if h := shorten(candidates[0], maxHandle-len(suffix)) + suffix; !taken(h) {
			return h
		}
	}
	for n := 0; ; n++ { // whoever has ten thousand names of one kind
		if h := hashName(fmt.Sprintf("%s\x00%s\x00%d", jid, node, n)); !taken(h) {
			return h
		}
	}
}

// named turns a name into a handle: itself, a slug, its bytes in hexadecimal,
// or a hash, whichever is the first that can be.
func named(s string) string {
	if fits(s) {
		return s
	}
	if slug := shorten(slug(s), maxHandle); slug != "" {
		return slug
	}
	if h := escapeName(s); h != "" && len(h) <= maxHandle {
		return h
	}
	return hashName(s)
}

// slug spells s with letters, digits and underscores alone: accents fall off,
// some alphabets are transliterated, anything else separates words.
func slug(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(s) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		r = unicode.ToLower(r)
		var part string
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '_':
			part = string(r)
		default:
			part = latin[r]
		}
		if part == "" {
			gap = gap || !silent(r)
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('_')
		}
		gap = false
		b.WriteString(part)
	}
	if strings.Trim(b.String(), "_") == "" {
		return ""
	}
	return b.String()
}

// silent letters vanish without a gap: apostrophes, signs of softness.
func silent(r rune) bool { return strings.ContainsRune("'’ʼьъ", r) }

// shorten cuts at an underscore where there is one in the last third.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	s = s[:n]
	if i := strings.LastIndexByte(s, '_'); i > n*2/3 {
		s = s[:i]
	}
	return strings.TrimRight(s, "_.-")
}

// join puts two parts together, the second one whole where it leaves the first
// enough.
func join(a, b string) string {
	b = shorten(b, maxHandle/2)
	if b == "" {
		return a
	}
	if a = shorten(a, maxHandle-1-len(b)); a == "" {
		return b
	}
	return a + "_" + b
}

// domainName makes what tells names of one domain from those of another: short
// without top level and without the label of a service, and whole.
func domainName(jid stanza.JID) (short, full string) {
	full = slug(jid.Domain)
	labels := strings.Split(jid.Domain, ".")
	if len(labels) > 2 && jid.Local == "" {
		labels = labels[1:]
	}
	if len(labels) > 1 {
		labels = labels[:len(labels)-1]
	}
	return slug(strings.Join(labels, ".")), full
}

// within reports whether a domain is the primary one or lies below it.
func within(domain, primary string) bool {
	primary = strings.ToLower(primary)
	return primary == "" || domain == primary || strings.HasSuffix(domain, "."+primary)
}

// escapeName keeps a–z and 0–9 and writes every other byte as _hh, the
// underscore too: no two names become one.
func escapeName(s string) string {
	var b strings.Builder
	for i := 0; i < len(s) && b.Len() <= maxHandle; i++ {
		if c := s[i]; 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "_%02x", c)
		}
	}
	return b.String()
}

// hashName is the last resort: it says nothing but is always the same.
func hashName(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "blog_" + lower32.EncodeToString(sum[:])[:12]
}

// ValidLanguage reports whether a text is a language as entries name it (BCP 47).
func ValidLanguage(s string) bool { return languageTag.MatchString(s) }
