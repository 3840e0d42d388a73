package db

import "context"

const (
	qPutComment = `insert into comment (thread, item, author, heart, seen) values ($1, $2, $3, $4, $5)
		on conflict (thread, item) do nothing`
	qRemoveComment = `delete from comment where thread = $1 and item = $2 returning author`
	qCommentBy     = `select author from comment where thread = $1 and item = $2`
	qCommentCount  = `select count(*) from comment where thread = $1 and not heart`
)

// PutComment notes that an item stands in a thread, by the bare JID author; a heart
// is a like. The first word about an item stays: an edit does not change whose
// it is.
func (q *queries) PutComment(ctx context.Context, thread int64, item, author string, heart bool, seen int64) error {
	_, err := q.exec(ctx, qPutComment, thread, item, author, heart, seen)
	return err
}

// RemoveComment forgets an item and returns whose it was, or ErrNotFound.
func (q *queries) RemoveComment(ctx context.Context, thread int64, item string) (author string, err error) {
	return change(ctx, q, scalar[string], qRemoveComment, thread, item)
}

// CommentBy returns whose comment an item is, "" when nobody could tell, or
// ErrNotFound.
func (q *queries) CommentBy(ctx context.Context, thread int64, item string) (author string, err error) {
	return one(ctx, q, scalar[string], qCommentBy, thread, item)
}

// CommentCount counts a thread's comments without the hearts.
func (q *queries) CommentCount(ctx context.Context, thread int64) (int, error) {
	return one(ctx, q, scalar[int], qCommentCount, thread)
}
