package db

import "context"

const (
	qRemote    = `select actor, handle, name, type, inbox, shared_inbox, fetched, gone from remote where actor = $1`
	qPutRemote = `insert into remote (actor, handle, name, type, inbox, shared_inbox, fetched, gone)
		values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (actor) do update set handle = excluded.handle, name = excluded.name, type = excluded.type, inbox = excluded.inbox,
		shared_inbox = excluded.shared_inbox, fetched = excluded.fetched, gone = excluded.gone`
	qRemoteByHandle = `select actor, handle, name, type, inbox, shared_inbox, fetched, gone from remote where handle = $1 limit 1`
	qRemoteKnown    = `select exists (select 1 from follower where actor = $1) or exists (select 1 from remote where actor = $1)
		or exists (select 1 from peer_key where actor = $1)`
)

func scanRemote(s scanner) (r Remote, err error) {
	err = s.Scan(&r.Actor, &r.Handle, &r.Name, &r.Type, &r.Inbox, &r.SharedInbox, &r.Fetched, &r.Gone)
	return r, err
}

// PutRemote stores what is known of a remote actor.
func (q *queries) PutRemote(ctx context.Context, r Remote) error {
	_, err := q.exec(ctx, qPutRemote, r.Actor, r.Handle, r.Name, r.Type, r.Inbox, r.SharedInbox, r.Fetched, r.Gone)
	return err
}

// Remote returns what is known of a remote actor, or ErrNotFound.
func (q *queries) Remote(ctx context.Context, actor string) (Remote, error) {
	return recall(ctx, q, scanRemote, qRemote, actor)
}

// RemoteByHandle returns a remote actor by user@host, or ErrNotFound.
func (q *queries) RemoteByHandle(ctx context.Context, handle string) (Remote, error) {
	return recall(ctx, q, scanRemote, qRemoteByHandle, handle)
}

// RemoteKnown reports whether an actor ever followed somebody, was looked up, or
// signed a request.
func (q *queries) RemoteKnown(ctx context.Context, actor string) (bool, error) {
	return one(ctx, q, scalar[bool], qRemoteKnown, actor)
}
