//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"isthmus/doctor"
	"isthmus/e2e/await"
	"isthmus/e2e/netlab"
	"isthmus/e2e/proc"
	"isthmus/e2e/xmppserver"
)

// There is no engine for containers here, and no image can be had: what the Dockerfile
// says is done in a folder, and what the compose files say with the servers of this machine.

// validator knows the Compose specification.
const validator = "github.com/compose-spec/compose-go/v2/cmd@v2.16.2"

// instructions are those of the Dockerfile, each on one line.
func instructions(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository(t), "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for line := range strings.Lines(strings.ReplaceAll(string(text), "\\\n", "")) {
		if name, rest, ok := strings.Cut(strings.TrimSpace(line), " "); ok && !strings.HasPrefix(line, "#") {
			got[name] = append(got[name], rest)
		}
	}
	return got
}

// image is a folder with what the Dockerfile puts into one.
func image(t *testing.T) (root string, inside func(args ...string) []string) {
	t.Helper()
	in := instructions(t)
	if len(in["FROM"]) != 2 || !strings.HasSuffix(in["FROM"][1], ":nonroot") || in["USER"][0] != "65532:65532" {
		t.Errorf("the image is from %q, its user %q", in["FROM"], in["USER"])
	}
	var entry, run, health []string
	for want, to := range map[string]*[]string{in["ENTRYPOINT"][0]: &entry, in["CMD"][0]: &run, in["HEALTHCHECK"][0][strings.Index(in["HEALTHCHECK"][0], "["):]: &health} {
		if err := json.Unmarshal([]byte(want), to); err != nil {
			t.Fatalf("%s: %v", want, err)
		}
	}
	root, err := os.MkdirTemp("", "isthmus-image-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { asRoot(t, "rm", "-rf", root) })
	build := strings.NewReplacer("/out/", root+"/", "${RELEASE}", "4.5.6").Replace(in["RUN"][1])
	cmd := exec.Command("sh", "-ec", build)
	cmd.Dir = repository(t)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", build, err, out)
	}
	for _, copied := range in["COPY"] {
		words := strings.Fields(copied)
		if from := words[len(words)-2]; strings.HasPrefix(from, "/out/") {
			if _, err := os.Stat(strings.Replace(from, "/out", root, 1)); err != nil {
				t.Errorf("COPY %s: %v", copied, err)
			}
		}
	}
	asRoot(t, "mkdir", "-p", root+"/etc/ssl/certs", root+"/tmp")
	asRoot(t, "cp", "/etc/ssl/certs/ca-certificates.crt", root+"/etc/ssl/certs/")
	asRoot(t, "chmod", "755", root)
	asRoot(t, "chown", "65532:65532", root+"/data", root+"/tmp")
	inside = func(args ...string) []string {
		if len(args) == 1 {
			args = map[string][]string{"run": append(entry, run...), "health": health}[args[0]]
		}
		args = append([]string{"chroot", "--userspec=65532:65532", root}, args...)
		if os.Geteuid() != 0 {
			args = append([]string{"sudo", "-n"}, args...)
		}
		return args
	}
	return root, inside
}

// inline is the text of one of the configs of a compose file.
func inline(t *testing.T, compose, name string) string {
	t.Helper()
	_, rest, found := strings.Cut(compose, "\nconfigs:\n")
	_, rest, ok := strings.Cut(rest, "  "+name+":\n    content: |\n")
	if !found || !ok {
		t.Fatalf("there is no config %s in\n%s", name, compose)
	}
	var b strings.Builder
	for line := range strings.Lines(rest) {
		if !strings.HasPrefix(line, "      ") && strings.TrimSpace(line) != "" {
			break
		}
		b.WriteString(strings.TrimPrefix(line, "      "))
	}
	return b.String()
}

