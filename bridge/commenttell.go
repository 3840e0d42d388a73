package bridge

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/queue"
)

// kindComment tells who is subscribed to comments nodes at virtual addresses of
// one comment, as it is now. Its key says whose, and the row.
const kindComment = "comment"

// tellComment makes subscribers of the conversation that a comment is in hear of
// it, if there are any.
func (b *Bridge) tellComment(ctx context.Context, kind string, id int64, answers string) error {
	for range maxDepth {
		up, err := b.above(ctx, answers)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if up.at.service != "" {
			list, err := b.db.Subscribers(ctx, up.at.service, up.at.node, "", 1)
			if err != nil {
				return err
			}
			if len(list) > 0 {
				b.soon(ctx, db.Job{Kind: kindComment, Key: fmt.Sprintf("%s:%d", kind, id), Due: b.nowMS()})
				return nil
			}
		}
		answers = up.parent
	}
	return nil
}

// Whose comment a kindComment job is about.
const (
	commentNote = "note" // somebody else's
	commentPost = "post" // ours
)

// commentTold sends the events of one comment.
func (b *Bridge) commentTold(ctx context.Context, j queue.Job) error {
	kind, row, _ := strings.Cut(j.Key, ":")
	id, err := strconv.ParseInt(row, 10, 64)
	if err != nil {
		return err
	}
	var a answerTo
	item, parent, gone := "", "", false
	if kind == commentPost {
		a.post, err = b.db.PostByID(ctx, id)
		item, parent, gone = a.post.Item, a.post.ReplyTo, a.post.Deleted != 0 || a.post.Home || a.post.Object == ""
	} else {
		a.note, err = b.db.NoteByID(ctx, id)
		item, parent, gone = a.note.Item, a.note.ReplyTo, a.note.Deleted != 0 || !isPublic(a.note.Visibility)
	}
	if err != nil {
		return ignoreNotFound(err)
	}
	if !b.xmpp.Status().Up {
		return errTrouble
	}
	above := item // of what the comment answers, in the node that is looked at
	for depth := range maxDepth {
		up, err := b.above(ctx, parent)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if up.at.service != "" {
			in := above
			if depth == 0 {
				in = ""
			}
			if err := b.tellSubscribers(ctx, up.at, a, item, in, gone); err != nil {
				return err
			}
		}
		if depth == 0 {
			above = up.item
		}
		parent = up.parent
	}
	return nil
}

// ancestor is what a comment answers, with the comments node of its own.
type ancestor struct {
	at           place // zero of ours: those stand elsewhere
	item, parent string
}

func (b *Bridge) above(ctx context.Context, object string) (ancestor, error) {
	if object == "" {
		return ancestor{}, db.ErrNotFound
	}
	if _, token, ours := b.addr.TokenOf(object); ours {
		post, err := b.db.PostByToken(ctx, token)
		return ancestor{item: post.Item, parent: post.ReplyTo}, err
	}
	note, err := b.db.NoteByObject(ctx, object)
	if err != nil {
		return ancestor{}, err
	}
	up := ancestor{item: note.Item, parent: note.ReplyTo}
	remote, err := b.db.Remote(ctx, note.Actor)
	if err != nil {
		return up, ignoreNotFound(err)
	}
	if who := b.authorOf(remote); !who.JID.IsZero() && note.Deleted == 0 {
		up.at = place{service: who.JID.String(), node: commentsPrefix + note.Item}
	}
	return up, nil
}

// tellSubscribers sends one comment's event to who is subscribed to one node.
func (b *Bridge) tellSubscribers(ctx context.Context, at place, a answerTo, item, parent string, gone bool) error {
	ev := stanza.Event{Node: at.node, Retracted: []string{item}}
	for after := ""; ; {
		list, err := b.db.Subscribers(ctx, at.service, at.node, after, tellChunk)
		if err != nil || len(list) == 0 {
			return err
		}
		if after == "" && !gone {
			it, err := b.commentItem(ctx, at, a, parent)
			if err != nil {
				return ignoreNotFound(err)
			}
			ev.Retracted, ev.Items = nil, []stanza.Item{it}
		}
		for _, s := range list {
			after = s.JID
			b.headline(mustJID(at.service), mustJID(s.JID), ev)
		}
		if len(list) < tellChunk {
			return nil
		}
	}
}
