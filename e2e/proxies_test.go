//go:build e2e

package e2e

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"isthmus/doctor"
	"isthmus/e2e/proc"
	"isthmus/e2e/world"
	"isthmus/e2e/xmppserver"
)

// blockOf is the first fenced block of a language in one of the guides.
func blockOf(t *testing.T, guide, language string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository(t), guide))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n```"+language+"\n")
	block, _, closed := strings.Cut(rest, "```\n")
	if !found || !closed {
		t.Fatalf("%s has no block of %s", guide, language)
	}
	return block
}

// Each of the web servers of the guides, told what they say, passes on everything that the
// doctor looks at.
func TestWebServersPassEverythingOn(t *testing.T) {
	on(t, []xmppserver.Flavour{xmppserver.Prosody}, func(t *testing.T, f xmppserver.Flavour) {
		w := world.New(t, ground, f)
		g := w.Gateway
		at := ground.Lab.Host(g.Component)
		cert, key, err := ground.Lab.CertFiles(g.Component)
		if err != nil {
			t.Fatal(err)
		}
		for name, start := range map[string]func(t *testing.T, dir string, named *strings.Replacer, at netip.Addr) (*proc.Process, error){
			"nginx": func(t *testing.T, dir string, named *strings.Replacer, at netip.Addr) (*proc.Process, error) {
				out, code := g.Run("setup", "--print", "nginx")
				if code != 0 {
					t.Fatal(out)
				}
				return proc.StartNginx(dir, strings.NewReplacer("listen 443", fmt.Sprintf("listen %s:443", at), "    listen [::]:443 ssl http2;\n", "").Replace(named.Replace(out)))
			},
			"caddy": func(t *testing.T, dir string, named *strings.Replacer, at netip.Addr) (*proc.Process, error) {
				out, code := g.Run("setup", "--print", "caddy")
				if code != 0 {
					t.Fatal(out)
				}
				out = strings.Replace(out, g.Component+" {", fmt.Sprintf("https://%s {\n\tbind %s\n\ttls %s %s", g.Component, at, cert, key), 1)
				file := filepath.Join(dir, "Caddyfile")
				if err := os.WriteFile(file, []byte("{\n\tadmin off\n\tauto_https disable_redirects\n}\n"+out), 0o600); err != nil {
					t.Fatal(err)
				}
				return proc.Start(proc.Spec{Name: "caddy", Path: "caddy", Args: []string{"run", "--config", file, "--adapter", "caddyfile"}, Env: []string{"HOME=" + dir, "XDG_DATA_HOME=" + dir, "XDG_CONFIG_HOME=" + dir}})
			},
			"apache": func(t *testing.T, dir string, named *strings.Replacer, at netip.Addr) (*proc.Process, error) {
				site := strings.Replace(named.Replace(blockOf(t, "docs/PROXIES.md", "apacheconf")), "*:443", at.String()+":443", 1)
				conf := fmt.Sprintf("ServerRoot %s\nPidFile %s/pid\nErrorLog /dev/stderr\nUser www-data\nGroup www-data\nServerName localhost\nDefaultRuntimeDir %s\nListen %s:443\n", dir, dir, dir, at)
				for _, m := range []string{"mpm_event", "socache_shmcb", "ssl", "proxy", "proxy_http", "authz_core"} {
					conf += fmt.Sprintf("LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n", m, m)
				}
				file := filepath.Join(dir, "apache.conf")
				if err := os.WriteFile(file, []byte(conf+site), 0o600); err != nil {
					t.Fatal(err)
				}
				return proc.Start(proc.Spec{Name: "apache", Path: "/usr/sbin/apache2", Args: []string{"-DFOREGROUND", "-f", file}})
			},
			"haproxy": func(t *testing.T, dir string, named *strings.Replacer, at netip.Addr) (*proc.Process, error) {
				both := filepath.Join(dir, "both.pem")
				if out, err := exec.Command("sh", "-c", "cat "+cert+" "+key+" >"+both).CombinedOutput(); err != nil {
					t.Fatalf("%v %s", err, out)
				}
				conf := strings.NewReplacer("bind :443", fmt.Sprintf("bind %s:443", at), "/etc/haproxy/"+g.Component+".pem", both).Replace(named.Replace(blockOf(t, "docs/PROXIES.md", "haproxy")))
				file := filepath.Join(dir, "haproxy.cfg")
				if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
					t.Fatal(err)
				}
				return proc.Start(proc.Spec{Name: "haproxy", Path: "/usr/sbin/haproxy", Args: []string{"-db", "-f", file}})
			},
		} {
			t.Run(name, func(t *testing.T) {
				live := "/etc/letsencrypt/live/ap.example.org"
				named := strings.NewReplacer(live+"/fullchain.pem", cert, live+"/privkey.pem", key, strings.Replace(live, "ap.example.org", g.Component, 1)+"/fullchain.pem", cert,
					strings.Replace(live, "ap.example.org", g.Component, 1)+"/privkey.pem", key, "ap.example.org", g.Component, "127.0.0.1:8080", g.Listen)
				server, err := start(t, t.TempDir(), named, at)
				if err != nil {
					t.Fatal(err)
				}
				defer server.Stop(5 * time.Second)
				p := &patient{t: t, w: w}
				w.Until(name+" to serve", func() error {
					if r := p.examined()["http.reach"]; r.State != doctor.OK {
						return fmt.Errorf("%+v\n%s", r, server.Log)
					}
					return nil
				})
				for id, r := range p.examined() {
					if (strings.HasPrefix(id, "http.") || strings.HasPrefix(id, "webfinger.") || strings.HasPrefix(id, "hostmeta.")) && r.State != doctor.OK && r.State != doctor.Skip {
						t.Errorf("%+v", r)
					}
				}
			})
		}
	})
}
