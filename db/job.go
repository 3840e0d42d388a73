package db

import (
	"context"
	"slices"
)

// A running job is held by its lease. One that is added meanwhile is marked to
// run again, so that nothing that happened after it began is missed.
//
// SQLite (3.54) prepares a statement anew whenever a bare parameter after limit has another
// value than before, which takes three times as long as the claim; an expression it leaves alone.
const (
	jobColumns = `id, kind, key, args, due, tries, note, anywhere`

	qAddJob = `insert into job (kind, key, args, due, lease, again, tries, note, anywhere) values ($1, $2, $3, $4, 0, false, 0, '', $5)
		on conflict (kind, key) do update set
		due = case when excluded.due < job.due or (job.lease > 0 and not job.again) then excluded.due else job.due end,
		again = job.lease > 0`
	qClaimJobs = `update job set lease = $2, again = false, tries = tries + 1
		where id in (select id from job where anywhere = $4 and due <= $1 and lease <= $1 order by due, id limit cast($3 as bigint)` + skipLocked + `) returning ` + jobColumns
	qLeaseJob     = `update job set lease = $2 where id = $1 and lease > 0`
	qReleaseJobs  = `update job set lease = 0 where lease > 0 and tries < $1 and (not anywhere or $2)`
	qFinishJob    = `delete from job where id = $1 and not again`
	qRunAgain     = `update job set lease = 0, again = false, tries = 0, note = '' where id = $1`
	qRescheduling = `lease = 0, again = false, note = $3, due = case when again and due < $2 then due else $2 end`
	qRetryJob     = `update job set tries = $4, ` + qRescheduling + ` where id = $1`
	qSnoozeJob    = `update job set tries = 0, ` + qRescheduling + ` where id = $1`
	qHurryNoted   = `update job set due = $2 where note = $1 and due > $2 and lease = 0`
	qHurryJobs    = `update job set due = $2 where kind = $1 and due > $2 and lease = 0`
	qJobByKey     = `select ` + jobColumns + ` from job where kind = $1 and key = $2`
	qCountJobs    = `select count(*) from job`
)

func scanJob(s scanner) (j Job, err error) {
	err = s.Scan(&j.ID, &j.Kind, &j.Key, &j.Args, &j.Due, &j.Tries, &j.Note, &j.Anywhere)
	return j, err
}

// AddJob stores a job. One of the same kind and key that is there keeps its
// arguments; it is only due earlier if that is asked, or runs again.
func (q *queries) AddJob(ctx context.Context, j Job) error {
	_, err := q.exec(ctx, qAddJob, j.Kind, j.Key, j.Args, j.Due, j.Anywhere)
	return err
}

// ClaimJobs takes jobs that are due, those that run anywhere or those that do not, in
// order, and holds them until leaseUntil.
// The attempt is counted now: a crash costs a delay, never a storm.
func (q *queries) ClaimJobs(ctx context.Context, anywhere bool, now, leaseUntil int64, limit int) ([]Job, error) {
	jobs, err := changeAll(ctx, q, scanJob, qClaimJobs, now, leaseUntil, limit, anywhere)
	slices.SortFunc(jobs, func(a, b Job) int { return compare(a.Due, b.Due, a.ID, b.ID) })
	return jobs, err
}

// LeaseJob holds a running job longer.
func (q *queries) LeaseJob(ctx context.Context, id, until int64) error {
	_, err := q.exec(ctx, qLeaseJob, id, until)
	return err
}

// ReleaseJobs lets go what a process held that has ended: it may be claimed at once,
// except what was begun that many times already and may be what ended it. Jobs that run
// anywhere are for who is alone with the database, the others for who has the stream.
func (q *queries) ReleaseJobs(ctx context.Context, tries int, anywhere bool) error {
	_, err := q.exec(ctx, qReleaseJobs, tries, anywhere)
	return err
}

// FinishJob removes a job, unless it was added again while it ran.
func (q *queries) FinishJob(ctx context.Context, id int64) error {
	return q.atomic(ctx, func(q *queries) error {
		n, err := q.exec(ctx, qFinishJob, id)
		if err == nil && n == 0 {
			_, err = q.exec(ctx, qRunAgain, id)
		}
		return err
	})
}

// RetryJob lets a claimed job run again at the time due, or when it was added
// again for. tries is how often it has failed.
func (q *queries) RetryJob(ctx context.Context, id, due int64, tries int, note string) error {
	_, err := q.exec(ctx, qRetryJob, id, due, note, tries)
	return err
}

// SnoozeJob is RetryJob for one that has not failed.
func (q *queries) SnoozeJob(ctx context.Context, id, due int64, note string) error {
	_, err := q.exec(ctx, qSnoozeJob, id, due, note)
	return err
}

// HurryJobs makes the jobs of a kind that wait due at the time now.
func (q *queries) HurryJobs(ctx context.Context, kind string, now int64) error {
	_, err := q.exec(ctx, qHurryJobs, kind, now)
	return err
}

// HurryNoted makes the jobs that wait with a note due at the time now.
func (q *queries) HurryNoted(ctx context.Context, note string, now int64) error {
	_, err := q.exec(ctx, qHurryNoted, note, now)
	return err
}

// JobByKey returns a job that is waiting or running, or ErrNotFound.
func (q *queries) JobByKey(ctx context.Context, kind, key string) (Job, error) {
	return one(ctx, q, scanJob, qJobByKey, kind, key)
}
