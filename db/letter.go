package db

import "context"

const (
	qAddLetter = `insert into letter (note_id, blog_id) values ($1, $2) on conflict (note_id, blog_id) do nothing`
	qLettered  = `select blog_id from letter where note_id = $1 order by blog_id`
)

// AddLetter notes that a note was sent to a blog's owner as a message.
func (q *queries) AddLetter(ctx context.Context, noteID, blogID int64) error {
	_, err := q.exec(ctx, qAddLetter, noteID, blogID)
	return err
}

// Lettered returns the blogs whose owners got a note as a message.
func (q *queries) Lettered(ctx context.Context, noteID int64) ([]int64, error) {
	return all(ctx, q, scalar[int64], qLettered, noteID)
}
