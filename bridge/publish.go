package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// errNotNow says that the blog was paused, left or closed in the meantime.
var errNotNow = errors.New("not published: the blog is off or closed by now")

// take stores one item that a stranger could read, and the activity it causes:
// first seen → Create, changed → Update. Anything that is not this blog's own
// word is kept as staying home. It reports whether the item was news.
func (b *Bridge) take(ctx context.Context, blog *db.Blog, it stanza.Item) (news bool, err error) {
	entry, err := stanza.ParseEntry(it.Payload)
	if err != nil {
		return false, nil
	}
	defer b.lock(blog.ID)()
	hash := payloadHash(it.Payload)
	old, err := b.db.PostByItem(ctx, blog.ID, it.ID)
	known := err == nil
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return false, err
	}
	if known && old.Hash == hash {
		if !old.OnNode {
			return true, b.db.SetOnNode(ctx, old.ID, true)
		}
		return false, nil
	}
	now := b.now().UTC()
	post := db.Post{
		Token: b.token(), BlogID: blog.ID, Item: it.ID, Hash: hash,
		Publisher: bareOf(it.Publisher), Source: it.Payload.XML(), OnNode: true,
		Seen: now.UnixMilli(), CreateTok: b.token(),
	}
	if known {
		post.Token, post.CreateTok, post.Published = old.Token, old.CreateTok, old.Published
		if post.Publisher == "" {
			post.Publisher = old.Publisher
		}
	}
	if !speaksForBlog(blog, entry, post.Publisher) || known && old.Home {
		post.Home = true
		if !known {
			b.logger(ctx).Info("post stays home: not published by the blog's owner", "jid", blog.JID, "node", blog.Node, "item", it.ID)
		}
		if known && !old.Home {
			// An overwritten item (Prosody lets anybody with publish rights do that)
			// neither speaks for the owner nor unpublishes what the owner said. The hash
			// is kept, or a catch-up that sees no publisher would take it for an edit.
			b.logger(ctx).Warn("item overwritten by somebody else: ignored", "jid", blog.JID, "item", it.ID)
			post, post.Hash = old, hash
		}
		_, err := b.db.SavePost(ctx, post)
		return true, err
	}
	m := mapping.Post{
		Entry: entry, Now: now,
		PostURL: b.addr.Post(post.Token), ActorURL: b.addr.Actor(blog.Token), FollowersURL: b.addr.Followers(blog.Token),
		PageURL: b.addr.PostPage(blog.Handle, post.Token), TagsURL: b.addr.Page(blog.Handle),
		XMPPURI: stanza.ItemURI(mustJID(blog.JID), blog.Node, it.ID).String(),
		Lang:    blog.Lang, Byline: b.byline(ctx, blog, entry, post.Publisher),
		Published: msTime(post.Published),
	}
	if known {
		// Mastodon takes an edit only when its time is newer than the last one it saw
		// (activitypub.md I7), and seconds are what survives everywhere.
		m.Updated = later(now, msTime(max(old.Updated, old.Published)).Add(time.Second))
	}
	object := mapping.Object(m)
	post.Published, post.Updated = object.Published.UnixMilli(), unixOrZero(object.Updated)
	post.Object = string(object.JSON())
	if known && sameButTime(old.Object, post.Object) {
		post.Updated, post.Object = old.Updated, old.Object
		_, err := b.db.SavePost(ctx, post)
		return true, err
	}
	var act vocab.Activity
	row := db.Activity{BlogID: blog.ID, Created: now.UnixMilli()}
	if known {
		row.Token, row.Type = b.token(), "Update"
		act = mapping.Update(object, b.addr.Activity(row.Token))
	} else {
		row.Token, row.Type = post.CreateTok, "Create"
		act = mapping.Create(object, b.addr.Activity(row.Token))
	}
	row.Body = string(act.JSON())
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := mayPublish(ctx, tx, blog.ID); err != nil {
			return err
		}
		saved, err := tx.SavePost(ctx, post)
		if err != nil {
			return err
		}
		row.PostID = saved.ID
		return b.enqueue(ctx, tx, blog, row, postLane(post.Token), db.ToFollowers)
	})
	if errors.Is(err, errNotNow) {
		b.logger(ctx).Info(err.Error(), "jid", blog.JID, "node", blog.Node, "item", it.ID)
		return true, nil // whatever lets it go on makes a catch-up run
	}
	if err != nil {
		return true, fmt.Errorf("store post %s: %w", it.ID, err)
	}
	b.logger(ctx).Info("post accepted", "jid", blog.JID, "node", blog.Node, "item", it.ID, "activity", row.Token, "type", row.Type)
	b.mail.Kick()
	return true, nil
}

