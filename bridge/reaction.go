package bridge

import (
	"context"
	"errors"
	"fmt"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/mapping"
)

// Kinds of reactions as stored.
const (
	reactLike     = "like"     // without content
	reactEmoji    = "react"    // with content (activitypub.md I27)
	reactAnnounce = "announce" // a boost
)

// liked counts a like or reaction, once for each actor and content, and makes it
// be shown in XMPP.
func (b *Bridge) liked(ctx context.Context, actor string, doc vocab.Doc) error {
	if msg, ok := b.directOf(ctx, actor, doc); ok {
		return b.likedDirect(ctx, msg, doc)
	}
	post, err := b.likedPost(ctx, doc)
	if err != nil {
		return err
	}
	r := db.Reaction{PostID: post.ID, Actor: actor, Kind: reactLike, Activity: doc.ID(), Created: b.nowMS()}
	if content, _ := vocab.ReactionOf(doc); content != "" {
		r.Kind, r.Content = reactEmoji, content
	}
	return b.react(ctx, post, r)
}

// announced counts a boost of one of our posts, by the id that it names: what is
// embedded is nobody's word (activitypub.md I12, I28).
func (b *Bridge) announced(ctx context.Context, in received) error {
	if inner, ok := in.doc.One("object"); ok && inner.Is("Create", "Update", "Delete", "Like", "EmojiReact", "Undo", "Announce", "Add", "Remove", "Lock") {
		who, err := b.remote(ctx, in.actor)
		if err != nil {
			return err
		}
		if who.Type != "Group" {
			return fmt.Errorf("%w: only groups pass on what others do (FEP-1b12)", errIgnored)
		}
		if inner.Is("Create") { // what a group's members write stands in the group's node
			if _, err := b.boostRead(ctx, in, first(inner.IDs("object"))); err != nil {
				return err
			}
		}
		return b.announcedActivity(ctx, in, inner)
	}
	if read, err := b.boostRead(ctx, in, first(in.doc.IDs("object"))); err != nil || read && !b.oursToLike(in.doc) {
		return err
	}
	post, err := b.likedPost(ctx, in.doc)
	if err != nil {
		return err
	}
	return b.react(ctx, post, db.Reaction{PostID: post.ID, Actor: in.actor, Kind: reactAnnounce, Activity: in.doc.ID(), Created: b.nowMS()})
}

// likedPost is the public post of ours that a Like or Announce is about.
func (b *Bridge) likedPost(ctx context.Context, doc vocab.Doc) (db.Post, error) {
	kind, token, ours := b.addr.TokenOf(first(doc.IDs("object")))
	if !ours || kind != mapping.KindPost && kind != mapping.KindPostPage {
		return db.Post{}, fmt.Errorf("%w: not about a post of ours", errIgnored)
	}
	post, _, err := b.publicPost(ctx, token)
	if errors.Is(err, activitypub.ErrNotFound) || errors.Is(err, activitypub.ErrGone) {
		err = fmt.Errorf("%w: %w", errIgnored, err)
	}
	return post, err
}

// react stores a reaction with what it causes, unless its Undo was faster.
func (b *Bridge) react(ctx context.Context, post db.Post, r db.Reaction) error {
	for _, key := range []string{r.Actor + " " + r.Activity, undoneKey(r)} {
		gone, err := b.db.Forestalled(ctx, key, b.nowMS())
		if err != nil {
			return err
		}
		if gone {
			// Misskey and others may like again later: this Undo has had its effect.
			if err := b.db.Unforestall(ctx, key); err != nil {
				return err
			}
			return fmt.Errorf("%w: undone before it came", errIgnored)
		}
	}
	if kept, err := b.keptAway(ctx, b.db, post.BlogID, r.Actor); err != nil {
		return err
	} else if kept {
		return fmt.Errorf("%w: of somebody who is blocked", errIgnored)
	}
	if mine, err := b.db.ReactionsBy(ctx, post.ID, r.Actor); err != nil {
		return err
	} else if len(mine) >= maxReactions {
		return fmt.Errorf("%w: one reaction more", errIgnored)
	}
	remote, err := b.remote(ctx, r.Actor)
	if err != nil {
		return fmt.Errorf("who reacts: %w", err)
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		fresh, err := tx.AddReaction(ctx, r)
		if err != nil || !fresh {
			return err
		}
		if r.Kind != reactAnnounce {
			if err := tx.AddJob(ctx, markJob(r.PostID, r.Actor, b.nowMS())); err != nil {
				return err
			}
		}
		return b.addNews(ctx, tx, db.News{
			BlogID: post.BlogID, Kind: r.Kind, Actor: r.Actor, Name: displayName(remote), PostID: post.ID, Text: r.Content, Digest: true, Created: r.Created,
		})
	})
	b.jobs.Kick()
	return err
}

// unreact takes a reaction back.
func (b *Bridge) unreact(ctx context.Context, r db.Reaction) error {
	post, err := b.db.PostByID(ctx, r.PostID)
	if err != nil {
		return err
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := tx.RemoveReaction(ctx, r.PostID, r.Actor, r.Kind, r.Content); err != nil {
			return err
		}
		if r.Kind != reactAnnounce {
			if err := tx.AddJob(ctx, markJob(r.PostID, r.Actor, b.nowMS())); err != nil {
				return err
			}
		}
		return tx.RemoveNewsOf(ctx, post.BlogID, r.Kind, r.Actor, post.ID) // not told yet: never
	})
	b.jobs.Kick()
	return err
}

// undoneKey is how an Undo is remembered that names what it undoes by what that
// was about, for a reaction that may have been given another id.
func undoneKey(r db.Reaction) string {
	return fmt.Sprintf("%s %s %d %s", r.Actor, r.Kind, r.PostID, r.Content)
}
