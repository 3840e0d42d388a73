package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

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
	if err != nil || quiet || note.Deleted == 0 && !b.quota.take("forward "+hostOf(note.Actor), forwardsPerHour, b.now()) {
		return err
	}
	row := db.Activity{Token: b.token(), BlogID: blog.ID, Type: typeForward, Body: body, Created: b.nowMS()}
	return b.enqueue(ctx, tx, &blog, row, fmt.Sprint("note:", note.ID), db.ToFollowers)
}

// forwarded takes what somebody else than its actor brought. Its proof is not
// checked: the ids in it are asked at their own hosts, and what these say counts
// (activitypub.md S13).
func (b *Bridge) forwarded(ctx context.Context, doc vocab.Doc) error {
	if doc.Is("Like", "EmojiReact") {
		return b.forwardedLike(ctx, doc)
	}
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
// their members do (FEP-1b12). The group proves nothing: it is as if the activity
// had been forwarded, in a line that does not keep the group's own words waiting.
func (b *Bridge) announcedActivity(ctx context.Context, in received, inner vocab.Doc) error {
	if hostOf(inner.ID()) == "" {
		return fmt.Errorf("%w: an activity without an id inside another", errIgnored)
	}
	body, err := json.Marshal(inner)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	_, err = b.db.AddInbound(ctx, db.Inbound{
		Activity: inner.ID() + " forwarded " + hex.EncodeToString(sum[:16]), Actor: in.actor + forwardedLine, Type: forwardedType,
		Body: string(body), Received: b.nowMS(), Due: b.nowMS(),
	})
	b.inbox.Kick()
	return err
}

// forwardedLike counts a like that somebody else brought, if its own host has it.
func (b *Bridge) forwardedLike(ctx context.Context, like vocab.Doc) error {
	if _, err := b.likedPost(ctx, like); err != nil {
		return err // not about us: not worth asking
	}
	doc, err := b.fetchDoc(ctx, like.ID())
	if err != nil {
		return err
	}
	actor := first(doc.IDs("actor"))
	if hostOf(actor) == b.publicHost() || hostOf(actor) != hostOf(doc.ID()) || !doc.Is("Like", "EmojiReact") {
		return fmt.Errorf("%w: the like is not its actor's", errIgnored)
	}
	return b.liked(ctx, actor, doc)
}
