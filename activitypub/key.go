package activitypub

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
)

// ErrKey is a key that cannot be read or is not to be trusted.
var ErrKey = errors.New("activitypub: bad key")

// Bounds on a peer's key: what is smaller can be broken, what is larger costs
// us time to verify (attack X8).
const (
	minKeyBits  = 1024
	maxKeyBits  = 8192
	maxExponent = 1<<31 - 1
	maxKeyPEM   = 8 << 10
)

// Key is one of our own keys. Parsing one costs a seventh of a signature, so
// keep the parsed Key. It is safe for concurrent use.
type Key struct {
	ID      string // actor id + "#main-key" (row S5)
	Private *rsa.PrivateKey
	proof   ed25519.PrivateKey // for proofs
}

// newKey makes the key for proofs from the one for requests: there is one secret
// to keep, and both change together.
func newKey(id string, private *rsa.PrivateKey) (*Key, error) {
	seed, err := hkdf.Key(sha256.New, x509.MarshalPKCS1PrivateKey(private), nil, "isthmus ed25519 proof key", ed25519.SeedSize)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return &Key{id, private, ed25519.NewKeyFromSeed(seed)}, nil
}

// ProofID is the id of the key for proofs: another fragment of the same document.
func (k *Key) ProofID() string { return stripFragment(k.ID) + "#ed25519-key" }

// ProofMultibase is its public half as the actor shows it (FEP-521a).
func (k *Key) ProofMultibase() string { return multikey(k.proof.Public().(ed25519.PublicKey)) }

// NewKeyPEM makes an RSA-2048 key, in PKCS#8 (RFC 5208). It takes 40 ms and
// sometimes much longer: not for a request path.
func NewKeyPEM() (privatePEM string, err error) {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", fmt.Errorf("activitypub: making a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return "", fmt.Errorf("activitypub: making a key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}

// ParseKey reads a private RSA key in PKCS#8 or PKCS#1 PEM. Errors are ErrKey.
func ParseKey(id, privatePEM string) (*Key, error) {
	block, _ := pem.Decode([]byte(privatePEM))
	if block == nil {
		return nil, fmt.Errorf("%w: no PEM", ErrKey)
	}
	if k, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return newKey(id, k)
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	k, ok := any.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%w: not RSA", ErrKey)
	}
	return newKey(id, k)
}

// PublicPEM is the public half in SPKI PEM, the one form every peer reads
// (row D19: "BEGIN PUBLIC KEY").
func (k *Key) PublicPEM() string {
	der, err := x509.MarshalPKIXPublicKey(&k.Private.PublicKey)
	if err != nil {
		panic(err) // an RSA key always has this form
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// ParsePublicKey reads a peer's public key, SPKI or PKCS#1 PEM (row S7), RSA or
// Ed25519, within the bounds above. Errors are ErrKey.
func ParsePublicKey(publicPEM string) (crypto.PublicKey, error) {
	if len(publicPEM) > maxKeyPEM {
		return nil, fmt.Errorf("%w: too long", ErrKey)
	}
	block, _ := pem.Decode([]byte(publicPEM))
	if block == nil {
		return nil, fmt.Errorf("%w: no PEM", ErrKey)
	}
	var key crypto.PublicKey
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		if key, err = x509.ParsePKCS1PublicKey(block.Bytes); err != nil {
			return nil, fmt.Errorf("%w: neither SPKI nor PKCS#1", ErrKey)
		}
	}
	switch k := key.(type) {
	case *rsa.PublicKey:
		if n := k.N.BitLen(); n < minKeyBits || n > maxKeyBits {
			return nil, fmt.Errorf("%w: RSA with %d bits", ErrKey, n)
		}
		if k.E < 3 || k.E%2 == 0 || k.E > maxExponent {
			return nil, fmt.Errorf("%w: RSA exponent", ErrKey)
		}
		return k, nil
	case ed25519.PublicKey:
		if smallOrder(k) {
			return nil, fmt.Errorf("%w: Ed25519 point of small order", ErrKey)
		}
		return k, nil
	}
	return nil, fmt.Errorf("%w: %T", ErrKey, key)
}

// smallPoints are the y coordinates of the curve's points of order 1, 2, 4 and
// 8, with their non-canonical spellings: for these anybody can make signatures.
var smallPoints = [...]string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}

func smallOrder(k ed25519.PublicKey) bool {
	y := bytes.Clone(k)
	y[len(y)-1] &= 0x7f // the sign of x
	text := hex.EncodeToString(y)
	for _, p := range smallPoints {
		if text == p {
			return true
		}
	}
	return false
}
