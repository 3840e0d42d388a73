package bridge

import (
	"context"
	"fmt"
	"strings"

	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/mapping"
)

// stampTypes are what is asked for, and the stamp that grants it: quotes by
// FEP-044f, the others by GoToSocial's interaction policies.
var stampTypes = map[string]string{
	"QuoteRequest":    "QuoteAuthorization",
	"LikeRequest":     "LikeAuthorization",
	"ReplyRequest":    "ReplyAuthorization",
	"AnnounceRequest": "AnnounceAuthorization",
}

// requested answers who asks whether they may quote, like, boost or answer a post
// (activitypub.md I33). Our posts say that everybody may, so everybody may whom
// the author has not muted. The stamp is an activity of ours, there to be looked
// at for as long as the post is.
func (b *Bridge) requested(ctx context.Context, actor string, doc vocab.Doc) error {
	post, err := b.likedPost(ctx, doc)
	if err != nil {
		return err
	}
	instrument := first(doc.IDs("instrument"))
	if instrument == "" || hostOf(instrument) != hostOf(actor) {
		return fmt.Errorf("%w: a request about another server's post", errIgnored)
	}
	blog, err := b.db.BlogByID(ctx, post.BlogID)
	if err != nil {
		return err
	}
	remote, err := b.remote(ctx, actor)
	if err != nil {
		return err
	}
	target := db.Target{Host: hostOf(remote.Inbox), Inbox: remote.Inbox}
	self := b.addr.Actor(blog.Token)
	typ := firstOf(doc, stampTypes)
	answer := db.Activity{Token: b.token(), BlogID: blog.ID, Type: "Accept", Created: b.nowMS()}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		stamp, err := b.grant(ctx, tx, &blog, post, remote, typ, instrument)
		if err != nil {
			return err
		}
		if stamp == "" {
			answer.Type = "Reject"
			answer.Body = string(mapping.RejectRequest(doc, self, b.addr.Activity(answer.Token)).JSON())
			return b.enqueue(ctx, tx, &blog, answer, "", db.ToNobody, target)
		}
		answer.Body = string(mapping.AcceptQuote(doc, self, b.addr.Activity(answer.Token), stamp).JSON())
		return b.enqueue(ctx, tx, &blog, answer, "", db.ToNobody, target)
	})
	b.mail.Kick()
	return err
}

// grant is the stamp that lets remote do it, "" when it may not.
func (b *Bridge) grant(ctx context.Context, tx *db.Tx, blog *db.Blog, post db.Post, remote db.Remote, typ, instrument string) (string, error) {
	if typ == typeQuoteRequest {
		who := quoter{actor: remote.Actor, name: displayName(remote), inbox: inboxFor(remote)}
		stamp, fresh, err := b.letQuote(ctx, tx, blog, post, who, instrument)
		if err == nil && fresh {
			err = b.tellQuoted(ctx, tx, post, who, instrument)
		}
		return stamp, err
	}
	quiet, err := muted(ctx, tx, blog.ID, remote.Actor)
	if err != nil || quiet {
		return "", err
	}
	row, err := b.addStamp(ctx, tx, blog, post, stampTypes[typ], instrument)
	return b.addr.Activity(row.Token), err
}

// addStamp stores a stamp.
func (b *Bridge) addStamp(ctx context.Context, tx *db.Tx, blog *db.Blog, post db.Post, typ, interacting string) (db.Activity, error) {
	row := db.Activity{Token: b.token(), BlogID: blog.ID, PostID: post.ID, Type: typ, Created: b.nowMS()}
	row.Body = string(mapping.Stamp(b.addr.Activity(row.Token), typ, b.addr.Actor(blog.Token), interacting, b.addr.Post(post.Token)))
	return tx.AddActivity(ctx, row)
}

// isStamp tells stamps among the types of our activities.
func isStamp(typ string) bool { return strings.HasSuffix(typ, "Authorization") }

func firstOf(doc vocab.Doc, known map[string]string) string {
	for _, t := range doc.Types() {
		if known[t] != "" {
			return t
		}
	}
	return ""
}
