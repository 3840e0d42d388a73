package bridge

import (
	"context"

	"isthmus/db"
	"isthmus/queue"
)

// What the queue asks of the database. The queue has its own words for it and
// does not know the database; only words change here.
type (
	deliveryStore struct{ db *db.Shard }
	jobStore      struct {
		*db.DB
		anywhere bool
	}
	inboundStore struct{ *db.Shard }
)

var (
	_ queue.Store        = deliveryStore{}
	_ queue.JobStore     = jobStore{}
	_ queue.InboundStore = inboundStore{}
)

// Both sides mean the same by these; an index out of range stops the build.
var (
	_ = [1]struct{}{}[queue.WaitHost-db.WaitHost]
	_ = [1]struct{}{}[queue.WaitLane-db.WaitLane]
)

func (s deliveryStore) Fanouts(ctx context.Context, after int64, limit int) ([]queue.Fanout, error) {
	rows, err := s.db.Fanouts(ctx, after, limit)
	return convert(rows, func(d db.Delivery) queue.Fanout {
		return queue.Fanout{
			ID: d.ID, Blog: d.BlogID, Lane: d.Lane, Scope: string(d.Scope), Audience: d.Audience,
			After: queue.Target(d.After), Ahead: d.Ahead, Created: d.Created,
		}
	}), err
}

func (s deliveryStore) Audience(ctx context.Context, f queue.Fanout, after queue.Target, limit int) ([]queue.Recipient, error) {
	d := db.Delivery{ID: f.ID, BlogID: f.Blog, Lane: f.Lane, Scope: db.Scope(f.Scope), Audience: f.Audience}
	rows, err := s.db.Audience(ctx, d, db.Target(after), limit)
	return convert(rows, func(r db.Recipient) queue.Recipient {
		return queue.Recipient{Target: queue.Target(r.Target), Queued: r.Queued, Waits: r.Waits}
	}), err
}

func (s deliveryStore) ClaimRetries(ctx context.Context, now, lease int64, urgent bool, limit int) ([]queue.Retry, error) {
	rows, err := s.db.ClaimRetries(ctx, now, lease, urgent, limit)
	return convert(rows, retryOut), err
}

func (s deliveryStore) OldRetries(ctx context.Context, created int64, limit int) ([]queue.Retry, error) {
	rows, err := s.db.OldRetries(ctx, created, limit)
	return convert(rows, retryOut), err
}

func (s deliveryStore) NextRetryDue(ctx context.Context) (int64, error) {
	return s.db.NextRetryDue(ctx)
}

func (s deliveryStore) WakeHost(ctx context.Context, host string, now int64, limit int) (int, error) {
	return s.db.WakeHost(ctx, host, now, limit)
}

func (s deliveryStore) Hosts(ctx context.Context) ([]queue.Host, error) {
	rows, err := s.db.Hosts(ctx)
	return convert(rows, func(h db.Host) queue.Host { return queue.Host(h) }), err
}

func (s deliveryStore) SaveCheckpoint(ctx context.Context, c queue.Checkpoint) error {
	cursor := func(p queue.Cursor) db.Cursor {
		return db.Cursor{Delivery: p.Delivery, After: db.Target(p.After), Ahead: p.Ahead}
	}
	place := func(p queue.Place) db.Place {
		return db.Place{Delivery: p.Delivery, Target: db.Target(p.Target)}
	}
	return s.db.SaveCheckpoint(ctx, db.Checkpoint{
		Now:      c.Now,
		Finished: c.Finished, Cursors: convert(c.Cursors, cursor),
		Remove: c.Remove, Done: convert(c.Done, place),
		Add: convert(c.Add, retryIn), Reschedule: convert(c.Reschedule, retryIn),
		Forget: c.Forget, Hosts: convert(c.Hosts, func(h queue.Host) db.Host { return db.Host(h) }),
	})
}

func retryOut(r db.Retry) queue.Retry {
	return queue.Retry{
		ID: r.ID, Delivery: r.Delivery, Blog: r.BlogID, Lane: r.Lane, Target: queue.Target(r.Target),
		Due: r.Due, Tries: r.Tries, Urgent: r.Urgent, Created: r.Created,
	}
}

func retryIn(r queue.Retry) db.Retry {
	return db.Retry{
		ID: r.ID, Delivery: r.Delivery, BlogID: r.Blog, Lane: r.Lane, Target: db.Target(r.Target),
		Due: r.Due, Tries: r.Tries, Urgent: r.Urgent, Created: r.Created,
	}
}

func (s jobStore) ClaimJobs(ctx context.Context, now, leaseUntil int64, limit int) ([]queue.Job, error) {
	rows, err := s.DB.ClaimJobs(ctx, s.anywhere, now, leaseUntil, limit)
	return convert(rows, jobOut), err
}

func jobOut(j db.Job) queue.Job {
	return queue.Job{ID: j.ID, Kind: j.Kind, Key: j.Key, Args: j.Args, Due: j.Due, Tries: j.Tries, Note: j.Note}
}

func (s inboundStore) DueInbound(ctx context.Context, now int64, limit int, skip func(int64) bool) ([]queue.Received, error) {
	rows, err := s.Shard.DueInbound(ctx, now, limit, skip)
	return convert(rows, func(in db.Inbound) queue.Received {
		return queue.Received{
			ID: in.ID, Activity: in.Activity, Actor: in.Actor, Type: in.Type, Token: in.Token,
			Body: in.Body, At: in.Received, Tries: in.Tries,
		}
	}), err
}

func convert[A, B any](in []A, to func(A) B) []B {
	if len(in) == 0 {
		return nil
	}
	out := make([]B, len(in))
	for i, v := range in {
		out[i] = to(v)
	}
	return out
}