// What “setup --print compose” prints is valid, and works: the XMPP server takes its
// config, the gateway in what the Dockerfile makes connects to it and is healthy, and
// Caddy understands its part.
func TestComposeWorks(t *testing.T) {
	t.Parallel()
	for _, f := range []xmppserver.Flavour{xmppserver.Prosody, xmppserver.Ejabberd} {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			a := newAdmin(t, "--domains", "box.test", "--component", "ap.box.test", "--pubsub", "pubsub.box.test")
			a.setsUp()
			compose := a.prints("compose-" + string(f))
			file := filepath.Join(a.dir, "compose.yaml")
			if err := os.WriteFile(file, []byte(compose), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command("go", "run", validator, file).CombinedOutput(); err != nil || !strings.Contains(string(out), "ap.box.test {") {
				t.Errorf("compose: %v\n%s", err, out)
			}
			caddy := filepath.Join(a.dir, "Caddyfile")
			if err := os.WriteFile(caddy, []byte(inline(t, compose, "caddy")), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command("caddy", "adapt", "--config", caddy, "--adapter", "caddyfile").CombinedOutput(); err != nil || !strings.Contains(string(out), `"dial":"gateway:8080"`) {
				t.Errorf("caddy: %v %s", err, out)
			}
			s, err := xmppserver.StartEdited(f, filepath.Join(a.dir, "server"), "box.test", func(s *xmppserver.Server, _ string) string {
				return outside(f, s, inline(t, compose, string(f)))
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Stop)
			contained(t, s, inline(t, compose, "gateway"))
		})
	}
}

// outside changes of a server's config what a container gives it: ports and folders.
func outside(f xmppserver.Flavour, s *xmppserver.Server, config string) string {
	if f == xmppserver.Prosody {
		ports := fmt.Sprintf("c2s_ports = { %d }\ns2s_ports = {}\nhttp_ports = {}\nhttps_ports = {}\ninterfaces = { \"127.0.0.1\" }\npidfile = %q\n", s.ClientPort, s.Dir+"/pid")
		return ports + strings.NewReplacer("run_as_root = false", "run_as_root = true", "/var/lib/prosody", s.Dir+"/data", "/etc/prosody/certs", s.Dir+"/certs",
			`{ "*" }`, `{ "127.0.0.1" }`, "5347", fmt.Sprint(s.ComponentPort)).Replace(config)
	}
	config = regexp.MustCompile(`(?s)certfiles:.*?listen:\n`).ReplaceAllString(config, fmt.Sprintf(`listen:
  - port: %d
    ip: "127.0.0.1"
    module: ejabberd_http
    request_handlers: {/api: mod_http_api}
`, s.APIPort)) + `  mod_http_api: {}
  mod_admin_extra: {}
api_permissions:
  "loopback":
    who: [{ip: 127.0.0.0/8}]
    what: ["*"]
`
	return strings.NewReplacer("port: 5222", fmt.Sprintf("ip: \"127.0.0.1\"\n    port: %d", s.ClientPort), "    starttls: true\n", "",
		"  - port: 5269\n    module: ejabberd_s2s_in\n    max_stanza_size: 524288\n", "", "port: 5347\n    ip: \"0.0.0.0\"", fmt.Sprintf("port: %d\n    ip: \"127.0.0.1\"", s.ComponentPort)).Replace(config)
}

// contained runs a gateway in the image, as its user, until it is healthy.
func contained(t *testing.T, s *xmppserver.Server, config string) {
	t.Helper()
	root, inside := image(t)
	for _, change := range []string{`server = "` + string(s.Flavour) + `:5347"`, `listen = "0.0.0.0:8080"`, `listen = "127.0.0.1:9180"`} {
		port, err := netlab.FreePort()
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(change, "server") {
			port = s.ComponentPort
		}
		if !strings.Contains(config, change) {
			t.Fatalf("%s is not in\n%s", change, config)
		}
		key, _, _ := strings.Cut(change, " ")
		config = strings.Replace(config, change, fmt.Sprintf("%s = \"127.0.0.1:%d\"", key, port), 1)
	}
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	asRoot(t, "install", "-o", "65532", "-g", "65532", "-m", "400", file, root+"/data/config.toml")
	run := inside("run")
	gateway, err := proc.Start(proc.Spec{Name: "gateway", Path: run[0], Args: run[1:]})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { gateway.Stop(10 * time.Second) })
	health := inside("health")
	await.True(t, 30*time.Second, "a healthy gateway", func() error {
		out, err := exec.Command(health[0], health[1:]...).CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w: %s\n%s\n%s", err, out, gateway.Log, s.Log())
		}
		return err
	})
	asked := inside("/usr/local/bin/gateway", "doctor", "--json", "--config", "/data/config.toml")
	out, _ := exec.Command(asked[0], asked[1:]...).Output() // there is no web server: it fails
	var list []doctor.Result
	if err := json.Unmarshal(out, &list); err != nil {
		t.Fatalf("doctor: %v\n%s", err, out)
	}
	met := 0
	for _, r := range list {
		if strings.HasPrefix(r.ID, "xmpp.") || strings.HasPrefix(r.ID, "database") || r.ID == "process" || strings.HasPrefix(r.ID, "config") {
			met++
			if r.State == doctor.Fail || r.State == doctor.Warn {
				t.Errorf("%+v", r)
			}
		}
	}
	if met < 10 {
		t.Errorf("only %d checks: %s", met, out)
	}
}
