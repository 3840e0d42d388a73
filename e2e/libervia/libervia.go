// Package libervia runs Debian's Libervia (0.9.0), an XMPP client with a command
// line that the gateway shares no code with, headless: a session bus, the backend
// and its commands. Scenarios have it read what the gateway serves.
package libervia

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/proc"
)

// ErrMissing says that it is not installed.
var ErrMissing = errors.New("libervia: libervia-cli is not installed; run scripts/setup.sh test")

// python is the distribution's: it is the one that has Libervia's modules.
const python = "/usr/bin/python3"

// Client is one account's Libervia. Its parts end with the test.
type Client struct {
	dir          string
	bus, backend *proc.Process
}

// profile is what Libervia calls an account.
const profile = "reader"

// Login starts Libervia in a directory of its own and logs an account in at a
// server's client port, with STARTTLS and whatever certificate.
func Login(dir, jid, password, addr string) (*Client, error) {
	if _, err := os.Stat("/usr/bin/libervia-cli"); err != nil {
		return nil, ErrMissing
	}
	c := &Client{dir: dir}
	for _, d := range []string{"data", "cache", "libervia"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o700); err != nil {
			return nil, fmt.Errorf("libervia: %w", err)
		}
	}
	config := fmt.Sprintf("[DEFAULT]\nlocal_dir = %s\nbridge = dbus\n", filepath.Join(dir, "data"))
	err := os.WriteFile(filepath.Join(dir, "libervia", "libervia.conf"), []byte(config), 0o600)
	if err == nil {
		c.bus, err = proc.Start(proc.Spec{Name: "session bus", Path: "/usr/bin/dbus-daemon", Args: []string{"--session", "--nofork", "--nopidfile", "--address=" + c.address()}, Env: c.env(), Dir: dir})
	}
	if err == nil {
		err = await.Until(context.Background(), 10*time.Second, func() error {
			_, err := os.Stat(filepath.Join(dir, "bus"))
			return err
		})
	}
	if err == nil {
		c.backend, err = proc.Start(proc.Spec{Name: "libervia", Path: python, Args: []string{"/usr/bin/libervia-backend", "fg"}, Env: c.env(), Dir: dir})
	}
	if err == nil {
		err = await.Until(context.Background(), 60*time.Second, func() error {
			if err := c.backend.Alive(); err != nil {
				return fmt.Errorf("%w: %w", await.ErrHopeless, err)
			}
			_, err := c.CLI("profile", "list")
			return err
		})
	}
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("libervia: %w", err)
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("libervia: %w", err)
	}
	for _, args := range [][]string{
		{"profile", "create", profile, "-j", jid, "--xmpp-password", password, "--autoconnect", "false", "-p", ""},
		{"param", "set", "Connection", "Force server", host, "-p", profile},
		{"param", "set", "Connection", "Force port", port, "-p", profile},
		{"param", "set", "Connection", "check_certificate", "false", "-p", profile},
		{"profile", "connect", "-p", profile, "-c"},
	} {
		if out, err := c.CLI(args...); err != nil {
			c.Close()
			return nil, fmt.Errorf("libervia: %w\n%s\n%s", err, out, c.backend.Log.Tail(30))
		}
	}
	return c, nil
}

// Blog prints the posts of an account as the command `blog get` does, in JSON.
func (c *Client) Blog(service, node string) (string, error) {
	return c.CLI("blog", "get", "-p", profile, "-s", service, "-n", node, "--output", "json")
}

// CLI runs one command and returns what it prints.
func (c *Client) CLI(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, append([]string{"/usr/bin/libervia-cli"}, args...)...)
	cmd.Env = append(os.Environ(), c.env()...)
	cmd.Dir = c.dir
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = fmt.Errorf("libervia-cli %s: %w: %s", args[0], err, exit.Stderr)
	}
	return string(out), err
}

// Log is what the backend said last.
func (c *Client) Log() string { return c.backend.Log.Tail(60) }

// Close ends both processes.
func (c *Client) Close() {
	for _, p := range []*proc.Process{c.backend, c.bus} {
		if p != nil {
			p.Kill()
		}
	}
}

func (c *Client) address() string { return "unix:path=" + filepath.Join(c.dir, "bus") }

// env keeps everything in the directory; the first python3 of the PATH has to be
// the distribution's.
func (c *Client) env() []string {
	return []string{
		"HOME=" + c.dir, "XDG_CONFIG_HOME=" + c.dir, "XDG_DATA_HOME=" + c.dir, "XDG_CACHE_HOME=" + filepath.Join(c.dir, "cache"), "XDG_RUNTIME_DIR=" + c.dir,
		"DBUS_SESSION_BUS_ADDRESS=" + c.address(), "PATH=/usr/bin:/bin", "PYTHONUNBUFFERED=1", "LANG=C.UTF-8",
	}
}
