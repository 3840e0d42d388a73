package db

import (
	"context"
	"errors"
	"fmt"
)

const (
	followerColumns = `id, blog_id, actor, handle, inbox, own, host, state, follow, body, created`

	qFollowerBefore = `select id, state, reached from follower where blog_id = $1 and actor = $2`
	qInsertFollower = `insert into follower (blog_id, actor, handle, inbox, own, host, state, follow, body, created, reached)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning ` + followerColumns
	qRenewFollower = `update follower set handle = $2, inbox = $3, own = $4, host = $5, state = $6, follow = $7, body = $8, reached = $9
		where id = $1 returning ` + followerColumns
	qDropFollower     = `delete from follower where id = $1`
	qFollower         = `select ` + followerColumns + ` from follower where blog_id = $1 and actor = $2`
	qFollowerByFollow = `select ` + followerColumns + ` from follower where actor = $1 and follow = $2 order by id desc limit 1`
	qFollowerByHandle = `select ` + followerColumns + ` from follower where blog_id = $1 and handle = $2 and state <> 'removed' order by id limit 1`
	qSetFollowerState = `update follower set state = $3, reached = reached or $3 = 'accepted' where blog_id = $1 and actor = $2`
	qFollowers        = `select ` + followerColumns + ` from follower where blog_id = $1 and state = $2 and id > $3 order by id limit $4`
	qFollowerCount    = `select count(*) from follower where blog_id = $1 and state = $2`
	qWasFollowed      = `select exists (select 1 from follower where blog_id = $1 and reached)`
	qRemoveActor      = `update follower set state = 'removed' where actor = $1 and state <> 'removed'`
	qMoveFollower     = `update follower set own = $2, inbox = $3, host = $4, handle = $5 where actor = $1`
	qFollowersAt      = `select ` + followerColumns + ` from follower where inbox = $1 and state <> 'removed' order by id limit $2`
)

func scanFollower(s scanner) (f Follower, err error) {
	err = s.Scan(&f.ID, &f.BlogID, &f.Actor, &f.Handle, &f.Inbox, &f.Own, &f.Host, &f.State, &f.Follow, &f.Body, &f.Created)
	return f, err
}

// PutFollower stores a follower, or renews the row of the same blog and actor
// (inbox, Follow, state). A row keeps its id, except that one who comes back
// after being removed gets a new, higher one: deliveries that are on their way
// are not for them.
func (q *queries) PutFollower(ctx context.Context, f Follower) (saved Follower, err error) {
	type before struct {
		id      int64
		state   string
		reached bool
	}
	err = q.atomic(ctx, func(q *queries) error {
		old, err := one(ctx, q, func(s scanner) (b before, err error) {
			err = s.Scan(&b.id, &b.state, &b.reached)
			return b, err
		}, qFollowerBefore, f.BlogID, f.Actor)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		reached := old.reached || f.State == "accepted"
		if old.id != 0 && old.state != "removed" {
			saved, err = change(ctx, q, scanFollower, qRenewFollower, old.id, f.Handle, f.Inbox, f.Own, f.Host, f.State, f.Follow, f.Body, reached)
			return err
		}
		if old.id != 0 {
			if _, err := q.exec(ctx, qDropFollower, old.id); err != nil {
				return err
			}
		}
		saved, err = change(ctx, q, scanFollower, qInsertFollower, f.BlogID, f.Actor, f.Handle, f.Inbox, f.Own, f.Host, f.State, f.Follow, f.Body, f.Created, reached)
		return err
	})
	if err != nil {
		return Follower{}, fmt.Errorf("follower %s: %w", f.Actor, err)
	}
	return saved, nil
}

// Follower returns a remote actor's relation to a blog, or ErrNotFound.
func (q *queries) Follower(ctx context.Context, blogID int64, actor string) (Follower, error) {
	return one(ctx, q, scanFollower, qFollower, blogID, actor)
}

// FollowerByFollow returns the relation that an actor's Follow made, or
// ErrNotFound.
func (q *queries) FollowerByFollow(ctx context.Context, actor, follow string) (Follower, error) {
	return one(ctx, q, scanFollower, qFollowerByFollow, actor, follow)
}

// FollowerByHandle returns a blog's follower or would-be follower by user@host,
// or ErrNotFound.
func (q *queries) FollowerByHandle(ctx context.Context, blogID int64, handle string) (Follower, error) {
	return one(ctx, q, scanFollower, qFollowerByHandle, blogID, handle)
}

// SetFollowerState changes a relation; ErrNotFound when there is none.
func (q *queries) SetFollowerState(ctx context.Context, blogID int64, actor, state string) error {
	return q.touch(ctx, qSetFollowerState, blogID, actor, state)
}

// Followers returns a blog's followers in one state, by id after afterID.
func (q *queries) Followers(ctx context.Context, blogID int64, state string, afterID int64, limit int) ([]Follower, error) {
	return all(ctx, q, scanFollower, qFollowers, blogID, state, afterID, limit)
}

// FollowerCount counts a blog's followers in one state.
func (q *queries) FollowerCount(ctx context.Context, blogID int64, state string) (int, error) {
	return one(ctx, q, scalar[int], qFollowerCount, blogID, state)
}

// RemoveActor marks everything a remote actor follows as removed and returns how
// much that was.
func (q *queries) RemoveActor(ctx context.Context, actor string) (int, error) {
	n, err := q.exec(ctx, qRemoveActor, actor)
	return int(n), err
}

// MoveFollower renews where a remote actor's posts go, whatever it follows.
func (q *queries) MoveFollower(ctx context.Context, actor, own, inbox, host, handle string) error {
	_, err := q.exec(ctx, qMoveFollower, actor, own, inbox, host, handle)
	return err
}

// FollowersAt returns some of those who receive at an inbox and are not removed.
func (q *queries) FollowersAt(ctx context.Context, inbox string, limit int) ([]Follower, error) {
	return all(ctx, q, scanFollower, qFollowersAt, inbox, limit)
}

// WasFollowed reports whether a blog ever accepted a follower.
func (q *queries) WasFollowed(ctx context.Context, blogID int64) (bool, error) {
	return one(ctx, q, scalar[bool], qWasFollowed, blogID)
}
