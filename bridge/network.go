package bridge

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"isthmus/activitypub/vocab"
	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// Bounds of showing whom somebody follows: of the ids on the first page, and of
// those that are looked up for one request.
const (
	maxNetwork = 100
	newNetwork = 20
)

// fetchNetwork answers with whom an account follows, or who follows it, as far as
// its server shows that to everybody and they have addresses here (XEP-0465). Who
// follows it from here is not added: that is theirs to show.
func (b *Bridge) fetchNetwork(ctx context.Context, acc db.Account, f component.FetchRequest) (component.FetchResult, error) {
	p := profileOf(acc)
	address, show := p.Following, func(who stanza.JID) *stanza.Element { return stanza.PPSSubscription(who, stanza.NSMicroblog) }
	if f.Node != stanza.NodePPSSubscriptions {
		address, show = p.Followers, stanza.PPSSubscriber
	}
	if address == "" || hostOf(address) != hostOf(acc.Actor) {
		return component.FetchResult{}, stanza.ErrItemNotFound("")
	}
	people, err := together(b, ctx, "network "+address, func(ctx context.Context) ([]stanza.JID, error) { return b.peopleIn(ctx, address) })
	if err != nil {
		return component.FetchResult{}, b.whyNot(ctx, b.handleAt(acc), err)
	}
	var items []stanza.Item
	for _, who := range people {
		if id := who.String(); len(f.IDs) == 0 || slices.Contains(f.IDs, id) {
			items = append(items, stanza.Item{ID: id, Publisher: acc.JID, Payload: show(who)})
		}
	}
	return cutPage(items, f)
}

// peopleIn reads the first page of a collection of actors and gives the addresses
// of those that are known, or can be looked up soon.
func (b *Bridge) peopleIn(ctx context.Context, address string) ([]stanza.JID, error) {
	page, err := b.readPage(ctx, address)
	if err != nil {
		return nil, err
	}
	if page.Inline == nil && len(page.Items) == 0 && page.First != "" && hostOf(page.First) == hostOf(address) {
		if page, err = b.readPage(ctx, page.First); err != nil {
			return nil, err
		}
	}
	items := page.Items
	if page.Inline != nil {
		items = append(items, vocab.ReadPage(page.Inline).Items...)
	}
	found := make([]stanza.JID, min(len(items), maxNetwork))
	var g errgroup.Group
	var mu sync.Mutex
	g.SetLimit(4)
	fresh := 0
	for i, item := range items[:len(found)] {
		id := item.ID()
		if r, err := b.db.Remote(ctx, id); err == nil && r.Handle != "" {
			found[i] = b.authorOf(r).JID
			continue
		}
		if _, _, ours := b.addr.TokenOf(id); ours || id == "" || fresh >= newNetwork {
			continue
		}
		fresh++
		g.Go(func() error {
			r, err := b.fetchRemote(ctx, id)
			if err == nil && r.Handle != "" {
				mu.Lock()
				found[i] = b.authorOf(r).JID
				mu.Unlock()
			}
			return nil
		})
	}
	g.Wait() // its functions return no error
	return slices.DeleteFunc(found, stanza.JID.IsZero), nil
}
