package control

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// desk answers two questions.
type desk struct {
	Desk
	name string
}

func (d desk) State(context.Context) (State, error) { return State{Version: d.name}, nil }
func (d desk) Follows(_ context.Context, who string) ([]Follow, error) {
	switch who {
	case "nobody":
		return nil, ErrNotFound
	case "broken":
		return nil, errors.New("the disk is full")
	}
	return []Follow{{Account: who}}, nil
}
func (d desk) TryFollow(_ context.Context, account string, tell func(Hop)) error {
	tell(Hop{Where: account, State: "ok"})
	return errors.New("cut off")
}

// serves runs Serve until stop.
func serves(t *testing.T, path string, d Desk) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, path, d, slog.New(slog.DiscardHandler)) }()
	stop = func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	return stop
}

// answers waits until somebody of this name does.
func answers(t *testing.T, c *Client, name string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		s, err := c.State(t.Context())
		if err == nil && s.Version == name {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s does not answer: %+v, %v", name, s, err)
		}
	}
}

// What a desk says, and which of its errors it is, comes through the socket.
func TestOverTheSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	c := NewClient(path)
	if _, err := c.State(t.Context()); !errors.Is(err, ErrNotRunning) || !strings.Contains(err.Error(), path) {
		t.Errorf("nobody there: %v", err)
	}
	defer serves(t, path, desk{name: "one"})()
	answers(t, c, "one")
	if list, err := c.Follows(t.Context(), "alice & co"); err != nil || len(list) != 1 || list[0].Account != "alice & co" {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := c.Follows(t.Context(), "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := c.Follows(t.Context(), "broken"); err == nil || errors.Is(err, ErrNotFound) || err.Error() != "the disk is full" {
		t.Errorf("broken: %v", err)
	}
	var hops []Hop
	if err := c.TryFollow(t.Context(), "bob@mastodon.example", func(h Hop) { hops = append(hops, h) }); err == nil || err.Error() != "cut off" || len(hops) != 1 || hops[0].Where != "bob@mastodon.example" {
		t.Errorf("%+v, %v", hops, err)
	}
}

// A socket that was left by one that was killed is replaced; one that answers is not.
func TestSocketIsTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	left, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	left.Close()
	stop := serves(t, path, desk{name: "one"})
	c := NewClient(path)
	answers(t, c, "one")
	if _, err := listen(path); !errors.Is(err, errTaken) {
		t.Errorf("a second one: %v", err)
	}
	answers(t, c, "one")
	stop()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file stays behind: %v", err)
	}
	defer serves(t, path, desk{name: "two"})()
	answers(t, NewClient(path), "two")
}

// A place where no socket can be does not keep the gateway from running.
func TestNoPlaceForASocket(t *testing.T) {
	if err := Serve(t.Context(), filepath.Join(t.TempDir(), "nowhere", "s"), desk{}, slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
}
