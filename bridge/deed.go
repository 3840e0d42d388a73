package bridge

import (
	"context"
	"fmt"

	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/mapping"
)

// likes makes a blogger like something, once however often they say so; content
// is a reaction's. Where it stands in XMPP is kept, to undo it when that goes.
func (b *Bridge) likes(ctx context.Context, blog *db.Blog, at place, t target, content string) error {
	if t.object == "" {
		return nil
	}
	kind := reactLike
	if content != "" {
		kind = reactEmoji
	}
	before, err := b.db.DeedsOn(ctx, t.object, 1000)
	if err != nil {
		return err
	}
	for _, d := range before {
		if d.BlogID == blog.ID && d.Kind == kind && d.Content == content {
			return nil
		}
	}
	row := db.Activity{Token: b.token(), BlogID: blog.ID, Type: "Like", Created: b.nowMS()}
	actor := b.addr.Actor(blog.Token)
	row.Body = string(mapping.Like(actor, b.addr.Activity(row.Token), t.object, t.remote.Actor, content, b.now()).JSON())
	return b.do(ctx, blog, row, db.Deed{Kind: kind, Content: content, Object: t.object, Service: at.service, Node: at.node, Item: at.item}, t, db.ToNobody)
}

// do stores a deed with the activity that tells of it. What is done to a post of
// ours needs no activity to be known.
func (b *Bridge) do(ctx context.Context, blog *db.Blog, row db.Activity, d db.Deed, t target, scope db.Scope) error {
	d.BlogID, d.Token, d.Created = blog.ID, row.Token, row.Created
	apart, err := b.apart(ctx, blog.ID, t.remote.Actor)
	if err != nil {
		return err
	}
	if t.remote.Inbox != "" && !apart {
		d.Host, d.Inbox = hostOf(t.remote.Inbox), t.remote.Inbox
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if now, err := tx.BlogByID(ctx, blog.ID); err != nil || !b.mayAct(now, d.Service) {
			return err
		}
		if d.Kind == reactAnnounce && mustJID(d.Service).Domain != b.cfg.Component { // finding what it repeats took a while
			if _, err := tx.PostByItem(ctx, blog.ID, d.Item); err != nil {
				return ignoreNotFound(err)
			}
		}
		fresh, err := tx.AddDeed(ctx, d)
		if err != nil || !fresh {
			return err
		}
		if t.post.ID != 0 {
			_, err := tx.AddReaction(ctx, db.Reaction{
				PostID: t.post.ID, Actor: b.addr.Actor(blog.Token), Kind: d.Kind, Content: d.Content, Activity: b.addr.Activity(d.Token), Created: d.Created,
			})
			if err != nil {
				return err
			}
		}
		return b.enqueue(ctx, tx, blog, row, deedLane(d), scope, inboxOf(d)...)
	})
	if err != nil {
		return fmt.Errorf("%s of %s: %w", row.Type, t.object, err)
	}
	b.logger(ctx).Info("done", "what", row.Type, "by", blog.JID, "object", t.object, "activity", row.Token)
	b.mail.Kick()
	return nil
}

// undoDeeds takes back what an item in XMPP stood for, but for what keep says.
func (b *Bridge) undoDeeds(ctx context.Context, at place, keep func(db.Deed) bool) error {
	deeds, err := b.db.DeedsAt(ctx, at.service, at.node, at.item)
	if err != nil {
		return err
	}
	for _, d := range deeds {
		if keep != nil && keep(d) {
			continue
		}
		if err := b.undoDeed(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bridge) undoDeed(ctx context.Context, d db.Deed) error {
	blog, err := b.db.BlogByID(ctx, d.BlogID)
	if err != nil {
		return err
	}
	done, err := b.db.ActivityByToken(ctx, d.Token)
	if err != nil {
		return err
	}
	doc, err := vocab.Read([]byte(done.Body), vocab.DefaultLimits)
	if err != nil {
		return err
	}
	row := db.Activity{Token: b.token(), BlogID: blog.ID, Type: "Undo", Created: b.nowMS()}
	row.Body = string(mapping.Undo(doc, b.addr.Activity(row.Token)).JSON())
	scope := db.ToNobody
	if d.Kind == reactAnnounce {
		scope = db.ToReached
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.RemoveDeed(ctx, d.ID); err != nil {
			return err
		}
		if _, token, ours := b.addr.TokenOf(d.Object); ours {
			post, err := tx.PostByToken(ctx, token)
			if err == nil {
				_, err = tx.RemoveReaction(ctx, post.ID, b.addr.Actor(blog.Token), d.Kind, d.Content)
			}
			if err != nil {
				return ignoreNotFound(err)
			}
		}
		if blog.State == db.Gone {
			return nil
		}
		return b.enqueue(ctx, tx, &blog, row, deedLane(d), scope, inboxOf(d)...)
	})
	b.mail.Kick()
	return ignoreNotFound(err)
}

// deedLane keeps an Undo behind what it undoes.
func deedLane(d db.Deed) string { return "deed:" + d.Token }

func inboxOf(d db.Deed) []db.Target {
	if d.Inbox == "" {
		return nil
	}
	return []db.Target{{Host: d.Host, Inbox: d.Inbox}}
}
