package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/queue"
)

// httpSide is what the Fediverse border calls.
type httpSide struct{ *Bridge }

var _ activitypub.Handler = httpSide{}

// Inbox stores a verified activity; its worker does the rest. One that came
// before is not an error (activitypub.md I5).
func (b httpSide) Inbox(ctx context.Context, in activitypub.Inbound) error {
	typ := wanted(in.Doc)
	if len(in.ID) > maxID || len(in.Actor) > maxID || len(first(in.Doc.IDs("object"))) > maxID {
		typ = "" // nobody's ids are this long
	}
	if typ == "" || in.Forwarded && in.ID == "" {
		b.logger(ctx).Debug("activity of no concern", "request", in.RequestID, "activity", in.ID, "type", in.Type)
		return nil
	}
	sum := sha256.Sum256(in.Body)
	text := hex.EncodeToString(sum[:16])
	key := in.ID
	switch {
	case in.Forwarded: // what its own actor sends counts besides, and so does another text
		key, typ = key+" forwarded "+text, forwardedType
	case in.ID == "": // nobody will refer to it; the text itself tells a repeat
		key = in.Actor + "#" + text
	case typ == "Follow", typ == "Undo", typ == "Block":
		// Misskey gives every Follow of one pair the same id, and its Undo too: a
		// second one is no repeat. What they do is the same however often it is done.
		key += " " + b.token()
	case typ == "Update", typ == "Delete": // Libervia gives them the id of the Create
		key += " " + text
	}
	line := in.Actor
	if in.Forwarded { // what others say of an actor does not keep its own words waiting
		line = in.Signer + forwardedLine
	} else {
		b.mail.Heard(hostOf(in.Actor)) // it is there: an open circuit may close
	}
	fresh, err := b.db.AddInbound(ctx, db.Inbound{
		Activity: key, Actor: line, Type: typ, Token: in.Token,
		Body: string(in.Body), Received: b.nowMS(), Due: b.nowMS(),
	})
	if err != nil {
		return err
	}
	if fresh {
		b.inbox.Kick()
	}
	return nil
}

// maxID bounds the ids that are kept, in bytes.
const maxID = 2048

// wanted gives the type by which an activity can concern us, "" when there is
// none: that is accepted and forgotten, never refused (activitypub.md I3).
func wanted(doc vocab.Doc) string {
	for _, typ := range doc.Types() {
		switch typ {
		case "Follow", "Undo", "Block", "Delete", "Update", "Create", "Announce",
			"Like", "EmojiReact", "Accept", "Reject", "Move", "QuoteRequest", "LikeRequest", "ReplyRequest", "AnnounceRequest", "Flag":
			return typ
		}
	}
	return ""
}

// forwardedLine ends the name of the line in which activities wait that somebody
// brought for others.
const forwardedLine = "#forwarded"

// forwardedType marks in the inbox what somebody else than its actor brought.
const forwardedType = "Forwarded"

// received is one activity in the hands of its worker.
type received struct {
	actor string
	doc   vocab.Doc
	body  string
	token string // of the actor whose own inbox it came to, "" for the shared one
}

// proof is the activity as it came when it carries a proof with which it may be
// passed on (AP §7.1.2, activitypub.md I13) and is about what its actor wrote,
// else "".
func (in received) proof(author string) string {
	if author != in.actor || !carriesProof(in.doc) {
		return ""
	}
	return in.body
}

// carriesProof reports whether an activity carries what could be a proof: LD signatures
// and FEP-8b32 have a type and a value.
func carriesProof(doc vocab.Doc) bool {
	signature, _ := doc.One("signature")
	proof, _ := doc.One("proof")
	return signature.Str("type") != "" && signature.Str("signatureValue") != "" || proof.Str("type") != "" && proof.Str("proofValue") != ""
}

