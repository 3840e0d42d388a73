package bridge

import (
	"context"
	"errors"
	"strings"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// Fetch answers for the nodes of a Fediverse account, whose virtual address is a
// PEP service (XEP-0163), and for the home feed.
func (b xmppSide) Fetch(ctx context.Context, f component.FetchRequest) (component.FetchResult, error) {
	ctx = b.withStanza(ctx, "", f.From.Bare().String())
	if err := b.mayRead(ctx, f.From); err != nil {
		return component.FetchResult{}, err
	}
	if f.To.Bare().Fold() == b.homeJID() {
		return b.fetchHome(ctx, f)
	}
	acc, err := b.accountAt(ctx, f.From, f.To)
	if err != nil {
		return component.FetchResult{}, err
	}
	b.wants(ctx, acc)
	if comments, ok := strings.CutPrefix(f.Node, commentsPrefix); ok {
		return b.fetchComments(ctx, acc, f, comments)
	}
	if strings.HasPrefix(f.Node, stanza.NSAttachments+"/") {
		return b.fetchAttachments(ctx, acc, f)
	}
	switch f.Node {
	case stanza.NSMicroblog:
		return b.fetchFeed(ctx, acc, f)
	case stanza.NodeAttachmentsSummary + stanza.NSMicroblog:
		return b.fetchSummaries(ctx, acc, f)
	case stanza.NodePPSSubscriptions, stanza.NodePPSSubscribers + stanza.NSMicroblog:
		return b.fetchNetwork(ctx, acc, f)
	}
	items, err := b.profileItems(ctx, acc, f.Node, f.IDs)
	if err != nil {
		return component.FetchResult{}, err
	}
	return cutPage(items, f)
}

// How old what is served of an account's posts may be before they are asked for
// again, in milliseconds: of one that somebody follows new posts come by themselves.
const (
	freshFeed     = 10 * 60 * 1000
	freshFollowed = dayMS
)

// fetchFeed answers from what is stored. With nothing stored it asks the account's
// server first; what is old is asked for again, for the next time.
func (b *Bridge) fetchFeed(ctx context.Context, acc db.Account, f component.FetchRequest) (component.FetchResult, error) {
	acc, err := b.filledNow(ctx, acc)
	if err != nil {
		return component.FetchResult{}, err
	}
	private, err := b.db.FollowsActor(ctx, f.From.Bare().Fold().String(), stanza.NSMicroblog, acc.Actor)
	if err != nil {
		return component.FetchResult{}, err
	}
	l := b.feedList(acc, private)
	if len(f.IDs) > 0 {
		return b.feedByID(ctx, acc, l, f.IDs)
	}
	return b.page(ctx, l, f)
}

// filledNow makes sure that there is something to read.
func (b *Bridge) filledNow(ctx context.Context, acc db.Account) (db.Account, error) {
	if acc.Filled == 0 {
		filled, err := b.fill(ctx, acc, b.cfg.Backfill)
		if err != nil {
			return acc, b.whyNot(ctx, b.handleAt(acc), err)
		}
		return filled, nil
	}
	fresh := int64(freshFeed)
	if followed, err := b.db.FollowedHere(ctx, acc.Actor); err != nil {
		return acc, err
	} else if followed {
		fresh = freshFollowed
	}
	if b.nowMS()-acc.Filled > fresh {
		b.soon(ctx, fillJob(acc.Actor, b.nowMS()))
	}
	return acc, nil
}

// handleAt is an account's handle, as its address has it.
func (b *Bridge) handleAt(acc db.Account) string {
	user, host, _ := b.addr.ParseRemoteJID(mustJID(acc.JID))
	return user + "@" + host
}

// feedByID returns the items with these ids, in their order; item 0 is about the
// blog itself (XEP-0277 §5). What is not there is left out, as servers do.
func (b *Bridge) feedByID(ctx context.Context, acc db.Account, l list, ids []string) (component.FetchResult, error) {
	var out component.FetchResult
	size := 0
	for _, id := range ids {
		it, err := b.feedItem(ctx, acc, l, id)
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if err != nil {
			return out, err
		}
		if size += len(it.Payload.XML()); size > maxAnswer {
			break
		}
		out.Items = append(out.Items, it)
	}
	return out, nil
}

func (b *Bridge) feedItem(ctx context.Context, acc db.Account, l list, id string) (stanza.Item, error) {
	if id == "0" {
		return b.feedHead(ctx, acc)
	}
	f, err := b.db.FeedItem(ctx, acc.Actor, id)
	if err == nil && !f.Gone && (!f.Private || l.private) {
		return b.story(ctx, acc, f)
	}
	if err == nil {
		return stanza.Item{}, db.ErrNotFound
	}
	// A post of its own that stands in somebody else's node, or in a thread.
	note, nerr := b.db.NoteByItem(ctx, id)
	if nerr != nil || note.Actor != acc.Actor || !isPublic(note.Visibility) {
		return stanza.Item{}, db.ErrNotFound
	}
	return b.story(ctx, acc, db.FeedItem{Actor: acc.Actor, Item: note.Item, Object: note.Object})
}
