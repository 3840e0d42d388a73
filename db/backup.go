package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Summary is what a database holds, as Check read it.
type Summary struct {
	Schema    int   `json:"schema"`
	Blogs     int64 `json:"blogs"` // living ones
	Posts     int64 `json:"posts"`
	Followers int64 `json:"followers"`
	Accounts  int64 `json:"accounts"` // of other servers
}

// ErrUnsound is wrapped by what Check says of a database that is damaged.
var ErrUnsound = errors.New("db: the database is damaged")

// summaries are what Summary counts, in its order.
var summaries = []string{
	`select count(*) from blog where state <> 'gone'`,
	`select count(*) from post where deleted = 0`,
	`select count(*) from follower where state = 'accepted'`,
	`select count(*) from remote`,
}

// Backup writes a consistent copy of the database file at path to a new file, while
// others work with it, and reads the copy from end to end. The copy appears under its
// name only when it is whole.
func Backup(ctx context.Context, path, to string) (Summary, error) {
	if _, err := os.Lstat(to); err == nil {
		return Summary{}, fmt.Errorf("%s is there already: choose another name, or remove it", to)
	}
	if _, err := os.Stat(path); err != nil {
		return Summary{}, err
	}
	d, err := readOnlyDB(path)
	if err != nil {
		return Summary{}, err
	}
	defer d.Close()
	tmp := to + ".tmp"
	defer os.Remove(tmp)
	if err := copyTo(ctx, d, tmp); err != nil {
		return Summary{}, explain(path, err)
	}
	sum, err := Check(ctx, tmp)
	if err != nil {
		return Summary{}, err
	}
	return sum, moveIntoPlace(tmp, to)
}

// Check opens a database file, reads it from end to end (SQLite's integrity and
// foreign key checks) and counts what is in it. It changes nothing, the schema
// included. ErrUnsound is wrapped by what it finds, ErrNewer by a schema that only a
// later program knows.
func Check(ctx context.Context, path string) (sum Summary, err error) {
	if _, err := os.Stat(path); err != nil {
		return sum, err
	}
	d, err := readOnlyDB(path)
	if err != nil {
		return sum, err
	}
	defer d.Close()
	unsound := func(err error) error { return fmt.Errorf("%w: %s: %w", ErrUnsound, path, err) }
	for _, pragma := range []string{"pragma integrity_check(20)", "pragma foreign_key_check"} {
		found, err := lines(ctx, d, pragma)
		if err != nil {
			return sum, unsound(err)
		}
		if text := strings.Join(found, "; "); text != "" && text != "ok" {
			return sum, unsound(errors.New(text))
		}
	}
	if err := d.QueryRowContext(ctx, qVersion).Scan(&sum.Schema); err != nil {
		return sum, fmt.Errorf("%s is no database of this program: %w", path, err)
	}
	steps, err := migrations(embedded)
	if err != nil {
		return sum, err
	}
	if sum.Schema > len(steps) {
		return sum, fmt.Errorf("%w: %s has schema %d and this program knows %d", ErrNewer, path, sum.Schema, len(steps))
	}
	p := newPool(d, asWritten)
	if sum, err = (&queries{read: p, write: p}).Summary(ctx); err != nil {
		return sum, unsound(err)
	}
	return sum, nil
}

// Summary counts what is in an open database.
func (q *queries) Summary(ctx context.Context) (sum Summary, err error) {
	if sum.Schema, err = one(ctx, q, scalar[int], qVersion); err != nil {
		return sum, err
	}
	for i, to := range []*int64{&sum.Blogs, &sum.Posts, &sum.Followers, &sum.Accounts} {
		if *to, err = one(ctx, q, scalar[int64], summaries[i]); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// Restore puts a copy of the database file `from` in the place of the one at path,
// which no program may have open. What was there is kept under the name that is
// returned, "" when there was nothing.
func Restore(ctx context.Context, from, path string, now time.Time) (kept string, sum Summary, err error) {
	if sum, err = Check(ctx, from); err != nil {
		return "", sum, err
	}
	if a, err := os.Stat(from); err != nil {
		return "", sum, err
	} else if b, err := os.Stat(path); err == nil && os.SameFile(a, b) {
		return "", sum, fmt.Errorf("%s is the database itself: name a copy", from)
	}
	d, err := readOnlyDB(from)
	if err != nil {
		return "", sum, err
	}
	defer d.Close()
	tmp := path + ".restored"
	defer os.Remove(tmp)
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", sum, err
	}
	if err := copyTo(ctx, d, tmp); err != nil { // with what may still be in a -wal file beside it
		return "", sum, explain(from, err)
	}
	if kept, err = aside(path, now); err != nil {
		return kept, sum, err
	}
	return kept, sum, moveIntoPlace(tmp, path)
}

// aside renames a database file and what belongs to it.
func aside(path string, now time.Time) (kept string, err error) {
	kept = path + ".before-" + now.UTC().Format("20060102-150405")
	for _, with := range []string{"-wal", "-shm", ""} {
		if _, err := os.Lstat(kept + with); err == nil {
			return "", fmt.Errorf("%s is there already", kept+with)
		}
	}
	some := false
	for _, with := range []string{"-shm", "-wal", ""} {
		switch err := os.Rename(path+with, kept+with); {
		case err == nil:
			some = true
		case !errors.Is(err, fs.ErrNotExist):
			return kept, err
		}
	}
	if !some {
		return "", nil
	}
	return kept, nil
}

// copyTo writes what a database holds at this moment to a new file.
func copyTo(ctx context.Context, d *sql.DB, file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	_, err := d.ExecContext(ctx, "vacuum into $1", file)
	return err
}

// moveIntoPlace gives a finished file its name, for good: a loss of power leaves what
// was there, or the new one.
func moveIntoPlace(tmp, to string) error {
	for _, name := range []string{tmp, filepath.Dir(to)} {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		err = f.Sync()
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		if name == tmp {
			if err := os.Rename(tmp, to); err != nil {
				return err
			}
		}
	}
	return nil
}

// readOnlyDB opens a file without touching its schema.
func readOnlyDB(path string) (*sql.DB, error) {
	d, err := sql.Open("sqlite", fileURL(path, fmt.Sprintf("mode=ro&_pragma=busy_timeout(%d)", busyTimeout.Milliseconds())))
	if err != nil {
		return nil, fmt.Errorf("db: %s: %w", path, err)
	}
	d.SetMaxOpenConns(1)
	return d, nil
}

// lines are the first columns of a result.
func lines(ctx context.Context, d *sql.DB, text string) ([]string, error) {
	rows, err := d.QueryContext(ctx, text)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		columns, err := rows.Columns()
		if err != nil {
			return nil, err
		}
		values := make([]any, len(columns))
		var first sql.NullString
		for i := range values {
			values[i] = new(any)
		}
		values[0] = &first
		if err := rows.Scan(values...); err != nil {
			return nil, err
		}
		out = append(out, first.String)
	}
	return out, rows.Err()
}

// copyBefore keeps a database as it is before its schema changes.
func copyBefore(ctx context.Context, d *sql.DB, to string) error {
	tmp := to + ".tmp"
	if err := copyTo(ctx, d, tmp); err != nil {
		return err
	}
	return moveIntoPlace(tmp, to)
}
