package db

import (
	"context"
	"fmt"
)

const (
	accountColumns = `actor, jid, outbox, more, total, followers, avatar_url, avatar_hash, avatar_type, avatar_width, avatar_height, avatar_bytes,
		filled, checked, failing, wanted, moved, profile`

	// What was read of its posts stays, and so does its picture.
	qPutAccount = `insert into account (` + accountColumns + `) values ($1, $2, $3, '', $4, $5, $6, '', '', 0, 0, 0, 0, $7, 0, $8, 0, $9)
		on conflict (actor) do update set jid = excluded.jid, outbox = excluded.outbox, total = excluded.total, followers = excluded.followers,
		avatar_url = excluded.avatar_url, checked = excluded.checked, failing = 0, profile = excluded.profile
		returning ` + accountColumns
	// A name may pass to a new actor: who had it before has no address any more.
	qTakeJID           = `update account set jid = '' where jid = $1 and jid <> '' and actor <> $2`
	qAccount           = `select ` + accountColumns + ` from account where actor = $1`
	qAccountByJID      = `select ` + accountColumns + ` from account where jid = $1 and jid <> '' limit 1`
	qSetFilled         = `update account set filled = $2, more = $3, total = case when $4 < 0 then total else $4 end where actor = $1`
	qSetAvatar         = `update account set avatar_hash = $2, avatar_type = $3, avatar_width = $4, avatar_height = $5, avatar_bytes = $6 where actor = $1`
	qSetAccountFailing = `update account set checked = $2, failing = case when failing = 0 then $2 else failing end where actor = $1`
	qSetAccountMoved   = `update account set moved = $2 where actor = $1`
	qSetWanted         = `update account set wanted = $2 where actor = $1`
	qStaleAccounts     = `select ` + accountColumns + ` from account a where checked < $1 and exists (select 1 from following f where f.actor = a.actor)
		order by checked, actor limit $2`
	qIdleAccounts = `select ` + accountColumns + ` from account a where wanted < $1 and not exists (select 1 from following f where f.actor = a.actor)
		order by wanted, actor limit $2`
	qDropAccount = `delete from account where actor = $1`
	qDropFeed    = `delete from feed where actor = $1`
	qDropShelf   = `delete from note where actor = $1 and shelf and deleted = 0 and not exists (select 1 from feed f where f.object = note.object)`
	qDropPrivate = `delete from feed where actor = $1 and private`
	// Notes that concern somebody here, such as letters, are not on the shelf.
	qDropPrivateNotes = `delete from note where actor = $1 and shelf and deleted = 0 and visibility not in ('public', 'unlisted')`
	qDropAvatar       = `delete from media where hash = $1 and not exists (select 1 from account where avatar_hash = $1 and avatar_hash <> '')`
)

func scanAccount(s scanner) (a Account, err error) {
	err = s.Scan(&a.Actor, &a.JID, &a.Outbox, &a.More, &a.Total, &a.Followers, &a.AvatarURL, &a.AvatarHash, &a.AvatarType, &a.AvatarWidth, &a.AvatarHeight,
		&a.AvatarBytes, &a.Filled, &a.Checked, &a.Failing, &a.Wanted, &a.Moved, &a.Profile)
	return a, err
}

// PutAccount stores an account as it was just read, from JID to AvatarURL and
// Checked, and Wanted of a new one, and returns it as it is now.
func (q *queries) PutAccount(ctx context.Context, a Account) (saved Account, err error) {
	err = q.atomic(ctx, func(q *queries) error {
		if _, err := q.exec(ctx, qTakeJID, a.JID, a.Actor); err != nil {
			return err
		}
		saved, err = change(ctx, q, scanAccount, qPutAccount, a.Actor, a.JID, a.Outbox, a.Total, a.Followers, a.AvatarURL, a.Checked, a.Wanted, a.Profile)
		return err
	})
	if err != nil {
		return Account{}, fmt.Errorf("account %s: %w", a.Actor, err)
	}
	return saved, nil
}

// Account returns an account by its actor, or ErrNotFound.
func (q *queries) Account(ctx context.Context, actor string) (Account, error) {
	return recall(ctx, q, scanAccount, qAccount, actor)
}

// AccountByJID returns an account by its virtual bare address, or ErrNotFound.
func (q *queries) AccountByJID(ctx context.Context, jid string) (Account, error) {
	return recall(ctx, q, scanAccount, qAccountByJID, jid)
}

// SetFilled notes that an account's posts were asked for, what is left to be read
// and how many there are, -1 to leave that as it is.
func (q *queries) SetFilled(ctx context.Context, actor string, at int64, more string, total int64) error {
	return q.touch(ctx, qSetFilled, actor, at, more, total)
}

// SetAvatar stores the Avatar fields of a, other than the address.
func (q *queries) SetAvatar(ctx context.Context, a Account) error {
	return q.touch(ctx, qSetAvatar, a.Actor, a.AvatarHash, a.AvatarType, a.AvatarWidth, a.AvatarHeight, a.AvatarBytes)
}

// DropAvatar forgets a picture that no account has any more.
func (q *queries) DropAvatar(ctx context.Context, hash string) error {
	_, err := q.exec(ctx, qDropAvatar, hash)
	return err
}

// SetAccountFailing notes that an account could not be read at the time at.
func (q *queries) SetAccountFailing(ctx context.Context, actor string, at int64) error {
	_, err := q.exec(ctx, qSetAccountFailing, actor, at)
	return err
}

// SetAccountMoved notes when an account moved away.
func (q *queries) SetAccountMoved(ctx context.Context, actor string, at int64) error {
	_, err := q.exec(ctx, qSetAccountMoved, actor, at)
	return err
}

// SetWanted notes that somebody here asked for an account.
func (q *queries) SetWanted(ctx context.Context, actor string, at int64) error {
	_, err := q.exec(ctx, qSetWanted, actor, at)
	return err
}

// StaleAccounts returns accounts that somebody follows and that were last read
// before a time, longest ago first.
func (q *queries) StaleAccounts(ctx context.Context, before int64, limit int) ([]Account, error) {
	return all(ctx, q, scanAccount, qStaleAccounts, before, limit)
}

// IdleAccounts returns accounts that nobody follows and nobody asked for since a
// time, longest ago first.
func (q *queries) IdleAccounts(ctx context.Context, since int64, limit int) ([]Account, error) {
	return all(ctx, q, scanAccount, qIdleAccounts, since, limit)
}

// RemoveAccount forgets an account, its node, and those of its posts that were
// only read and stand in nobody else's node.
func (q *queries) RemoveAccount(ctx context.Context, a Account) error {
	return q.atomic(ctx, func(q *queries) error {
		for _, text := range []string{qDropFeed, qDropShelf, qDropAccount} {
			if _, err := q.exec(ctx, text, a.Actor); err != nil {
				return err
			}
		}
		return q.DropAvatar(ctx, a.AvatarHash)
	})
}

// DropPrivate forgets what an account wrote for its followers alone.
func (q *queries) DropPrivate(ctx context.Context, actor string) error {
	return q.atomic(ctx, func(q *queries) error {
		for _, text := range []string{qDropPrivate, qDropPrivateNotes} {
			if _, err := q.exec(ctx, text, actor); err != nil {
				return err
			}
		}
		return nil
	})
}
