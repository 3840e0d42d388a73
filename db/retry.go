package db

import (
	"cmp"
	"context"
	"errors"
	"slices"
)

// A retry is due by the clock, or waits: for its host (WaitHost), or for an
// earlier delivery of its lane to the same inbox (WaitLane). Waiting rows lie
// beyond every due time, so that claiming never looks at them.
const (
	retryColumns = `id, delivery, blog_id, lane, host, inbox, due, tries, urgent, created`

	// $8 is WaitLane, $10 the time: a row that would wait for its lane, or should,
	// is checked against the lane as it is in this transaction.
	qAddRetry = `insert into retry (delivery, blog_id, lane, host, inbox, due, tries, urgent, created, shard)
		values ($1, $2, $3, $4, $5,
		case when $3 <> '' and exists (select 1 from retry e where e.lane = $3 and e.inbox = $5 and e.delivery < $1) then cast($8 as bigint)
		when cast($6 as bigint) = $8 then cast($10 as bigint) else $6 end, $7, $9, $11, $12)
		on conflict (delivery, inbox) do update set due = excluded.due, tries = excluded.tries`

	// A row goes out only when no earlier delivery of its lane waits for the same
	// inbox or, being on its way to an audience, may still reach it. (The cast: see ClaimJobs.)
	qClaimRetries = `update retry set due = $3, tries = tries + 1 where id in (
		select r.id from retry r where r.shard = $5 and r.urgent = $1 and r.due <= $2 and (r.lane = '' or (
		not exists (select 1 from retry e where e.lane = r.lane and e.inbox = r.inbox and e.delivery < r.delivery) and
		not exists (select 1 from delivery f left join progress p on p.delivery = f.id and p.shard = $5
			where f.lane = r.lane and not f.done and f.id < r.delivery and not coalesce(p.done, false)
			and (coalesce(p.after_host, ''), coalesce(p.after_inbox, '')) < (r.host, r.inbox))))
		order by r.due, r.id limit cast($4 as bigint)) returning ` + retryColumns
	qNextDue   = `select due from retry where shard = $3 and urgent = $1 and due < $2 order by due limit 1`
	qOldestDue = `select coalesce(min(due), 0) from retry where due < $1`
	qWakeHost  = `update retry set due = $2 where id in (
		select id from retry where host = $1 and due = $3 order by id limit $4)`
	qOldRetries   = `select ` + retryColumns + ` from retry where shard = $4 and created < $1 and due >= $2 order by created limit $3`
	qReschedule   = `update retry set due = $2, tries = $3 where id = $1`
	qRemoveRetry  = `delete from retry where id = $1 returning delivery, lane, inbox`
	qDoneRetry    = `delete from retry where delivery = $1 and inbox = $2 returning delivery, lane, inbox`
	qReleaseLane  = `update retry set due = $3 where id = (select id from retry where lane = $1 and inbox = $2 order by delivery limit 1) and due = $4`
	qCountRetries = `select count(*) from retry`
)

func scanRetry(s scanner) (r Retry, err error) {
	err = s.Scan(&r.ID, &r.Delivery, &r.BlogID, &r.Lane, &r.Target.Host, &r.Target.Inbox, &r.Due, &r.Tries, &r.Urgent, &r.Created)
	return r, err
}

// addRetry stores a retry row; one that is there gets the new due time.
func (q *queries) addRetry(ctx context.Context, now int64, r Retry) error {
	_, err := q.exec(ctx, qAddRetry, r.Delivery, r.BlogID, r.Lane, r.Target.Host, r.Target.Inbox, r.Due, r.Tries, int64(WaitLane), r.Urgent, now, r.Created, q.shardOf(r.Target.Host))
	return err
}

// ClaimRetries takes rows of the shard that are due, in order, and pushes them ahead to
// lease: the attempt is counted before it is made, so that a crash costs one
// delayed retry. Rows come back with the attempt counted.
func (s *Shard) ClaimRetries(ctx context.Context, now, lease int64, urgent bool, limit int) ([]Retry, error) {
	rows, err := changeAll(ctx, &s.queries, scanRetry, qClaimRetries, urgent, now, lease, limit, s.n)
	slices.SortFunc(rows, func(a, b Retry) int { return compare(a.Delivery, b.Delivery, a.ID, b.ID) })
	return rows, err
}

// NextRetryDue returns when the shard's next row is due by the clock, 0 when none is.
func (s *Shard) NextRetryDue(ctx context.Context) (int64, error) {
	var next int64
	for _, urgent := range []bool{true, false} {
		due, err := one(ctx, &s.queries, scalar[int64], qNextDue, urgent, int64(WaitHost), s.n)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if next == 0 || due < next {
			next = max(due, 1)
		}
	}
	return next, nil
}

// WakeHost makes some of the rows that wait for a host due now, oldest first,
// and returns how many.
func (q *queries) WakeHost(ctx context.Context, host string, now int64, limit int) (int, error) {
	n, err := q.exec(ctx, qWakeHost, host, now, int64(WaitHost), limit)
	return int(n), err
}

// OldRetries returns rows of the shard that wait, not for the clock, of deliveries older than
// a time.
func (s *Shard) OldRetries(ctx context.Context, created int64, limit int) ([]Retry, error) {
	return all(ctx, &s.queries, scanRetry, qOldRetries, created, int64(WaitHost), limit, s.n)
}

// compare orders by a pair of numbers.
func compare(a1, b1, a2, b2 int64) int {
	if c := cmp.Compare(a1, b1); c != 0 {
		return c
	}
	return cmp.Compare(a2, b2)
}
