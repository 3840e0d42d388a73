package stanza

import "strings"

// Escape writes s as the localpart of an address (XEP-0106 §4.2). Spaces at
// either end are dropped: an escaped localpart must not start or end with \20 (§3.2).
func Escape(s string) string {
	s = strings.Trim(s, " ")
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		// A backslash is escaped only where it would read as an escape, also
		// after the server has folded the address to lower case.
		if c == '\\' && escaped(strings.ToLower(s[i:min(i+3, len(s))])) != 0 || c != '\\' && strings.IndexByte(` "&'/:<>@`, c) >= 0 {
			const hex = "0123456789abcdef"
			b.WriteByte('\\')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// Unescape turns an escaped localpart back (XEP-0106 §3.3). \20 at either end
// is no escape and stays (§4.1), as does everything else that is none. Case is
// significant (§3.1): fold the address first.
func Unescape(local string) string {
	if strings.IndexByte(local, '\\') < 0 {
		return local
	}
	var b strings.Builder
	for i := 0; i < len(local); i++ {
		c := escaped(local[i:])
		if c == 0 || c == ' ' && (i == 0 || i+3 == len(local)) {
			b.WriteByte(local[i])
			continue
		}
		b.WriteByte(c)
		i += 2
	}
	return b.String()
}

// escaped returns the character that the escape at the start of s stands for,
// or 0.
func escaped(s string) byte {
	if len(s) < 3 || s[0] != '\\' {
		return 0
	}
	switch s[1:3] {
	case "20":
		return ' '
	case "22":
		return '"'
	case "26":
		return '&'
	case "27":
		return '\''
	case "2f":
		return '/'
	case "3a":
		return ':'
	case "3c":
		return '<'
	case "3e":
		return '>'
	case "40":
		return '@'
	case "5c":
		return '\\'
	}
	return 0
}
