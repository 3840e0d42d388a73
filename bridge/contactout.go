package bridge

import (
	"context"
	"errors"
	"strings"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// Presence of Fediverse accounts: they can be contacts, for clients that know no
// feeds. To add one is to follow it. They are always there and have nothing to say.

// accountPresence answers presence that was sent to a virtual address.
func (b *Bridge) accountPresence(ctx context.Context, p component.Presence) {
	who := p.From.Bare().Fold()
	switch p.Type {
	case "subscribe":
		if err := b.befriend(ctx, who, p); err != nil {
			b.logger(ctx).Info("contact refused", "with", p.To.String(), "why", err)
			b.transmit(stanza.Presence("unsubscribed", p.To.Bare(), who))
			var said *stanza.Error
			if errors.As(err, &said) && b.serves(who) && said.Text != "" {
				b.tell(who, said.Text)
			}
		}
	case "unsubscribe":
		b.unfriend(ctx, who, p.To)
		b.transmit(stanza.Presence("unsubscribed", p.To.Bare(), who))
	case "probe", "":
		acc, _, f, err := b.followingAt(ctx, who, p.To)
		if p.Type == "probe" {
			b.transmit(b.probed(ctx, p, acc, f, err))
		}
		if err == nil && f.State == followerAccepted && p.From.Resource != "" {
			b.arrived(ctx, p.From, f)
		}
	case "unavailable":
		b.heeds.forget(p.From)
	}
}

// probed answers a probe, given what followingAt says of it (RFC 6121 §4.3.2). Who
// does not follow an account has no subscription; “unsubscribed” ends one for good, so
// who waits for an Accept, or meets our own trouble, does not hear it.
func (b *Bridge) probed(ctx context.Context, p component.Presence, acc db.Account, f db.Following, err error) *stanza.Element {
	switch {
	case errors.Is(err, db.ErrNotFound):
		return stanza.Presence("unsubscribed", p.To.Bare(), p.From)
	case err != nil:
		b.logger(ctx).Error("contact not read", "with", p.To.String(), "err", err)
		fallthrough
	case f.State != followerAccepted:
		return stanza.Presence("unavailable", p.To.Bare(), p.From)
	}
	return b.contactPresence(ctx, acc, b.canonical(p.To), p.From)
}

func (b *Bridge) befriend(ctx context.Context, who stanza.JID, p component.Presence) error {
	if _, _, ok := b.addr.ParseRemoteJID(p.To); !ok {
		return stanza.ErrItemNotFound("") // such as the visitor, who would be no stranger
	}
	if err := b.mayRead(ctx, p.From); err != nil {
		return err
	}
	acc, err := b.accountAt(ctx, p.From, p.To)
	if err != nil {
		return err
	}
	f, err := b.follow(ctx, who, acc, ways{presence: true})
	if err == nil && f.State == followerAccepted { // else the Accept answers
		b.transmit(stanza.Presence("subscribed", p.To.Bare(), who))
		b.transmit(b.contactPresence(ctx, acc, p.To.Bare(), who))
	}
	return err
}

// unfriend ends a contact, and with it the following unless there is a
// subscription to the node besides.
func (b *Bridge) unfriend(ctx context.Context, who, at stanza.JID) {
	acc, blog, f, err := b.followingAt(ctx, who, at)
	if err != nil || !f.Presence {
		return
	}
	if f.Node {
		err = b.db.SetFollowingWays(ctx, f.ID, true, false)
	} else {
		f.Presence = false // answered by the caller
		err = b.unfollow(ctx, &blog, f, acc, false)
	}
	if err != nil {
		b.logger(ctx).Error("contact not ended", "with", at.String(), "err", err)
	}
}

// lastItems is how many accounts' last posts one session gets when it comes online:
// that is what PEP does, and would be much for who follows hundreds.
const lastItems = 20

// arrived hears of a resource that has an account as a contact. The first time, it is
// asked what it wants to be told (XEP-0163 §4.1: +notify, here without waiting
// for its capabilities, which a server sends to contacts of both sides alone).
func (b *Bridge) arrived(ctx context.Context, full stanza.JID, f db.Following) {
	if b.heeds.ask(full) {
		go func() {
			res, err := b.xmpp.IQ(context.WithoutCancel(ctx), stanza.IQ("get", b.bare(), full, stanza.New(stanza.NSDiscoInfo, "query")))
			if err != nil {
				return // it is gone again, or has no answer
			}
			var nodes []string
			for _, feature := range stanza.ParseInfo(res).Features {
				if node, ok := strings.CutSuffix(feature, "+notify"); ok && (node == stanza.NSMicroblog || isProfileNode(node)) {
					nodes = append(nodes, node)
				}
			}
			b.heeds.set(full, nodes)
			b.lastItem(context.WithoutCancel(ctx), full, f)
		}()
		return
	}
	b.lastItem(ctx, full, f)
}

// lastItem sends the newest post to a resource that wants to know (XEP-0163 §4.3.4).
func (b *Bridge) lastItem(ctx context.Context, full stanza.JID, f db.Following) {
	if f.Node || !b.heeds.wants(full, stanza.NSMicroblog) || !b.quota.take("last item to "+full.String(), lastItems, b.now()) {
		return
	}
	acc, err := b.db.Account(ctx, f.Actor)
	if err != nil {
		return
	}
	rows, err := b.db.FeedBefore(ctx, acc.Actor, true, newest, 1)
	if err != nil || len(rows) == 0 {
		return
	}
	if it, err := b.story(ctx, acc, rows[0]); err == nil {
		b.headline(mustJID(acc.JID), full, stanza.Event{Node: stanza.NSMicroblog, Items: []stanza.Item{it}})
	}
}
