package db

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"isthmus/db/pgtest"
	"isthmus/e2e/await"
)

// quickLeases makes leases short.
func quickLeases(t *testing.T) {
	was := []time.Duration{leaseFor, leaseBeat, leaseDoubt}
	leaseFor, leaseBeat, leaseDoubt = 900*time.Millisecond, 100*time.Millisecond, 500*time.Millisecond
	t.Cleanup(func() { leaseFor, leaseBeat, leaseDoubt = was[0], was[1], was[2] })
}

// process is a member with its own connections, as another process has.
type process struct {
	*Member
	db   *DB
	dies func() // stops renewing, and tells nobody
}

func joins(t *testing.T, address, roles string) *process {
	t.Helper()
	d := must(Open(context.Background(), address))(t)
	t.Cleanup(func() { d.Close() })
	m := must(d.Join(t.Context(), Process{Roles: roles, Serves: "ap.example.org", Host: "here", Version: "1"}, slog.New(slog.DiscardHandler)))(t)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.Run(ctx)
	}()
	p := &process{m, d, func() { stop(); <-done }}
	t.Cleanup(p.dies)
	return p
}

func addressOf(t *testing.T, d *DB) string {
	var name string
	if err := d.read.db.QueryRowContext(t.Context(), `select current_database()`).Scan(&name); err != nil {
		t.Fatal(err)
	}
	return pgtest.Address(name)
}

// One process at a time has a lease; the next has it when the first lets it go, and when
// the first one dies, but never before that one has stopped.
func TestLease(t *testing.T) {
	pgtest.ServerOnly(t)
	quickLeases(t)
	address := addressOf(t, openTemp(t))
	var working, most atomic.Int32
	var now atomic.Pointer[process]
	hold := func(p *process) (end func()) {
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			p.Hold(ctx, "stream", func() bool { return true }, func(ctx context.Context, _ *Lease) error {
				most.Store(max(most.Load(), working.Add(1)))
				now.Store(p)
				<-ctx.Done()
				working.Add(-1)
				return nil
			})
		}()
		return func() { stop(); <-done }
	}
	has := func(p *process) {
		t.Helper()
		await.True(t, 20*time.Second, "the lease to pass on", func() error {
			if now.Load() != p || working.Load() != 1 {
				return errors.New("somebody else has it")
			}
			return nil
		})
	}
	one, two := joins(t, address, "xmpp"), joins(t, address, "xmpp")
	end := hold(one)
	has(one)
	defer hold(two)()
	end() // lets it go
	has(two)
	three := joins(t, address, "xmpp")
	defer hold(three)()
	two.dies()
	has(three)
	if most.Load() != 1 {
		t.Errorf("%d had it at the same time", most.Load())
	}
	leases := must(three.db.Leases(t.Context()))(t)
	if leases["stream"] != three.ID {
		t.Errorf("leases %v, want %s", leases, three.ID)
	}
}

// What a process does not have any more it cannot write.
func TestStaleShard(t *testing.T) {
	pgtest.ServerOnly(t)
	quickLeases(t)
	address := addressOf(t, openTemp(t))
	old := joins(t, address, "worker")
	ctx := t.Context()
	if got, err := old.acquire(ctx, "shard 0"); err != nil || !got {
		t.Fatal(got, err)
	}
	shard := old.db.Shard(0, &Lease{"shard 0", old.Member})
	c := Checkpoint{Hosts: []Host{{Host: "h.example", Failures: 1}}}
	if err := shard.SaveCheckpoint(ctx, c); err != nil {
		t.Fatal(err)
	}
	next := joins(t, address, "worker")
	old.dies()
	await.True(t, 20*time.Second, "the lease", func() error {
		if got, err := next.acquire(ctx, "shard 0"); err != nil || !got {
			return errors.Join(err, errors.New("not yet"))
		}
		return nil
	})
	if err := shard.SaveCheckpoint(ctx, c); !errors.Is(err, ErrLost) {
		t.Errorf("the old one writes: %v", err)
	}
}

// Each of what is shared is for one process, and for the others when that one has gone.
func TestTurns(t *testing.T) {
	pgtest.ServerOnly(t)
	quickLeases(t)
	address := addressOf(t, openTemp(t))
	all := []*process{joins(t, address, "http,worker,xmpp"), joins(t, address, "worker"), joins(t, address, "http")}
	turns := func(p *process) (n int) {
		for i := range 8 {
			if p.Turn("worker", i) {
				n++
			}
		}
		return n
	}
	shared := func(want ...int) {
		t.Helper()
		await.True(t, 20*time.Second, "the work to be shared", func() error {
			var got []int
			for _, p := range all {
				got = append(got, turns(p))
			}
			if !slices.Equal(got, want) {
				return errors.New("not yet")
			}
			return nil
		})
	}
	shared(4, 4, 0)
	all[0].dies()
	if err := all[0].Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	all = all[1:]
	shared(8, 0)
	if got := must(all[0].db.Processes(t.Context()))(t); len(got) != 2 || got[0].Roles != "worker" || got[0].Host != "here" {
		t.Errorf("%+v", got)
	}
	d := must(Open(context.Background(), address))(t)
	defer d.Close()
	if _, err := d.Join(t.Context(), Process{Roles: "http", Serves: "other.example"}, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrOther) {
		t.Errorf("one that serves another domain: %v", err)
	}
}

// What one process says is heard by all, also after the server has cut the connection.
func TestWake(t *testing.T) {
	pgtest.ServerOnly(t)
	was := listenFor
	listenFor = 20 * time.Millisecond // it asks whether the server is there, often
	defer func() { listenFor = was }()
	one := openTemp(t)
	two := must(Open(context.Background(), addressOf(t, one)))(t)
	defer two.Close()
	heard := make(chan string, 100)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		one.Listen(ctx, func(topic string) { heard <- topic })
	}()
	hears := func(want string) {
		t.Helper()
		select {
		case got := <-heard:
			if got != want {
				t.Fatalf("heard %q, want %q", got, want)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("never heard %q", want)
		}
	}
	hears(TopicAll)
	time.Sleep(10 * listenFor)
	if err := two.Wake(ctx, "jobs"); err != nil {
		t.Fatal(err)
	}
	hears("jobs")
	if _, err := two.read.db.ExecContext(ctx, `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()`); err != nil {
		t.Fatal(err)
	}
	hears(TopicAll)
	stop()
	<-done
}
