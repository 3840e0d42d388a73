package bridge

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
	"isthmus/queue"
)

// kindMark is the job that makes XMPP show what an actor thinks of a post. Its
// key is the post and the actor: of however many likes and reactions, one mark.
const kindMark = "mark"

func markJob(post int64, actor string, due int64) db.Job {
	return db.Job{Kind: kindMark, Key: strconv.FormatInt(post, 10) + " " + actor, Due: due}
}

// maxHearts is how many ♥ comments one post gets; more are only counted.
const maxHearts = 30

// What stands in XMPP for an actor's reactions.
const (
	shownNothing    = ""
	shownAttachment = "attachment" // XEP-0470
	shownComment    = "comment"    // titled ♥, as Movim likes
)

// mark compares what should stand with what does, and mends it.
func (b *Bridge) mark(ctx context.Context, j queue.Job) error {
	id, actor, _ := strings.Cut(j.Key, " ")
	postID, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return err
	}
	post, err := b.db.PostByID(ctx, postID)
	if err != nil || post.Deleted != 0 || post.Service != "" {
		return ignoreNotFound(err) // a comment has no comments of its own where a like could stand
	}
	blog, err := b.db.BlogByID(ctx, post.BlogID)
	if err != nil || blog.State == db.Gone {
		return ignoreNotFound(err)
	}
	remote, err := b.db.Remote(ctx, actor)
	if err != nil {
		return ignoreNotFound(err)
	}
	who := b.authorOf(remote)
	if who.JID.IsZero() {
		return nil // counted and told all the same
	}
	have, err := b.db.MarkOf(ctx, post.ID, actor)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	have.PostID, have.Actor = post.ID, actor
	want, err := b.wantedMark(ctx, &blog, post, actor)
	if err != nil {
		return err
	}
	if !want.Noticed && len(want.Reactions) == 0 {
		return b.unmark(ctx, have, who)
	}
	return b.setMark(ctx, &blog, post, have, want, who)
}

// wantedMark gathers an actor's reactions; none when they are not to be shown.
func (b *Bridge) wantedMark(ctx context.Context, blog *db.Blog, post db.Post, actor string) (stanza.Attachments, error) {
	var a stanza.Attachments
	quiet, err := muted(ctx, b.db, blog.ID, actor)
	if err != nil || quiet || b.cfg.Likes == LikesOff || !readable(blog) {
		return a, err
	}
	list, err := b.db.ReactionsBy(ctx, post.ID, actor)
	for _, r := range list {
		switch r.Kind {
		case reactLike:
			a.Noticed, a.NoticedAt = true, msTime(r.Created)
		case reactEmoji:
			a.Reactions = append(a.Reactions, r.Content)
		}
	}
	return a, err
}

// setMark writes reactions where the post's readers look for them: its
// attachments node if there is one that takes them, else a ♥ comment.
func (b *Bridge) setMark(ctx context.Context, blog *db.Blog, post db.Post, have db.Mark, want stanza.Attachments, who mapping.Author) error {
	payload := want.Element()
	hash := payloadHash(payload)
	if have.Shown == shownComment && have.Hash != "" || have.Shown == shownAttachment && have.Hash == hash {
		return nil
	}
	owner := mustJID(blog.JID)
	if b.cfg.Likes != LikesComments {
		node := stanza.AttachmentsNode(stanza.ItemURI(owner, blog.Node, post.Item))
		before := have
		have.Shown, have.Hash, have.Service, have.Node, have.Item = shownAttachment, "", blog.JID, node, who.JID.String()
		if err := b.db.PutMark(ctx, have); err != nil {
			return err
		}
		err := b.publishAs(ctx, who.JID, blog.JID, node, stanza.Item{ID: who.JID.String(), Payload: payload})
		var refused *stanza.Error
		if err == nil {
			have.Hash = hash
			return b.db.PutMark(ctx, have)
		}
		if !errors.As(err, &refused) || refused.Temporary() {
			return err
		}
		have = before
	}
	thread, err := b.threadOf(ctx, blog, post)
	if err != nil {
		return ignoreNotFound(err) // nowhere to show it
	}
	item := mapping.ItemID(fmt.Sprintf("%s ♥ %s", have.Actor, b.addr.Post(post.Token)))
	uri := stanza.ItemURI(mustJID(thread.Service), thread.Node, item).String()
	if n, err := b.db.MarkCount(ctx, post.ID, shownComment); err != nil || n >= maxHearts && have.Shown != shownComment {
		return err // they would push comments out of the node: counted and told all the same
	}
	// Known as ours before it can be seen, and taken back whatever becomes of the answer.
	have.Shown, have.Hash, have.Service, have.Node, have.Item = shownComment, "", thread.Service, thread.Node, item
	if err := b.db.PutMark(ctx, have); err != nil {
		return err
	}
	err = b.publishAs(ctx, who.JID, thread.Service, thread.Node, stanza.Item{ID: item, Payload: mapping.Heart(who, uri, b.now()).Element()})
	var refused *stanza.Error
	if errors.As(err, &refused) && !refused.Temporary() {
		have.Shown = shownNothing
		return b.db.PutMark(ctx, have)
	}
	if err != nil {
		return err
	}
	have.Hash = hash
	return b.db.PutMark(ctx, have)
}

// unmark takes back what stands.
func (b *Bridge) unmark(ctx context.Context, have db.Mark, who mapping.Author) error {
	uri := stanza.ItemURI(mustJID(have.Service), have.Node, have.Item).String()
	switch have.Shown {
	case shownNothing:
		return nil
	case shownAttachment:
		// An empty payload is what XEP-0470 §4.3 has for “nothing any more”, and it can
		// be written where retracting is forbidden.
		err := b.publishAs(ctx, who.JID, have.Service, have.Node, stanza.Item{ID: have.Item, Payload: stanza.Attachments{}.Element()})
		var refused *stanza.Error
		if err != nil && (!errors.As(err, &refused) || refused.Temporary()) {
			return err
		}
	case shownComment:
		if err := b.retractAs(ctx, who.JID, have.Service, have.Node, have.Item, mapping.Removed(who, uri, b.now(), b.now())); err != nil {
			return err
		}
	}
	have.Shown, have.Hash = shownNothing, ""
	return b.db.PutMark(ctx, have)
}
