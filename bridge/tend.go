package bridge

import (
	"context"
	"errors"
	"slices"
	"time"

	"isthmus/component/stanza"
	"isthmus/db"
)

// tend keeps one blog connected: both channels armed, the gate looked at, the
// items compared with what was published. It runs after enrolment, at each
// login and reconnect, when something went wrong, and on a slow timer; running
// it once too often does no harm.
func (b *Bridge) tend(ctx context.Context, blog *db.Blog) error {
	if blog.State != db.On {
		return nil
	}
	if blog.Kind == "person" {
		b.arm(ctx, blog)
	}
	began := b.nowMS()
	err := b.release(ctx, blog)
	if err == nil {
		err = b.catchUp(ctx, blog)
	}
	switch {
	case errors.Is(err, errHidden):
		return b.unsubscribe(ctx, blog)
	case err != nil:
		return err
	}
	if err := b.subscribe(ctx, blog); err != nil {
		// The other channel and this timer go on without the subscription.
		b.logger(ctx).Warn("not subscribed", "jid", blog.JID, "node", blog.Node, "err", err)
	}
	if b.nowMS()-blog.SyncedAt > b.cfg.Poll.Milliseconds()/2 || blog.SyncedAt == 0 {
		if err := b.refreshProfile(ctx, blog); err != nil {
			b.logger(ctx).Warn("profile not read", "jid", blog.JID, "err", err)
		}
	}
	return b.db.SetSynced(ctx, blog.ID, began)
}

// tendAgain says when to look the next time: soon while there is nothing to
// read, slower and slower, and then at the pace of the slow timer.
func (b *Bridge) tendAgain(blog *db.Blog) time.Duration {
	if blog.State != db.On {
		return 0
	}
	if blog.Gate == db.GateOpen {
		return b.cfg.Poll
	}
	waited := time.Duration(b.nowMS()-blog.Created) * time.Millisecond
	return min(max(b.cfg.PollMissing, waited/4), b.cfg.Poll)
}

// subscribe asks for notifications in the name of the bare domain, once per
// node (xmpp-servers §2.6). It looks first whether there is a subscription:
// Prosody writes the whole node to disk for each one and sends the last item.
func (b *Bridge) subscribe(ctx context.Context, blog *db.Blog) error {
	res, err := b.xmpp.IQ(ctx, stanza.IQ("get", b.bare(), mustJID(blog.JID), stanza.SubscriptionsRequest(blog.Node)))
	if err == nil {
		for _, s := range stanza.ParseSubscriptions(res) {
			if s.JID == b.bare() && s.State == "subscribed" && (s.Node == blog.Node || s.Node == "") {
				return nil
			}
		}
	}
	_, err = b.xmpp.IQ(ctx, stanza.IQ("set", b.bare(), mustJID(blog.JID), stanza.SubscribeRequest(blog.Node, b.bare())))
	return err
}

// unsubscribe ends the subscription of a node that strangers may no longer
// read: both servers would go on pushing it (xmpp-servers §0.6).
func (b *Bridge) unsubscribe(ctx context.Context, blog *db.Blog) error {
	if blog.Gate != db.GateClosed {
		return nil
	}
	_, err := b.xmpp.IQ(ctx, stanza.IQ("set", b.bare(), mustJID(blog.JID), stanza.UnsubscribeRequest(blog.Node, b.bare(), "")))
	var se *stanza.Error
	if errors.As(err, &se) {
		return nil // there was none
	}
	return err
}

// arm keeps the second channel open: presence with +notify capabilities from
// the gateway's resource, which works before the first post and on ejabberd
// without any setting, if the owner accepted us as a contact (xmpp-servers §2.5).
func (b *Bridge) arm(ctx context.Context, blog *db.Blog) {
	owner := mustJID(blog.JID)
	if !b.approved(ctx, blog) {
		if fresh, err := b.db.Notice(ctx, blog.ID, noticeAsked, b.nowMS()); err == nil && fresh {
			b.transmit(stanza.Presence("subscribe", b.bare(), owner))
		}
	}
	b.transmit(b.capsPresence(owner))
}

func (b *Bridge) capsPresence(to stanza.JID) *stanza.Element {
	return stanza.Presence("", b.resource(), to, b.xmpp.Caps())
}

// serves reports whether an address of the configured domains is asking.
func (b *Bridge) serves(jid stanza.JID) bool {
	return slices.Contains(b.cfg.Domains, jid.Fold().Domain)
}
