package db

import "context"

// Activities overtake each other: a Delete or an Undo may come before what it is
// about. A key names the latter, in the caller's words.
const (
	qForestall = `insert into forestalled (key, until) values ($1, $2)
		on conflict (key) do update set until = excluded.until where excluded.until > forestalled.until`
	qForestalled      = `select exists (select 1 from forestalled where key = $1 and until > $2)`
	qUnforestall      = `delete from forestalled where key = $1`
	qPruneForestalled = `delete from forestalled where until <= $1`
)

// Forestall notes that what key names is not to happen when it comes before the
// time until. A later time stays.
func (q *queries) Forestall(ctx context.Context, key string, until int64) error {
	_, err := q.exec(ctx, qForestall, key, until)
	return err
}

// Forestalled reports whether Forestall was called for key and a time after now.
func (q *queries) Forestalled(ctx context.Context, key string, now int64) (bool, error) {
	return one(ctx, q, scalar[bool], qForestalled, key, now)
}

// Unforestall lets what key names happen again.
func (q *queries) Unforestall(ctx context.Context, key string) error {
	_, err := q.exec(ctx, qUnforestall, key)
	return err
}

// PruneForestalled forgets the keys whose time is over.
func (q *queries) PruneForestalled(ctx context.Context, now int64) error {
	_, err := q.exec(ctx, qPruneForestalled, now)
	return err
}
