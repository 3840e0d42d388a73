package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"isthmus/activitypub"
	"isthmus/bridge"
	"isthmus/control"
	"isthmus/db"
	"isthmus/monitor"
	"isthmus/queue"
)

// shutdownGrace is how long open requests may take to end, stopWithin how long everything
// may take: what has not ended then is as after a crash, which loses nothing.
const (
	shutdownGrace = 10 * time.Second
	stopWithin    = 20 * time.Second
)

var errStuck = fmt.Errorf("not everything ended within %v: stopped all the same, and what was on its way goes on at the next start", stopWithin)

// run connects both sides and works until ctx ends. What is watched from outside
// (monitor) is up before anything that may take long.
func run(ctx context.Context, cfg Config, log *slog.Logger) error {
	unlock, err := lockFile(cfg.DB)
	if err != nil {
		return err
	}
	defer unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	g, ctx := errgroup.WithContext(ctx)
	health, metrics, front := new(monitor.Health), monitor.NewMetrics(version()), new(adminDoor)
	health.Phase("opening the database, and bringing its schema up to date")
	if err := watch(ctx, g, cfg.Monitor.Listen, front.before(health.Handler(metrics)), log); err != nil {
		return err
	}
	store, err := db.Open(ctx, cfg.DB.location())
	if err != nil {
		return err
	}
	defer store.Close() // after everything that uses it
	release, err := lockServer(ctx, cfg.DB, store.Beside, cancel)
	if err != nil {
		return err
	}
	defer release()
	member, leave, err := join(ctx, cfg, store, cancel, log)
	if err != nil {
		return err
	}
	defer leave()
	bc := bridgeConfig(cfg, log)
	bc.Health, bc.Metrics, bc.Member = health, metrics, member
	if err = serve(ctx, g, cfg, bc, store, front, log); err == nil {
		err = waitFor(ctx, g)
	}
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	if cause := context.Cause(ctx); errors.Is(cause, db.ErrNotAlone) || errors.Is(cause, db.ErrNewer) {
		err = cause
	}
	if err == nil {
		log.Info("gateway stopped")
	}
	return err
}

// waitFor waits until everything has ended, and when ctx has ended, not for long.
func waitFor(ctx context.Context, g *errgroup.Group) error {
	done := make(chan error, 1)
	go func() { done <- g.Wait() }()
	late := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(stopWithin, func() { close(late) }) })
	defer stop()
	select {
	case err := <-done:
		return err
	case <-late:
		time.AfterFunc(5*time.Second, func() { os.Exit(exitFailure) }) // if even that is too much
		return errStuck
	}
}

// watch serves what is watched from outside, if that is wanted.
func watch(ctx context.Context, g *errgroup.Group, addr string, handler http.Handler, log *slog.Logger) error {
	if addr == "" {
		return nil
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return listenError("monitor", addr, err)
	}
	serveHTTP(ctx, g, listener, activitypub.NewHTTPServer(addr, handler, log))
	return nil
}

// serve starts both sides, or the parts that this process has the roles for.
func serve(ctx context.Context, g *errgroup.Group, cfg Config, bc bridge.Config, store *db.DB, front *adminDoor, log *slog.Logger) error {
	b, err := bridge.New(bc, store)
	if err != nil {
		return err
	}
	if cfg.Admin.Socket != "" {
		g.Go(func() error { return control.Serve(ctx, cfg.Admin.Socket, b.Desk(), log) })
	}
	front.open(cfg, b)
	listen := "none"
	if bc.Roles.HTTP {
		// The port is taken before anything is sent.
		listener, err := net.Listen("tcp", cfg.HTTP.Listen)
		if err != nil {
			return listenError("http", cfg.HTTP.Listen, err)
		}
		listen = listener.Addr().String()
		serveHTTP(ctx, g, listener, activitypub.NewHTTPServer(cfg.HTTP.Listen, b.Handler(), log))
	}
	log.Info("gateway started", "version", version(), "roles", bc.Roles.String(), "listen", listen, "public_url", cfg.HTTP.PublicURL, "component", cfg.XMPP.Component)
	bc.Health.Phase("")
	notify := func(state string) {
		if err := monitor.Notify(state); err != nil {
			log.Warn("systemd not told", "err", err)
		}
	}
	notify("READY=1")
	context.AfterFunc(ctx, func() { notify("STOPPING=1") })
	g.Go(func() error { return bc.Health.Watchdog(ctx) })
	g.Go(func() error { return b.Run(ctx) })
	return nil
}

