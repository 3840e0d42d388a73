package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
)

// readers is how many connections read at once: 8 double the rate of one, more
// add nothing (performance.md §3).
const readers = 8

// busyTimeout is how long a statement waits for another process's lock.
var busyTimeout = 5 * time.Second

// SQLite result codes (sqlite.org/rescode.html).
const (
	codeBusy       = 5
	codeReadOnly   = 8
	codeCantOpen   = 14
	codeConstraint = 19
	codeNotADB     = 26
	codePrimaryKey = 1555
	codeUnique     = 2067
)

func openSQLite(ctx context.Context, path string) (*DB, error) {
	if err := checkPath(path); err != nil {
		return nil, err
	}
	w, err := sql.Open("sqlite", dsn(path, "_txlock=immediate"))
	if err != nil {
		return nil, fmt.Errorf("db: %s: %w", path, err)
	}
	w.SetMaxOpenConns(1)
	r, err := sql.Open("sqlite", dsn(path, "_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("db: %s: %w", path, err), w.Close())
	}
	r.SetMaxOpenConns(readers)
	r.SetMaxIdleConns(readers)
	if err := migrate(ctx, w, path); err != nil {
		return nil, errors.Join(explain(path, err), w.Close(), r.Close())
	}
	q := queries{read: newPool(r, asWritten), write: newPool(w, asWritten), shards: 1, changed: new(changes)}
	q.memory = newMemory(q.changed)
	g := newGroup(q)
	q.via = g
	return &DB{queries: q, group: g, tidy: giveBack}, nil
}

func asWritten(text string) string { return text }

// giveBack returns pages that are free to the file system, some at a time, so that
// nobody has to wait for long. Files of the first days do not have the means (their
// auto_vacuum is none); what is free in them is used again all the same.
func giveBack(ctx context.Context, w *sql.DB) error {
	rows, err := w.QueryContext(ctx, `pragma incremental_vacuum(2000)`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() { // each step frees a page
	}
	return rows.Err()
}

// dsn puts the pragmas where every connection gets them: PRAGMA by Exec reaches
// one connection of a pool (dependencies.md §4).
func dsn(path, extra string) string {
	// auto_vacuum counts only while a file is empty, so it comes first.
	return fileURL(path, fmt.Sprintf("_pragma=busy_timeout(%d)&_pragma=auto_vacuum(incremental)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&%s",
		busyTimeout.Milliseconds(), extra))
}

func fileURL(path, query string) string {
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: query}
	return u.String()
}

// checkPath finds what SQLite would only call "unable to open database file".
func checkPath(path string) error {
	dir := filepath.Dir(path)
	if st, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("db: %s: the directory %s does not exist: create it, or name another file", path, dir)
	} else if err == nil && !st.IsDir() {
		return fmt.Errorf("db: %s: %s is not a directory: name another file", path, dir)
	}
	st, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("db: %s: %w", path, err)
	case st.IsDir():
		return fmt.Errorf("db: %s is a directory: name a file in it, such as %s", path, filepath.Join(path, "isthmus.db"))
	case st.Mode().Perm()&0o222 == 0:
		return readOnly(path)
	}
	return nil
}

func readOnly(path string) error {
	return fmt.Errorf("db: %s cannot be written: make the file and its directory writable for the gateway's user (chown, chmod u+w)", path)
}

// explain says what an error at start means for whoever has to fix it.
func explain(path string, err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case codeBusy:
		return fmt.Errorf("db: %s is locked by another program: stop it (a second gateway, a backup, an open sqlite3 shell) and start again: %w", path, err)
	case codeReadOnly:
		return fmt.Errorf("%w: %w", readOnly(path), err)
	case codeCantOpen:
		return fmt.Errorf("db: %s cannot be opened: the gateway's user needs to read and write the file and its directory: %w", path, err)
	case codeNotADB:
		return fmt.Errorf("db: %s is not a SQLite database: move it away, or name another file: %w", path, err)
	}
	return fmt.Errorf("db: %s: %w", path, err)
}

// isConstraint reports a violated constraint, which undoes its statement and nothing else
// (sqlite.org/lang_conflict.html, ABORT).
func isConstraint(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == codeConstraint
}

// isUnique reports a violated unique constraint or primary key.
func isUnique(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == codeUnique || e.Code() == codePrimaryKey) || isUniquePostgres(err)
}
