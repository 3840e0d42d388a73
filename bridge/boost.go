package bridge

import (
	"context"
	"errors"

	"isthmus/activitypub/vocab"
	"isthmus/db"
)

// boostRead puts what an actor boosts into its node when somebody here follows it,
// and reports whether that is so.
func (b *Bridge) boostRead(ctx context.Context, in received, object string) (followed bool, err error) {
	if followed, err = b.db.FollowedHere(ctx, in.actor); err != nil || !followed || object == "" {
		return followed, err
	}
	err = b.shelveBoost(ctx, in.actor, in.doc.ID(), object, in.doc.Time("published"), false)
	if errors.Is(err, errIgnored) {
		b.logger(ctx).Info("boost not shown", "object", object, "why", err)
		err = nil
	}
	return followed, err
}

// oursToLike reports whether an activity is about something of ours.
func (b *Bridge) oursToLike(doc vocab.Doc) bool {
	_, _, ours := b.addr.TokenOf(first(doc.IDs("object")))
	return ours
}

// unboosted takes a boost back, found by the id of its Announce, else by what it
// was of.
func (b *Bridge) unboosted(ctx context.Context, actor, activity, object string) error {
	f, err := b.db.FeedByActivity(ctx, actor, activity)
	if errors.Is(err, db.ErrNotFound) {
		var list []db.FeedItem
		if list, err = b.db.FeedOf(ctx, object, maxShown); err != nil {
			return err
		}
		err = db.ErrNotFound
		for _, x := range list {
			if x.Actor == actor && x.Activity != "" {
				f, err = x, nil
			}
		}
	}
	switch _, _, ours := b.addr.TokenOf(object); {
	case errors.Is(err, db.ErrNotFound) && ours: // undoReaction remembers it
		return nil
	case errors.Is(err, db.ErrNotFound):
		return b.forestall(ctx, actor+" "+activity)
	case err != nil:
		return err
	}
	return b.goneFromFeed(ctx, f)
}

// goneFromFeed takes an item out of its node and makes readers hear of it.
func (b *Bridge) goneFromFeed(ctx context.Context, f db.FeedItem) error {
	err := b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.SetFeedGone(ctx, f.ID); err != nil {
			return err
		}
		return tx.AddJob(ctx, feedJob(f.ID, b.nowMS()))
	})
	b.jobs.Kick()
	return ignoreNotFound(err)
}
