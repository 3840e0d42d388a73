package activitypub

import "strings"

// splitQuoted cuts s at each sep that is not inside a quoted string
// (RFC 9110 §5.6.4) and trims spaces and tabs. ok is false when a quoted string
// does not end.
func splitQuoted(s string, sep byte) (parts []string, ok bool) {
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			parts = append(parts, strings.Trim(s[start:i], " \t"))
			start = i + 1
		}
	}
	return append(parts, strings.Trim(s[start:], " \t")), !quoted
}

// unquote gives the value of a token or of a quoted string; ok is false for
// anything between the two.
func unquote(s string) (value string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		return s, !strings.ContainsAny(s, "\" \t")
	}
	if end := strings.IndexAny(s[1:], `\"`); end >= 0 && s[1+end] == '"' { // nothing in it is escaped
		return s[1 : 1+end], 2+end == len(s)
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i == len(s) {
				return "", false
			}
		case '"':
			return b.String(), i == len(s)-1
		}
		b.WriteByte(s[i])
	}
	return "", false
}

// quote is the inverse of unquote.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
