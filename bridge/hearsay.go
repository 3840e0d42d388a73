package bridge

import (
	"context"
	"slices"
	"sync"

	"isthmus/component/stanza"
	"isthmus/db"
)

// hearsay is who was said to have published what was announced without its
// payload, on servers that tell the publisher nowhere else (Movim's comments nodes
// on Prosody 0.12). There anybody may overwrite anybody's item, so the words that
// are read count as the publisher's only when nobody else was announced before
// they were read (see heard). It is not stored: after a restart such a comment is
// only counted.
type hearsay struct {
	mu sync.Mutex
	by map[string]rumour
}

type rumour struct {
	by      string // bare JID
	dropped int64  // what the service's lane had dropped by then
}

// maxRumours bounds what is remembered.
const maxRumours = 10_000

func (h *hearsay) say(key string, r rumour) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.by == nil {
		h.by = make(map[string]rumour)
	}
	if len(h.by) >= maxRumours {
		for other := range h.by { // any
			delete(h.by, other)
			break
		}
	}
	h.by[key] = r
}

func (h *hearsay) who(key string) rumour {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.by[key]
}

func (h *hearsay) forget(key string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.by, key)
}

// rumoured notes who published what was announced, before anything is asked.
func (b *Bridge) rumoured(t *db.Thread, item, by string) {
	b.rumours.say(threadItemKey(t.ID, item), rumour{bareOf(by), b.xmpp.Dropped(mustJID(t.Service))})
}

// heard reads a comment of which only hearsay tells whose it is. A server
// announces what it stores before it answers what is asked later, on one stream:
// when all that came before the answer is handled, who was announced last wrote
// what the answer says. Unless something was dropped on the way.
func (b *Bridge) heard(ctx context.Context, t *db.Thread, item string) error {
	items, _, err := b.strangerReads(ctx, t.Service, t.Node, []string{item})
	if err != nil {
		return err
	}
	dropped, err := b.xmpp.Settled(ctx, mustJID(t.Service))
	if err != nil {
		return err
	}
	key := threadItemKey(t.ID, item)
	if i := slices.IndexFunc(items, func(it stanza.Item) bool { return it.ID == item && it.Payload != nil }); i >= 0 {
		it, said := items[i], b.rumours.who(key)
		if it.Publisher == "" && said.dropped == dropped {
			it.Publisher = said.by
		}
		if err := b.comment(ctx, t, it, true); err != nil {
			return err
		}
	}
	b.rumours.forget(key)
	return nil
}
