package sink

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// ErrSignature says why a request's signature is worth nothing.
var ErrSignature = errors.New("sink: bad signature")

// covered are the headers a POST has to sign (draft-cavage-http-signatures-12
// §2.3; the list is what Mastodon demands).
var covered = []string{"(request-target)", "host", "date", "digest"}

func digest(body []byte) string {
	sum := sha256.Sum256(body)
	return "SHA-256=" + base64.StdEncoding.EncodeToString(sum[:])
}

// signingString is draft-cavage §2.3.
func signingString(r *http.Request, names []string) string {
	var lines []string
	for _, name := range names {
		switch name {
		case "(request-target)":
			lines = append(lines, name+": "+strings.ToLower(r.Method)+" "+r.URL.RequestURI())
		case "host":
			lines = append(lines, "host: "+r.Host)
		default:
			lines = append(lines, name+": "+strings.Join(r.Header.Values(name), ", "))
		}
	}
	return strings.Join(lines, "\n")
}

// sign signs a request; body is nil for a GET.
func sign(r *http.Request, body []byte, keyID string, key *rsa.PrivateKey) error {
	r.Host = r.URL.Host
	r.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	names := covered[:3]
	if body != nil {
		r.Header.Set("Digest", digest(body))
		names = covered
	}
	sum := sha256.Sum256([]byte(signingString(r, names)))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	r.Header.Set("Signature", fmt.Sprintf("keyId=%q,algorithm=\"rsa-sha256\",headers=%q,signature=%q",
		keyID, strings.Join(names, " "), base64.StdEncoding.EncodeToString(sig)))
	return nil
}

var parameter = regexp.MustCompile(`([a-zA-Z]+)="([^"]*)"`)

// verify checks signature, digest and date of a POST as strictly as the
// strictest peer does; keyOf finds the public key of a key id.
func verify(r *http.Request, body []byte, keyOf func(id string) (*rsa.PublicKey, error)) (keyID string, err error) {
	p := map[string]string{}
	for _, m := range parameter.FindAllStringSubmatch(r.Header.Get("Signature"), -1) {
		p[m[1]] = m[2]
	}
	names := strings.Fields(p["headers"])
	for _, name := range covered {
		if !bytes.Contains([]byte(" "+p["headers"]+" "), []byte(" "+name+" ")) {
			return p["keyId"], fmt.Errorf("%w: %s is not signed", ErrSignature, name)
		}
	}
	if r.Header.Get("Digest") != digest(body) {
		return p["keyId"], fmt.Errorf("%w: digest of another body", ErrSignature)
	}
	at, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil || time.Since(at).Abs() > 5*time.Minute {
		return p["keyId"], fmt.Errorf("%w: date %q", ErrSignature, r.Header.Get("Date"))
	}
	key, err := keyOf(p["keyId"])
	if err != nil {
		return p["keyId"], err
	}
	sig, err := base64.StdEncoding.DecodeString(p["signature"])
	if err != nil {
		return p["keyId"], fmt.Errorf("%w: %w", ErrSignature, err)
	}
	sum := sha256.Sum256([]byte(signingString(r, names)))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sig); err != nil {
		return p["keyId"], fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return p["keyId"], nil
}

// encodeKey and decodeKey are PEM as actors carry it (PKIX).
func encodeKey(key *rsa.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		panic(err) // not possible for a key that was generated here
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func decodeKey(text string) (*rsa.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, fmt.Errorf("%w: key is not PEM", ErrSignature)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSignature, err)
	}
	pub, ok := key.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%w: key is %T", ErrSignature, key)
	}
	return pub, nil
}
