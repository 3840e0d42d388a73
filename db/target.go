package db

import "context"

const (
	// The post says whose it is, so that all of a blog's are found at once. An inbox
	// that is there is touched, to tell it from a post that is not.
	qAddTarget = `insert into post_target (post_id, blog_id, host, inbox) select id, blog_id, $2, $3 from post where id = $1
		on conflict (post_id, inbox) do update set host = excluded.host`
	qTargets     = `select host, inbox from post_target where post_id = $1 order by inbox`
	qBlogTargets = `select host, inbox from post_target where blog_id = $1
		union select host, inbox from deed where blog_id = $1 and inbox <> ''
		union select host, inbox from direct where blog_id = $1
		union select host, inbox from following where blog_id = $1 order by host, inbox`
)

func scanTarget(s scanner) (t Target, err error) {
	err = s.Scan(&t.Host, &t.Inbox)
	return t, err
}

// AddTarget notes an inbox besides those of followers that got a post: what is
// said about the post later goes there too. ErrNotFound when there is no such
// post.
func (q *queries) AddTarget(ctx context.Context, postID int64, t Target) error {
	return q.touch(ctx, qAddTarget, postID, t.Host, t.Inbox)
}

// Targets returns the inboxes besides those of followers that got a post.
func (q *queries) Targets(ctx context.Context, postID int64) ([]Target, error) {
	return all(ctx, q, scanTarget, qTargets, postID)
}

// BlogTargets returns every inbox that got a post, a deed or a Follow of a blog and
// need not be a follower's, each once, by host.
func (q *queries) BlogTargets(ctx context.Context, blogID int64) ([]Target, error) {
	return all(ctx, q, scanTarget, qBlogTargets, blogID)
}
