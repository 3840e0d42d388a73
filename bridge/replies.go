package bridge

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/queue"
)

// Replies are asked for where a post and its answers are at home.

const kindReplies = "replies"

func repliesJob(note, due int64) db.Job {
	return db.Job{Kind: kindReplies, Anywhere: true, Key: strconv.FormatInt(note, 10), Due: due}
}

// Bounds of reading one conversation.
const (
	repliesDepth = 3
	repliesMost  = 60
	repliesPages = 3
)

// readReplies asks the servers of a post and of its answers what answers them, so
// deep and so much, and keeps what everybody may read.
func (b *Bridge) readReplies(ctx context.Context, note db.Note) error {
	if err := b.db.SetNoteRead(ctx, note.ID, b.nowMS()); err != nil {
		return ignoreNotFound(err)
	}
	doc, err := vocab.Read([]byte(note.Doc), vocab.DefaultLimits)
	if err != nil {
		return nil // nothing is kept of it
	}
	level := []vocab.Incoming{vocab.ReadIncoming(doc)}
	left, seen := repliesMost, map[string]bool{}
	for range repliesDepth {
		var next []vocab.Incoming
		for _, o := range level {
			for _, item := range b.repliesOf(ctx, o, seen) {
				if left--; left < 0 || ctx.Err() != nil {
					return ctx.Err()
				}
				post, err := b.replyIn(ctx, o, item)
				if err != nil {
					b.logger(ctx).Debug("reply not read", "to", o.ID, "why", err)
					continue
				}
				next = append(next, post)
			}
		}
		if level = next; len(level) == 0 {
			return nil
		}
	}
	return nil
}

// repliesOf lists what answers an object, as its own host says (row O15). seen are the
// collections and pages that were read already: they may lead back to each other.
func (b *Bridge) repliesOf(ctx context.Context, o vocab.Incoming, seen map[string]bool) (out []vocab.Doc) {
	page := vocab.ReadPage(o.RepliesDoc)
	if o.RepliesDoc == nil {
		if o.Replies == "" || seen[o.Replies] || hostOf(o.Replies) != hostOf(o.ID) {
			return nil
		}
		seen[o.Replies] = true
		var err error
		if page, err = b.readPage(ctx, o.Replies); err != nil {
			return nil
		}
	}
	for range repliesPages {
		if page.Inline != nil {
			out = append(out, page.Items...)
			page = vocab.ReadPage(page.Inline)
		}
		out = append(out, page.Items...)
		next := cmp.Or(page.Next, page.First)
		if next == "" || seen[next] || hostOf(next) != hostOf(o.ID) || len(out) >= repliesMost {
			break
		}
		seen[next] = true
		var err error
		if page, err = b.readPage(ctx, next); err != nil {
			break
		}
	}
	return out[:min(len(out), repliesMost)]
}

// replyIn keeps one entry of a collection of replies: what the collection's host
// says of its own people is believed, anything else is read where it is.
func (b *Bridge) replyIn(ctx context.Context, to vocab.Incoming, item vocab.Doc) (vocab.Incoming, error) {
	id := item.ID()
	if _, _, ours := b.addr.TokenOf(id); ours || id == "" {
		return vocab.Incoming{}, errIgnored
	}
	if known, err := b.db.NoteByObject(ctx, id); err == nil && len(item.Types()) == 0 && known.Deleted == 0 {
		doc, err := vocab.Read([]byte(known.Doc), vocab.DefaultLimits)
		return vocab.ReadIncoming(doc), err
	}
	post := remotePost{Incoming: vocab.ReadIncoming(item), doc: item}
	if hostOf(id) == hostOf(to.ID) && len(post.Authors) == 1 && hostOf(post.Authors[0]) == hostOf(id) && len(item.Types()) > 0 {
		post.author = post.Authors[0]
	} else {
		var err error
		if post, err = b.fetchPost(ctx, id); err != nil {
			return vocab.Incoming{}, err
		}
	}
	if post.Type == "Tombstone" || post.Vote || !isPublic(post.Visibility("")) || post.InReplyTo != to.ID {
		return vocab.Incoming{}, errIgnored
	}
	_, err := b.onShelf(ctx, post, nil)
	return post.Incoming, err
}

// rereadReplies is readReplies as a job.
func (b *Bridge) rereadReplies(ctx context.Context, j queue.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return err
	}
	note, err := b.db.NoteByID(ctx, id)
	if err != nil {
		return ignoreNotFound(err)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := b.readReplies(ctx, note); err != nil {
		b.logger(ctx).Info("conversation not read", "object", note.Object, "why", err)
	}
	return nil
}
