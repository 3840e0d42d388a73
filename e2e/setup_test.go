//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/netlab"
	"isthmus/e2e/proc"
	"isthmus/e2e/xmppserver"
)

// An admin runs “setup”, puts what it prints where it says, and the gateway connects, on
// Prosody and on ejabberd.
func TestSetupConnects(t *testing.T) {
	for _, f := range []xmppserver.Flavour{xmppserver.Prosody, xmppserver.Ejabberd} {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			a := newAdmin(t, "--domains", "new.test", "--component", "ap.new.test")
			s, err := xmppserver.StartEdited(f, filepath.Join(a.dir, "server"), "new.test", func(s *xmppserver.Server, config string) string {
				a.setsUp("--server", s.ComponentAddr(), "--pubsub", s.Pubsub)
				return a.tells(f, s, config)
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Stop)
			gateway := a.runs()
			await.True(t, 30*time.Second, "the gateway to connect", func() error {
				if !strings.Contains(gateway.Log.String(), "connected to the XMPP server") {
					return fmt.Errorf("%s\n%s", gateway.Log, s.Log())
				}
				return nil
			})
		})
	}
}

// tells puts what is printed into the configuration of a server, as the comments in it say.
func (a *admin) tells(f xmppserver.Flavour, s *xmppserver.Server, config string) string {
	a.t.Helper()
	if f == xmppserver.Prosody {
		return config + a.prints("prosody")
	}
	printed := a.prints("ejabberd")
	_, rest, _ := strings.Cut(printed, "\nlisten:\n")
	entry, rest, _ := strings.Cut(rest, "\n\n")
	_, options, found := strings.Cut(rest, "  mod_pubsub:\n")
	if !found {
		a.t.Fatalf("ejabberd is told\n%s", printed)
	}
	// Ours has a listener for components already, without any.
	ours := regexp.MustCompile(fmt.Sprintf(`(?s)  - port: %d\n.*?    hosts:\n`, s.ComponentPort))
	config = ours.ReplaceAllLiteralString(config, entry+"\n")
	return strings.Replace(config, "    plugins: [flat, pep]\n", "    plugins: [flat, pep]\n"+options, 1)
}

// The web servers take what is printed, and pass on what the gateway needs; systemd too.
func TestSetupServesTheWeb(t *testing.T) {
	a := newAdmin(t, "--domains", "new.test", "--component", "ap.new.test", "--handles", "new.test", "--server", "127.0.0.1:1")
	a.setsUp()
	gateway := a.runs()
	port, err := netlab.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err := ground.Lab.CertFiles("ap.new.test")
	if err != nil {
		t.Fatal(err)
	}
	apexCert, apexKey, err := ground.Lab.CertFiles("new.test")
	if err != nil {
		t.Fatal(err)
	}
	site := strings.NewReplacer("listen 443 ssl", fmt.Sprintf("listen 127.0.0.1:%d ssl", port), "    listen [::]:443 ssl http2;\n", "",
		"/etc/letsencrypt/live/ap.new.test/fullchain.pem", cert, "/etc/letsencrypt/live/ap.new.test/privkey.pem", key).Replace(a.prints("nginx"))
	apex, _, _ := strings.Cut(a.prints("apex"), "\n\n") // nginx's part
	nginx, err := proc.StartNginx(a.dir, site+fmt.Sprintf("server { listen 127.0.0.1:%d ssl; server_name new.test; ssl_certificate %s; ssl_certificate_key %s;\n%s\n}\n", port, apexCert, apexKey, apex))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nginx.Stop(time.Second) })
	client := ground.Lab.ClientAt(fmt.Sprintf("127.0.0.1:%d", port))
	ask := func(url string) (int, string) {
		req, _ := http.NewRequest("GET", url, nil)
		req.Header.Set("Accept", "application/json, */*")
		resp, err := client.Do(req)
		if err != nil {
			return 0, err.Error()
		}
		defer resp.Body.Close()
		return resp.StatusCode, resp.Header.Get("Content-Type")
	}
	await.True(t, 20*time.Second, "the gateway behind nginx", func() error {
		if code, what := ask("https://ap.new.test/.well-known/nodeinfo"); code != 200 {
			return fmt.Errorf("%d %s\n%s\n%s", code, what, nginx.Log, gateway.Log)
		}
		return nil
	})
	if code, what := ask("https://new.test/.well-known/webfinger?resource=acct:ap.new.test@ap.new.test"); code != 200 || what != "application/jrd+json" {
		t.Errorf("WebFinger at the domain of handles: %d %s", code, what)
	}

	caddy := filepath.Join(a.dir, "Caddyfile")
	_, apex, _ = strings.Cut(a.prints("apex"), "# Caddy")
	if err := os.WriteFile(caddy, []byte(a.prints("caddy")+"\n# Caddy"+apex), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("caddy", "adapt", "--config", caddy, "--adapter", "caddyfile").CombinedOutput(); err != nil || !strings.Contains(string(out), `"ap.new.test"`) {
		t.Errorf("caddy: %v %s", err, out)
	}

	unit := filepath.Join(a.dir, "isthmus.service")
	service := strings.Replace(a.prints("systemd"), "/usr/local/bin/gateway", a.bin, 1)
	if err := os.WriteFile(unit, []byte(strings.Replace(service, "User=isthmus", "User=root", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "verify", unit).CombinedOutput(); err != nil || strings.Contains(string(out), "isthmus.service") {
		t.Errorf("systemd-analyze verify: %v %s", err, out)
	}
	out, err := exec.Command("systemd-analyze", "security", "--offline=true", unit).CombinedOutput()
	if m := regexp.MustCompile(`exposure level[^:]*: ([0-9.]+)`).FindSubmatch(out); err != nil || m == nil {
		t.Errorf("systemd-analyze security: %v %s", err, out)
	} else {
		t.Logf("exposure of the unit: %s of 10", m[1])
	}
}

// admin sets up a gateway with the program alone.
type admin struct {
	t        *testing.T
	dir, bin string
	flags    []string
}

func newAdmin(t *testing.T, flags ...string) *admin {
	t.Helper()
	bin, err := ground.Bin()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(ground.Dir, "setup-")
	if err != nil {
		t.Fatal(err)
	}
	return &admin{t, dir, bin, flags}
}

func (a *admin) config() string { return filepath.Join(a.dir, "config.toml") }

func (a *admin) setup(flags ...string) string {
	a.t.Helper()
	out, err := exec.Command(a.bin, append([]string{"setup", "--config", a.config()}, flags...)...).CombinedOutput()
	if err != nil {
		a.t.Fatalf("setup %v: %v\n%s", flags, err, out)
	}
	return string(out)
}

func (a *admin) setsUp(flags ...string) {
	a.t.Helper()
	out := a.setup(append(a.flags, flags...)...)
	if !strings.Contains(out, "What comes next") {
		a.t.Errorf("setup says\n%s", out)
	}
}

func (a *admin) prints(what string) string {
	a.t.Helper()
	return a.setup("--print", what)
}

func (a *admin) runs() *proc.Process {
	a.t.Helper()
	p, err := proc.Start(proc.Spec{Name: "gateway", Path: a.bin, Args: []string{"run", "--config", a.config()}})
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { p.Stop(10 * time.Second) })
	return p
}
