package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

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
	if !wanted(in) {
		b.logger(ctx).Debug("activity of no concern", "request", in.RequestID, "activity", in.ID, "type", in.Type)
		return nil
	}
	key := in.ID
	switch {
	case in.ID == "": // nobody will refer to it; the text itself tells a repeat
		sum := sha256.Sum256(in.Body)
		key = in.Actor + "#" + hex.EncodeToString(sum[:16])
	case in.Type == "Follow", in.Type == "Undo", in.Type == "Block":
		// Misskey gives every Follow of one pair the same id, and its Undo too: a
		// second one is no repeat. What they do is the same however often it is done.
		key += " " + b.token()
	}
	b.mail.Heard(hostOf(in.Actor)) // it is there: an open circuit may close
	fresh, err := b.db.AddInbound(ctx, db.Inbound{
		Activity: key, Actor: in.Actor, Type: in.Type, Token: in.Token,
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

// wanted says whether an activity can concern us at all; the rest is accepted
// and forgotten, never refused (activitypub.md I3).
func wanted(in activitypub.Inbound) bool {
	switch in.Type {
	case "Follow", "Undo", "Block", "Delete", "Update":
		return true
	}
	return false
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
	switch in.Type {
	case "Follow":
		err = b.followed(ctx, in.Actor, doc, in.Body)
	case "Undo":
		err = b.undo(ctx, in.Actor, doc)
	case "Block":
		err = b.unfollowed(ctx, in.Actor, first(doc.IDs("object")))
	case "Delete":
		err = b.actorDeleted(ctx, in.Actor, doc)
	case "Update":
		err = b.actorUpdated(ctx, in.Actor, doc)
	}
	if errors.Is(err, errIgnored) || activitypub.Gone(err) {
		log.Info("activity ignored", "why", err)
		return nil
	}
	if err == nil {
		log.Info("activity handled")
	}
	return err
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
	if token == "" || token == gatewayToken {
		return nil
	}
	_, err := b.blogByToken(ctx, token)
	return err
}

func (b *Bridge) actorDeleted(ctx context.Context, actor string, doc vocab.Doc) error {
	if first(doc.IDs("object")) != actor {
		return nil // a post of theirs; we keep none
	}
	n, err := b.db.RemoveActor(ctx, actor)
	if err != nil {
		return err
	}
	b.logger(ctx).Info("remote actor deleted", "follows", n)
	return nil
}

// actorUpdated renews where a follower's posts go. The document is fetched from
// its own address, never taken from the activity.
func (b *Bridge) actorUpdated(ctx context.Context, actor string, doc vocab.Doc) error {
	if first(doc.IDs("object")) != actor {
		return nil
	}
	if known, err := b.db.RemoteKnown(ctx, actor); err != nil || !known {
		return err
	}
	remote, err := b.fetchRemote(ctx, actor)
	if err != nil {
		return err
	}
	return b.moveInbox(ctx, actor, remote)
}

func first(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[0]
}
