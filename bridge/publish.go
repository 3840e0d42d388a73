package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// errNotNow says that the blog was paused, left or closed in the meantime.
var errNotNow = errors.New("not published: the blog is off or closed by now")

// utterance is something that a blog says: a post on its own node, or a comment.
type utterance struct {
	place     place // of a comment; zero on the blog's own node
	item      stanza.Item
	entry     stanza.Entry
	publisher string     // bare JID, "" when the service does not tell
	thread    *db.Thread // where a comment stands, nil when nowhere that we watch
	answers   target     // what a comment answers
	besides   bool       // the same again, for whom it names besides
}

func (u utterance) comment() bool { return u.place.item != "" }

// spoken is what is stored of an utterance, db.ErrNotFound when it is new.
func (b *Bridge) spoken(ctx context.Context, blog *db.Blog, u utterance) (db.Post, error) {
	if u.comment() {
		return b.db.PostAt(ctx, u.place.service, u.place.node, u.place.item)
	}
	return b.db.PostByItem(ctx, blog.ID, u.item.ID)
}

// speak stores an utterance and the activity it causes: first seen → Create,
// changed → Update. It reports whether it was news.
func (b *Bridge) speak(ctx context.Context, blog *db.Blog, u utterance) (news bool, err error) {
	to, err := b.audienceOf(ctx, blog, u) // asks other servers, so before the lock
	if err != nil {
		return false, err
	}
	defer b.lock(blog.ID)()
	old, err := b.spoken(ctx, blog, u)
	known := err == nil
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return false, err
	}
	hash := payloadHash(u.item.Payload)
	if known && old.Hash == hash && !u.besides || known && old.BlogID != blog.ID {
		return false, nil
	}
	now := b.now().UTC()
	token, create := old.Token, old.CreateTok
	if !known {
		if token, create, err = b.postTokens(ctx, blog, u.place, u.item.ID); err != nil {
			return false, err
		}
	}
	post := db.Post{
		Token: token, BlogID: blog.ID, Item: u.item.ID, Hash: hash,
		Service: u.place.service, Node: u.place.node, ReplyTo: u.answers.object,
		Publisher: u.publisher, Source: u.item.Payload.XML(), OnNode: true,
		Seen: now.UnixMilli(), CreateTok: create, Published: old.Published,
	}
	if u.thread != nil {
		post.Thread = u.thread.ID
	}
	if known {
		if u.comment() {
			post.ReplyTo, post.Thread = old.ReplyTo, old.Thread // an edit does not move it
		}
		if old.Home {
			post.Home = true
			_, err := b.db.SavePost(ctx, post)
			return true, err
		}
	}
	if to.quote != nil {
		if to.quote.Stamp, err = b.stampOf(ctx, blog, b.addr.Post(post.Token), old, to); err != nil {
			return false, err
		}
	}
	object := mapping.Object(b.said(ctx, blog, u, post, old, to, now))
	post.Published, post.Updated = object.Published.UnixMilli(), unixOrZero(object.Updated)
	post.Object = string(object.JSON())
	if known && sameButTime(old.Object, post.Object) {
		post.Updated, post.Object = old.Updated, old.Object
		_, err := b.db.SavePost(ctx, post)
		return true, err
	}
	var act vocab.Activity
	row := db.Activity{BlogID: blog.ID, Created: now.UnixMilli()}
	scope := db.ToFollowers
	switch {
	case u.besides: // who has it needs no second one, and who has not takes no Update
		row.Token, row.Type, scope = b.token(), typeAgain, db.ToNobody
		act = mapping.Create(object, b.addr.Activity(post.CreateTok))
	case known:
		row.Token, row.Type = b.token(), "Update"
		act = mapping.Update(object, b.addr.Activity(row.Token))
	default:
		row.Token, row.Type = post.CreateTok, "Create"
		act = mapping.Create(object, b.addr.Activity(row.Token))
	}
	row.Body = string(act.JSON())
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := b.mayPublish(ctx, tx, blog.ID, u); err != nil {
			return err
		}
		if post, err = tx.SavePost(ctx, post); err != nil {
			return err
		}
		row.PostID = post.ID
		if !known && post.Thread != 0 { // it may have been counted before it was known whose it is
			if _, err := tx.RemoveComment(ctx, post.Thread, post.Item); ignoreNotFound(err) != nil {
				return err
			}
		}
		before, err := tx.Targets(ctx, post.ID)
		if err != nil {
			return err
		}
		for _, t := range to.targets {
			if err := tx.AddTarget(ctx, post.ID, t); err != nil {
				return err
			}
		}
		if !known {
			if err := b.askToQuote(ctx, tx, blog, post, to); err != nil {
				return err
			}
			if err := b.tellNamed(ctx, tx, blog, post, u, to); err != nil {
				return err
			}
		}
		reached, err := tx.Targets(ctx, post.ID)
		if err != nil {
			return err
		}
		if u.besides {
			reached = slices.DeleteFunc(reached, func(t db.Target) bool { return slices.Contains(before, t) })
		}
		return b.enqueue(ctx, tx, blog, row, postLane(post.Token), scope, reached...)
	})
	if errors.Is(err, errNotNow) && u.comment() && u.thread == nil {
		return false, err // nothing would find it again
	}
	if errors.Is(err, errNotNow) {
		b.logger(ctx).Info(err.Error(), "jid", blog.JID, "node", blog.Node, "item", u.item.ID)
		return true, nil // whatever lets it go on makes a catch-up run
	}
	if err != nil {
		return true, fmt.Errorf("store post %s: %w", u.item.ID, err)
	}
	b.logger(ctx).Info("post accepted", "jid", blog.JID, "node", blog.Node, "item", u.item.ID, "activity", row.Token, "type", row.Type, "comment", u.comment())
	b.mail.Kick()
	if !u.comment() {
		b.watch(ctx, blog, post)
		return true, nil
	}
	return true, b.tellComment(ctx, commentPost, post.ID, post.ReplyTo)
}

