package bridge

import (
	"context"
	"slices"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
	"isthmus/queue"
)

// kindAccount looks at an account whose profile changed; its key is the actor.
const kindAccount = "account"

func accountJob(actor string, due int64) db.Job {
	return db.Job{Kind: kindAccount, Key: actor, Due: due}
}

// accountChanged renews an account's picture and sends what its profile nodes hold
// now to who follows it here.
func (b *Bridge) accountChanged(ctx context.Context, j queue.Job) error {
	acc, err := b.db.Account(ctx, j.Key)
	if err != nil {
		return ignoreNotFound(err)
	}
	if acc, err = b.readAvatar(ctx, acc); err != nil {
		return err
	}
	if !b.xmpp.Status().Up {
		return errTrouble
	}
	for _, node := range profileNodes {
		if node == stanza.NSAvatarData {
			continue // fetched by who does not have it yet (XEP-0084 §3)
		}
		items, err := b.profileItems(ctx, acc, node, nil)
		if stanza.Condition(err) == "item-not-found" {
			continue
		}
		if err != nil {
			return err
		}
		if err := b.tellListeners(ctx, acc, stanza.Event{Node: node, Items: items}); err != nil {
			return err
		}
	}
	return b.tellContacts(ctx, acc)
}

// VCard of an account for clients without vCard4 (XEP-0054), with its picture.
func (b *Bridge) accountCard(ctx context.Context, acc db.Account) (*stanza.VCard, error) {
	who, err := b.authorAt(ctx, acc)
	if err != nil {
		return nil, err
	}
	card := mapping.VCardOf(profileOf(acc), who)
	if acc, err = b.avatarNow(ctx, acc); err != nil {
		return nil, err
	}
	if acc.AvatarHash != "" {
		if card.PhotoType, card.Photo, err = b.db.Media(ctx, acc.AvatarHash); err != nil {
			return nil, err
		}
	}
	return &card, nil
}

// feedHead is item 0 of an account's node: what the blog is called (XEP-0277 §5).
func (b *Bridge) feedHead(ctx context.Context, acc db.Account) (stanza.Item, error) {
	who, err := b.authorAt(ctx, acc)
	if err != nil {
		return stanza.Item{}, err
	}
	node := stanza.ItemURI(who.JID, stanza.NSMicroblog, "").String()
	feed := mapping.BlogFeed(profileOf(acc), who, node, msTime(acc.Checked))
	return stanza.Item{ID: "0", Publisher: acc.JID, Payload: feed.Element()}, nil
}

// isProfileNode reports whether a node says who an account is.
func isProfileNode(node string) bool { return slices.Contains(profileNodes, node) }
