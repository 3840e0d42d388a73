package db

import (
	"context"
	"time"
)

// Census is how much there is of what, for whoever watches the gateway.
type Census struct {
	QueueStats
	Blogs     map[State]int                        // those that are not gone
	Followers int                                  // accepted ones
	Reports   int                                  // that nobody has closed
	Running   int                                  // jobs
	Oldest    struct{ Fanout, Inbound, Job int64 } // Unix ms since when the oldest waits, 0 when none does
}

const (
	qBlogStates    = `select state, count(*) from blog where state <> 'gone' group by state`
	qCountAccepted = `select count(*) from follower where state = 'accepted'`
	qOpenReports   = `select count(*) from report where state = 'open' and not outward`
	qRunningJobs   = `select count(*) from job where lease > $1`
	qOldestFanout  = `select coalesce(min(created), 0) from delivery where not done`
	qOldestInbound = `select coalesce(min(received), 0) from inbox where not done`
	qOldestJob     = `select coalesce(min(due), 0) from job where due <= $1 and lease <= $1`
)

// Census counts. It reads indexes from end to end; callers ask rarely.
func (q *queries) Census(ctx context.Context, now int64) (c Census, err error) {
	if c.QueueStats, err = q.QueueStats(ctx); err != nil {
		return c, err
	}
	states, err := all(ctx, q, func(s scanner) (of struct {
		State State
		N     int
	}, err error) {
		err = s.Scan(&of.State, &of.N)
		return of, err
	}, qBlogStates)
	if err != nil {
		return c, err
	}
	c.Blogs = map[State]int{}
	for _, s := range states {
		c.Blogs[s.State] = s.N
	}
	for _, n := range []struct {
		to   *int
		text string
		args []any
	}{{&c.Followers, qCountAccepted, nil}, {&c.Reports, qOpenReports, nil}, {&c.Running, qRunningJobs, []any{now}}} {
		if *n.to, err = one(ctx, q, scalar[int], n.text, n.args...); err != nil {
			return c, err
		}
	}
	for _, n := range []struct {
		to   *int64
		text string
		args []any
	}{{&c.Oldest.Fanout, qOldestFanout, nil}, {&c.Oldest.Inbound, qOldestInbound, nil}, {&c.Oldest.Job, qOldestJob, []any{now}}} {
		if *n.to, err = one(ctx, q, scalar[int64], n.text, n.args...); err != nil {
			return c, err
		}
	}
	return c, nil
}

// OldestInbound returns since when the oldest activity waits that is not handled, Unix
// ms, 0 when none does.
func (q *queries) OldestInbound(ctx context.Context) (int64, error) {
	return one(ctx, q, scalar[int64], qOldestInbound)
}

// Ping reads something.
func (d *DB) Ping(ctx context.Context) error {
	_, err := one(ctx, &d.queries, scalar[int], qVersion)
	return err
}

// Wait is how often something waited, and how long in all.
type Wait struct {
	Count int64
	Took  time.Duration
}

// Waits says how statements wait for their turn: to read, and to write.
func (d *DB) Waits() (read, write Wait) {
	r, w := d.read.db.Stats(), d.write.db.Stats()
	return Wait{r.WaitCount, r.WaitDuration},
		Wait{w.WaitCount + d.group.waits.Load(), w.WaitDuration + time.Duration(d.group.waited.Load())}
}
