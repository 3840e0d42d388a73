//go:build e2e

package component

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Real servers on free loopback ports, in a directory that is thrown away. No
// TLS, plain passwords.
const (
	e2eSecret   = "s3cret"
	e2ePassword = "pw"
	e2ePatience = 60 * time.Second
)

// realServer is a Prosody or ejabberd. Components ap.HOST and other.HOST are
// configured, and the account alice. On Prosody ap.HOST may send pubsub IQs as
// her, which takes mod_privilege of Debian's prosody-modules.
type realServer struct {
	name, host, c2s, comp string
	command               func() *exec.Cmd
	cmd                   *exec.Cmd
	log                   string
}

func (s *realServer) start(t *testing.T) {
	t.Helper()
	out, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	s.cmd = s.command()
	s.cmd.Stdout, s.cmd.Stderr = out, out
	if err := s.cmd.Start(); err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	t.Cleanup(func() {
		s.stop()
		if t.Failed() {
			b, _ := os.ReadFile(s.log)
			t.Logf("%s said:\n%s", s.name, b)
		}
	})
}

// stop asks the server to end and waits for it.
func (s *realServer) stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	done := make(chan struct{})
	go func() { _ = s.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(e2ePatience):
		_ = s.cmd.Process.Kill()
		<-done
	}
	s.cmd = nil
}

// freePorts returns n ports that were free a moment ago.
func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // only when all are known, or one comes twice
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// prosody writes a configuration and starts it.
func prosody(t *testing.T) *realServer {
	t.Helper()
	dir, p := t.TempDir(), freePorts(t, 2)
	s := &realServer{
		name: "prosody", host: "p.test", log: filepath.Join(dir, "out.log"),
		c2s: fmt.Sprintf("127.0.0.1:%d", p[0]), comp: fmt.Sprintf("127.0.0.1:%d", p[1]),
	}
	config := filepath.Join(dir, "prosody.cfg.lua")
	write(t, config, strings.NewReplacer("DIR", dir, "C2S", fmt.Sprint(p[0]), "COMP", fmt.Sprint(p[1]), "SECRET", e2eSecret).Replace(`
run_as_root = true
pidfile = "DIR/prosody.pid"
data_path = "DIR/data"
certificates = "DIR/certs"
log = { info = "*console" }
interfaces = { "127.0.0.1" }
c2s_ports = { C2S }
component_interfaces = { "127.0.0.1" }
component_ports = { COMP }
s2s_ports = {}
http_ports = {}
https_ports = {}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
modules_enabled = { "disco"; "roster"; "saslauth"; "ping"; "pep" }
modules_disabled = { "s2s" }
VirtualHost "p.test"
	modules_enabled = { "privilege" }
	privileged_entities = { ["ap.p.test"] = { iq = {
		["http://jabber.org/protocol/pubsub"] = "both";
		["http://jabber.org/protocol/pubsub#owner"] = "set";
	} } }
Component "ap.p.test"
	component_secret = "SECRET"
	modules_enabled = { "privilege" }
Component "other.p.test"
	component_secret = "SECRET"
`))
	write(t, filepath.Join(dir, "certs", "none"), "")
	write(t, filepath.Join(dir, "data", "p%2etest", "accounts", "alice.dat"), fmt.Sprintf("return { [\"password\"] = %q; };\n", e2ePassword))
	s.command = func() *exec.Cmd { return exec.Command("prosody", "-F", "--config", config) }
	s.start(t)
	return s
}

// ejabberd writes a configuration and starts it without distribution, so that
// nothing listens but the configured ports.
func ejabberd(t *testing.T) *realServer {
	t.Helper()
	ebin, _ := filepath.Glob("/usr/lib/*/ejabberd-*/ebin")
	if len(ebin) == 0 {
		t.Fatal("ejabberd is not installed")
	}
	dir, p := t.TempDir(), freePorts(t, 3)
	s := &realServer{
		name: "ejabberd", host: "e.test", log: filepath.Join(dir, "out.log"),
		c2s: fmt.Sprintf("127.0.0.1:%d", p[0]), comp: fmt.Sprintf("127.0.0.1:%d", p[1]),
	}
	write(t, filepath.Join(dir, "ejabberd.yml"), strings.NewReplacer("C2S", fmt.Sprint(p[0]), "COMP", fmt.Sprint(p[1]), "HTTP", fmt.Sprint(p[2]), "SECRET", e2eSecret).Replace(`
hosts: ["e.test"]
loglevel: info
auth_method: [internal]
auth_password_format: plain
s2s_use_starttls: false
listen:
  - {port: C2S, ip: "127.0.0.1", module: ejabberd_c2s, access: all, shaper: none, max_stanza_size: 262144}
  - port: COMP
    ip: "127.0.0.1"
    module: ejabberd_service
    access: all
    global_routes: false
    hosts:
      "ap.e.test": {password: "SECRET"}
      "other.e.test": {password: "SECRET"}
  - {port: HTTP, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {/api: mod_http_api}}
acl:
  loopback: {ip: [127.0.0.0/8]}
api_permissions:
  "loopback": {who: [{ip: 127.0.0.0/8}], what: ["*"]}
modules:
  mod_admin_extra: {}
  mod_caps: {}
  mod_disco: {}
  mod_ping: {}
  mod_pubsub: {plugins: [flat, pep]}
  mod_roster: {}
`))
	s.command = func() *exec.Cmd {
		cmd := exec.Command("erl", "-noshell", "-noinput", "-boot", "start_sasl", "-kernel", "error_logger", "silent",
			"-sasl", "sasl_error_logger", "false", "-mnesia", "dir", fmt.Sprintf("%q", filepath.Join(dir, "mnesia")), "-s", "ejabberd")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "HOME="+dir,
			"EJABBERD_CONFIG_PATH="+filepath.Join(dir, "ejabberd.yml"), "EJABBERD_LOG_PATH="+filepath.Join(dir, "ejabberd.log"),
			"ERL_CRASH_DUMP="+filepath.Join(dir, "crash.dump"), "ERL_LIBS="+filepath.Dir(filepath.Dir(ebin[0])))
		return cmd
	}
	s.start(t)
	dialUntil(t, s.c2s).Close()
	api := dialUntil(t, fmt.Sprintf("127.0.0.1:%d", p[2]))
	defer api.Close()
	body := fmt.Sprintf(`{"user":"alice","host":"e.test","password":%q}`, e2ePassword)
	fmt.Fprintf(api, "POST /api/register HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	answer := make([]byte, 100)
	n, _ := api.Read(answer)
	if !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 200") {
		t.Fatalf("register: %s", answer[:n])
	}
	return s
}
