package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/queue"
)

// trimWindow is how close to a new post a retract must have come to be taken
// for the server's trimming: ejabberd sends both within one publish.
const trimWindow = 1500 * time.Millisecond

type retractArgs struct {
	Blog int64
	Item string
	At   int64 // when the retract came, ms
}

func retractJob(blog int64, item string, at int64, hold time.Duration) db.Job {
	args, _ := json.Marshal(retractArgs{blog, item, at})
	return db.Job{Kind: "retract", Key: fmt.Sprintf("%d:%s", blog, item), Args: string(args), Due: at + hold.Milliseconds()}
}

// retract decides what a retract event meant (xmpp-servers §0.5). It is a
// deletion unless the item is still there, or it was the oldest one on the node
// and went in the moment a new one came: then the server trimmed it.
func (b *Bridge) retract(ctx context.Context, j queue.Job) error {
	var a retractArgs
	if err := json.Unmarshal([]byte(j.Args), &a); err != nil {
		return err
	}
	blog, err := b.db.BlogByID(ctx, a.Blog)
	if err != nil {
		return ignoreNotFound(err)
	}
	post, err := b.db.PostByItem(ctx, blog.ID, a.Item)
	if err != nil {
		return ignoreNotFound(err)
	}
	v, err := b.look(ctx, &blog, stanza.ItemsRequest(blog.Node, []string{a.Item}, 0, nil))
	if errors.Is(err, errTrouble) {
		return err
	}
	for _, it := range v.Items {
		if it.ID == a.Item {
			b.log.Info("retracted item is still there: kept", "jid", blog.JID, "item", a.Item)
			return nil
		}
	}
	if err == nil {
		trimmed, err := b.trimmed(ctx, &blog, post, a.At)
		if err != nil {
			return err
		}
		if trimmed {
			b.log.Info("item trimmed by the server: post kept", "jid", blog.JID, "item", a.Item)
			return b.db.SetOnNode(ctx, post.ID, false)
		}
	}
	return b.unpublish(ctx, &blog, post)
}

func (b *Bridge) trimmed(ctx context.Context, blog *db.Blog, post db.Post, at int64) (bool, error) {
	oldest, err := b.db.OldestOnNode(ctx, blog.ID)
	if err != nil || oldest.ID != post.ID {
		return false, ignoreNotFound(err)
	}
	newest, err := b.db.NewestSeen(ctx, blog.ID)
	if err != nil || newest.ID == post.ID {
		return false, ignoreNotFound(err)
	}
	d := time.Duration(at-newest.Seen) * time.Millisecond
	return d.Abs() <= trimWindow, nil
}

// vanished follows a purge or the deletion of a node, confirmed by reading:
// posts that are still there stay.
func (b *Bridge) vanished(ctx context.Context, blog *db.Blog) error {
	v, err := b.look(ctx, blog, stanza.ItemsRequest(blog.Node, nil, 1, nil))
	if errors.Is(err, errTrouble) {
		return err
	}
	if err == nil && len(v.Items) > 0 {
		return b.tend(ctx, blog)
	}
	for after := int64(0); ; {
		posts, err := b.db.LivePosts(ctx, blog.ID, after, 100)
		if err != nil {
			return err
		}
		for _, p := range posts {
			if err := b.unpublish(ctx, blog, p); err != nil {
				return err
			}
			after = p.ID
		}
		if len(posts) == 0 {
			return nil
		}
	}
}

func ignoreNotFound(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}
