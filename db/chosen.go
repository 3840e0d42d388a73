package db

import "context"

// A value for one account goes before the one for all.
const qChosenBy = `select f.id, b.id, b.jid, f.created, coalesce(one.value, every.value, '') from following f join blog b on b.id = f.blog_id
	left join setting one on one.jid = b.jid and one.key = $3 left join setting every on every.jid = b.jid and every.key = $4
	where f.actor = $1 and f.state = 'accepted' and f.id > $2 and coalesce(one.value, every.value, '') <> '' order by f.id limit $5`

// Chosen is what a follower of an account chose about it.
type Chosen struct {
	ID       int64 // of the Following
	BlogID   int64
	JID      string
	Followed int64 // when they asked to follow
	Value    string
}

// ChosenBy returns what those who follow an actor and were accepted chose under the
// key one, or else under every, by id after afterID; who chose nothing is left out.
func (q *queries) ChosenBy(ctx context.Context, actor string, afterID int64, one, every string, limit int) ([]Chosen, error) {
	return all(ctx, q, func(s scanner) (c Chosen, err error) {
		err = s.Scan(&c.ID, &c.BlogID, &c.JID, &c.Followed, &c.Value)
		return c, err
	}, qChosenBy, actor, afterID, one, every, limit)
}