// mayPublish asks once more in the transaction that publishes: reading the node
// took a while, and the owner may have said “pause” or “stop” meanwhile.
func mayPublish(ctx context.Context, tx *db.Tx, blog int64) error {
	now, err := tx.BlogByID(ctx, blog)
	if err != nil {
		return err
	}
	held, err := tx.HasNotice(ctx, blog, noticeHeld)
	if err == nil && (held || now.State != db.On || now.Gate == db.GateClosed) {
		err = errNotNow
	}
	return err
}

// enqueue stores an activity and its way to everybody in scope, if there is
// anybody.
func (b *Bridge) enqueue(ctx context.Context, tx *db.Tx, blog *db.Blog, row db.Activity, lane string, scope db.Scope, direct ...db.Target) error {
	act, err := tx.AddActivity(ctx, row)
	if err != nil {
		return err
	}
	_, err = tx.Enqueue(ctx, db.Delivery{
		BlogID: blog.ID, Activity: act.ID, Lane: lane, Scope: scope,
		Urgent: len(direct) > 0, Created: b.nowMS(),
	}, direct...)
	return err
}

// unpublish deletes one post everywhere it ever went, once. With keepHome its
// item stays known, so that it does not come back as a new post.
func (b *Bridge) unpublish(ctx context.Context, blog *db.Blog, id int64, keepHome bool) error {
	defer b.lock(blog.ID)()
	post, err := b.db.PostByID(ctx, id)
	if err != nil || post.Deleted != 0 {
		return err
	}
	now := b.now().UTC()
	row := db.Activity{Token: b.token(), BlogID: blog.ID, PostID: post.ID, Type: "Delete", Created: now.UnixMilli()}
	act := mapping.Delete(b.addr.Post(post.Token), formerType(post.Object), b.addr.Actor(blog.Token), b.addr.Activity(row.Token), b.addr.Followers(blog.Token), now)
	row.Body = string(act.JSON())
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.DeletePost(ctx, post.ID, now.UnixMilli()); err != nil {
			return err
		}
		if keepHome {
			_, err := tx.SavePost(ctx, db.Post{
				Token: b.token(), CreateTok: b.token(), BlogID: blog.ID, Item: post.Item, Hash: post.Hash,
				Publisher: post.Publisher, Home: true, OnNode: post.OnNode, Seen: post.Seen,
			})
			if err != nil {
				return err
			}
		}
		if post.Home || post.Object == "" {
			return nil // nobody ever got it
		}
		return b.enqueue(ctx, tx, blog, row, postLane(post.Token), db.ToReached)
	})
	if err != nil {
		return fmt.Errorf("delete post %s: %w", post.Item, err)
	}
	b.logger(ctx).Info("post deleted", "jid", blog.JID, "node", blog.Node, "item", post.Item, "activity", row.Token)
	b.mail.Kick()
	return nil
}

// speaksForBlog decides authorship by the publisher that the server vouches for
// and never by the author that the entry names (design §3). Where the server is
// silent, an entry on somebody's own PEP node is theirs: nobody else may publish
// there unless they allow it. A repeat, which is somebody else's text with a
// link to where it came from, is never their own word.
func speaksForBlog(blog *db.Blog, entry stanza.Entry, publisher string) bool {
	if blog.Kind == "group" {
		return true // the community speaks; see byline for whom it names
	}
	if _, repeat := entry.Link("via"); repeat {
		return false
	}
	if publisher != "" {
		return publisher == blog.JID
	}
	return true
}

// byline names who wrote a community post, if the server vouches for it: an
// enrolled blogger by handle, others by the name the entry gives under the very
// address that published it.
func (b *Bridge) byline(ctx context.Context, blog *db.Blog, entry stanza.Entry, publisher string) string {
	if blog.Kind != "group" || publisher == "" {
		return ""
	}
	if author, err := b.db.BlogByNode(ctx, publisher, stanza.NSMicroblog); err == nil && author.State == db.On {
		return "@" + b.addr.Acct(author.Handle)
	}
	for _, a := range entry.Authors {
		if uri, err := stanza.ParseURI(a.URI); err == nil && uri.JID.Bare().Fold().String() == publisher && a.Name != "" {
			return a.Name
		}
	}
	return ""
}

func postLane(token string) string { return "post:" + token }

func bareOf(s string) string {
	j, err := stanza.ParseJID(s)
	if err != nil {
		return ""
	}
	return j.Bare().Fold().String()
}

func mustJID(s string) stanza.JID {
	j, _ := stanza.ParseJID(s) // from our own table
	return j
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func unixOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
