package activitypub

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"isthmus/activitypub/vocab"
)

var (
	errTooSoon = fmt.Errorf("%w: this key was asked for less than a minute ago", ErrBusy)
	errKeyGone = refuse(ErrSignature, "the key is gone")      // 410
	errNoKey   = refuse(ErrSignature, "there is no such key") // 404
)

const maxKeys = 16 // of one actor

// fetch asks the owner for a key, stores it, and remembers failure for a while.
// However many requests wait for one key, it is asked for once, and at most once
// a minute.
func (v *Verifier) fetch(ctx context.Context, id string) (verifyKey, error) {
	got, err, _ := v.flights.Do(id, func() (any, error) {
		now := v.now()
		if f, ok := v.failed.get(id); ok && now.Before(f.until) {
			return verifyKey{}, f.err
		}
		if last, ok := v.fetched.get(id); ok && now.Sub(last) < fetchEvery {
			if key, ok := v.parsed.get(id); ok {
				return key, nil // as good as new: another flight has just landed
			}
			return verifyKey{}, errTooSoon
		}
		host := hostOf(id)
		if !v.slots.take(host) {
			return verifyKey{}, fmt.Errorf("%w: too many keys are being fetched", ErrBusy)
		}
		defer v.slots.release(host)
		v.fetched.put(id, now)
		// The others who wait must not fail because the first one went away.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
		defer cancel()
		return v.fetchNow(ctx, id)
	})
	return got.(verifyKey), err
}

func (v *Verifier) fetchNow(ctx context.Context, id string) (verifyKey, error) {
	ours, err := v.instanceKey(ctx)
	if err != nil {
		return verifyKey{}, err
	}
	k, public, actor, err := v.Client.remoteKey(ctx, id, ours)
	if err != nil {
		keep, shown := keyError(id, err)
		v.failed.put(id, keyFailure{shown, v.now().Add(keep)})
		return verifyKey{}, shown
	}
	k.Fetched = v.now()
	if err := v.Store.SaveRemoteKey(ctx, k); err != nil {
		v.fetched.forget(id) // that is no fault of the key's
		return verifyKey{}, fmt.Errorf("activitypub: key store: %w", err)
	}
	v.failed.forget(id)
	v.shown.put(actor, k.Fetched)
	return v.remember(k, public), nil
}

func (v *Verifier) instanceKey(ctx context.Context) (*Key, error) {
	if v.InstanceKey == nil {
		return nil, nil
	}
	return v.InstanceKey(ctx)
}

// gone tells whether an actor's own server says that it is deleted (row S16).
// It is asked no more often than for a key.
func (v *Verifier) gone(ctx context.Context, actor string) bool {
	_, err := v.fetch(ctx, actor)
	return errors.Is(err, errKeyGone)
}

// keyError says what a failed key fetch means for the request that needed it,
// and for how long: a trouble that may pass is ErrBusy, since a 401 could be
// taken for final (row I9).
func keyError(id string, err error) (keep time.Duration, shown error) {
	var s *StatusError
	var dns *net.DNSError
	switch {
	case isStatus(err, http.StatusGone):
		return failedFor, errKeyGone
	case isStatus(err, http.StatusNotFound):
		return failedFor, errNoKey
	case errors.As(err, &s) && s.Code < 500 && s.Code != http.StatusRequestTimeout && s.Code != http.StatusTooManyRequests:
		return failedFor, refuse(ErrSignature, fmt.Sprintf("fetching the key: status %d", s.Code))
	case errors.As(err, &dns) && dns.IsNotFound:
		return failedFor, refuse(ErrSignature, "fetching the key: no such host")
	}
	for _, final := range []error{ErrKey, ErrURL, ErrRefused, ErrAddress, ErrRedirect, ErrContentType, ErrTooLarge, ErrDocument, ErrID} {
		if errors.Is(err, final) {
			// Two levels: the log gets all, the peer the kind.
			return failedFor, fmt.Errorf("%w (%w)", refuse(ErrSignature, "fetching the key: "+strings.TrimPrefix(final.Error(), "activitypub: ")), err)
		}
	}
	return busyFor, fmt.Errorf("%w: key at %s: %w", ErrBusy, hostOf(id), err)
}

// remoteKey fetches the key with an id, and makes sure that the actor it names
// as its owner names it too (row S7). Shapes seen: a key inside its actor; a
// document with only the key; GoToSocial's stub, found at the key's id but
// calling itself the actor. actor is the owner's document, as Get gives it.
func (c *Client) remoteKey(ctx context.Context, id string, ours *Key) (k RemoteKey, public crypto.PublicKey, actor vocab.Doc, err error) {
	bad := func(why string) (RemoteKey, crypto.PublicKey, vocab.Doc, error) {
		return RemoteKey{}, nil, nil, fmt.Errorf("%w: %s: %s", ErrKey, id, why)
	}
	doc, at, err := c.getAny(ctx, id, ours)
	if err != nil {
		return RemoteKey{}, nil, nil, err
	}
	if !sameHost(at, id) {
		return bad("found on another host")
	}
	owner := doc.ID()
	alone, err := keyText(doc)
	if err != nil {
		return RemoteKey{}, nil, nil, err
	}
	if alone != "" {
		if owner != id {
			return bad("the key there has another id")
		}
		if owner = first(doc.IDs("owner")); owner == "" {
			owner = first(doc.IDs("controller"))
		}
	}
	if !sameHost(owner, id) {
		return bad("its owner is on another host")
	}
	if alone != "" || !c.isAt(doc, at, owner) {
		if doc, err = c.Get(ctx, owner, ours); err != nil {
			return RemoteKey{}, nil, nil, err
		}
	}
	pem, ok := claimedKey(doc, id)
	if !ok || doc.ID() != owner {
		return bad("its owner does not name it")
	}
	if pem == "" {
		pem = alone // named by its id only
	}
	public, err = ParsePublicKey(pem)
	return RemoteKey{ID: id, Owner: owner, PEM: pem}, public, doc, err
}

// keyText gives the PEM of a document that is a key: publicKeyPem, or a Multikey
// (FEP-521a). "" when it is none.
func keyText(doc vocab.Doc) (string, error) {
	if text := doc.Str("publicKeyPem"); text != "" {
		return text, nil
	}
	if text := doc.Str("publicKeyMultibase"); text != "" {
		return multikeyPEM(text)
	}
	return "", nil
}

// claimedKey looks for a key among an actor's own. pem is "" when only its id is
// there.
func claimedKey(actor vocab.Doc, id string) (pem string, ok bool) {
	pem, ok = KeysOf(actor)[id]
	return pem, ok
}

// KeysOf gives the keys that an actor names as its own, PEM by id: in publicKey, or
// as Multikeys in assertionMethod; each an object, an array of them, or ids, for
// which the PEM is "". What names another owner, or cannot be read, is none.
func KeysOf(actor vocab.Doc) map[string]string {
	out := map[string]string{}
	for _, member := range []string{"publicKey", "assertionMethod"} {
		for i, one := range actor.List(member) {
			if i == maxKeys {
				break
			}
			if id, is := one.(string); is {
				if _, there := out[id]; !there {
					out[id] = ""
				}
				continue
			}
			m, _ := one.(map[string]any)
			k := vocab.Doc(m)
			owners := append(k.IDs("owner"), k.IDs("controller")...)
			text, err := keyText(k)
			if err != nil || text == "" || k.ID() == "" || len(owners) > 0 && first(owners) != actor.ID() {
				continue
			}
			out[k.ID()] = text
		}
	}
	return out
}

func first(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[0]
}
