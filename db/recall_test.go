package db

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"isthmus/db/pgtest"
	"isthmus/e2e/await"
)

const known = "https://peer.test/users/dora"

// recalling is a database that remembers one row, and that row as it is now.
func recalling(t *testing.T) (d *DB, file string, name func() string) {
	pgtest.FilesOnly(t) // PostgreSQL serves several processes
	file = filepath.Join(t.TempDir(), "x.db")
	d = openAt(t, file)
	name = func() string {
		t.Helper()
		r, err := d.Remote(t.Context(), known)
		if errors.Is(err, ErrNotFound) {
			return "nobody"
		}
		return must(r, err)(t).Name
	}
	return d, file, name
}

// What this process writes is seen by whoever reads after it, though the row is remembered.
func TestRecallSeesItsOwnWrites(t *testing.T) {
	t.Parallel()
	d, _, name := recalling(t)
	ctx := t.Context()
	step := func(want string, do func() error) {
		t.Helper()
		if err := do(); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if got := name(); got != want {
				t.Errorf("it is %q, want %q", got, want)
			}
		}
	}
	put := func(name string) func() error {
		return func() error { return d.PutRemote(ctx, Remote{Actor: known, Name: name}) }
	}
	step("nobody", func() error { return nil })
	step("Dora", put("Dora"))
	step("Dora M.", put("Dora M."))
	step("Dora M.", func() error { return d.AddMute(ctx, 1, known) }) // another table
	step("Dora N.", func() error {
		return d.Tx(ctx, func(tx *Tx) error {
			if err := tx.PutRemote(ctx, Remote{Actor: known, Name: "Dora N."}); err != nil {
				return err
			}
			if r := must(tx.Remote(ctx, known))(t); r.Name != "Dora N." {
				t.Errorf("the transaction reads %q", r.Name)
			}
			if got := name(); got != "Dora M." {
				t.Errorf("others read %q before it ends", got)
			}
			return nil
		})
	})
	none := errors.New("none of it")
	step("Dora N.", func() error {
		err := d.Tx(ctx, func(tx *Tx) error { return errors.Join(tx.PutRemote(ctx, Remote{Actor: known, Name: "X"}), none) })
		if !errors.Is(err, none) {
			return err
		}
		return nil
	})
}

// Many write and read at once: nobody reads what was there before what they wrote.
func TestRecallAmongMany(t *testing.T) {
	t.Parallel()
	d, _, _ := recalling(t)
	ctx := t.Context()
	done := make(chan error)
	const many = 16
	for i := range many {
		actor := fmt.Sprintf("https://peer.test/users/u%d", i)
		go func() {
			var err error
			for n := 0; n < 50 && err == nil; n++ {
				want := fmt.Sprint(n)
				err = d.PutRemote(ctx, Remote{Actor: actor, Name: want})
				if r, rerr := d.Remote(ctx, actor); err == nil && (rerr != nil || r.Name != want) {
					err = fmt.Errorf("%s is %q, want %q: %v", actor, r.Name, want, rerr)
				}
			}
			done <- err
		}()
	}
	for range many {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// What another process writes, such as the command line, is seen soon.
func TestRecallForgets(t *testing.T) {
	t.Parallel()
	_, file, name := recalling(t)
	name()
	if err := openAt(t, file).PutRemote(t.Context(), Remote{Actor: known, Name: "Dora"}); err != nil {
		t.Fatal(err)
	}
	await.True(t, 10*recallFor, "the other's write", func() error {
		if got := name(); got != "Dora" {
			return errors.New(got)
		}
		return nil
	})
}

// No more rows are kept than are worth it, and none that is large.
func TestRecallKeepsLittle(t *testing.T) {
	t.Parallel()
	d, _, _ := recalling(t)
	ctx := t.Context()
	for i := range recallMost + 10 {
		if _, err := d.Remote(ctx, fmt.Sprint(i)); !errors.Is(err, ErrNotFound) {
			t.Fatal(err)
		}
	}
	if n := len(d.memory.rows); n > recallMost || n == 0 {
		t.Errorf("%d rows are kept", n)
	}
	blog := must(d.CreateBlog(ctx, Blog{Token: "t", Kind: "person", JID: "a@example.org", Node: "n", Handle: "a", State: On, Gate: GateUnknown, EnrolledBy: "admin"}))(t)
	for item, kept := range map[string]bool{"short": true, strings.Repeat("long", 2000): false} {
		p := must(d.SavePost(ctx, Post{Token: item[:4], BlogID: blog.ID, Item: item, Source: item, Published: 1, Seen: time.Now().UnixMilli()}))(t)
		before := len(d.memory.rows)
		must(d.PostByID(ctx, p.ID))(t)
		if got := len(d.memory.rows) > before; got != kept {
			t.Errorf("%.5s: kept %v", item, got)
		}
	}
}

// A row is remembered until a table is written that its statement names. So no table may
// change because of another one.
func TestNothingIsWrittenBehindAStatement(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, f := range files {
		text := strings.ToLower(string(must(os.ReadFile(f))(t)))
		table := ""
		for line := range strings.Lines(text) {
			if _, rest, ok := strings.Cut(line, "create table "); ok {
				table = strings.Fields(rest)[0]
			}
			if strings.Contains(line, "create trigger") || strings.Contains(line, "on delete ") && !notes[table] {
				t.Errorf("%s: %s", f, line)
			}
		}
	}
	got := sources(qFollowsActor)
	if want := []string{"", "following", "blog"}; !slices.Equal(got, want) {
		t.Errorf("%q reads %q, want %q", qFollowsActor, got, want)
	}
	if got := sources(qBlocking); !slices.Equal(got, []string{"", "block"}) {
		t.Errorf("%q reads %q", qBlocking, got)
	}
}
