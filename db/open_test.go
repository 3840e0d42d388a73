package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"isthmus/db/pgtest"
)

func openAt(t testing.TB, path string) *DB {
	t.Helper()
	d, err := Open(context.Background(), "sqlite:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// openTemp is a new database, on the engine that is tested.
func openTemp(t testing.TB) *DB {
	t.Helper()
	if !pgtest.Wanted() {
		return openAt(t, filepath.Join(t.TempDir(), "isthmus.db"))
	}
	open := func(address string) (*DB, error) { return Open(context.Background(), address) }
	d, err := open(pgtest.Database(t, func(address string) error {
		d, err := open(address)
		if err != nil {
			return err
		}
		return d.Close()
	}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// What cannot be opened is named, and how to mend it is said.
func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	busyTimeout = 10 * time.Millisecond
	defer func() { busyTimeout = 5 * time.Second }()
	locked := filepath.Join(dir, "locked.db")
	if err := openAt(t, locked).Close(); err != nil {
		t.Fatal(err)
	}
	other, err := sql.Open("sqlite", "file:"+locked+"?_pragma=locking_mode(EXCLUSIVE)")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Exec("begin exclusive"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ url, want string }{
		{"sqlite:" + filepath.Join(dir, "no", "such.db"), "the directory " + filepath.Join(dir, "no") + " does not exist: create it"},
		{"sqlite:" + dir, dir + " is a directory: name a file in it"},
		{"sqlite:" + filepath.Join(file("plain", "", 0o600), "x.db"), "is not a directory"},
		{"sqlite:" + file("readonly.db", "", 0o400), "readonly.db cannot be written: make the file and its directory writable"},
		{"sqlite:" + file("text.db", strings.Repeat("this is a letter\n", 100), 0o600), "text.db is not a SQLite database: move it away"},
		{"sqlite:" + locked, "locked.db is locked by another program: stop it"},
		{"postgres://isthmus:s3cret@127.0.0.1:1/isthmus", "db: postgres://isthmus:xxxxx@127.0.0.1:1/isthmus: the server does not answer: is it running"},
		{"postgres://[::/x", "is no address of a PostgreSQL database"},
		{"isthmus.db", `"isthmus.db" is not a database: write "sqlite:"`},
		{"sqlite:", "is not a database"},
	} {
		d, err := Open(t.Context(), c.url)
		if err == nil {
			d.Close()
			t.Errorf("%s: no error", c.url)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.url, err, c.want)
		}
	}
}

// Names that mean something in a URL are names all the same.
func TestOpenOddPaths(t *testing.T) {
	for _, name := range []string{"a b.db", "50%.db", "what?.db", "a#b.db", "ü&x=1.db"} {
		path := filepath.Join(t.TempDir(), name)
		d := openAt(t, path)
		if err := d.SetMeta(t.Context(), "k", name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Every connection has the settings, not only the first one.
func TestPragmasOnEveryConnection(t *testing.T) {
	pgtest.FilesOnly(t)
	d := openTemp(t)
	var held []*sql.Conn
	defer func() {
		for _, c := range held {
			c.Close()
		}
	}()
	check := func(pool *sql.DB, n int, queryOnly string) {
		for range n {
			c, err := pool.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			held = append(held, c)
			for pragma, want := range map[string]string{
				"foreign_keys": "1", "journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000", "query_only": queryOnly,
			} {
				var got string
				if err := c.QueryRowContext(t.Context(), "pragma "+pragma).Scan(&got); err != nil || got != want {
					t.Errorf("%s is %q (%v), want %s", pragma, got, err, want)
				}
			}
		}
	}
	check(d.write.db, 1, "0")
	check(d.read.db, readers, "1")
}

// Goroutines that read and then write, in two processes, wait for each other.
func TestWritersDoNotFailBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "isthmus.db")
	one, other := openAt(t, path), openAt(t, path)
	var wg sync.WaitGroup
	for i := range 8 {
		d := one
		if i%2 == 1 {
			d = other
		}
		wg.Go(func() {
			for range 20 {
				err := d.Tx(context.Background(), func(tx *Tx) error {
					v, err := tx.Meta(context.Background(), "count")
					if err != nil {
						return err
					}
					var n int
					fmt.Sscan(v, &n)
					return tx.SetMeta(context.Background(), "count", fmt.Sprint(n+1))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if v, err := one.Meta(t.Context(), "count"); err != nil || v != "160" {
		t.Errorf("count is %q (%v), want 160", v, err)
	}
}

// The end of a context prevents a write and does not interrupt one.
func TestWritesAreNotInterrupted(t *testing.T) {
	d := openTemp(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := d.Tx(ctx, func(tx *Tx) error {
		if err := tx.SetMeta(ctx, "a", "1"); err != nil {
			return err
		}
		cancel()
		if _, err := tx.Meta(ctx, "a"); err != nil {
			return err
		}
		return tx.SetMeta(ctx, "b", "2")
	})
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := d.Meta(t.Context(), "b"); b != "2" {
		t.Error("the second half of the transaction is missing")
	}
	if err := d.SetMeta(ctx, "c", "3"); !errors.Is(err, context.Canceled) {
		t.Errorf("a write after the end: %v", err)
	}
	if err := d.Tx(ctx, func(*Tx) error { t.Error("begun after the end"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a transaction after the end: %v", err)
	}
	if c, _ := d.Meta(t.Context(), "c"); c != "" {
		t.Error("written after the end")
	}
}

func TestTxRollsBack(t *testing.T) {
	d := openTemp(t)
	stop := errors.New("no")
	err := d.Tx(t.Context(), func(tx *Tx) error {
		if err := tx.SetMeta(t.Context(), "a", "1"); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	if a, _ := d.Meta(t.Context(), "a"); a != "" {
		t.Error("it stayed")
	}
}

// A cheap guard against a statement that is new to the writer inside a
// transaction: it is prepared once for all later ones.
func TestStatementsAreKept(t *testing.T) {
	d := openTemp(t)
	for range 3 {
		if err := d.Tx(t.Context(), func(tx *Tx) error { return tx.SetMeta(t.Context(), "a", "1") }); err != nil {
			t.Fatal(err)
		}
	}
	if d.write.have(qSetMeta) == nil {
		t.Error("prepared anew for each transaction")
	}
}

// Whatever others put into a text, it is stored, and found by the same words.
func TestOddText(t *testing.T) {
	d, ctx := openTemp(t), t.Context()
	for _, s := range []string{"a\x00b", "a\xffb", "\xed\xa0\x80", "\uFFFE", "😀"} {
		if err := d.SetMeta(ctx, s, s); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if got, err := d.Meta(ctx, s); err != nil || got != cleanText(s) || strings.ContainsRune(got, 0) {
			t.Errorf("%q reads %q, %v", s, got, err)
		}
	}
}

// What was deleted goes back to the file system, in steps.
func TestTidy(t *testing.T) {
	pgtest.FilesOnly(t)
	path, ctx := filepath.Join(t.TempDir(), "isthmus.db"), t.Context()
	d := openAt(t, path)
	if err := d.Tx(ctx, func(tx *Tx) error {
		for i := range 4000 {
			if err := tx.SetMeta(ctx, fmt.Sprint(i), strings.Repeat("x", 4000)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	pages := func(name string) int64 { return must(one(ctx, &d.queries, scalar[int64], `pragma `+name))(t) }
	full := pages("page_count")
	if _, err := d.exec(ctx, `delete from meta`); err != nil {
		t.Fatal(err)
	}
	if free := pages("freelist_count"); free < 3000 {
		t.Fatalf("%d pages are free", free)
	}
	if err := d.Tidy(ctx); err != nil {
		t.Fatal(err)
	}
	if now := pages("page_count"); now > full-1900 || now < full-2100 {
		t.Errorf("%d pages of %d are left after one step", now, full)
	}
	for range 3 {
		if err := d.Tidy(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if free, now := pages("freelist_count"), pages("page_count"); free != 0 || now > full-3900 {
		t.Errorf("%d pages are left, %d of them free", now, free)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	must(Backup(ctx, path, copied))(t)
	if mode := must(one(ctx, &openAt(t, copied).queries, scalar[int], `pragma auto_vacuum`))(t); mode != 2 {
		t.Errorf("the copy has auto_vacuum %d", mode)
	}
}
