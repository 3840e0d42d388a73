package bridge

import (
	"context"
	"errors"
	"slices"
	"strings"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/mapping"
)

// Posts that stand at the top of a profile. XMPP has no way to say so: it is said to the
// gateway, and shown in the actor's featured collection and on the page.

// preferencePinned has the tokens of pinned posts, one on a line, the newest first.
const preferencePinned = "pinned"

// maxPinned is how many there may be, as on Mastodon.
const maxPinned = 5

// pinned are the posts that a blog pinned and that are public now.
func (b *Bridge) pinned(ctx context.Context, blog *db.Blog, prefs map[string]string) (out []db.Post, err error) {
	for _, token := range strings.Fields(prefs[preferencePinned]) {
		post, err := b.db.PostByToken(ctx, token)
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if post.BlogID == blog.ID && shownAlone(post) {
			out = append(out, post)
		}
	}
	return out, nil
}

// shownAlone reports whether a post stands in a profile by itself: public, and no comment.
func shownAlone(p db.Post) bool {
	return p.Deleted == 0 && !p.Home && p.Object != "" && p.Service == ""
}

// featured is the collection of them, with the posts themselves: ids alone make some
// servers fetch them all at once (C4).
func (b *Bridge) featured(ctx context.Context, blog *db.Blog, id string) (activitypub.Document, error) {
	c := vocab.Collection{ID: id}
	if !readable(blog) {
		return collection(c), nil
	}
	prefs, err := b.db.Preferences(ctx, blog.ID)
	if err != nil {
		return activitypub.Document{}, err
	}
	posts, err := b.pinned(ctx, blog, prefs)
	if err != nil {
		return activitypub.Document{}, err
	}
	for _, p := range posts {
		doc, err := vocab.Read([]byte(p.Object), vocab.DefaultLimits)
		if err != nil {
			return activitypub.Document{}, err
		}
		c.Items = append(c.Items, doc)
	}
	c.Total = len(c.Items)
	return collection(c), nil
}

func (b *Bridge) cmdPin(ctx context.Context, a asking) (answer, error)   { return b.pin(ctx, a, true) }
func (b *Bridge) cmdUnpin(ctx context.Context, a asking) (answer, error) { return b.pin(ctx, a, false) }

// pin puts one of the asker's posts at the top of its blog's profile, or takes it away, and
// tells the followers' servers (Add and Remove, row I32).
func (b *Bridge) pin(ctx context.Context, a asking, on bool) (answer, error) {
	blog, post, err := b.ownPost(ctx, a)
	if errors.Is(err, db.ErrNotFound) {
		return answer{Text: b.say(ctx, "post.pin.which", "example", b.addr.PostPage("name", "…"))}, nil
	}
	if err != nil {
		return answer{}, err
	}
	if on && !shownAlone(post) {
		return answer{Text: b.say(ctx, "post.pin.hidden")}, nil
	}
	text := ""
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		prefs, err := tx.Preferences(ctx, blog.ID)
		if err != nil {
			return err
		}
		tokens := strings.Fields(prefs[preferencePinned])
		was := slices.Contains(tokens, post.Token)
		alive := tokens[:0]
		for _, t := range tokens { // those that were deleted make room
			if p, err := tx.PostByToken(ctx, t); err == nil && shownAlone(p) && t != post.Token {
				alive = append(alive, t)
			}
		}
		switch {
		case on && len(alive) >= maxPinned:
			text = b.say(ctx, "post.pin.full", "number", maxPinned)
			return nil
		case on:
			alive = append([]string{post.Token}, alive...)
			text = b.say(ctx, "post.pin.done", "number", len(alive), "most", maxPinned)
		case was:
			text = b.say(ctx, "post.pin.gone")
		default:
			text = b.say(ctx, "post.pin.not")
		}
		if was == on {
			return nil
		}
		if err := tx.SetPreference(ctx, blog.ID, preferencePinned, strings.Join(alive, "\n")); err != nil || blog.State != db.On {
			return err
		}
		return b.enqueue(ctx, tx, blog, b.pinActivity(blog, post, on), "actor:"+blog.Token, db.ToFollowers)
	})
	b.mail.Kick()
	return answer{Text: text}, err
}

func (b *Bridge) pinActivity(blog *db.Blog, post db.Post, on bool) db.Activity {
	row := db.Activity{Token: b.token(), BlogID: blog.ID, Type: "Add", Created: b.nowMS()}
	if !on {
		row.Type = "Remove"
	}
	row.Body = string(vocab.Activity{
		ID: b.addr.Activity(row.Token), Type: row.Type, Actor: b.addr.Actor(blog.Token), To: []string{vocab.Public}, Cc: []string{b.addr.Followers(blog.Token)},
		Object: b.addr.Post(post.Token), Target: b.addr.Featured(blog.Token),
	}.JSON())
	return row
}

// ownPost is the post of the asker's that the first word names by its page or id;
// db.ErrNotFound for anything else.
func (b *Bridge) ownPost(ctx context.Context, a asking) (*db.Blog, db.Post, error) {
	kind, token, ok := b.addr.TokenOf(a.word(0))
	if !ok || kind != mapping.KindPost && kind != mapping.KindPostPage {
		return nil, db.Post{}, db.ErrNotFound
	}
	blogs, err := b.blogsOf(ctx, a.From)
	if err != nil {
		return nil, db.Post{}, err
	}
	post, err := b.db.PostByToken(ctx, token)
	if err != nil {
		return nil, post, err
	}
	i := slices.IndexFunc(blogs, func(blog db.Blog) bool { return blog.ID == post.BlogID })
	if i < 0 {
		return nil, post, db.ErrNotFound
	}
	return &blogs[i], post, nil
}
