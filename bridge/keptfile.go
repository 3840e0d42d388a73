package bridge

import (
	"context"
	"sync"
	"time"

	"isthmus/component/stanza"
)

// keptFiles remembers files that came as messages of their own, as clients send
// them, for the next “post” or “reply” of the same person.
type keptFiles struct {
	mu   sync.Mutex
	kept map[stanza.JID]keptFile
}

type keptFile struct {
	files []stanza.File
	until time.Time
}

// Bounds of what is remembered.
const (
	keptFor   = 10 * time.Minute
	maxKept   = 8    // files of one person, as many as a post shows
	maxKeeper = 1000 // persons
)

func (k *keptFiles) put(who stanza.JID, files []stanza.File, now time.Time) (kept int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil || len(k.kept) > maxKeeper {
		k.kept = make(map[stanza.JID]keptFile)
	}
	it := k.kept[who]
	if now.After(it.until) {
		it.files = nil
	}
	it.files = append(it.files, files...)
	it.files, it.until = it.files[:min(len(it.files), maxKept)], now.Add(keptFor)
	k.kept[who] = it
	return len(it.files)
}

func (k *keptFiles) take(who stanza.JID, now time.Time) []stanza.File {
	k.mu.Lock()
	defer k.mu.Unlock()
	it := k.kept[who]
	delete(k.kept, who)
	if now.After(it.until) {
		return nil
	}
	return it.files
}

// keepFile remembers files of a message to the gateway that is nothing else, and
// says what to do about them.
func (b *Bridge) keepFile(ctx context.Context, who stanza.JID, files []stanza.File) answer {
	ctx = b.speakTo(ctx, who)
	if !b.serves(who.Bare()) {
		return answer{Text: b.say(ctx, "post.file.foreign")}
	}
	n := b.kept.put(who.Bare().Fold(), files, b.now())
	return answer{Text: b.say(ctx, "post.file.kept", "number", n), Next: []string{"post", "help post"}}
}

// filesOf are the files that go with what somebody asks to be published: of this
// message, and those kept.
func (b *Bridge) filesOf(a asking) []stanza.File {
	files := append(b.kept.take(a.From, b.now()), a.Files...)
	return files[:min(len(files), maxKept)]
}
