package db

import "context"

const (
	reactionColumns = `id, post_id, actor, kind, content, activity, created`

	qAddReaction = `insert into reaction (post_id, actor, kind, content, activity, created) values ($1, $2, $3, $4, $5, $6)
		on conflict (post_id, actor, kind, content) do nothing`
	qRemoveReaction     = `delete from reaction where post_id = $1 and actor = $2 and kind = $3 and content = $4`
	qReactionByActivity = `select ` + reactionColumns + ` from reaction where actor = $1 and activity = $2 and activity <> '' order by id desc limit 1`
	qReactionsBy        = `select ` + reactionColumns + ` from reaction where post_id = $1 and actor = $2 order by kind, content`
	qReactionsOf        = `select ` + reactionColumns + ` from reaction where actor = $1 order by activity, id limit $2`
	qLikes              = `select ` + reactionColumns + ` from reaction where post_id = $1 and kind <> 'announce' and id > $2 order by id limit $3`
	qShares             = `select ` + reactionColumns + ` from reaction where post_id = $1 and kind = 'announce' and id > $2 order by id limit $3`
	qLikeCount          = `select count(distinct actor) from reaction where post_id = $1 and kind <> 'announce'`
	qShareCount         = `select count(*) from reaction where post_id = $1 and kind = 'announce'`

	qPutMark = `insert into mark (post_id, actor, shown, hash, service, node, item) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (post_id, actor) do update set shown = excluded.shown, hash = excluded.hash, service = excluded.service,
		node = excluded.node, item = excluded.item`
	qMarkAt    = `select post_id, actor, shown, hash, service, node, item from mark where service = $1 and node = $2 and item = $3 and service <> '' limit 1`
	qMarkCount = `select count(*) from mark where post_id = $1 and shown = $2`
	qMarkOf    = `select post_id, actor, shown, hash, service, node, item from mark where post_id = $1 and actor = $2`
)

func scanReaction(s scanner) (r Reaction, err error) {
	err = s.Scan(&r.ID, &r.PostID, &r.Actor, &r.Kind, &r.Content, &r.Activity, &r.Created)
	return r, err
}

func scanMark(s scanner) (m Mark, err error) {
	err = s.Scan(&m.PostID, &m.Actor, &m.Shown, &m.Hash, &m.Service, &m.Node, &m.Item)
	return m, err
}

// AddReaction stores a reaction. It is not fresh when the actor did the same to
// the post before, whatever the activity was called.
func (q *queries) AddReaction(ctx context.Context, r Reaction) (fresh bool, err error) {
	n, err := q.exec(ctx, qAddReaction, r.PostID, r.Actor, r.Kind, r.Content, r.Activity, r.Created)
	return n > 0, err
}

// RemoveReaction forgets a reaction and returns how many that were, 0 or 1.
func (q *queries) RemoveReaction(ctx context.Context, postID int64, actor, kind, content string) (int, error) {
	n, err := q.exec(ctx, qRemoveReaction, postID, actor, kind, content)
	return int(n), err
}

// ReactionByActivity returns the reaction that an actor's activity made, or
// ErrNotFound.
func (q *queries) ReactionByActivity(ctx context.Context, actor, activity string) (Reaction, error) {
	return one(ctx, q, scanReaction, qReactionByActivity, actor, activity)
}

// ReactionsBy returns what one actor did to a post, by kind and content.
func (q *queries) ReactionsBy(ctx context.Context, postID int64, actor string) ([]Reaction, error) {
	return all(ctx, q, scanReaction, qReactionsBy, postID, actor)
}

// ReactionsOf returns some of what an actor did to any post. There is more until
// it returns less than limit.
func (q *queries) ReactionsOf(ctx context.Context, actor string, limit int) ([]Reaction, error) {
	return all(ctx, q, scanReaction, qReactionsOf, actor, limit)
}

// Likes returns the likes and emoji reactions to a post, by id after afterID.
func (q *queries) Likes(ctx context.Context, postID, afterID int64, limit int) ([]Reaction, error) {
	return all(ctx, q, scanReaction, qLikes, postID, afterID, limit)
}

// Shares returns the announces of a post, by id after afterID.
func (q *queries) Shares(ctx context.Context, postID, afterID int64, limit int) ([]Reaction, error) {
	return all(ctx, q, scanReaction, qShares, postID, afterID, limit)
}

// LikeCount counts who likes a post or reacted to it, each once.
func (q *queries) LikeCount(ctx context.Context, postID int64) (int, error) {
	return one(ctx, q, scalar[int], qLikeCount, postID)
}

// ShareCount counts the announces of a post.
func (q *queries) ShareCount(ctx context.Context, postID int64) (int, error) {
	return one(ctx, q, scalar[int], qShareCount, postID)
}

// PutMark stores what stands in XMPP for an actor's likes and reactions to a post,
// instead of what stood there before.
func (q *queries) PutMark(ctx context.Context, m Mark) error {
	_, err := q.exec(ctx, qPutMark, m.PostID, m.Actor, m.Shown, m.Hash, m.Service, m.Node, m.Item)
	return err
}

// MarkAt returns the mark that stands or stood at a place, or ErrNotFound.
func (q *queries) MarkAt(ctx context.Context, service, node, item string) (Mark, error) {
	return one(ctx, q, scanMark, qMarkAt, service, node, item)
}

// MarkCount counts what stands for a post in one form.
func (q *queries) MarkCount(ctx context.Context, postID int64, shown string) (int, error) {
	return one(ctx, q, scalar[int], qMarkCount, postID, shown)
}

// MarkOf returns what stands in XMPP for an actor's likes and reactions to a post,
// or ErrNotFound.
func (q *queries) MarkOf(ctx context.Context, postID int64, actor string) (Mark, error) {
	return one(ctx, q, scanMark, qMarkOf, postID, actor)
}
