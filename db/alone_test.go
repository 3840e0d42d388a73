package db

import (
	"context"
	"errors"
	"testing"
	"time"

	"isthmus/db/pgtest"
	"isthmus/e2e/await"
)

// One process at a time: the second is refused, the first gets its lock back when the
// server has cut its connections, and stops when somebody else was faster.
func TestAlone(t *testing.T) {
	pgtest.ServerOnly(t)
	one, ctx := openTemp(t), t.Context()
	var address string
	if err := one.read.db.QueryRowContext(ctx, `select current_database()`).Scan(&address); err != nil {
		t.Fatal(err)
	}
	two := must(Open(context.Background(), pgtest.Address(address)))(t)
	t.Cleanup(func() { two.Close() })
	lost := make(chan error, 1)
	release := must(one.alone(ctx, exclusive, 20*time.Millisecond, func(err error) { lost <- err }))(t)
	if _, err := two.Alone(ctx, nil); !errors.Is(err, ErrNotAlone) {
		t.Fatalf("the second one: %v", err)
	}
	cut := func() {
		if _, err := two.write.db.ExecContext(ctx, `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`); err != nil {
			t.Fatal(err)
		}
	}
	held := func() bool {
		var n int
		if err := two.write.db.QueryRowContext(ctx, `select count(*) from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n == 1
	}
	cut()
	await.True(t, 20*time.Second, "the lock, taken anew", func() error {
		if !held() {
			return ErrNotAlone
		}
		return nil
	})
	await.True(t, 20*time.Second, "a write", func() error { return one.SetMeta(ctx, "who", "still here") }) // each cut connection fails once
	release()
	other := must(two.Alone(ctx, func(error) {}))(t)
	other()

	release = must(one.alone(ctx, exclusive, 300*time.Millisecond, func(err error) { lost <- err }))(t)
	defer release()
	await.True(t, 20*time.Second, "the other one to be faster", func() error {
		cut()
		conn, err := two.lockAlone(ctx, exclusive)
		if err == nil {
			t.Cleanup(func() { conn.Close() })
		}
		return err
	})
	select {
	case err := <-lost:
		if !errors.Is(err, ErrNotAlone) {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it goes on without the lock")
	}
}
