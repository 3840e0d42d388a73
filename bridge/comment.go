package bridge

import (
	"context"
	"errors"
	"fmt"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// comment takes one item of a comments node: somebody's on the Fediverse that we
// published ourselves, a like, the words of an enrolled blogger, which become
// theirs on the Fediverse, or those of anybody else, which stay in XMPP and are
// counted. The publisher decides whose it is, and one that the server does not
// name is nobody's.
func (b *Bridge) comment(ctx context.Context, t *db.Thread, it stanza.Item) error {
	entry, err := stanza.ParseEntry(it.Payload)
	if err != nil {
		return nil
	}
	author := bareOf(it.Publisher)
	if mustJID(author).Domain == b.cfg.Component && author != "" {
		return nil
	}
	old, err := b.db.PostAt(ctx, t.Service, t.Node, it.ID)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	known := err == nil
	hash := payloadHash(it.Payload)
	switch {
	case known && old.Hash == hash:
		if !old.OnNode {
			return b.db.SetOnNode(ctx, old.ID, true)
		}
		return nil
	case known && author == "":
		return nil // whoever changed it: it is announced, or was lost
	case known && author != old.Publisher:
		// Prosody lets anybody overwrite anybody's item (xmpp-servers §4).
		b.logger(ctx).Warn("comment overwritten by somebody else: ignored", "node", t.Node, "item", it.ID, "by", author)
		return nil
	}
	if !known {
		if note, err := b.db.NoteAt(ctx, t.Service, t.Node, it.ID); err == nil {
			if author != "" {
				b.logger(ctx).Warn("somebody's comment was overwritten: ignored", "object", note.Object, "by", author)
			}
			return nil // ours; the server does not name its publisher
		} else if !errors.Is(err, db.ErrNotFound) {
			return err
		}
	}
	blog, err := b.speaker(ctx, author)
	if err != nil {
		return err
	}
	heart := mapping.IsHeart(entry)
	before, err := b.db.CommentBy(ctx, t.ID, it.ID)
	switch {
	case err != nil && !errors.Is(err, db.ErrNotFound):
		return err
	case blog == nil && author != "" && before == "" && err == nil:
		_, err = b.db.RemoveComment(ctx, t.ID, it.ID) // now it is known whose it is
		return errors.Join(err, b.db.PutComment(ctx, t.ID, it.ID, author, heart, b.nowMS()))
	case blog == nil && err != nil:
		return b.db.PutComment(ctx, t.ID, it.ID, author, heart, b.nowMS())
	case blog == nil, before != "":
		return nil // what was written before its author was on the Fediverse stays home
	}
	if err == nil {
		if _, err := b.db.RemoveComment(ctx, t.ID, it.ID); err != nil {
			return err
		}
	}
	place := place{t.Service, t.Node, it.ID}
	target, err := b.answered(ctx, t, entry)
	if err != nil {
		return err
	}
	if heart && !known {
		return b.likes(ctx, blog, place, target, "")
	}
	if target.object == "" {
		return nil // what it answers is not on the Fediverse
	}
	_, err = b.speak(ctx, blog, utterance{place: place, item: it, entry: entry, publisher: author, thread: t, answers: target})
	return err
}

// place is where an item lies.
type place struct{ service, node, item string }

// speaker is the blog of a person who is on the Fediverse now, nil of anybody else.
func (b *Bridge) speaker(ctx context.Context, author string) (*db.Blog, error) {
	if author == "" {
		return nil, nil
	}
	blog, err := b.db.BlogByNode(ctx, author, stanza.NSMicroblog)
	if errors.Is(err, db.ErrNotFound) || err == nil && blog.State != db.On {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("whose comment: %w", err)
	}
	return &blog, nil
}
