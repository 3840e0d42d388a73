package bridge

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"isthmus/db"
)

// Kinds of news. Those of reactions are the kinds of the reactions. A letter is
// somebody's own words, sent from their own address; what stands behind the colon
// says what they are.
const (
	kindReply      = "reply"
	kindMention    = "mention"
	kindPosted     = "posted" // to a community
	kindDirect     = "direct"
	kindFollow     = "follow"
	kindLetter     = "letter"
	kindCorrection = "correction"
	kindRetraction = "retraction"
)

// Job kinds that tell an owner: at once, or when the digest is due.
const (
	kindNews   = "news"
	kindDigest = "digest"
)

// wants says whether an owner wants to know this kind of news, and of this actor.
func wants(ctx context.Context, tx *db.Tx, n db.News) (bool, error) {
	prefs, err := tx.Preferences(ctx, n.BlogID)
	if err != nil || prefs[subjectOf(n.Kind)] == "off" {
		return false, err
	}
	quiet, err := muted(ctx, tx, n.BlogID, n.Actor)
	return !quiet, err
}

// addNews stores what an owner is to be told, if they want to know.
func (b *Bridge) addNews(ctx context.Context, tx *db.Tx, n db.News) error {
	if ok, err := b.toTell(ctx, tx, n); err != nil || !ok {
		return err
	}
	if err := tx.AddNews(ctx, n); err != nil {
		return err
	}
	if n.Digest {
		return tx.AddJob(ctx, blogJob(kindDigest, n.BlogID, b.nowMS()+b.cfg.Digest.Milliseconds()))
	}
	return tx.AddJob(ctx, blogJob(kindNews, n.BlogID, b.nowMS()))
}

// addLetter is addNews for a note that is sent as a message; who got it hears of
// its edits.
func (b *Bridge) addLetter(ctx context.Context, tx *db.Tx, note int64, n db.News) error {
	if ok, err := b.toTell(ctx, tx, n); err != nil || !ok {
		return err
	}
	if !b.quota.take(fmt.Sprint("letter ", n.BlogID, " ", hostOf(n.Actor)), lettersPerHour, b.now()) {
		b.logger(ctx).Warn("too many messages from one server to one blogger: left out", "host", hostOf(n.Actor))
		return nil
	}
	if err := tx.AddLetter(ctx, note, n.BlogID); err != nil {
		return err
	}
	return b.addNews(ctx, tx, n)
}

// correct sends an edit or the deletion of what went out as a message to those
// who got it (XEP-0308, XEP-0424).
func (b *Bridge) correct(ctx context.Context, tx *db.Tx, note db.Note, kind, text string) error {
	if note.Message == "" {
		return nil
	}
	who, err := tx.Remote(ctx, note.Actor)
	if err != nil {
		return ignoreNotFound(err)
	}
	got, err := tx.Lettered(ctx, note.ID)
	if err != nil {
		return err
	}
	if kind == kindRetraction {
		text = strconv.Itoa(b.letterParts(ctx, note, who))
	}
	for _, blog := range got {
		if kind == kindCorrection && !b.quota.take(fmt.Sprint("letter ", blog, " ", hostOf(note.Actor)), lettersPerHour, b.now()) {
			continue
		}
		err := b.addNews(ctx, tx, db.News{
			BlogID: blog, Kind: kindLetter + ":" + kind, Actor: note.Actor, Name: b.authorOf(who).JID.String(), URL: note.Object, Text: text, Created: b.nowMS(),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// subjectOf is what “notify” calls a kind of news.
func subjectOf(kind string) string {
	switch _, inner, _ := strings.Cut(kind, ":"); {
	case kind == kindFollow:
		return "follows"
	case kind == reactLike, kind == reactEmoji, kind == reactAnnounce:
		return "likes"
	case kind == kindMention, kind == kindPosted, kind == kindQuote, inner == kindMention:
		return "mentions"
	case kind == kindRequest, inner == kindDirect, inner == kindCorrection, inner == kindRetraction:
		return "" // never off
	}
	return "replies"
}
