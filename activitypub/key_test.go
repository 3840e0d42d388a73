package activitypub

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
)

func sha512Of(s string) string {
	sum := sha512.Sum512([]byte(s))
	return base64.StdEncoding.EncodeToString(sum[:])
}

func pemOf(typ string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: typ, Bytes: der}))
}

func TestNewKey(t *testing.T) {
	text, err := NewKeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	k, err := ParseKey("https://ap.example.org/ap/actor/a#main-key", text)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "bits", k.Private.N.BitLen(), 2048)
	if !strings.HasPrefix(k.PublicPEM(), "-----BEGIN PUBLIC KEY-----\n") {
		t.Errorf("not SPKI: %s", k.PublicPEM())
	}
	public, err := ParsePublicKey(k.PublicPEM())
	if err != nil || !k.Private.PublicKey.Equal(public) {
		t.Errorf("public half: %v", err)
	}
	pkcs1 := pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(k.Private))
	if again, err := ParseKey("", pkcs1); err != nil || !again.Private.Equal(k.Private) {
		t.Errorf("PKCS#1: %v", err)
	}
	_, edKey, _ := ed25519.GenerateKey(rand.Reader)
	edDER, _ := x509.MarshalPKCS8PrivateKey(edKey)
	for name, text := range map[string]string{"empty": "", "not PEM": "abc", "not DER": pemOf("PRIVATE KEY", []byte("x")),
		"Ed25519": pemOf("PRIVATE KEY", edDER)} {
		_, err := ParseKey("", text)
		wantErr(t, name, err, ErrKey)
	}
}

// TestX8_Keys: forms of row S7 and bounds of attack X8.
func TestX8_Keys(t *testing.T) {
	alice := &key(t, "alice", "").Private.PublicKey
	spki := func(k any) string {
		der, err := x509.MarshalPKIXPublicKey(k)
		if err != nil {
			t.Fatal(err)
		}
		return pemOf("PUBLIC KEY", der)
	}
	modulus := func(bits int) *big.Int { // odd, of this length; a public key need not be a good one
		return new(big.Int).SetBit(big.NewInt(1), bits-1, 1)
	}
	edPublic, _, _ := ed25519.GenerateKey(rand.Reader)
	for name, c := range map[string]struct {
		pem string
		ok  bool
	}{
		"SPKI":                 {spki(alice), true},
		"PKCS#1":               {pemOf("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(alice)), true},
		"PKCS#1 called SPKI":   {pemOf("PUBLIC KEY", x509.MarshalPKCS1PublicKey(alice)), true},
		"Windows line ends":    {strings.ReplaceAll(spki(alice), "\n", "\r\n"), true},
		"text around":          {"my key:\n" + spki(alice) + "bye", true},
		"Ed25519":              {spki(edPublic), true},
		"RSA 1024":             {spki(&rsa.PublicKey{N: modulus(1024), E: 65537}), true},
		"RSA 8192":             {spki(&rsa.PublicKey{N: modulus(8192), E: 65537}), true},
		"RSA 512":              {spki(&rsa.PublicKey{N: modulus(512), E: 65537}), false},
		"RSA 1023":             {spki(&rsa.PublicKey{N: modulus(1023), E: 65537}), false},
		"RSA 16384":            {spki(&rsa.PublicKey{N: modulus(16384), E: 65537}), false},
		"exponent 1":           {spki(&rsa.PublicKey{N: alice.N, E: 1}), false},
		"exponent 4":           {spki(&rsa.PublicKey{N: alice.N, E: 4}), false},
		"exponent of 40 bits":  {spki(&rsa.PublicKey{N: alice.N, E: 1<<40 + 1}), false},
		"private key":          {readFile(t, "alice.pem"), false},
		"empty":                {"", false},
		"not base64":           {"-----BEGIN PUBLIC KEY-----\n***\n-----END PUBLIC KEY-----\n", false},
		"not a key":            {pemOf("PUBLIC KEY", []byte("hello")), false},
		"too long":             {spki(alice) + strings.Repeat(" ", 8<<10), false},
		"Ed25519 of order 1":   {spki(edPoint(t, "0100000000000000000000000000000000000000000000000000000000000000")), false},
		"Ed25519 of order 8":   {spki(edPoint(t, "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85")), false},
		"Ed25519 of order 4":   {spki(edPoint(t, "0000000000000000000000000000000000000000000000000000000000000080")), false},
		"Ed25519 of order 2":   {spki(edPoint(t, "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")), false},
		"Ed25519 of order 8 b": {spki(edPoint(t, "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")), false},
	} {
		_, err := ParsePublicKey(c.pem)
		if c.ok && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !c.ok {
			wantErr(t, name, err, ErrKey)
		}
	}
}

func edPoint(t *testing.T, text string) ed25519.PublicKey {
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestX8_SmallOrder shows why those points are refused: one signature, made
// without a key, verifies for many messages, and for a good key for none.
func TestX8_SmallOrder(t *testing.T) {
	forged := make([]byte, ed25519.SignatureSize)
	forged[0] = 1 // R is the neutral element, S is 0
	accepted := func(k ed25519.PublicKey) (n int) {
		for i := range 64 {
			if ed25519.Verify(k, []byte{byte(i)}, forged) {
				n++
			}
		}
		return n
	}
	for _, p := range smallPoints {
		k := edPoint(t, p)
		equal(t, "refused "+p, smallOrder(k), true)
		if n := accepted(k); n == 0 && p[:2] != "ed" && p[:2] != "ee" { // those two the library does not decode
			t.Errorf("%s is harmless", p)
		}
	}
	good, _, _ := ed25519.GenerateKey(rand.Reader)
	equal(t, "forgeries for a good key", accepted(good), 0)
}
