package db

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"isthmus/db/pgtest"
)

var update = flag.Bool("update", false, "write the fixtures of schemas that have none")

// TestEverySchemaCanBeUpgraded: databases as each schema before this one left them
// (testdata/schema_N.sql, never written again once they are there) become what a new
// database is, with every row that was in them.
func TestEverySchemaCanBeUpgraded(t *testing.T) {
	pgtest.FilesOnly(t)
	ctx, steps := t.Context(), must(migrations(embedded))(t)
	fresh := schemaOf(t, openTemp(t).write.db)
	for n := 1; n < len(steps); n++ {
		file := filepath.Join("testdata", fmt.Sprintf("schema_%d.sql", n))
		if _, err := os.Stat(file); err != nil && *update {
			writeFixture(t, file, steps[:n])
		}
		path := filepath.Join(t.TempDir(), "isthmus.db")
		raw := must(sql.Open("sqlite", dsn(path, "_txlock=immediate")))(t)
		if _, err := raw.ExecContext(ctx, string(must(os.ReadFile(file))(t))); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		before := counts(t, raw)
		if err := raw.Close(); err != nil {
			t.Fatal(err)
		}
		d := openAt(t, path)
		if got := schemaOf(t, d.write.db); got != fresh {
			t.Errorf("schema %d becomes\n%s\na new database is\n%s", n, got, fresh)
		}
		after := counts(t, d.write.db)
		for table, rows := range before {
			if now, there := after[table]; there && now != rows && table != "schema_version" {
				t.Errorf("schema %d: %s had %d rows and has %d", n, table, rows, now)
			}
		}
		d.Close()
		if sum, err := Check(ctx, path); err != nil || sum.Schema != len(steps) || sum.Blogs != 2 || sum.Posts != 1 {
			t.Errorf("schema %d: %+v, %v", n, sum, err)
		}
	}
}

// writeFixture fills every table of a schema with two rows and prints it all as SQL.
func writeFixture(t *testing.T, file string, steps []string) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "old.db")
	d := must(sql.Open("sqlite", dsn(path, "_txlock=immediate")))(t)
	defer d.Close()
	if err := migrateTo(ctx, d, path, steps, nil); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, s := range must(lines(ctx, d, `select sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by rowid`))(t) {
		out.WriteString(s + ";\n")
	}
	fmt.Fprintf(&out, "insert into schema_version (version) values (%d);\n", len(steps))
	for _, table := range must(lines(ctx, d, `select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name <> 'schema_version' order by rowid`))(t) {
		names, types := must(lines(ctx, d, `select name from pragma_table_info('`+table+`')`))(t), must(lines(ctx, d, `select type from pragma_table_info('`+table+`')`))(t)
		for row := 1; row <= 2; row++ {
			var values []string
			for i, name := range names {
				values = append(values, fixtureValue(table, name, strings.ToLower(types[i]), row))
			}
			fmt.Fprintf(&out, "insert into %s (%s) values (%s);\n", table, strings.Join(names, ", "), strings.Join(values, ", "))
		}
	}
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

func fixtureValue(table, column, typ string, row int) string {
	switch {
	case table == "post" && column == "deleted": // one lives, one is a tombstone
		return fmt.Sprint(row - 1)
	case typ == "boolean":
		return fmt.Sprint(row % 2)
	case typ == "blob":
		return fmt.Sprintf("x'0%d'", row)
	case typ == "text":
		return fmt.Sprintf("'%s %s %d'", table, column, row)
	}
	return fmt.Sprint(row)
}

// schemaOf is every statement that makes the database, in the order of names.
func schemaOf(t *testing.T, d *sql.DB) string {
	return strings.Join(must(lines(t.Context(), d, `select sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by name`))(t), "\n")
}

// counts says how many rows each table has.
func counts(t *testing.T, d *sql.DB) map[string]int {
	out := map[string]int{}
	for _, table := range must(lines(t.Context(), d, `select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`))(t) {
		var n int
		if err := d.QueryRowContext(context.Background(), `select count(*) from `+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		out[table] = n
	}
	return out
}
