package bridge

import (
	"context"
	"errors"
	"strings"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// maxSubscriptions bounds somebody's subscriptions at one address.
const maxSubscriptions = 500

// Subscribe to an account's posts is to follow it; to its comments nodes, to what
// says who it is, or to the home feed, it needs nobody's consent.
func (b xmppSide) Subscribe(ctx context.Context, s component.SubscribeRequest) (stanza.Subscription, error) {
	ctx = b.withStanza(ctx, "", s.From.Bare().String())
	who := s.From.Bare().Fold()
	out := stanza.Subscription{Node: s.Node, JID: s.JID, State: "subscribed"}
	if err := b.mayRead(ctx, s.From); err != nil {
		return out, err
	}
	home := s.To.Bare().Fold() == b.homeJID()
	if home && s.Node != stanza.NSMicroblog {
		return out, stanza.ErrItemNotFound("")
	}
	var acc db.Account
	if !home {
		var err error
		if acc, err = b.accountAt(ctx, s.From, s.To); err != nil {
			return out, err
		}
	}
	if !home && s.Node == stanza.NSMicroblog {
		f, err := b.follow(ctx, who, acc, ways{node: true})
		if err == nil && f.State != followerAccepted {
			out.State = "pending"
		}
		return out, err
	}
	if item, ok := strings.CutPrefix(s.Node, commentsPrefix); ok {
		if _, err := b.readablePost(ctx, acc, s.From, item); err != nil {
			return out, err
		}
	} else if !home && !isProfileNode(s.Node) {
		return out, stanza.ErrItemNotFound("")
	}
	at := s.To.Bare().Fold().String()
	if !home {
		at = acc.JID
	}
	have, err := b.db.SubscriptionsAt(ctx, who.String(), at, maxSubscriptions)
	if err == nil && len(have) >= maxSubscriptions {
		err = stanza.ErrResource(b.say(ctx, "read.toomany"))
	}
	if err != nil {
		return out, err
	}
	return out, b.db.AddSubscription(ctx, db.Subscription{Service: at, Node: s.Node, JID: who.String(), Created: b.nowMS()})
}

// Unsubscribe ends what Subscribe began; nothing is sent any more after it.
func (b xmppSide) Unsubscribe(ctx context.Context, s component.SubscribeRequest) error {
	ctx = b.withStanza(ctx, "", s.From.Bare().String())
	who := s.From.Bare().Fold()
	none := stanza.ErrUnexpectedRequest(b.say(ctx, "read.notsubscribed")).With(stanza.New(stanza.NSPubSubErr, "not-subscribed")) // XEP-0060 §6.2.3.2
	none.Type = "cancel"
	if s.To.Bare().Fold() != b.homeJID() && s.Node == stanza.NSMicroblog {
		acc, blog, f, err := b.followingAt(ctx, who, s.To)
		if errors.Is(err, db.ErrNotFound) {
			return none
		}
		if err != nil {
			return err
		}
		return b.unfollow(ctx, &blog, f, acc, false)
	}
	err := b.db.RemoveSubscription(ctx, b.canonical(s.To).String(), s.Node, who.String())
	if errors.Is(err, db.ErrNotFound) {
		return none
	}
	return err
}

// Subscriptions lists what somebody has at an address.
func (b xmppSide) Subscriptions(ctx context.Context, q component.Query) ([]stanza.Subscription, error) {
	who := q.From.Bare().Fold()
	var out []stanza.Subscription
	if q.Node == "" || q.Node == stanza.NSMicroblog {
		switch _, _, f, err := b.followingAt(ctx, who, q.To); {
		case err == nil && f.Node:
			state := "pending"
			if f.State == followerAccepted {
				state = "subscribed"
			}
			out = append(out, stanza.Subscription{Node: stanza.NSMicroblog, JID: who, State: state})
		case err != nil && !errors.Is(err, db.ErrNotFound):
			return nil, err
		}
	}
	list, err := b.db.SubscriptionsAt(ctx, who.String(), b.canonical(q.To).String(), maxSubscriptions)
	for _, s := range list {
		if q.Node == "" || q.Node == s.Node {
			out = append(out, stanza.Subscription{Node: s.Node, JID: who, State: "subscribed"})
		}
	}
	return out, err
}

// canonical is a virtual address as we write it ourselves.
func (b *Bridge) canonical(at stanza.JID) stanza.JID {
	if user, host, ok := b.addr.ParseRemoteJID(at); ok {
		return b.addr.RemoteJID(user, host)
	}
	return at.Bare().Fold()
}

// followingAt is somebody's relation to the account at an address, db.ErrNotFound
// when there is none.
func (b *Bridge) followingAt(ctx context.Context, who, at stanza.JID) (acc db.Account, blog db.Blog, f db.Following, err error) {
	if acc, err = b.db.AccountByJID(ctx, b.canonical(at).String()); err != nil {
		user, host, _ := b.addr.ParseRemoteJID(at)
		actor, ok := b.aliases.get(user+"@"+host, b.now())
		if !ok {
			return acc, blog, f, err
		}
		if acc, err = b.db.Account(ctx, actor); err != nil {
			return acc, blog, f, err
		}
	}
	if blog, err = b.db.BlogByNode(ctx, who.String(), stanza.NSMicroblog); err != nil {
		return acc, blog, f, err
	}
	if blog.State == db.Gone {
		return acc, blog, f, db.ErrNotFound
	}
	f, err = b.db.Following(ctx, blog.ID, acc.Actor)
	return acc, blog, f, err
}
