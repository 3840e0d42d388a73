package db

import "context"

const (
	qAddNews = `insert into news (blog_id, kind, actor, name, post_id, url, text, digest, created)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	qNewsOf = `select id, blog_id, kind, actor, name, post_id, url, text, digest, created from news
		where blog_id = $1 and digest = $2 order by id limit $3`
	qRemoveNews   = `delete from news where id = $1`
	qForgetNews   = `delete from news where blog_id = $1`
	qRemoveNewsOf = `delete from news where blog_id = $1 and kind = $2 and actor = $3 and post_id = $4`
)

func scanNews(s scanner) (n News, err error) {
	err = s.Scan(&n.ID, &n.BlogID, &n.Kind, &n.Actor, &n.Name, &n.PostID, &n.URL, &n.Text, &n.Digest, &n.Created)
	return n, err
}

// AddNews stores something that a blog's owner is to be told.
func (q *queries) AddNews(ctx context.Context, n News) error {
	_, err := q.exec(ctx, qAddNews, n.BlogID, n.Kind, n.Actor, n.Name, n.PostID, n.URL, n.Text, n.Digest, n.Created)
	return err
}

// NewsOf returns the oldest of what a blog's owner is to be told, in a digest or
// each by itself, by id.
func (q *queries) NewsOf(ctx context.Context, blogID int64, digest bool, limit int) ([]News, error) {
	return all(ctx, q, scanNews, qNewsOf, blogID, digest, limit)
}

// RemoveNews forgets what was told, all of it or nothing.
func (q *queries) RemoveNews(ctx context.Context, ids []int64) error {
	return q.atomic(ctx, func(q *queries) error {
		for _, id := range ids {
			if _, err := q.exec(ctx, qRemoveNews, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// ForgetNews drops all that a blog's owner was yet to be told.
func (q *queries) ForgetNews(ctx context.Context, blogID int64) error {
	_, err := q.exec(ctx, qForgetNews, blogID)
	return err
}

// RemoveNewsOf forgets what was not told yet about one actor's doing to a post:
// it was undone.
func (q *queries) RemoveNewsOf(ctx context.Context, blogID int64, kind, actor string, postID int64) error {
	_, err := q.exec(ctx, qRemoveNewsOf, blogID, kind, actor, postID)
	return err
}
