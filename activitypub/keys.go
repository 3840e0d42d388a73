package activitypub

import (
	"cmp"
	"context"
	"crypto"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// ErrUnknownKey is a KeyStore's answer for a key that it does not hold.
var ErrUnknownKey = errors.New("activitypub: unknown key")

// RemoteKey is a peer's key as the store keeps it. Owner is the actor, which was
// asked and names the key as its own.
type RemoteKey struct {
	ID, Owner, PEM string
	Fetched        time.Time
}

// KeyStore keeps peers' keys between restarts.
type KeyStore interface {
	RemoteKey(ctx context.Context, keyID string) (RemoteKey, error) // ErrUnknownKey
	SaveRemoteKey(ctx context.Context, k RemoteKey) error           // replaces
}

// How often a peer's key is asked for (row S8), and how long keys are believed
// without a look into the store.
const (
	fetchEvery   = time.Minute
	busyFor      = time.Minute     // after a failure that may pass
	failedFor    = 5 * time.Minute // after one that will not
	parsedFor    = 10 * time.Minute
	fetchTimeout = 8 * time.Second // the peer waits for us about 10 s
	maxFetches   = 64              // at once
	maxFromHost  = 16              // at once from one host
)

// Verifier tells whose request it is. Its fields are set before use and not
// changed; Now may be nil. It is safe for concurrent use and must not be copied.
type Verifier struct {
	Client      *Client
	Store       KeyStore
	InstanceKey func(ctx context.Context) (*Key, error) // signs fetches; nil: unsigned
	Scheme      string                                  // of our public address, which RFC 9421 signs; "" is https
	Now         func() time.Time
	Seen        func(err error, took time.Duration) // told of each signature that was looked at; may be nil

	parsed  recent[verifyKey]
	failed  recent[keyFailure]
	fetched recent[time.Time]
	flights singleflight.Group
	slots   slots
	shown   shown
}

// verifyKey is a RemoteKey ready for use.
type verifyKey struct {
	RemoteKey
	public crypto.PublicKey
	until  time.Time
}

// keyFailure is what came of a fetch; bounded in number and time.
type keyFailure struct {
	err   error
	until time.Time
}

// Verify checks a request's signature in the order of row S6 and gives the
// actor that owns the key. Whether the activity is that actor's is for the
// caller to check.
//
// ErrSignature: refused for good. ErrBusy: the key cannot be had just now.
// Anything else is a fault of ours.
func (v *Verifier) Verify(ctx context.Context, r *http.Request, body []byte) (owner string, err error) {
	c, err := precheck(r, v.scheme(), body, v.now())
	if err != nil {
		return "", err
	}
	return v.verify(ctx, r, c)
}

// SignatureResult says in few words what came of a signature.
func SignatureResult(err error) string {
	switch {
	case err == nil:
		return "good"
	case errors.Is(err, ErrBusy):
		return "key not to be had now"
	case errors.Is(err, errNoKey), errors.Is(err, errKeyGone):
		return "no such key"
	case errors.Is(err, ErrSignature):
		return "bad"
	case errors.Is(err, ErrRefused):
		return "blocked"
	}
	return "failed"
}

// verify is the part of Verify that needs the key.
func (v *Verifier) verify(ctx context.Context, r *http.Request, c claim) (owner string, err error) {
	if v.Seen != nil {
		began := v.now()
		defer func() { v.Seen(err, v.now().Sub(began)) }()
	}
	key, fresh, err := v.key(ctx, c.key())
	if err != nil {
		return "", err
	}
	if c.matches(r, key.public) {
		return key.Owner, nil
	}
	// Perhaps the peer has a new key: look once more, but not for every forgery.
	if !fresh {
		renewed, err := v.stored(ctx, c.key())
		if err != nil || renewed.PEM == key.PEM {
			renewed, err = v.fetch(ctx, c.key())
		}
		if err != nil {
			return "", err
		}
		if renewed.PEM != key.PEM && c.matches(r, renewed.public) {
			return renewed.Owner, nil
		}
	}
	return "", refuse(ErrSignature, "wrong signature")
}

// key finds a key in memory, in the store, or at its owner; fresh says that it
// was just fetched.
func (v *Verifier) key(ctx context.Context, id string) (key verifyKey, fresh bool, err error) {
	if key, ok := v.parsed.get(id); ok && v.now().Before(key.until) {
		return key, false, nil
	}
	key, err = v.stored(ctx, id)
	if err == nil {
		return key, false, nil
	}
	if !errors.Is(err, ErrUnknownKey) {
		return key, false, err
	}
	key, err = v.fetch(ctx, id)
	return key, true, err
}

// Forget makes the next request that a key signed look for it anew.
func (v *Verifier) Forget(id string) {
	v.parsed.forget(id)
	v.fetched.forget(id)
	v.failed.forget(id)
}

// stored reads the store; what is there but unusable counts as unknown.
func (v *Verifier) stored(ctx context.Context, id string) (verifyKey, error) {
	k, err := v.Store.RemoteKey(ctx, id)
	if err != nil {
		return verifyKey{}, fmt.Errorf("activitypub: key store: %w", err)
	}
	public, err := ParsePublicKey(k.PEM)
	if err != nil {
		return verifyKey{}, fmt.Errorf("%w: %w", ErrUnknownKey, err)
	}
	return v.remember(k, public), nil
}

func (v *Verifier) remember(k RemoteKey, public crypto.PublicKey) verifyKey {
	key := verifyKey{k, public, v.now().Add(parsedFor)}
	v.parsed.put(k.ID, key)
	return key
}

func (v *Verifier) scheme() string { return cmp.Or(v.Scheme, "https") }

func (v *Verifier) now() time.Time {
	if v.Now != nil {
		return v.Now()
	}
	return time.Now()
}

// slots bounds what peers can make us fetch at once.
type slots struct {
	mu    sync.Mutex
	total int
	host  map[string]int
}

func (s *slots) take(host string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total >= maxFetches || s.host[host] >= maxFromHost {
		return false
	}
	if s.host == nil {
		s.host = map[string]int{}
	}
	s.total++
	s.host[host]++
	return true
}

func (s *slots) release(host string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	if s.host[host]--; s.host[host] == 0 {
		delete(s.host, host)
	}
}
