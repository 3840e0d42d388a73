package bridge

import (
	"context"
	"fmt"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/db"
)

// These mark among our activities what has no address of its own: somebody else's
// that is only passed on, and a Create sent once more.
const (
	typeForward = "Forward"
	typeAgain   = "Again"
)

// maxForward bounds what is passed on: more than that no inbox takes (activitypub.md
// O20).
const maxForward = 64 << 10

// forward passes what is said of a public reply to one of our posts on to that
// blog's followers, unchanged, so that its proof holds: their servers would not
// hear of it otherwise (AP §7.1.2, activitypub.md I13). body is "" when there is
// no proof. A blog that is paused or closed passes on nothing but deletions.
func (b *Bridge) forward(ctx context.Context, tx *db.Tx, note db.Note, body string) error {
	if body == "" || len(body) > maxForward || note.PostID == 0 || !isPublic(note.Visibility) {
		return nil
	}
	post, err := tx.PostByID(ctx, note.PostID)
	if err != nil {
		return err
	}
	blog, err := tx.BlogByID(ctx, post.BlogID)
	if err != nil || blog.State == db.Gone || note.Deleted == 0 && (blog.State != db.On || !readable(&blog)) {
		return err
	}
	quiet, err := muted(ctx, tx, blog.ID, note.Actor)
	if err != nil || quiet || !b.quota.take("forward "+hostOf(note.Actor), forwardsPerHour, b.now()) {
		return err
	}
	row := db.Activity{Token: b.token(), BlogID: blog.ID, Type: typeForward, Body: body, Created: b.nowMS()}
	return b.enqueue(ctx, tx, &blog, row, fmt.Sprint("note:", note.ID), db.ToFollowers)
}

// forwarded takes what somebody else than its actor brought. Its proof is not
// checked: the ids in it are asked at their own hosts, and what these say counts
// (activitypub.md S13).
func (b *Bridge) forwarded(ctx context.Context, doc vocab.Doc) error {
	object := first(doc.IDs("object"))
	actor := first(doc.IDs("actor"))
	if object == "" || hostOf(object) != hostOf(actor) {
		return fmt.Errorf("%w: forwarded, and not about a post of its actor's host", errIgnored)
	}
	switch {
	case doc.Is("Delete"):
		note, err := b.db.NoteByObject(ctx, object)
		if err != nil {
			return ignoreNotFound(err)
		}
		return b.askGone(ctx, note)
	case doc.Is("Create"):
		inner, _ := doc.One("object")
		if about, err := b.claimsUs(ctx, inner); err != nil || !about {
			return err // anybody could make us ask for anything
		}
	case doc.Is("Update"):
		if _, err := b.db.NoteByObject(ctx, object); err != nil {
			return ignoreNotFound(err)
		}
	default:
		return nil
	}
	post, err := b.fetchPost(ctx, object)
	if err != nil {
		return err
	}
	_, err = b.noted(ctx, post, 0)
	return err
}

// announcedActivity takes the activity inside an Announce, as groups pass on what
// their members do (FEP-1b12). The group proves nothing: what its member did is
// asked at the member's own host, or taken from what was asked there.
func (b *Bridge) announcedActivity(ctx context.Context, inner vocab.Doc) error {
	switch {
	case inner.Is("Create", "Update", "Delete"):
		return b.forwarded(ctx, inner)
	case inner.Is("Like", "EmojiReact") && hostOf(inner.ID()) != "":
		key, err := b.instanceKey(ctx)
		if err != nil {
			return err
		}
		if _, err := b.likedPost(ctx, inner); err != nil {
			return err // not about us: not worth asking
		}
		doc, err := b.client.Get(ctx, inner.ID(), key)
		if err != nil && (activitypub.Final(err) || !retriable(err)) {
			return fmt.Errorf("%w: %w", errIgnored, err)
		}
		if err != nil {
			return err
		}
		actor := first(doc.IDs("actor"))
		if hostOf(actor) != hostOf(doc.ID()) || !doc.Is("Like", "EmojiReact") {
			return fmt.Errorf("%w: the Like inside is not its actor's", errIgnored)
		}
		return b.liked(ctx, actor, doc)
	}
	return nil
}
