package stanza

import "unicode/utf8"

func appendName(dst []byte, name string) []byte { return append(dst, cleanName(name)...) }

// cleanName makes s an NCName (Namespaces in XML §3); nearly always it is one.
func cleanName(s string) string {
	if s == "xmlns" {
		return "_xmlns"
	}
	ok := s != ""
	for i := 0; i < len(s) && ok; i++ {
		ok = isNameByte(s[i], i == 0)
	}
	if ok {
		return s
	}
	var b []byte
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf && isNameByte(byte(r), false), isNameRune(r):
			if len(b) == 0 && !isNameStart(r) {
				b = append(b, '_')
			}
			b = utf8.AppendRune(b, r)
		default:
			b = append(b, '_')
		}
	}
	if len(b) == 0 {
		return "_"
	}
	return string(b)
}

func isNameByte(c byte, first bool) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_':
		return true
	case '0' <= c && c <= '9', c == '-', c == '.':
		return !first
	}
	return false
}

func isNameStart(r rune) bool {
	if r < utf8.RuneSelf {
		return isNameByte(byte(r), true)
	}
	return isNameRune(r)
}

// isNameRune is the part of XML 1.0 §2.3 NameStartChar beyond ASCII on which
// the fourth and the fifth edition agree well enough; the rest is mended away.
func isNameRune(r rune) bool {
	return 0xC0 <= r && r <= 0xD6 || 0xD8 <= r && r <= 0xF6 || 0xF8 <= r && r <= 0x131 ||
		0x391 <= r && r <= 0x3A1 || 0x3A3 <= r && r <= 0x3CE || 0x410 <= r && r <= 0x44F || 0x4E00 <= r && r <= 0x9FA5
}
