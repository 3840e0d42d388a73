package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// setsUp runs “gateway setup” with nobody to ask.
func setsUp(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	in, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	defer in.Close()
	var out, errs bytes.Buffer
	code = setupCommand(t.Context(), args, in, &out, &errs)
	return code, out.String(), errs.String()
}

func TestSetup(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.toml")
	code, out, errs := setsUp(t, "--config", file, "--domains", "example.org,example.net", "--component", "ap.example.org", "--handles", "example.org", "--contact", "xmpp:me@example.org")
	if code != exitOK || !strings.Contains(out, "--print apex") || !strings.Contains(out, "send “start” to ap.example.org") {
		t.Fatalf("%d\n%s\n%s", code, out, errs)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm()&0o007 != 0 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	cfg, err := LoadConfig(file)
	if err != nil || len(cfg.Warnings) > 0 || len(cfg.XMPP.Secret) < 40 || len(cfg.XMPP.Domains) != 2 || cfg.ActivityPub.HandleDomain != "example.org" || cfg.Gateway.Contact != "xmpp:me@example.org" {
		t.Errorf("%+v %v", cfg, err)
	}
	before, _ := os.ReadFile(file)
	if code, _, errs := setsUp(t, "--config", file, "--domains", "example.org", "--component", "ap.example.org"); code != exitFailure || !strings.Contains(errs, "is there already") {
		t.Errorf("a second time: %d %s", code, errs)
	}
	if after, _ := os.ReadFile(file); !bytes.Equal(before, after) {
		t.Error("the config was changed")
	}
	if code, out, _ := setsUp(t, "--config", file, "--print", "prosody"); code != exitOK || !strings.Contains(out, string(cfg.XMPP.Secret)) {
		t.Errorf("%d %s", code, out)
	}
}

func TestSetupProblems(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.toml")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{}, exitUsage, "needs --domains and --component"},
		{[]string{"--domains", "example.org"}, exitUsage, "needs --domains and --component"},
		{[]string{"--nonsense"}, exitUsage, "nonsense"},
		{[]string{"x"}, exitUsage, "takes no argument"},
		{[]string{"--print", "prosody"}, exitFailure, "config.toml"},
		{[]string{"--domains", "example.org", "--component", "not a host"}, exitFailure, "is not a domain"},
	} {
		code, _, errs := setsUp(t, append([]string{"--config", file}, c.args...)...)
		if code != c.code || !strings.Contains(errs, c.says) {
			t.Errorf("%v: %d %s", c.args, code, errs)
		}
		if _, err := os.Stat(file); err == nil {
			t.Errorf("%v leaves a file", c.args)
		}
	}
}
