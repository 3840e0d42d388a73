// Package peer runs the foreign Fediverse server of the scenarios: Fedify, an
// implementation the gateway shares no code with, on a node of its own behind
// HTTPS. The JavaScript beside this file is the server; this package starts it
// and pulls its strings.
//
// It knows nothing about the gateway; package world does.
package peer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/netlab"
	"isthmus/e2e/proc"
)

// ErrRefused wraps what the server answered instead of a result.
var ErrRefused = errors.New("peer: refused")

// Peer is a running server.
type Peer struct {
	Host    string // "fedi.test"
	control string
	proc    *proc.Process
	http    http.Client
}

// Received is one request the server answered.
type Received struct {
	N          int
	At         time.Time
	Method     string
	Path       string
	Headers    map[string]any // lower case names; a list where a header came twice
	Body       string
	Status     int    // 0: left hanging on request
	Verified   bool   // Fedify found the signature good and handed the activity on
	Unverified string // Fedify's reason when it did not
	Fault      bool   // answered by a fault that was asked for
}

// Activity is the body as JSON, nil when it is none.
func (r Received) Activity() map[string]any {
	var m map[string]any
	if json.Unmarshal([]byte(r.Body), &m) != nil {
		return nil
	}
	return m
}

var ready = regexp.MustCompile(`(?m)^control (http://127\.0\.0\.1:\d+)$`)

// dir is where the JavaScript and node_modules are.
func dir() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(file)
}

// Start starts a server named host in the lab.
func Start(lab *netlab.Lab, host string) (*Peer, error) {
	cert, key, err := lab.CertFiles(host)
	if err != nil {
		return nil, err
	}
	p, err := proc.Start(proc.Spec{
		Name: host, Path: filepath.Join(dir(), "node_modules", "node", "bin", "node"), Args: []string{"server.mjs"}, Dir: dir(),
		Env: []string{
			"PEER_HOST=" + host, "PEER_ADDR=" + lab.Host(host).String(), "PEER_CERT=" + cert, "PEER_KEY=" + key,
			"PEER_DNS=" + lab.DNS(), "NODE_EXTRA_CA_CERTS=" + lab.CAFile, "NO_COLOR=1",
		},
	})
	if err != nil {
		return nil, fmt.Errorf("%w (run scripts/setup.sh)", err)
	}
	peer := &Peer{Host: host, proc: p, http: http.Client{Timeout: 60 * time.Second}}
	err = await.Until(context.Background(), 60*time.Second, func() error {
		if m := ready.FindStringSubmatch(p.Log.Tail(100)); m != nil {
			peer.control = m[1]
			return nil
		}
		return errors.New("the peer is not up:\n" + p.Log.Tail(20))
	})
	if err != nil {
		p.Kill()
		return nil, err
	}
	return peer, nil
}

// Close ends the server.
func (p *Peer) Close() { p.proc.Kill() }

// Log returns what the server printed.
func (p *Peer) Log() string { return p.proc.Log.Tail(60) }

// Call makes a control call (control.mjs) and decodes its answer into out,
// which may be nil.
func (p *Peer) Call(name string, args any, out any) error {
	body, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("peer: %w", err)
	}
	resp, err := p.http.Post(p.control+"/control/"+name, "application/json", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("peer: %s: %w", name, err)
	}
	return decode(name, resp, out)
}

func decode(name string, resp *http.Response, out any) error {
	defer resp.Body.Close()
	var answer struct {
		OK    json.RawMessage
		Error string
	}
	b, err := io.ReadAll(resp.Body)
	if err == nil {
		err = json.Unmarshal(b, &answer)
	}
	if err != nil {
		return fmt.Errorf("peer: %s: %w", name, err)
	}
	if answer.Error != "" {
		return fmt.Errorf("%w: %s: %s", ErrRefused, name, answer.Error)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer.OK, out); err != nil {
		return fmt.Errorf("peer: %s: %w: %s", name, err, answer.OK)
	}
	return nil
}

// Mark is a position in the journal, for Since.
func (p *Peer) Mark() (int, error) {
	all, err := p.Since(0, 0)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	return all[len(all)-1].N, nil
}

// Since returns the requests answered after number n, waiting up to limit
// (at most 20 s) for the first.
func (p *Peer) Since(n int, limit time.Duration) ([]Received, error) {
	resp, err := p.http.Get(fmt.Sprintf("%s/control/log?since=%d&wait=%d", p.control, n, min(limit, 20*time.Second).Milliseconds()))
	if err != nil {
		return nil, fmt.Errorf("peer: log: %w", err)
	}
	var out []Received
	return out, decode("log", resp, &out)
}

// Wait returns the first request after number n that fits.
func (p *Peer) Wait(limit time.Duration, n int, fits func(Received) bool) (Received, error) {
	deadline, seen := time.Now().Add(limit), n
	var words []string
	for {
		got, err := p.Since(seen, time.Until(deadline))
		if err != nil {
			return Received{}, err
		}
		for _, r := range got {
			if fits(r) {
				return r, nil
			}
			seen = r.N
			words = append(words, r.String())
		}
		if !time.Now().Before(deadline) {
			return Received{}, fmt.Errorf("after %v %s had received: %s", limit, p.Host, strings.Join(words, "; "))
		}
	}
}

// String names a request in few words.
func (r Received) String() string {
	s := fmt.Sprintf("%s %s → %d", r.Method, r.Path, r.Status)
	if a := r.Activity(); a != nil {
		s += fmt.Sprintf(" %v", a["type"])
	}
	if r.Unverified != "" {
		s += " (unverified: " + r.Unverified + ")"
	}
	return s
}