// receive is the inbox worker: one stored activity at a time for each actor.
func (b *Bridge) receive(ctx context.Context, in queue.Received) error {
	doc, err := vocab.Read([]byte(in.Body), vocab.DefaultLimits)
	if err != nil {
		return fmt.Errorf("stored activity: %w", err) // it was readable when it came
	}
	id, _, _ := strings.Cut(in.Activity, " ")
	ctx = b.with(ctx, "activity", id, "actor", in.Actor, "type", in.Type)
	log := b.logger(ctx)
	ctx = context.WithValue(ctx, carrierKey{}, hostOf(strings.TrimSuffix(in.Actor, forwardedLine)))
	ctx = activitypub.WithBudget(ctx, handleReads)
	ctx, cancel := context.WithTimeout(ctx, handleFor)
	defer cancel()
	err = b.handle(ctx, in.Type, received{in.Actor, doc, in.Body, in.Token})
	if ctx.Err() == nil && (errors.Is(err, errIgnored) || activitypub.Gone(err)) { // cut short, it means nothing
		log.Info("activity ignored", "why", err)
		b.cfg.Metrics.Received(in.Type, "ignored") // one of the types that are wanted
		return nil
	}
	if err != nil {
		b.cfg.Metrics.Received(in.Type, "again")
		return err
	}
	b.cfg.Metrics.Received(in.Type, "handled")
	log.Info("activity handled")
	return nil
}

// handleReads is how many requests one activity may cause: a conversation, who wrote
// in it and who is named, with redirects.
const handleReads = 100

// handleFor is how long one activity may keep a worker; other servers are asked
// for it, and some never answer.
const handleFor = time.Minute

func (b *Bridge) handle(ctx context.Context, typ string, in received) error {
	switch typ {
	case "Follow":
		return b.followed(ctx, in.actor, in.doc, in.body)
	case "Undo":
		return b.undo(ctx, in.actor, in.doc)
	case "Block":
		object := first(in.doc.IDs("object"))
		return errors.Join(b.unfollowed(ctx, in.actor, object), b.blockedBy(ctx, in.actor, object, in.doc.ID()))
	case "Accept", "Reject":
		if ours, err := b.quoteAnswered(ctx, in.actor, in.doc); ours || err != nil {
			return err
		}
		if typ == "Accept" {
			return b.followAccepted(ctx, in.actor, in.doc)
		}
		return b.followRejected(ctx, in.actor, in.doc)
	case "Move":
		return b.moved(ctx, in.actor, in.doc)
	case "Create":
		return b.created(ctx, in)
	case "Update":
		if first(in.doc.IDs("object")) == in.actor {
			return b.actorUpdated(ctx, in.actor)
		}
		return b.edited(ctx, in)
	case "Delete":
		if first(in.doc.IDs("object")) == in.actor {
			return b.actorDeleted(ctx, in.actor)
		}
		return b.removed(ctx, in)
	case "Like", "EmojiReact":
		return b.liked(ctx, in.actor, in.doc)
	case "Announce":
		return b.announced(ctx, in)
	case "QuoteRequest", "LikeRequest", "ReplyRequest", "AnnounceRequest":
		return b.requested(ctx, in.actor, in.doc)
	case "Flag":
		return b.flagged(ctx, in.actor, in.doc)
	case forwardedType:
		return b.forwarded(ctx, in.doc)
	}
	return nil
}

// errIgnored marks an activity that asks for something that is not there or not
// the sender's to ask. Nothing is changed and the sender is not told.
var errIgnored = errors.New("ignored")

// KnownActor keeps waves of account deletions cheap: who never had to do with
// us is not looked up (activitypub.md S16).
func (b httpSide) KnownActor(ctx context.Context, actor string) bool {
	known, err := b.db.RemoteKnown(ctx, actor)
	return err != nil || known
}

// InboxExists is asked before a body is read.
func (b httpSide) InboxExists(ctx context.Context, token string) error {
	if token == "" || token == InstanceToken || b.doors.found(token, b.now()) {
		return nil
	}
	_, err := b.blogByToken(ctx, token)
	if err == nil {
		b.doors.add(token)
	}
	return err
}

// doors remembers for a second which inboxes exist: looking is a fifth of what taking an
// activity costs. What is taken for somebody who has just left is ignored by its worker.
type doors struct {
	mu    sync.Mutex
	until time.Time
	seen  map[string]bool // tokens
}

func (d *doors) found(token string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !now.Before(d.until) {
		d.seen, d.until = map[string]bool{}, now.Add(time.Second)
	}
	return d.seen[token]
}

func (d *doors) add(token string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen[token] = true
}

func first(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[0]
}