// serveHTTP answers until ctx ends, and lets what is open then come to its end.
func serveHTTP(ctx context.Context, g *errgroup.Group, listener net.Listener, server *http.Server) {
	g.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
		defer cancel()
		if err := server.Shutdown(grace); err != nil {
			return errors.Join(server.Close(), ctx.Err())
		}
		return nil
	})
}

// listenError adds what to do about it to the usual reasons.
func listenError(section, addr string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("[%s] listen: another program has %s: stop it, if it is a second gateway, or choose another port: %w", section, addr, err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("[%s] listen: %s is not allowed for this user: choose a port above 1023 and let the web server forward to it: %w", section, addr, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("[%s] listen: %s is no address of this machine: use 127.0.0.1, or leave the host out for every address: %w", section, addr, err)
	}
	return fmt.Errorf("[%s] listen: %w", section, err)
}

// bridgeConfig is the part of the configuration that the flows need.
func bridgeConfig(cfg Config, log *slog.Logger) bridge.Config {
	return bridge.Config{
		Component: cfg.XMPP.Component, Secret: string(cfg.XMPP.Secret), Server: cfg.XMPP.Server,
		Domains: cfg.XMPP.Domains, PubSub: cfg.XMPP.PubSub,
		PublicURL: cfg.HTTP.PublicURL, HandleDomain: cfg.ActivityPub.HandleDomain, AllowPrivate: cfg.HTTP.AllowPrivate,
		Limits:          activitypub.Limits{Address: cfg.HTTP.RateAddress, Host: cfg.HTTP.RateHost, Proxies: cfg.HTTP.Proxies},
		AuthorizedFetch: cfg.ActivityPub.AuthorizedFetch, OnlyAllowed: cfg.ActivityPub.OnlyAllowed,
		Name: cfg.Gateway.Name, Description: cfg.Gateway.Description, Contact: cfg.Gateway.Contact, Rules: cfg.Gateway.Rules, Style: cfg.Gateway.Style, Version: version(),
		AdminPage:  adminPage(cfg.Admin),
		AllowUsers: cfg.Blog.AllowUsers, ApproveFollowers: cfg.Blog.ApproveFollowers,
		Poll: cfg.Blog.Poll, PollMissing: cfg.Blog.PollMissing, RetractHold: cfg.Blog.RetractHold,
		Likes: cfg.Blog.Likes, Digest: cfg.Blog.Digest, Admins: cfg.Admin.JIDs,
		ReaderOpen: cfg.Reader.Open, Media: cfg.Reader.Media, Backfill: cfg.Reader.Backfill, Keep: cfg.Reader.Keep, Refresh: cfg.Reader.Refresh,
		Delivery: queue.Config{
			Workers: cfg.Delivery.Workers, PerHost: cfg.Delivery.PerHost, Timeout: cfg.Delivery.Timeout,
			RetryFirst: cfg.Delivery.RetryFirst, RetryMax: cfg.Delivery.RetryMax, GiveUp: cfg.Delivery.GiveUp,
			BreakerFailures: cfg.Delivery.BreakerFailures, BreakerWindow: cfg.Delivery.BreakerWindow, BreakerPause: cfg.Delivery.BreakerPause,
		},
		Roles: cfg.Roles, Log: log,
	}
}
