package xmppserver

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"time"

	"isthmus/e2e/proc"
)

//go:embed prosody.cfg.lua.tmpl
var prosodyConfig string

func (s *Server) startProsody() (*proc.Process, error) {
	path, err := program("prosody")
	if err != nil {
		return nil, err
	}
	for _, dir := range []string{s.accountDir(), filepath.Join(s.Dir, "certs")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("xmppserver: %w", err)
		}
	}
	if err := s.selfSigned(); err != nil {
		return nil, err
	}
	if err := s.render(prosodyConfig, "prosody.cfg.lua"); err != nil {
		return nil, err
	}
	return proc.Start(proc.Spec{
		Name: string(s.Flavour), Path: path, Dir: s.Dir,
		Args: []string{"-F", "--config", filepath.Join(s.Dir, "prosody.cfg.lua")},
	})
}

// selfSigned writes a certificate for clients that do not go without TLS; nobody
// checks who signed it.
func (s *Server) selfSigned() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("xmppserver: %w", err)
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: s.Domain}, DNSNames: []string{s.Domain},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(7 * 24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, cert, cert, key.Public(), key)
	if err != nil {
		return fmt.Errorf("xmppserver: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("xmppserver: %w", err)
	}
	for name, block := range map[string]*pem.Block{"tls.crt": {Type: "CERTIFICATE", Bytes: der}, "tls.key": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(s.Dir, "certs", name), pem.EncodeToMemory(block), 0o600); err != nil {
			return fmt.Errorf("xmppserver: %w", err)
		}
	}
	return nil
}

// accountDir is where storage "internal" keeps accounts; it escapes what is
// not a letter or a digit in the host name.
func (s *Server) accountDir() string {
	host := strings.NewReplacer(".", "%2e", "-", "%2d").Replace(s.Domain)
	return filepath.Join(s.Dir, "data", host, "accounts")
}

// prosodyAccount writes the account's file; Prosody reads it at each login.
func (s *Server) prosodyAccount(user string) error {
	file := filepath.Join(s.accountDir(), strings.NewReplacer("_", "%5f", "-", "%2d", ".", "%2e").Replace(user)+".dat")
	err := os.WriteFile(file, fmt.Appendf(nil, "return {\n\t[\"password\"] = %q;\n};\n", Password), 0o600)
	if err != nil {
		return fmt.Errorf("xmppserver: %w", err)
	}
	return nil
}
