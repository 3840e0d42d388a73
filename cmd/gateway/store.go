package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"isthmus/db"
)

// errRunning says that another process works with the database.
var errRunning = errors.New("another gateway is running")

// errStop is errRunning for commands that need the database for themselves.
var errStop = errors.New("the gateway is running: stop it first (systemctl stop isthmus)")

// location is the database's address, with a file's path resolved.
func (c DBConfig) location() string {
	if c.Path == "" {
		return c.URL
	}
	return "sqlite:" + c.Path
}

// shown is the database's address for people.
func (c DBConfig) shown() string {
	if c.Path == "" {
		return db.Redacted(c.URL)
	}
	return c.Path
}

// openStore opens the database for writing, beside a gateway that may run.
func openStore(ctx context.Context, cfg DBConfig) (*db.DB, error) {
	if cfg.Path != "" {
		if err := checkOwner(cfg.Path); err != nil {
			return nil, err
		}
	}
	return db.Open(ctx, cfg.location())
}

// openAlone opens the database for a process that works with it alone, which is
// errRunning when another one does. done closes it and lets others have it.
func openAlone(ctx context.Context, cfg DBConfig) (store *db.DB, done func(), err error) {
	unlock, err := lockFile(cfg)
	if err != nil {
		return nil, nil, err
	}
	if store, err = openStore(ctx, cfg); err != nil {
		unlock()
		return nil, nil, err
	}
	release, err := lockServer(ctx, cfg, store.Alone, func(error) {}) // a moment's work
	if err != nil {
		store.Close()
		unlock()
		return nil, nil, err
	}
	return store, func() { release(); store.Close(); unlock() }, nil
}

func lockFile(cfg DBConfig) (unlock func(), err error) {
	if cfg.Path == "" {
		return func() {}, nil
	}
	if err := checkOwner(cfg.Path); err != nil {
		return nil, err
	}
	return lock(cfg.Path)
}

// lockServer keeps gateways and commands that need the same server's database for
// themselves apart, by db.Alone or db.Beside; lost is called when that fails later.
func lockServer(ctx context.Context, cfg DBConfig, lock func(context.Context, func(error)) (func(), error), lost func(error)) (release func(), err error) {
	if cfg.Path != "" {
		return func() {}, nil
	}
	release, err = lock(ctx, lost)
	if errors.Is(err, db.ErrNotAlone) {
		return nil, fmt.Errorf("[db] url: %w with %s; stop it first, or give this one a database of its own", errRunning, cfg.shown())
	}
	return release, err
}

// hasDatabase says so when there is no database yet; opening a file would make it.
func hasDatabase(cfg DBConfig) error {
	if _, err := os.Stat(cfg.Path); cfg.Path != "" && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no %s yet: the gateway has never run, or [db] url is not right", cfg.Path)
	}
	return nil
}

// errPostgres says what to do where the server has better tools.
var errPostgres = errors.New(`this is for SQLite files; PostgreSQL has tools of its own, see "PostgreSQL" in docs/OPERATIONS.md`)
