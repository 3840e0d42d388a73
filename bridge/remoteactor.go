package bridge

import (
	"context"
	"errors"

	"isthmus/db"
)

// actorDeleted takes everything back that a deleted account did here: its
// follows, comments, likes and boosts.
func (b *Bridge) actorDeleted(ctx context.Context, actor string) error {
	n, err := b.db.RemoveActor(ctx, actor)
	if err != nil {
		return err
	}
	const chunk = 50
	notes := 0
	for after := int64(0); ; {
		list, err := b.db.NotesBy(ctx, actor, after, chunk)
		if err != nil {
			return err
		}
		for _, note := range list {
			after = note.ID
			if err := b.forget(ctx, note, ""); err != nil {
				return err
			}
		}
		if notes += len(list); len(list) < chunk {
			break
		}
	}
	for {
		list, err := b.db.ReactionsOf(ctx, actor, chunk)
		if err != nil {
			return err
		}
		for _, r := range list {
			if err := b.unreact(ctx, r); err != nil && !errors.Is(err, db.ErrNotFound) {
				return err
			}
		}
		if len(list) < chunk {
			break
		}
	}
	b.logger(ctx).Info("remote actor deleted", "follows", n, "notes", notes)
	acc, err := b.db.Account(ctx, actor)
	if err != nil {
		return ignoreNotFound(err)
	}
	if err := b.tidyUp(ctx, acc, goneFor{key: "follow.gone.deleted"}, b.forgetFollow); err != nil {
		return err
	}
	b.soon(ctx, db.Job{Kind: kindForget, Anywhere: true, Key: actor, Due: b.nowMS() + forgetDelay})
	return nil
}

// actorUpdated renews where a follower's posts go, and the name its comments
// bear from now on. The document is fetched from its own address, never taken
// from the activity.
func (b *Bridge) actorUpdated(ctx context.Context, actor string) error {
	if known, err := b.db.RemoteKnown(ctx, actor); err != nil || !known {
		return err
	}
	remote, err := b.fetchRemote(ctx, actor)
	if err != nil {
		return err
	}
	return b.moveInbox(ctx, actor, remote)
}
