package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"isthmus/db/pgtest"
)

// envOpen makes the test program open a database and end, so that it can be killed.
const envOpen = "ISTHMUS_TEST_OPEN"

func TestMain(m *testing.M) {
	if address := os.Getenv(envOpen); address != "" {
		d, err := Open(context.Background(), address)
		if err == nil {
			err = d.Close()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// openElsewhere opens a database in another process, which is killed after a while unless
// that is 0.
func openElsewhere(t *testing.T, address string, after time.Duration) (took time.Duration) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envOpen+"="+address)
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		time.Sleep(after)
		cmd.Process.Kill()
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && (after == 0 || !errors.As(err, &exit)) {
		t.Fatalf("opened elsewhere: %v", err)
	}
	return time.Since(begun)
}

// old is a database as the first schema left it, with enough in it that what the
// migrations do takes a while. It returns its address.
func old(t *testing.T, steps []string) string {
	t.Helper()
	var d *sql.DB
	address := ""
	if pgtest.Wanted() {
		address = pgtest.Empty(t)
		d = must(sql.Open("pgx", address))(t)
		steps = []string{inPostgres(steps[0])}
	} else {
		path := filepath.Join(t.TempDir(), "isthmus.db")
		address = "sqlite:" + path
		d = must(sql.Open("sqlite", dsn(path, "_txlock=immediate")))(t)
	}
	defer d.Close()
	if err := migrateTo(t.Context(), d, "it", steps[:1], nil); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		`insert into blog (token, kind, jid, node, handle, state, gate, reason, enrolled_by, approve, hide_network, discoverable, indexable, lang, name, note,
			avatar_hash, avatar_type, avatar_url, links, created, profile_at, probed_at, synced_at)
			values ('t', 'person', 'a@example.org', 'n', 'a', 'on', 'open', '', '', false, false, true, true, '', '', '', '', '', '', '', 1, 0, 0, 0)`,
		`insert into post (token, blog_id, item, hash, publisher, source, object, home, on_node, published, updated, deleted, seen, create_tok)
			with recursive n(i) as (select 1 union all select i + 1 from n where i < 1500)
			select 't' || i, 1, 'item' || i, 'h', 'a@example.org', 'source', 'object', false, true, i, 0, 0, i, 'c' || i from n`,
		`insert into delivery (blog_id, activity, lane, scope, urgent, audience, after_host, after_inbox, done, created)
			with recursive n(i) as (select 1 union all select i + 1 from n where i < 300)
			select 1, i, 'l' || i, 'followers', false, 0, 'h', 'i', false, i from n`,
		`insert into retry (delivery, blog_id, lane, host, inbox, due, tries, urgent, created)
			select id, 1, lane, 'h.example', 'https://h.example/inbox', 1, 1, false, 1 from delivery`,
	} {
		if _, err := d.ExecContext(t.Context(), text); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
	return address
}

// A program that is killed while it changes the schema leaves a database that the next
// start makes whole: as before a step or after it, with every row, and with a copy of how it
// was at the beginning.
func TestKilledInMigrations(t *testing.T) {
	_ = stdlib.GetDefaultDriver() // registers "pgx"
	kills := 4
	if n, err := strconv.Atoi(os.Getenv("ISTHMUS_KILLS")); err == nil {
		kills = n
	}
	steps := must(migrations(embedded))(t)
	whole := openElsewhere(t, old(t, steps), 0)
	t.Logf("%d kills in the %v that it takes", kills, whole.Round(time.Millisecond))
	for range kills {
		address := old(t, steps)
		for range 2 {
			openElsewhere(t, address, time.Duration(rand.Int64N(int64(whole)))+time.Millisecond)
		}
		d := must(Open(context.Background(), address))(t)
		sum := must(d.Summary(t.Context()))(t)
		if sum.Blogs != 1 || sum.Posts != 1500 {
			t.Errorf("%+v", sum)
		}
		st := must(d.QueueStats(t.Context()))(t)
		if st.Fanouts != 300 || st.Retries != 300 {
			t.Errorf("%+v", st)
		}
		fans := must(d.Shard(0, nil).Fanouts(t.Context(), 0, 2000))(t)
		if len(fans) != 300 || fans[0].After != (Target{"h", "i"}) {
			t.Errorf("%d on their way: %+v", len(fans), fans[0])
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		if path, file := cutSQLite(address); file {
			if sum, err := Check(t.Context(), path); err != nil || sum.Schema != len(steps) {
				t.Errorf("the database: %+v, %v", sum, err)
			}
			kept := must(filepath.Glob(path + ".schema*"))(t)
			for _, name := range kept {
				if filepath.Ext(name) == ".tmp" { // a killed one's, which the next would have replaced
					continue
				}
				raw := must(sql.Open("sqlite", fileURL(name, "mode=ro")))(t)
				var posts int
				if err := raw.QueryRow(`select count(*) from post`).Scan(&posts); err != nil || posts != 1500 {
					t.Errorf("%s: %d posts, %v", name, posts, err)
				}
				raw.Close()
			}
			if len(kept) == 0 {
				t.Error("no copy was kept")
			}
		}
		if t.Failed() {
			return
		}
	}
}

func cutSQLite(address string) (path string, file bool) {
	const scheme = "sqlite:"
	if len(address) > len(scheme) && address[:len(scheme)] == scheme {
		return address[len(scheme):], true
	}
	return "", false
}
