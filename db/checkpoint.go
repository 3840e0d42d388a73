package db

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

const (
	qSetCursor = `insert into progress (delivery, shard, after_host, after_inbox, ahead, done) values ($1, $5, $2, $3, $4, false)
		on conflict (delivery, shard) do update set after_host = excluded.after_host, after_inbox = excluded.after_inbox, ahead = excluded.ahead`
	qShardDone = `insert into progress (delivery, shard, after_host, after_inbox, ahead, done) values ($1, $2, '', '', null, true)
		on conflict (delivery, shard) do update set ahead = null, done = true`
	// Two shards may end at the same time: the row itself makes one wait for the other, and
	// the statement after it sees what that one did.
	qTouchDelivery  = `update delivery set done = done where id = $1`
	qExhausted      = `update delivery set done = true where id = $1 and (select count(*) from progress where delivery = $1 and done) >= $2`
	qDropDelivery   = `delete from delivery where id = $1 and done and not exists (select 1 from retry where delivery = $1)`
	qCountFanouts   = `select count(*) from delivery where not done`
	hostColumns     = `host, failures, since, open_until, last_error`
	qHost           = `select ` + hostColumns + ` from host where host = $1`
	qHosts          = `select ` + hostColumns + ` from host order by host`
	qOpenHosts      = `select ` + hostColumns + ` from host where open_until > 0 order by host`
	qCountOpenHosts = `select count(*) from host where open_until > 0`
	qPutHost        = `insert into host (host, failures, since, open_until, last_error) values ($1, $2, $3, $4, $5)
		on conflict (host) do update set failures = excluded.failures, since = excluded.since,
		open_until = excluded.open_until, last_error = excluded.last_error`
	qForgetHost = `delete from host where host = $1`
)

// SaveCheckpoint stores what the delivery engine did in the shard since the last one. Removals
// come before additions, so that a row added to wait for one that is removed
// here does not wait for ever. ErrLost means that another process has the shard.
func (s *Shard) SaveCheckpoint(ctx context.Context, c Checkpoint) error {
	err := s.beside(ctx, func(q *queries) error {
		if err := s.held(ctx, q); err != nil {
			return err
		}
		left := make(map[int64]bool) // deliveries that may have no row left; true when the shard is done with it
		for _, id := range c.Finished {
			if _, err := q.exec(ctx, qShardDone, id, s.n); err != nil {
				return err
			}
			left[id] = true
		}
		for _, cur := range c.Cursors {
			if _, err := q.exec(ctx, qSetCursor, cur.Delivery, cur.After.Host, cur.After.Inbox, cur.Ahead, s.n); err != nil {
				return err
			}
		}
		if err := q.removeRetries(ctx, c, left); err != nil {
			return err
		}
		for _, r := range c.Add {
			if err := q.addRetry(ctx, c.Now, r); err != nil {
				return err
			}
		}
		for _, r := range c.Reschedule {
			if _, err := q.exec(ctx, qReschedule, r.ID, r.Due, r.Tries); err != nil {
				return err
			}
		}
		if err := q.saveHosts(ctx, c); err != nil {
			return err
		}
		return q.endDeliveries(ctx, left)
	})
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// endDeliveries removes those of which nothing is left; true are those that the shard
// is done with. They come in order, or two shards might wait for each other.
func (q *queries) endDeliveries(ctx context.Context, left map[int64]bool) error {
	for _, id := range slices.Sorted(maps.Keys(left)) {
		if q.shards > 1 {
			if _, err := q.exec(ctx, qTouchDelivery, id); err != nil {
				return err
			}
		}
		if left[id] {
			if _, err := q.exec(ctx, qExhausted, id, q.shards); err != nil {
				return err
			}
		}
		if _, err := q.exec(ctx, qDropDelivery, id); err != nil {
			return err
		}
	}
	return nil
}

// removeRetries deletes rows, lets the next of their lanes go, and notes their
// deliveries in left.
func (q *queries) removeRetries(ctx context.Context, c Checkpoint, left map[int64]bool) error {
	type gone struct {
		delivery    int64
		lane, inbox string
	}
	scan := func(s scanner) (g gone, err error) {
		err = s.Scan(&g.delivery, &g.lane, &g.inbox)
		return g, err
	}
	drop := func(text string, args ...any) error {
		rows, err := changeAll(ctx, q, scan, text, args...)
		if err != nil {
			return err
		}
		for _, g := range rows {
			if !left[g.delivery] {
				left[g.delivery] = false // to be looked at
			}
			if g.lane == "" {
				continue
			}
			if _, err := q.exec(ctx, qReleaseLane, g.lane, g.inbox, c.Now, int64(WaitLane)); err != nil {
				return err
			}
		}
		return nil
	}
	for _, id := range c.Remove {
		if err := drop(qRemoveRetry, id); err != nil {
			return err
		}
	}
	for _, d := range c.Done {
		if err := drop(qDoneRetry, d.Delivery, d.Target.Inbox); err != nil {
			return err
		}
	}
	return nil
}

func (q *queries) saveHosts(ctx context.Context, c Checkpoint) error {
	for _, h := range c.Forget {
		if _, err := q.exec(ctx, qForgetHost, h); err != nil {
			return err
		}
	}
	for _, h := range c.Hosts {
		if _, err := q.exec(ctx, qPutHost, h.Host, h.Failures, h.Since, h.OpenUntil, h.LastError); err != nil {
			return err
		}
	}
	return nil
}

func scanHost(s scanner) (h Host, err error) {
	err = s.Scan(&h.Host, &h.Failures, &h.Since, &h.OpenUntil, &h.LastError)
	return h, err
}

// Host returns what is known of a peer's health; ErrNotFound means healthy.
func (q *queries) Host(ctx context.Context, host string) (Host, error) {
	return one(ctx, q, scanHost, qHost, host)
}

// AllHosts returns every peer of which something is known.
func (q *queries) AllHosts(ctx context.Context) ([]Host, error) { return all(ctx, q, scanHost, qHosts) }

// Hosts returns those in the shard.
func (s *Shard) Hosts(ctx context.Context) ([]Host, error) {
	hosts, err := s.AllHosts(ctx)
	return slices.DeleteFunc(hosts, func(h Host) bool { return !s.has(h.Host) }), err
}

// OpenHosts returns the peers that are not sent to for now.
func (q *queries) OpenHosts(ctx context.Context) ([]Host, error) {
	return all(ctx, q, scanHost, qOpenHosts)
}
