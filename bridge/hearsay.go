package bridge

import (
	"context"
	"slices"
	"sync"
	"time"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/queue"
)

// hearsay is who was said to have published what was announced without its
// payload, on servers that tell the publisher nowhere else (Movim's comments nodes
// on Prosody 0.12). There anybody may overwrite anybody's item, so the words that
// are read later count as the publisher's only when they have stood unchanged for
// a while with nobody else announced (see heard). It is not stored: after a
// restart such a comment is only counted.
type hearsay struct {
	mu sync.Mutex
	by map[string]rumour
}

type rumour struct {
	by    string // bare JID
	hash  string // of what was read last, "" before
	reads int
}

// maxRumours bounds what is remembered, maxReads how often one item may change
// while it is looked at.
const (
	maxRumours = 10_000
	maxReads   = 10
)

func (h *hearsay) say(key, by string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.by == nil || len(h.by) >= maxRumours {
		h.by = make(map[string]rumour)
	}
	h.by[key] = rumour{by: by}
}

// stood reports whose the words with this hash are, if they were there at the
// last look too; again says that it is worth another one.
func (h *hearsay) stood(key, hash string) (by string, again bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r, ok := h.by[key]
	switch {
	case !ok:
		return "", false
	case r.hash == hash:
		delete(h.by, key)
		return r.by, false
	}
	r.hash = hash
	if r.reads++; r.reads > maxReads {
		delete(h.by, key)
		return "", false
	}
	h.by[key] = r
	return "", true
}

// rumoured makes a comment be looked at of which only hearsay tells whose it is.
func (b *Bridge) rumoured(ctx context.Context, t *db.Thread, item, by string) {
	b.rumours.say(threadItemKey(t.ID, item), by)
	b.soon(ctx, threadItemJob(kindHeard, t.ID, item, b.nowMS()+b.rumourPause().Milliseconds()))
}

// rumourPause is short enough for a conversation and long enough for the
// announcement of what was overwritten to arrive.
func (b *Bridge) rumourPause() time.Duration { return b.cfg.RetractHold / 3 }

// heard looks whether a comment stood unchanged since it was looked at last.
func (b *Bridge) heard(ctx context.Context, t *db.Thread, item string) error {
	items, _, err := b.strangerReads(ctx, t.Service, t.Node, []string{item})
	if err != nil {
		return err
	}
	i := slices.IndexFunc(items, func(it stanza.Item) bool { return it.ID == item && it.Payload != nil })
	if i < 0 {
		return nil
	}
	it := items[i]
	by, again := b.rumours.stood(threadItemKey(t.ID, item), payloadHash(it.Payload))
	if again {
		return queue.Snooze(b.rumourPause())
	}
	it.Publisher = by
	return b.comment(ctx, t, it, true)
}
