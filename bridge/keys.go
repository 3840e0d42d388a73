package bridge

import (
	"context"
	"errors"
	"sync"
	"time"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/db"
)

// InstanceToken is the token of the instance actor, which signs fetches.
const InstanceToken = "gateway"

// InstanceBlog is the row id under which the instance actor's key is kept.
const InstanceBlog = 0

// keyring keeps parsed private keys: parsing one costs 15 % of a signature
// (performance.md §1).
type keyring struct {
	mu     sync.Mutex
	parsed map[int64]*activitypub.Key
}

// forget makes a key be read again: it was replaced.
func (k *keyring) forget(blog int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.parsed, blog)
}

func (k *keyring) forgetAll() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.parsed = nil
}

// key returns a blog's key, made the first time it is needed and never again.
func (b *Bridge) key(ctx context.Context, blog int64) (*activitypub.Key, error) {
	b.keys.mu.Lock()
	defer b.keys.mu.Unlock()
	if k := b.keys.parsed[blog]; k != nil {
		return k, nil
	}
	token := InstanceToken
	if blog != InstanceBlog {
		row, err := b.db.BlogByID(ctx, blog)
		if err != nil {
			return nil, err
		}
		token = row.Token
	}
	pem, err := b.db.PrivateKey(ctx, blog)
	if errors.Is(err, db.ErrNotFound) {
		if pem, err = activitypub.NewKeyPEM(); err != nil {
			return nil, err
		}
		pem, err = b.db.AddPrivateKey(ctx, blog, pem) // whoever was first wins
	}
	if err != nil {
		return nil, err
	}
	k, err := activitypub.ParseKey(b.addr.Key(token), pem)
	if err != nil {
		return nil, err
	}
	if b.keys.parsed == nil {
		b.keys.parsed = make(map[int64]*activitypub.Key)
	}
	b.keys.parsed[blog] = k
	return k, nil
}

func (b *Bridge) instanceKey(ctx context.Context) (*activitypub.Key, error) {
	return b.key(ctx, InstanceBlog)
}

// keyStore remembers other people's keys for the verifier.
type keyStore struct{ b *Bridge }

var _ activitypub.KeyStore = keyStore{}

func (s keyStore) RemoteKey(ctx context.Context, keyID string) (activitypub.RemoteKey, error) {
	k, err := s.b.db.PeerKey(ctx, keyID)
	if errors.Is(err, db.ErrNotFound) {
		return activitypub.RemoteKey{}, activitypub.ErrUnknownKey
	}
	if err != nil {
		return activitypub.RemoteKey{}, err
	}
	return activitypub.RemoteKey{ID: k.ID, Owner: k.Actor, PEM: k.PEM, Fetched: time.UnixMilli(k.Fetched)}, nil
}

func (s keyStore) SaveRemoteKey(ctx context.Context, k activitypub.RemoteKey) error {
	return s.b.db.PutPeerKey(ctx, db.PeerKey{ID: k.ID, Actor: k.Owner, PEM: k.PEM, Fetched: k.Fetched.UnixMilli()})
}

// renewKeys forgets the keys of an actor that its document, just fetched, does not
// name any more or gives otherwise: an Update is how peers tell of a new key (row
// S9), and the old one may have been stolen.
func (b *Bridge) renewKeys(ctx context.Context, doc vocab.Doc) error {
	known, err := b.db.PeerKeys(ctx, doc.ID())
	if err != nil || len(known) == 0 {
		return err
	}
	named := activitypub.KeysOf(doc)
	for _, k := range known {
		if pem, ok := named[k.ID]; ok && (pem == "" || pem == k.PEM) {
			continue
		}
		if err := b.db.DropPeerKey(ctx, k.ID); err != nil {
			return err
		}
		b.verifier.Forget(k.ID)
		b.logger(ctx).Info("a peer's key is no longer its", "actor", doc.ID(), "key", k.ID)
	}
	return nil
}
