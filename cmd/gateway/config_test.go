package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files")

// write makes a config file that only its owner can read.
func write(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// minimal is the least that a config file needs.
const minimal = `
[xmpp]
component = "ap.example.org"
secret = "s3cret"
domains = ["example.org"]
[http]
public_url = "https://ap.example.org"
`

func TestConfigDefaults(t *testing.T) {
	path := write(t, minimal)
	cfg, err := LoadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	want := DefaultConfig()
	want.Path = path
	want.XMPP.Component, want.XMPP.Secret, want.XMPP.Domains = "ap.example.org", "s3cret", []string{"example.org"}
	want.HTTP.PublicURL = "https://ap.example.org"
	want.ActivityPub.HandleDomain = "ap.example.org"
	want.DB.Path = filepath.Join(filepath.Dir(path), "isthmus.db")
	want.Admin.Socket = want.DB.Path + ".sock"
	if got, want := fmt.Sprintf("%#v", cfg), fmt.Sprintf("%#v", want); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestConfigEverythingSet(t *testing.T) {
	path := write(t, `
[xmpp]
component = "AP.Example.org"
secret_file = "component.secret"
server = "[::1]:5275"
domains = ["Example.org", "münchen.example"]
pubsub = ["pubsub.example.org"]
[http]
listen = ":0"
public_url = "http://LocalHost:8080/"
allow_private = ["127.0.0.1/8", "::1/128"]
[activitypub]
handle_domain = "Example.org"
[db]
url = "sqlite:/isthmus.db"
[delivery]
workers = 3
give_up = "1h30m"
[blog]
allow_users = false
approve_followers = true
[reader]
open = true
media = "proxy"
refresh = "6h"
[log]
level = "debug"
format = "json"
[gateway]
name = "Landenge"
contact = "xmpp:admin@example.org"
rules = ["Be kind."]
stylesheet = "own.css"
`)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "own.css"), []byte("body{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(filepath.Dir(path), "component.secret")
	if err := os.WriteFile(secret, []byte("  s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := LoadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, got, want any }{
		{"component", cfg.XMPP.Component, "ap.example.org"},
		{"secret", string(cfg.XMPP.Secret), "s3cret"},
		{"secret_file", cfg.XMPP.SecretFile, secret},
		{"domains", fmt.Sprint(cfg.XMPP.Domains), "[example.org münchen.example]"},
		{"public_url", cfg.HTTP.PublicURL, "http://localhost:8080"},
		{"allow_private", cfg.HTTP.AllowPrivate[0], netip.MustParsePrefix("127.0.0.0/8")},
		{"handle_domain", cfg.ActivityPub.HandleDomain, "example.org"},
		{"db", cfg.DB.Path, "/isthmus.db"},
		{"workers", cfg.Delivery.Workers, 3},
		{"per_host", cfg.Delivery.PerHost, 1}, // not in the file
		{"give_up", cfg.Delivery.GiveUp, 90 * time.Minute},
		{"allow_users", cfg.Blog.AllowUsers, false},
		{"approve_followers", cfg.Blog.ApproveFollowers, true},
		{"open", cfg.Reader.Open, true},
		{"media", cfg.Reader.Media, "proxy"},
		{"refresh", cfg.Reader.Refresh, 6 * time.Hour},
		{"level", cfg.Log.Level, slog.LevelDebug},
		{"format", cfg.Log.Format, "json"},
		{"name", cfg.Gateway.Name, "Landenge"},
		{"rules", fmt.Sprint(cfg.Gateway.Rules), "[Be kind.]"},
		{"stylesheet", string(cfg.Gateway.Style), "body{}"},
		{"warnings", len(cfg.Warnings), 0},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
}

// Each testdata/X.toml has a mistake or more, X.txt is what the administrator reads.
func TestConfigProblems(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.toml")
	if len(files) == 0 {
		t.Fatal("no test files")
	}
	t.Chdir("testdata")
	for _, f := range files {
		name := filepath.Base(f)
		t.Run(name, func(t *testing.T) {
			var ce *ConfigError
			if _, err := LoadConfig(name); !errors.As(err, &ce) {
				t.Fatalf("got %v, want a *ConfigError", err)
			}
			golden(t, strings.TrimSuffix(name, ".toml")+".txt", ce.Error()+"\n")
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s\nwant:\n%s", path, got, want)
	}
}

func TestConfigNoFile(t *testing.T) {
	_, err := LoadConfig(filepath.Join(t.TempDir(), "config.toml"))
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "copy config.example.toml") {
		t.Errorf("got %v", err)
	}
}

func TestConfigSecretFile(t *testing.T) {
	for _, c := range []struct{ content, want string }{
		{"", "is empty"},
		{" \n", "is empty"},
		{"one\ntwo\n", "more than one line"},
		{strings.Repeat("x", 5000), "larger than 4 KiB"},
	} {
		path := write(t, strings.Replace(minimal, `secret = "s3cret"`, `secret_file = "secret"`, 1))
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), "secret"), []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadConfig(path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.20q: got %v, want %q", c.content, err, c.want)
		}
	}
}

func TestConfigWarnings(t *testing.T) {
	path := write(t, strings.Replace(minimal, "s3cret", "change-me", 1))
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	cfg, err := LoadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range cfg.Warnings {
		got = append(got, w.String())
	}
	want := []string{
		"line 4: xmpp.secret: is the example's, which everybody knows; make a random one, for example with: openssl rand -hex 32",
		"line 4: xmpp.secret: others can read this file and the secret in it (mode 0644); chmod o-rwx " + path,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// No way of printing a config or of getting it wrong shows the secret.
func TestY13_ConfigHidesSecret(t *testing.T) {
	cfg, err := LoadConfig(write(t, minimal))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%v %+v %#v %s", cfg, cfg, cfg, cfg.XMPP)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "secret", cfg.XMPP.Secret)
	printConfig(&b, cfg)
	for _, bad := range []string{`["s3cret"]`, `{s3cret = 1}`, `"s3cret"` + "\n" + `secret_file = "x"`, `"s3cret`, `s3cret`} {
		_, err := LoadConfig(write(t, strings.Replace(minimal, `"s3cret"`, bad, 1)))
		if err == nil {
			t.Errorf("%s passes", bad)
		}
		fmt.Fprintln(&b, err)
	}
	if strings.Contains(strings.ReplaceAll(b.String(), "xmpp.secret.s3cret", ""), "s3cret") {
		t.Errorf("the secret shows in:\n%s", b.String())
	}
}

func TestConfigHosts(t *testing.T) {
	for _, c := range []struct {
		url  string
		good bool
	}{
		{"https://ap.example.org", true},
		{"https://ap.example.org:8443", true},
		{"https://xn--mnchen-3ya.example/", true},
		{"http://127.0.0.1:8080", true},
		{"http://[::1]:8080", true},
		{"http://ap.localhost:8080", true},
		{"http://10.0.0.1", false},
		{"http://localhost.example.org", false},
		{"https://münchen.example", false},
		{"https://ap.example.org:0", false},
		{"https://ap.example.org/x", false},
		{"https://ap.example.org?", false},
		{"https://ap.example.org#", false},
		{"https://", false},
		{"https://ap_.example.org", false},
		{"https://-ap.example.org", false},
		{"ftp://ap.example.org", false},
		{"//ap.example.org", false},
	} {
		_, err := LoadConfig(write(t, strings.Replace(minimal, "https://ap.example.org", c.url, 1)))
		if (err == nil) != c.good {
			t.Errorf("%s: got %v, want good=%v", c.url, err, c.good)
		}
	}
}

// The example at the root loads as it is, and shows the defaults.
func TestConfigExample(t *testing.T) {
	text, err := os.ReadFile("../../config.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := LoadConfig(write(t, string(text)))
	if err != nil {
		t.Fatal(err)
	}
	want := DefaultConfig()
	got := []any{cfg.XMPP.Server, cfg.HTTP.Listen, cfg.DB.URL, cfg.Delivery, cfg.Blog, cfg.Reader, cfg.Log, cfg.Gateway}
	defaults := []any{want.XMPP.Server, want.HTTP.Listen, want.DB.URL, want.Delivery, want.Blog, want.Reader, want.Log, want.Gateway}
	for i := range got {
		if fmt.Sprintf("%+v", got[i]) != fmt.Sprintf("%+v", defaults[i]) {
			t.Errorf("the example has %+v, the default is %+v", got[i], defaults[i])
		}
	}
}

// The example names every key of Config, and no other.
func TestConfigExampleKeys(t *testing.T) {
	text, err := os.ReadFile("../../config.example.toml")
	if err != nil {
		t.Fatal(err)
	}
	commented := regexp.MustCompile(`(?m)^# ([a-z_]+ = )`) // alternatives that cannot be set together
	var shown []string
	for key := range positions(commented.ReplaceAll(text, []byte("$1"))) {
		if strings.Contains(key, ".") {
			shown = append(shown, key)
		}
	}
	known := allKeys()
	slices.Sort(shown)
	slices.Sort(known)
	if !slices.Equal(shown, known) {
		t.Errorf("the example has\n%q\nConfig has\n%q", shown, known)
	}
}

// Whatever is in the file, there is a config or a list of problems, and every
// problem's line exists.
func FuzzConfig(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.toml")
	for _, path := range append(files, "../../config.example.toml") {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(minimal))
	f.Add([]byte("a.b = {c.d = 1, \"\" = 2}\n[x.\"y.z\"]\n[[http.x]]"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		cfg, err := decodeConfig(filepath.Join(dir, "config.toml"), data)
		if err == nil {
			if cfg.XMPP.Component == "" || cfg.XMPP.Secret == "" || cfg.HTTP.PublicURL == "" || cfg.DB.Path == "" || cfg.ActivityPub.HandleDomain == "" {
				t.Errorf("an incomplete config passed: %+v", cfg)
			}
			return
		}
		var ce *ConfigError
		if !errors.As(err, &ce) || len(ce.Problems) == 0 {
			t.Fatalf("no problem is named by %v", err)
		}
		lines := bytes.Count(data, []byte("\n")) + 1
		for _, p := range ce.Problems {
			if p.Line < 0 || p.Line > lines || p.Text == "" {
				t.Errorf("bad problem %+v in %d lines", p, lines)
			}
		}
	})
}
