package component

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	"isthmus/component/stanza"
)

// pending holds the IQs of one stream that wait for a reply. A reply belongs to
// a request when both its id and its sender fit: whoever learns or guesses an
// id cannot answer for another (RFC 6120 §8.1.2.1, §8.1.3).
type pending struct {
	mu   sync.Mutex
	wait map[pendingKey]chan reply
	down bool

	heard map[string]time.Time // domain: when somebody there last answered
}

// mostHeard bounds of how many domains is remembered when they answered.
const mostHeard = 1000

type pendingKey struct {
	peer, id string
}

// reply is a result or error, or the head of one that was too large to keep.
type reply struct {
	e        *stanza.Element
	tooLarge bool
}

func newPending() *pending {
	return &pending{wait: make(map[pendingKey]chan reply), heard: make(map[string]time.Time)}
}

// peerKey is how peers are compared. Servers fold localpart and domain on the
// way (Prosody does, ejabberd does not), never the resource. What cannot be
// split comes back in a jid-malformed error letter by letter.
func peerKey(addr string) string {
	j, err := stanza.ParseJID(addr)
	if err != nil {
		return addr
	}
	return j.Fold().String()
}

// newID returns 16 random bytes in hex.
func newID() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// add registers a request. The channel yields the reply, or is closed when the
// stream drops.
func (p *pending) add(k pendingKey) (<-chan reply, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		return nil, ErrDown
	}
	c := make(chan reply, 1)
	p.wait[k] = c
	return c, nil
}

// forget gives up waiting.
func (p *pending) forget(k pendingKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.wait, k)
}

// deliver hands a result or error to who waits for it and reports whether
// anybody did. A reply without a sender speaks for the server's end of the
// stream, which is what our own domain stands for there (RFC 6120 §8.1.2.1).
func (p *pending) deliver(e *stanza.Element, tooLarge bool, ownDomain string) bool {
	peer := e.Get("from")
	if peer == "" {
		peer = ownDomain
	}
	k := pendingKey{peerKey(peer), e.ID()}
	p.mu.Lock()
	defer p.mu.Unlock()
	c, ok := p.wait[k]
	if ok {
		if len(p.heard) >= mostHeard {
			clear(p.heard)
		}
		p.heard[domainOf(k.peer)] = time.Now()
		delete(p.wait, k)
		c <- reply{e, tooLarge}
	}
	return ok
}

// whileHeard is ctx until nobody at a domain has answered anything for silence; then its cause
// is context.DeadlineExceeded.
func (p *pending) whileHeard(ctx context.Context, domain string, silence time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	begun := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	var t *time.Timer
	t = time.AfterFunc(silence, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		last := p.heard[domain]
		if last.Before(begun) {
			last = begun
		}
		if left := silence - time.Since(last); left > 0 {
			t.Reset(left)
			return
		}
		cancel(context.DeadlineExceeded)
	})
	return ctx, func() { t.Stop(); cancel(nil) }
}

func domainOf(peer string) string {
	bare, _, _ := strings.Cut(peer, "/")
	return bare[strings.LastIndexByte(bare, '@')+1:]
}

// close tells everybody at once that no reply will come.
func (p *pending) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = true
	for k, c := range p.wait {
		delete(p.wait, k)
		close(c)
	}
}
