package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// xmppSide is what the XMPP border calls.
type xmppSide struct{ *Bridge }

var _ component.Handler = xmppSide{}

// Event takes a pubsub notification (XEP-0060 §12.1). The same post may come
// twice, through the subscription and through +notify, or without its payload
// (Movim's deliver_payloads=false): what counts is what a stranger then reads.
func (b xmppSide) Event(ctx context.Context, _ stanza.JID, ev stanza.Event, id string) {
	service := ev.Service.Bare().Fold()
	ctx = b.withStanza(ctx, id, service.String())
	log := b.logger(ctx).With("node", ev.Node)
	switch ev.Node {
	case stanza.NSAvatarMeta, stanza.NodeVCard4, stanza.NSNick, stanza.NSBanner:
		if blog, err := b.db.BlogByNode(ctx, service.String(), stanza.NSMicroblog); err == nil {
			b.soon(ctx, profileJob(blog.ID, b.nowMS()+2000))
		}
		return
	}
	if b.discussed(ctx, service.String(), ev) {
		return
	}
	blog, err := b.db.BlogByNode(ctx, service.String(), ev.Node)
	if err != nil || blog.State == db.Gone {
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			log.Error("event not handled", "err", err)
		}
		return
	}
	switch {
	case ev.Purged, ev.Deleted:
		// Both are confirmed by reading before anything is deleted.
		b.soon(ctx, vanishedJob(blog.ID, b.nowMS()+b.cfg.RetractHold.Milliseconds()))
	case ev.Configured:
		b.soon(ctx, tendJob(blog.ID, b.nowMS()))
	}
	if len(ev.Items) > 0 {
		b.punctual.count(&b.punctual.told, blog.ID)
		if err := b.published(ctx, &blog, ev.Items); err != nil {
			log.Warn("post not taken yet, will look again", "err", err)
			b.soon(ctx, tendJob(blog.ID, b.nowMS()+5000))
		}
	}
	for _, item := range ev.Retracted {
		b.soon(ctx, retractJob(blog.ID, item, b.nowMS(), b.cfg.RetractHold))
	}
}

// published reads the notified items as a stranger and takes what it finds.
// While the blog is paused nothing is taken, but what the server trimmed is
// noted all the same, or its retract would count as the owner's.
func (b *Bridge) published(ctx context.Context, blog *db.Blog, items []stanza.Item) error {
	publisher := make(map[string]string)
	var ids []string
	grows := false
	for _, it := range items {
		known, err := b.db.PostByItem(ctx, blog.ID, it.ID)
		if err == nil && it.Payload != nil && known.Hash == payloadHash(it.Payload) {
			continue // the other channel was faster
		}
		grows = grows || errors.Is(err, db.ErrNotFound)
		publisher[it.ID] = it.Publisher
		ids = append(ids, it.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	oldest, err := b.oldest(ctx, blog)
	if err != nil {
		return err
	}
	asked := ids
	for _, p := range oldest {
		if _, dup := publisher[p.Item]; !dup {
			asked = append(asked, p.Item)
		}
	}
	v, err := b.look(ctx, blog, stanza.ItemsRequest(blog.Node, asked, 0, nil))
	if errors.Is(err, errHidden) {
		return nil // stays home; the owner has been told
	}
	if err != nil {
		return err
	}
	there := func(item string) bool {
		return slices.ContainsFunc(v.Items, func(it stanza.Item) bool { return it.ID == item })
	}
	// Only what makes the node longer pushes something out; and what the first word
	// of it found there was not pushed out by it, whatever a second finds.
	if grows {
		if err := b.noteTrimmed(ctx, blog, oldest, there); err != nil {
			return err
		}
	}
	if blog.State != db.On {
		return nil
	}
	for _, it := range v.Items {
		if p, asked := publisher[it.ID]; !asked {
			continue
		} else if it.Publisher == "" {
			it.Publisher = p // Prosody 0.12 names the publisher in events only
		}
		if it.ID == "0" || it.ID == stanza.NSAvatarMeta { // XEP-0277 §2.4 feed metadata; Movim's node avatar
			b.soon(ctx, profileJob(blog.ID, b.nowMS()+2000))
			continue
		}
		if _, err := b.take(ctx, blog, it); err != nil {
			return err
		}
	}
	return nil
}

// payloadHash tells an edited item from a repeated one. Prosody 0.12 may print the
// attributes of one item in another order in each stanza (util.stanza, pairs).
func payloadHash(e *stanza.Element) string {
	sum := sha256.Sum256(e.Sorted().AppendXML(nil, ""))
	return hex.EncodeToString(sum[:16])
}
