package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// queries carries the methods that DB and Tx share. On a DB, reads use the pool
// of readers and writes the one writer; in a transaction tx is set and does both.
type queries struct {
	read, write *pool
	tx          *sql.Tx
	missing     *[]string // statements that tx met and the writer had not prepared
	shards      int64
	locks       bool // other processes write, too: transactions take the writers' lock
	changed     *changes
	touched     *[]string // tables to which tx wrote what changed counts
	memory      *memory   // of small rows, nil where several processes write
	via         *group    // writes go through it, on SQLite; nil on PostgreSQL, and in a transaction
}

// pool is a set of connections with its prepared statements. Statements are
// constants, so there are only so many.
type pool struct {
	db    *sql.DB
	mu    sync.RWMutex
	stmts map[string]*sql.Stmt
	spell func(string) string // statements as the engine knows them
}

func newPool(d *sql.DB, spell func(string) string) *pool {
	return &pool{db: d, stmts: make(map[string]*sql.Stmt), spell: spell}
}

func (p *pool) close() error { return p.db.Close() } // closes the statements too

func (p *pool) have(text string) *sql.Stmt {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.stmts[text]
}

func (p *pool) stmt(ctx context.Context, text string) (*sql.Stmt, error) {
	if s := p.have(text); s != nil {
		return s, nil
	}
	s, err := p.db.PrepareContext(ctx, p.spell(text))
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	have := p.stmts[text]
	if have == nil {
		p.stmts[text] = s
	}
	p.mu.Unlock()
	if have == nil {
		return s, nil
	}
	// Not with the lock: closing waits for the connection it was prepared on, where another
	// one may be waiting for a transaction that needs a statement.
	s.Close()
	return have, nil
}

// stmt prepares text where it will run. While a transaction holds the writer's
// only connection, a new statement lives as long as the transaction; atomic
// prepares it for the next one.
func (q *queries) stmt(ctx context.Context, p *pool, text string) (*sql.Stmt, error) {
	if q.tx == nil {
		return p.stmt(ctx, text)
	}
	if s := q.write.have(text); s != nil {
		return q.tx.StmtContext(ctx, s), nil
	}
	*q.missing = append(*q.missing, text)
	return q.tx.PrepareContext(ctx, q.write.spell(text))
}

// begun says under which context a statement runs: the end of ctx stops a read
// and prevents a write, but does not interrupt one, nor a transaction.
func (q *queries) begun(ctx context.Context, write bool) (context.Context, error) {
	if q.tx != nil {
		return context.WithoutCancel(ctx), nil
	}
	if write {
		return context.WithoutCancel(ctx), ctx.Err()
	}
	return ctx, nil
}

// exec runs a write and returns how many rows it touched.
func (q *queries) exec(ctx context.Context, text string, args ...any) (int64, error) {
	if q.via != nil {
		return grouped(ctx, q.via, func(ctx context.Context, q *queries) (int64, error) { return q.exec(ctx, text, args...) })
	}
	ctx, err := q.begun(ctx, true)
	if err != nil {
		return 0, err
	}
	s, err := q.stmt(ctx, q.write, text)
	if err != nil {
		return 0, err
	}
	args = storable(args)
	r, err := s.ExecContext(ctx, args...)
	for tries := 1; q.tx == nil && isDeadlock(err) && tries < 5; tries++ {
		r, err = s.ExecContext(ctx, args...)
	}
	q.note(text)
	if err != nil {
		return 0, conflict(err)
	}
	return r.RowsAffected()
}

// note counts a write, at once or when its transaction has ended.
func (q *queries) note(text string) {
	table, counts := q.changed.by(text)
	switch {
	case !counts:
	case q.tx == nil:
		q.changed.made(table)
	case !slices.Contains(*q.touched, table):
		*q.touched = append(*q.touched, table)
	}
}

