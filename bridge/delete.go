package bridge

import (
	"context"
	"errors"
	"slices"

	"isthmus/db"
	"isthmus/mapping"
)

// cmdDelete deletes a post on the Fediverse by hand. Some servers do not tell of
// a deletion (ejabberd 23 without the recommended setting, xmpp-servers §2.5),
// and absence alone is never taken for one; this is the way out.
func (b *Bridge) cmdDelete(ctx context.Context, a asking) (answer, error) {
	unknown := answer{Text: b.say(ctx, "blog.delete.which", "example", b.addr.PostPage("name", "…"))}
	kind, token, ok := b.addr.TokenOf(a.word(0))
	if !ok || kind != mapping.KindPost && kind != mapping.KindPostPage {
		return unknown, nil
	}
	blogs, err := b.blogsOf(ctx, a.From)
	if err != nil {
		return answer{}, err
	}
	post, err := b.db.PostByToken(ctx, token)
	if errors.Is(err, db.ErrNotFound) {
		return unknown, nil
	}
	if err != nil {
		return answer{}, err
	}
	i := slices.IndexFunc(blogs, func(blog db.Blog) bool { return blog.ID == post.BlogID })
	if i < 0 {
		return unknown, nil
	}
	if post.Deleted != 0 {
		return answer{Text: b.say(ctx, "blog.delete.already")}, nil
	}
	blog := &blogs[i]
	if err := b.unpublish(ctx, blog, post.ID, true); err != nil {
		return answer{}, err
	}
	return answer{Text: b.say(ctx, "blog.deleted")}, nil
}
