package db

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Leases last for leaseFor by the server's clock and are renewed every leaseBeat. Who
// could not renew for leaseDoubt stops before another may begin; who was the only one
// there goes on for aloneDoubt, as when the server restarts.
var ( // a test shortens them
	leaseFor   = 6 * time.Second
	leaseBeat  = 1500 * time.Millisecond
	leaseDoubt = 4 * time.Second
	aloneDoubt = time.Minute
)

// maxSkew is by how much this machine's clock may differ from the server's.
const maxSkew = 3 * time.Second

// Member is this process among those that work with a database. With a file it is alone
// and has everything.
type Member struct {
	Process
	db   *DB
	log  *slog.Logger
	solo bool

	mu    sync.Mutex
	beat  time.Time     // when the last renewal that worked began
	alone bool          // there was nobody else then
	peers []Process     // who was there then, this one too
	skew  time.Duration // of this machine's clock
	freed chan struct{} // closed when a lease may be free, and made anew
}

// Join makes this process one of those that work with the database. p says which roles
// it has and what must be the same for all, which another one alive may refuse
// (ErrOther). Run has to be called.
func (d *DB) Join(ctx context.Context, p Process, log *slog.Logger) (*Member, error) {
	p.ID = strings.ToLower(rand.Text())[:12]
	m := &Member{Process: p, db: d, log: log, freed: make(chan struct{})}
	if !d.locks {
		return m, nil
	}
	others, err := d.Processes(ctx)
	if err != nil {
		return nil, err
	}
	for _, o := range others {
		if o.Serves != p.Serves {
			return nil, fmt.Errorf("%w: %s on %s serves %s, and this one %s", ErrOther, o.ID, o.Host, o.Serves, p.Serves)
		}
	}
	if _, err := d.read.db.ExecContext(ctx, textForget); err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	return m, m.renew(ctx)
}

// ErrOther says that the processes that work with a database do not serve the same.
var ErrOther = errors.New("db: a process with another configuration works with it")

// Solo is a process that is alone whatever the engine, and has everything without leases.
func (d *DB) Solo() *Member {
	return &Member{Process: Process{ID: "solo"}, db: d, solo: true, freed: make(chan struct{})}
}

// several reports whether there may be others.
func (m *Member) several() bool { return m.db.locks && !m.solo }

// Run renews what this process has until ctx ends, and then lets it go.
func (m *Member) Run(ctx context.Context) error {
	if !m.several() {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(leaseBeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		beat, cancel := context.WithTimeout(ctx, leaseDoubt/2)
		err := m.renew(beat)
		cancel()
		if errors.Is(err, ErrNewer) {
			return err
		}
		if err != nil && ctx.Err() == nil {
			m.log.Warn("leases not renewed", "err", err)
		}
	}
}

// Leave says that this process is none of them any more. Call it when Run and every Hold
// have ended.
func (m *Member) Leave(ctx context.Context) error {
	if !m.several() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseDoubt/2)
	defer cancel()
	if _, err := m.db.read.db.ExecContext(ctx, textLeave, m.ID); err != nil {
		return fmt.Errorf("db: leave: %w", err)
	}
	return m.db.Wake(ctx, TopicLease)
}

func (m *Member) renew(ctx context.Context) error {
	begun := time.Now()
	r := m.db.read.db
	if _, err := r.ExecContext(ctx, textJoin, m.ID, m.Roles, m.Serves, m.Host, m.Version, leaseFor.Milliseconds()); err != nil {
		return fmt.Errorf("db: %w", err)
	}
	if _, err := r.ExecContext(ctx, textRenew, m.ID, leaseFor.Milliseconds()); err != nil {
		return fmt.Errorf("db: %w", err)
	}
	peers, err := m.db.Processes(ctx)
	if err != nil {
		return err
	}
	var schema int
	if err := r.QueryRowContext(ctx, qVersion).Scan(&schema); err != nil {
		return fmt.Errorf("db: %w", err)
	}
	if schema > m.db.schema {
		return fmt.Errorf("%w: another process has brought it to schema %d, and this program knows %d", ErrNewer, schema, m.db.schema)
	}
	asked := time.Now()
	var server int64
	if err := r.QueryRowContext(ctx, textClock).Scan(&server); err != nil {
		return fmt.Errorf("db: %w", err)
	}
	answered := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	changed := len(peers) != len(m.peers)
	m.beat, m.peers, m.alone = begun, peers, len(peers) <= 1
	m.skew = asked.Add(answered.Sub(asked) / 2).Sub(time.UnixMilli(server))
	if changed {
		m.wake()
	}
	return nil
}

// Sure reports whether what this process has is certainly its own.
func (m *Member) Sure() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	doubt := leaseDoubt
	if m.alone {
		doubt = aloneDoubt
	}
	return !m.several() || time.Since(m.beat) < doubt
}

// Skew says by how much this machine's clock is wrong, 0 when it does not matter.
func (m *Member) Skew() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.skew.Abs() < maxSkew {
		return 0
	}
	return m.skew
}

// Turn reports whether number n of something that processes with a role share is for
// this one.
func (m *Member) Turn(role string, n int) bool {
	if !m.several() {
		return true
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var with []string
	for _, p := range m.peers {
		if hasRole(p.Roles, role) {
			with = append(with, p.ID)
		}
	}
	return len(with) > 0 && with[n%len(with)] == m.ID
}

func hasRole(roles, role string) bool {
	return strings.Contains(","+roles+",", ","+role+",")
}

// Alone reports whether there is no other process.
func (m *Member) Alone() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !m.several() || m.alone
}

// Freed says that a lease may be free.
func (m *Member) Freed() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wake()
}

func (m *Member) wake() {
	close(m.freed)
	m.freed = make(chan struct{})
}

func (m *Member) whenFreed() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.freed
}
