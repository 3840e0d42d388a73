package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"isthmus/activitypub"
	"isthmus/bridge"
	"isthmus/db"
	"isthmus/queue"
)

// shutdownGrace is how long open requests may take to end.
const shutdownGrace = 10 * time.Second

// crashTries is how often a job may have begun before it has to wait for the end of
// its lease after a crash: it may be what crashes us.
const crashTries = 4

// run connects both sides and works until ctx ends.
func run(ctx context.Context, cfg Config, log *slog.Logger) error {
	if err := checkOwner(cfg.DB.Path); err != nil {
		return err
	}
	unlock, err := lock(cfg.DB.Path)
	if err != nil {
		return err
	}
	defer unlock()
	store, err := db.Open(ctx, cfg.DB.location())
	if err != nil {
		return err
	}
	defer store.Close()
	if err := store.ReleaseJobs(ctx, crashTries); err != nil { // the lock says that nobody has them
		return err
	}
	b, err := bridge.New(bridgeConfig(cfg, log), store)
	if err != nil {
		return err
	}
	// The port is taken before anything is sent.
	listener, err := net.Listen("tcp", cfg.HTTP.Listen)
	if err != nil {
		return listenError(cfg.HTTP.Listen, err)
	}
	server := activitypub.NewHTTPServer(cfg.HTTP.Listen, b.Handler(), log)
	log.Info("gateway started", "version", version(), "listen", listener.Addr().String(), "public_url", cfg.HTTP.PublicURL, "component", cfg.XMPP.Component)

	g, ctx := errgroup.WithContext(ctx)
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
		return server.Shutdown(grace)
	})
	g.Go(func() error { return b.Run(ctx) })
	err = g.Wait()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	if err == nil {
		log.Info("gateway stopped")
	}
	return err
}

// listenError adds what to do about it to the usual reasons.
func listenError(addr string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("[http] listen: another program has %s: stop it, if it is a second gateway, or choose another port: %w", addr, err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("[http] listen: %s is not allowed for this user: choose a port above 1023 and let the web server forward to it: %w", addr, err)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("[http] listen: %s is no address of this machine: use 127.0.0.1, or leave the host out for every address: %w", addr, err)
	}
	return fmt.Errorf("[http] listen: %w", err)
}

// bridgeConfig is the part of the configuration that the flows need.
func bridgeConfig(cfg Config, log *slog.Logger) bridge.Config {
	return bridge.Config{
		Component: cfg.XMPP.Component, Secret: string(cfg.XMPP.Secret), Server: cfg.XMPP.Server,
		Domains: cfg.XMPP.Domains, PubSub: cfg.XMPP.PubSub,
		PublicURL: cfg.HTTP.PublicURL, HandleDomain: cfg.ActivityPub.HandleDomain, AllowPrivate: cfg.HTTP.AllowPrivate,
		Limits:          activitypub.Limits{Address: cfg.HTTP.RateAddress, Host: cfg.HTTP.RateHost, Proxies: cfg.HTTP.Proxies},
		AuthorizedFetch: cfg.ActivityPub.AuthorizedFetch, OnlyAllowed: cfg.ActivityPub.OnlyAllowed,
		Name: cfg.Gateway.Name, Description: cfg.Gateway.Description, Contact: cfg.Gateway.Contact, Version: version(),
		AllowUsers: cfg.Blog.AllowUsers, ApproveFollowers: cfg.Blog.ApproveFollowers,
		Poll: cfg.Blog.Poll, PollMissing: cfg.Blog.PollMissing, RetractHold: cfg.Blog.RetractHold,
		Likes: cfg.Blog.Likes, Digest: cfg.Blog.Digest, Admins: cfg.Admin.JIDs,
		ReaderOpen: cfg.Reader.Open, Media: cfg.Reader.Media, Backfill: cfg.Reader.Backfill, Refresh: cfg.Reader.Refresh,
		Delivery: queue.Config{
			Workers: cfg.Delivery.Workers, PerHost: cfg.Delivery.PerHost, Timeout: cfg.Delivery.Timeout,
			RetryFirst: cfg.Delivery.RetryFirst, RetryMax: cfg.Delivery.RetryMax, GiveUp: cfg.Delivery.GiveUp,
			BreakerFailures: cfg.Delivery.BreakerFailures, BreakerWindow: cfg.Delivery.BreakerWindow, BreakerPause: cfg.Delivery.BreakerPause,
		},
		Log: log,
	}
}

// openStore opens the database for writing.
func openStore(ctx context.Context, cfg DBConfig) (*db.DB, error) {
	if err := checkOwner(cfg.Path); err != nil {
		return nil, err
	}
	return db.Open(ctx, cfg.location())
}

// location is the database's URL with the path resolved.
func (c DBConfig) location() string { return "sqlite:" + c.Path }
