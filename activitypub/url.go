package activitypub

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// ErrRefused is a host that ClientConfig.Refuse names.
var ErrRefused = errors.New("activitypub: this host is not talked to")

// ErrURL is an address that is never asked, whatever it resolves to. It is final.
var ErrURL = errors.New("activitypub: address refused")

const maxURL = 2048

// parseURL reads an address that a peer gave us, without its fragment, and
// refuses what can only be a trick (attack X1): other schemes, user info,
// numbers for hosts, names that are only local.
func (c *Client) parseURL(raw string) (*url.URL, error) {
	bad := func(why string) (*url.URL, error) { return nil, fmt.Errorf("%w: %s", ErrURL, why) }
	if len(raw) > maxURL {
		return bad("too long")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return bad("malformed")
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return bad("scheme must be https")
	case u.Scheme == "http" && len(c.private) == 0:
		return bad("http is only for allowed private addresses")
	case u.User != nil:
		return bad("user info")
	case u.Opaque != "":
		return bad("no host")
	}
	host, err := c.checkHost(u.Host)
	if err != nil {
		return nil, err
	}
	u.Host, u.Fragment, u.RawFragment = host, "", ""
	return u, nil
}

// checkHost takes a host with an optional port and gives it in lower case. A
// public host has a DNS name of two labels or more and no other port than 443;
// where private addresses are allowed, those may be written as numbers, have
// any port, and names may be single.
func (c *Client) checkHost(host string) (string, error) {
	bad := func(why string) (string, error) { return "", fmt.Errorf("%w: %s", ErrURL, why) }
	host = strings.ToLower(host)
	name, port, hasPort := splitPort(host)
	if hasPort && port != "443" && (len(c.private) == 0 || !isPort(port)) {
		return bad("port")
	}
	if ip, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		if !c.allowed(ip) {
			return bad("a number for a host")
		}
		return host, nil
	}
	labels := strings.Split(name, ".")
	if len(name) > 253 || len(labels) == 1 && len(c.private) == 0 {
		return bad("not a public name")
	}
	for _, l := range labels {
		if !isLabel(l) {
			return bad("not a host name")
		}
	}
	// What ends in a number is an IPv4 address to some resolvers: 0x7f.1, 127.1.
	last := labels[len(labels)-1]
	if last[0] >= '0' && last[0] <= '9' {
		return bad("a number for a host")
	}
	return host, nil
}

func splitPort(host string) (name, port string, ok bool) {
	i := strings.LastIndexByte(host, ':')
	if i < 0 || strings.HasSuffix(host, "]") {
		return host, "", false
	}
	return host[:i], host[i+1:], true
}

func isPort(s string) bool {
	return s != "" && len(s) <= 5 && strings.Trim(s, "0123456789") == ""
}

// isLabel tells a label of a host name (RFC 1123 §2.1), lower case, A-labels
// for what is not ASCII.
func isLabel(s string) bool {
	if s == "" || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// hostOf is the host and port of an address, lower case, "" when it has none.
func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// sameHost tells whether both addresses have one and the same host.
func sameHost(a, b string) bool {
	h := hostOf(a)
	return h != "" && h == hostOf(b)
}

// stripFragment gives the document that a key id is in.
func stripFragment(raw string) string {
	raw, _, _ = strings.Cut(raw, "#")
	return raw
}
