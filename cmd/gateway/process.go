package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"

	"isthmus/bridge"
	"isthmus/db"
)

// runOptions are what the command line says of one process of several.
type runOptions struct{ roles, listen, monitor string }

func (o *runOptions) flags(set *flag.FlagSet) {
	set.StringVar(&o.roles, "roles", "", "what this process does: http, worker, xmpp")
	set.StringVar(&o.listen, "listen", "", "in the place of [http] listen")
	set.StringVar(&o.monitor, "monitor", "", "in the place of [monitor] listen")
}

// apply changes the configuration as the command line says.
func (o *runOptions) apply(cfg *Config) (err error) {
	cfg.Roles = bridge.AllRoles
	if o.roles != "" {
		if cfg.Roles, err = bridge.ParseRoles(o.roles); err != nil {
			return fmt.Errorf("--roles: %w", err)
		}
	}
	if cfg.Roles != bridge.AllRoles && cfg.DB.Path != "" {
		return errors.New("--roles: a SQLite file is for one process, which does everything: several need PostgreSQL ([db] url, gateway db copy)")
	}
	if o.listen != "" {
		cfg.HTTP.Listen = o.listen
	}
	if o.monitor != "" {
		cfg.Monitor.Listen = o.monitor
	}
	return nil
}

// join makes this process one of those that work with the database. lost is called when
// it must not go on; leave is for the end, when nothing works any more.
func join(ctx context.Context, cfg Config, store *db.DB, lost func(error), log *slog.Logger) (m *db.Member, leave func(), err error) {
	host, _ := os.Hostname()
	m, err = store.Join(ctx, db.Process{
		Roles: cfg.Roles.String(), Serves: cfg.XMPP.Component + " at " + cfg.HTTP.PublicURL, Host: host, Version: version(),
	}, log)
	if errors.Is(err, db.ErrOther) {
		return nil, nil, fmt.Errorf("%w: give this one a database of its own, or the same [xmpp] component and [http] public_url", err)
	}
	if err != nil {
		return nil, nil, err
	}
	if m.Alone() { // whoever had them has ended
		if err := store.ReleaseJobs(ctx, bridge.CrashTries, true); err != nil {
			return nil, nil, err
		}
	}
	// What this process has is renewed until it has let go of it.
	beating, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := m.Run(beating); err != nil {
			lost(err)
		}
	}()
	return m, func() {
		stop()
		<-done
		if err := m.Leave(ctx); err != nil {
			log.Warn("other processes not told that this one goes", "err", err)
		}
	}, nil
}
