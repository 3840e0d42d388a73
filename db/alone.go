package db

import (
	"context"
	"errors"
	"fmt"
)

// ErrNotAlone says that another process works with the database.
var ErrNotAlone = errors.New("db: another gateway works with it")

// aloneLock is the advisory lock of the process that works with a database.
const aloneLock = 0x15741416

// Alone makes sure that no other process works with the database until release is
// called, or this process ends. Only for PostgreSQL: a file is locked by its owner.
func (d *DB) Alone(ctx context.Context) (release func(), err error) {
	conn, err := d.read.db.Conn(ctx) // kept as long as the lock
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	var got bool
	if err = conn.QueryRowContext(ctx, `select pg_try_advisory_lock($1)`, aloneLock).Scan(&got); err == nil && !got {
		err = ErrNotAlone
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() {
		// Closing gives it back to the pool, with the lock, so that is let go first.
		conn.ExecContext(context.WithoutCancel(ctx), `select pg_advisory_unlock($1)`, aloneLock)
		conn.Close()
	}, nil
}
