package db

import "context"

// PeerKey is a public key of a remote actor. Fetched is when it was asked for.
type PeerKey struct {
	ID, Actor, PEM string
	Fetched        int64
}

const (
	qPeerKey     = `select id, actor, pem, fetched from peer_key where id = $1`
	qPeerKeys    = `select id, actor, pem, fetched from peer_key where actor = $1`
	qPutPeerKey  = `insert into peer_key (id, actor, pem, fetched) values ($1, $2, $3, $4) on conflict (id) do update set actor = excluded.actor, pem = excluded.pem, fetched = excluded.fetched`
	qDropPeerKey = `delete from peer_key where id = $1`
)

func scanPeerKey(s scanner) (k PeerKey, err error) {
	err = s.Scan(&k.ID, &k.Actor, &k.PEM, &k.Fetched)
	return k, err
}

// PeerKey returns the key with an id, or ErrNotFound.
func (q *queries) PeerKey(ctx context.Context, id string) (PeerKey, error) {
	return one(ctx, q, scanPeerKey, qPeerKey, id)
}

// PeerKeys returns the keys of an actor that are known here.
func (q *queries) PeerKeys(ctx context.Context, actor string) ([]PeerKey, error) {
	return all(ctx, q, scanPeerKey, qPeerKeys, actor)
}

// PutPeerKey stores a key in the place of what had its id.
func (q *queries) PutPeerKey(ctx context.Context, k PeerKey) error {
	_, err := q.exec(ctx, qPutPeerKey, k.ID, k.Actor, k.PEM, k.Fetched)
	return err
}

// DropPeerKey forgets a key.
func (q *queries) DropPeerKey(ctx context.Context, id string) error {
	_, err := q.exec(ctx, qDropPeerKey, id)
	return err
}
