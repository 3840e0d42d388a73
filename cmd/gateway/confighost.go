package main

import (
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// notDomain says why s cannot be the domain of an XMPP address, "" if it can.
// Letters beyond ASCII are fine there (RFC 7622 §3.2).
func notDomain(s string) string {
	switch {
	case strings.ContainsAny(s, "@/:"):
		return "it has an @, a slash or a colon"
	case len(s) > 253:
		return "it is too long"
	}
	for _, label := range strings.Split(s, ".") {
		if label == "" || len(label) > 63 {
			return "between two dots are 1 to 63 characters"
		}
		if strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") || strings.ContainsFunc(label, notLabelRune) {
			return "there are only letters, digits and inner hyphens"
		}
	}
	return ""
}

func notLabelRune(r rune) bool {
	return r <= ' ' || r < 0x80 && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
}

// isHost accepts an ASCII domain with or without a port, as web addresses and
// handles carry it, or an IP address.
func isHost(s string) bool {
	host, port := s, ""
	if h, p, err := net.SplitHostPort(s); err == nil {
		host, port = h, p
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return false
		}
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	isASCII := !strings.ContainsFunc(host, func(r rune) bool { return r >= 0x80 })
	return isASCII && notDomain(strings.ToLower(host)) == ""
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback()
}
