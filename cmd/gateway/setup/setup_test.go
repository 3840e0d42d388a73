package setup

import (
	"errors"
	"flag"
	"net"
	"os"
	"strings"
	"testing"
)

func plan() Plan {
	return Plan{Component: "AP.example.org", Domains: []string{"example.org"}, PubSub: []string{"pubsub.example.org"}, Secret: "the secret", Config: "/etc/isthmus/config.toml"}.Fill("/var/lib/isthmus")
}

func TestAsk(t *testing.T) {
	var out strings.Builder
	p, err := Ask(Plan{}, strings.NewReader("\nexample.org, example.net\n\nexample.org\nxmpp:me@example.org\n"), &out)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(p.Domains, " ") != "example.org example.net" || p.Component != "ap.example.org" || p.Handles != "example.org" || p.Contact != "xmpp:me@example.org" {
		t.Errorf("%+v", p)
	}
	for _, question := range []string{"Domain of your XMPP server", "Host name of the gateway, its own and for good [ap.example.org]: ", "@alice@example.org", "Domain of handles [ap.example.org]: ", "Who runs it"} {
		if !strings.Contains(out.String(), question) {
			t.Errorf("nobody asks %q in\n%s", question, out.String())
		}
	}
	out.Reset()
	if p, err = Ask(plan(), strings.NewReader("\n"), &out); err != nil || p.Contact != "" || strings.Contains(out.String(), "Domain") {
		t.Errorf("what is known is asked, too: %v %+v\n%s", err, p, out.String())
	}
	if _, err := Ask(Plan{}, strings.NewReader("example.org\n"), &out); !errors.Is(err, ErrUnanswered) {
		t.Errorf("half an answer: %v", err)
	}
}

var update = flag.Bool("update", false, "write deploy/")

// deploy/ has the compose files for example.org.
func TestDeployShowsTheSame(t *testing.T) {
	p := plan()
	p.Secret = "change-me-to-what-openssl-rand-hex-32-prints"
	for _, name := range []string{"compose-prosody", "compose-ejabberd"} {
		text, err := p.Snippet(name)
		if err != nil {
			t.Fatal(err)
		}
		text = "# For example.org: replace that name and the secret, wherever they are; or let “gateway setup --print " + name + "” write it.\n#\n" + text
		file := "../../../deploy/" + name + ".yaml"
		if *update {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if there, err := os.ReadFile(file); err != nil || string(there) != text {
			t.Errorf("%s is not what is printed (go test ./cmd/gateway/setup -update): %v", file, err)
		}
	}
}

// The guide shows what is printed: every line of it stands there, in this order.
func TestReadmeShowsTheSame(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Snippets() {
		if strings.HasPrefix(name, "compose-") {
			continue // deploy/ has them
		}
		p := plan()
		if name == "apex" {
			p.Handles = "example.org"
		}
		text, err := p.Snippet(name)
		if err != nil {
			t.Fatal(err)
		}
		rest := string(readme)
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "--") || strings.TrimSpace(line) == "" || name == "systemd" {
				continue
			}
			_, after, found := strings.Cut(rest, line)
			if !found {
				t.Errorf("%s: README.md does not have %q, or not in this order", name, line)
				break
			}
			rest = after
		}
	}
}

func TestUnknownSnippet(t *testing.T) {
	if _, err := plan().Snippet("config"); err == nil || !strings.Contains(err.Error(), "there is prosody, ejabberd") {
		t.Errorf("%v", err)
	}
}

func TestApexOnOwnHost(t *testing.T) {
	if text, _ := plan().Snippet("apex"); !strings.Contains(text, "nothing to forward") || strings.Contains(text, "proxy_pass") {
		t.Error(text)
	}
}

// Every value keeps its place, whatever is in it.
func TestConfigQuotes(t *testing.T) {
	p := plan()
	p.Contact = "xmpp:a\"b\\c@example.org\n[db]"
	if text := p.ConfigFile(); !strings.Contains(text, `contact = "xmpp:a\"b\\c@example.org\n[db]"`) {
		t.Error(text)
	}
}

func TestProbe(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	p := plan()
	p.PublicURL = "https://localhost"
	p.Server, p.Listen = ln.Addr().String(), ln.Addr().String()
	f := p.Probe(t.Context())
	if !f[0].OK || f[1].OK || !strings.Contains(f[1].Fix, "--listen") || !f[2].OK {
		t.Errorf("%+v", f)
	}
	p.Server, p.Listen, p.PublicURL = "127.0.0.1:1", "127.0.0.1:0", "https://nowhere.invalid"
	f = p.Probe(t.Context())
	if f[0].OK || !strings.Contains(f[0].Fix, "--print") || !f[1].OK || f[2].OK || !strings.Contains(f[2].Fix, "record") {
		t.Errorf("%+v", f)
	}
}

func TestSecrets(t *testing.T) {
	if a, b := NewSecret(), NewSecret(); a == b || len(a) < 40 {
		t.Errorf("%s %s", a, b)
	}
}
