package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// chain writes what most of the Fediverse shows: a P-256 leaf below a P-384 intermediate
// below an RSA-4096 root, as Let's Encrypt issues them. It returns the files of leaf and
// intermediate, of the leaf's key, and of the root.
func chain(dir, name string) (cert, key, root string, err error) {
	rootKey, err := rsa.GenerateKey(rand.Reader, 4096)
	if err != nil {
		return "", "", "", fmt.Errorf("chain: %w", err)
	}
	middleKey, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		return "", "", "", fmt.Errorf("chain: %w", err)
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", "", fmt.Errorf("chain: %w", err)
	}
	authority := func(name string) *x509.Certificate {
		return &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	}
	rootCert, err := issue(authority("Bench root"), nil, &rootKey.PublicKey, rootKey)
	if err != nil {
		return "", "", "", err
	}
	middle, err := issue(authority("Bench intermediate"), rootCert, &middleKey.PublicKey, rootKey)
	if err != nil {
		return "", "", "", err
	}
	leaf, err := issue(&x509.Certificate{
		Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, middle, &leafKey.PublicKey, middleKey)
	if err != nil {
		return "", "", "", err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		return "", "", "", fmt.Errorf("chain: %w", err)
	}
	block := func(typ string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: typ, Bytes: der}) }
	cert, key, root = filepath.Join(dir, "leaf.pem"), filepath.Join(dir, "leaf.key"), filepath.Join(dir, "root.pem")
	for file, content := range map[string][]byte{
		cert: append(block("CERTIFICATE", leaf.Raw), block("CERTIFICATE", middle.Raw)...),
		key:  block("PRIVATE KEY", secret),
		root: block("CERTIFICATE", rootCert.Raw),
	} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return "", "", "", fmt.Errorf("chain: %w", err)
		}
	}
	return cert, key, root, nil
}

// issue signs a certificate; without a parent it is its own.
func issue(tmpl, parent *x509.Certificate, public crypto.PublicKey, signer crypto.Signer) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("chain: %w", err)
	}
	tmpl.SerialNumber, tmpl.NotBefore, tmpl.NotAfter = serial, time.Now().Add(-time.Hour), time.Now().Add(48*time.Hour)
	if parent == nil {
		parent = tmpl
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, public, signer)
	if err != nil {
		return nil, fmt.Errorf("chain: %w", err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("chain: %w", err)
	}
	return c, nil
}
