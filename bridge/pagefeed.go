package bridge

import (
	"context"
	"errors"
	"math"
	"slices"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// Pages of a node's items, the oldest first (XEP-0060 §6.5, XEP-0059).

const (
	pageItems = 20        // unless asked for fewer or more
	maxPage   = 100       // in one answer
	maxAnswer = 180 << 10 // bytes of entries in one answer: a stanza has 256 KiB
)

// list is an ordered node of which pages are cut: an account's, or a home feed.
type list struct {
	private bool // includes what is for followers alone
	before  func(ctx context.Context, p db.FeedPlace, limit int) ([]db.FeedItem, error)
	after   func(ctx context.Context, p db.FeedPlace, limit int) ([]db.FeedItem, error)
	rank    func(ctx context.Context, p db.FeedPlace) (int, error) // -1 unknown
	count   func(ctx context.Context) (int, error)                 // -1 unknown
	find    func(ctx context.Context, item string) (db.FeedItem, error)
	dig     func(ctx context.Context) (bool, error) // reads older ones; false when there are none
	show    func(ctx context.Context, f db.FeedItem) (stanza.Item, error)
}

var newest = db.FeedPlace{Published: math.MaxInt64, ID: math.MaxInt64}

func placeOf(f db.FeedItem) db.FeedPlace { return db.FeedPlace{Published: f.Published, ID: f.ID} }

// feedList is an account's node.
func (b *Bridge) feedList(acc db.Account, private bool) list {
	return list{
		private: private,
		before: func(ctx context.Context, p db.FeedPlace, limit int) ([]db.FeedItem, error) {
			return b.db.FeedBefore(ctx, acc.Actor, private, p, limit)
		},
		after: func(ctx context.Context, p db.FeedPlace, limit int) ([]db.FeedItem, error) {
			return b.db.FeedAfter(ctx, acc.Actor, private, p, limit)
		},
		rank: func(ctx context.Context, p db.FeedPlace) (int, error) {
			return b.db.FeedRank(ctx, acc.Actor, private, p)
		},
		count: func(ctx context.Context) (int, error) {
			n, err := b.db.FeedCount(ctx, acc.Actor, private)
			if now, aerr := b.db.Account(ctx, acc.Actor); aerr == nil && now.More != "" {
				n = max(n, int(min(now.Total, 100_000))) // as told, until all are read
			}
			return n, err
		},
		find: func(ctx context.Context, item string) (db.FeedItem, error) {
			f, err := b.db.FeedItem(ctx, acc.Actor, item)
			if err == nil && f.Private && !private {
				err = db.ErrNotFound
			}
			return f, err
		},
		dig: func(ctx context.Context) (bool, error) {
			now, err := b.db.Account(ctx, acc.Actor)
			if err != nil || now.More == "" {
				return false, err
			}
			now, err = b.dig(ctx, now, pageItems)
			if err != nil {
				b.logger(ctx).Info("older posts not read", "actor", acc.Actor, "why", err)
				return false, nil // what there is, is served
			}
			return true, nil
		},
		show: func(ctx context.Context, f db.FeedItem) (stanza.Item, error) { return b.story(ctx, acc, f) },
	}
}

// maxDigs bounds how often one request reads on in somebody's outbox.
const maxDigs = 3

// older are the items before a place, the newest first, read from elsewhere when
// there are not enough here.
func (l list) older(ctx context.Context, p db.FeedPlace, limit int) ([]db.FeedItem, error) {
	for digs := 0; ; digs++ {
		rows, err := l.before(ctx, p, limit)
		if err != nil || len(rows) >= limit || l.dig == nil || digs >= maxDigs {
			return rows, err
		}
		if more, err := l.dig(ctx); err != nil || !more {
			return rows, err
		}
	}
}

// page cuts a page as it is asked for: the last ones by max_items, what is after
// or before an item by RSM, the last page for an empty <before/>, else the first.
func (b *Bridge) page(ctx context.Context, l list, f component.FetchRequest) (out component.FetchResult, err error) {
	limit := pageItems
	backward := f.RSM == nil
	var rows []db.FeedItem
	switch r := f.RSM; {
	case r == nil:
		if f.Max > 0 {
			limit = min(f.Max, maxPage)
		}
		rows, err = l.older(ctx, newest, limit)
	case r.CountOnly:
		n, err := l.count(ctx)
		return component.FetchResult{RSM: &stanza.RSM{Index: -1, Count: n}}, err
	default:
		if r.Max > 0 {
			limit = min(r.Max, maxPage)
		}
		at := db.FeedPlace{}
		if id := r.Before + r.After; id != "" {
			f, err := l.find(ctx, id)
			if errors.Is(err, db.ErrNotFound) {
				err = stanza.ErrItemNotFound(b.say(ctx, "read.noitem")) // XEP-0059 §2.2
			}
			if err != nil {
				return out, err
			}
			at = placeOf(f)
		}
		switch backward = r.HasBefore || r.Before != ""; {
		case backward && r.Before == "":
			rows, err = l.older(ctx, newest, limit)
		case backward:
			rows, err = l.older(ctx, at, limit)
		default:
			rows, err = l.after(ctx, at, limit)
		}
	}
	if err != nil {
		return out, err
	}
	var shown []db.FeedItem
	size := 0
	for _, row := range rows {
		it, err := l.show(ctx, row)
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if err != nil {
			return out, err
		}
		if size += len(it.Payload.XML()); size > maxAnswer && len(out.Items) > 0 {
			break
		}
		out.Items, shown = append(out.Items, it), append(shown, row)
	}
	if backward {
		slices.Reverse(out.Items)
		slices.Reverse(shown)
	}
	if f.RSM == nil {
		return out, nil
	}
	out.RSM = &stanza.RSM{Index: -1}
	if out.RSM.Count, err = l.count(ctx); err != nil || len(shown) == 0 {
		return out, err
	}
	out.RSM.First, out.RSM.Last = shown[0].Item, shown[len(shown)-1].Item
	out.RSM.Index, err = l.rank(ctx, placeOf(shown[0]))
	return out, err
}

// cutPage cuts a page out of a few items that are all there.
func cutPage(items []stanza.Item, f component.FetchRequest) (component.FetchResult, error) {
	total, start := len(items), 0
	switch r := f.RSM; {
	case r != nil && r.CountOnly:
		return component.FetchResult{RSM: &stanza.RSM{Index: -1, Count: total}}, nil
	case r != nil:
		limit := total
		if r.Max > 0 {
			limit = r.Max
		}
		end := total
		if id := r.Before + r.After; id != "" {
			i := slices.IndexFunc(items, func(it stanza.Item) bool { return it.ID == id })
			if i < 0 {
				return component.FetchResult{}, stanza.ErrItemNotFound("") // XEP-0059 §2.2
			}
			if r.Before != "" {
				end = i
			} else {
				start = i + 1
			}
		}
		if r.HasBefore || r.Before != "" {
			start = max(start, end-limit)
		} else {
			end = min(end, start+limit)
		}
		items = items[start:end]
	case f.Max > 0 && f.Max < total:
		start = total - f.Max
		items = items[start:]
	}
	forward := f.RSM != nil && !f.RSM.HasBefore && f.RSM.Before == ""
	skipped := 0
	items, skipped = fitting(items, forward)
	start += skipped
	out := component.FetchResult{Items: items}
	if f.RSM != nil {
		out.RSM = &stanza.RSM{Index: -1, Count: total}
		if len(items) > 0 {
			out.RSM.First, out.RSM.Last, out.RSM.Index = items[0].ID, items[len(items)-1].ID, start
		}
	}
	return out, nil
}

// fitting leaves out what does not fit into one answer: the end of a page that
// others follow, else the oldest, as the newest are looked at first.
func fitting(items []stanza.Item, forward bool) (fit []stanza.Item, skipped int) {
	size := 0
	for n := range items {
		i := len(items) - 1 - n
		if forward {
			i = n
		}
		if e := items[i].Payload; e != nil {
			size += len(e.XML())
		}
		switch {
		case size <= maxAnswer || n == 0:
		case forward:
			return items[:n], 0
		default:
			return items[i+1:], i + 1
		}
	}
	return items, 0
}
