package activitypub

import (
	"cmp"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-fed/httpsig"
)

// What we sign: the intersection of what peers demand (rows S1, S2).
var (
	signedPost = []string{requestTarget, "host", "date", "digest", "content-type"}
	signedGet  = []string{requestTarget, "host", "date"}
)

// Sign signs req (draft-cavage-12) with k and sets its Date, Signature and, when
// body is not nil, Digest header. Date is kept if it is set. A request is signed
// once: build it anew to try again.
func Sign(req *http.Request, body []byte, k Key) error {
	return sign(req, req.URL.RequestURI(), body, k)
}

// sign is Sign with the request target given, for peers that leave the query
// out of it (row S3).
func sign(req *http.Request, target string, body []byte, k Key) error {
	if req.Header.Get(signatureHeader) != "" || req.Header.Get("Digest") != "" {
		return errors.New("activitypub: the request is signed already")
	}
	if req.Header.Get("Date") == "" {
		req.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	}
	host := req.Host
	if host == "" {
		host = req.URL.Host
	}
	names := signedGet
	if body != nil {
		names = signedPost
	}
	// The library signs the decoded path and wants Host in the map, so it gets
	// a shadow of the request whose path is the raw target. A signer must not
	// be shared and costs 240 ns.
	shadow := &http.Request{Method: req.Method, URL: &url.URL{Path: target}, Header: http.Header{
		"Host": {host}, "Date": req.Header["Date"], "Content-Type": req.Header["Content-Type"],
	}}
	s, _, err := httpsig.NewSigner([]httpsig.Algorithm{httpsig.RSA_SHA256}, httpsig.DigestSha256,
		names, httpsig.Signature, 0)
	if err == nil {
		err = s.SignRequest(k.Private, k.ID, shadow, body)
	}
	if err != nil {
		return fmt.Errorf("activitypub: signing: %w", err)
	}
	req.Header[signatureHeader] = shadow.Header[signatureHeader]
	if body != nil {
		req.Header["Digest"] = shadow.Header["Digest"]
	}
	return nil
}

// Verify checks that req carries an acceptable signature made with key: what
// must be signed is signed, the time is near, the digest is of body, and the
// signature is right. Every error is ErrSignature.
func Verify(req *http.Request, body []byte, key crypto.PublicKey) error {
	h, err := precheck(req, cmp.Or(req.URL.Scheme, "https"), body, time.Now())
	if err != nil {
		return err
	}
	if !h.matches(req, key) {
		return refuse(ErrSignature, "wrong signature")
	}
	return nil
}

func (h sigHeader) key() string { return h.keyID }

// matches tells whether key made the signature, with any algorithm that fits
// the key: what the header says of it is not to be trusted.
func (h sigHeader) matches(req *http.Request, key crypto.PublicKey) bool {
	var algorithms []httpsig.Algorithm
	switch key.(type) {
	case *rsa.PublicKey:
		algorithms = []httpsig.Algorithm{httpsig.RSA_SHA256, httpsig.RSA_SHA512}
	case ed25519.PublicKey:
		algorithms = []httpsig.Algorithm{httpsig.ED25519}
	}
	targets := []string{rawTarget(req)}
	if path, _, query := strings.Cut(targets[0], "?"); query {
		targets = append(targets, path) // row S3: some sign without the query
	}
	for _, target := range targets {
		v, err := httpsig.NewVerifier(h.shadow(req, target))
		if err != nil {
			return false
		}
		for _, a := range algorithms {
			if v.Verify(key, a) == nil {
				return true
			}
		}
	}
	return false
}

// shadow is the request as the library must see it: the raw target for a path,
// a Signature header in the one spelling it reads, no Authorization, and only
// the headers that are signed.
func (h sigHeader) shadow(req *http.Request, target string) *http.Request {
	header := http.Header{}
	for _, name := range h.signed {
		key := textproto.CanonicalMIMEHeaderKey(name)
		switch values := req.Header[key]; {
		case name == "host":
			header[key] = []string{req.Host}
		case name == "content-length" && len(values) == 0 && req.ContentLength >= 0:
			header[key] = []string{strconv.FormatInt(req.ContentLength, 10)}
		case len(values) > 0:
			header[key] = values
		}
	}
	s := `keyId="-",headers="` + strings.Join(h.signed, " ") +
		`",signature="` + base64.StdEncoding.EncodeToString(h.value) + `"`
	// Unsigned times mean nothing; the library would look at them.
	if h.covers(createdTarget) {
		s += ",created=" + strconv.FormatInt(h.created, 10)
	}
	if h.covers(expiresTarget) {
		s += ",expires=" + strconv.FormatInt(h.expires, 10)
	}
	header[signatureHeader] = []string{s}
	return &http.Request{Method: req.Method, URL: &url.URL{Path: target}, Header: header}
}

// rawTarget is the request target as it was received or will be sent.
func rawTarget(req *http.Request) string {
	if strings.HasPrefix(req.RequestURI, "/") {
		return req.RequestURI
	}
	return req.URL.RequestURI()
}
