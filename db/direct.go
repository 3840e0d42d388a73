package db

import (
	"context"
	"errors"
	"fmt"
)

// States of a direct message.
const (
	DirectSending  = "sending"
	DirectAccepted = "accepted" // by the server of whom it is to
	DirectFailed   = "failed"   // for good
)

// Direct is a message that somebody here wrote to a Fediverse account. Times are
// Unix milliseconds, 0 when never.
type Direct struct {
	ID      int64
	Token   string // in the id of its Note
	BlogID  int64  // in whose name
	Peer    string // actor id of whom it is to
	Host    string // of Inbox
	Inbox   string // where it went
	JID     string // the address that it was written to
	Client  string // full JID of whom it came from
	Stanza  string // the id by which that client knows it
	Latest  string // that of its last correction, Stanza before there is one
	ReplyTo string // object id of what it answers, "" for none
	Context string // id of its conversation, "" for none
	State   string
	Receipt bool // its client wants to know when it has arrived (XEP-0184)
	Created int64
	Updated int64
	Deleted int64
	Object  string // the Note, JSON
}

const (
	directColumns = `id, token, blog_id, peer, host, inbox, jid, client, stanza, latest, reply_to, context, state, receipt, created, updated, deleted, object`

	qAddDirect = `insert into direct (token, blog_id, peer, host, inbox, jid, client, stanza, latest, reply_to, context, state, receipt, created, updated, deleted, object)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		returning ` + directColumns
	qDirectByID     = `select ` + directColumns + ` from direct where id = $1`
	qDirectByToken  = `select ` + directColumns + ` from direct where token = $1`
	qDirectByStanza = `select ` + directColumns + ` from direct where blog_id = $1 and jid = $2 and stanza = $3 order by id desc limit 1`
	qDirectByLatest = `select ` + directColumns + ` from direct where blog_id = $1 and jid = $2 and latest = $3 order by id desc limit 1`
	qLastDirect     = `select ` + directColumns + ` from direct where blog_id = $1 and peer = $2 order by id desc limit 1`
	qDirectsOf      = `select ` + directColumns + ` from direct where blog_id = $1 and deleted = 0 and id > $2 order by id limit $3`
	qUpdateDirect   = `update direct set client = $2, latest = $3, state = $4, receipt = $5, updated = $6, deleted = $7, object = $8 where id = $1`
	qSettleDirect   = `update direct set state = $2 where id = $1 and state = 'sending'`
)

func scanDirect(s scanner) (d Direct, err error) {
	err = s.Scan(&d.ID, &d.Token, &d.BlogID, &d.Peer, &d.Host, &d.Inbox, &d.JID, &d.Client, &d.Stanza, &d.Latest, &d.ReplyTo, &d.Context, &d.State, &d.Receipt, &d.Created, &d.Updated, &d.Deleted, &d.Object)
	return d, err
}

// AddDirect stores a direct message and returns it with its id.
func (q *queries) AddDirect(ctx context.Context, d Direct) (Direct, error) {
	made, err := change(ctx, q, scanDirect, qAddDirect, d.Token, d.BlogID, d.Peer, d.Host, d.Inbox, d.JID, d.Client, d.Stanza, d.Latest, d.ReplyTo, d.Context, d.State, d.Receipt, d.Created, d.Updated, d.Deleted, d.Object)
	if err != nil {
		return Direct{}, fmt.Errorf("direct message %s: %w", d.Token, err)
	}
	return made, nil
}

// DirectByID returns a direct message, or ErrNotFound.
func (q *queries) DirectByID(ctx context.Context, id int64) (Direct, error) {
	return one(ctx, q, scanDirect, qDirectByID, id)
}

// DirectByToken returns the direct message whose Note's id ends in token, or
// ErrNotFound.
func (q *queries) DirectByToken(ctx context.Context, token string) (Direct, error) {
	return one(ctx, q, scanDirect, qDirectByToken, token)
}

// DirectByStanza returns the newest message of a blog to an address that its
// client knows by this id, or by that of its last correction, or ErrNotFound.
func (q *queries) DirectByStanza(ctx context.Context, blogID int64, jid, stanza string) (Direct, error) {
	d, err := one(ctx, q, scanDirect, qDirectByStanza, blogID, jid, stanza)
	if errors.Is(err, ErrNotFound) {
		return one(ctx, q, scanDirect, qDirectByLatest, blogID, jid, stanza)
	}
	return d, err
}

// LastDirect returns the newest message of a blog to an actor, or ErrNotFound.
func (q *queries) LastDirect(ctx context.Context, blogID int64, peer string) (Direct, error) {
	return one(ctx, q, scanDirect, qLastDirect, blogID, peer)
}

// DirectsOf returns a blog's messages in order, those that were not taken back.
func (q *queries) DirectsOf(ctx context.Context, blogID, after int64, limit int) ([]Direct, error) {
	return all(ctx, q, scanDirect, qDirectsOf, blogID, after, limit)
}

// UpdateDirect stores what an edit or a deletion changes: Client, Latest, State,
// Receipt, Updated, Deleted and Object.
func (q *queries) UpdateDirect(ctx context.Context, d Direct) error {
	_, err := q.exec(ctx, qUpdateDirect, d.ID, d.Client, d.Latest, d.State, d.Receipt, d.Updated, d.Deleted, d.Object)
	return err
}

// SettleDirect says what became of a message that was being sent, and reports
// whether that was news.
func (q *queries) SettleDirect(ctx context.Context, id int64, state string) (bool, error) {
	n, err := q.exec(ctx, qSettleDirect, id, state)
	return n > 0, err
}

const (
	qAddDirectReaction    = `insert into direct_reaction (direct_id, content, activity) values ($1, $2, $3) on conflict (direct_id, content) do nothing`
	qRemoveDirectReaction = `delete from direct_reaction where direct_id = $1 and content = $2`
	qDirectReactions      = `select content from direct_reaction where direct_id = $1 order by content`
	qReactedDirect        = `select direct_id, content from direct_reaction where activity = $1 order by direct_id limit 1`
)

// AddDirectReaction notes what whom a message is to thinks of it, and reports
// whether that is news.
func (q *queries) AddDirectReaction(ctx context.Context, id int64, content, activity string) (bool, error) {
	n, err := q.exec(ctx, qAddDirectReaction, id, content, activity)
	return n > 0, err
}

// RemoveDirectReaction forgets it, and reports whether it was there.
func (q *queries) RemoveDirectReaction(ctx context.Context, id int64, content string) (bool, error) {
	n, err := q.exec(ctx, qRemoveDirectReaction, id, content)
	return n > 0, err
}

// DirectReactions returns all that is thought of a message, sorted.
func (q *queries) DirectReactions(ctx context.Context, id int64) ([]string, error) {
	return all(ctx, q, scalar[string], qDirectReactions, id)
}

// ReactedDirect is the message that a reaction is about, and its content, by the
// activity's id; or ErrNotFound.
func (q *queries) ReactedDirect(ctx context.Context, activity string) (id int64, content string, err error) {
	type row struct {
		id      int64
		content string
	}
	r, err := one(ctx, q, func(s scanner) (r row, err error) {
		err = s.Scan(&r.id, &r.content)
		return r, err
	}, qReactedDirect, activity)
	return r.id, r.content, err
}
