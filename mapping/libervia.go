package mapping

import (
	"strings"
	"unicode/utf8"

	"isthmus/component/stanza"
)

// ParseLibervia reads the user part of a handle as Libervia's gateway gave it
// out (libervia.md §2), so that old links can be looked up; it is never
// written. ok is false for plain names too: they need no reading. localpart
// comes unescaped (XEP-0106), domain is "" when the handle's own host counts,
// node is "" for the microblog.
func ParseLibervia(user string) (localpart, domain, node string, ok bool) {
	encoded, isEncoded := strings.CutPrefix(user, "___")
	if isEncoded {
		user = encoded
	}
	i := strings.LastIndex(user, "---")
	if i >= 0 {
		node, user = user[:i], user[i+len("---"):]
	}
	if !isEncoded && i < 0 || i == 0 || user == "" {
		return "", "", "", false
	}
	if isEncoded {
		if user, ok = periodDecode(user); !ok {
			return "", "", "", false
		}
		if node, ok = periodDecode(node); !ok {
			return "", "", "", false
		}
		if at := strings.LastIndexByte(user, '@'); at >= 0 {
			user, domain = user[:at], user[at+1:]
			if user == "" || domain == "" {
				return "", "", "", false
			}
		}
	}
	if node == stanza.NSMicroblog {
		node = ""
	}
	return stanza.Unescape(user), domain, node, true
}

// periodDecode turns .hh into bytes; a period that starts none stays. The
// result must be UTF-8.
func periodDecode(s string) (string, bool) {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '.' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi >= 0 && lo >= 0 {
				b = append(b, byte(hi<<4|lo))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b), utf8.Valid(b)
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