// touch is exec for a row that must be there.
func (q *queries) touch(ctx context.Context, text string, args ...any) error {
	n, err := q.exec(ctx, text, args...)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// scanner is a row of a result.
type scanner interface{ Scan(dest ...any) error }

// one reads the first row, ErrNotFound when there is none.
func one[T any](ctx context.Context, q *queries, scan func(scanner) (T, error), text string, args ...any) (T, error) {
	return firstRow(ctx, q, false, scan, text, args)
}

// change is one for a write that returns its row.
func change[T any](ctx context.Context, q *queries, scan func(scanner) (T, error), text string, args ...any) (T, error) {
	return firstRow(ctx, q, true, scan, text, args)
}

// all reads every row.
func all[T any](ctx context.Context, q *queries, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	return everyRow(ctx, q, false, scan, text, args)
}

// changeAll is all for a write that returns its rows.
func changeAll[T any](ctx context.Context, q *queries, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	return everyRow(ctx, q, true, scan, text, args)
}

func (q *queries) pool(write bool) *pool {
	if write {
		return q.write
	}
	return q.read
}

func firstRow[T any](ctx context.Context, q *queries, write bool, scan func(scanner) (T, error), text string, args []any) (v T, err error) {
	if write && q.via != nil {
		return grouped(ctx, q.via, func(ctx context.Context, q *queries) (T, error) { return firstRow(ctx, q, true, scan, text, args) })
	}
	// Nobody waits long for one row of a file, and being ready to stop costs a fifth more.
	if ctx, err = q.begun(ctx, write || q.via != nil); err != nil {
		return v, err
	}
	s, err := q.stmt(ctx, q.pool(write), text)
	if err != nil {
		return v, err
	}
	v, err = scan(s.QueryRowContext(ctx, storable(args)...))
	if write {
		q.note(text)
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return v, conflict(err)
}

func everyRow[T any](ctx context.Context, q *queries, write bool, scan func(scanner) (T, error), text string, args []any) (out []T, err error) {
	if write && q.via != nil {
		return grouped(ctx, q.via, func(ctx context.Context, q *queries) ([]T, error) { return everyRow(ctx, q, true, scan, text, args) })
	}
	if ctx, err = q.begun(ctx, write); err != nil {
		return nil, err
	}
	s, err := q.stmt(ctx, q.pool(write), text)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, storable(args)...)
	if err != nil {
		return nil, conflict(err)
	}
	defer rows.Close()
	if write {
		defer q.note(text)
	}
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, conflict(rows.Err())
}

// ensure runs an insert that yields to a row that is there, and returns the row
// that is there now: fresh when it was inserted, else what find reads by key.
func ensure[T any](ctx context.Context, q *queries, scan func(scanner) (T, error), insert string, args []any, find string, key ...any) (row T, fresh bool, err error) {
	err = q.atomic(ctx, func(q *queries) error {
		row, err = change(ctx, q, scan, insert, args...)
		if fresh = err == nil; errors.Is(err, ErrNotFound) {
			row, err = one(ctx, q, scan, find, key...)
		}
		return err
	})
	return row, fresh && err == nil, err
}

// scalar scans a row of one column.
func scalar[T any](s scanner) (v T, err error) {
	err = s.Scan(&v)
	return v, err
}

// atomic runs fn in a write transaction, the one that is open if there is one. There is
// one at a time, whatever the number of processes: fn may look before it writes.
func (q *queries) atomic(ctx context.Context, fn func(*queries) error) error {
	return q.transact(ctx, lockAlone, fn)
}

// beside is atomic for what may run beside others of its kind.
func (q *queries) beside(ctx context.Context, fn func(*queries) error) error {
	return q.transact(ctx, lockBeside, fn)
}

func (q *queries) transact(ctx context.Context, lock string, fn func(*queries) error) error {
	if q.tx != nil {
		return fn(q)
	}
	if q.via != nil {
		return q.via.do(ctx, func(_ context.Context, q *queries) error { return fn(q) })
	}
	ctx, err := q.begun(ctx, true)
	if err != nil {
		return err
	}
	tx, err := q.write.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("db: begin: %w", err)
	}
	defer tx.Rollback() // after a commit it does nothing
	if q.locks {
		if _, err := tx.ExecContext(ctx, lock, writersLock); err != nil {
			return fmt.Errorf("db: wait for other writers: %w", err)
		}
	}
	var (
		missing, touched []string
	)
	if err := fn(&queries{read: q.write, write: q.write, tx: tx, missing: &missing, shards: q.shards, locks: q.locks, changed: q.changed, touched: &touched}); err != nil {
		return err
	}
	if len(touched) > 0 {
		defer q.changed.made(touched...) // also when it is not known whether it is there
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("db: commit: %w", err)
	}
	for _, text := range missing {
		if _, err := q.write.stmt(ctx, text); err != nil {
			return nil // committed all the same; the next one prepares it again
		}
	}
	return nil
}

// storable replaces what PostgreSQL stores in no text: bytes that are no UTF-8, and NUL.
// Others choose what we store, and on SQLite it is to read the same.
func storable(args []any) []any {
	for i, v := range args {
		if s, is := v.(string); is && (!utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0) {
			args[i] = cleanText(s)
		}
	}
	return args
}

func cleanText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// conflict turns a violated unique constraint into ErrConflict; every statement
// passes here.
func conflict(err error) error {
	if err != nil && isUnique(err) {
		return fmt.Errorf("%w: %w", ErrConflict, err)
	}
	return err
}
