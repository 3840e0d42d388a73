package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/queue"
)

// Job kinds: a comment was retracted; a comments node was purged or deleted.
const (
	kindUncomment  = "uncomment"
	kindThreadGone = "thread-gone"
)

type uncommentArgs struct {
	Thread int64
	Item   string
}

func uncommentKey(thread int64, item string) string { return fmt.Sprintf("%d:%s", thread, item) }

func uncommentJob(thread int64, item string, at int64, hold time.Duration) db.Job {
	args, _ := json.Marshal(uncommentArgs{thread, item})
	return db.Job{Kind: kindUncomment, Key: uncommentKey(thread, item), Args: string(args), Due: at + hold.Milliseconds()}
}

// uncomment follows the retraction of a comment, whoever did it: its author, or
// the owner of the node. Like a post it may only have been trimmed.
func (b *Bridge) uncomment(ctx context.Context, j queue.Job) error {
	var a uncommentArgs
	if err := json.Unmarshal([]byte(j.Args), &a); err != nil {
		return err
	}
	t, err := b.db.ThreadByID(ctx, a.Thread)
	if err != nil {
		return ignoreNotFound(err)
	}
	items, _, err := b.strangerReads(ctx, t.Service, t.Node, []string{a.Item})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(items, func(it stanza.Item) bool { return it.ID == a.Item }) {
		return nil
	}
	return b.commentGone(ctx, t, a.Item)
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
		// The owner removed somebody's comment from XMPP: it stays removed, edits or not.
		note.Service, note.Node, note.Entry, note.Hash = "", "", "", ""
		return errors.Join(b.db.SetNoteShown(ctx, note.ID, ""), ignoreNotFound(b.db.UpdateNote(ctx, note)))
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
func (b *Bridge) threadGone(ctx context.Context, j queue.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return err
	}
	t, err := b.db.ThreadByID(ctx, id)
	if err != nil {
		return ignoreNotFound(err)
	}
	if err := b.db.SetSubscribed(ctx, t.ID, false); err != nil { // it went with the node
		return err
	}
	for range 50 { // some thousands of them
		ids, err := b.db.ItemsIn(ctx, t, threadItems)
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
			if err := b.commentGone(ctx, t, id); err != nil {
				return err
			}
		}
		if len(gone) < threadItems {
			break
		}
	}
	return nil
}
