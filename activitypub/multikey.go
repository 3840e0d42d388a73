package activitypub

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/mr-tron/base58"
)

// Multicodec prefixes of public keys, as unsigned varints (FEP-521a).
var (
	codecEd25519 = []byte{0xed, 0x01}
	codecRSA     = []byte{0x85, 0x24} // and a key in PKCS#1
)

// multikeyPEM gives a publicKeyMultibase (FEP-521a: base58btc, a codec, the key) as
// PEM, which is how keys are kept. Errors are ErrKey.
func multikeyPEM(text string) (string, error) {
	rest, ok := strings.CutPrefix(text, "z") // base58btc
	if !ok || len(text) > maxKeyPEM {
		return "", fmt.Errorf("%w: no multikey", ErrKey)
	}
	data, err := base58.Decode(rest)
	if err != nil {
		return "", fmt.Errorf("%w: multikey: %w", ErrKey, err)
	}
	var public crypto.PublicKey
	if raw, ok := bytes.CutPrefix(data, codecEd25519); ok && len(raw) == ed25519.PublicKeySize {
		public = ed25519.PublicKey(raw)
	} else if raw, ok := bytes.CutPrefix(data, codecRSA); ok {
		if public, err = x509.ParsePKCS1PublicKey(raw); err != nil {
			return "", fmt.Errorf("%w: multikey: %w", ErrKey, err)
		}
	} else {
		return "", fmt.Errorf("%w: a multikey of another kind", ErrKey)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return "", fmt.Errorf("%w: multikey: %w", ErrKey, err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// multikey is the other way for Ed25519, the kind that we have.
func multikey(k ed25519.PublicKey) string {
	return multibase(append(bytes.Clone(codecEd25519), k...))
}

// multibase is base58btc with its prefix, as proofValue and keys are written.
func multibase(data []byte) string { return "z" + base58.Encode(data) }
