package bridge

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"isthmus/activitypub"
	"isthmus/db"
	"isthmus/queue"
)

// outgoing remembers the body of the delivery that workers are busy with: a
// fan-out sends one body to many inboxes.

type outgoing struct {
	mu   sync.Mutex
	last map[int64]letter
}

type letter struct {
	body []byte
	blog int64
}

// send signs and posts one delivery to one inbox; the queue decides what an
// error means for the future.
func (b *Bridge) send(ctx context.Context, delivery int64, t queue.Target) error {
	l, err := b.letter(ctx, delivery)
	if errors.Is(err, db.ErrNotFound) {
		return lost{fmt.Errorf("delivery %d: %w", delivery, err)}
	}
	if err != nil {
		return fmt.Errorf("delivery %d: %w", delivery, err)
	}
	key, err := b.key(ctx, l.blog)
	if err != nil {
		return fmt.Errorf("key of blog %d: %w", l.blog, err)
	}
	if err := b.client.Post(ctx, t.Inbox, l.body, key); err != nil {
		return postError{err}
	}
	return nil
}

// lost is a delivery whose activity is not there: the peer has no part in it.
type lost struct{ error }

// Final is true: it will not come back.
func (lost) Final() bool { return true }

// postError tells the queue, in the queue's words, what a peer's answer means.
type postError struct{ error }

func (e postError) Unwrap() error { return e.error }

// Final is true when trying again is of no use (activitypub.md O32).
func (e postError) Final() bool { return activitypub.Final(e.error) }

// Gone is true when the inbox says that it does not exist.
func (e postError) Gone() bool { return activitypub.Gone(e.error) }

// After is how long the peer asked us to wait.
func (e postError) After() time.Duration {
	var status *activitypub.StatusError
	if errors.As(e.error, &status) {
		return status.RetryAfter
	}
	return 0
}

func (b *Bridge) letter(ctx context.Context, delivery int64) (letter, error) {
	b.out.mu.Lock()
	l, ok := b.out.last[delivery]
	b.out.mu.Unlock()
	if ok {
		return l, nil
	}
	body, blog, err := b.db.DeliveryBody(ctx, delivery)
	if err != nil {
		return letter{}, err
	}
	l = letter{[]byte(body), blog}
	b.out.mu.Lock()
	defer b.out.mu.Unlock()
	if b.out.last == nil || len(b.out.last) >= 64 {
		b.out.last = make(map[int64]letter, 64)
	}
	b.out.last[delivery] = l
	return l, nil
}
