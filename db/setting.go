package db

import (
	"context"
	"errors"
)

const (
	qSetSetting = `insert into setting (jid, key, value) values ($1, $2, $3)
		on conflict (jid, key) do update set value = excluded.value`
	qSetting  = `select value from setting where jid = $1 and key = $2`
	qSettings = `select key, value from setting where jid = $1 order by key`
)

// SetSetting stores what somebody chose, under a key of the caller's own; jid is bare.
func (q *queries) SetSetting(ctx context.Context, jid, key, value string) error {
	_, err := q.exec(ctx, qSetSetting, jid, key, value)
	return err
}

// Setting returns what somebody chose, "" for nothing.
func (q *queries) Setting(ctx context.Context, jid, key string) (string, error) {
	v, err := recall(ctx, q, scalar[string], qSetting, jid, key)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return v, err
}

// Settings returns all that somebody chose, by key.
func (q *queries) Settings(ctx context.Context, jid string) (map[string]string, error) {
	type pair struct{ key, value string }
	pairs, err := all(ctx, q, func(s scanner) (p pair, err error) {
		err = s.Scan(&p.key, &p.value)
		return p, err
	}, qSettings, jid)
	out := make(map[string]string, len(pairs))
	for _, p := range pairs {
		out[p.key] = p.value
	}
	return out, err
}
