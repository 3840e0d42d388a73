package db

import (
	"context"
	"errors"
	"math"
)

// An actor's activities are taken in the order they came: all but the first wait
// (due at the end of time) and are released one by one.
const (
	inboundColumns = `id, activity, actor, type, token, body, received, tries, due`

	qAddInbound = `insert into inbox (activity, actor, type, token, body, received, tries, due, done, shard)
		values ($1, $2, $3, $4, $5, $6, 0,
		case when exists (select 1 from inbox where actor = $2 and not done) then cast($8 as bigint) else cast($7 as bigint) end, false, $9)
		on conflict (activity) do nothing`
	qDueInbound     = `select id from inbox where shard = $3 and not done and due <= $1 order by due, id limit $2`
	qInbound        = `select ` + inboundColumns + ` from inbox where id = $1 and not done`
	qDoneInbound    = `update inbox set done = true, body = '' where id = $1 and not done returning actor`
	qReleaseInbound = `update inbox set due = received where id = (select id from inbox where actor = $1 and not done order by id limit 1) and due = $2`
	qRetryInbound   = `update inbox set due = $2, tries = $3 where id = $1 and not done`
	qPruneSeen      = `delete from inbox where done and received < $1`
	qCountInbound   = `select count(*) from inbox where not done`
	waitTurn        = math.MaxInt64
)

func scanInbound(s scanner) (in Inbound, err error) {
	err = s.Scan(&in.ID, &in.Activity, &in.Actor, &in.Type, &in.Token, &in.Body, &in.Received, &in.Tries, &in.Due)
	return in, err
}

// AddInbound stores a received activity and returns when it is on disk. It is
// not fresh when its id was seen before. Concurrent calls share a transaction.
func (d *DB) AddInbound(ctx context.Context, in Inbound) (fresh bool, err error) {
	err = d.group.statement(ctx, func(ctx context.Context, q *queries) error {
		fresh, err = q.addInbound(ctx, in)
		return err
	})
	return fresh && err == nil, err
}

// AddInbound stores a received activity; see DB.AddInbound.
func (tx *Tx) AddInbound(ctx context.Context, in Inbound) (fresh bool, err error) {
	return tx.addInbound(ctx, in)
}

func (q *queries) addInbound(ctx context.Context, in Inbound) (bool, error) {
	n, err := q.exec(ctx, qAddInbound, in.Activity, in.Actor, in.Type, in.Token, in.Body, in.Received, in.Due, int64(waitTurn), q.shardOf(in.Actor))
	return n > 0, err
}

// DueInbound returns activities in the shard that are due, oldest first, at most one of each
// actor, without those of which skip is true: at most limit with them. They stay due until
// DoneInbound or RetryInbound.
func (s *Shard) DueInbound(ctx context.Context, now int64, limit int, skip func(id int64) bool) (out []Inbound, err error) {
	ids, err := all(ctx, &s.queries, scalar[int64], qDueInbound, now, limit, s.n)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if skip(id) {
			continue
		}
		in, err := one(ctx, &s.queries, scanInbound, qInbound, id)
		if errors.Is(err, ErrNotFound) {
			continue // dealt with by now
		}
		if err != nil {
			return out, err
		}
		out = append(out, in)
	}
	return out, nil
}

// DoneInbound drops the body of an activity that has been dealt with, keeps its
// id as seen until PruneSeen, and lets the actor's next one go.
func (d *DB) DoneInbound(ctx context.Context, id int64) error {
	return d.group.do(ctx, func(ctx context.Context, q *queries) error { return q.doneInbound(ctx, id) })
}

// DoneInbound is DB.DoneInbound in a transaction.
func (tx *Tx) DoneInbound(ctx context.Context, id int64) error { return tx.doneInbound(ctx, id) }

func (q *queries) doneInbound(ctx context.Context, id int64) error {
	actors, err := changeAll(ctx, q, scalar[string], qDoneInbound, id)
	if err != nil || len(actors) == 0 {
		return err
	}
	_, err = q.exec(ctx, qReleaseInbound, actors[0], int64(waitTurn))
	return err
}

// RetryInbound lets an activity, and with it its actor's later ones, wait until due.
func (q *queries) RetryInbound(ctx context.Context, id, due int64, tries int) error {
	_, err := q.exec(ctx, qRetryInbound, id, due, tries)
	return err
}

// PruneSeen forgets the ids of finished activities received before a time.
func (q *queries) PruneSeen(ctx context.Context, before int64) error {
	_, err := q.exec(ctx, qPruneSeen, before)
	return err
}
