package bridge

import (
	"bytes"
	"database/sql"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"isthmus/db/pgtest"
)

// heardLog keeps what is logged.
type heardLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *heardLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *heardLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// A row in which something is broken costs what it is about, and nobody else: louise's
// rows are broken one column after the other, and emma's posts go out, her followers come,
// and no page or document of anybody makes the gateway stumble.
func TestCorruptedRow(t *testing.T) {
	pgtest.FilesOnly(t) // it reaches into the file; what reads a row is the same on both
	t.Parallel()
	var log heardLog
	w := newWorld(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	p, q := w.peer(), w.peer()
	blog := w.enrolled(louise)
	p.follows("bob", blog.Token)
	w.change(louise, commentsOf("first-post"), func(n *node) { n.open, n.publisher = true, true })
	w.publish(louise, "first-post", commented("first-post", "hello world"))
	post := object(p.await("Create")).ID()
	p.sends("bob", "Create", p.replies("bob", post, "well said"))
	p.sends("bob", "Like", post)
	w.settled()
	emmas := w.enrolled("emma@example.org")
	q.follows("carol", emmas.Token)
	raw, err := sql.Open("sqlite", "file:"+w.file+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()

	number := 0
	well := func(what string) {
		t.Helper()
		number++
		text := fmt.Sprintf("number %d", number)
		for _, path := range []string{post, w.b.addr.Actor(blog.Token), w.b.addr.Actor(blog.Token) + "/outbox", w.b.addr.Actor(blog.Token) + "/followers",
			w.url + "/@louise", w.url + "/@emma", w.url + "/", w.url + "/.well-known/webfinger?resource=acct:louise@" + w.b.addr.HandleDomain} {
			if resp, err := http.Get(path); err == nil { // what it says of louise is its business
				resp.Body.Close()
			}
		}
		p.post("bob", w.b.addr.SharedInbox(), map[string]any{"type": "Like", "object": post})
		p.sends("bob", "Create", p.replies("bob", post, text))
		w.publish(louise, "louise-"+fmt.Sprint(number), note(text))
		w.publish("emma@example.org", "item-"+fmt.Sprint(number), note(text))
		if got := object(q.await("Create")).Str("content"); !strings.Contains(got, text) {
			t.Fatalf("%s: carol gets %q", what, got)
		}
		if strings.Contains(log.String(), "panic") {
			t.Fatalf("%s:\n%s", what, log.String())
		}
	}
	well("as it should be")
	tables := names(t, raw, `select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name <> 'schema_version'`)
	columns := 0
	for _, table := range tables {
		for _, column := range names(t, raw, `select name from pragma_table_info('`+table+`') where lower(type) = 'text'`) {
			var row int64
			var was string
			if err := raw.QueryRow(`select rowid, `+column+` from `+table+` order by rowid limit 1`).Scan(&row, &was); err != nil || was == emmas.Token {
				continue // nothing in it
			}
			set := func(value string) {
				if _, err := raw.Exec(`update or replace `+table+` set `+column+` = $1 where rowid = $2`, value, row); err != nil {
					t.Fatalf("%s.%s: %v", table, column, err)
				}
			}
			set("{\"broken\x01: <" + strings.Repeat("[", 20))
			columns++
			well(table + "." + column)
			set(was)
		}
	}
	if columns < 60 {
		t.Errorf("only %d columns were broken", columns)
	}
}

func names(t *testing.T, d *sql.DB, query string) (out []string) {
	t.Helper()
	rows, err := d.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		out = append(out, name)
	}
	return out
}
