package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/db"
)

// Our own quotes of what others wrote (FEP-044f): the quoted author is asked, and the stamp
// that the answer brings is checked at its own server and shown in the quote, until it is
// taken back.

// typeQuoteRequest is the question; its id is what the answer names.
const typeQuoteRequest = "QuoteRequest"

// deedStamp remembers which post a stamp lets quote: its object is the stamp, its item the
// token of the post.
const (
	deedStamp  = "stamp"
	nodeStamps = "stamps"
)

// quotedAuthor is who wrote what a post quotes: somebody elsewhere, or a blog of ours with
// its post.
type quotedAuthor struct {
	remote db.Remote
	blog   db.Blog
	post   db.Post
}

// stampOf is the stamp that a quote has: the one that it had before, or one of ours when a
// blog of ours is quoted by another; "" for none. old is the quote as it stands, if it does,
// and url its id.
func (b *Bridge) stampOf(ctx context.Context, blog *db.Blog, url string, old db.Post, to audience) (string, error) {
	if doc, err := vocab.Read([]byte(old.Object), vocab.DefaultLimits); err == nil && doc.Str("quote") == to.quote.ID && doc.Str("quoteAuthorization") != "" {
		return doc.Str("quoteAuthorization"), nil
	}
	author := to.quotes.blog
	if author.ID == 0 || author.ID == blog.ID {
		return "", nil // who quotes himself needs none
	}
	var stamp string
	err := b.db.Tx(ctx, func(tx *db.Tx) (err error) {
		stamp, _, err = b.letQuote(ctx, tx, &author, to.quotes.post, b.quoterOf(blog), url)
		return err
	})
	return stamp, err
}

func (b *Bridge) quoterOf(blog *db.Blog) quoter {
	return quoter{actor: b.addr.Actor(blog.Token), name: "@" + b.addr.Acct(blog.Handle)}
}

// askToQuote asks the author of what a post quotes, in the transaction that stores it, or
// tells one of ours, whose stamp it has already.
func (b *Bridge) askToQuote(ctx context.Context, tx *db.Tx, blog *db.Blog, post db.Post, to audience) error {
	if to.quotes.blog.ID != 0 && to.quote.Stamp != "" {
		return b.tellQuoted(ctx, tx, to.quotes.post, b.quoterOf(blog), b.addr.Post(post.Token))
	}
	author := to.quotes.remote
	if to.quote == nil || to.quote.Stamp != "" || author.Inbox == "" {
		return nil
	}
	row := db.Activity{Token: b.token(), BlogID: blog.ID, PostID: post.ID, Type: typeQuoteRequest, Created: b.nowMS()}
	row.Body = string(vocab.Activity{
		ID: b.addr.Activity(row.Token), Type: typeQuoteRequest, Actor: b.addr.Actor(blog.Token), To: []string{author.Actor},
		Object: to.quote.ID, Instrument: b.addr.Post(post.Token),
	}.JSON())
	return b.enqueue(ctx, tx, blog, row, postLane(post.Token), db.ToNobody, db.Target{Host: hostOf(author.Inbox), Inbox: author.Inbox})
}

// quoteAnswered takes the answer to such a question; ours says whether doc is one.
func (b *Bridge) quoteAnswered(ctx context.Context, actor string, doc vocab.Doc) (ours bool, err error) {
	_, token, ok := b.addr.TokenOf(first(doc.IDs("object")))
	if !ok {
		return false, nil
	}
	row, err := b.db.ActivityByToken(ctx, token)
	if err != nil || row.Type != typeQuoteRequest {
		return false, ignoreNotFound(err)
	}
	asked, err := vocab.Read([]byte(row.Body), vocab.DefaultLimits)
	if err != nil {
		return true, err
	}
	if first(asked.IDs("to")) != actor {
		return true, fmt.Errorf("%w: answer to a question that somebody else was asked", errIgnored)
	}
	if !doc.Is("Accept") {
		return true, nil // it stays a quote without a stamp, which servers show as they like
	}
	stamp := first(doc.IDs("result"))
	if stamp == "" || hostOf(stamp) != hostOf(actor) {
		return true, fmt.Errorf("%w: no stamp on the author's own host", errIgnored)
	}
	proof, err := b.fetchDoc(ctx, stamp)
	if err != nil {
		return true, err
	}
	if !proof.Is(stampTypes[typeQuoteRequest]) || proof.ID() != stamp || proof.Str("attributedTo") != actor ||
		proof.Str("interactingObject") != asked.Str("instrument") || proof.Str("interactionTarget") != first(asked.IDs("object")) {
		return true, fmt.Errorf("%w: the stamp is for something else", errIgnored)
	}
	return true, b.restamp(ctx, row, stamp)
}

// restamp shows a stamp in the quote that was asked for with row, or none any more when it
// is "", and tells everybody who has it.
func (b *Bridge) restamp(ctx context.Context, row db.Activity, stamp string) error {
	defer b.lock(row.BlogID)()
	post, err := b.db.PostByID(ctx, row.PostID)
	if err != nil || post.Deleted != 0 || post.Home {
		return ignoreNotFound(err)
	}
	object, err := vocab.Read([]byte(post.Object), vocab.DefaultLimits)
	if err != nil {
		return err
	}
	if object.Str("quoteAuthorization") == stamp {
		return nil
	}
	now := later(b.now().UTC(), msTime(max(post.Updated, post.Published)).Add(time.Second)).Truncate(time.Second) // see said
	object["updated"], object["quoteAuthorization"] = now.Format(time.RFC3339), stamp
	if stamp == "" {
		delete(object, "quoteAuthorization")
	}
	post.Updated = now.UnixMilli()
	update := db.Activity{Token: b.token(), BlogID: row.BlogID, PostID: post.ID, Type: "Update", Created: b.nowMS()}
	act := vocab.Activity{ID: b.addr.Activity(update.Token), Type: "Update", Actor: object.Str("attributedTo"), To: object.IDs("to"), Cc: object.IDs("cc"), Object: object, Published: now}
	update.Body = string(act.JSON())
	post.Object = string(vocab.Standalone(object))
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		blog, err := tx.BlogByID(ctx, row.BlogID)
		if err != nil || blog.State != db.On {
			return errors.Join(err)
		}
		if stamp != "" {
			d := db.Deed{BlogID: blog.ID, Kind: deedStamp, Object: stamp, Service: b.cfg.Component, Node: nodeStamps, Item: post.Token, Token: row.Token, Created: b.nowMS()}
			if _, err := tx.AddDeed(ctx, d); err != nil {
				return err
			}
		}
		if _, err := tx.SavePost(ctx, post); err != nil {
			return err
		}
		reached, err := tx.Targets(ctx, post.ID)
		if err != nil {
			return err
		}
		return b.enqueue(ctx, tx, &blog, update, postLane(post.Token), db.ToFollowers, reached...)
	})
	b.mail.Kick()
	return err
}

// stampGone follows a stamp that its author takes back; ours says whether it was one.
func (b *Bridge) stampGone(ctx context.Context, actor, stamp string) (ours bool, err error) {
	list, err := b.db.DeedsOn(ctx, stamp, 10)
	for _, d := range list {
		if d.Kind != deedStamp || hostOf(actor) != hostOf(stamp) {
			continue
		}
		row, err := b.db.ActivityByToken(ctx, d.Token)
		if err == nil {
			err = b.restamp(ctx, row, "")
		}
		if err == nil {
			err = b.db.RemoveDeed(ctx, d.ID)
		}
		if err != nil {
			return true, err
		}
		ours = true
	}
	return ours, err
}
