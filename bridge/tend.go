package bridge

import (
	"context"
	"errors"
	"slices"
	"time"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// How much of a node one catch-up reads: a page, and in all.
const (
	pageSize = 50
	maxItems = 500
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
	err := b.catchUp(ctx, blog)
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
	return b.db.SetSynced(ctx, blog.ID, b.nowMS())
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

// catchUp compares the node with what was published: unknown ids are Creates,
// changed ones Updates, and absence is nothing at all.
func (b *Bridge) catchUp(ctx context.Context, blog *db.Blog) error {
	v, err := b.look(ctx, blog, stanza.ItemsRequest(blog.Node, nil, pageSize, nil))
	if err != nil {
		return err
	}
	read := len(v.Items)
	news, err := b.takeAll(ctx, blog, v.Items)
	if err != nil {
		return err
	}
	// Where the server does not page, ask for more of the end until half of it is
	// known; an answer that grows too large for a stanza ends that.
	for most := 2 * pageSize; v.RSM == nil && read == most/2 && 2*news >= read && read < maxItems; most *= 2 {
		more, err := b.look(ctx, blog, stanza.ItemsRequest(blog.Node, nil, most, nil))
		if errors.Is(err, component.ErrTooLarge) {
			b.logger(ctx).Info("older posts are too much for one answer of the server: left out", "jid", blog.JID, "node", blog.Node, "read", read)
			return nil
		}
		if err != nil {
			return err
		}
		v, read = more, len(more.Items)
		if news, err = b.takeAll(ctx, blog, v.Items); err != nil {
			return err
		}
	}
	// Where the server pages (ejabberd; Prosody ignores RSM, xmpp-servers §3),
	// go back until a page holds nothing new.
	for news > 0 && v.RSM != nil && v.RSM.First != "" && read < v.RSM.Count && read < maxItems {
		page := &stanza.RSM{Max: pageSize, Before: v.RSM.First, HasBefore: true}
		if v, err = b.look(ctx, blog, stanza.ItemsRequest(blog.Node, nil, 0, page)); err != nil {
			return err
		}
		if len(v.Items) == 0 {
			return nil
		}
		read += len(v.Items)
		if news, err = b.takeAll(ctx, blog, v.Items); err != nil {
			return err
		}
	}
	return nil
}

// takeAll takes items oldest first, as servers list them, and counts those
// that were not known as they are.
func (b *Bridge) takeAll(ctx context.Context, blog *db.Blog, items []stanza.Item) (news int, err error) {
	for _, it := range items {
		if it.Payload == nil {
			continue
		}
		known, err := b.db.PostByItem(ctx, blog.ID, it.ID)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return news, err
		}
		if err == nil && known.Hash == payloadHash(it.Payload) && known.OnNode {
			continue
		}
		news++
		if err := b.take(ctx, blog, it); err != nil {
			return news, err
		}
	}
	return news, nil
}

// hold marks what was posted while the blog was paused as staying home, so that
// going on publishes nothing behind the owner's back. What was public before
// and changed is left to catchUp.
func (b *Bridge) hold(ctx context.Context, blog *db.Blog) error {
	v, err := b.look(ctx, blog, stanza.ItemsRequest(blog.Node, nil, pageSize, nil))
	if errors.Is(err, errHidden) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, it := range v.Items {
		if _, err := stanza.ParseEntry(it.Payload); err != nil {
			continue
		}
		_, err := b.db.PostByItem(ctx, blog.ID, it.ID)
		if !errors.Is(err, db.ErrNotFound) {
			if err != nil {
				return err
			}
			continue
		}
		_, err = b.db.SavePost(ctx, db.Post{
			Token: b.token(), CreateTok: b.token(), BlogID: blog.ID, Item: it.ID, Hash: payloadHash(it.Payload),
			Home: true, OnNode: true, Seen: b.nowMS(),
		})
		if err != nil {
			return err
		}
	}
	return nil
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
		if fresh, err := b.db.Notice(ctx, blog.ID, "asked", b.nowMS()); err == nil && fresh {
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
