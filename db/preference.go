package db

import "context"

const (
	qSetPreference = `insert into preference (blog_id, key, value) values ($1, $2, $3)
		on conflict (blog_id, key) do update set value = excluded.value`
	qPreferences = `select key, value from preference where blog_id = $1`

	qAddMute    = `insert into mute (blog_id, subject) values ($1, $2) on conflict (blog_id, subject) do nothing`
	qRemoveMute = `delete from mute where blog_id = $1 and subject = $2`
	qMutes      = `select subject from mute where blog_id = $1 order by subject`
	qMuted      = `select exists (select 1 from mute where blog_id = $1 and subject in ($2, $3)) or exists (select 1 from block where blog_id = $1 and subject in ($2, $3))`
)

// SetPreference stores what a blog's owner chose, under a key of the caller's own.
func (q *queries) SetPreference(ctx context.Context, blogID int64, key, value string) error {
	_, err := q.exec(ctx, qSetPreference, blogID, key, value)
	return err
}

// Preferences returns what a blog's owner chose, by key.
func (q *queries) Preferences(ctx context.Context, blogID int64) (map[string]string, error) {
	type pair struct{ key, value string }
	pairs, err := all(ctx, q, func(s scanner) (p pair, err error) {
		err = s.Scan(&p.key, &p.value)
		return p, err
	}, qPreferences, blogID)
	out := make(map[string]string, len(pairs))
	for _, p := range pairs {
		out[p.key] = p.value
	}
	return out, err
}

// AddMute notes that a blog's owner wants to hear nothing of a subject: an actor's
// id, or "@" and a host.
func (q *queries) AddMute(ctx context.Context, blogID int64, subject string) error {
	_, err := q.exec(ctx, qAddMute, blogID, subject)
	return err
}

// RemoveMute forgets it and returns how many that were, 0 or 1.
func (q *queries) RemoveMute(ctx context.Context, blogID int64, subject string) (int, error) {
	n, err := q.exec(ctx, qRemoveMute, blogID, subject)
	return int(n), err
}

// Mutes returns the subjects that a blog's owner wants to hear nothing of.
func (q *queries) Mutes(ctx context.Context, blogID int64) ([]string, error) {
	return all(ctx, q, scalar[string], qMutes, blogID)
}

// Muted reports whether an actor or its host is among a blog's mutes or blocks.
func (q *queries) Muted(ctx context.Context, blogID int64, actor, host string) (bool, error) {
	return recall(ctx, q, scalar[bool], qMuted, blogID, actor, "@"+host)
}
