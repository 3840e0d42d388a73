package mapping

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"isthmus/component/stanza"
)

// RemoteJID is the address of a Fediverse account here: bob on mastodon.example
// is bob\40mastodon.example@ap.example.org (XEP-0106). Names are folded as
// servers fold localparts. The zero JID when there can be no such account.
func (a Addresses) RemoteJID(user, host string) stanza.JID {
	user, host, ok := account(user, host)
	if !ok {
		return stanza.JID{}
	}
	return stanza.JID{Local: stanza.Escape(user + "@" + host), Domain: strings.ToLower(a.Component)}
}

// ParseRemoteJID reads the address of a Fediverse account, also as people type
// it: bob%mastodon.example@ap.example.org. The resource does not matter. What
// comes back is folded: RemoteJID makes the same address of it again.
func (a Addresses) ParseRemoteJID(jid stanza.JID) (user, host string, ok bool) {
	if !strings.EqualFold(jid.Domain, a.Component) || a.Component == "" {
		return "", "", false
	}
	local := stanza.Unescape(jid.Local)
	i := strings.LastIndexByte(local, '@')
	if i < 0 {
		i = strings.LastIndexByte(local, '%')
	}
	if i < 0 {
		return "", "", false
	}
	return account(strings.TrimPrefix(local[:i], "@"), local[i+1:])
}

// account folds both halves of a Fediverse handle, or refuses them.
func account(user, host string) (string, string, bool) {
	host, ok := hostname(host)
	if !ok {
		return "", "", false
	}
	folded := strings.ToLower(user)
	if folded == "" || folded != prepared(user) || folded != prepared(folded) || strings.IndexFunc(folded, notInName) >= 0 {
		return "", "", false
	}
	user = folded
	if len(stanza.Escape(user+"@"+host)) > 1023 { // RFC 7622 §3.3.1
		return "", "", false
	}
	return user, host, true
}

// prepared is what a server's nodeprep makes of a name (RFC 6122 appendix A.3).
// A name that this changes beyond its case (ſ, ß, K for kelvin, full width)
// would get the address of somebody else, and gets none.
func prepared(s string) string {
	if !norm.NFKC.IsNormalString(s) {
		return ""
	}
	return norm.NFKC.String(cases.Fold().String(s))
}

// notInName refuses what no server gives its users and XEP-0106 would only
// hide: separators, controls, symbols beyond those of acct: (RFC 7565 §7).
func notInName(r rune) bool {
	if r < utf8.RuneSelf {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune("._-~!$&'()*+,;=", r))
	}
	return r == utf8.RuneError || !unicode.In(r, unicode.L, unicode.M, unicode.Nd)
}

// hostname normalises a domain to lower-case A-labels; it must have a dot and
// be no address: peers are named.
func hostname(host string) (string, bool) {
	if !utf8.ValidString(host) {
		return "", false
	}
	host, err := idna.Lookup.ToASCII(strings.TrimSuffix(host, "."))
	if err != nil || len(host) > 253 || !strings.Contains(host, ".") {
		return "", false
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.IndexFunc(label, notInLabel) >= 0 {
			return "", false
		}
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return "", false
	}
	if c := host[len(host)-1]; '0' <= c && c <= '9' && !strings.Contains(host[strings.LastIndexByte(host, '.'):], "xn--") {
		return "", false // 127.1, 0x7f.1: some resolvers read addresses here
	}
	return host, true
}

func notInLabel(r rune) bool {
	return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-')
}
