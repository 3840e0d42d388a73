package main

import (
	"bytes"
	"context"
	"net"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// gateway runs the program and returns what it would print and its exit code.
func gateway(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = Main(context.Background(), args, &out, &errs)
	return out.String(), errs.String(), code
}

func TestCommandLine(t *testing.T) {
	good := write(t, minimal)
	bad := write(t, "[xmpp]\n")
	for _, c := range []struct {
		args   string
		code   int
		stdout string // contained in it
		stderr string
	}{
		{"", 2, "", "Usage: gateway COMMAND"},
		{"help", 0, "Usage: gateway COMMAND", ""},
		{"--help", 0, "Usage: gateway COMMAND", ""},
		{"help enrol", 0, "gateway enrol pubsub.example.org", ""},
		{"help enrole", 2, "", `did you mean "enrol"?`},
		{"version", 0, "gateway 0.", ""},
		{"--version", 0, "gateway 0.", ""},
		{"statsu", 2, "", `did you mean "status"?`},
		{"frobnicate", 2, "", `there is no command "frobnicate"`},
		{"run --help", 0, "Usage: gateway run", ""},
		{"run -x", 2, "", "there is no flag --x; there is --config FILE"},
		{"run now", 2, "", `it takes no argument, but there is "now"`},
		{"enrol", 2, "", "it needs the address to enrol"},
		{"status --config", 2, "", "flag needs an argument"},
		{"check-config --config " + good, 0, good + " is fine", ""},
		{"check-config --config=" + good, 0, "@user@ap.example.org", ""},
		{"check-config --config " + bad, 1, "", "has 4 problems"},
		{"run --config " + bad, 1, "", "has 4 problems"},
		{"run --config /nowhere/config.toml", 1, "", "there is no such file"},
	} {
		stdout, stderr, code := gateway(t, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) {
			t.Errorf("gateway %s: exit %d, stdout %q, stderr %q; want %d, %q, %q", c.args, code, stdout, stderr, c.code, c.stdout, c.stderr)
		}
		if (c.stdout == "") != (stdout == "") || (c.stderr == "") != (stderr == "") {
			t.Errorf("gateway %s: it printed to the wrong place: stdout %q, stderr %q", c.args, stdout, stderr)
		}
	}
}

func TestFlagsAnywhere(t *testing.T) {
	for _, args := range []string{"--config x a b", "a --config x b", "a b -config=x"} {
		cmd, _ := commandNamed("enrol")
		var opts options
		rest, err := parseFlags(cmd, strings.Fields(args), &opts)
		if err != nil || opts.config != "x" || strings.Join(rest, " ") != "a b" {
			t.Errorf("%s: got %q, %q, %v", args, opts.config, rest, err)
		}
	}
}

func TestCheckConfigSaysWhatItMeans(t *testing.T) {
	path := write(t, strings.Replace(minimal, "[http]", "pubsub = [\"pubsub.example.org\"]\n[activitypub]\nhandle_domain = \"example.org\"\n[blog]\nallow_users = false\n[http]", 1))
	stdout, _, code := gateway(t, "check-config", "--config", path)
	for _, want := range []string{
		"ap.example.org, connecting to 127.0.0.1:5347",
		"at example.org; only the administrator turns federation on",
		"on pubsub.example.org",
		"alice@example.org becomes @alice@example.org",
		"example.org has to forward /.well-known/webfinger and /.well-known/host-meta to https://ap.example.org",
		"isthmus.db (new: the first start makes it)",
	} {
		if code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("exit %d, %q is not in:\n%s", code, want, stdout)
		}
	}
}

// Every command that the overview names can be explained, and the other way about.
func TestUsageComplete(t *testing.T) {
	files, err := usageTexts.ReadDir("usage")
	if err != nil || len(files) != len(commands) {
		t.Errorf("%d texts for %d commands, %v", len(files), len(commands), err)
	}
	for _, c := range commands {
		name, text := c.name, usageOf(c.name)
		if !strings.HasPrefix(text, "Usage: gateway "+name) || !strings.HasSuffix(text, "\n") {
			t.Errorf("%s: bad usage text", name)
		}
	}
}

func TestLogger(t *testing.T) {
	for _, c := range []struct{ format, want string }{{"text", "level=WARN msg=hello host=a.example"}, {"json", `"level":"WARN","msg":"hello","host":"a.example"}`}} {
		var b bytes.Buffer
		log := newLogger(LogConfig{Level: 4, Format: c.format}, &b)
		log.Info("not this")
		log.Warn("hello", "host", "a.example")
		if !strings.Contains(b.String(), c.want) || strings.Contains(b.String(), "not this") {
			t.Errorf("%s: got %s", c.format, b.String())
		}
	}
}

// allKeys lists "section.key" for every key there is.
func allKeys() (keys []string) {
	sections := reflect.TypeFor[Config]()
	for section, i := range tagged(sections) {
		for key := range tagged(sections.Field(i).Type) {
			keys = append(keys, section+"."+key)
		}
	}
	return keys
}

// Looking must not leave a file behind that the gateway's user cannot write.
func TestStatusMakesNoDatabase(t *testing.T) {
	path := write(t, minimal)
	stdout, _, code := gateway(t, "status", "--config", path)
	made, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*.db*"))
	if code != 0 || !strings.Contains(stdout, "has never run: there is no ") || err != nil || len(made) > 0 {
		t.Errorf("exit %d, %q, files %v", code, stdout, made)
	}
}

func TestEnrolNeedsAnAccountOrANode(t *testing.T) {
	path := write(t, minimal)
	_, stderr, code := gateway(t, "enrol", "--config", path, "pubsub.example.org")
	if code != exitUsage || !strings.Contains(stderr, `"pubsub.example.org" is a server; name an account (alice@pubsub.example.org)`) {
		t.Errorf("exit %d, %s", code, stderr)
	}
	_, stderr, code = gateway(t, "enrol", "--config", path, "alice@elsewhere.example")
	if code != exitFailure || !strings.Contains(stderr, "add it to [xmpp] domains") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

func TestPortTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, err = net.Listen("tcp", taken.Addr().String())
	if got := listenError("http", "127.0.0.1:8080", err).Error(); !strings.Contains(got, "another program has 127.0.0.1:8080: stop it") {
		t.Error(got)
	}
}
