package db

import "context"

// Audited is one thing that an admin did.
type Audited struct {
	At                         int64
	Who, Deed, Subject, Detail string
}

const (
	qAudit   = `insert into audit (at, who, deed, subject, detail) values ($1, $2, $3, $4, $5)`
	qAudited = `select at, who, deed, subject, detail from audit order by id desc limit $1`
)

// Audit writes down what an admin did.
func (q *queries) Audit(ctx context.Context, a Audited) error {
	_, err := q.exec(ctx, qAudit, a.At, a.Who, a.Deed, a.Subject, a.Detail)
	return err
}

// Audited returns what admins did, the newest first.
func (q *queries) Audited(ctx context.Context, limit int) ([]Audited, error) {
	return all(ctx, q, func(s scanner) (a Audited, err error) {
		err = s.Scan(&a.At, &a.Who, &a.Deed, &a.Subject, &a.Detail)
		return a, err
	}, qAudited, limit)
}
