package bridge

import (
	"context"
	"errors"
	"slices"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// cmdDelete deletes a post on the Fediverse by hand. Some servers do not tell of
// a deletion (ejabberd 23 without the recommended setting, xmpp-servers §2.5),
// and absence alone is never taken for one; this is the way out.
func (b *Bridge) cmdDelete(ctx context.Context, a asking) (answer, error) {
	unknown := answer{Text: "Send the address of one of your posts with it, as it stands on your page: delete " + b.addr.PostPage("name", "…")}
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
		return answer{Text: "That post is deleted already."}, nil
	}
	blog := &blogs[i]
	if err := b.unpublish(ctx, blog, post); err != nil {
		return answer{}, err
	}
	return answer{Text: "Deleted. Every server that ever got it is being told."}, b.keepHome(ctx, blog, post)
}

// keepHome remembers an item whose post was deleted by hand, if it is still on
// the node: it must not come back as a new post.
func (b *Bridge) keepHome(ctx context.Context, blog *db.Blog, post db.Post) error {
	v, err := b.look(ctx, blog, stanza.ItemsRequest(blog.Node, []string{post.Item}, 0, nil))
	if errors.Is(err, errHidden) || err == nil && len(v.Items) == 0 {
		return nil
	}
	_, err = b.db.SavePost(ctx, db.Post{
		Token: b.token(), CreateTok: b.token(), BlogID: blog.ID, Item: post.Item, Hash: post.Hash,
		Publisher: post.Publisher, Home: true, OnNode: true, Seen: b.nowMS(),
	})
	return err
}
