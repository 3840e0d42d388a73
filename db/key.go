package db

import "context"

const (
	qPrivateKey    = `select pem from private_key where blog_id = $1`
	qAddPrivateKey = `insert into private_key (blog_id, pem) values ($1, $2) on conflict (blog_id) do nothing`
	qNewPrivateKey = `update private_key set pem = $2 where blog_id = $1`
	qKeepOldKey    = `insert into old_key (blog_id, pem, activity, until) values ($1, $2, $3, $4)`
	qOldKey        = `select pem from old_key where blog_id = $1 and activity >= $2 and until > $3 order by activity limit 1`
	qDropOldKeys   = `delete from old_key where until <= $1`
	qActivityID    = `select id from activity where token = $1`
	qEveryInbox    = `select distinct host, inbox from follower where reached and inbox <> '' order by host, inbox`
	qKeyOwners     = `select blog_id from private_key order by blog_id`
)

// ReplacePrivateKey stores a new key in the place of a blog's and keeps the old one
// for what was enqueued up to an activity, by token, until a time.
func (q *queries) ReplacePrivateKey(ctx context.Context, blogID int64, pem, upTo string, until int64) error {
	old, err := q.PrivateKey(ctx, blogID)
	if err != nil {
		return err
	}
	activity, err := one(ctx, q, scalar[int64], qActivityID, upTo)
	if err != nil {
		return err
	}
	if _, err := q.exec(ctx, qKeepOldKey, blogID, old, activity, until); err != nil {
		return err
	}
	_, err = q.exec(ctx, qNewPrivateKey, blogID, pem)
	return err
}

// OldKey returns the PEM of the key that signs an activity of a blog enqueued before
// its key was replaced, or ErrNotFound when that is the present one.
func (q *queries) OldKey(ctx context.Context, blogID, activity, now int64) (string, error) {
	return one(ctx, q, scalar[string], qOldKey, blogID, activity, now)
}

// DropOldKeys forgets the old keys whose time is over.
func (q *queries) DropOldKeys(ctx context.Context, now int64) error {
	_, err := q.exec(ctx, qDropOldKeys, now)
	return err
}

// KeyOwners returns the blogs that have a key (0: the instance actor).
func (q *queries) KeyOwners(ctx context.Context) ([]int64, error) {
	return all(ctx, q, scalar[int64], qKeyOwners)
}

// EveryInbox returns each inbox that anything was ever delivered to.
func (q *queries) EveryInbox(ctx context.Context) ([]Target, error) {
	return all(ctx, q, func(s scanner) (t Target, err error) {
		err = s.Scan(&t.Host, &t.Inbox)
		return t, err
	}, qEveryInbox)
}

// PrivateKey returns the PEM of a blog's key (0: the instance actor's), or
// ErrNotFound.
func (q *queries) PrivateKey(ctx context.Context, blogID int64) (string, error) {
	return one(ctx, q, scalar[string], qPrivateKey, blogID)
}

// AddPrivateKey stores a key unless there is one and returns the one that is
// stored. A key is replaced only on purpose: peers remember it.
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
