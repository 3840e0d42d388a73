package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
)

// Quotes of our posts (FEP-044f): each has a stamp of the author's, who is told of it and can
// take it back.

// A stamp of ours is a deed on the quote that it is for: its item is the quote, its node
// quotesPrefix and the token of the quoted post, its token the stamp's.
const (
	deedQuoted   = "quoted"
	deedUnquoted = "unquoted" // taken back, for good
	quotesPrefix = "quotes/"
)

// kindQuote is the news of one.
const kindQuote = "quote"

// quoter is who quotes: somebody elsewhere with an inbox, or another blog of ours.
type quoter struct {
	actor, name string
	inbox       string
}

// letQuote gives a quote of a post its stamp, the same one whenever it is asked for. It is
// "" for an author who does not want it.
func (b *Bridge) letQuote(ctx context.Context, tx *db.Tx, author *db.Blog, post db.Post, who quoter, quote string) (stamp string, fresh bool, err error) {
	quiet, err := muted(ctx, tx, author.ID, who.actor)
	if err != nil || quiet {
		return "", false, err
	}
	given, err := tx.DeedsOn(ctx, quote, 100)
	if err != nil {
		return "", false, err
	}
	for _, d := range given {
		if d.BlogID != author.ID || d.Node != quotesPrefix+post.Token {
			continue
		}
		if d.Kind == deedUnquoted {
			return "", false, nil
		}
		return b.addr.Activity(d.Token), false, nil
	}
	row, err := b.addStamp(ctx, tx, author, post, stampTypes[typeQuoteRequest], quote)
	if err != nil {
		return "", false, err
	}
	d := db.Deed{
		BlogID: author.ID, Kind: deedQuoted, Object: quote, Service: b.cfg.Component, Node: quotesPrefix + post.Token, Item: quote,
		Token: row.Token, Inbox: who.inbox, Created: b.nowMS(),
	}
	if who.inbox != "" {
		d.Host = hostOf(who.inbox)
	}
	_, err = tx.AddDeed(ctx, d)
	return b.addr.Activity(row.Token), true, err
}

// tellQuoted tells the author of a post of a quote.
func (b *Bridge) tellQuoted(ctx context.Context, tx *db.Tx, post db.Post, who quoter, quote string) error {
	if !b.quota.take(fmt.Sprint("quotes ", post.BlogID, " ", hostOf(who.actor)), lettersPerHour, b.now()) {
		return nil
	}
	b.jobs.Kick()
	return b.addNews(ctx, tx, db.News{BlogID: post.BlogID, Kind: kindQuote, Actor: who.actor, Name: who.name, PostID: post.ID, URL: quote, Created: b.nowMS()})
}

// cmdUnquote takes the stamp of a quote back: who honours stamps stops showing the post there.
func (b *Bridge) cmdUnquote(ctx context.Context, a asking) (answer, error) {
	given, err := b.quoteOfMine(ctx, a)
	if errors.Is(err, db.ErrNotFound) {
		return answer{Text: b.say(ctx, "post.unquote.none")}, nil
	}
	if err != nil {
		return answer{}, err
	}
	text := b.say(ctx, "post.unquote.done", "link", given.Object)
	if given.Kind == deedUnquoted {
		return answer{Text: text}, nil
	}
	blog, err := b.db.BlogByID(ctx, given.BlogID)
	if err != nil {
		return answer{}, err
	}
	row := db.Activity{Token: b.token(), BlogID: blog.ID, Type: "Delete", Created: b.nowMS()}
	row.Body = string(vocab.Activity{
		ID: b.addr.Activity(row.Token), Type: row.Type, Actor: b.addr.Actor(blog.Token),
		To: []string{vocab.Public}, Cc: []string{b.addr.Followers(blog.Token)}, Object: b.addr.Activity(given.Token),
	}.JSON())
	var to []db.Target
	if given.Inbox != "" {
		to = append(to, db.Target{Host: given.Host, Inbox: given.Inbox})
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.RemoveDeed(ctx, given.ID); err != nil {
			return err
		}
		given.Kind = deedUnquoted
		if _, err := tx.AddDeed(ctx, given); err != nil {
			return err
		}
		return b.enqueue(ctx, tx, &blog, row, postLane(strings.TrimPrefix(given.Node, quotesPrefix)), db.ToFollowers, to...)
	})
	b.mail.Kick()
	if _, token, ok := b.addr.TokenOf(given.Object); ok && err == nil { // a blog of ours quotes it
		var quote db.Post
		if quote, err = b.db.PostByToken(ctx, token); err == nil {
			err = b.restamp(ctx, db.Activity{BlogID: quote.BlogID, PostID: quote.ID}, "")
		}
		err = ignoreNotFound(err)
	}
	return answer{Text: text}, err
}

// quoteOfMine is the quote of one of the asker's posts that the first word names, by its id
// or by a link that leads to it; db.ErrNotFound for anything else.
func (b *Bridge) quoteOfMine(ctx context.Context, a asking) (db.Deed, error) {
	blogs, err := b.blogsOf(ctx, a.From)
	if err != nil {
		return db.Deed{}, err
	}
	find := func(quote string) (db.Deed, error) {
		list, err := b.db.DeedsOn(ctx, quote, 100)
		if err != nil {
			return db.Deed{}, err
		}
		for _, d := range list {
			mine := slices.ContainsFunc(blogs, func(x db.Blog) bool { return x.ID == d.BlogID })
			if mine && (d.Kind == deedQuoted || d.Kind == deedUnquoted) {
				return d, nil
			}
		}
		return db.Deed{}, db.ErrNotFound
	}
	d, err := find(a.word(0))
	if !errors.Is(err, db.ErrNotFound) || a.word(0) == "" || len(blogs) == 0 {
		return d, err
	}
	p, err := b.point(ctx, a.From, a.word(0))
	var said *stanza.Error
	if errors.As(err, &said) {
		return d, db.ErrNotFound
	}
	if err != nil {
		return d, err
	}
	return find(p.object)
}

// takenBack reports whether a stamp of ours is not good any more.
func (b *Bridge) takenBack(ctx context.Context, stamp db.Activity) (bool, error) {
	d, err := b.db.DeedByToken(ctx, stamp.Token)
	return err == nil && d.Kind == deedUnquoted, ignoreNotFound(err)
}
