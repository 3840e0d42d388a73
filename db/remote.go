package db

import "context"

const (
	qRemote = `select actor, handle, name, type, inbox, shared_inbox, key_id, key_pem, fetched, gone from remote where actor = $1`
	// The age of a key is when the key was fetched, not the rest.
	qRemoteByKey = `select actor, handle, name, type, inbox, shared_inbox, key_id, key_pem, key_fetched, gone from remote where key_id = $1 limit 1`
	qPutRemote   = `insert into remote (actor, handle, name, type, inbox, shared_inbox, key_id, key_pem, key_fetched, fetched, gone)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		on conflict (actor) do update set handle = excluded.handle, name = excluded.name, type = excluded.type, inbox = excluded.inbox,
		shared_inbox = excluded.shared_inbox, fetched = excluded.fetched, gone = excluded.gone`
	qPutRemoteKey = `insert into remote (actor, handle, name, type, inbox, shared_inbox, key_id, key_pem, key_fetched, fetched, gone)
		values ($1, '', '', '', '', '', $2, $3, $4, 0, false)
		on conflict (actor) do update set key_id = excluded.key_id, key_pem = excluded.key_pem, key_fetched = excluded.key_fetched`
	qRemoteByHandle = `select actor, handle, name, type, inbox, shared_inbox, key_id, key_pem, fetched, gone from remote where handle = $1 limit 1`
	qRemoteKnown    = `select exists (select 1 from follower where actor = $1) or exists (select 1 from remote where actor = $1)`
)

func scanRemote(s scanner) (r Remote, err error) {
	err = s.Scan(&r.Actor, &r.Handle, &r.Name, &r.Type, &r.Inbox, &r.SharedInbox, &r.KeyID, &r.KeyPEM, &r.Fetched, &r.Gone)
	return r, err
}

// PutRemote stores what is known of a remote actor; without a KeyID it leaves a
// key that is there alone.
func (q *queries) PutRemote(ctx context.Context, r Remote) error {
	return q.atomic(ctx, func(q *queries) error {
		_, err := q.exec(ctx, qPutRemote, r.Actor, r.Handle, r.Name, r.Type, r.Inbox, r.SharedInbox, r.KeyID, r.KeyPEM, r.Fetched, r.Fetched, r.Gone)
		if err == nil && r.KeyID != "" {
			err = q.PutRemoteKey(ctx, r.Actor, r.KeyID, r.KeyPEM, r.Fetched)
		}
		return err
	})
}

// PutRemoteKey stores a remote actor's public key, fetched at the time at.
func (q *queries) PutRemoteKey(ctx context.Context, actor, keyID, pem string, at int64) error {
	_, err := q.exec(ctx, qPutRemoteKey, actor, keyID, pem, at)
	return err
}

// Remote returns what is known of a remote actor, or ErrNotFound.
func (q *queries) Remote(ctx context.Context, actor string) (Remote, error) {
	return one(ctx, q, scanRemote, qRemote, actor)
}

// RemoteByKey returns the actor of a key, or ErrNotFound. Fetched is the key's.
func (q *queries) RemoteByKey(ctx context.Context, keyID string) (Remote, error) {
	return one(ctx, q, scanRemote, qRemoteByKey, keyID)
}

// RemoteByHandle returns a remote actor by user@host, or ErrNotFound.
func (q *queries) RemoteByHandle(ctx context.Context, handle string) (Remote, error) {
	return one(ctx, q, scanRemote, qRemoteByHandle, handle)
}

// RemoteKnown reports whether an actor ever followed somebody or was looked up.
func (q *queries) RemoteKnown(ctx context.Context, actor string) (bool, error) {
	return one(ctx, q, scalar[bool], qRemoteKnown, actor)
}
