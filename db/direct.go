package db

import (
	"context"
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
	JID     string // the address that it was written to
	Client  string // full JID of whom it came from
	Stanza  string // the id by which that client knows it
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
	directColumns = `id, token, blog_id, peer, jid, client, stanza, reply_to, context, state, receipt, created, updated, deleted, object`

	qAddDirect = `insert into direct (token, blog_id, peer, jid, client, stanza, reply_to, context, state, receipt, created, updated, deleted, object)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		returning ` + directColumns
	qDirectByID     = `select ` + directColumns + ` from direct where id = $1`
	qDirectByToken  = `select ` + directColumns + ` from direct where token = $1`
	qDirectByStanza = `select ` + directColumns + ` from direct where blog_id = $1 and jid = $2 and stanza = $3 order by id desc limit 1`
	qLastDirect     = `select ` + directColumns + ` from direct where blog_id = $1 and peer = $2 order by id desc limit 1`
	qUpdateDirect   = `update direct set client = $2, stanza = $3, state = $4, receipt = $5, updated = $6, deleted = $7, object = $8 where id = $1`
	qSettleDirect   = `update direct set state = $2 where id = $1 and state = 'sending'`
)

func scanDirect(s scanner) (d Direct, err error) {
	err = s.Scan(&d.ID, &d.Token, &d.BlogID, &d.Peer, &d.JID, &d.Client, &d.Stanza, &d.ReplyTo, &d.Context, &d.State, &d.Receipt, &d.Created, &d.Updated, &d.Deleted, &d.Object)
	return d, err
}

// AddDirect stores a direct message and returns it with its id.
func (q *queries) AddDirect(ctx context.Context, d Direct) (Direct, error) {
	made, err := change(ctx, q, scanDirect, qAddDirect, d.Token, d.BlogID, d.Peer, d.JID, d.Client, d.Stanza, d.ReplyTo, d.Context, d.State, d.Receipt, d.Created, d.Updated, d.Deleted, d.Object)
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
// client knows by this id, or ErrNotFound.
func (q *queries) DirectByStanza(ctx context.Context, blogID int64, jid, stanza string) (Direct, error) {
	return one(ctx, q, scanDirect, qDirectByStanza, blogID, jid, stanza)
}

// LastDirect returns the newest message of a blog to an actor, or ErrNotFound.
func (q *queries) LastDirect(ctx context.Context, blogID int64, peer string) (Direct, error) {
	return one(ctx, q, scanDirect, qLastDirect, blogID, peer)
}

// UpdateDirect stores what an edit or a deletion changes: Client, Stanza, State,
// Receipt, Updated, Deleted and Object.
func (q *queries) UpdateDirect(ctx context.Context, d Direct) error {
	_, err := q.exec(ctx, qUpdateDirect, d.ID, d.Client, d.Stanza, d.State, d.Receipt, d.Updated, d.Deleted, d.Object)
	return err
}

// SettleDirect says what became of a message that was being sent, and reports
// whether that was news.
func (q *queries) SettleDirect(ctx context.Context, id int64, state string) (bool, error) {
	n, err := q.exec(ctx, qSettleDirect, id, state)
	return n > 0, err
}
