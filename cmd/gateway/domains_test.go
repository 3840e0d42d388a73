package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An admin looks at a list, takes it over, and gives it on.
func TestDomains(t *testing.T) {
	config := write(t, minimal)
	list := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(list, []byte("#domain,#severity\nspam.example,suspend\nnoisy.example,silence\nhid*en.example,suspend\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   string
		code   int
		stdout string
		stderr string
	}{
		{"domains", 0, "Nothing is decided", ""},
		{"domains import " + list, 0, "not understood: 1\n  line 4: \"hid*en.example,suspend\": its name is hidden in part; ask whose list it is\nnew: 2\nknown: 0\nconflicting: 0\n", ""},
		{"domains import " + list, 0, "parted: 0 followers, 0 follows, of 0 people here\nNothing is changed. To do it: gateway domains apply", ""},
		{"domains list", 0, "Nothing is decided", ""},
		{"domains apply " + list, 0, "Done: 2 rules.", ""},
		{"domains", 0, "noisy.example  silence\nspam.example   block", ""},
		{"domains import " + list, 0, "new: 0\nknown: 2\n", ""},
		{"domains export", 0, "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\nnoisy.example,silence,false,false,,false\nspam.example,suspend,", ""},
		{"domains log", 0, "command line (", ""},
		{"domains allow " + list, 0, "Done: 2 rules.", ""},
		{"domains", 0, "spam.example   allow", ""},
		{"domains import " + list, 0, "conflicting: 2\n  spam.example: here allow, in the list suspend\n", ""},
		{"domains apply " + list, 0, "Done: 0 rules.", ""},
		{"domains apply all " + list, 0, "Done: 2 rules.", ""},
		{"domains import", 2, "", "import takes one list"},
		{"domains frobnicate", 2, "", `there is no "frobnicate"`},
		{"domains import /nowhere", 1, "", "no such file"},
	} {
		stdout, stderr, code := gateway(t, append(strings.Fields(c.args), "--config", config)...)
		if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) {
			t.Errorf("gateway %s: exit %d, stdout %q, stderr %q; want %d, %q, %q", c.args, code, stdout, stderr, c.code, c.stdout, c.stderr)
		}
	}
	if _, stderr, code := gateway(t, "rotate-keys", "nobody", "--config", config); code != 1 || !strings.Contains(stderr, "no account with the handle") {
		t.Errorf("rotate-keys: %d, %q", code, stderr)
	}
	if stdout, _, code := gateway(t, "rotate-keys", "--config", config); code != 0 || !strings.Contains(stdout, "0 new keys") {
		t.Errorf("rotate-keys: %d, %q", code, stdout)
	}
}
