package bridge

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/queue"
)

// outgoing remembers the letters that workers are busy with: a fan-out sends
// one body to many inboxes.
type outgoing struct {
	mu     sync.Mutex
	last   map[int64]letter
	making singleflight.Group
}

// letter is one delivery ready to be sent.
type letter struct {
	body      []byte
	key       *activitypub.Key
	oldKey    bool // key is not the blog's any more
	blog      int64
	direct    int64 // the direct message that it brings, 0 for none
	withdrawn bool
	foreign   bool      // somebody else's activity, passed on
	until     time.Time // then it is looked at again
}

// letterFor is how long a letter is used without asking whether it may still go.
const letterFor = time.Second

// errWithdrawn says that what waited may no longer be sent.
var errWithdrawn = errors.New("withdrawn: strangers may no longer read it, or its author left")

// send signs and posts one delivery to one inbox; the queue decides what an
// error means for the future.
func (b *Bridge) send(ctx context.Context, delivery int64, t queue.Target) (err error) {
	began := time.Now()
	defer func() { b.cfg.Metrics.Delivered(deliveryResult(err), time.Since(began)) }()
	l, err := b.letter(ctx, delivery)
	if l.direct != 0 {
		defer func() { b.directSent(ctx, l.direct, err) }()
	}
	if err == nil && l.withdrawn {
		err = errWithdrawn
	}
	if errors.Is(err, db.ErrNotFound) || errors.Is(err, errWithdrawn) {
		return lost{fmt.Errorf("delivery %d: %w", delivery, err)}
	}
	if err != nil {
		return fmt.Errorf("delivery %d: %w", delivery, err)
	}
	err = b.client.Post(ctx, t.Inbox, l.body, l.key)
	var status *activitypub.StatusError
	if l.oldKey && errors.As(err, &status) && status.Code == 401 { // it has read of the new key already
		key, kerr := b.key(ctx, l.blog)
		if err = kerr; err == nil {
			err = b.client.Post(ctx, t.Inbox, l.body, key)
		}
	}
	if errors.Is(err, activitypub.ErrRefused) {
		return lost{err} // the admin blocked it meanwhile
	}
	if l.foreign && errors.As(err, &status) && status.Code/100 == 4 {
		return lost{err} // its proof may be worth nothing there, and that is not the peer's trouble
	}
	if err != nil {
		return postError{err}
	}
	return nil
}

// lost is a delivery that is over on our side: the peer has no part in it.
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

// letter is the one that workers use for now, or a new one that one of them makes for all.
func (b *Bridge) letter(ctx context.Context, delivery int64) (letter, error) {
	b.out.mu.Lock()
	l, ok := b.out.last[delivery]
	b.out.mu.Unlock()
	if ok && b.now().Before(l.until) {
		return l, nil
	}
	made, err, _ := b.out.making.Do(strconv.FormatInt(delivery, 10), func() (any, error) { return b.writeLetter(ctx, delivery) })
	if err != nil {
		return letter{}, err
	}
	return made.(letter), nil
}

func (b *Bridge) writeLetter(ctx context.Context, delivery int64) (l letter, err error) {
	d, err := b.db.DeliveryBody(ctx, delivery)
	if err != nil {
		return letter{}, err
	}
	l = letter{body: []byte(d.Body), blog: d.BlogID, foreign: d.Type == typeForward, until: b.now().Add(letterFor)}
	if d.Type == "Create" || d.Type == "Update" {
		l.direct = d.DirectID
	}
	if l.withdrawn, err = b.withdrawn(ctx, l); err != nil {
		return letter{}, err
	}
	// What others may pass on carries its proof (activitypub.md S14). What is said to
	// few stays deniable.
	if !l.foreign && d.DirectID == 0 && !l.withdrawn {
		key, err := b.key(ctx, l.blog)
		if err == nil {
			l.body, err = activitypub.AddProof(l.body, key, msTime(d.Created))
		}
		if err != nil {
			return letter{}, err
		}
	}
	if !l.withdrawn {
		if l.key, l.oldKey, err = b.keyOf(ctx, l.blog, d.Activity); err != nil {
			return letter{}, fmt.Errorf("key of blog %d: %w", l.blog, err)
		}
	}
	b.out.mu.Lock()
	defer b.out.mu.Unlock()
	if b.out.last == nil || len(b.out.last) >= 64 {
		b.out.last = make(map[int64]letter, 64)
	}
	b.out.last[delivery] = l
	return l, nil
}

// withdrawn says whether a letter may no longer go: posts of a blog that is
// closed, and everything but the farewell of one that left. It may have waited
// for days (design §3).
func (b *Bridge) withdrawn(ctx context.Context, l letter) (bool, error) {
	if l.blog == InstanceBlog {
		return false, nil
	}
	blog, err := b.db.BlogByID(ctx, l.blog)
	if err != nil || blog.State != db.Gone && (readable(&blog) || l.direct != 0) {
		return false, err
	}
	act, err := vocab.Read(l.body, vocab.DefaultLimits)
	if err != nil {
		return false, err
	}
	if blog.State == db.Gone {
		return !act.Is("Delete"), nil
	}
	object, _ := act.One("object")
	// What stands in somebody else's node may still be read there.
	return act.Is("Create", "Update") && object.Str("attributedTo") == b.addr.Actor(blog.Token) && object.Str("inReplyTo") == "", nil
}
