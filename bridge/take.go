package bridge

import (
	"context"
	"errors"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// take takes one item of a blog's own node that a stranger could read. Anything
// that is not this blog's own word is kept as staying home; a repeat of what is
// on the Fediverse becomes a boost. It reports whether the item was news.
func (b *Bridge) take(ctx context.Context, blog *db.Blog, it stanza.Item) (news bool, err error) {
	entry, err := stanza.ParseEntry(it.Payload)
	if err != nil {
		return false, nil
	}
	old, err := b.db.PostByItem(ctx, blog.ID, it.ID)
	if err == nil && old.Hash == payloadHash(it.Payload) {
		if !old.OnNode {
			return true, b.db.SetOnNode(ctx, old.ID, true)
		}
		return false, nil
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return false, err
	}
	publisher := bareOf(it.Publisher)
	if publisher == "" {
		publisher = old.Publisher
	}
	u := utterance{item: it, entry: entry, publisher: publisher}
	if note, ours, err := b.inCommunity(ctx, blog, it.ID); err != nil || ours {
		if err != nil || note.Deleted != 0 {
			return true, errors.Join(err, b.keepHome(ctx, blog, u))
		}
		defer b.jobs.Kick()
		return true, b.keepHome(ctx, blog, u, repeatJob(blog.ID, it.ID, stanza.Link{Href: note.Object}, b.nowMS()))
	}
	if !speaksForBlog(blog, publisher) {
		return true, b.keepHome(ctx, blog, u)
	}
	if via, ok := mapping.RepeatOf(entry); ok && blog.Kind == "person" {
		// Somebody else's text with a link to where it came from.
		defer b.jobs.Kick()
		return true, b.keepHome(ctx, blog, u, repeatJob(blog.ID, it.ID, via, b.nowMS()))
	}
	return b.speak(ctx, blog, u)
}

// keepHome stores an item so that it is never federated, with what is to be done
// about it instead.
func (b *Bridge) keepHome(ctx context.Context, blog *db.Blog, u utterance, jobs ...db.Job) error {
	defer b.lock(blog.ID)()
	old, err := b.db.PostByItem(ctx, blog.ID, u.item.ID)
	known := err == nil
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	hash := payloadHash(u.item.Payload)
	token, create := old.Token, old.CreateTok
	if !known {
		if token, create, err = b.postTokens(ctx, blog, place{}, u.item.ID); err != nil {
			return err
		}
	}
	post := db.Post{
		Token: token, CreateTok: create, BlogID: blog.ID, Item: u.item.ID, Hash: hash, Published: old.Published,
		Publisher: u.publisher, Source: u.item.Payload.XML(), Home: true, OnNode: true, Seen: b.nowMS(),
	}
	switch {
	case known && !old.Home:
		// An overwritten item (Prosody lets anybody with publish rights do that)
		// neither speaks for the owner nor unpublishes what the owner said. The hash
		// is kept, or a catch-up that sees no publisher would take it for an edit.
		b.logger(ctx).Warn("item overwritten by somebody else: ignored", "jid", blog.JID, "item", u.item.ID)
		post, post.Hash, post.Seen = old, hash, b.nowMS()
	case !known:
		b.logger(ctx).Info("post stays home: not the words of the blog's owner", "jid", blog.JID, "node", blog.Node, "item", u.item.ID)
	}
	return b.db.Tx(ctx, func(tx *db.Tx) error {
		for _, j := range jobs {
			if err := tx.AddJob(ctx, j); err != nil {
				return err
			}
		}
		_, err := tx.SavePost(ctx, post)
		return err
	})
}

// speaksForBlog decides authorship by the publisher that the server vouches for
// and never by the author that the entry names (design §3). Where the server is
// silent, an entry on somebody's own PEP node is theirs: nobody else may publish
// there unless they allow it.
func speaksForBlog(blog *db.Blog, publisher string) bool {
	return blog.Kind == "group" || publisher == "" || publisher == blog.JID // see byline for whom a community names
}
