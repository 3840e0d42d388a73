package activitypub

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
)

// HTTP Message Signatures (RFC 9421), as received.

const (
	inputHeader         = "Signature-Input"
	contentDigestHeader = "Content-Digest"
	maxLabels           = 4 // signatures of one request that are looked at
)

// The names of algorithms in RFC 9421 §6.2.2 that keys of the Fediverse have.
const (
	algRSA     = "rsa-v1_5-sha256"
	algEd25519 = "ed25519"
)

// messageSignature is one signature of a request (RFC 9421 §3).
type messageSignature struct {
	keyID      string
	algorithm  string // "" when absent
	components []string
	base       string // what is signed, but for the scheme of @target-uri
	value      []byte
}

func (m messageSignature) key() string { return m.keyID }

// matches tells whether key made the signature. The algorithm is the key's; a name
// that says another one is a lie (RFC 9421 §7.3.6).
func (m messageSignature) matches(_ *http.Request, key crypto.PublicKey) bool {
	switch k := key.(type) {
	case *rsa.PublicKey:
		sum := sha256.Sum256([]byte(m.base))
		return (m.algorithm == "" || m.algorithm == algRSA) && rsa.VerifyPKCS1v15(k, crypto.SHA256, sum[:], m.value) == nil
	case ed25519.PublicKey:
		return (m.algorithm == "" || m.algorithm == algEd25519) && ed25519.Verify(k, []byte(m.base), m.value)
	}
	return false
}

// precheckMessage does every check that needs no key (row S11). Of several
// signatures the first one counts that covers what it must: a proxy may have added
// its own (RFC 9421 §4.3). Why the first was refused is told when none does.
func precheckMessage(req *http.Request, scheme string, body []byte, now time.Time) (messageSignature, error) {
	bad := func(detail string) (messageSignature, error) {
		return messageSignature{}, refuse(ErrSignature, detail)
	}
	inputs, values := req.Header.Values(inputHeader), req.Header.Values(signatureHeader)
	if len(strings.Join(inputs, ",")) > maxSignature || len(strings.Join(values, ",")) > maxSignature {
		return bad("Signature-Input or Signature is too long")
	}
	input, err := httpsfv.UnmarshalDictionary(inputs)
	if err != nil {
		return bad("Signature-Input is not a dictionary of structured fields")
	}
	value, err := httpsfv.UnmarshalDictionary(values)
	if err != nil {
		return bad("Signature is not a dictionary of structured fields")
	}
	var refused error
	for i, label := range input.Names() {
		if i == maxLabels {
			break
		}
		m, err := readMessage(req, scheme, input, value, label, now)
		if err == nil {
			err = m.checkDigests(req, body)
		}
		if err == nil {
			return m, nil
		}
		if refused == nil {
			refused = err
		}
	}
	if refused == nil {
		return bad("Signature-Input is empty")
	}
	return messageSignature{}, refused
}

// readMessage reads the signature with a label and makes what it is over.
func readMessage(req *http.Request, scheme string, input, value *httpsfv.Dictionary, label string, now time.Time) (m messageSignature, err error) {
	bad := func(detail string) (messageSignature, error) {
		return messageSignature{}, refuse(ErrSignature, detail)
	}
	member, _ := input.Get(label)
	list, ok := member.(httpsfv.InnerList)
	if !ok {
		return bad("Signature-Input: " + label + " is no list of components")
	}
	member, _ = value.Get(label)
	item, _ := member.(httpsfv.Item)
	if m.value, ok = item.Value.([]byte); !ok || len(m.value) == 0 {
		return bad("Signature has nothing for " + label)
	}
	if m.components, err = components(list); err != nil {
		return messageSignature{}, err
	}
	if m.keyID, m.algorithm = text(list.Params, "keyid"), text(list.Params, "alg"); m.keyID == "" {
		return bad("keyid is missing")
	}
	if _, there := list.Params.Get("alg"); there && m.algorithm != algRSA && m.algorithm != algEd25519 {
		return bad("unknown algorithm")
	}
	if len(m.keyID) > maxKeyID || strings.ContainsFunc(m.keyID, isControl) {
		return bad("keyid is too long or has control characters")
	}
	if err = inTime(list.Params, now); err != nil {
		return messageSignature{}, err
	}
	if err = checkCovered(req, m.components); err != nil {
		return messageSignature{}, err
	}
	m.base, err = signatureBase(req, scheme, m.components, list)
	return m, err
}

func text(p *httpsfv.Params, name string) string {
	v, _ := p.Get(name)
	s, _ := v.(string)
	return s
}

// components reads the covered components. Parameters (sf, key, bs, tr, req, name)
// change what is signed; nobody here sends them, and they are refused (attack X9).
func components(list httpsfv.InnerList) ([]string, error) {
	if len(list.Items) > maxSigned {
		return nil, refuse(ErrSignature, "too many components are signed")
	}
	var out []string
	for _, it := range list.Items {
		name, ok := it.Value.(string)
		switch {
		case !ok || len(it.Params.Names()) > 0:
			return nil, refuse(ErrSignature, "a component is no plain name")
		case slices.Contains(out, name): // RFC 9421 §2.5
			return nil, refuse(ErrSignature, "a component is listed twice")
		case strings.HasPrefix(name, "@"):
			if _, known := derived[name]; !known {
				return nil, refuse(ErrSignature, "an unknown thing is listed as signed")
			}
		case !isToken(name) || name != strings.ToLower(name):
			return nil, refuse(ErrSignature, "an unknown thing is listed as signed")
		}
		out = append(out, name)
	}
	return out, nil
}

// inTime judges created, which must be there, and expires, as with drafts (row S10).
func inTime(p *httpsfv.Params, now time.Time) error {
	created, there := p.Get("created")
	at, ok := created.(int64)
	if !there || !ok || at <= 0 {
		return refuse(ErrSignature, "created is missing")
	}
	switch age := now.Sub(time.Unix(at, 0)); {
	case age > maxAge:
		return refuse(ErrSignature, "created is more than 65 minutes ago")
	case age < -maxAhead:
		return refuse(ErrSignature, "created is more than an hour ahead")
	}
	if expires, there := p.Get("expires"); there {
		at, ok := expires.(int64)
		if !ok || now.Sub(time.Unix(at, 0)) > unixSkew {
			return refuse(ErrSignature, "the signature has expired")
		}
	}
	return nil
}

// checkCovered requires the signature to bind method, host, path with query, and
// body: what is left out could be changed, and the rest sent again.
func checkCovered(req *http.Request, names []string) error {
	has := func(name string) bool { return slices.Contains(names, name) }
	whole := has("@target-uri") || (has("@authority") || has("host")) &&
		(has("@request-target") || has("@path") && (has("@query") || req.URL.RawQuery == ""))
	switch {
	case !has("@method"):
		return refuse(ErrSignature, "@method must be signed")
	case !whole:
		return refuse(ErrSignature, "@target-uri, or @authority and @path, must be signed")
	case req.Method != http.MethodGet && req.Method != http.MethodHead && !has("content-digest"):
		return refuse(ErrSignature, "content-digest must be signed")
	}
	return nil
}

// checkDigests compares the digests that are signed with the body.
func (m messageSignature) checkDigests(req *http.Request, body []byte) error {
	if slices.Contains(m.components, "content-digest") {
		if err := checkContentDigest(req.Header.Values(contentDigestHeader), body); err != nil {
			return err
		}
	}
	if slices.Contains(m.components, "digest") {
		return checkDigest(req.Header.Values("Digest"), body)
	}
	return nil
}
