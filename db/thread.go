package db

import (
	"context"
	"fmt"
)

const (
	threadColumns = `id, post_id, service, node, subscribed, created`

	qAddThread = `insert into thread (post_id, service, node, subscribed, created) values ($1, $2, $3, $4, $5)
		on conflict (service, node) do nothing returning ` + threadColumns
	qThreadByNode = `select ` + threadColumns + ` from thread where service = $1 and node = $2`
	qThreadByPost = `select ` + threadColumns + ` from thread where post_id = $1 order by id desc limit 1`
	qThreadByID   = `select ` + threadColumns + ` from thread where id = $1`
	qYoungThreads = `select ` + threadColumns + ` from thread where (created, id) > ($1, $2) order by created, id limit $3`
	qLastSpoken   = `select coalesce(max(seen), 0) from post where thread = $1 and blog_id = $2 and deleted = 0 and thread <> 0`
	qItemsIn      = `select item from post where thread = $1 and deleted = 0 and on_node and thread <> 0
		union all select item from note where thread = $1 and ` + openNote + ` and service = $2 and node = $3 and shown not in ('', '-')
		union all select item from comment where thread = $1 union all select item from deed where service = $2 and node = $3 limit $4`
	qMoveThread    = `update thread set post_id = $2 where id = $1`
	qSetSubscribed = `update thread set subscribed = $2 where id = $1`
)

func scanThread(s scanner) (t Thread, err error) {
	err = s.Scan(&t.ID, &t.PostID, &t.Service, &t.Node, &t.Subscribed, &t.Created)
	return t, err
}

// PutThread stores a thread and returns it with its id. A node has one thread:
// when it is known, the row that is there is returned as it is, which may be
// another post's.
func (q *queries) PutThread(ctx context.Context, t Thread) (Thread, error) {
	there, _, err := ensure(ctx, q, scanThread, qAddThread, []any{t.PostID, t.Service, t.Node, t.Subscribed, t.Created}, qThreadByNode, t.Service, t.Node)
	if err != nil {
		return Thread{}, fmt.Errorf("thread %s %s: %w", t.Service, t.Node, err)
	}
	return there, nil
}

// ThreadByNode returns the thread of a comments node, or ErrNotFound.
func (q *queries) ThreadByNode(ctx context.Context, service, node string) (Thread, error) {
	return recall(ctx, q, scanThread, qThreadByNode, service, node)
}

// ThreadByPost returns a post's thread, the newest if an edit moved it to another
// node, or ErrNotFound.
func (q *queries) ThreadByPost(ctx context.Context, postID int64) (Thread, error) {
	return recall(ctx, q, scanThread, qThreadByPost, postID)
}

// ThreadByID returns a thread, or ErrNotFound.
func (q *queries) ThreadByID(ctx context.Context, id int64) (Thread, error) {
	return recall(ctx, q, scanThread, qThreadByID, id)
}

// MoveThread gives a thread to another post: the same item, published again after
// its deletion.
func (q *queries) MoveThread(ctx context.Context, id, postID int64) error {
	return q.touch(ctx, qMoveThread, id, postID)
}

// SetSubscribed notes whether the events of a thread's node reach us.
func (q *queries) SetSubscribed(ctx context.Context, id int64, on bool) error {
	return q.touch(ctx, qSetSubscribed, id, on)
}

// YoungThreads returns threads by (created, id) after a place, the oldest first.
func (q *queries) YoungThreads(ctx context.Context, created, afterID int64, limit int) ([]Thread, error) {
	return all(ctx, q, scanThread, qYoungThreads, created, afterID, limit)
}

// ItemsIn returns the items, of some more than once, that are known to stand in a
// thread's node and mean something: comments of ours, of others, and likes.
func (q *queries) ItemsIn(ctx context.Context, t Thread, limit int) ([]string, error) {
	return all(ctx, q, scalar[string], qItemsIn, t.ID, t.Service, t.Node, limit)
}

// LastSpoken returns when a blog's last living comment in a thread was first seen,
// 0 when there is none.
func (q *queries) LastSpoken(ctx context.Context, thread, blogID int64) (int64, error) {
	return one(ctx, q, scalar[int64], qLastSpoken, thread, blogID)
}
