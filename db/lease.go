package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// serverNow is the server's clock in Unix ms: those of several machines differ.
const serverNow = `(extract(epoch from clock_timestamp()) * 1000)::bigint`

// These are for PostgreSQL alone.
const (
	textJoin = `insert into process (id, roles, serves, host, version, started, until) values ($1, $2, $3, $4, $5, ` + serverNow + `, ` + serverNow + ` + $6)
		on conflict (id) do update set until = excluded.until`
	textRenew   = `update lease set until = ` + serverNow + ` + $2 where process = $1`
	textAcquire = `insert into lease (name, process, until) values ($1, $2, ` + serverNow + ` + $3)
		on conflict (name) do update set process = excluded.process, until = excluded.until
		where lease.until < ` + serverNow + ` or lease.process = excluded.process`
	textHold      = `select 1 from lease where name = $1 and process = $2 for share`
	textGiveUp    = `delete from lease where name = $1 and process = $2`
	textLeave     = `delete from process where id = $1`
	textForget    = `delete from process where until < ` + serverNow + ` - 60000`
	textProcesses = `select id, roles, serves, host, version, started, until from process where until > ` + serverNow + ` order by started, id`
	textLeases    = `select name, process from lease where until > ` + serverNow + ` order by name`
	textClock     = `select ` + serverNow
)

// Process is one of several that work with a database.
type Process struct {
	ID, Roles     string
	Serves        string // what must be the same for all of them
	Host, Version string
	Started       int64 // by the server's clock, Unix ms
	Until         int64
}

// Lease is something that one process has at a time.
type Lease struct {
	name string
	m    *Member
}

// hold makes sure that nobody takes the lease before the transaction ends.
func (l *Lease) hold(ctx context.Context, q *queries) error {
	var one int
	err := q.tx.QueryRowContext(ctx, textHold, l.name, l.m.ID).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%w: %s", ErrLost, l.name)
	}
	return err
}

// acquire takes a lease that nobody has.
func (m *Member) acquire(ctx context.Context, name string) (bool, error) {
	r, err := m.db.read.db.ExecContext(ctx, textAcquire, name, m.ID, leaseFor.Milliseconds())
	if err != nil {
		return false, err
	}
	n, err := r.RowsAffected()
	return n > 0, err
}

// Processes returns those that are alive.
func (d *DB) Processes(ctx context.Context) ([]Process, error) {
	if !d.locks {
		return nil, nil
	}
	return all(ctx, &d.queries, func(s scanner) (p Process, err error) {
		err = s.Scan(&p.ID, &p.Roles, &p.Serves, &p.Host, &p.Version, &p.Started, &p.Until)
		return p, err
	}, textProcesses)
}

// Leases returns which process has what.
func (d *DB) Leases(ctx context.Context) (map[string]string, error) {
	out := make(map[string]string)
	if !d.locks {
		return out, nil
	}
	_, err := all(ctx, &d.queries, func(s scanner) (struct{}, error) {
		var name, process string
		err := s.Scan(&name, &process)
		out[name] = process
		return struct{}{}, err
	}, textLeases)
	return out, err
}
