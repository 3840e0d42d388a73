package db

import (
	"context"
	"fmt"
)

const (
	feedColumns = `id, actor, item, object, activity, private, published, told, quiet, gone`
	// $2 is whether the reader may see what is for followers alone.
	openFeed = `actor = $1 and not gone and (not private or $2)`

	qAddFeed = `insert into feed (actor, item, object, activity, private, published, told, quiet, gone) values ($1, $2, $3, $4, $5, $6, $7, $8, false)
		on conflict (actor, item) do nothing returning ` + feedColumns
	qFeedItem       = `select ` + feedColumns + ` from feed where actor = $1 and item = $2`
	qFeedByID       = `select ` + feedColumns + ` from feed where id = $1`
	qFeedOf         = `select ` + feedColumns + ` from feed where object = $1 order by id limit $2`
	qFeedByActivity = `select ` + feedColumns + ` from feed where activity = $1 and activity <> '' and actor = $2 limit 1`
	qFeedBefore     = `select ` + feedColumns + ` from feed where ` + openFeed + ` and (published, id) < ($3, $4) order by published desc, id desc limit $5`
	qFeedAfter      = `select ` + feedColumns + ` from feed where ` + openFeed + ` and (published, id) > ($3, $4) order by published, id limit $5`
	qFeedRank       = `select count(*) from feed where ` + openFeed + ` and (published, id) < ($3, $4)`
	qFeedCount      = `select count(*) from feed where ` + openFeed
	qWakeFeed       = `update feed set quiet = false, gone = false where id = $1`
	qSetFeedTold    = `update feed set told = $2, quiet = false where id = $1`
	qSetFeedGone    = `update feed set gone = true where id = $1`
	qRemoveFeed     = `delete from feed where id = $1 and gone`
	qTrimFeed       = `delete from feed where actor = $1 and not gone and (published, id) <
		(select published, id from feed where actor = $1 and not gone order by published desc, id desc limit 1 offset $2) returning object`
	qDropUnread = `delete from note where object = $1 and shelf and deleted = 0 and not exists (select 1 from feed f where f.object = note.object)`
)

func scanFeed(s scanner) (f FeedItem, err error) {
	err = s.Scan(&f.ID, &f.Actor, &f.Item, &f.Object, &f.Activity, &f.Private, &f.Published, &f.Told, &f.Quiet, &f.Gone)
	return f, err
}

// AddFeed puts an item into an account's node. When one of that id is there, it is
// not fresh, and the row that is there is returned as it is.
func (q *queries) AddFeed(ctx context.Context, f FeedItem) (saved FeedItem, fresh bool, err error) {
	saved, fresh, err = ensure(ctx, q, scanFeed, qAddFeed, []any{f.Actor, f.Item, f.Object, f.Activity, f.Private, f.Published, f.Told, f.Quiet}, qFeedItem, f.Actor, f.Item)
	if err != nil {
		return FeedItem{}, false, fmt.Errorf("item %s of %s: %w", f.Item, f.Actor, err)
	}
	return saved, fresh, nil
}

// FeedItem returns an item of an account's node, gone or not, or ErrNotFound.
func (q *queries) FeedItem(ctx context.Context, actor, item string) (FeedItem, error) {
	return one(ctx, q, scanFeed, qFeedItem, actor, item)
}

// FeedByID returns an item, gone or not, or ErrNotFound.
func (q *queries) FeedByID(ctx context.Context, id int64) (FeedItem, error) {
	return one(ctx, q, scanFeed, qFeedByID, id)
}

// FeedOf returns the items that show an object, in whosever node, gone or not.
func (q *queries) FeedOf(ctx context.Context, object string, limit int) ([]FeedItem, error) {
	return all(ctx, q, scanFeed, qFeedOf, object, limit)
}

// FeedByActivity returns the item that an actor's Announce put there, or ErrNotFound.
func (q *queries) FeedByActivity(ctx context.Context, actor, activity string) (FeedItem, error) {
	return one(ctx, q, scanFeed, qFeedByActivity, activity, actor)
}

// FeedBefore returns the items of an account's node before a place, the newest
// first; private includes those for followers alone.
func (q *queries) FeedBefore(ctx context.Context, actor string, private bool, p FeedPlace, limit int) ([]FeedItem, error) {
	return all(ctx, q, scanFeed, qFeedBefore, actor, private, p.Published, p.ID, limit)
}

// FeedAfter returns the items after a place, the oldest first.
func (q *queries) FeedAfter(ctx context.Context, actor string, private bool, p FeedPlace, limit int) ([]FeedItem, error) {
	return all(ctx, q, scanFeed, qFeedAfter, actor, private, p.Published, p.ID, limit)
}

// FeedRank counts the items before a place.
func (q *queries) FeedRank(ctx context.Context, actor string, private bool, p FeedPlace) (int, error) {
	return one(ctx, q, scalar[int], qFeedRank, actor, private, p.Published, p.ID)
}

// FeedCount counts the items of an account's node.
func (q *queries) FeedCount(ctx context.Context, actor string, private bool) (int, error) {
	return one(ctx, q, scalar[int], qFeedCount, actor, private)
}

// WakeFeed makes an item stand that was stored quietly, or that was gone.
func (q *queries) WakeFeed(ctx context.Context, id int64) error {
	return q.touch(ctx, qWakeFeed, id)
}

// SetFeedTold notes the hash of the entry that readers know.
func (q *queries) SetFeedTold(ctx context.Context, id int64, hash string) error {
	return q.touch(ctx, qSetFeedTold, id, hash)
}

// SetFeedGone takes an item away; the row stays until readers are told.
func (q *queries) SetFeedGone(ctx context.Context, id int64) error {
	return q.touch(ctx, qSetFeedGone, id)
}

// RemoveFeed forgets an item that is gone.
func (q *queries) RemoveFeed(ctx context.Context, id int64) error {
	_, err := q.exec(ctx, qRemoveFeed, id)
	return err
}

// TrimFeed keeps the newest items of an account's node and forgets the others, with
// the posts that are only there to be read; it returns how many items went.
func (q *queries) TrimFeed(ctx context.Context, actor string, keep int) (gone int, err error) {
	err = q.atomic(ctx, func(q *queries) error {
		objects, err := changeAll(ctx, q, scalar[string], qTrimFeed, actor, keep-1)
		gone = len(objects)
		for _, object := range objects {
			if _, err := q.exec(ctx, qDropUnread, object); err != nil {
				return err
			}
		}
		return err
	})
	return gone, err
}
