package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrNotAlone says that another process works with the database.
var ErrNotAlone = errors.New("db: another gateway works with it")

// aloneLock is the advisory lock of the processes that work with a database, which share
// it, or of a command that works with it alone.
const aloneLock = 0x15741416

// aloneEvery is how often the lock is looked after.
const aloneEvery = 5 * time.Second

// Alone makes sure that no other process works with the database until release is
// called, or this process ends. A lock goes with its connection: when that is lost, it
// is taken anew on another one, and when somebody else was faster, lost is called, and
// this process must stop. Only for PostgreSQL: a file is locked by its owner.
func (d *DB) Alone(ctx context.Context, lost func(error)) (release func(), err error) {
	return d.alone(ctx, exclusive, aloneEvery, lost)
}

// Beside is Alone for processes that work beside each other: it keeps out only those that
// must be alone.
func (d *DB) Beside(ctx context.Context, lost func(error)) (release func(), err error) {
	return d.alone(ctx, shared, aloneEvery, lost)
}

// Ways to have the lock, as the server's functions are named.
const (
	exclusive = ""
	shared    = "_shared"
)

func (d *DB) alone(ctx context.Context, how string, every time.Duration, lost func(error)) (release func(), err error) {
	conn, err := d.lockAlone(ctx, how)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if conn != nil { // closing gives it back to the pool, so the lock goes first
				conn.ExecContext(context.WithoutCancel(ctx), `select pg_advisory_unlock`+how+`($1)`, aloneLock)
				conn.Close()
			}
		}()
		for tick := time.NewTicker(every); ; {
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
			}
			if conn != nil && conn.PingContext(ctx) == nil || ctx.Err() != nil {
				continue
			}
			if conn != nil {
				conn.Close()
			}
			if conn, err = d.lockAlone(ctx, how); errors.Is(err, ErrNotAlone) {
				lost(err)
				return
			}
		}
	}()
	return func() { stop(); <-done }, nil
}

// lockAlone takes the lock on a connection that is kept; nil with an error.
func (d *DB) lockAlone(ctx context.Context, how string) (*sql.Conn, error) {
	conn, err := d.read.db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	var got bool
	if err = conn.QueryRowContext(ctx, `select pg_try_advisory_lock`+how+`($1)`, aloneLock).Scan(&got); err == nil && !got {
		err = ErrNotAlone
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}
