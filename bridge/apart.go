package bridge

import (
	"context"
	"errors"
	"slices"

	"isthmus/activitypub"
	"isthmus/component/stanza"
	"isthmus/db"
)

// This file is who may have to do with whom: people's blocks, those of others, and
// what the admin decided.

// Types of activities of ours that are between two servers: nobody may read them,
// nor what undoes them.
const (
	typeBlock = "Block"
	typeFlag  = "Flag"
)

// keptAway reports whether nothing of an actor is to reach a blog: its owner, or
// the admin, blocks it.
func (b *Bridge) keptAway(ctx context.Context, book muteBook, blog int64, actor string) (bool, error) {
	yes, err := blocking(ctx, book, blog, actor)
	if yes || err != nil {
		return yes, err
	}
	level, err := b.verdict(ctx, book, actor)
	return level == db.RuleBlock, err
}

// apart reports whether nothing is to go from a blog to an actor: it is kept away,
// or it blocks the blog itself.
func (b *Bridge) apart(ctx context.Context, blog int64, actor string) (bool, error) {
	if actor == "" {
		return false, nil
	}
	yes, err := b.keptAway(ctx, b.db, blog, actor)
	if yes || err != nil {
		return yes, err
	}
	_, err = b.db.Blocker(ctx, blog, actor)
	return err == nil, ignoreNotFound(err)
}

// mayReach is nil when somebody here may say something to an actor, or follow it.
// Else it is a *stanza.Error that says why not.
func (b *Bridge) mayReach(ctx context.Context, blog *db.Blog, actor string) error {
	if err := b.notSuspended(ctx, mustJID(blog.JID)); err != nil {
		return err
	}
	if err := b.admit(ctx, actor); err != nil {
		return err
	}
	who := b.nameOf(ctx, actor)
	yes, err := blocking(ctx, b.db, blog.ID, actor)
	switch {
	case err != nil:
		return err
	case yes:
		return stanza.ErrNotAllowed(b.say(ctx, "safety.youblock", "who", who))
	}
	switch _, err := b.db.Blocker(ctx, blog.ID, actor); {
	case err == nil:
		return stanza.ErrForbidden(b.say(ctx, "safety.theyblock", "who", who))
	case !errors.Is(err, db.ErrNotFound):
		return err
	}
	return nil
}

// admit is nil unless the admin blocks an actor; then it is an error with words.
func (b *Bridge) admit(ctx context.Context, actor string) error {
	barred, err := b.barred(ctx, actor)
	if err == nil && barred {
		err = b.errBarred(ctx, b.nameOf(ctx, actor))
	}
	return err
}

func (b *Bridge) errBarred(ctx context.Context, who string) error {
	return refused(ctx, stanza.ErrNotAllowed, func(ctx context.Context) string { return b.say(ctx, "safety.barred", "who", who) })
}

// notShown reports whether nothing that an actor wrote is to be shown to readers:
// the admin blocks it, or it asks not to be bridged.
func (b *Bridge) notShown(ctx context.Context, actor string) (bool, error) {
	barred, err := b.barred(ctx, actor)
	if barred || err != nil {
		return barred, err
	}
	return b.db.OptedOut(ctx, actor)
}

// nameOf is how people call an actor.
func (b *Bridge) nameOf(ctx context.Context, actor string) string {
	if r, err := b.db.Remote(ctx, actor); err == nil && r.Handle != "" {
		return "@" + r.Handle
	}
	return actor
}

// MayRead refuses who is blocked by the admin, or by whom the document is of.
func (b httpSide) MayRead(ctx context.Context, id, actor string) error {
	blog, err := b.blogBehind(ctx, id)
	if err != nil && !errors.Is(err, db.ErrNotFound) { // what is the gateway's own is nobody's
		return err
	}
	away, err := b.keptAway(ctx, b.db, blog.ID, actor)
	if err == nil && away {
		err = activitypub.ErrForbidden
	}
	return err
}

// unheard takes out of a concern whom of ours its author is kept away from. It is
// about nothing of ours any more when that is whose post it answers.
func (b *Bridge) unheard(ctx context.Context, c *concern, author string) error {
	var failed error
	kept := func(blog db.Blog) bool {
		if blog.ID == 0 {
			return false
		}
		yes, err := b.keptAway(ctx, b.db, blog.ID, author)
		if err != nil {
			failed = err
		}
		return yes
	}
	c.named = slices.DeleteFunc(c.named, kept)
	if kept(c.owner) || kept(c.root) {
		c.post, c.owner, c.root, c.thread = db.Post{}, db.Blog{}, db.Blog{}, db.Thread{}
	}
	return failed
}

// toTell says whether an owner is to be told a piece of news.
func (b *Bridge) toTell(ctx context.Context, tx *db.Tx, n db.News) (bool, error) {
	if subjectOf(n.Kind) != "" { // what is said to them alone asks for itself
		if strange, err := b.stranger(ctx, tx, n); err != nil || strange {
			return false, err
		}
	}
	return wants(ctx, tx, n)
}

// unblockedBy forgets that an actor blocks somebody here. One that comes before its
// Block is remembered.
func (b *Bridge) unblockedBy(ctx context.Context, actor, activity, object string) error {
	blog, err := b.blogByActorURL(ctx, object)
	if err != nil {
		return ignoreNotFound(err)
	}
	switch _, err := b.db.Blocker(ctx, blog.ID, actor); {
	case errors.Is(err, db.ErrNotFound) && activity != "":
		return b.forestall(ctx, actor+" "+activity)
	case err != nil:
		return ignoreNotFound(err)
	}
	return b.db.RemoveBlocker(ctx, blog.ID, actor)
}

// heardBy leaves out of a comments node what the asker does not want to hear of:
// whom they muted or block.
func (b *Bridge) heardBy(ctx context.Context, asker stanza.JID, items []stanza.Item) ([]stanza.Item, error) {
	blog, err := b.ownActor(ctx, asker.Bare().Fold())
	if err != nil {
		return items, ignoreNotFound(err)
	}
	mutes, merr := b.db.Mutes(ctx, blog.ID)
	blocks, err := b.db.Blocks(ctx, blog.ID, 1)
	if err := errors.Join(merr, err); err != nil || len(mutes)+len(blocks) == 0 {
		return items, err
	}
	var failed error
	items = slices.DeleteFunc(items, func(it stanza.Item) bool {
		user, host, ok := b.addr.ParseRemoteJID(mustJID(it.Publisher))
		if !ok {
			return false
		}
		r, err := b.db.RemoteByHandle(ctx, user+"@"+host)
		quiet := false
		if err == nil {
			quiet, err = muted(ctx, b.db, blog.ID, r.Actor)
		}
		failed = errors.Join(failed, ignoreNotFound(err))
		return quiet
	})
	return items, failed
}
