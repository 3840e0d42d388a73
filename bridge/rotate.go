package bridge

import (
	"context"
	"errors"
	"strconv"
	"time"

	"isthmus/activitypub"
	"isthmus/db"
	"isthmus/queue"
)

// kindRotate gives an actor a new key; key: the blog, 0 for the instance actor.
const kindRotate = "rotate"

// oldKeyFor is how long what waits may still be signed with an old key: deliveries
// do not wait longer (activitypub.md O32).
const oldKeyFor = 7 * 24 * time.Hour

// RotateKeys asks for new keys for one actor, by handle, or for all with "". It
// returns how many. The running gateway, or the next one, makes them.
func RotateKeys(ctx context.Context, d *db.DB, handle string, now int64) (int, error) {
	owners, err := d.KeyOwners(ctx)
	if handle != "" {
		blog, err := d.BlogByHandle(ctx, handle)
		if err != nil {
			return 0, err
		}
		owners = []int64{blog.ID}
	}
	if err != nil {
		return 0, err
	}
	return len(owners), d.Tx(ctx, func(tx *db.Tx) error {
		for _, id := range owners {
			if err := tx.AddJob(ctx, db.Job{Kind: kindRotate, Anywhere: true, Key: strconv.FormatInt(id, 10), Due: now}); err != nil {
				return err
			}
		}
		return nil
	})
}

// rotate replaces an actor's key. An Update tells everybody who may hold the old
// one, and is signed with that, as is all that was enqueued before: GoToSocial takes
// a new key from nothing else (row S9).
func (b *Bridge) rotate(ctx context.Context, j queue.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return err
	}
	if _, err := b.key(ctx, id); err != nil { // there must be one to replace
		return ignoreNotFound(err)
	}
	pem, err := activitypub.NewKeyPEM()
	if err != nil {
		return err
	}
	token := InstanceToken
	var blog db.Blog
	if id != InstanceBlog {
		if blog, err = b.db.BlogByID(ctx, id); err != nil || blog.State == db.Gone {
			return ignoreNotFound(err)
		}
		token = blog.Token
	}
	key, err := activitypub.ParseKey(b.addr.Key(token), pem)
	if err != nil {
		return err
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		told, err := b.tellKey(ctx, tx, key, &blog)
		if err != nil {
			return err
		}
		return tx.ReplacePrivateKey(ctx, id, pem, told, b.now().Add(oldKeyFor).UnixMilli())
	})
	if err != nil {
		return err
	}
	b.keys.forget(id)
	b.wakes.say(topicKey + ":" + strconv.FormatInt(id, 10))
	b.mail.Kick()
	b.logger(ctx).Warn("new key", "actor", b.addr.Actor(token))
	return nil
}

// tellKey enqueues the Update of an actor whose key is new and gives its token.
// Whoever ever got something of it may hold the old key; of the instance actor,
// everybody may.
func (b *Bridge) tellKey(ctx context.Context, tx *db.Tx, key *activitypub.Key, blog *db.Blog) (string, error) {
	if blog.ID == InstanceBlog {
		row := b.updateOf(InstanceBlog, b.instanceDocument(key))
		everybody, err := tx.EveryInbox(ctx)
		if err != nil {
			return "", err
		}
		return row.Token, b.enqueue(ctx, tx, blog, row, "actor:"+InstanceToken, db.ToNobody, everybody...)
	}
	prefs, err := tx.Preferences(ctx, blog.ID)
	if err != nil {
		return "", err
	}
	row := b.updateOf(blog.ID, b.actorWith(key, blog, prefs))
	return row.Token, b.enqueue(ctx, tx, blog, row, "actor:"+blog.Token, db.ToReached)
}

// keyOf is the key that signs an activity of a blog: an old one for what was
// enqueued before the news of its successor.
func (b *Bridge) keyOf(ctx context.Context, blog, activity int64) (key *activitypub.Key, old bool, err error) {
	pem, err := b.db.OldKey(ctx, blog, activity, b.nowMS())
	if err == nil {
		present, err := b.key(ctx, blog)
		if err != nil {
			return nil, false, err
		}
		key, err = activitypub.ParseKey(present.ID, pem)
		return key, true, err
	}
	if !errors.Is(err, db.ErrNotFound) {
		return nil, false, err
	}
	key, err = b.key(ctx, blog)
	return key, false, err
}
