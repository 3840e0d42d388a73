package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"isthmus/activitypub/vocab"
	"isthmus/db"
)

// moveCooldown is how often an account can take its followers elsewhere (row I29).
const moveCooldown = 7 * dayMS

// moved hears that an account moved: it says so itself, of itself.
func (b *Bridge) moved(ctx context.Context, actor string, doc vocab.Doc) error {
	if first(doc.IDs("object")) != actor {
		return fmt.Errorf("%w: somebody else's move", errIgnored)
	}
	acc, err := b.db.Account(ctx, actor)
	if errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("%w: nobody here follows it", errIgnored)
	}
	if err != nil {
		return err
	}
	return b.movedTo(ctx, acc, first(doc.IDs("target")))
}

// movedTo makes everybody here who follows an account follow the one it moved to,
// if that one says that it was the old one before, and tells them.
func (b *Bridge) movedTo(ctx context.Context, acc db.Account, target string) error {
	if asked, err := b.db.AskedHere(ctx, acc.Actor); err != nil || !asked {
		return err
	}
	if target == "" || target == acc.Actor || hostOf(target) == b.publicHost() || b.nowMS()-acc.Moved < moveCooldown {
		return fmt.Errorf("%w: a move to nowhere, or again too soon", errIgnored)
	}
	doc, remote, err := b.fetchActor(ctx, target)
	if err != nil {
		return fmt.Errorf("where it moved: %w", err)
	}
	if !slices.Contains(vocab.ReadProfile(doc).AlsoKnownAs, acc.Actor) {
		return fmt.Errorf("%w: %s does not say that it was %s", errIgnored, target, acc.Actor)
	}
	to, err := b.storeAccount(ctx, doc, remote)
	if err != nil {
		return err
	}
	if err := b.db.SetAccountMoved(ctx, acc.Actor, b.nowMS()); err != nil {
		return err
	}
	b.logger(ctx).Info("account moved", "from", acc.Actor, "to", to.Actor)
	for _, state := range []string{followerAccepted, followerPending} {
		for after := int64(0); ; {
			rows, err := b.db.FollowersHere(ctx, acc.Actor, state, after, 100)
			if err != nil {
				return err
			}
			for _, f := range rows {
				after = f.ID
				if err := b.takeAlong(ctx, f, acc, to); err != nil {
					return err
				}
			}
			if len(rows) < 100 {
				break
			}
		}
	}
	return nil
}

func (b *Bridge) takeAlong(ctx context.Context, f db.Following, from, to db.Account) error {
	blog, err := b.db.BlogByID(ctx, f.BlogID)
	if err != nil {
		return err
	}
	who := mustJID(blog.JID)
	if _, err := b.follow(ctx, who, to, ways{node: true}); err != nil {
		b.logger(ctx).Info("follower not moved", "jid", blog.JID, "to", to.Actor, "why", err)
		return nil
	}
	if err := b.unfollow(ctx, &blog, f, from, true); err != nil {
		return err
	}
	b.tell(who, b.say(b.speakTo(ctx, who), "follow.moved", "from", b.handleAt(from), "to", b.handleAt(to), "jid", to.JID))
	return nil
}
