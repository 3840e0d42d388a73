// Package xmppserver starts throw-away XMPP servers for scenarios: Debian's
// Prosody and ejabberd, each with its own configuration, data directory and
// free loopback ports, with component slots for gateways and two pubsub services.
//
// They are real servers with nothing patched. They listen on loopback only, Prosody
// also with TLS for who asks for it, and are never the ones a package installation may have started.
package xmppserver

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"text/template"
	"time"

	"isthmus/e2e/netlab"
	"isthmus/e2e/proc"
)

// ErrMissing says that a server is not installed.
var ErrMissing = errors.New("xmppserver: not installed; run scripts/setup.sh")

// Flavour is a server with a way of configuring it.
type Flavour string

// The flavours scenarios run on. EjabberdForced has the force_node_config
// snippet that the administrator's guide recommends, Ejabberd has not.
// ProsodyPrivileged lets components act for its accounts (XEP-0356), by a
// community module.
const (
	Prosody           Flavour = "prosody"
	Ejabberd          Flavour = "ejabberd"
	EjabberdForced    Flavour = "ejabberd-forced"
	ProsodyPrivileged Flavour = "prosody-privileged"
)

// All lists the flavours that administrators run; Every adds those that only a
// few scenarios are about.
var (
	All   = []Flavour{Prosody, Ejabberd, EjabberdForced}
	Every = append(All[:len(All):len(All)], ProsodyPrivileged)
)

// Password is every test account's password.
const Password = "pw"

// slots is how many component domains a server is prepared for; each gateway
// of a test run gets one of its own.
const slots = 160

// startLimit bounds how long a server may take until its ports answer.
const startLimit = 60 * time.Second

// Server is one running XMPP server.
type Server struct {
	Flavour       Flavour
	Dir           string
	Domain        string // accounts live here
	Pubsub        string // pubsub service
	Comments      string // another one, where Movim puts comments when there is one
	Admin         string // JID of the account that may create nodes everywhere
	Components    []string
	Secret        string
	ClientPort    int
	ComponentPort int
	APIPort       int // ejabberd's HTTP API
	Forced        bool
	Privileged    bool

	mu   sync.Mutex
	proc *proc.Process
	used int // component slots given away

	edit func(s *Server, config string) string
}

// Start starts a server that keeps everything in dir and serves domain.
func Start(f Flavour, dir, domain string) (*Server, error) {
	return start(f, dir, domain, slots, nil)
}

// StartEdited is Start of one that no component may connect to, until edit writes that
// into its configuration.
func StartEdited(f Flavour, dir, domain string, edit func(s *Server, config string) string) (*Server, error) {
	return start(f, dir, domain, 0, edit)
}

func start(f Flavour, dir, domain string, slots int, edit func(s *Server, config string) string) (*Server, error) {
	s := &Server{
		Flavour: f, Dir: dir, Domain: domain, Pubsub: "pubsub." + domain, Comments: "comments." + domain, Admin: "admin@" + domain,
		Secret: "s3cret", Forced: f == EjabberdForced, Privileged: f == ProsodyPrivileged,
		edit: edit,
	}
	for i := 1; i <= slots; i++ {
		s.Components = append(s.Components, strings.Replace(fmt.Sprintf("ap%d.%s", i, domain), "ap1.", "ap.", 1))
	}
	for _, port := range []*int{&s.ClientPort, &s.ComponentPort, &s.APIPort} {
		p, err := netlab.FreePort()
		if err != nil {
			return nil, err
		}
		*port = p
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("xmppserver: %w", err)
	}
	if err := s.Start(); err != nil {
		return nil, err
	}
	return s, s.Account("admin")
}

// ClientAddr and ComponentAddr are where the server listens.
func (s *Server) ClientAddr() string    { return fmt.Sprintf("127.0.0.1:%d", s.ClientPort) }
func (s *Server) ComponentAddr() string { return fmt.Sprintf("127.0.0.1:%d", s.ComponentPort) }

// TakeComponent gives away a component domain that no gateway has used yet.
func (s *Server) TakeComponent() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used == len(s.Components) {
		return "", fmt.Errorf("xmppserver: all %d component slots are used up", slots)
	}
	s.used++
	return s.Components[s.used-1], nil
}

// Start starts the server again after Stop or Kill, with its data.
func (s *Server) Start() error {
	var (
		p   *proc.Process
		err error
	)
	if s.isProsody() {
		p, err = s.startProsody()
	} else {
		p, err = s.startEjabberd()
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.proc = p
	s.mu.Unlock()
	ports := []int{s.ClientPort, s.ComponentPort}
	if !s.isProsody() {
		ports = append(ports, s.APIPort)
	}
	for _, port := range ports {
		if err := answers(p, port); err != nil {
			p.Kill()
			return fmt.Errorf("xmppserver: %s: %w\n%s", s.Flavour, err, s.Log())
		}
	}
	return nil
}

// Stop ends the server in order; Kill pulls the plug. Both keep its data.
func (s *Server) Stop() { s.process().Stop(20 * time.Second) }

// Kill ends the server at once.
func (s *Server) Kill() { s.process().Kill() }

// Restart stops the server and starts it on the same ports.
func (s *Server) Restart() error {
	s.Stop()
	return s.Start()
}

// Alive returns nil while the server runs.
func (s *Server) Alive() error { return s.process().Alive() }

func (s *Server) process() *proc.Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.proc
}

func (s *Server) isProsody() bool { return s.Flavour == Prosody || s.Flavour == ProsodyPrivileged }

// Services are the pubsub services with their names.
func (s *Server) Services() map[string]string {
	return map[string]string{s.Pubsub: "Communities", s.Comments: "Comments"}
}

// Account makes sure that an account exists; its password is Password.
func (s *Server) Account(user string) error {
	if s.isProsody() {
		return s.prosodyAccount(user)
	}
	return s.ejabberdAccount(user)
}

// Log returns the end of what the server logged.
func (s *Server) Log() string {
	out := s.process().Log.Tail(40)
	if b, err := os.ReadFile(filepath.Join(s.Dir, "log", "ejabberd.log")); err == nil {
		out += "\n" + string(b[max(0, len(b)-6000):])
	}
	return out
}

// answers waits until a port of p accepts connections.
func answers(p *proc.Process, port int) error {
	deadline := time.Now().Add(startLimit)
	for {
		c, err := net.DialTimeout("tcp4", fmt.Sprintf("127.0.0.1:%d", port), time.Second)
		if err == nil {
			return c.Close()
		}
		if err := p.Alive(); err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("port %d does not answer after %v: %w", port, startLimit, err)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// render writes a configuration file from its template.
func (s *Server) render(tmpl, file string) error {
	t, err := template.New(file).Parse(tmpl)
	if err != nil {
		return fmt.Errorf("xmppserver: %w", err)
	}
	var text strings.Builder
	if err := t.Execute(&text, s); err != nil {
		return fmt.Errorf("xmppserver: %w", err)
	}
	config := text.String()
	if s.edit != nil {
		config = s.edit(s, config)
	}
	if err := os.WriteFile(filepath.Join(s.Dir, file), []byte(config), 0o600); err != nil {
		return fmt.Errorf("xmppserver: %w", err)
	}
	return nil
}

// program finds an installed program or says how to get it.
func program(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%w: %s", ErrMissing, name)
	}
	return path, nil
}
