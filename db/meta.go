package db

import (
	"context"
	"errors"
)

const (
	qSetMeta     = `insert into meta (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value`
	qMetaOnce    = `insert into meta (key, value) values ($1, $2) on conflict (key) do nothing`
	qMeta        = `select value from meta where key = $1`
	qNotice      = `insert into notice (blog_id, kind, at) values ($1, $2, $3) on conflict (blog_id, kind) do nothing`
	qHasNotice   = `select exists (select 1 from notice where blog_id = $1 and kind = $2)`
	qClearNotice = `delete from notice where blog_id = $1 and kind = $2`
)

// SetMeta stores a value under a key of the program's own.
func (q *queries) SetMeta(ctx context.Context, key, value string) error {
	_, err := q.exec(ctx, qSetMeta, key, value)
	return err
}

// MetaOnce stores a value under a key that has none, and returns the one it has then.
func (q *queries) MetaOnce(ctx context.Context, key, value string) (string, error) {
	if _, err := q.exec(ctx, qMetaOnce, key, value); err != nil {
		return "", err
	}
	return one(ctx, q, scalar[string], qMeta, key)
}

// Meta returns a value, "" when there is none.
func (q *queries) Meta(ctx context.Context, key string) (string, error) {
	v, err := one(ctx, q, scalar[string], qMeta, key)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return v, err
}

// Notice notes that a blog's owner is told something, and reports whether it is
// for the first time since ClearNotice.
func (q *queries) Notice(ctx context.Context, blogID int64, kind string, at int64) (fresh bool, err error) {
	n, err := q.exec(ctx, qNotice, blogID, kind, at)
	return n > 0, err
}

// HasNotice reports whether Notice was called.
func (q *queries) HasNotice(ctx context.Context, blogID int64, kind string) (bool, error) {
	return one(ctx, q, scalar[bool], qHasNotice, blogID, kind)
}

// ClearNotice forgets it, so that the owner is told again.
func (q *queries) ClearNotice(ctx context.Context, blogID int64, kind string) error {
	_, err := q.exec(ctx, qClearNotice, blogID, kind)
	return err
}
