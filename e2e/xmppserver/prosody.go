package xmppserver

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

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
	if err := s.render(prosodyConfig, "prosody.cfg.lua"); err != nil {
		return nil, err
	}
	return proc.Start(proc.Spec{
		Name: string(s.Flavour), Path: path, Dir: s.Dir,
		Args: []string{"-F", "--config", filepath.Join(s.Dir, "prosody.cfg.lua")},
	})
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
