// Package xmppclient gives scenarios real XMPP clients: slixmpp, an
// implementation the gateway shares no code with. One Python process holds all
// clients of a test run; this package talks to it in JSON lines (client.py).
//
// It knows nothing about blogs or gateways; package world does.
package xmppclient

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"

	"isthmus/e2e/proc"
)

// ErrRefused wraps what the other side answered instead of a result.
var ErrRefused = errors.New("refused")

// ErrMissing says that Python or slixmpp is not installed.
var ErrMissing = errors.New("xmppclient: python3-slixmpp is not installed; run scripts/setup.sh")

// answerLimit is longer than the time-outs inside client.py, which say more.
const answerLimit = 45 * time.Second

//go:embed client.py
var program string

// Bridge is the running Python process.
type Bridge struct {
	proc *proc.Process

	mu      sync.Mutex
	next    int
	waiting map[int]chan reply
	clients map[string]*Client
}

type reply struct {
	ID     int             `json:"id"`
	OK     json.RawMessage `json:"ok"`
	Error  string          `json:"error"`
	Ready  string          `json:"ready"`
	Client string          `json:"client"`
	In     string          `json:"in"`
	Gone   *string         `json:"gone"`
}

// NewBridge starts the Python process.
func NewBridge() (*Bridge, error) {
	python := "/usr/bin/python3" // the distribution's: it is the one that has slixmpp
	if err := exec.Command(python, "-c", "import slixmpp").Run(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	b := &Bridge{waiting: map[int]chan reply{}, clients: map[string]*Client{}}
	r, w := io.Pipe()
	p, err := proc.Start(proc.Spec{Name: "xmpp-clients", Path: python, Args: []string{"-u", "-c", program}, Stdin: true, Out: w})
	if err != nil {
		return nil, err
	}
	b.proc = p
	ready := make(chan struct{})
	go b.read(r, ready)
	go func() { <-p.Done(); w.Close() }()
	select {
	case <-ready:
		return b, nil
	case <-p.Done():
		return nil, p.Alive()
	case <-time.After(answerLimit):
		p.Kill()
		return nil, fmt.Errorf("xmppclient: no sign of life\n%s", p.Log.Tail(20))
	}
}

// Close ends the process and with it all sessions.
func (b *Bridge) Close() { b.proc.Kill() }

// Log returns what slixmpp complained about.
func (b *Bridge) Log() string { return b.proc.Log.Tail(40) }

// read hands replies to whoever waits and stanzas to their clients.
func (b *Bridge) read(r io.Reader, ready chan struct{}) {
	in := bufio.NewReaderSize(r, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			break
		}
		var m reply
		if err := json.Unmarshal(bytes.TrimSpace(line), &m); err != nil {
			continue
		}
		switch {
		case m.Ready != "":
			close(ready)
		case m.Client != "":
			b.mu.Lock()
			c := b.clients[m.Client]
			b.mu.Unlock()
			if c != nil {
				c.receive(m)
			}
		default:
			b.mu.Lock()
			ch := b.waiting[m.ID]
			delete(b.waiting, m.ID)
			b.mu.Unlock()
			if ch != nil {
				ch <- m
			}
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, ch := range b.waiting {
		ch <- reply{Error: "the client process ended"}
		delete(b.waiting, id)
	}
}

// do runs one command and decodes its answer into out, which may be nil.
func (b *Bridge) do(client, what string, args map[string]any, out any) error {
	ch := make(chan reply, 1)
	b.mu.Lock()
	b.next++
	id := b.next
	b.waiting[id] = ch
	cmd := map[string]any{"id": id, "do": what, "client": client}
	for k, v := range args {
		cmd[k] = v
	}
	line, err := json.Marshal(cmd)
	if err == nil {
		_, err = b.proc.Stdin.Write(append(line, '\n'))
	}
	b.mu.Unlock()
	if err != nil {
		return fmt.Errorf("xmppclient: %s: %w", what, err)
	}
	select {
	case m := <-ch:
		if m.Error != "" {
			return fmt.Errorf("%s: %s: %w: %s", client, what, ErrRefused, m.Error)
		}
		if out == nil {
			return nil
		}
		if err := json.Unmarshal(m.OK, out); err != nil {
			return fmt.Errorf("xmppclient: %s: %w", what, err)
		}
		return nil
	case <-time.After(answerLimit):
		return fmt.Errorf("%s: %s: %w: no answer", client, what, ErrRefused)
	}
}
