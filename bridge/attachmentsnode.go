package bridge

import (
	"context"
	"errors"
	"slices"

	"isthmus/activitypub/vocab"
	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// fetchAttachments answers for the attachments of somebody's post: the likes and
// reactions of people here, each under their own address (XEP-0470 §4.2). Those
// from elsewhere are only counted, see fetchSummaries.
func (b *Bridge) fetchAttachments(ctx context.Context, acc db.Account, f component.FetchRequest) (component.FetchResult, error) {
	uri, ok := stanza.ParseAttachmentsNode(f.Node)
	if !ok || uri.JID.Bare().Fold() != f.To.Bare().Fold() || uri.Node() != stanza.NSMicroblog {
		return component.FetchResult{}, stanza.ErrItemNotFound("")
	}
	if _, err := b.readablePost(ctx, acc, f.From, uri.Item()); err != nil {
		return component.FetchResult{}, err
	}
	deeds, err := b.db.DeedsIn(ctx, f.To.Bare().Fold().String(), f.Node, maxComments)
	if err != nil {
		return component.FetchResult{}, err
	}
	var items []stanza.Item
	for start := 0; start < len(deeds); {
		end := start
		var a stanza.Attachments
		for ; end < len(deeds) && deeds[end].Item == deeds[start].Item; end++ {
			if d := deeds[end]; d.Kind == reactLike {
				a.Noticed, a.NoticedAt = true, msTime(d.Created)
			} else {
				a.Reactions, a.ReactedAt = append(a.Reactions, d.Content), msTime(d.Created)
			}
		}
		id := deeds[start].Item
		if len(f.IDs) == 0 || slices.Contains(f.IDs, id) {
			items = append(items, stanza.Item{ID: id, Publisher: id, Payload: a.Element()})
		}
		start = end
	}
	return cutPage(items, f)
}

// fetchSummaries answers with how much is attached to each post (XEP-0470 §5): likes
// as the post's own server counts them.
func (b *Bridge) fetchSummaries(ctx context.Context, acc db.Account, f component.FetchRequest) (component.FetchResult, error) {
	f.Node = stanza.NSMicroblog
	private, err := b.db.FollowsActor(ctx, f.From.Bare().Fold().String(), stanza.NSMicroblog, acc.Actor)
	if err != nil {
		return component.FetchResult{}, err
	}
	l := b.feedList(acc, private)
	l.dig = nil
	l.show = func(ctx context.Context, row db.FeedItem) (stanza.Item, error) {
		note, err := b.db.NoteByObject(ctx, row.Object)
		if err != nil {
			return stanza.Item{}, err
		}
		doc, err := vocab.Read([]byte(note.Doc), vocab.DefaultLimits)
		if err != nil {
			return stanza.Item{}, errNoText
		}
		sum := stanza.AttachmentsSummary{Noticed: vocab.ReadIncoming(doc).Likes}
		return stanza.Item{ID: row.Item, Publisher: acc.JID, Payload: sum.Element()}, nil
	}
	if len(f.IDs) == 0 {
		return b.page(ctx, l, f)
	}
	var out component.FetchResult
	for _, id := range f.IDs {
		row, err := l.find(ctx, id)
		if err == nil && !row.Gone {
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
