package bridge

import (
	"context"
	"errors"

	"isthmus/db"
)

// cmdDelete deletes a post on the Fediverse by hand. Some servers do not tell of
// a deletion (ejabberd 23 without the recommended setting, xmpp-servers §2.5),
// and absence alone is never taken for one; this is the way out.
func (b *Bridge) cmdDelete(ctx context.Context, a asking) (answer, error) {
	unknown := answer{Text: b.say(ctx, "blog.delete.which", "example", b.addr.PostPage("name", "…"))}
	blog, post, err := b.ownPost(ctx, a)
	if errors.Is(err, db.ErrNotFound) {
		return unknown, nil
	}
	if err != nil {
		return answer{}, err
	}
	if post.Deleted != 0 {
		return answer{Text: b.say(ctx, "blog.delete.already")}, nil
	}
	if err := b.unpublish(ctx, blog, post.ID, true); err != nil {
		return answer{}, err
	}
	return answer{Text: b.say(ctx, "blog.deleted")}, nil
}
