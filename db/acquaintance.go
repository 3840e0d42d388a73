package db

import (
	"context"
	"errors"
)

// States of an acquaintance.
const (
	Stranger = ""         // nothing was said yet
	Asking   = "asking"   // their first message was shown, the others wait
	Welcome  = "welcome"  // they may write
	Declined = "declined" // they may not
)

const (
	qSetAcquaintance = `insert into acquaintance (blog_id, actor, state, created) values ($1, $2, $3, $4)
		on conflict (blog_id, actor) do update set state = excluded.state`
	qAcquaintance = `select state from acquaintance where blog_id = $1 and actor = $2`
	qHold         = `insert into held (note_id, blog_id, actor) values ($1, $2, $3) on conflict (blog_id, actor, note_id) do nothing`
	qHeld         = `select note_id from held where blog_id = $1 and actor = $2 order by note_id limit $3`
	qReleaseHeld  = `delete from held where blog_id = $1 and actor = $2`
)

// SetAcquaintance says how an actor and a blog's owner stand.
func (q *queries) SetAcquaintance(ctx context.Context, blogID int64, actor, state string, at int64) error {
	_, err := q.exec(ctx, qSetAcquaintance, blogID, actor, state, at)
	return err
}

// Acquaintance is how an actor and a blog's owner stand.
func (q *queries) Acquaintance(ctx context.Context, blogID int64, actor string) (string, error) {
	state, err := one(ctx, q, scalar[string], qAcquaintance, blogID, actor)
	if errors.Is(err, ErrNotFound) {
		return Stranger, nil
	}
	return state, err
}

// Hold makes a note of an actor wait for a blog's owner.
func (q *queries) Hold(ctx context.Context, noteID, blogID int64, actor string) error {
	_, err := q.exec(ctx, qHold, noteID, blogID, actor)
	return err
}

// Held returns the first of an actor's notes that wait for a blog's owner, in order.
func (q *queries) Held(ctx context.Context, blogID int64, actor string, limit int) ([]int64, error) {
	return all(ctx, q, scalar[int64], qHeld, blogID, actor, limit)
}

// ReleaseHeld forgets what of an actor waited for a blog's owner.
func (q *queries) ReleaseHeld(ctx context.Context, blogID int64, actor string) error {
	_, err := q.exec(ctx, qReleaseHeld, blogID, actor)
	return err
}
