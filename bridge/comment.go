package bridge

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// comment takes one item of a comments node: somebody's on the Fediverse that we
// published ourselves, a like, the words of an enrolled blogger, which become
// theirs on the Fediverse, or those of anybody else, which stay in XMPP and are
// counted. The publisher decides whose it is, and one that the server does not
// name is nobody's.
//
// live says that it was announced just now, so that it was written now; of what is
// merely found, what was written before its author turned this on, or during a
// pause, stays home.
func (b *Bridge) comment(ctx context.Context, t *db.Thread, it stanza.Item, live bool) error {
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
		if ours, err := b.ourItem(ctx, t, it.ID); err != nil || ours {
			return err
		}
	}
	blog, err := b.speaker(ctx, author)
	if err != nil {
		return err
	}
	heart := mapping.IsHeart(entry)
	if blog != nil && !live && !known {
		if before, err := b.writtenBefore(ctx, blog, entry); err != nil {
			return err
		} else if before {
			blog = nil
		}
	}
	if blog == nil || claimsAnother(entry, author) {
		return b.countComment(ctx, t, it.ID, author, heart)
	}
	if by, err := b.db.CommentBy(ctx, t.ID, it.ID); by != "" || err != nil && !errors.Is(err, db.ErrNotFound) {
		return ignoreNotFound(err) // what was written before its author was on the Fediverse stays home
	}
	at := place{t.Service, t.Node, it.ID}
	about, err := b.answered(ctx, t, blog.ID, entry)
	if err != nil {
		return err
	}
	if heart && !known {
		return b.likes(ctx, blog, at, about, "")
	}
	if err := b.undoDeeds(ctx, at, nil); err != nil { // a like that was overwritten with words
		return err
	}
	if about.object == "" {
		return nil // what it answers is not on the Fediverse
	}
	_, err = b.speak(ctx, blog, utterance{place: at, item: it, entry: entry, publisher: author, thread: t, answers: about})
	return err
}

// ourItem reports whether we published an item: Prosody 0.12 does not name the
// publisher of what it is asked for.
func (b *Bridge) ourItem(ctx context.Context, t *db.Thread, item string) (bool, error) {
	_, err := b.db.NoteAt(ctx, t.Service, t.Node, item)
	if errors.Is(err, db.ErrNotFound) {
		_, err = b.db.MarkAt(ctx, t.Service, t.Node, item)
	}
	return err == nil, ignoreNotFound(err)
}

// countComment counts a comment that stays in XMPP. Whose it is may be told
// later; that it is not one of ours may have changed meanwhile.
func (b *Bridge) countComment(ctx context.Context, t *db.Thread, item, author string, heart bool) error {
	return b.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := tx.PostAt(ctx, t.Service, t.Node, item); !errors.Is(err, db.ErrNotFound) {
			return err
		}
		by, err := tx.CommentBy(ctx, t.ID, item)
		if err == nil && by == "" && author != "" {
			_, err = tx.RemoveComment(ctx, t.ID, item)
		}
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		return tx.PutComment(ctx, t.ID, item, author, heart, b.nowMS())
	})
}

// preferenceSince is when a blogger's word counts from, in Unix milliseconds, if
// that is not when the blog was made: the end of the last pause.
const preferenceSince = "since"

// writtenBefore reports whether an entry is older than its author's word that
// this is to go out. One without a date may be.
func (b *Bridge) writtenBefore(ctx context.Context, blog *db.Blog, entry stanza.Entry) (bool, error) {
	prefs, err := b.db.Preferences(ctx, blog.ID)
	if err != nil {
		return false, err
	}
	since, _ := strconv.ParseInt(prefs[preferenceSince], 10, 64)
	written := later(entry.Published, entry.Updated)
	return written.Before(msTime(max(since, blog.Created)).Truncate(time.Second)), nil
}

// claimsAnother reports whether an entry names somebody else than its publisher
// as its author: it is a copy or a forgery, and not the publisher's own word.
func claimsAnother(entry stanza.Entry, publisher string) bool {
	for _, a := range entry.Authors {
		if uri, err := stanza.ParseURI(a.URI); err == nil && uri.JID.Bare().Fold().String() != publisher {
			return true
		}
	}
	return false
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
