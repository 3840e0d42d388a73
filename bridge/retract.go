package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/queue"
)

type retractArgs struct {
	Blog int64
	Item string
}

func retractKey(blog int64, item string) string { return fmt.Sprintf("%d:%s", blog, item) }

func retractJob(blog int64, item string, at int64, hold time.Duration) db.Job {
	args, _ := json.Marshal(retractArgs{blog, item})
	return db.Job{Kind: kindRetract, Key: retractKey(blog, item), Args: string(args), Due: at + hold.Milliseconds()}
}

// retract decides what a retract event meant (xmpp-servers §0.5). It is a
// deletion unless the item is still there, or had gone in the moment a new one
// came: then the server trimmed it.
func (b *Bridge) retract(ctx context.Context, j queue.Job) error {
	var a retractArgs
	if err := json.Unmarshal([]byte(j.Args), &a); err != nil {
		return err
	}
	blog, err := b.db.BlogByID(ctx, a.Blog)
	if err != nil || blog.State == db.Gone {
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
			b.logger(ctx).Info("retracted item is still there: kept", "jid", blog.JID, "item", a.Item)
			return nil
		}
	}
	if !post.OnNode {
		b.logger(ctx).Info("item trimmed by the server: post kept", "jid", blog.JID, "item", a.Item)
		return nil
	}
	return b.unpublish(ctx, &blog, post.ID, false)
}

// trimProbe is how many of a node's oldest items are looked at when a new one
// comes.
const trimProbe = 3

// oldest returns the items that a server would trim first.
func (b *Bridge) oldest(ctx context.Context, blog *db.Blog) ([]db.Post, error) {
	return b.db.OldestOnNode(ctx, blog.ID, trimProbe)
}

// noteTrimmed marks those of the oldest items that were gone as soon as a new
// one was announced. ejabberd trims within the publish, and announces the new
// item before it retracts the old: what is still there then and retracted later
// was retracted by somebody, and so was what a retract came for before.
func (b *Bridge) noteTrimmed(ctx context.Context, blog *db.Blog, oldest []db.Post, there func(item string) bool) error {
	for _, p := range oldest {
		if there(p.Item) {
			continue
		}
		if _, err := b.db.JobByKey(ctx, kindRetract, retractKey(blog.ID, p.Item)); !errors.Is(err, db.ErrNotFound) {
			if err != nil {
				return err
			}
			continue
		}
		if err := b.db.SetOnNode(ctx, p.ID, false); err != nil {
			return err
		}
	}
	return nil
}

// vanished follows a purge or the deletion of a node. The server's word is
// confirmed by reading: posts that are still there, or there again, stay.
func (b *Bridge) vanished(ctx context.Context, blog *db.Blog) error {
	const chunk = 20
	for after := int64(0); ; {
		posts, err := b.db.LivePosts(ctx, blog.ID, after, chunk)
		if err != nil {
			return err
		}
		if len(posts) == 0 { // the subscription went with the node
			b.soon(ctx, tendJob(blog.ID, b.nowMS()))
			return nil
		}
		ids := make([]string, len(posts))
		for i, p := range posts {
			ids[i] = p.Item
		}
		v, err := b.look(ctx, blog, stanza.ItemsRequest(blog.Node, ids, 0, nil))
		if err != nil && !errors.Is(err, errHidden) {
			return err
		}
		for _, p := range posts {
			after = p.ID
			if slices.ContainsFunc(v.Items, func(it stanza.Item) bool { return it.ID == p.Item }) {
				continue
			}
			if err := b.unpublish(ctx, blog, p.ID, false); err != nil {
				return err
			}
		}
	}
}

func ignoreNotFound(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}
