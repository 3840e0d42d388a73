package bridge

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
	"isthmus/queue"
)

// kindDirectLiked is the job that tells all that whom a message is to thinks of it.
const kindDirectLiked = "direct-liked"

// directOf is the direct message of ours that an activity of an actor is about; only
// whom it was sent to has one.
func (b *Bridge) directOf(ctx context.Context, actor string, doc vocab.Doc) (db.Direct, bool) {
	kind, token, ours := b.addr.TokenOf(first(doc.IDs("object")))
	if !ours || kind != mapping.KindPost {
		return db.Direct{}, false
	}
	msg, err := b.db.DirectByToken(ctx, token)
	return msg, err == nil && msg.Peer == actor && msg.Deleted == 0
}

// likedDirect shows a like of a direct message as a reaction (XEP-0444).
func (b *Bridge) likedDirect(ctx context.Context, msg db.Direct, doc vocab.Doc) error {
	gone, err := b.db.Forestalled(ctx, msg.Peer+" "+doc.ID(), b.nowMS())
	if err != nil {
		return err
	}
	if gone {
		return fmt.Errorf("%w: undone before it came", errIgnored)
	}
	content, _ := vocab.ReactionOf(doc)
	return b.directReaction(ctx, msg, func(tx *db.Tx) (bool, error) {
		have, err := tx.DirectReactions(ctx, msg.ID)
		if err != nil || len(have) >= maxReactions {
			return false, err
		}
		return tx.AddDirectReaction(ctx, msg.ID, content, doc.ID())
	})
}

// unlikedDirect takes such a like back; inner is the activity as it was.
func (b *Bridge) unlikedDirect(ctx context.Context, msg db.Direct, content string) error {
	return b.directReaction(ctx, msg, func(tx *db.Tx) (bool, error) { return tx.RemoveDirectReaction(ctx, msg.ID, content) })
}

func (b *Bridge) directReaction(ctx context.Context, msg db.Direct, change func(*db.Tx) (bool, error)) error {
	err := b.db.Tx(ctx, func(tx *db.Tx) error {
		news, err := change(tx)
		if err != nil || !news {
			return err
		}
		return tx.AddJob(ctx, db.Job{Kind: kindDirectLiked, Key: strconv.FormatInt(msg.ID, 10), Due: b.nowMS()})
	})
	b.jobs.Kick()
	return err
}

// tellDirectLiked sends all reactions to a message: a set takes the place of the one
// before (XEP-0444 §3.1).
func (b *Bridge) tellDirectLiked(ctx context.Context, j queue.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return err
	}
	msg, err := b.db.DirectByID(ctx, id)
	if err != nil || msg.Deleted != 0 {
		return ignoreNotFound(err)
	}
	quiet, err := muted(ctx, b.db, msg.BlogID, msg.Peer)
	if err != nil || quiet {
		return err
	}
	have, err := b.db.DirectReactions(ctx, id)
	if err != nil {
		return err
	}
	for i, content := range have {
		if content == "" {
			have[i] = "❤️"
		} else if strings.HasPrefix(content, ":") { // a picture of their server
			have[i] = "👍"
		}
	}
	m := stanza.Message("chat", mustJID(msg.JID), mustJID(msg.Client).Bare(), stanza.ReactionsElement(msg.Stanza, have), stanza.New("urn:xmpp:hints", "store"))
	return b.xmpp.Send(m.Set("id", b.token()))
}
