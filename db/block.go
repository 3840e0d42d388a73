package db

import "context"

// Block is whom a blog's owner blocks.
type Block struct {
	Subject string // an actor's id, or "@" and a host
	Token   string // in the id of the Block that was sent, "" when none was
	Created int64
}

const (
	qAddBlock = `insert into block (blog_id, subject, token, created) values ($1, $2, $3, $4) on conflict (blog_id, subject) do nothing returning true`
	qBlock    = `select subject, token, created from block where blog_id = $1 and subject = $2`
	qBlocks   = `select subject, token, created from block where blog_id = $1 order by subject limit $2`
	qUnblock  = `delete from block where blog_id = $1 and subject = $2`
	qBlocking = `select exists (select 1 from block where blog_id = $1 and subject in ($2, $3))`

	qAddBlocker      = `insert into blocker (blog_id, actor, activity) values ($1, $2, $3) on conflict (blog_id, actor) do update set activity = excluded.activity`
	qBlocker         = `select activity from blocker where blog_id = $1 and actor = $2`
	qRemoveBlockerBy = `delete from blocker where actor = $1 and activity = $2`
	qRemoveBlocker   = `delete from blocker where blog_id = $1 and actor = $2`
)

func scanBlock(s scanner) (b Block, err error) {
	err = s.Scan(&b.Subject, &b.Token, &b.Created)
	return b, err
}

// AddBlock stores that a blog's owner blocks a subject and reports whether that is
// news; what was there stays as it is.
func (q *queries) AddBlock(ctx context.Context, blogID int64, b Block) (fresh bool, err error) {
	fresh, err = change(ctx, q, scalar[bool], qAddBlock, blogID, b.Subject, b.Token, b.Created)
	return fresh, found(err)
}

// Block returns a block, or ErrNotFound.
func (q *queries) Block(ctx context.Context, blogID int64, subject string) (Block, error) {
	return one(ctx, q, scanBlock, qBlock, blogID, subject)
}

// Blocks returns whom a blog's owner blocks, by subject.
func (q *queries) Blocks(ctx context.Context, blogID int64, limit int) ([]Block, error) {
	return all(ctx, q, scanBlock, qBlocks, blogID, limit)
}

// RemoveBlock forgets a block; ErrNotFound when there is none.
func (q *queries) RemoveBlock(ctx context.Context, blogID int64, subject string) error {
	return q.touch(ctx, qUnblock, blogID, subject)
}

// Blocking reports whether an actor or a host is among a blog's blocks.
func (q *queries) Blocking(ctx context.Context, blogID int64, actor, host string) (bool, error) {
	return recall(ctx, q, scalar[bool], qBlocking, blogID, actor, "@"+host)
}

// AddBlocker stores that an actor blocks a blog, by an activity of this id.
func (q *queries) AddBlocker(ctx context.Context, blogID int64, actor, activity string) error {
	_, err := q.exec(ctx, qAddBlocker, blogID, actor, activity)
	return err
}

// Blocker returns the id of the Block by which an actor blocks a blog, or ErrNotFound.
func (q *queries) Blocker(ctx context.Context, blogID int64, actor string) (string, error) {
	return recall(ctx, q, scalar[string], qBlocker, blogID, actor)
}

// RemoveBlockerBy forgets what an actor's Block of this id did, and returns to how
// many blogs.
func (q *queries) RemoveBlockerBy(ctx context.Context, actor, activity string) (int, error) {
	n, err := q.exec(ctx, qRemoveBlockerBy, actor, activity)
	return int(n), err
}

// RemoveBlocker forgets that an actor blocks a blog, if it did.
func (q *queries) RemoveBlocker(ctx context.Context, blogID int64, actor string) error {
	_, err := q.exec(ctx, qRemoveBlocker, blogID, actor)
	return err
}
