package db

import (
	"context"
	"fmt"
)

const (
	qForgetProcesses = `delete from process`
	qForgetLeases    = `delete from lease`
	qForgetQuestions = `delete from relay where process <> ''`
	qRetryHosts      = `select distinct host from retry`
	qMoveRetries     = `update retry set shard = $2 where host = $1`
	qInboxActors     = `select distinct actor from inbox where not done`
	qMoveInbound     = `update inbox set shard = $2 where actor = $1 and not done`
	qAllProgress     = `select p.delivery, p.shard, p.after_host, p.after_inbox, p.done from progress p join delivery d on d.id = p.delivery where not d.done order by p.delivery, p.shard`
	qDropProgress    = `delete from progress where delivery = $1`
	qAddProgress     = `insert into progress (delivery, shard, after_host, after_inbox, ahead, done) values ($1, $2, $3, $4, null, $5)`
)

// reshard puts work into the shards that this database has, after it was copied from one
// that had so many. A delivery under way may then reach a few inboxes twice, by the same
// id: what was done out of order is not carried over, and shards that become one go on
// where the last of them was.
func (d *DB) reshard(ctx context.Context, had int64) error {
	err := d.atomic(ctx, func(q *queries) error {
		for _, text := range []string{qForgetProcesses, qForgetLeases, qForgetQuestions} {
			if _, err := q.exec(ctx, text); err != nil {
				return err
			}
		}
		if had == q.shards {
			return nil
		}
		for _, move := range []struct{ names, update string }{{qRetryHosts, qMoveRetries}, {qInboxActors, qMoveInbound}} {
			names, err := all(ctx, q, scalar[string], move.names)
			if err != nil {
				return err
			}
			for _, name := range names {
				if _, err := q.exec(ctx, move.update, name, q.shardOf(name)); err != nil {
					return err
				}
			}
		}
		return q.reprogress(ctx, had)
	})
	if err != nil {
		return fmt.Errorf("db: cut the work anew: %w", err)
	}
	return nil
}

// came is how far a delivery has come in a shard.
type came struct {
	delivery, shard int64
	after           Target
	done            bool
}

func (q *queries) reprogress(ctx context.Context, had int64) error {
	rows, err := all(ctx, q, func(s scanner) (c came, err error) {
		err = s.Scan(&c.delivery, &c.shard, &c.after.Host, &c.after.Inbox, &c.done)
		return c, err
	}, qAllProgress)
	if err != nil {
		return err
	}
	by := make(map[int64][]came)
	for _, c := range rows {
		if c.shard < had {
			by[c.delivery] = append(by[c.delivery], c)
		}
	}
	for id, shards := range by {
		least := leastOf(shards, had)
		if _, err := q.exec(ctx, qDropProgress, id); err != nil {
			return err
		}
		for n := range q.shards {
			if _, err := q.exec(ctx, qAddProgress, id, n, least.after.Host, least.after.Inbox, least.done); err != nil {
				return err
			}
		}
	}
	return nil
}

// leastOf is how far the shard is that is furthest behind; one without a row has not
// begun.
func leastOf(shards []came, had int64) came {
	if int64(len(shards)) < had {
		return came{}
	}
	least := shards[0]
	for _, c := range shards[1:] {
		if least.done || !c.done && (c.after.Host < least.after.Host || c.after.Host == least.after.Host && c.after.Inbox < least.after.Inbox) {
			least = c
		}
	}
	return least
}
