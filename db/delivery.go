package db

import (
	"context"
	"fmt"
)

const (
	deliveryColumns = `id, blog_id, activity, lane, scope, urgent, audience, created`

	qLastFollower   = `select coalesce(max(id), 0) from follower`
	qInsertDelivery = `insert into delivery (blog_id, activity, lane, scope, urgent, audience, done, created)
		values ($1, $2, $3, $4, $5, $6, $7, $8) returning ` + deliveryColumns
	qInFollowers = `select exists (select 1 from follower where blog_id = $1 and state = 'accepted' and host = $2 and inbox = $3 and id <= $4)`
	qInReached   = `select exists (select 1 from follower where blog_id = $1 and reached and host = $2 and inbox = $3)`
	qFanouts     = `select d.id, d.blog_id, d.activity, d.lane, d.scope, d.urgent, d.audience, d.created,
		coalesce(p.after_host, ''), coalesce(p.after_inbox, ''), p.ahead
		from delivery d left join progress p on p.delivery = d.id and p.shard = $3
		where not d.done and d.id > $1 and not coalesce(p.done, false) order by d.id limit $2`

	// Whether a target has a row of its own or of its lane is asked once for each
	// inbox, not for each follower behind it.
	audienceFlags = `select t.host, t.inbox,
		exists (select 1 from retry r where r.delivery = $1 and r.inbox = t.inbox),
		$2 <> '' and exists (select 1 from retry r where r.lane = $2 and r.inbox = t.inbox and r.delivery < $1)
		from (select distinct host, inbox from follower where blog_id = $3 `
	audiencePage      = ` and (host, inbox) > ($4, $5) order by host, inbox limit $6) t order by t.host, t.inbox`
	qFollowerAudience = audienceFlags + `and state = 'accepted' and id <= $7` + audiencePage
	qReachedAudience  = audienceFlags + `and reached` + audiencePage

	qDeliveryBody = `select a.id, a.body, a.type, a.created, d.blog_id, a.direct_id from delivery d join activity a on a.id = d.activity where d.id = $1`
)

func scanDelivery(s scanner) (d Delivery, err error) {
	err = s.Scan(&d.ID, &d.BlogID, &d.Activity, &d.Lane, &d.Scope, &d.Urgent, &d.Audience, &d.Created)
	return d, err
}

// Enqueue stores a delivery: one row whatever the audience, and a retry row due
// at once for each direct target that the audience does not cover. The audience
// is frozen here. A delivery to nobody is not stored and has no ID.
func (q *queries) Enqueue(ctx context.Context, d Delivery, direct ...Target) (made Delivery, err error) {
	if d.Scope == ToNobody && len(direct) == 0 {
		return d, nil
	}
	err = q.atomic(ctx, func(q *queries) error {
		last, err := one(ctx, q, scalar[int64], qLastFollower)
		if err != nil {
			return err
		}
		made, err = change(ctx, q, scanDelivery, qInsertDelivery, d.BlogID, d.Activity, d.Lane, d.Scope, d.Urgent, last, d.Scope == ToNobody, d.Created)
		if err != nil {
			return err
		}
		for _, t := range direct {
			covered, err := q.covered(ctx, made, t)
			if err != nil {
				return err
			}
			if covered {
				continue
			}
			if err := q.addRetry(ctx, d.Created, Retry{Delivery: made.ID, BlogID: d.BlogID, Lane: d.Lane, Target: t, Due: d.Created, Urgent: d.Urgent, Created: d.Created}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Delivery{}, fmt.Errorf("enqueue activity %d: %w", d.Activity, err)
	}
	return made, nil
}

// covered reports whether a delivery's audience includes a target.
func (q *queries) covered(ctx context.Context, d Delivery, t Target) (bool, error) {
	switch d.Scope {
	case ToFollowers:
		return one(ctx, q, scalar[bool], qInFollowers, d.BlogID, t.Host, t.Inbox, d.Audience)
	case ToReached:
		return one(ctx, q, scalar[bool], qInReached, d.BlogID, t.Host, t.Inbox)
	}
	return false, nil
}

// Fanouts returns deliveries whose audience is not exhausted in the shard, by id after
// after, with how far they have come.
func (s *Shard) Fanouts(ctx context.Context, after int64, limit int) ([]Delivery, error) {
	return all(ctx, &s.queries, func(s scanner) (d Delivery, err error) {
		err = s.Scan(&d.ID, &d.BlogID, &d.Activity, &d.Lane, &d.Scope, &d.Urgent, &d.Audience, &d.Created, &d.After.Host, &d.After.Inbox, &d.Ahead)
		return d, err
	}, qFanouts, after, limit, s.n)
}

// Audience returns the next inboxes of a delivery in the shard, in (host, inbox) order
// after a target. Fewer than limit are the last ones.
func (s *Shard) Audience(ctx context.Context, d Delivery, after Target, limit int) ([]Recipient, error) {
	var mine []Recipient
	for {
		page, err := s.audience(ctx, d, after, limit)
		if err != nil || s.shards == 1 {
			return page, err
		}
		for _, r := range page {
			if after = r.Target; s.has(r.Host) && len(mine) < limit {
				mine = append(mine, r)
			}
		}
		if len(page) < limit || len(mine) == limit {
			return mine, nil
		}
	}
}

// audience is Audience for all shards together.
func (q *queries) audience(ctx context.Context, d Delivery, after Target, limit int) ([]Recipient, error) {
	args := []any{d.ID, d.Lane, d.BlogID, after.Host, after.Inbox, limit}
	switch d.Scope {
	case ToFollowers:
		return all(ctx, q, scanRecipient, qFollowerAudience, append(args, d.Audience)...)
	case ToReached:
		return all(ctx, q, scanRecipient, qReachedAudience, args...)
	}
	return nil, nil
}

func scanRecipient(s scanner) (r Recipient, err error) {
	err = s.Scan(&r.Host, &r.Inbox, &r.Queued, &r.Waits)
	return r, err
}

// Delivered is what a delivery brings: the activity and its type as stored, the
// blog whose key signs it, and the direct message that it is about.
type Delivered struct {
	Activity         int64 // row id
	Body, Type       string
	Created          int64
	BlogID, DirectID int64
}

// DeliveryBody returns what a delivery brings, or ErrNotFound.
func (q *queries) DeliveryBody(ctx context.Context, id int64) (Delivered, error) {
	return one(ctx, q, func(s scanner) (d Delivered, err error) {
		err = s.Scan(&d.Activity, &d.Body, &d.Type, &d.Created, &d.BlogID, &d.DirectID)
		return d, err
	}, qDeliveryBody, id)
}

// QueueStats counts what is waiting. It reads indexes from end to end; callers
// ask rarely.
func (q *queries) QueueStats(ctx context.Context) (st QueueStats, err error) {
	for _, n := range []struct {
		to   *int
		text string
	}{
		{&st.Fanouts, qCountFanouts},
		{&st.Retries, qCountRetries},
		{&st.OpenHosts, qCountOpenHosts},
		{&st.Inbound, qCountInbound},
		{&st.Jobs, qCountJobs},
	} {
		if *n.to, err = one(ctx, q, scalar[int], n.text); err != nil {
			return QueueStats{}, err
		}
	}
	st.OldestDue, err = one(ctx, q, scalar[int64], qOldestDue, int64(WaitHost))
	return st, err
}
