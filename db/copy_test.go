package db

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file with rows in every table is copied to the engine that is tested, and numbers
// go on where they were.
func TestCopy(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "from.db")
	text := string(must(os.ReadFile(filepath.Join("testdata", "schema_6.sql")))(t))
	text = strings.ReplaceAll(text, "'post source 1'", "'a\xffb' || char(0) || 'c'")
	d := must(sql.Open("sqlite", dsn(path, "_txlock=immediate")))(t)
	if _, err := d.ExecContext(ctx, text); err != nil {
		t.Fatal(err)
	}
	d.Close()
	from, to := openAt(t, path), openTemp(t)
	if _, err := to.MetaOnce(ctx, "post seed", "of the new one"); err != nil {
		t.Fatal(err)
	}
	tables := map[string]int64{}
	if err := Copy(ctx, from, to, func(table string, rows int64, done bool) {
		if done {
			tables[table] = rows
		}
	}); err != nil {
		t.Fatal(err)
	}
	if len(tables) < 30 || tables["post"] != 2 || tables["retry"] != 2 || tables["meta"] != 2 {
		t.Errorf("%d tables: %v", len(tables), tables)
	}
	a, b := must(from.Summary(ctx))(t), must(to.Summary(ctx))(t)
	if a != b || a.Posts != 1 {
		t.Errorf("%+v became %+v", a, b)
	}
	if p := must(to.PostByToken(ctx, "post token 1"))(t); p.Source != "a\uFFFDb\uFFFDc" || !p.Home || p.Published != 1 {
		t.Errorf("%+v", p)
	}
	if made := must(to.CreateBlog(ctx, Blog{Token: "new", JID: "new@example.org", Handle: "new", State: On}))(t); made.ID != 3 {
		t.Errorf("the next blog is number %d", made.ID)
	}
	if err := Copy(ctx, from, to, func(string, int64, bool) {}); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("onto something: %v", err)
	}
}
