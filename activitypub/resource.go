package activitypub

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// parseResource reads the resource of a WebFinger query in the forms peers
// write (row D3): acct:u@h, acct:@u@h, u@h, @u@h, any case, and the addresses
// of actors and pages. ok is false for what is none of these (attack X15).
func parseResource(s string) (q FingerQuery, ok bool) {
	if s == "" || len(s) > maxURL || !utf8.ValidString(s) || strings.ContainsFunc(s, isControl) {
		return q, false
	}
	scheme, rest, hasScheme := strings.Cut(s, ":")
	switch {
	case hasScheme && strings.EqualFold(scheme, "https") && strings.HasPrefix(rest, "//"):
		return parsePage(rest)
	case hasScheme && strings.EqualFold(scheme, "acct"):
		s = rest
	}
	user, host, found := strings.Cut(strings.TrimPrefix(s, "@"), "@")
	host = strings.ToLower(host)
	if !found || user == "" || len(user) > maxUser || strings.ContainsFunc(user, isBlank) || !isHost(host) {
		return q, false
	}
	return FingerQuery{User: strings.ToLower(user), Asked: user, Host: host}, true
}

// parsePage reads what follows "https:" in an address.
func parsePage(rest string) (q FingerQuery, ok bool) {
	u, err := url.Parse("https:" + rest)
	if err != nil || u.User != nil || !isHost(strings.ToLower(u.Host)) {
		return q, false
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	return FingerQuery{Host: strings.ToLower(u.Host), URL: "https://" + strings.ToLower(u.Host) + path}, true
}

// isHost tells a host name or address with an optional port; nothing else may
// stand for our own.
func isHost(host string) bool {
	name, port, hasPort := splitPort(host)
	if hasPort && !isPort(port) || len(name) > 253 {
		return false
	}
	if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") {
		return strings.Trim(name[1:len(name)-1], "0123456789abcdef:.") == ""
	}
	for l := range strings.SplitSeq(name, ".") {
		if !isLabel(l) {
			return false
		}
	}
	return true
}
