package db

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

// Migrations are numbered from 1 without a gap; a file that has been released
// is never changed.
//
//go:embed migrations/*.sql
var embedded embed.FS

const (
	qCreateSchema = `create table if not exists schema_version (version bigint not null)`
	qVersion      = `select coalesce(max(version), 0) from schema_version`
	qDropVersion  = `delete from schema_version`
	qSetVersion   = `insert into schema_version (version) values ($1)`
)

func migrate(ctx context.Context, d *sql.DB, path string) error {
	steps, err := migrations(embedded)
	if err != nil {
		return err
	}
	return migrateTo(ctx, d, path, steps, func(have int) error { return copyBefore(ctx, d, copyName(path, have)) })
}

// schema is what migrations run on: a pool or one connection.
type schema interface {
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row
	BeginTx(ctx context.Context, opts *sql.TxOptions) (*sql.Tx, error)
}

// migrations returns the text of each migration in order.
func migrations(from fs.FS) ([]string, error) {
	names, err := fs.Glob(from, "migrations/*.sql") // sorted
	if err != nil {
		return nil, err
	}
	var steps []string
	for i, name := range names {
		if want := fmt.Sprintf("migrations/%04d_", i+1); !strings.HasPrefix(name, want) {
			return nil, fmt.Errorf("db: migration %s should begin with %s", name, want)
		}
		text, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, err
		}
		steps = append(steps, string(text))
	}
	return steps, nil
}

// migrateTo runs the steps that the file has not seen, each in its own
// transaction, after keep has put a copy of a schema in use aside (nil where the admin's
// own backups have to do).
func migrateTo(ctx context.Context, d schema, path string, steps []string, keep func(have int) error) error {
	if _, err := d.ExecContext(ctx, qCreateSchema); err != nil {
		return err
	}
	var have int
	if err := d.QueryRowContext(ctx, qVersion).Scan(&have); err != nil {
		return err
	}
	if have > len(steps) {
		copied := "a copy from before"
		if keep != nil {
			copied = fmt.Sprintf("the copy it made (%s)", copyName(path, len(steps)))
		}
		return fmt.Errorf("%w: %s has schema %d and this program knows %d: run the newer program, or restore %s", ErrNewer, path, have, len(steps), copied)
	}
	if have > 0 && have < len(steps) && keep != nil {
		if err := keep(have); err != nil {
			return fmt.Errorf("db: copy %s before changing its schema: %w", path, err)
		}
	}
	for v := have; v < len(steps); v++ {
		if err := step(ctx, d, v+1, steps[v]); err != nil {
			return fmt.Errorf("db: %s: schema %d: %w", path, v+1, err)
		}
	}
	return nil
}

func copyName(path string, version int) string { return fmt.Sprintf("%s.schema%d", path, version) }

func step(ctx context.Context, d schema, version int, text string) error {
	tx, err := d.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, s := range []string{text, qDropVersion} {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, qSetVersion, version); err != nil {
		return err
	}
	return tx.Commit()
}
