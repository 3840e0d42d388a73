package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"

	"isthmus/activitypub"
	"isthmus/bridge"
	"isthmus/db"
)

// acceptConfig is read from standard input.
type acceptConfig struct {
	Component, PublicURL string
	DNS                  string // the lab's name server
	DB                   string
}

// runAccept is the gateway's inbox and nothing behind it: what is taken is stored and
// stays. It prints its address and serves until standard input ends.
func runAccept() error {
	dec := json.NewDecoder(os.Stdin)
	var cfg acceptConfig
	if err := dec.Decode(&cfg); err != nil {
		return fmt.Errorf("accept: %w", err)
	}
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", cfg.DNS)
	}}
	store, err := db.Open(context.Background(), cfg.DB)
	if err != nil {
		return fmt.Errorf("accept: %w", err)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	b, err := bridge.New(bridge.Config{
		Component: cfg.Component, PublicURL: cfg.PublicURL, HandleDomain: cfg.Component, Version: "bench", Log: log,
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	}, store)
	if err != nil {
		return errors.Join(err, store.Close())
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, store.Close())
	}
	srv := activitypub.NewHTTPServer(ln.Addr().String(), b.Handler(), log)
	go func() {
		if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "accept:", err)
		}
	}()
	fmt.Println(ln.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, srv.Close(), store.Close())
}

// reachable is nil when somebody listens there.
func reachable(addr string) error {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	return c.Close()
}
