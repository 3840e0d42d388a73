package stanza

import "unicode/utf8"

// Clean makes s fit for XML: invalid UTF-8 becomes U+FFFD, characters outside
// XML 1.0 §2.2 Char are left out. Valid strings are returned as they are.
func Clean(s string) string {
	i := firstIllegal(s)
	if i < 0 {
		return s
	}
	b := append(make([]byte, 0, len(s)), s[:i]...)
	for _, r := range s[i:] {
		if isChar(r) {
			b = utf8.AppendRune(b, r) // range yields U+FFFD for an invalid byte
		}
	}
	return string(b)
}

func firstIllegal(s string) int {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if !isChar(rune(c)) {
				return i
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || !isChar(r) {
			return i
		}
		i += n
	}
	return -1
}

// isChar is XML 1.0 §2.2 Char.
func isChar(r rune) bool {
	return r >= 0x20 && r <= 0xD7FF || r == '\t' || r == '\n' || r == '\r' ||
		r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= utf8.MaxRune
}

// appendEscaped appends s as character data, or as the inside of a
// double-quoted attribute value. White space in attributes and every CR would
// be normalised by the reader unless written as references (XML 1.0 §2.11, §3.3.3).
func appendEscaped(dst []byte, s string, attr bool) []byte {
	s = Clean(s)
	last := 0
	for i := 0; i < len(s); i++ {
		var esc string
		switch s[i] {
		case '&':
			esc = "&amp;"
		case '<':
			esc = "&lt;"
		case '>':
			esc = "&gt;"
		case '\r':
			esc = "&#xD;"
		case '"':
			if attr {
				esc = "&quot;"
			}
		case '\n':
			if attr {
				esc = "&#xA;"
			}
		case '\t':
			if attr {
				esc = "&#x9;"
			}
		}
		if esc != "" {
			dst = append(append(dst, s[last:i]...), esc...)
			last = i + 1
		}
	}
	return append(dst, s[last:]...)
}
