package bridge

import (
	"context"
	"errors"
	"slices"

	"isthmus/db"
	"isthmus/mapping"
)

// concern is why somebody's post matters here.
type concern struct {
	post    db.Post   // of ours, which it answers at some remove; ID 0 when it answers none
	owner   db.Blog   // whose post that is
	thread  db.Thread // where that is discussed in XMPP; ID 0 when nowhere
	root    db.Blog   // whose post began the thread
	parent  db.Note   // somebody else's post that it answers; ID 0 when it answers ours
	answers string    // id of what it answers
	named   []db.Blog // whom of ours it names, or is sent to

	community db.Blog // in whose node it is to stand; ID 0 when in none
}

// maxNamed is how many of ours one post can call.
const maxNamed = 20

// maxAncestors is how far up a conversation is read to find what it is about.
const maxAncestors = 8

// concernOf finds what a post answers and whom it names. It is errIgnored when
// that is nothing and nobody of ours.
func (b *Bridge) concernOf(ctx context.Context, post remotePost, depth int) (concern, error) {
	c := concern{answers: post.InReplyTo}
	var err error
	if c.named, err = b.namedIn(ctx, post); err != nil {
		return c, err
	}
	switch kind, token, ours := b.addr.TokenOf(post.InReplyTo); {
	case post.InReplyTo == "":
	case ours && (kind == mapping.KindPost || kind == mapping.KindPostPage):
		if c.post, err = b.db.PostByToken(ctx, token); ignoreNotFound(err) != nil { // a direct message is none
			return c, err
		}
		err = nil
		if c.post.Home {
			c.post = db.Post{}
		}
		c.answers = b.addr.Post(token) // it may have named the page
	case ours: // an activity or actor of ours is nothing that one can answer
	default:
		if c.parent, err = b.parentOf(ctx, post, len(c.named) > 0, depth); err != nil {
			return c, err
		}
		if c.parent.PostID != 0 {
			if c.post, err = b.db.PostByID(ctx, c.parent.PostID); err != nil {
				return c, err
			}
		}
	}
	if c.post.ID != 0 {
		err = b.discussion(ctx, &c)
	}
	if err == nil {
		err = b.unheard(ctx, &c, post.author)
	}
	// What was fetched for the sake of an answer matters only if it leads to a post.
	if err == nil && c.post.ID == 0 && (len(c.named) == 0 || depth > 0) {
		err = errNobody
	}
	return c, err
}

// parentOf is somebody else's post that this one answers. One that never came is
// fetched, and what it answers, when the post was sent to somebody here.
func (b *Bridge) parentOf(ctx context.Context, post remotePost, named bool, depth int) (db.Note, error) {
	parent, err := b.db.NoteByObject(ctx, post.InReplyTo)
	if !errors.Is(err, db.ErrNotFound) && !parent.Shelf { // what was only read was not looked at for this
		return parent, err
	}
	if !named && depth == 0 || depth >= maxAncestors {
		return db.Note{}, nil
	}
	up, err := b.fetchPost(ctx, post.InReplyTo)
	if err == nil && !isPublic(up.Visibility("")) {
		err = errIgnored // not ours to show
	}
	if err == nil {
		parent, err = b.noted(ctx, up, depth+1)
	}
	if err != nil { // the rest of the conversation is worth a try, not the post
		b.logger(ctx).Info("what a post answers is not known", "answers", post.InReplyTo, "why", err)
		return db.Note{}, nil
	}
	return parent, nil
}

// discussion fills in whose post a concern is about and where it is discussed.
func (b *Bridge) discussion(ctx context.Context, c *concern) (err error) {
	if c.owner, err = b.db.BlogByID(ctx, c.post.BlogID); err != nil {
		return err
	}
	if c.owner.State == db.Gone || c.post.Deleted != 0 { // to whom it names it is still a word
		c.post, c.owner = db.Post{}, db.Blog{}
		return nil
	}
	c.root = c.owner
	switch {
	case c.post.Thread != 0:
		if c.thread, err = b.db.ThreadByID(ctx, c.post.Thread); err != nil {
			return ignoreNotFound(err)
		}
		top, err := b.db.PostByID(ctx, c.thread.PostID)
		if err == nil {
			c.root, err = b.db.BlogByID(ctx, top.BlogID)
		}
		return err
	case c.post.ReplyTo == "":
		c.thread, err = b.threadOf(ctx, &c.owner, c.post)
	}
	return ignoreNotFound(err)
}

// namedIn lists whom of ours a post mentions or is addressed to, or in whose own
// inbox it lay without a word about them.
func (b *Bridge) namedIn(ctx context.Context, post remotePost) ([]db.Blog, error) {
	var ids []string
	ids = append(append(append(ids, post.To...), post.Cc...), post.Audience...)
	if isPublic(post.Visibility("")) { // else a tag is a name in the text, and no address
		for _, m := range post.Mentions {
			ids = append(ids, m.Href)
		}
	}
	if post.token != "" && !isPublic(post.Visibility("")) {
		ids = append(ids, b.addr.Actor(post.token))
	}
	var out []db.Blog
	for _, id := range ids {
		if len(out) >= maxNamed {
			break
		}
		blog, err := b.blogByActorURL(ctx, id)
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(out, func(x db.Blog) bool { return x.ID == blog.ID }) {
			out = append(out, blog)
		}
	}
	return out, nil
}

func isPublic(visibility string) bool { return visibility == "public" || visibility == "unlisted" }
