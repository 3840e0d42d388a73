package db

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestNewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "isthmus.db")
	d := openAt(t, path)
	if _, err := d.exec(t.Context(), `update schema_version set version = 41`); err != nil {
		t.Fatal(err)
	}
	d.Close()
	steps := must(migrations(embedded))(t)
	_, err := Open(t.Context(), "sqlite:"+path)
	if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "schema 41") || !strings.Contains(err.Error(), fmt.Sprint("knows ", len(steps))) {
		t.Errorf("got %v", err)
	}
}

// A schema in use is copied before it is changed, and the copy can be opened by
// the older program.
func TestCopyBeforeMigration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "isthmus.db")
	d := openAt(t, path)
	if err := d.SetMeta(t.Context(), "who", "before"); err != nil {
		t.Fatal(err)
	}
	steps, err := migrations(embedded)
	if err != nil {
		t.Fatal(err)
	}
	more := append(steps, `create table extra (n bigint); update meta set value = 'after'`)
	for range 2 { // the second time there is nothing to do
		if err := migrateTo(t.Context(), d.write.db, path, more, func(have int) error { return copyBefore(t.Context(), d.write.db, copyName(path, have)) }); err != nil {
			t.Fatal(err)
		}
	}
	if v, _ := d.Meta(t.Context(), "who"); v != "after" {
		t.Errorf("migrated file says %q", v)
	}
	d.Close()
	if _, err := Open(t.Context(), "sqlite:"+path); !errors.Is(err, ErrNewer) {
		t.Errorf("the older program opens the new file: %v", err)
	}
	old := openAt(t, copyName(path, len(steps)))
	if v, err := old.Meta(t.Context(), "who"); v != "before" {
		t.Errorf("the copy says %q (%v)", v, err)
	}
}

func TestFailedMigrationChangesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "isthmus.db")
	d := openAt(t, path)
	steps, _ := migrations(embedded)
	err := migrateTo(t.Context(), d.write.db, path, append(steps, `create table extra (n bigint); select nonsense`), nil)
	if err == nil || !strings.Contains(err.Error(), fmt.Sprint("schema ", len(steps)+1)) {
		t.Fatalf("got %v", err)
	}
	if _, err := d.exec(t.Context(), `create table extra (n bigint)`); err != nil {
		t.Errorf("half of it stayed: %v", err)
	}
	d.Close()
	openAt(t, path)
}

func TestNoCopyOfAFreshFile(t *testing.T) {
	dir := t.TempDir()
	openAt(t, filepath.Join(dir, "isthmus.db")).Close()
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("files %v (%v), want one", files, err)
	}
}

func TestMigrationsAreNumbered(t *testing.T) {
	text := &fstest.MapFile{Data: []byte("select 1")}
	if _, err := migrations(fstest.MapFS{"migrations/0001_a.sql": text, "migrations/0003_c.sql": text}); err == nil {
		t.Error("a gap was not noticed")
	}
	if steps, err := migrations(fstest.MapFS{"migrations/0001_a.sql": text, "migrations/0002_b.sql": text}); err != nil || len(steps) != 2 {
		t.Errorf("%d steps (%v)", len(steps), err)
	}
}
