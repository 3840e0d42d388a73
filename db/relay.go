package db

import "context"

// Relayed is a stanza for the process that has the XMPP stream.
type Relayed struct {
	ID      int64
	Process string // that waits for the answer, "" when nobody does
	Stanza  string // as XML
	Until   int64  // after that it is of no use, Unix ms
}

const (
	qRelay       = `insert into relay (process, stanza, answer, until) values ($1, $2, '', $3) returning id`
	qRelayed     = `select id, process, stanza, until from relay where answer = '' and id > $1 order by id limit $2`
	qAnswer      = `update relay set answer = $2 where id = $1`
	qTakeAnswer  = `delete from relay where id = $1 and answer <> '' returning answer`
	qDropRelayed = `delete from relay where id = $1`
	qPruneRelay  = `delete from relay where until < $1`
)

// Relay leaves a stanza for who has the stream, and returns its number.
func (q *queries) Relay(ctx context.Context, r Relayed) (int64, error) {
	return change(ctx, q, scalar[int64], qRelay, r.Process, r.Stanza, r.Until)
}

// Relayed returns stanzas that wait, in the order in which they came, with numbers above
// after.
func (q *queries) Relayed(ctx context.Context, after int64, limit int) ([]Relayed, error) {
	return all(ctx, q, func(s scanner) (r Relayed, err error) {
		err = s.Scan(&r.ID, &r.Process, &r.Stanza, &r.Until)
		return r, err
	}, qRelayed, after, limit)
}

// AnswerRelayed stores the answer to one that somebody waits for.
func (q *queries) AnswerRelayed(ctx context.Context, id int64, answer string) error {
	_, err := q.exec(ctx, qAnswer, id, answer)
	return err
}

// TakeAnswer returns the answer to a stanza and forgets it; ErrNotFound when there is none
// yet.
func (q *queries) TakeAnswer(ctx context.Context, id int64) (string, error) {
	return change(ctx, q, scalar[string], qTakeAnswer, id)
}

// DropRelayed forgets a stanza.
func (q *queries) DropRelayed(ctx context.Context, id int64) error {
	_, err := q.exec(ctx, qDropRelayed, id)
	return err
}

// PruneRelay forgets those that are of no use any more.
func (q *queries) PruneRelay(ctx context.Context, now int64) error {
	_, err := q.exec(ctx, qPruneRelay, now)
	return err
}
