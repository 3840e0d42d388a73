package db

import "context"

const (
	qPutMedia = `insert into media (hash, type, data) values ($1, $2, $3) on conflict (hash) do nothing`
	qMedia    = `select type, data from media where hash = $1`
)

type medium struct {
	typ  string
	data []byte
}

// PutMedia stores a file under its hash, once.
func (q *queries) PutMedia(ctx context.Context, hash, typ string, data []byte) error {
	_, err := q.exec(ctx, qPutMedia, hash, typ, data)
	return err
}

// Media returns a file, or ErrNotFound.
func (q *queries) Media(ctx context.Context, hash string) (typ string, data []byte, err error) {
	m, err := one(ctx, q, func(s scanner) (m medium, err error) {
		err = s.Scan(&m.typ, &m.data)
		return m, err
	}, qMedia, hash)
	return m.typ, m.data, err
}
