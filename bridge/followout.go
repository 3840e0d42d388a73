package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// ways are how somebody follows: by a subscription to the node, as a contact, or
// both.
type ways struct{ node, presence bool }

// maxFollowing is how many accounts one person can follow, as Mastodon has it.
const maxFollowing = 7500

// askAgain is how old a Follow without an answer must be to be sent once more.
const askAgain = 3600 * 1000

// follow makes somebody here follow an account: one Follow for each person,
// however often and in whichever way they ask. It is pending until the account's
// server accepts it (row I21), whatever our side would like.
func (b *Bridge) follow(ctx context.Context, who stanza.JID, acc db.Account, by ways) (db.Following, error) {
	if err := b.notSuspended(ctx, who); err != nil {
		return db.Following{}, err
	}
	blog, err := b.readerActor(ctx, who)
	if err != nil {
		return db.Following{}, err
	}
	if err := b.mayReach(ctx, &blog, acc.Actor); err != nil {
		return db.Following{}, err
	}
	if old, err := b.db.Following(ctx, blog.ID, acc.Actor); err == nil {
		return b.followMore(ctx, &blog, old, by)
	} else if !errors.Is(err, db.ErrNotFound) {
		return old, err
	}
	if n, err := b.db.FollowingCount(ctx, blog.ID); err != nil || n >= maxFollowing {
		return db.Following{}, errors.Join(err, stanza.ErrResource(b.say(ctx, "follow.full", "number", n)))
	}
	remote, err := b.remote(ctx, acc.Actor)
	if err != nil {
		return db.Following{}, b.whyNot(ctx, b.handleAt(acc), err)
	}
	if _, err := b.key(ctx, blog.ID); err != nil { // made before the transaction, which has the only writer
		return db.Following{}, err
	}
	f := db.Following{
		BlogID: blog.ID, Actor: acc.Actor, State: followerPending, Node: by.node, Presence: by.presence,
		Token: b.token(), Host: hostOf(remote.Inbox), Inbox: remote.Inbox, Created: b.nowMS(),
	}
	row := db.Activity{Token: f.Token, BlogID: blog.ID, Type: "Follow", Created: f.Created}
	row.Body = string(vocab.Activity{
		ID: b.addr.Activity(f.Token), Type: "Follow", Actor: b.addr.Actor(blog.Token), To: []string{acc.Actor}, Object: acc.Actor,
	}.JSON())
	fresh := false
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if now, err := tx.BlogByID(ctx, blog.ID); err != nil || now.State == db.Gone {
			return errors.Join(err, errLeft)
		}
		if f, fresh, err = tx.AddFollowing(ctx, f); err != nil || !fresh {
			return err
		}
		return b.enqueue(ctx, tx, &blog, row, followLane(f), db.ToNobody, db.Target{Host: f.Host, Inbox: f.Inbox})
	})
	if err != nil {
		return f, fmt.Errorf("follow %s: %w", acc.Actor, err)
	}
	if !fresh {
		return b.followMore(ctx, &blog, f, by)
	}
	b.logger(ctx).Info("asked to follow", "jid", who.String(), "actor", acc.Actor, "activity", f.Token)
	b.mail.Kick()
	return f, nil
}

func followLane(f db.Following) string { return "follow:" + f.Token }

// followMore adds a way to follow, and asks once more when there was no answer for
// long: some servers answer a Follow only once, and that may have got lost.
func (b *Bridge) followMore(ctx context.Context, blog *db.Blog, f db.Following, by ways) (db.Following, error) {
	if node, presence := f.Node || by.node, f.Presence || by.presence; node != f.Node || presence != f.Presence {
		if err := b.db.SetFollowingWays(ctx, f.ID, node, presence); err != nil {
			return f, err
		}
		f.Node, f.Presence = node, presence
	}
	if f.State != followerPending || b.nowMS()-f.Created < askAgain {
		return f, nil
	}
	act, err := b.db.ActivityByToken(ctx, f.Token)
	if err != nil {
		return f, err
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		f.Created = b.nowMS()
		if err := tx.RenewFollowing(ctx, f); err != nil {
			return err
		}
		_, err := tx.Enqueue(ctx, db.Delivery{BlogID: blog.ID, Activity: act.ID, Lane: followLane(f), Urgent: true, Created: f.Created}, db.Target{Host: f.Host, Inbox: f.Inbox})
		return err
	})
	b.mail.Kick()
	return f, err
}

// unfollow ends that somebody follows an account, at once, and sends Undo with the
// very Follow (row O22). told says that their client is to hear that the
// subscription ended, since it did not end it itself.
func (b *Bridge) unfollow(ctx context.Context, blog *db.Blog, f db.Following, acc db.Account, told bool) error {
	act, err := b.db.ActivityByToken(ctx, f.Token)
	if err != nil {
		return err
	}
	follow, err := vocab.Read([]byte(act.Body), vocab.DefaultLimits)
	if err != nil {
		return err
	}
	row := db.Activity{Token: b.token(), BlogID: blog.ID, Type: "Undo", Created: b.nowMS()}
	row.Body = string(mapping.Undo(follow, b.addr.Activity(row.Token)).JSON())
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.RemoveFollowing(ctx, f.ID); err != nil {
			return err
		}
		return b.enqueue(ctx, tx, blog, row, followLane(f), db.ToNobody, db.Target{Host: f.Host, Inbox: f.Inbox})
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil // twice at once
	}
	if err != nil {
		return fmt.Errorf("unfollow %s: %w", f.Actor, err)
	}
	b.mail.Kick()
	b.logger(ctx).Info("unfollowed", "jid", blog.JID, "actor", f.Actor)
	b.followEnded(ctx, mustJID(blog.JID), f, acc, told)
	return b.dropPrivate(ctx, f.Actor)
}

// followEnded tells a client that it follows an account no more.
func (b *Bridge) followEnded(ctx context.Context, who stanza.JID, f db.Following, acc db.Account, told bool) {
	from := mustJID(acc.JID)
	if f.Presence {
		b.transmit(stanza.Presence("unsubscribed", from, who))
	}
	if told && f.Node {
		b.headline(from, who, stanza.Event{Node: stanza.NSMicroblog, Subscription: "none", Subscriber: who})
	}
	b.rosterSoon(ctx, who)
}

// dropPrivate forgets an account's posts for followers alone once nobody here is
// one any more (row P2).
func (b *Bridge) dropPrivate(ctx context.Context, actor string) error {
	followed, err := b.db.FollowedHere(ctx, actor)
	if err != nil || followed {
		return err
	}
	return b.db.DropPrivate(ctx, actor)
}

// refusal is what is left of a Follow that an account did not accept.
type refusal struct {
	Who, Actor          string
	Node, Presence, Was bool
}

func (r refusal) args() string {
	text, _ := json.Marshal(r) // strings and truths
	return string(text)
}
