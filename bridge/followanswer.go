package bridge

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
	"isthmus/queue"
)

// Kinds of jobs that tell somebody what came of their Follow.
const (
	kindAccepted = "accepted" // key: the row of the Following
	kindRefused  = "refused"  // key: the token of the Follow, args: refusal
)

// answered is a Follow of ours that an actor accepts or rejects: found by its id,
// else by who it is between, and the actor's alone to answer (row I21).
func (b *Bridge) answeredFollow(ctx context.Context, actor string, doc vocab.Doc) (db.Following, error) {
	id := first(doc.IDs("object"))
	inner, embedded := doc.One("object")
	f, err := db.Following{}, db.ErrNotFound
	if kind, token, ours := b.addr.TokenOf(id); ours && kind == mapping.KindActivity {
		if tried, err := b.trialAnswered(ctx, token, actor, doc); tried || err != nil {
			return f, cmp.Or(err, fmt.Errorf("%w: answer to a Follow of “gateway test”", errIgnored))
		}
		f, err = b.db.FollowingByToken(ctx, token)
	}
	if errors.Is(err, db.ErrNotFound) && embedded && inner.Is("Follow") {
		var blog db.Blog
		if blog, err = b.blogByActorURL(ctx, first(inner.IDs("actor"))); err == nil {
			f, err = b.db.Following(ctx, blog.ID, actor)
		}
	}
	if errors.Is(err, db.ErrNotFound) || err == nil && f.Actor != actor {
		return f, fmt.Errorf("%w: answer to a Follow that nobody here sent to them", errIgnored)
	}
	return f, err
}

// followAccepted makes a Follow count. From now on posts for followers alone are
// shown to who sent it.
func (b *Bridge) followAccepted(ctx context.Context, actor string, doc vocab.Doc) error {
	f, err := b.answeredFollow(ctx, actor, doc)
	if err != nil || f.State == followerAccepted {
		return err
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.SetFollowingState(ctx, f.ID, followerAccepted); err != nil {
			return err
		}
		return tx.AddJob(ctx, db.Job{Kind: kindAccepted, Key: strconv.FormatInt(f.ID, 10), Due: b.nowMS()})
	})
	b.jobs.Kick()
	return ignoreNotFound(err) // unfollowed meanwhile
}

// tellAccepted tells a client that it is subscribed now, and makes sure that there
// is something to read.
func (b *Bridge) tellAccepted(ctx context.Context, j queue.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return err
	}
	f, err := b.db.FollowingByID(ctx, id)
	if err != nil || f.State != followerAccepted {
		return ignoreNotFound(err)
	}
	blog, err := b.db.BlogByID(ctx, f.BlogID)
	if err != nil {
		return err
	}
	acc, err := b.db.Account(ctx, f.Actor)
	if err != nil {
		return ignoreNotFound(err)
	}
	if !b.xmpp.Status().Up {
		return errTrouble
	}
	from, who := mustJID(acc.JID), mustJID(blog.JID)
	if f.Node { // XEP-0060 §8.6, §12.18
		b.headline(from, who, stanza.Event{Node: stanza.NSMicroblog, Subscription: "subscribed", Subscriber: who})
	}
	if f.Presence {
		b.transmit(stanza.Presence("subscribed", from, who))
		b.transmit(b.contactPresence(ctx, acc, from, who))
	}
	if b.setting(ctx, who, settingAsked+acc.Actor) != "" { // by a command, and told in the chat
		if err := b.db.SetSetting(ctx, who.String(), settingAsked+acc.Actor, ""); err != nil {
			return err
		}
		b.tell(who, b.say(b.speakTo(ctx, who), "follow.accepted", "handle", b.handleAt(acc), "jid", acc.JID))
	}
	b.soon(ctx, rosterJob(blog.ID, b.nowMS()))
	if acc.Filled == 0 {
		b.soon(ctx, fillJob(acc.Actor, b.nowMS()))
	}
	return nil
}

// followRejected ends a Follow that was refused, or was accepted once and is not
// any more, and tells who sent it, in words.
func (b *Bridge) followRejected(ctx context.Context, actor string, doc vocab.Doc) error {
	f, err := b.answeredFollow(ctx, actor, doc)
	if err != nil {
		return err
	}
	return b.refused(ctx, f)
}

func (b *Bridge) refused(ctx context.Context, f db.Following) error {
	blog, err := b.db.BlogByID(ctx, f.BlogID)
	if err != nil {
		return err
	}
	r := refusal{Who: blog.JID, Actor: f.Actor, Node: f.Node, Presence: f.Presence, Was: f.State == followerAccepted}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.RemoveFollowing(ctx, f.ID); err != nil {
			return err
		}
		return tx.AddJob(ctx, db.Job{Kind: kindRefused, Key: f.Token, Args: r.args(), Due: b.nowMS()})
	})
	b.jobs.Kick()
	if err != nil {
		return ignoreNotFound(err)
	}
	return b.dropPrivate(ctx, f.Actor)
}

func (b *Bridge) tellRefused(ctx context.Context, j queue.Job) error {
	var r refusal
	if err := json.Unmarshal([]byte(j.Args), &r); err != nil {
		return err
	}
	acc, err := b.db.Account(ctx, r.Actor)
	if err != nil {
		return ignoreNotFound(err)
	}
	if !b.xmpp.Status().Up {
		return errTrouble
	}
	who := mustJID(r.Who)
	b.followEnded(ctx, who, db.Following{Node: r.Node, Presence: r.Presence}, acc, true)
	key := "follow.refused"
	if r.Was {
		key = "follow.ended"
	}
	b.tell(who, b.say(b.speakTo(ctx, who), key, "handle", b.handleAt(acc)))
	return nil
}

// blockedBy remembers that an actor blocks somebody here, and ends that they follow
// it (row I30). Nobody is told of the Block.
func (b *Bridge) blockedBy(ctx context.Context, actor, object, activity string) error {
	blog, err := b.blogByActorURL(ctx, object)
	if err != nil {
		return ignoreNotFound(err)
	}
	if undone, err := b.db.Forestalled(ctx, actor+" "+activity, b.nowMS()); err != nil || undone && activity != "" {
		return err
	}
	if err := b.db.AddBlocker(ctx, blog.ID, actor, activity); err != nil {
		return err
	}
	f, err := b.db.Following(ctx, blog.ID, actor)
	if err != nil {
		return ignoreNotFound(err)
	}
	return b.refused(ctx, f)
}