// said is an utterance with all that mapping wants to know.
func (b *Bridge) said(ctx context.Context, blog *db.Blog, u utterance, post, old db.Post, to audience, now time.Time) mapping.Post {
	id := b.addr.Post(post.Token)
	m := mapping.Post{
		Entry: u.entry, Now: now,
		PostURL: id, ActorURL: b.addr.Actor(blog.Token), FollowersURL: b.addr.Followers(blog.Token),
		PageURL: b.addr.PostPage(blog.Handle, post.Token), TagsURL: b.addr.Page(blog.Handle),
		XMPPURI: b.itemURI(blog, post).String(),
		Lang:    blog.Lang, Byline: b.byline(ctx, blog, u.entry, post.Publisher),
		Published:  msTime(post.Published),
		RepliesURL: b.addr.Replies(post.Token), LikesURL: b.addr.Likes(post.Token), SharesURL: b.addr.Shares(post.Token),
		Comment: u.comment(), InReplyTo: post.ReplyTo,
		Parent: to.parent, Mentions: to.mentions, Addressed: to.others, Quote: to.quote,
	}
	if u.besides {
		m.Updated = msTime(old.Updated)
	} else if old.ID != 0 {
		// Mastodon takes an edit only when its time is newer than the last one it saw
		// (activitypub.md I7), and seconds are what survives everywhere.
		m.Updated = later(now, msTime(max(old.Updated, old.Published)).Add(time.Second))
	}
	return m
}

// itemURI is where the original of a post is.
func (b *Bridge) itemURI(blog *db.Blog, post db.Post) stanza.URI {
	if post.Service != "" {
		return stanza.ItemURI(mustJID(post.Service), post.Node, post.Item)
	}
	return stanza.ItemURI(mustJID(blog.JID), blog.Node, post.Item)
}

// mayPublish asks once more in the transaction that publishes: reading the node
// took a while, and the owner may have said “pause” or “stop” meanwhile. For a
// comment it does not matter whether strangers can read the commenter's own blog.
func (b *Bridge) mayPublish(ctx context.Context, tx *db.Tx, blog int64, u utterance) error {
	now, err := tx.BlogByID(ctx, blog)
	if err != nil {
		return err
	}
	held, err := tx.HasNotice(ctx, blog, noticeHeld)
	if err == nil && (held || !b.mayAct(now, u.place.service) || now.Gate == db.GateClosed && !u.comment()) {
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
		Urgent: scope == db.ToNobody, Created: b.nowMS(),
	}, direct...)
	return err
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
