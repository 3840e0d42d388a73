package db

import (
	"context"
	"fmt"
)

const (
	followingColumns = `id, blog_id, actor, state, node, presence, token, host, inbox, created`

	qAddFollowing = `insert into following (blog_id, actor, state, node, presence, token, host, inbox, created) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (blog_id, actor) do nothing returning ` + followingColumns
	qFollowing         = `select ` + followingColumns + ` from following where blog_id = $1 and actor = $2`
	qFollowingByToken  = `select ` + followingColumns + ` from following where token = $1`
	qFollowingByID     = `select ` + followingColumns + ` from following where id = $1`
	qFollowingOf       = `select ` + followingColumns + ` from following where blog_id = $1 and actor > $2 order by actor limit $3`
	qFollowingPage     = `select ` + followingColumns + ` from following where blog_id = $1 and id > $2 order by id limit $3`
	qFollowersHere     = `select ` + followingColumns + ` from following where actor = $1 and state = $2 and id > $3 order by id limit $4`
	qFollowedHere      = `select exists (select 1 from following where actor = $1 and state = 'accepted')`
	qAskedHere         = `select exists (select 1 from following where actor = $1)`
	qFollowsActor      = `select exists (select 1 from following f join blog b on b.id = f.blog_id where b.jid = $1 and b.node = $2 and b.state <> 'gone' and f.actor = $3 and f.state = 'accepted')`
	qListeners         = `select f.id, b.jid, f.node, f.presence from following f join blog b on b.id = f.blog_id where f.actor = $1 and f.state = 'accepted' and f.id > $2 order by f.id limit $3`
	qContactsHere      = `select ` + followingColumns + ` from following where presence and state = 'accepted' and id > $1 order by id limit $2`
	qSetFollowingState = `update following set state = $2 where id = $1`
	qSetFollowingWays  = `update following set node = $2, presence = $3 where id = $1`
	qRenewFollowing    = `update following set state = 'pending', token = $2, host = $3, inbox = $4, created = $5 where id = $1`
	qRemoveFollowing   = `delete from following where id = $1`
	qForgetFollowing   = `delete from following where blog_id = $1`
	qFollowingCount    = `select count(*) from following where blog_id = $1`
	qFollowersHereN    = `select count(*) from following where actor = $1 and state = 'accepted'`
)

func scanFollowing(s scanner) (f Following, err error) {
	err = s.Scan(&f.ID, &f.BlogID, &f.Actor, &f.State, &f.Node, &f.Presence, &f.Token, &f.Host, &f.Inbox, &f.Created)
	return f, err
}

// AddFollowing stores that a blog follows an actor. When it does already, it is
// not fresh, and the row that is there is returned as it is.
func (q *queries) AddFollowing(ctx context.Context, f Following) (saved Following, fresh bool, err error) {
	saved, fresh, err = ensure(ctx, q, scanFollowing, qAddFollowing, []any{f.BlogID, f.Actor, f.State, f.Node, f.Presence, f.Token, f.Host, f.Inbox, f.Created}, qFollowing, f.BlogID, f.Actor)
	if err != nil {
		return Following{}, false, fmt.Errorf("following %s: %w", f.Actor, err)
	}
	return saved, fresh, nil
}

// Following returns a blog's relation to an actor, or ErrNotFound.
func (q *queries) Following(ctx context.Context, blogID int64, actor string) (Following, error) {
	return one(ctx, q, scanFollowing, qFollowing, blogID, actor)
}

// FollowingByToken returns the relation that a Follow of ours asked for, or ErrNotFound.
func (q *queries) FollowingByToken(ctx context.Context, token string) (Following, error) {
	return one(ctx, q, scanFollowing, qFollowingByToken, token)
}

// FollowingByID returns a relation, or ErrNotFound.
func (q *queries) FollowingByID(ctx context.Context, id int64) (Following, error) {
	return one(ctx, q, scanFollowing, qFollowingByID, id)
}

