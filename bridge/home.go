package bridge

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// The home feed is one node that merges everything the asker follows, for clients
// that do not merge by themselves. Everybody gets their own, and nobody else's.

// homeJID is where it is.
func (b *Bridge) homeJID() stanza.JID {
	return stanza.JID{Local: "home", Domain: b.cfg.Component}
}

// homeWidth bounds how many followed accounts are merged.
const homeWidth = 2000

func (b *Bridge) fetchHome(ctx context.Context, f component.FetchRequest) (component.FetchResult, error) {
	if f.Node != stanza.NSMicroblog {
		return component.FetchResult{}, stanza.ErrItemNotFound("")
	}
	accounts, err := b.followedBy(ctx, f.From.Bare().Fold())
	if err != nil {
		return component.FetchResult{}, err
	}
	l := b.homeList(accounts)
	if len(f.IDs) == 0 {
		return b.page(ctx, l, f)
	}
	var out component.FetchResult
	for _, id := range f.IDs {
		row, err := l.find(ctx, id)
		if err == nil {
			var it stanza.Item
			if it, err = l.show(ctx, row); err == nil {
				out.Items = append(out.Items, it)
			}
		}
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return out, err
		}
	}
	return out, nil
}

// followedBy are the accounts that somebody follows and that accepted it, by actor.
func (b *Bridge) followedBy(ctx context.Context, who stanza.JID) (map[string]db.Account, error) {
	blog, err := b.db.BlogByNode(ctx, who.String(), stanza.NSMicroblog)
	if err != nil || blog.State == db.Gone {
		return nil, ignoreNotFound(err)
	}
	rows, err := b.db.FollowingOf(ctx, blog.ID, "", homeWidth)
	if err != nil {
		return nil, err
	}
	out := make(map[string]db.Account, len(rows))
	for _, f := range rows {
		if f.State != followerAccepted {
			continue
		}
		acc, err := b.db.Account(ctx, f.Actor)
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[f.Actor] = acc
	}
	return out, nil
}

// homeList merges the nodes of accounts, whose posts for followers alone the asker
// may read.
func (b *Bridge) homeList(accounts map[string]db.Account) list {
	merge := func(read func(actor string) ([]db.FeedItem, error), limit int, order int) ([]db.FeedItem, error) {
		var all []db.FeedItem
		for actor := range accounts {
			rows, err := read(actor)
			if err != nil {
				return nil, err
			}
			all = append(all, rows...)
		}
		slices.SortFunc(all, func(x, y db.FeedItem) int {
			return order * cmp.Or(cmp.Compare(x.Published, y.Published), cmp.Compare(x.ID, y.ID))
		})
		return all[:min(limit, len(all))], nil
	}
	sum := func(count func(actor string) (int, error)) (int, error) {
		n := 0
		for actor := range accounts {
			one, err := count(actor)
			if err != nil {
				return 0, err
			}
			n += one
		}
		return n, nil
	}
	return list{
		private: true,
		before: func(ctx context.Context, p db.FeedPlace, limit int) ([]db.FeedItem, error) {
			return merge(func(actor string) ([]db.FeedItem, error) { return b.db.FeedBefore(ctx, actor, true, p, limit) }, limit, -1)
		},
		after: func(ctx context.Context, p db.FeedPlace, limit int) ([]db.FeedItem, error) {
			return merge(func(actor string) ([]db.FeedItem, error) { return b.db.FeedAfter(ctx, actor, true, p, limit) }, limit, 1)
		},
		rank: func(ctx context.Context, p db.FeedPlace) (int, error) {
			return sum(func(actor string) (int, error) { return b.db.FeedRank(ctx, actor, true, p) })
		},
		count: func(ctx context.Context) (int, error) {
			return sum(func(actor string) (int, error) { return b.db.FeedCount(ctx, actor, true) })
		},
		find: func(ctx context.Context, item string) (db.FeedItem, error) {
			for actor := range accounts {
				if f, err := b.db.FeedItem(ctx, actor, item); !errors.Is(err, db.ErrNotFound) {
					return f, err
				}
			}
			return db.FeedItem{}, db.ErrNotFound
		},
		show: func(ctx context.Context, f db.FeedItem) (stanza.Item, error) {
			return b.story(ctx, accounts[f.Actor], f)
		},
	}
}

// tellHome sends an event of an account's posts to somebody's home feed, if they
// subscribed to it.
func (b *Bridge) tellHome(ctx context.Context, to stanza.JID, ev stanza.Event) error {
	subscribed, err := b.db.Subscribed(ctx, b.homeJID().String(), stanza.NSMicroblog, to.Bare().Fold().String())
	if err == nil && subscribed {
		b.headline(b.homeJID(), to, ev)
	}
	return err
}
