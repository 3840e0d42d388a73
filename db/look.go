package db

import "context"

// This file is what only the admin asks: it may read tables from end to end.
const (
	qRecentTasks   = `select ` + taskColumns + ` from task order by id desc limit $1`
	qWaitingByHost = `select host, count(*) from retry group by host`
	qActivitiesOf  = `select ` + activityColumns + ` from activity where post_id = $1 order by id`
	qDeliveriesOf  = `select ` + deliveryColumns + ` from delivery where activity = $1 order by id`
	qRetriesOf     = `select ` + retryColumns + ` from retry where delivery = $1 order by id limit $2`
	qNotesOnPost   = `select ` + noteColumns + ` from note where post_id = $1 order by id limit $2`
	qInboundBy     = `select ` + inboundColumns + ` from inbox where substr(activity, 1, length($1)) = $1 order by id limit $2`
	qNewestPost    = `select ` + postColumns + ` from post where item = $1 order by id desc limit 1`
	qRecentNotes   = `select ` + noteColumns + ` from note where seen > $1 and thread > 0 and deleted = 0 order by id desc limit $2`
	qSomeHosts     = `select host from follower where state = 'accepted' group by host order by count(*) desc limit $1`
	qDropMeta      = `delete from meta where key = $1`
)

// RecentTasks returns the newest tasks, whether they run or not.
func (q *queries) RecentTasks(ctx context.Context, limit int) ([]Task, error) {
	return all(ctx, q, scanTask, qRecentTasks, limit)
}

// WaitingByHost counts the deliveries that wait to be tried again, by host.
func (q *queries) WaitingByHost(ctx context.Context) (map[string]int, error) {
	type count struct {
		host string
		n    int
	}
	rows, err := all(ctx, q, func(s scanner) (c count, err error) {
		err = s.Scan(&c.host, &c.n)
		return c, err
	}, qWaitingByHost)
	waiting := make(map[string]int, len(rows))
	for _, c := range rows {
		waiting[c.host] = c.n
	}
	return waiting, err
}

// ActivitiesOf returns our activities about a post, in order.
func (q *queries) ActivitiesOf(ctx context.Context, post int64) ([]Activity, error) {
	return all(ctx, q, scanActivity, qActivitiesOf, post)
}

// DeliveriesOf returns what is left to be delivered of an activity.
func (q *queries) DeliveriesOf(ctx context.Context, activity int64) ([]Delivery, error) {
	return all(ctx, q, scanDelivery, qDeliveriesOf, activity)
}

// RetriesOf returns inboxes of a delivery that wait.
func (q *queries) RetriesOf(ctx context.Context, delivery int64, limit int) ([]Retry, error) {
	return all(ctx, q, scanRetry, qRetriesOf, delivery, limit)
}

// NotesOnPost returns what others wrote below a post of ours, deleted or not.
func (q *queries) NotesOnPost(ctx context.Context, post int64, limit int) ([]Note, error) {
	return all(ctx, q, scanNote, qNotesOnPost, post, limit)
}

// NewestPost returns the newest post of any blog by the id of its item, deleted or not, or ErrNotFound.
func (q *queries) NewestPost(ctx context.Context, item string) (Post, error) {
	return one(ctx, q, scanPost, qNewestPost, item)
}

// InboundBy returns received activities whose id begins so, handled (without a body) or not.
func (q *queries) InboundBy(ctx context.Context, id string, limit int) ([]Inbound, error) {
	return all(ctx, q, scanInbound, qInboundBy, id, limit)
}

// RecentNotes returns the newest notes of threads that came after a time, the newest first.
func (q *queries) RecentNotes(ctx context.Context, after int64, limit int) ([]Note, error) {
	return all(ctx, q, scanNote, qRecentNotes, after, limit)
}

// SomeHosts returns the servers with most followers here.
func (q *queries) SomeHosts(ctx context.Context, limit int) ([]string, error) {
	return all(ctx, q, scalar[string], qSomeHosts, limit)
}

// DropMeta removes what is stored under a key.
func (q *queries) DropMeta(ctx context.Context, key string) error {
	_, err := q.exec(ctx, qDropMeta, key)
	return err
}
