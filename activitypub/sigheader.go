package activitypub

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// Bounds on a Signature header: a peer chooses how much of the request is
// repeated in the string that is hashed, so the list is short and has no
// name twice.
const (
	maxSignature    = 8 << 10
	maxSigned       = 32
	maxKeyID        = 2048
	requestTarget   = "(request-target)"
	createdTarget   = "(created)"
	expiresTarget   = "(expires)"
	signatureHeader = "Signature"
)

// sigHeader is a Signature header (draft-cavage-http-signatures-12 §2.1).
type sigHeader struct {
	keyID     string
	algorithm string   // as sent, lower case, "" when absent
	signed    []string // names in order, lower case
	value     []byte
	created   int64 // Unix seconds, 0 when absent
	expires   int64
}

// parseSignature reads a Signature header. Spaces around commas, commas inside
// quotes and names in any case are fine; a parameter given twice is not, since
// two readers could take different ones.
func parseSignature(s string) (h sigHeader, err error) {
	bad := func(detail string) (sigHeader, error) { return sigHeader{}, refuse(ErrSignature, detail) }
	if len(s) > maxSignature {
		return bad("Signature header too long")
	}
	parts, ok := splitQuoted(s, ',')
	if !ok {
		return bad("Signature header has an open quote")
	}
	seen := map[string]bool{}
	for _, p := range parts {
		name, raw, found := strings.Cut(p, "=")
		name = strings.TrimRight(name, " \t")
		v, ok := unquote(strings.TrimLeft(raw, " \t"))
		if !found || !ok || name == "" {
			return bad("Signature header has a malformed parameter")
		}
		if seen[name] {
			return bad("Signature header has a parameter twice")
		}
		seen[name] = true
		switch name {
		case "keyId":
			h.keyID = v
		case "algorithm":
			h.algorithm = strings.ToLower(v)
		case "headers":
			h.signed = strings.Fields(strings.ToLower(v))
		case "signature":
			h.value, err = base64.StdEncoding.DecodeString(v)
		case "created":
			h.created, err = parseUnix(v)
		case "expires":
			h.expires, err = parseUnix(v)
		}
		if err != nil {
			return bad("Signature header: " + name + " is not what it should be")
		}
	}
	if h.keyID == "" || len(h.value) == 0 {
		return bad("Signature header needs keyId and signature")
	}
	if len(h.keyID) > maxKeyID || strings.ContainsFunc(h.keyID, isControl) {
		return bad("keyId is too long or has control characters")
	}
	if len(h.signed) > maxSigned {
		return bad("too many headers are signed")
	}
	for i, n := range h.signed {
		if slices.Contains(h.signed[:i], n) {
			return bad("a header is listed twice as signed")
		}
		if pseudo := n == requestTarget || n == createdTarget || n == expiresTarget; !pseudo && !isToken(n) {
			return bad("an unknown thing is listed as signed")
		}
	}
	return h, nil
}

// String prints the header with every parameter quoted that may be.
func (h sigHeader) String() string {
	b := "keyId=" + quote(h.keyID)
	if h.algorithm != "" {
		b += ",algorithm=" + quote(h.algorithm)
	}
	if h.created != 0 {
		b += ",created=" + strconv.FormatInt(h.created, 10)
	}
	if h.expires != 0 {
		b += ",expires=" + strconv.FormatInt(h.expires, 10)
	}
	return b + ",headers=" + quote(strings.Join(h.signed, " ")) +
		",signature=" + quote(base64.StdEncoding.EncodeToString(h.value))
}

func (h sigHeader) covers(name string) bool { return slices.Contains(h.signed, name) }

// parseUnix reads a time of draft-cavage §2.1.4: Unix seconds, and nothing
// that a careless reader could take for "absent".
func parseUnix(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err == nil && n <= 0 {
		err = strconv.ErrRange
	}
	return n, err
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// isToken tells a field name (RFC 9110 §5.6.2).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("!#$%&'*+-.^_`|~", r))
	})
}
