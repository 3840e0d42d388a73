package bridge

import (
	"context"
	"errors"
	"strconv"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/queue"
)

// tellChunk is how many readers are read from the database at a time.
const tellChunk = 500

// maxPushed bounds an entry that goes to many: of longer ones readers are told the
// id, and fetch them (xmpp-servers §9.3).
const maxPushed = 60 << 10

// tellFeed makes readers know an item as it is now: published, published again
// after an edit, or retracted. What they know already is not sent.
func (b *Bridge) tellFeed(ctx context.Context, j queue.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return err
	}
	f, err := b.db.FeedByID(ctx, id)
	if err != nil {
		return ignoreNotFound(err)
	}
	acc, err := b.db.Account(ctx, f.Actor)
	if err != nil {
		return ignoreNotFound(err)
	}
	if !b.xmpp.Status().Up {
		return errTrouble
	}
	ev := stanza.Event{Node: stanza.NSMicroblog}
	if f.Gone {
		ev.Retracted = []string{f.Item}
		if err := b.tellListeners(ctx, acc, ev); err != nil {
			return err
		}
		if err := b.messagePost(ctx, acc, f); err != nil {
			return err
		}
		return b.db.RemoveFeed(ctx, f.ID)
	}
	item, err := b.story(ctx, acc, f)
	if errors.Is(err, db.ErrNotFound) {
		return nil // deleted by now: another job tells
	}
	if err != nil {
		return err
	}
	hash := entryHash(item.Payload)
	if hash == f.Told {
		return nil
	}
	if len(item.Payload.XML()) > maxPushed {
		item.Payload = nil
	}
	ev.Items = []stanza.Item{item}
	if err := b.tellListeners(ctx, acc, ev); err != nil {
		return err
	}
	if err := b.messagePost(ctx, acc, f); err != nil {
		return err
	}
	// It is said: also when we stop now, or it would be said again.
	return ignoreNotFound(b.db.SetFeedTold(context.WithoutCancel(ctx), f.ID, hash))
}

// tellListeners sends an event of an account's node to everybody here who follows
// it and was accepted, and of its posts to their home feeds too.
func (b *Bridge) tellListeners(ctx context.Context, acc db.Account, ev stanza.Event) error {
	from := mustJID(acc.JID)
	for after := int64(0); ; {
		list, err := b.db.Listeners(ctx, acc.Actor, after, tellChunk)
		if err != nil {
			return err
		}
		for _, l := range list {
			after = l.ID
			to := mustJID(l.JID)
			if l.Node {
				b.headline(from, to, ev)
			} else if l.Presence {
				for _, full := range b.heeds.resources(to, ev.Node) {
					b.headline(from, full, ev)
				}
			}
			if ev.Node == stanza.NSMicroblog {
				if err := b.tellHome(ctx, to, ev); err != nil {
					return err
				}
			}
		}
		if len(list) < tellChunk {
			return nil
		}
	}
}

// headline sends an event: nobody's server keeps it for later, and clients fetch
// what they missed (xmpp-servers §7).
func (b *Bridge) headline(from, to stanza.JID, ev stanza.Event) {
	b.transmit(stanza.Message("headline", from, to, ev.Element()).Set("id", b.token()))
}
