package bridge

import (
	"context"
	"errors"
	"slices"

	"isthmus/component/stanza"
	"isthmus/db"
)

// uncomment follows the retraction of a comment, whoever did it: its author, or
// the owner of the node. Like a post it may only have been trimmed.
func (b *Bridge) uncomment(ctx context.Context, t *db.Thread, item string) error {
	items, _, err := b.strangerReads(ctx, t.Service, t.Node, []string{item})
	if err != nil || slices.ContainsFunc(items, func(it stanza.Item) bool { return it.ID == item }) {
		return err
	}
	return b.commentGone(ctx, *t, item)
}

// commentGone undoes what a comment caused.
func (b *Bridge) commentGone(ctx context.Context, t db.Thread, item string) error {
	if _, err := b.db.RemoveComment(ctx, t.ID, item); err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	if note, err := b.db.NoteAt(ctx, t.Service, t.Node, item); err == nil {
		if note.Deleted != 0 {
			return nil // so we asked for it
		}
		// The owner removed somebody's comment from XMPP, or the server trimmed it: it
		// stays away, edits or not.
		return b.db.SetNoteShown(ctx, note.ID, shownRemoved)
	}
	if err := b.undoDeeds(ctx, place{t.Service, t.Node, item}, nil); err != nil {
		return err
	}
	post, err := b.db.PostAt(ctx, t.Service, t.Node, item)
	if err != nil {
		return ignoreNotFound(err)
	}
	if !post.OnNode {
		b.logger(ctx).Info("comment trimmed by the server: kept", "node", t.Node, "item", item)
		return nil
	}
	blog, err := b.db.BlogByID(ctx, post.BlogID)
	if err != nil || blog.State == db.Gone {
		return ignoreNotFound(err)
	}
	return b.unpublish(ctx, &blog, post.ID, false)
}

// threadGone follows a purge or the deletion of a comments node; Movim deletes it
// with the post. The server's word is confirmed by reading.
func (b *Bridge) threadGone(ctx context.Context, t *db.Thread, _ string) error {
	if err := b.db.SetSubscribed(ctx, t.ID, false); err != nil { // it went with the node
		return err
	}
	for range 50 { // some thousands of them
		ids, err := b.db.ItemsIn(ctx, *t, threadItems)
		if err != nil || len(ids) == 0 {
			return err
		}
		items, _, err := b.strangerReads(ctx, t.Service, t.Node, ids)
		if err != nil {
			return err
		}
		gone := slices.DeleteFunc(ids, func(id string) bool {
			return slices.ContainsFunc(items, func(it stanza.Item) bool { return it.ID == id })
		})
		for _, id := range gone {
			if err := b.commentGone(ctx, *t, id); err != nil {
				return err
			}
		}
		if len(gone) < threadItems {
			break
		}
	}
	return nil
}
