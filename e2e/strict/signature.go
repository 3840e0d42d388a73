package strict

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// signature is what a Signature header says (draft-cavage-http-signatures-12 §2.1).
type signature struct {
	rfc9421   bool
	keyID     string
	algorithm string
	covers    []string
	params    map[string]string
}

var parameter = regexp.MustCompile(`([A-Za-z]+)=(?:"([^"]*)"|(\d+))`)

func signatureOf(req Request) signature {
	s := signature{rfc9421: req.Header.Get("Signature-Input") != "", params: map[string]string{}}
	if s.rfc9421 {
		if m := keyIDParam.FindStringSubmatch(req.Header.Get("Signature-Input")); m != nil {
			s.keyID = m[1]
		}
		return s
	}
	for _, m := range parameter.FindAllStringSubmatch(req.Header.Get("Signature"), -1) {
		s.params[m[1]] = m[2] + m[3]
	}
	s.keyID, s.algorithm, s.covers = s.params["keyId"], s.params["algorithm"], strings.Fields(s.params["headers"])
	return s
}

// demand notes the headers that are not signed.
func (r *reading) demand(s signature, names ...string) {
	if s.rfc9421 {
		return // messageSignature looks at these
	}
	for _, name := range names {
		r.must(slices.Contains(s.covers, name), "%s is not signed (%s)", name, strings.Join(s.covers, " "))
	}
}

// either notes when none of the headers is signed.
func (r *reading) either(s signature, names ...string) {
	r.must(s.rfc9421 || slices.ContainsFunc(names, func(n string) bool { return slices.Contains(s.covers, n) }), "none of %v is signed (%s)", names, strings.Join(s.covers, " "))
}

// digests are the names and values of the Digest header, in order.
func digests(h http.Header) (names, values []string) {
	for _, part := range strings.Split(strings.Join(h.Values("Digest"), ","), ",") {
		name, value, found := strings.Cut(strings.TrimSpace(part), "=")
		if found {
			names, values = append(names, name), append(values, value)
		}
	}
	return names, values
}

func sha(body []byte) string {
	sum := sha256.Sum256(body)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// dated notes a Date outside of what a server allows around its own time.
func (r *reading) dated(req Request, old, early time.Duration) {
	at, err := http.ParseTime(req.Header.Get("Date"))
	r.must(err == nil, "Date is %q", req.Header.Get("Date"))
	if err == nil {
		r.must(req.At.Sub(at) <= old, "the request is %v old", req.At.Sub(at))
		r.must(at.Sub(req.At) <= early, "the request is of the future: %v", at.Sub(req.At))
	}
}

var (
	keyIDParam   = regexp.MustCompile(`;keyid="([^"]+)"`)
	messageInput = regexp.MustCompile(`^[a-z*][a-z0-9_.*-]*=\(("[^"]+"(?: "[^"]+")*)\)((?:;[a-z]+=(?:"[^"]*"|\d+))*)$`)
)

// messageSignature is what those demand who take RFC 9421 (row S11).
func (r *reading) messageSignature(req Request) {
	m := messageInput.FindStringSubmatch(req.Header.Get("Signature-Input"))
	if m == nil {
		r.must(false, "Signature-Input is %q", req.Header.Get("Signature-Input"))
		return
	}
	demanded := []string{`"@method"`, `"@target-uri"`}
	if req.Method == http.MethodPost {
		demanded = append(demanded, `"content-digest"`)
		want := "sha-256=:" + sha(req.Body) + ":"
		r.must(strings.Contains(req.Header.Get("Content-Digest"), want), "Content-Digest is %q", req.Header.Get("Content-Digest"))
	}
	for _, d := range demanded {
		r.must(strings.Contains(m[1], d), "%s is not signed: %s", d, m[0])
	}
	for _, p := range []string{";created=", ";keyid="} {
		r.must(strings.Contains(m[2], p), "no %s in %s", p, m[0])
	}
}
