package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"
)

// copyBatch is how many rows are written at a time.
const copyBatch = 500

// ErrNotEmpty says that a database to copy to holds something already.
var ErrNotEmpty = errors.New("db: there is something in it already")

// Copy writes everything in one database into another, empty one, on any engine, and
// reads it back: each table must have the same rows. tell is called for each table when
// it begins (rows 0), now and then, and when it is done and compared. Nobody may work
// with either meanwhile. What it leaves behind when it fails has to be thrown away.
func Copy(ctx context.Context, from, to *DB, tell func(table string, rows int64, done bool)) error {
	if sum, err := to.Summary(ctx); err != nil {
		return err
	} else if sum.Blogs+sum.Posts+sum.Followers+sum.Accounts > 0 {
		return ErrNotEmpty
	}
	tables, err := tablesInOrder()
	if err != nil {
		return err
	}
	for _, table := range tables {
		tell(table, 0, false)
		read, err := copyTable(ctx, from.read.db, to.write.db, table, func(n int64) { tell(table, n, false) })
		if err != nil {
			return fmt.Errorf("db: copying %s: %w", table, err)
		}
		written, err := digest(ctx, to.write.db, table)
		if err != nil {
			return fmt.Errorf("db: reading %s back: %w", table, err)
		}
		if read != written {
			return fmt.Errorf("db: %s is not the same after copying: %d rows were read and %d are there, or their values differ", table, read.rows, written.rows)
		}
		tell(table, read.rows, true)
	}
	return to.reshard(ctx, from.shards)
}

// created finds the tables of the migrations; a table comes after those it refers to.
var created = regexp.MustCompile(`(?m)^create table (\w+)`)

func tablesInOrder() (tables []string, err error) {
	steps, err := migrations(embedded)
	if err != nil {
		return nil, err
	}
	for _, m := range created.FindAllStringSubmatch(strings.Join(steps, "\n"), -1) {
		tables = append(tables, m[1])
	}
	return tables, nil
}

// contents sums up the rows of a table, in any order.
type contents struct {
	rows int64
	sum  uint64
}

func (c *contents) add(row []any) {
	h := fnv.New64a()
	for _, v := range row {
		switch v := v.(type) {
		case bool: // SQLite's are numbers
			n := 0
			if v {
				n = 1
			}
			fmt.Fprintf(h, "%d\x00", n)
		case []byte:
			fmt.Fprintf(h, "%s\x00", v)
		default:
			fmt.Fprintf(h, "%v\x00", v)
		}
	}
	c.rows++
	c.sum += h.Sum64()
}

// columns are the names of a table's columns and which of them hold truth values.
func columns(ctx context.Context, d *sql.DB, table string) (names []string, truth []bool, err error) {
	rows, err := d.QueryContext(ctx, `select * from `+table+` limit 0`)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, nil, err
	}
	for _, t := range types {
		names = append(names, t.Name())
		truth = append(truth, strings.HasPrefix(strings.ToLower(t.DatabaseTypeName()), "bool"))
	}
	return names, truth, rows.Err()
}

// each reads every row of a table.
func each(ctx context.Context, d *sql.DB, table string, names []string, visit func([]any) error) error {
	rows, err := d.QueryContext(ctx, `select `+strings.Join(names, ", ")+` from `+table)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, to := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			to[i] = &row[i]
		}
		if err := rows.Scan(to...); err != nil {
			return err
		}
		if err := visit(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

func digest(ctx context.Context, d *sql.DB, table string) (c contents, err error) {
	names, _, err := columns(ctx, d, table)
	if err != nil {
		return c, err
	}
	return c, each(ctx, d, table, names, func(row []any) error { c.add(row); return nil })
}

func copyTable(ctx context.Context, from, to *sql.DB, table string, tell func(int64)) (c contents, err error) {
	names, truth, err := columns(ctx, to, table)
	if err != nil {
		return c, err
	}
	if _, err := to.ExecContext(ctx, `delete from `+table); err != nil { // what a new database has: its seed
		return c, err
	}
	var marks []string
	for i := range names {
		marks = append(marks, fmt.Sprintf("$%d", i+1))
	}
	insert := `insert into ` + table + ` (` + strings.Join(names, ", ") + `) values (` + strings.Join(marks, ", ") + `)`
	var batch [][]any
	flush := func() error {
		tx, err := to.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		s, err := tx.PrepareContext(ctx, insert)
		if err != nil {
			return err
		}
		for _, row := range batch {
			if _, err := s.ExecContext(ctx, row...); err != nil {
				return err
			}
		}
		batch = batch[:0]
		return tx.Commit()
	}
	err = each(ctx, from, table, names, func(row []any) error {
		for i := range row {
			row[i] = portable(row[i], truth[i])
		}
		c.add(row)
		batch = append(batch, row)
		if len(batch) < copyBatch {
			return nil
		}
		tell(c.rows)
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err == nil {
		err = continueNumbers(ctx, to, table, names)
	}
	return c, err
}

// portable is a value as every engine takes it: PostgreSQL has truth values of its own,
// and no text that is not UTF-8 or has a NUL in it.
func portable(v any, truth bool) any {
	switch v := v.(type) {
	case int64:
		if truth {
			return v != 0
		}
	case string:
		return cleanText(v)
	}
	return v
}

// continueNumbers lets PostgreSQL give the next row a number that none has; SQLite sees
// to that itself.
func continueNumbers(ctx context.Context, d *sql.DB, table string, names []string) error {
	if _, postgres := d.Driver().(*stdlib.Driver); !postgres || names[0] != "id" {
		return nil
	}
	var sequence sql.NullString
	if err := d.QueryRowContext(ctx, `select pg_get_serial_sequence($1, 'id')`, table).Scan(&sequence); err != nil || !sequence.Valid {
		return err // an id that is no number
	}
	_, err := d.ExecContext(ctx, `select setval($1, (select coalesce(max(id), 0) + 1 from `+table+`), false)`, sequence.String)
	return err
}
