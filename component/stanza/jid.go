package stanza

import (
	"errors"
	"strings"
)

// ErrJID says that a string cannot be an address (RFC 7622 §3).
var ErrJID = errors.New("stanza: not a valid address")

// JID is an address in three parts. It is only split and bounded here, never
// normalised: servers deliver what PRECIS and stringprep would quarrel about,
// and comparing what the server sent must not fail (RFC 7622 §3.2–3.4).
type JID struct {
	Local, Domain, Resource string
}

// ParseJID splits s. Parts longer than 1023 bytes, an empty domain and an empty
// localpart or resource after their separator are refused.
func ParseJID(s string) (JID, error) {
	var j JID
	rest := s
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		j.Resource, rest = rest[i+1:], rest[:i]
		if j.Resource == "" {
			return JID{}, ErrJID
		}
	}
	if i := strings.IndexByte(rest, '@'); i >= 0 {
		j.Local, rest = rest[:i], rest[i+1:]
		if j.Local == "" {
			return JID{}, ErrJID
		}
	}
	j.Domain = strings.TrimSuffix(rest, ".")
	if j.Domain == "" || j.Domain[len(j.Domain)-1] == '.' || strings.ContainsAny(j.Domain, "@ \t\r\n") || len(j.Local) > 1023 || len(j.Domain) > 1023 || len(j.Resource) > 1023 {
		return JID{}, ErrJID
	}
	return j, nil
}

// Bare returns the address without its resource.
func (j JID) Bare() JID { return JID{Local: j.Local, Domain: j.Domain} }

// WithResource returns the address with this resource.
func (j JID) WithResource(r string) JID { j.Resource = r; return j }

// IsZero reports whether j is no address at all.
func (j JID) IsZero() bool { return j.Domain == "" }

// Fold returns the address as accounts are compared: localpart and domain in
// lower case. ejabberd passes recipients as written, Prosody folds them.
func (j JID) Fold() JID {
	j.Local, j.Domain = strings.ToLower(j.Local), strings.ToLower(j.Domain)
	return j
}

// String joins the parts; the zero JID is "".
func (j JID) String() string {
	if j.Domain == "" {
		return ""
	}
	s := j.Domain
	if j.Local != "" {
		s = j.Local + "@" + s
	}
	if j.Resource != "" {
		s += "/" + j.Resource
	}
	return s
}