// FollowingOf returns whom a blog follows or asked to, by actor after afterActor.
func (q *queries) FollowingOf(ctx context.Context, blogID int64, afterActor string, limit int) ([]Following, error) {
	return all(ctx, q, scanFollowing, qFollowingOf, blogID, afterActor, limit)
}

// FollowingPage is FollowingOf by id after afterID.
func (q *queries) FollowingPage(ctx context.Context, blogID, afterID int64, limit int) ([]Following, error) {
	return all(ctx, q, scanFollowing, qFollowingPage, blogID, afterID, limit)
}

// FollowingCount counts whom a blog follows or asked to.
func (q *queries) FollowingCount(ctx context.Context, blogID int64) (int, error) {
	return one(ctx, q, scalar[int], qFollowingCount, blogID)
}

// FollowersHere returns who here follows an actor, in one state, by id after afterID.
func (q *queries) FollowersHere(ctx context.Context, actor, state string, afterID int64, limit int) ([]Following, error) {
	return all(ctx, q, scanFollowing, qFollowersHere, actor, state, afterID, limit)
}

// FollowersHereCount counts who here follows an actor and was accepted.
func (q *queries) FollowersHereCount(ctx context.Context, actor string) (int, error) {
	return one(ctx, q, scalar[int], qFollowersHereN, actor)
}

// FollowedHere reports whether somebody here follows an actor and was accepted.
func (q *queries) FollowedHere(ctx context.Context, actor string) (bool, error) {
	return recall(ctx, q, scalar[bool], qFollowedHere, actor)
}

// AskedHere reports whether somebody here follows an actor, or asked to.
func (q *queries) AskedHere(ctx context.Context, actor string) (bool, error) {
	return one(ctx, q, scalar[bool], qAskedHere, actor)
}

// FollowsActor reports whether the blog of a JID and node follows an actor and was accepted.
func (q *queries) FollowsActor(ctx context.Context, jid, node, actor string) (bool, error) {
	return one(ctx, q, scalar[bool], qFollowsActor, jid, node, actor)
}

// Listeners returns those who follow an actor and were accepted, by id after afterID.
func (q *queries) Listeners(ctx context.Context, actor string, afterID int64, limit int) ([]Listener, error) {
	return all(ctx, q, func(s scanner) (r Listener, err error) {
		err = s.Scan(&r.ID, &r.JID, &r.Node, &r.Presence)
		return r, err
	}, qListeners, actor, afterID, limit)
}

// SetFollowingState changes a relation's state.
func (q *queries) SetFollowingState(ctx context.Context, id int64, state string) error {
	return q.touch(ctx, qSetFollowingState, id, state)
}

// SetFollowingWays changes how somebody follows.
func (q *queries) SetFollowingWays(ctx context.Context, id int64, node, presence bool) error {
	return q.touch(ctx, qSetFollowingWays, id, node, presence)
}

// RenewFollowing makes a relation pending under a new Follow, from Token to Created of f.
func (q *queries) RenewFollowing(ctx context.Context, f Following) error {
	return q.touch(ctx, qRenewFollowing, f.ID, f.Token, f.Host, f.Inbox, f.Created)
}

// RemoveFollowing forgets a relation; ErrNotFound when it is gone already.
func (q *queries) RemoveFollowing(ctx context.Context, id int64) error {
	return q.touch(ctx, qRemoveFollowing, id)
}

// ForgetFollowing forgets everybody whom a blog follows.
func (q *queries) ForgetFollowing(ctx context.Context, blogID int64) error {
	_, err := q.exec(ctx, qForgetFollowing, blogID)
	return err
}

// ContactsHere returns relations that are contacts of both sides, by id.
func (q *queries) ContactsHere(ctx context.Context, after int64, limit int) ([]Following, error) {
	return all(ctx, q, scanFollowing, qContactsHere, after, limit)
}
