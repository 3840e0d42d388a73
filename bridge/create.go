package bridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/db"
)

// post is somebody else's object of which its author is certain.
type remotePost struct {
	vocab.Incoming
	author string // actor id, on the host of the object's id
	token  string // of the actor whose own inbox it came to, "" otherwise
	body   string // of its activity, when that may be forwarded as it is; else ""
	doc    vocab.Doc
	unseen bool // nothing of it was known a moment ago
}

// created takes a post that answers or names somebody of ours. What it is, and
// whom it concerns, is decided by noted.
func (b *Bridge) created(ctx context.Context, in received) error {
	post, err := b.genuine(ctx, in.actor, in.doc)
	if err != nil {
		return err
	}
	post.token, post.body = in.token, in.proof(post.author)
	note, err := b.noted(ctx, post, 0)
	post.unseen = note.ID == 0 && errors.Is(err, errNobody)
	return b.alsoRead(ctx, post, err)
}

// alsoRead puts a post into its author's node when somebody here follows them;
// err is what came of it as far as it concerns somebody.
func (b *Bridge) alsoRead(ctx context.Context, post remotePost, err error) error {
	if err != nil && !errors.Is(err, errIgnored) {
		return err
	}
	followed, ferr := b.db.FollowedHere(ctx, post.author)
	if ferr != nil {
		return ferr
	}
	if followed {
		if ferr = b.shelve(ctx, post, false); ferr == nil || !errors.Is(ferr, errIgnored) {
			return ferr
		}
	}
	return err
}

// edited takes a changed post. One that never came is taken as new while it is
// young: its Create may have got lost (activitypub.md I6).
func (b *Bridge) edited(ctx context.Context, in received) error {
	post, err := b.genuine(ctx, in.actor, in.doc)
	if err != nil {
		return err
	}
	_, err = b.db.NoteByObject(ctx, post.ID)
	if errors.Is(err, db.ErrNotFound) {
		if b.now().Sub(post.Published) > freshFor {
			return fmt.Errorf("%w: change of a post that is not known", errIgnored)
		}
		return b.created(ctx, in)
	}
	if err != nil {
		return err
	}
	post.body = in.proof(post.author)
	_, err = b.noted(ctx, post, 0)
	return b.alsoRead(ctx, post, err)
}

// genuine returns an activity's object with its real author. An embedded one is
// believed on its author's own host alone, and only if it says that the sender
// and nobody else wrote it; anything else is read at its own address (FEP-fe34,
// activitypub.md I11, I12).
func (b *Bridge) genuine(ctx context.Context, actor string, doc vocab.Doc) (remotePost, error) {
	id := first(doc.IDs("object"))
	inner, embedded := doc.One("object")
	if id == "" {
		return remotePost{}, fmt.Errorf("%w: no object with an id", errIgnored)
	}
	if embedded && inner.ID() == id && len(inner.Types()) > 0 && hostOf(id) == hostOf(actor) {
		if post := vocab.ReadIncoming(inner); slices.Equal(post.Authors, []string{actor}) {
			if len(post.To)+len(post.Cc)+len(post.Audience) == 0 { // said on the activity alone
				post.To, post.Cc = doc.IDs("to"), doc.IDs("cc")
			}
			return remotePost{Incoming: post, author: actor, doc: inner}, nil
		}
	}
	if embedded && inner["attributedTo"] != nil { // what does not even claim to be about us is not worth asking
		if about, err := b.claimsUs(ctx, inner); err != nil || !about {
			return remotePost{}, cmp.Or(err, errNobody)
		}
	} else if hostOf(id) != hostOf(actor) {
		return remotePost{}, fmt.Errorf("%w: only the id of another server's post", errIgnored)
	}
	return b.fetchPost(ctx, id)
}

// errNobody is for what is about nobody here.
var errNobody = fmt.Errorf("%w: concerns nobody here", errIgnored)

// claimsUs says whether what somebody brings is known here, claims to answer what
// is, or names somebody of ours.
func (b *Bridge) claimsUs(ctx context.Context, object vocab.Doc) (bool, error) {
	post := vocab.ReadIncoming(object)
	for _, id := range []string{post.ID, post.InReplyTo} {
		if _, _, ours := b.addr.TokenOf(id); ours {
			return true, nil
		}
		if _, err := b.db.NoteByObject(ctx, id); !errors.Is(err, db.ErrNotFound) {
			return err == nil, err
		}
	}
	named, err := b.namedIn(ctx, remotePost{Incoming: post})
	return len(named) > 0, err
}

// fetchPost reads a post at its own address. A Tombstone has no author.
func (b *Bridge) fetchPost(ctx context.Context, id string) (remotePost, error) {
	if hostOf(id) == "" || hostOf(id) == b.publicHost() {
		return remotePost{}, fmt.Errorf("%w: %s is no post of somebody else", errIgnored, id)
	}
	doc, err := b.fetchDoc(ctx, id)
	if err != nil {
		return remotePost{}, err
	}
	post := vocab.ReadIncoming(doc)
	if hostOf(post.ID) == b.publicHost() { // a redirect led back here
		return remotePost{}, fmt.Errorf("%w: %s is a post of ours", errIgnored, post.ID)
	}
	if post.Type == "Tombstone" {
		return remotePost{Incoming: post}, nil
	}
	for _, a := range post.Authors {
		if hostOf(a) == hostOf(post.ID) {
			return remotePost{Incoming: post, author: a, doc: doc}, nil
		}
	}
	return remotePost{}, fmt.Errorf("%w: %s has no author on its own host", errIgnored, id)
}

// fetchDoc reads what other servers make us read, within bounds for who makes us
// and for who is read.
func (b *Bridge) fetchDoc(ctx context.Context, id string) (vocab.Doc, error) {
	carrier, _ := ctx.Value(carrierKey{}).(string)
	if carrier != "" && !b.quota.take("fetch for "+carrier, fetchesPerHour, b.now()) || !b.quota.take("fetch from "+hostOf(id), fetchesPerHour, b.now()) {
		return nil, fmt.Errorf("%w: %s makes us fetch too much, or %s is fetched too much", errIgnored, carrier, hostOf(id))
	}
	key, err := b.instanceKey(ctx)
	if err != nil {
		return nil, err
	}
	doc, err := b.client.Get(ctx, id, key)
	if err != nil && (activitypub.Final(err) || !retriable(err)) {
		return nil, fmt.Errorf("%w: %w", errIgnored, err)
	}
	return doc, err
}

// carrierKey carries the host of who sent what is being handled.
type carrierKey struct{}

// retriable tells trouble on the way from an answer that will not change.
func retriable(err error) bool {
	for _, final := range []error{activitypub.ErrAddress, activitypub.ErrRefused, activitypub.ErrRedirect, activitypub.ErrContentType,
		activitypub.ErrTooLarge, activitypub.ErrDocument, activitypub.ErrID, activitypub.ErrBudget} {
		if errors.Is(err, final) {
			return false
		}
	}
	return true
}
