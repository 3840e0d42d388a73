package db

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A copy is taken while the database is written to, holds everything that was
// committed before, and can be put back.
func TestBackupAndRestore(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "isthmus.db")
	d := openAt(t, path)
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := d.SetMeta(ctx, fmt.Sprint("busy ", w, " ", i), strings.Repeat("x", 1000)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	if err := d.SetMeta(ctx, "who", "before"); err != nil {
		t.Fatal(err)
	}
	must(d.CreateBlog(ctx, Blog{Token: "t", Kind: "person", JID: "a@b.example", Handle: "a", State: On}))(t)
	to := filepath.Join(t.TempDir(), "copy of ö.db")
	sum, err := Backup(ctx, path, to)
	close(stop)
	writers.Wait()
	steps := must(migrations(embedded))(t)
	if err != nil || sum != (Summary{Schema: len(steps), Blogs: 1}) {
		t.Fatalf("%+v, %v", sum, err)
	}
	if err := d.SetMeta(ctx, "who", "after"); err != nil {
		t.Fatal(err)
	}
	if _, err := Backup(ctx, path, to); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("a second copy in the same place: %v", err)
	}
	d.Close()

	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	kept, back, err := Restore(ctx, to, path, now)
	if err != nil || back != sum || kept != path+".before-20260301-120000" {
		t.Fatalf("%q, %+v, %v", kept, back, err)
	}
	if v := must(openAt(t, path).Meta(ctx, "who"))(t); v != "before" {
		t.Errorf("restored: %q", v)
	}
	if v := must(openAt(t, kept).Meta(ctx, "who"))(t); v != "after" {
		t.Errorf("what was there: %q", v)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(to), "*")); len(left) != 1 {
		t.Errorf("beside the copy: %q", left)
	}
}

// What was written last and is only in the -wal file is in the copy that Restore
// makes of a copy.
func TestRestoreReadsTheLog(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	from := filepath.Join(dir, "from.db")
	d := openAt(t, from)
	if err := d.SetMeta(ctx, "who", "in the log"); err != nil {
		t.Fatal(err)
	}
	if kept, _, err := Restore(ctx, from, filepath.Join(dir, "new.db"), time.Now()); kept != "" || err != nil {
		t.Fatal(kept, err)
	}
	if v := must(openAt(t, filepath.Join(dir, "new.db")).Meta(ctx, "who"))(t); v != "in the log" {
		t.Errorf("%q", v)
	}
	if _, _, err := Restore(ctx, from, from, time.Now()); err == nil || !strings.Contains(err.Error(), "itself") {
		t.Errorf("onto itself: %v", err)
	}
}

func TestCheckFindsDamage(t *testing.T) {
	ctx, dir := t.Context(), t.TempDir()
	path := filepath.Join(dir, "isthmus.db")
	d := openAt(t, path)
	for i := range 2000 {
		if err := d.SetMeta(ctx, fmt.Sprint(i), strings.Repeat("x", 500)); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			continue
		}
	}
	good := filepath.Join(dir, "good.db")
	must(Backup(ctx, path, good))(t)
	whole := must(os.ReadFile(good))(t)
	damage := func(name string, b []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	torn := bytes.Clone(whole)
	for i := len(torn) / 2; i < len(torn)/2+16<<10; i++ {
		torn[i] = 0x5a
	}
	cut := whole[:len(whole)/2]
	for name, file := range map[string]string{"torn": damage("torn.db", torn), "cut": damage("cut.db", cut), "text": damage("text.db", bytes.Repeat([]byte("not a database\n"), 1000))} {
		if _, err := Check(ctx, file); !errors.Is(err, ErrUnsound) {
			t.Errorf("%s: %v", name, err)
		}
		if _, _, err := Restore(ctx, file, path, time.Now()); !errors.Is(err, ErrUnsound) {
			t.Errorf("%s is restored: %v", name, err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Fatalf("the refusal moved the database: %v", err)
		}
	}
	if _, err := Check(ctx, damage("empty.db", nil)); err == nil || !strings.Contains(err.Error(), "no database of this program") {
		t.Errorf("an empty file: %v", err)
	}
	if _, err := Check(ctx, filepath.Join(dir, "nothing.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := d.exec(ctx, `update schema_version set version = 41`); err != nil {
		t.Fatal(err)
	}
	if _, err := Check(ctx, path); !errors.Is(err, ErrNewer) {
		t.Errorf("a newer one: %v", err)
	}
}
