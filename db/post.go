package db

import (
	"context"
	"fmt"
	"math"
)

// The conditions repeat those of the partial indexes word for word: that is how
// the engine knows that it may use them.
const (
	postColumns = `id, token, blog_id, item, hash, publisher, source, object, home, on_node, published, updated, deleted, seen, create_tok,
		service, node, reply_to, thread, heard`
	publicPost  = `deleted = 0 and not home and object <> ''`
	publicReply = publicPost + ` and reply_to <> ''`

	qPostByID   = `select ` + postColumns + ` from post where id = $1`
	qPostByItem = `select ` + postColumns + ` from post where blog_id = $1 and service = '' and node = '' and item = $2 and deleted = 0`
	qPostAt     = `select ` + postColumns + ` from post where service = $1 and node = $2 and item = $3 and deleted = 0 and service <> ''
		order by id desc limit 1`
	qPostByToken = `select ` + postColumns + ` from post where token = $1`
	qPosts       = `select ` + postColumns + ` from post where blog_id = $1 and ` + publicPost + `
		and (published, id) < ($2, $3) order by published desc, id desc limit $4`
	qOwnPosts = `select ` + postColumns + ` from post where blog_id = $1 and ` + publicPost + ` and reply_to = ''
		and (published, id) < ($2, $3) order by published desc, id desc limit $4`
	qPostReplies    = `select ` + postColumns + ` from post where reply_to = $1 and ` + publicReply + ` and id > $2 order by id limit $3`
	qPostCount      = `select count(*) from post where blog_id = $1 and ` + publicPost
	qOwnPostCount   = `select count(*) from post where blog_id = $1 and ` + publicPost + ` and reply_to = ''`
	qCountPosts     = `select count(*) from post where ` + publicPost
	qOldestOnNode   = `select ` + postColumns + ` from post where blog_id = $1 and deleted = 0 and on_node and service = '' order by seen, id limit $2`
	qOldestInThread = `select ` + postColumns + ` from post where thread = $1 and deleted = 0 and on_node and thread <> 0 order by seen, id limit $2`
	qLivePosts      = `select ` + postColumns + ` from post where blog_id = $1 and deleted = 0 and service = '' and id > $2 order by id limit $3`
	qSavePost       = `insert into post (token, blog_id, item, hash, publisher, source, object, home, on_node, published, updated, deleted, seen, create_tok,
		service, node, reply_to, thread, heard) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $13)
		on conflict (blog_id, service, node, item) where deleted = 0 do update set hash = excluded.hash, publisher = excluded.publisher, source = excluded.source,
		object = excluded.object, home = excluded.home, on_node = excluded.on_node, published = excluded.published,
		updated = excluded.updated, deleted = excluded.deleted, reply_to = excluded.reply_to, thread = excluded.thread,
		heard = excluded.heard
		returning ` + postColumns
	qDeletePost = `update post set deleted = $2, source = '', object = '', on_node = false where id = $1`
	qSetOnNode  = `update post set on_node = $2 where id = $1`
)

func scanPost(s scanner) (p Post, err error) {
	err = s.Scan(&p.ID, &p.Token, &p.BlogID, &p.Item, &p.Hash, &p.Publisher, &p.Source, &p.Object, &p.Home, &p.OnNode,
		&p.Published, &p.Updated, &p.Deleted, &p.Seen, &p.CreateTok, &p.Service, &p.Node, &p.ReplyTo, &p.Thread, &p.Heard)
	return p, err
}

// PostByID returns a post, deleted or not, or ErrNotFound.
func (q *queries) PostByID(ctx context.Context, id int64) (Post, error) {
	return recallIf(ctx, q, shortPost, scanPost, qPostByID, id)
}

// PostByItem returns the living post of an item on the blog's own node, or
// ErrNotFound.
func (q *queries) PostByItem(ctx context.Context, blogID int64, item string) (Post, error) {
	return one(ctx, q, scanPost, qPostByItem, blogID, item)
}

// PostAt returns the living comment whose item lies at a place, the last one if
// there are several, or ErrNotFound.
func (q *queries) PostAt(ctx context.Context, service, node, item string) (Post, error) {
	return one(ctx, q, scanPost, qPostAt, service, node, item)
}

