// Package browser looks at pages in a real Chromium: whether they are valid, whether
// everybody can read them (axe), how they look, and where their buttons lead.
package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// Task says what to look at. Every host of it is asked for at the name server DNS.
type Task struct {
	DNS     string   // ip:port, UDP
	Pages   []string // addresses
	Screens string   // folder for pictures of them, "" for none
	Follow  *Follow
	Enter   string // link with a button that lets in, "" for none
	Presses []Press
}

// Press is buttons to press, one after the other, on a page and on those that they lead to.
type Press struct {
	Page    string   `json:"page"`
	Buttons []string `json:"buttons"`
}

// Follow is a visitor who follows the blog of a page.
type Follow struct {
	Page   string `json:"page"`
	Handle string `json:"handle"` // of the visitor
}

// Seen is what was seen.
type Seen struct {
	Looks []struct {
		Page, Size, Scheme string
		Problems           []string
		Links              int
	}
	// Where the visitor ends who follows: after typing the handle, and the next time.
	Follow struct{ First, Again string }
	Said   []string // by the pages at which Presses end
}

// wait is how long all of it may take.
const wait = 3 * time.Minute

// Look does it.
func Look(t Task) (seen Seen, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	hosts, err := t.hosts(ctx)
	if err != nil {
		return seen, err
	}
	in, err := json.Marshal(map[string]any{"hosts": hosts, "pages": t.Pages, "screens": t.Screens, "follow": t.Follow, "enter": t.Enter, "presses": t.Presses})
	if err != nil {
		return seen, err
	}
	if t.Screens != "" {
		if err := os.MkdirAll(t.Screens, 0o755); err != nil {
			return seen, err
		}
	}
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Dir(file)
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "..", "peer", "node_modules", "node", "bin", "node"), "look.mjs")
	var out, trouble bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, bytes.NewReader(in), &out, &trouble
	if err := cmd.Run(); err != nil {
		return seen, fmt.Errorf("browser: %w (scripts/setup.sh installs it)\n%s", err, trouble.String())
	}
	return seen, json.Unmarshal(out.Bytes(), &seen)
}

// hosts are the addresses of all hosts that it may come to.
func (t Task) hosts(ctx context.Context) (map[string]string, error) {
	names := append([]string(nil), t.Pages...)
	if t.Follow != nil {
		names = append(names, t.Follow.Page, "https://"+t.Follow.Handle) // the handle's user is a user here, too
	}
	lab := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", t.DNS)
	}}
	hosts := map[string]string{}
	for _, n := range names {
		u, err := url.Parse(n)
		if err != nil {
			return nil, fmt.Errorf("browser: %w", err)
		}
		if hosts[u.Hostname()] != "" {
			continue
		}
		ips, err := lab.LookupHost(ctx, u.Hostname())
		if err != nil {
			return nil, fmt.Errorf("browser: %w", err)
		}
		hosts[u.Hostname()] = ips[0]
	}
	return hosts, nil
}
