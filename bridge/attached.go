package bridge

import (
	"context"
	"slices"

	"isthmus/component/stanza"
	"isthmus/db"
)

// attachedEvent takes a notification of the attachments of one of our posts.
func (b *Bridge) attachedEvent(ctx context.Context, service string, ev stanza.Event) error {
	uri, ok := stanza.ParseAttachmentsNode(ev.Node)
	if !ok || uri.JID.Bare().Fold().String() != service {
		return nil // another service's word about it
	}
	for _, id := range ev.Retracted {
		if err := b.undoDeeds(ctx, place{service, ev.Node, id}, nil); err != nil {
			return err
		}
	}
	for _, it := range ev.Items {
		if it.Payload == nil {
			items, _, err := b.strangerReads(ctx, service, ev.Node, []string{it.ID})
			if err != nil {
				return err
			}
			for _, full := range items {
				if full.ID == it.ID { // whose it is now, and not whose it was
					it = full
				}
			}
		}
		if err := b.attached(ctx, service, ev.Node, it); err != nil {
			return err
		}
	}
	return nil
}

// attached takes what somebody attached to one of our posts: a mark that they
// noticed it, and reactions (XEP-0470 §4.2, §4.3). Of an enrolled blogger these
// become likes on the Fediverse, and are undone when they go. The item is of
// whom it is named after only if they published it.
func (b *Bridge) attached(ctx context.Context, service, node string, it stanza.Item) error {
	publisher := bareOf(it.Publisher)
	if it.Payload == nil || publisher == "" || bareOf(it.ID) != publisher || mustJID(publisher).Domain == b.cfg.Component {
		return nil
	}
	have, ok := stanza.ParseAttachments(it.Payload)
	uri, about := stanza.ParseAttachmentsNode(node)
	if !ok || !about {
		return nil
	}
	if uri.JID.Bare().Fold().String() != service {
		return nil // another service's word about it
	}
	who := b.speaker
	if mustJID(service).Domain == b.cfg.Component {
		who = b.voice
	}
	blog, err := who(ctx, publisher)
	if err != nil || blog == nil {
		return err
	}
	t, err := b.targetAt(ctx, place{uri.JID.Bare().Fold().String(), uri.Node(), uri.Item()})
	if err != nil || t.object == "" {
		return err
	}
	at := place{service, node, it.ID}
	err = b.undoDeeds(ctx, at, func(d db.Deed) bool {
		return d.Kind == reactLike && have.Noticed || d.Kind == reactEmoji && slices.Contains(have.Reactions, d.Content)
	})
	if err != nil {
		return err
	}
	if have.Noticed {
		if err := b.likes(ctx, blog, at, t, ""); err != nil {
			return err
		}
	}
	for _, r := range have.Reactions[:min(len(have.Reactions), maxReactions)] {
		if err := b.likes(ctx, blog, at, t, r); err != nil {
			return err
		}
	}
	return nil
}

// maxReactions bounds what one person attaches to one post.
const maxReactions = 20
