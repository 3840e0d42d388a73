package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"isthmus/e2e/await"
	"isthmus/e2e/proc"
)

// child runs this program for a measurement of its own and reads the sample that it prints.
func (l *load) child(what string, cfg any) (s sample) {
	out := &proc.Log{}
	p, err := proc.Start(proc.Spec{Name: what, Path: l.self, Args: []string{what}, Stdin: true, Out: out})
	if err != nil {
		l.t.Fatalf("%s: %v", what, err)
	}
	if err := json.NewEncoder(p.Stdin).Encode(cfg); err != nil {
		l.t.Fatalf("%s: %v", what, err)
	}
	if code := p.ExitCode(); code != 0 {
		l.t.Fatalf("%s: ended with %d: %s", what, code, p.Log.Tail(5))
	}
	if err := json.Unmarshal([]byte(out.String()), &s); err != nil {
		l.t.Fatalf("%s: %v", what, err)
	}
	return s
}

// server runs this program as one that serves: it is told what to do on its standard input
// and prints where it is.
func (l *load) server(what string, cfg any, env ...string) (*proc.Process, string) {
	out := &proc.Log{}
	p, err := proc.Start(proc.Spec{Name: what, Path: l.self, Args: []string{what}, Stdin: true, Out: out, Env: env})
	if err != nil {
		l.t.Fatalf("%s: %v", what, err)
	}
	l.t.Cleanup(func() { p.Stop(time.Second) })
	if err := json.NewEncoder(p.Stdin).Encode(cfg); err != nil {
		l.t.Fatalf("%s: %v", what, err)
	}
	addr := ""
	await.True(l.t, 30*time.Second, what, func() error {
		if addr = strings.TrimSpace(out.String()); addr == "" {
			return fmt.Errorf("it says nothing: %w\n%s", p.Alive(), p.Log.Tail(5))
		}
		return nil
	})
	return p, addr
}
