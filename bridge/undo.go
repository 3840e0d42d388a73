package bridge

import (
	"context"
	"errors"
	"fmt"

	"isthmus/activitypub/vocab"
	"isthmus/db"
)

// undo ends what an Undo names, embedded or by its id alone (activitypub.md I22).
// What has not come yet is remembered: peers deliver again in any order (I6).
func (b *Bridge) undo(ctx context.Context, actor string, doc vocab.Doc) error {
	id := first(doc.IDs("object"))
	inner, embedded := doc.One("object")
	if !embedded || len(inner.Types()) == 0 {
		return b.undoByID(ctx, actor, id)
	}
	if who := first(inner.IDs("actor")); who != "" && who != actor {
		return fmt.Errorf("%w: undo of what somebody else did", errIgnored)
	}
	switch {
	case inner.Is("Follow"):
		object := first(inner.IDs("object"))
		if object == "" {
			return b.undoByID(ctx, actor, id)
		}
		err := b.unfollowed(ctx, actor, object)
		if err == nil && id != "" {
			if _, err = b.db.FollowerByFollow(ctx, actor, id); errors.Is(err, db.ErrNotFound) {
				err = b.forestall(ctx, actor+" "+id)
			}
		}
		return err
	case inner.Is("Announce"):
		if err := b.unboosted(ctx, actor, id, first(inner.IDs("object"))); err != nil || !b.oursToLike(inner) {
			return err
		}
		return b.undoReaction(ctx, actor, id, inner)
	case inner.Is("Like", "EmojiReact"):
		return b.undoReaction(ctx, actor, id, inner)
	case inner.Is("Block"):
		return b.unblockedBy(ctx, actor, id, first(inner.IDs("object")))
	case inner.Is("Accept"): // whom they let follow they may turn out again
		return b.followRejected(ctx, actor, inner)
	}
	return nil
}

// undoReaction takes back a reaction that is described as it was made.
func (b *Bridge) undoReaction(ctx context.Context, actor, id string, inner vocab.Doc) error {
	if msg, ok := b.directOf(ctx, actor, inner); ok {
		content, _ := vocab.ReactionOf(inner)
		return b.unlikedDirect(ctx, msg, content)
	}
	if id != "" {
		r, err := b.db.ReactionByActivity(ctx, actor, id)
		if err == nil {
			return b.unreact(ctx, r)
		}
		if !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	post, err := b.likedPost(ctx, inner)
	if err != nil {
		return err
	}
	r := db.Reaction{PostID: post.ID, Actor: actor, Kind: reactLike}
	if content, _ := vocab.ReactionOf(inner); content != "" {
		r.Kind, r.Content = reactEmoji, content
	}
	if inner.Is("Announce") {
		r.Kind, r.Content = reactAnnounce, ""
	}
	mine, err := b.db.ReactionsBy(ctx, post.ID, actor)
	if err != nil {
		return err
	}
	for _, have := range mine {
		if have.Kind == r.Kind && have.Content == r.Content {
			return b.unreact(ctx, have)
		}
	}
	if id != "" {
		return b.forestall(ctx, actor+" "+id)
	}
	return b.forestall(ctx, undoneKey(r))
}

func (b *Bridge) undoByID(ctx context.Context, actor, id string) error {
	if id == "" || hostOf(id) != hostOf(actor) {
		return fmt.Errorf("%w: undo of nothing", errIgnored)
	}
	if n, err := b.db.RemoveBlockerBy(ctx, actor, id); err != nil || n > 0 {
		return err
	}
	f, err := b.db.FollowerByFollow(ctx, actor, id)
	if err == nil {
		return b.db.SetFollowerState(ctx, f.BlogID, actor, followerRemoved)
	}
	if !errors.Is(err, db.ErrNotFound) {
		return err
	}
	if direct, content, err := b.db.ReactedDirect(ctx, id); err == nil {
		if msg, err := b.db.DirectByID(ctx, direct); err == nil && msg.Peer == actor {
			return b.unlikedDirect(ctx, msg, content)
		}
	}
	r, err := b.db.ReactionByActivity(ctx, actor, id)
	if err == nil {
		err = b.unreact(ctx, r)
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	if f, ferr := b.db.FeedByActivity(ctx, actor, id); ferr == nil {
		return b.goneFromFeed(ctx, f)
	}
	if err == nil {
		return nil
	}
	return b.forestall(ctx, actor+" "+id)
}

// forestall remembers that something is undone before it came.
func (b *Bridge) forestall(ctx context.Context, key string) error {
	return b.db.Forestall(ctx, key, b.now().Add(forestallFor).UnixMilli())
}
