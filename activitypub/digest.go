package activitypub

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"strings"

	"github.com/dunglas/httpsfv"
)

// sumOf computes a digest of a kind we know, nil for another one. Names of
// Digest (RFC 3230) are in any case, those of Content-Digest in lower case.
func sumOf(kind string, body []byte) []byte {
	switch kind {
	case "sha-256":
		sum := sha256.Sum256(body)
		return sum[:]
	case "sha-512":
		sum := sha512.Sum512(body)
		return sum[:]
	}
	return nil
}

// checkDigest compares a Digest header (RFC 3230 §4.3.2) with the body. One
// SHA-256 must be there, and every digest of a kind we know must be right:
// otherwise two readers could believe two different ones.
func checkDigest(lines []string, body []byte) error {
	if len(lines) != 1 {
		return refuse(ErrSignature, "there must be one Digest header")
	}
	found := false
	for part := range strings.SplitSeq(lines[0], ",") {
		name, value, _ := strings.Cut(strings.Trim(part, " \t"), "=")
		kind := strings.ToLower(name)
		want := sumOf(kind, body)
		if want == nil {
			continue
		}
		found = found || kind == "sha-256"
		got, err := base64.StdEncoding.DecodeString(value)
		if err != nil || !bytes.Equal(got, want) {
			return refuse(ErrSignature, "Digest is not of this body")
		}
	}
	if !found {
		return refuse(ErrSignature, "Digest needs SHA-256")
	}
	return nil
}

// checkContentDigest compares a Content-Digest field (RFC 9530 §2) with the body:
// one of a kind we know must be there, and all of these must be right.
func checkContentDigest(lines []string, body []byte) error {
	dict, err := httpsfv.UnmarshalDictionary(lines)
	if err != nil {
		return refuse(ErrSignature, "Content-Digest is not a dictionary of structured fields")
	}
	found := false
	for _, name := range dict.Names() {
		want := sumOf(name, body)
		if want == nil {
			continue
		}
		found = true
		member, _ := dict.Get(name)
		item, _ := member.(httpsfv.Item)
		if got, _ := item.Value.([]byte); !bytes.Equal(got, want) {
			return refuse(ErrSignature, "Content-Digest is not of this body")
		}
	}
	if !found {
		return refuse(ErrSignature, "Content-Digest needs sha-256 or sha-512")
	}
	return nil
}

// contentDigest is the field for a body of ours.
func contentDigest(body []byte) string {
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sumOf("sha-256", body)) + ":"
}