// shortPost tells whether a post may be kept in memory for those who ask for it next.
func shortPost(p Post) bool { return len(p.Source)+len(p.Object) <= 4<<10 }

// PostByToken returns the post whose object id ends in token, or ErrNotFound.
func (q *queries) PostByToken(ctx context.Context, token string) (Post, error) {
	return recallIf(ctx, q, shortPost, scanPost, qPostByToken, token)
}

// Posts returns a blog's public posts and comments, newest first by (published,
// id), older than the place given; 0, 0 is the top.
func (q *queries) Posts(ctx context.Context, blogID, beforePublished, beforeID int64, limit int) ([]Post, error) {
	return q.page(ctx, qPosts, blogID, beforePublished, beforeID, limit)
}

// OwnPosts is Posts without what answers something.
func (q *queries) OwnPosts(ctx context.Context, blogID, beforePublished, beforeID int64, limit int) ([]Post, error) {
	return q.page(ctx, qOwnPosts, blogID, beforePublished, beforeID, limit)
}

func (q *queries) page(ctx context.Context, text string, blogID, beforePublished, beforeID int64, limit int) ([]Post, error) {
	if beforePublished == 0 && beforeID == 0 {
		beforePublished, beforeID = math.MaxInt64, math.MaxInt64
	}
	return all(ctx, q, scanPost, text, blogID, beforePublished, beforeID, limit)
}

// PostReplies returns our public posts that answer an object, by id after
// afterID.
func (q *queries) PostReplies(ctx context.Context, object string, afterID int64, limit int) ([]Post, error) {
	return all(ctx, q, scanPost, qPostReplies, object, afterID, limit)
}

// PostCount counts a blog's public posts and comments.
func (q *queries) PostCount(ctx context.Context, blogID int64) (int, error) {
	return one(ctx, q, scalar[int], qPostCount, blogID)
}

// OwnPostCount is PostCount without what answers something.
func (q *queries) OwnPostCount(ctx context.Context, blogID int64) (int, error) {
	return one(ctx, q, scalar[int], qOwnPostCount, blogID)
}

// OldestOnNode returns the living posts on the blog's own node that were seen
// first.
func (q *queries) OldestOnNode(ctx context.Context, blogID int64, limit int) ([]Post, error) {
	return all(ctx, q, scanPost, qOldestOnNode, blogID, limit)
}

// OldestInThread returns our living comments on a thread's node that were seen
// first.
func (q *queries) OldestInThread(ctx context.Context, thread int64, limit int) ([]Post, error) {
	return all(ctx, q, scanPost, qOldestInThread, thread, limit)
}

// LivePosts returns the posts of a blog's own node that are not deleted, those
// that stay home too, by id after afterID.
func (q *queries) LivePosts(ctx context.Context, blogID, afterID int64, limit int) ([]Post, error) {
	return all(ctx, q, scanPost, qLivePosts, blogID, afterID, limit)
}

// SavePost stores a post, or replaces the living one of the same blog and place,
// which keeps its id, token, time first seen and token of its Create. p.Seen is now.
func (q *queries) SavePost(ctx context.Context, p Post) (Post, error) {
	saved, err := change(ctx, q, scanPost, qSavePost, p.Token, p.BlogID, p.Item, p.Hash, p.Publisher, p.Source, p.Object, p.Home, p.OnNode,
		p.Published, p.Updated, p.Deleted, p.Seen, p.CreateTok, p.Service, p.Node, p.ReplyTo, p.Thread)
	if err != nil {
		return Post{}, fmt.Errorf("post %s: %w", p.Item, err)
	}
	return saved, nil
}

// DeletePost leaves a tombstone: the text goes, the row stays.
func (q *queries) DeletePost(ctx context.Context, id, at int64) error {
	return q.touch(ctx, qDeletePost, id, at)
}

// SetOnNode notes whether the item is still on its node.
func (q *queries) SetOnNode(ctx context.Context, postID int64, on bool) error {
	return q.touch(ctx, qSetOnNode, postID, on)
}
