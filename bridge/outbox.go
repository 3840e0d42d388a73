package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"isthmus/activitypub/vocab"
	"isthmus/db"
)

// outboxPages bounds how many pages of somebody's outbox are read at one time.
const outboxPages = 6

// fill reads the newest posts of an account, as many as wanted, quietly: old posts
// are there for who looks, and news to nobody. What was read before ends it.
func (b *Bridge) fill(ctx context.Context, acc db.Account, want int) (db.Account, error) {
	return together(b, ctx, "fill "+acc.Actor, func(ctx context.Context) (db.Account, error) {
		if acc.Outbox == "" {
			return b.filled(ctx, acc, acc.More, -1)
		}
		r, err := b.readOutbox(ctx, acc, acc.Outbox, want)
		if err != nil {
			return acc, err
		}
		more := r.next
		if r.met && acc.Filled != 0 { // from there on everything was read, or is known to be left
			more = acc.More
		}
		return b.filled(ctx, acc, more, r.total)
	})
}

// dig reads older posts of an account than were read so far, and reports whether
// there may be more still.
func (b *Bridge) dig(ctx context.Context, acc db.Account, want int) (db.Account, error) {
	if acc.More == "" {
		return acc, nil
	}
	return together(b, ctx, "dig "+acc.Actor, func(ctx context.Context) (db.Account, error) {
		r, err := b.readOutbox(ctx, acc, acc.More, want)
		if err != nil {
			return acc, err
		}
		return b.filled(ctx, acc, r.next, -1)
	})
}

func (b *Bridge) filled(ctx context.Context, acc db.Account, more string, total int64) (db.Account, error) {
	ctx = context.WithoutCancel(ctx) // what there is by now is worth having
	if err := b.db.SetFilled(ctx, acc.Actor, b.nowMS(), more, total); err != nil {
		return acc, err
	}
	return b.db.Account(ctx, acc.Actor)
}

// outboxRead is what came of reading an outbox.
type outboxRead struct {
	taken int
	met   bool   // something that was there already
	next  string // page after the last one read, "" at the end
	total int64  // as told, -1 when not
}

// readOutbox reads an outbox from an address on, until there are as many posts as
// wanted, or some that were there before. Pages are of the actor's own host, each
// read once (row C5).
func (b *Bridge) readOutbox(ctx context.Context, acc db.Account, address string, want int) (outboxRead, error) {
	page, err := b.readPage(ctx, address)
	if err != nil {
		return outboxRead{total: -1}, fmt.Errorf("outbox of %s: %w", acc.Actor, err)
	}
	r := outboxRead{total: page.Total}
	seen := map[string]bool{address: true}
	for range outboxPages {
		if page.Inline != nil && len(page.Items) == 0 {
			page = vocab.ReadPage(page.Inline)
		}
		// Boosts are read at other servers, one of which may hang: what needs nobody comes first.
		items, oldest := page.Items[:min(len(page.Items), 200)], 0
		for _, boosts := range []bool{false, true} {
			for i, item := range items {
				if item.Is("Announce") != boosts || boosts && ctx.Err() != nil {
					continue
				}
				fresh, err := b.fromOutbox(ctx, acc, item)
				if err != nil {
					b.logger(ctx).Debug("not taken from an outbox", "actor", acc.Actor, "why", err)
					continue
				}
				r.taken++
				if i >= oldest { // the oldest of a page decides: newer ones may have come by themselves
					oldest, r.met = i, !fresh
				}
			}
		}
		next := page.Next
		if next == "" && len(page.Items) == 0 {
			next = page.First
		}
		if next == "" || seen[next] || hostOf(next) != hostOf(acc.Actor) {
			r.next = ""
			return r, nil
		}
		if r.next = next; r.taken >= want || r.met || ctx.Err() != nil {
			return r, nil
		}
		seen[next] = true
		if page, err = b.readPage(ctx, next); err != nil {
			if r.taken > 0 {
				return r, nil // go on there another time
			}
			return r, fmt.Errorf("outbox of %s: %w", acc.Actor, err)
		}
	}
	return r, nil
}

// fromOutbox takes one entry of an outbox: a Create or the object itself, or an
// Announce. It reports whether that was news.
func (b *Bridge) fromOutbox(ctx context.Context, acc db.Account, item vocab.Doc) (fresh bool, err error) {
	if who := first(item.IDs("actor")); who != "" && who != acc.Actor {
		return false, fmt.Errorf("%w: of somebody else", errIgnored)
	}
	id := item.ID()
	switch {
	case item.Is("Announce"):
		object := first(item.IDs("object"))
		if inner, ok := item.One("object"); ok && inner.Is("Create", "Update") { // of a group, FEP-1b12
			object = first(inner.IDs("object"))
		}
		if object == "" {
			return false, fmt.Errorf("%w: a boost of nothing", errIgnored)
		}
		if _, err := b.db.FeedByActivity(ctx, acc.Actor, id); err == nil {
			return false, nil
		}
		return true, b.shelveBoost(ctx, acc.Actor, id, object, item.Time("published"), true)
	case item.Is("Create", "Update"):
		id = first(item.IDs("object"))
		item, _ = item.One("object")
	case len(item.Types()) > 0 && strings.HasSuffix(item.Types()[0], "Activity"), item.Is("Like", "Follow", "Accept", "Delete", "Undo", "Add", "Remove"):
		return false, fmt.Errorf("%w: nothing to read", errIgnored)
	}
	if id == "" || hostOf(id) != hostOf(acc.Actor) {
		return false, fmt.Errorf("%w: no post of its own", errIgnored)
	}
	known, err := b.db.NoteByObject(ctx, id)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return false, err
	}
	if known.Doc != "" || known.Deleted != 0 {
		if f, err := b.db.FeedItem(ctx, acc.Actor, known.Item); err == nil && !f.Gone {
			return false, nil
		}
	}
	// An outbox is its actor's own word about what it wrote, on its own host.
	post := remotePost{Incoming: vocab.ReadIncoming(item), author: acc.Actor, doc: item}
	if post.ID != id || !slices.Equal(post.Authors, []string{acc.Actor}) || len(item.Types()) == 0 {
		if post, err = b.fetchPost(ctx, id); err != nil {
			return false, err
		}
		if post.author != acc.Actor {
			return false, fmt.Errorf("%w: of somebody else", errIgnored)
		}
	}
	return true, b.shelve(ctx, post, true)
}
