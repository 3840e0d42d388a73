package db

import "context"

const (
	qPrivateKey    = `select pem from private_key where blog_id = $1`
	qAddPrivateKey = `insert into private_key (blog_id, pem) values ($1, $2) on conflict (blog_id) do nothing`
)

// PrivateKey returns the PEM of a blog's key (0: the instance actor's), or
// ErrNotFound.
func (q *queries) PrivateKey(ctx context.Context, blogID int64) (string, error) {
	return one(ctx, q, scalar[string], qPrivateKey, blogID)
}

// AddPrivateKey stores a key unless there is one and returns the one that is
// stored. A key is never replaced: peers remember it.
func (q *queries) AddPrivateKey(ctx context.Context, blogID int64, pem string) (stored string, err error) {
	err = q.atomic(ctx, func(q *queries) error {
		if _, err := q.exec(ctx, qAddPrivateKey, blogID, pem); err != nil {
			return err
		}
		stored, err = q.PrivateKey(ctx, blogID)
		return err
	})
	return stored, err
}
