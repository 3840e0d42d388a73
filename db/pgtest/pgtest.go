// Package pgtest gives tests databases of their own on a PostgreSQL server that may be
// thrown away. ISTHMUS_TEST_POSTGRES is its address, of a user who may make databases;
// scripts/postgres.sh starts one. Without it tests run on SQLite.
package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Wanted reports whether tests are to run on PostgreSQL.
func Wanted() bool { return os.Getenv("ISTHMUS_TEST_POSTGRES") != "" }

// FilesOnly leaves a test about SQLite files to the run without a server; ServerOnly one
// about the server to the run with it. make test makes both.
func FilesOnly(t testing.TB) {
	t.Helper()
	if Wanted() {
		t.Skip("about SQLite files, and runs with them")
	}
}

// ServerOnly is the other one.
func ServerOnly(t testing.TB) {
	t.Helper()
	if !Wanted() {
		t.Skip("about PostgreSQL, and runs with it: scripts/postgres.sh go test …")
	}
}

var (
	number   atomic.Int64
	once     sync.Once
	template string
	failed   error
	making   sync.Mutex // a template that is being copied cannot be copied
)

// Database makes a database for a test and returns its address. fill is called once in
// a process, with the address of the one that all others are copies of.
func Database(t testing.TB, fill func(address string) error) string {
	t.Helper()
	once.Do(func() {
		template = name()
		if failed = run("create database " + template); failed == nil {
			failed = fill(Address(template))
		}
	})
	if failed != nil {
		t.Fatal(failed)
	}
	db := name()
	making.Lock()
	err := run("create database " + db + " template " + template)
	making.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := run("drop database " + db + " with (force)"); err != nil {
			t.Error(err)
		}
	})
	return Address(db)
}

// Empty makes an empty database for a test and returns its address.
func Empty(t interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
}) string {
	t.Helper()
	db := name()
	if err := run("create database " + db); err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(func() { _ = run("drop database " + db + " with (force)") }) // whoever used it may still be ending
	return Address(db)
}

// Cut ends all connections to a database, as a restart of the server does.
func Cut(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	return run("select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + strings.TrimPrefix(u.Path, "/") + "'")
}

func name() string { return fmt.Sprintf("isthmus_%d_%d", os.Getpid(), number.Add(1)) }

// Address is that of one of the server's databases.
func Address(db string) string {
	u, err := url.Parse(os.Getenv("ISTHMUS_TEST_POSTGRES"))
	if err != nil {
		panic(err) // run has read it
	}
	u.Path = "/" + db
	return u.String()
}

// run runs a statement on the server's own database.
func run(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, os.Getenv("ISTHMUS_TEST_POSTGRES"))
	if err != nil {
		return fmt.Errorf("ISTHMUS_TEST_POSTGRES: %w", err)
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	return err
}
