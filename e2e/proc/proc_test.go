package proc

import (
	"errors"
	"testing"
	"time"
)

func TestStopEndsPolitelyAndKillDoesNot(t *testing.T) {
	p, err := Start(Spec{Name: "polite", Path: "sh", Args: []string{"-c", "trap 'echo bye; exit 3' TERM; echo up; while :; do read x; done <&3"}, Stdin: true})
	if err != nil {
		t.Fatal(err)
	}
	p.Stop(0) // may or may not have reached its trap: only that it ends is promised
	if p.Alive() == nil {
		t.Error("still alive after Stop")
	}
	p, err = Start(Spec{Name: "stubborn", Path: "sh", Args: []string{"-c", "trap '' TERM; cat"}, Stdin: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Alive(); err != nil {
		t.Fatal(err)
	}
	p.Kill()
	if err := p.Alive(); !errors.Is(err, ErrExited) {
		t.Errorf("after Kill: %v", err)
	}
}

func TestLogKeepsLinesAndStatus(t *testing.T) {
	p, err := Start(Spec{Name: "words", Path: "sh", Args: []string{"-c", "echo one; echo two >&2; exit 7"}})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("does not end")
	}
	if code := p.ExitCode(); code != 7 {
		t.Errorf("status %d", code)
	}
	if p.Log.Count(0, "one") != 1 || p.Log.Count(0, "two") != 1 || p.Log.Count(p.Log.Mark(), "one") != 0 {
		t.Errorf("log is %q", p.Log.Tail(5))
	}
}
