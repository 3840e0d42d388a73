package world

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"isthmus/db/pgtest"
	"isthmus/e2e/await"
	"isthmus/e2e/netlab"
	"isthmus/e2e/proc"
	"isthmus/e2e/xmppserver"
)

// Gateway is a scenario's gateway: the real program with a configuration and a
// database of its own, behind the lab's HTTPS front door.
type Gateway struct {
	Component string // its XMPP domain, also the host of its URLs
	Handles   string // the domain of its handles, the component unless Apex was called
	Listen    string // where it speaks plain HTTP, 127.0.0.1:port
	Config    string // file
	Dir       string
	DB        string // [db] url

	w    *World
	bin  string
	proc *proc.Process
	log  string // of earlier runs

	siblings []*Sibling
}

// quick are the settings that make waiting short; a scenario can change them.
const quick = `
[delivery]
retry_first = "1s"
retry_max = "1s"
breaker_pause = "1s"

[blog]
poll = "5s"
poll_missing = "1s"
retract_hold = "1s"
digest = "1s"

[log]
level = "debug"
`

// newGateway writes the configuration; it starts nothing.
func newGateway(w *World, settings string) (*Gateway, error) {
	bin, err := w.Ground.Bin()
	if err != nil {
		return nil, err
	}
	component, err := w.Server.TakeComponent()
	if err != nil {
		return nil, err
	}
	port, err := netlab.FreePort()
	if err != nil {
		return nil, err
	}
	g := &Gateway{
		Component: component, Handles: component, Listen: fmt.Sprintf("127.0.0.1:%d", port), w: w, bin: bin,
		Dir: filepath.Join(w.Ground.Dir, "gateway-"+component),
	}
	g.DB = "sqlite:isthmus.db"
	if w.onPostgres() {
		g.DB = pgtest.Empty(w.T)
	}
	g.Config = filepath.Join(g.Dir, "config.toml")
	if err := os.MkdirAll(g.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	backend := &url.URL{Scheme: "http", Host: g.Listen}
	w.Ground.Lab.Serve(component, netlab.Proxy(backend))
	return g, os.WriteFile(g.Config, []byte(g.toml(settings)), 0o600)
}

// onPostgres tells whether this scenario's gateway keeps its data on PostgreSQL:
// where there is a server (scripts/postgres.sh), one flavour of XMPP server in
// three, or all of them with ISTHMUS_ENGINE=postgres.
func (w *World) onPostgres() bool {
	return w.postgres || pgtest.Wanted() && (w.Server.Flavour == xmppserver.EjabberdForced || os.Getenv("ISTHMUS_ENGINE") == "postgres")
}

// toml is the configuration file; the keys above the settings are the ones the
// documentation promises never to change.
func (g *Gateway) toml(settings string) string {
	if socket := "socket = \"control.sock\"\n"; strings.Contains(settings, "[admin]\n") {
		settings = strings.Replace(settings, "[admin]\n", "[admin]\n"+socket, 1)
	} else {
		settings += "\n[admin]\n" + socket
	}
	return fmt.Sprintf(`
[xmpp]
component = %q
secret = %q
server = %q
domains = [%q]
pubsub = [%q]

[http]
listen = %q
public_url = "https://%s"
allow_private = ["127.0.0.0/8"]

[activitypub]
handle_domain = %q

[db]
url = %q
%s`, g.Component, g.w.Server.Secret, g.w.Tap.Addr, g.w.Server.Domain, g.w.Server.Pubsub, g.Listen, g.Component, g.Handles, g.DB, settings)
}

// URL is the public address of a path.
func (g *Gateway) URL(path string) string { return "https://" + g.Component + path }

// env is what the gateway's processes are given.
func (g *Gateway) env() []string {
	lab := g.w.Ground.Lab
	return []string{"ISTHMUS_LAB_DNS=" + lab.DNS(), "SSL_CERT_FILE=" + lab.CAFile, "GORACE=halt_on_error=1"}
}

// Launch starts the program and waits for nothing.
func (g *Gateway) Launch() {
	g.w.T.Helper()
	p, err := proc.Start(proc.Spec{Name: "gateway", Path: g.bin, Args: []string{"run", "--config", g.Config}, Env: g.env(), Dir: g.Dir})
	if err != nil {
		g.w.T.Fatalf("gateway: %v", err)
	}
	g.proc = p
}

// Start starts the program and waits until both sides are up; the XMPP side
// only when there is a server to connect to.
func (g *Gateway) Start() {
	g.w.T.Helper()
	mark := g.w.Tap.Mark()
	g.Launch()
	await.True(g.w.T, 30*time.Second, "the gateway", func() error {
		if err := g.proc.Alive(); err != nil {
			return fmt.Errorf("%w: %w", await.ErrHopeless, err)
		}
		resp, err := http.Get("http://" + g.Listen + "/.well-known/nodeinfo")
		if err != nil {
			return err
		}
		return resp.Body.Close()
	})
	if g.w.Server.Alive() == nil && !g.w.Tap.isDown() {
		g.Connected(mark)
	}
}

// Connected waits until the component handshake after mark is through.
func (g *Gateway) Connected(mark int) {
	g.w.T.Helper()
	await.True(g.w.T, 30*time.Second, "the component stream", func() error {
		if err := g.proc.Alive(); err != nil {
			return fmt.Errorf("%w: %w", await.ErrHopeless, err)
		}
		if len(g.w.Tap.Since(mark, func(s Tapped) bool { return s.ToGateway && s.Name == "handshake" })) == 0 {
			return errors.New("no handshake yet")
		}
		return nil
	})
}

// Stop ends it in order (SIGTERM) and returns its exit code, -1 when it had to be killed
// after half a minute. Its data stays.
func (g *Gateway) Stop() (code int) {
	g.end(func(p *proc.Process) {
		p.Stop(30 * time.Second)
		code = p.ExitCode()
	})
	return code
}

// Kill pulls the plug (SIGKILL). Its data stays, as far as it was written.
func (g *Gateway) Kill() { g.end((*proc.Process).Kill) }

func (g *Gateway) end(how func(*proc.Process)) {
	for _, s := range g.siblings {
		s.end(how)
	}
	if g.proc == nil {
		return
	}
	how(g.proc)
	g.log = g.Log()
	g.proc = nil
}

// Rewrite replaces text in the configuration file.
func (g *Gateway) Rewrite(old, new string) {
	g.w.T.Helper()
	b, err := os.ReadFile(g.Config)
	g.w.check(err, "config")
	if !strings.Contains(string(b), old) {
		g.w.T.Fatalf("the configuration has no %q", old)
	}
	g.w.check(os.WriteFile(g.Config, []byte(strings.ReplaceAll(string(b), old, new)), 0o600), "config")
}

// Apex makes handles end in the XMPP domain itself, whose web server forwards
// nothing but the well-known paths. The gateway must not be running.
func (g *Gateway) Apex() {
	g.w.T.Helper()
	apex := g.w.Server.Domain
	g.Rewrite(fmt.Sprintf("handle_domain = %q", g.Handles), fmt.Sprintf("handle_domain = %q", apex))
	g.Handles = apex
	proxy := netlab.Proxy(&url.URL{Scheme: "http", Host: g.Listen})
	mux := http.NewServeMux()
	mux.Handle("/.well-known/webfinger", proxy)
	mux.Handle("/.well-known/host-meta", proxy)
	g.w.Ground.Lab.Serve(apex, mux)
}

// Twin is a second gateway for the same component domain, with its own database
// and HTTP port. It is not started.
func (g *Gateway) Twin() *Gateway {
	g.w.T.Helper()
	port, err := netlab.FreePort()
	g.w.check(err, "port")
	twin := &Gateway{Component: g.Component, Handles: g.Handles, Listen: fmt.Sprintf("127.0.0.1:%d", port), Dir: g.Dir + "-twin", DB: "sqlite:isthmus.db", w: g.w, bin: g.bin}
	twin.Config = filepath.Join(twin.Dir, "config.toml")
	g.w.check(os.MkdirAll(twin.Dir, 0o700), "twin")
	g.w.check(os.WriteFile(twin.Config, []byte(twin.toml(quick)), 0o600), "twin")
	g.w.T.Cleanup(twin.Kill)
	return twin
}

// Log returns what it logged, over all its runs.
func (g *Gateway) Log() string {
	log := g.log
	if g.proc != nil {
		log += g.proc.Log.Tail(1<<20) + "\n"
	}
	for _, s := range g.siblings {
		log += "---- " + s.name + " (" + s.Roles + ") ----\n" + s.Log()
	}
	return log
}

// Run runs another command of the program, such as "enrol", and returns what
// it printed and its exit code.
func (g *Gateway) Run(args ...string) (string, int) {
	g.w.T.Helper()
	args = append([]string{args[0], "--config", g.Config}, args[1:]...)
	cmd := exec.Command(g.bin, args...)
	cmd.Env = append(os.Environ(), g.env()...)
	cmd.Dir = g.Dir
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		g.w.T.Fatalf("gateway %s: %v", strings.Join(args, " "), err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}
