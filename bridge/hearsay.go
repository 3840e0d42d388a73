package bridge

import (
	"context"
	"encoding/json"
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

// kindHeard is the job that looks whether an announced comment stood.
const kindHeard = "heard"

// rumoured makes a comment be looked at of which only hearsay tells whose it is.
func (b *Bridge) rumoured(ctx context.Context, t *db.Thread, item, by string) {
	key := uncommentKey(t.ID, item)
	b.rumours.say(key, by)
	args, _ := json.Marshal(uncommentArgs{t.ID, item})
	b.soon(ctx, db.Job{Kind: kindHeard, Key: key, Args: string(args), Due: b.nowMS() + b.rumourPause().Milliseconds()})
}

// rumourPause is short enough for a conversation and long enough for the
// announcement of what was overwritten to arrive.
func (b *Bridge) rumourPause() time.Duration { return b.cfg.RetractHold / 3 }

func (b *Bridge) heard(ctx context.Context, j queue.Job) error {
	var a uncommentArgs
	if err := json.Unmarshal([]byte(j.Args), &a); err != nil {
		return err
	}
	t, err := b.db.ThreadByID(ctx, a.Thread)
	if err != nil {
		return ignoreNotFound(err)
	}
	items, _, err := b.strangerReads(ctx, t.Service, t.Node, []string{a.Item})
	if err != nil {
		return err
	}
	i := slices.IndexFunc(items, func(it stanza.Item) bool { return it.ID == a.Item && it.Payload != nil })
	if i < 0 {
		return nil
	}
	it := items[i]
	by, again := b.rumours.stood(uncommentKey(t.ID, a.Item), payloadHash(it.Payload))
	if again {
		return queue.Snooze(b.rumourPause())
	}
	it.Publisher = by
	return b.comment(ctx, &t, it, true)
}
