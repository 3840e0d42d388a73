// Package db keeps what the gateway must not forget: blogs, posts, followers,
// and the work that is waiting. It is one concrete type over database/sql with
// one SQL text for every engine ($1 placeholders, bigint milliseconds, no
// function that only one engine has); what differs is in open.go and in the
// migrations.
//
// It decides nothing: a method is one statement, or a few that belong together,
// and a caller that needs several in one transaction says so with Tx. Once
// begun, a write is not interrupted by the end of its context.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	queries
	group  *group                                     // by which what is received goes to disk together; queries.via on SQLite
	tidy   func(ctx context.Context, w *sql.DB) error // nil where the server does it
	schema int                                        // of PostgreSQL
}

// Tx is one write transaction. It has every method of DB and is not safe for
// concurrent use.
type Tx struct{ queries }

// Open opens the database at url, "sqlite:" and a path or "postgres://…" (RFC 3986, as
// libpq reads it), and brings its schema up to date. It returns ErrNewer when a later
// version of the program has used it, and an error that names it and what to do when
// it cannot be used.
func Open(ctx context.Context, url string) (*DB, error) {
	scheme, path, ok := strings.Cut(url, ":")
	switch {
	case ok && scheme == "sqlite" && path != "":
		return openSQLite(ctx, path)
	case ok && (scheme == "postgres" || scheme == "postgresql"):
		return openPostgres(ctx, url)
	}
	return nil, fmt.Errorf(`db: %q is not a database: write "sqlite:" and a path, such as "sqlite:isthmus.db", or "postgres://user:password@host/database"`, Redacted(url))
}

// Tidy gives disk space back that is not used any more, some of it. It is to be called
// now and then.
func (d *DB) Tidy(ctx context.Context) error {
	if d.tidy == nil {
		return nil
	}
	return d.tidy(context.WithoutCancel(ctx), d.write.db)
}

// Close waits for the writes that have begun and closes the database.
func (d *DB) Close() error {
	d.group.close()
	return errors.Join(d.read.close(), d.write.close())
}

// Tx runs fn in one write transaction, commits when it returns nil and rolls
// back otherwise. There is one writer: fn must call only tx, never the DB, and
// should not wait for anything slow. On SQLite it runs in another goroutine, and
// what several callers wrote may go to disk in one commit; each returns after it. After any error but ErrNotFound fn has to
// return: PostgreSQL goes on with nothing in a transaction that met one.
func (d *DB) Tx(ctx context.Context, fn func(tx *Tx) error) error {
	return d.atomic(ctx, func(q *queries) error { return fn(&Tx{*q}) })
}
