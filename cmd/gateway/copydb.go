package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"isthmus/db"
)

// copyDB copies one database into another, empty one. The first is the configured one
// when none is named.
func copyDB(ctx context.Context, c *call) error {
	if c.opts.to == "" {
		return fmt.Errorf("%w: it needs \"copy\" and --to DATABASE", errUsage)
	}
	from, to, err := databases(c.cfg.DB, c.opts.from, c.opts.to)
	if err != nil {
		return err
	}
	source, done, err := openAlone(ctx, from)
	if errors.Is(err, errRunning) {
		return errStop
	}
	if err != nil {
		return err
	}
	defer done()
	target, done, err := openAlone(ctx, to)
	if err != nil {
		return err
	}
	defer done()
	var total int64
	out := c.out.w
	if c.out.json {
		out = c.errs
	}
	err = db.Copy(ctx, source, target, func(table string, rows int64, done bool) {
		switch {
		case done:
			total += rows
			fmt.Fprintf(out, "%-20s %d rows, the same there\n", table, rows)
		case rows > 0 && rows%100_000 == 0:
			fmt.Fprintf(out, "%-20s %d rows so far\n", table, rows)
		}
	})
	if errors.Is(err, db.ErrNotEmpty) {
		return fmt.Errorf("there is something in %s already: name a new one", to.shown())
	}
	if err != nil {
		return fmt.Errorf("%w\n%s is not to be used; %s is as it was", err, to.shown(), from.shown())
	}
	return c.out.result(map[string]any{"from": from.shown(), "to": to.shown(), "rows": total}, func(w io.Writer) {
		fmt.Fprintf(w, "\nAll %d rows of %s are in %s. Write into the config file:\n\n  [db]\n  url = %q\n", total, from.shown(), to.shown(), db.Redacted(to.location()))
	})
}

// databases reads the two addresses.
func databases(configured DBConfig, source, target string) (from, to DBConfig, err error) {
	from.URL, to.URL = source, target
	for _, c := range []*DBConfig{&from, &to} {
		if c.URL == "" {
			*c = configured
			continue
		}
		check := checker{doc: &document{}}
		check.database(c)
		if len(check.problems) > 0 {
			p := check.problems[0]
			return from, to, fmt.Errorf("%w: %s %s; %s", errUsage, db.Redacted(c.URL), p.Text, p.Fix)
		}
	}
	if from.location() == to.location() {
		return from, to, fmt.Errorf("%w: both are %s", errUsage, from.shown())
	}
	return from, to, nil
}
