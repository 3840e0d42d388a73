package bridge

import (
	"context"
	"fmt"

	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/mapping"
)

// unpublish deletes one post everywhere it ever went, once. With keepHome its
// item stays known, so that it does not come back as a new post.
func (b *Bridge) unpublish(ctx context.Context, blog *db.Blog, id int64, keepHome bool) error {
	defer b.lock(blog.ID)()
	post, err := b.db.PostByID(ctx, id)
	if err != nil || post.Deleted != 0 {
		return err
	}
	if post.Service == "" { // a repeat was a boost
		if err := b.undoDeeds(ctx, place{blog.JID, blog.Node, post.Item}, nil); err != nil {
			return err
		}
	}
	again, create, err := b.postTokens(ctx, blog, place{post.Service, post.Node, ""}, post.Item) // should it stay, at home
	if err != nil {
		return err
	}
	now := b.now().UTC()
	row := db.Activity{Token: b.token(), BlogID: blog.ID, PostID: post.ID, Type: "Delete", Created: now.UnixMilli()}
	object, err := vocab.Read([]byte(post.Object), vocab.DefaultLimits)
	if err != nil {
		object = vocab.Doc{}
	}
	act := mapping.Delete(b.addr.Post(post.Token), formerType(post.Object), b.addr.Actor(blog.Token), b.addr.Activity(row.Token), b.addr.Followers(blog.Token), now, object.IDs("cc")...)
	row.Body = string(act.JSON())
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.DeletePost(ctx, post.ID, now.UnixMilli()); err != nil {
			return err
		}
		if keepHome {
			_, err := tx.SavePost(ctx, db.Post{
				Token: again, CreateTok: create, BlogID: blog.ID, Item: post.Item, Hash: post.Hash,
				Service: post.Service, Node: post.Node, ReplyTo: post.ReplyTo, Thread: post.Thread,
				Publisher: post.Publisher, Home: true, OnNode: post.OnNode, Seen: post.Seen,
			})
			if err != nil {
				return err
			}
		}
		if post.Home || post.Object == "" {
			return nil // nobody ever got it
		}
		reached, err := tx.Targets(ctx, post.ID)
		if err != nil {
			return err
		}
		return b.enqueue(ctx, tx, blog, row, postLane(post.Token), db.ToReached, reached...)
	})
	if err != nil {
		return fmt.Errorf("delete post %s: %w", post.Item, err)
	}
	b.logger(ctx).Info("post deleted", "jid", blog.JID, "node", blog.Node, "item", post.Item, "activity", row.Token)
	b.mail.Kick()
	return b.tellComment(ctx, commentPost, post.ID, post.ReplyTo)
}
