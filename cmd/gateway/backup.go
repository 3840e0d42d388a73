package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"isthmus/db"
)

// backup writes a checked copy of the database to the file args[0], or to a new file
// in the folder args[0]. A running gateway goes on meanwhile.
func backup(ctx context.Context, c *call) error {
	cfg := c.cfg
	if cfg.DB.Path == "" {
		return errPostgres
	}
	if err := hasDatabase(cfg.DB); err != nil {
		return err
	}
	to := c.args[0]
	if info, err := os.Stat(to); err == nil && info.IsDir() {
		to = filepath.Join(to, "isthmus-"+time.Now().UTC().Format("20060102-150405")+".db")
	}
	began := time.Now()
	sum, err := db.Backup(ctx, cfg.DB.Path, to)
	if errors.Is(err, db.ErrUnsound) {
		return fmt.Errorf("%w\nNo copy was kept. Restore the last good one, or see \"Damaged database\" in docs/OPERATIONS.md", err)
	}
	if err != nil {
		return err
	}
	info, err := os.Stat(to)
	if err != nil {
		return err
	}
	if err := noteBackup(ctx, cfg.DB); err != nil {
		return err
	}
	return c.out.result(database{to, sum, info.Size()}, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %s, checked; keep it as secret as the original (%s, %v)\n", to, holds(sum), size(info.Size()), time.Since(began).Round(time.Millisecond))
	})
}

// database is one that was looked at.
type database struct {
	File string `json:"file"`
	db.Summary
	Size int64 `json:"size,omitempty"` // bytes
}

// noteBackup notes in the database that a copy was made, for “doctor”.
func noteBackup(ctx context.Context, cfg DBConfig) error {
	store, err := openStore(ctx, cfg)
	if err != nil {
		return err
	}
	defer store.Close()
	return store.SetMeta(ctx, metaBackup, time.Now().UTC().Format(time.RFC3339))
}

// metaBackup is when the last copy was made.
const metaBackup = "backup"

// restore puts the copy args[0] in the place of the database.
func restore(ctx context.Context, c *call) error {
	cfg, args := c.cfg, c.args
	if cfg.DB.Path == "" {
		return errPostgres
	}
	unlock, err := lockFile(cfg.DB)
	if errors.Is(err, errRunning) {
		return errStop
	}
	if err != nil {
		return err
	}
	defer unlock()
	kept, sum, err := db.Restore(ctx, args[0], cfg.DB.Path, time.Now())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no %s", args[0])
	case errors.Is(err, db.ErrUnsound):
		return fmt.Errorf("%w\nNothing was changed", err)
	case err != nil && kept != "":
		return fmt.Errorf("%w\nWhat was there is at %s", err, kept)
	case err != nil:
		return err
	}
	return c.out.result(database{File: cfg.DB.Path, Summary: sum}, func(out io.Writer) {
		fmt.Fprintf(out, "%s is now what %s was: %s.\n", cfg.DB.Path, args[0], holds(sum))
		if kept != "" {
			fmt.Fprintf(out, "What was there is kept as %s.\n", kept)
		}
		fmt.Fprintln(out, "Start the gateway: it finds what was published since, under the same addresses.\nWho began to follow since the copy has to follow again.")
	})
}

// verify reads the database, or the copy args[0], from end to end.
func verify(ctx context.Context, c *call) error {
	cfg, args := c.cfg, c.args
	path := cfg.DB.Path
	if len(args) > 0 {
		path = args[0]
	} else if path == "" {
		return verifyServer(ctx, c)
	} else if err := hasDatabase(cfg.DB); err != nil {
		return err
	}
	sum, err := db.Check(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no %s", path)
	}
	if err != nil {
		return err
	}
	return c.out.result(database{File: path, Summary: sum}, func(w io.Writer) {
		fmt.Fprintf(w, "%s is sound: %s, schema %d\n", path, holds(sum), sum.Schema)
	})
}

// verifyServer looks into a PostgreSQL database, which checks its own pages.
func verifyServer(ctx context.Context, c *call) error {
	store, err := openStore(ctx, c.cfg.DB)
	if err != nil {
		return err
	}
	defer store.Close()
	sum, err := store.Summary(ctx)
	if err != nil {
		return err
	}
	return c.out.result(database{File: c.cfg.DB.shown(), Summary: sum}, func(w io.Writer) {
		fmt.Fprintf(w, "%s: %s, schema %d\n", c.cfg.DB.shown(), holds(sum), sum.Schema)
	})
}

// holds says what is in a database, in words.
func holds(s db.Summary) string {
	return fmt.Sprintf("%d blogs, %d posts, %d followers, %d accounts of other servers", s.Blogs, s.Posts, s.Followers, s.Accounts)
}

func size(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d KiB", (n+1023)>>10)
}
