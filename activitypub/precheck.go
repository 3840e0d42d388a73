package activitypub

import (
	"crypto"
	"net/http"
	"strings"
	"time"
)

// Times we accept (row S10): Mastodon's window, which others keep within by
// signing again when they retry.
const (
	maxAge   = 65 * time.Minute
	maxAhead = time.Hour
	// unixSkew is how far (created) may be ahead and (expires) behind. It is
	// the library's own bound, repeated here so that it holds for our clock.
	unixSkew = 10 * time.Second
)

// algorithms are the names a peer may give; the key decides which is used.
// HMAC names would invite taking a public key for a shared secret.
var algorithms = map[string]bool{"": true, "hs2019": true, "rsa-sha256": true, "rsa-sha512": true, "ed25519": true}

// claim is a signature that passed every check that needs no key.
type claim interface {
	key() string // the id of the key that is said to have made it
	matches(req *http.Request, key crypto.PublicKey) bool
}

// precheck does every check of an inbound signature that needs no key, in the
// order of row S6: parse, what is signed, time, digest. A request with
// Signature-Input is signed as RFC 9421 says (row S11), any other as the draft
// says; scheme is that of our public address.
func precheck(req *http.Request, scheme string, body []byte, now time.Time) (claim, error) {
	if len(req.Header.Values(inputHeader)) > 0 {
		return precheckMessage(req, scheme, body, now)
	}
	return precheckDraft(req, body, now)
}

func precheckDraft(req *http.Request, body []byte, now time.Time) (sigHeader, error) {
	lines := req.Header.Values(signatureHeader)
	if len(lines) != 1 {
		return sigHeader{}, refuse(ErrSignature, "there must be one Signature header")
	}
	h, err := parseSignature(lines[0])
	if err != nil {
		return sigHeader{}, err
	}
	if !algorithms[h.algorithm] {
		return sigHeader{}, refuse(ErrSignature, "unknown algorithm")
	}
	if err := h.checkSigned(req); err != nil {
		return sigHeader{}, err
	}
	if err := h.checkTime(req, now); err != nil {
		return sigHeader{}, err
	}
	if h.covers("digest") {
		if err := checkDigest(req.Header.Values("Digest"), body); err != nil {
			return sigHeader{}, err
		}
	}
	return h, nil
}

// checkSigned requires the signature to bind method, path, host, time and body:
// what is left out could be changed, and the rest sent again.
func (h sigHeader) checkSigned(req *http.Request) error {
	need := []string{requestTarget, "host"}
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		need = append(need, "digest")
	}
	for _, name := range need {
		if !h.covers(name) {
			return refuse(ErrSignature, name+" must be signed")
		}
	}
	if !h.covers("date") && !h.covers(createdTarget) {
		return refuse(ErrSignature, "date or (created) must be signed")
	}
	for _, name := range h.signed {
		switch {
		case name == createdTarget && h.created == 0, name == expiresTarget && h.expires == 0:
			return refuse(ErrSignature, name+" is signed but not given")
		case name == createdTarget, name == expiresTarget:
			// draft-cavage-12 §2.3: only for algorithms named hs2019.
			if strings.HasPrefix(h.algorithm, "rsa") {
				return refuse(ErrSignature, name+" cannot be signed with "+h.algorithm)
			}
		case name == requestTarget, name == "host", name == "content-length":
		case len(req.Header.Values(name)) == 0:
			return refuse(ErrSignature, name+" is signed but not there")
		}
	}
	return nil
}

func (h sigHeader) checkTime(req *http.Request, now time.Time) error {
	if h.covers("date") {
		lines := req.Header.Values("Date")
		if len(lines) != 1 {
			return refuse(ErrSignature, "there must be one Date header")
		}
		date, err := http.ParseTime(lines[0])
		if err != nil {
			return refuse(ErrSignature, "Date is not an HTTP date")
		}
		if now.Sub(date) > maxAge {
			return refuse(ErrSignature, "Date is more than 65 minutes ago")
		}
		if date.Sub(now) > maxAhead {
			return refuse(ErrSignature, "Date is more than an hour ahead")
		}
	}
	if h.covers(createdTarget) {
		created := time.Unix(h.created, 0)
		if now.Sub(created) > maxAge {
			return refuse(ErrSignature, "(created) is more than 65 minutes ago")
		}
		if created.Sub(now) > unixSkew {
			return refuse(ErrSignature, "(created) is ahead")
		}
	}
	// An expiry counts even when it is not signed: taking it out gains nothing
	// that the window above does not bound.
	if h.expires != 0 && now.Sub(time.Unix(h.expires, 0)) > unixSkew {
		return refuse(ErrSignature, "the signature has expired")
	}
	return nil
}
