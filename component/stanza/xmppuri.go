package stanza

import (
	"errors"
	"strings"
)

// ErrURI says that a string is no xmpp: URI with an address.
var ErrURI = errors.New("stanza: not an xmpp: URI")

// URI is an xmpp: URI (RFC 5122 §2.2). Query is the query type, such as message
// or pubsub, and "" in the links of blogs; Params come in the order written.
type URI struct {
	JID    JID
	Query  string
	Params []Param
}

// Param is one key=value of the query.
type Param struct {
	Key, Value string
}

// ItemURI makes the link to a node, or to an item of it (XEP-0277 §2.1, §2.4).
func ItemURI(service JID, node, item string) URI {
	u := URI{JID: service}
	if node != "" {
		u.Params = append(u.Params, Param{"node", node})
	}
	if item != "" {
		u.Params = append(u.Params, Param{"item", item})
	}
	return u
}

// Param returns the value of the first parameter with this key, or "".
func (u URI) Param(key string) string {
	for _, p := range u.Params {
		if p.Key == key {
			return p.Value
		}
	}
	return ""
}

// Node and Item are what links to posts and comments carry.
func (u URI) Node() string { return u.Param("node") }
func (u URI) Item() string { return u.Param("item") }

// ParseURI reads an xmpp: URI or IRI, percent-encoded or not: Movim writes
// parameters as they are, Libervia encodes them. A '#' in a parameter belongs
// to it, because unencoded node names have one and xmpp: fragments mean nothing.
func ParseURI(s string) (URI, error) {
	if len(s) < 5 || !strings.EqualFold(s[:5], "xmpp:") {
		return URI{}, ErrURI
	}
	path, query, _ := strings.Cut(s[5:], "?")
	path, _, _ = strings.Cut(path, "#")
	if rest, ok := strings.CutPrefix(path, "//"); ok { // an account to act as comes first, §2.3
		auth, target, _ := strings.Cut(rest, "/")
		if path = target; path == "" {
			path = auth
		}
	}
	jid, err := ParseJID(unpercent(path))
	if err != nil {
		return URI{}, ErrURI
	}
	u := URI{JID: jid}
	for i, p := range strings.Split(query, ";") {
		p = strings.TrimSpace(p) // links folded over lines, as in XEP-0277 §2.5
		key, value, ok := strings.Cut(p, "=")
		if !ok {
			if i == 0 {
				u.Query = unpercent(p)
			}
			continue
		}
		u.Params = append(u.Params, Param{unpercent(key), unpercent(value)})
	}
	if s := u.String(); Clean(s) != s { // encoded bytes that no stanza could carry
		return URI{}, ErrURI
	}
	return u, nil
}

// unpercent decodes percent-encoding; a '%' that starts none stays.
func unpercent(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if hi, lo := unhex(s[i+1]), unhex(s[i+2]); hi >= 0 && lo >= 0 {
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
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

// String writes the URI as Movim compares it: `xmpp:JID?;node=…;item=…`, with
// nothing encoded but what would end the part it stands in.
func (u URI) String() string {
	var b strings.Builder
	b.WriteString("xmpp:")
	b.WriteString(percent(u.JID.String(), "%?# "))
	if u.Query == "" && len(u.Params) == 0 {
		return b.String()
	}
	b.WriteByte('?')
	b.WriteString(percent(u.Query, "%;#= "))
	for _, p := range u.Params {
		b.WriteByte(';')
		b.WriteString(percent(p.Key, "%;#= "))
		b.WriteByte('=')
		b.WriteString(percent(p.Value, "%;# "))
	}
	return b.String()
}

const hexDigits = "0123456789ABCDEF"

func percent(s, set string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == '\t' || c == '\n' || c == '\r' || strings.IndexByte(set, c) >= 0 {
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// encode percent-encodes all of s but what RFC 3986 §2.3 calls unreserved and
// the characters of keep.
func encode(b *strings.Builder, s, keep string) {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~"+keep, c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hexDigits[c>>4])
			b.WriteByte(hexDigits[c&15])
		}
	}
}
