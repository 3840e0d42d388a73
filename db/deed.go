package db

import "context"

const (
	deedColumns = `id, blog_id, kind, content, object, service, node, item, token, host, inbox, created`

	qAddDeed = `insert into deed (blog_id, kind, content, object, service, node, item, token, host, inbox, created)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		on conflict (service, node, item, kind, content) do nothing`
	qDeedsAt     = `select ` + deedColumns + ` from deed where service = $1 and node = $2 and item = $3 order by kind, content`
	qDeedsIn     = `select ` + deedColumns + ` from deed where service = $1 and node = $2 order by item, kind, content limit $3`
	qDeedsOn     = `select ` + deedColumns + ` from deed where object = $1 order by id limit $2`
	qDeedByToken = `select ` + deedColumns + ` from deed where token = $1`
	qRemoveDeed  = `delete from deed where id = $1`
)

func scanDeed(s scanner) (d Deed, err error) {
	err = s.Scan(&d.ID, &d.BlogID, &d.Kind, &d.Content, &d.Object, &d.Service, &d.Node, &d.Item, &d.Token, &d.Host, &d.Inbox, &d.Created)
	return d, err
}

// AddDeed stores a deed. It is not fresh when the item stands for the same deed
// already.
func (q *queries) AddDeed(ctx context.Context, d Deed) (fresh bool, err error) {
	n, err := q.exec(ctx, qAddDeed, d.BlogID, d.Kind, d.Content, d.Object, d.Service, d.Node, d.Item, d.Token, d.Host, d.Inbox, d.Created)
	return n > 0, err
}

// DeedsAt returns what an item stands for, by kind and content.
func (q *queries) DeedsAt(ctx context.Context, service, node, item string) ([]Deed, error) {
	return all(ctx, q, scanDeed, qDeedsAt, service, node, item)
}

// DeedsIn returns what the items of a node stand for, by item, kind and content.
func (q *queries) DeedsIn(ctx context.Context, service, node string, limit int) ([]Deed, error) {
	return all(ctx, q, scanDeed, qDeedsIn, service, node, limit)
}

// DeedsOn returns the first of what our blogs did to an object.
func (q *queries) DeedsOn(ctx context.Context, object string, limit int) ([]Deed, error) {
	return all(ctx, q, scanDeed, qDeedsOn, object, limit)
}

// DeedByToken returns the deed whose activity's id ends in token, or ErrNotFound.
func (q *queries) DeedByToken(ctx context.Context, token string) (Deed, error) {
	return one(ctx, q, scanDeed, qDeedByToken, token)
}

// RemoveDeed forgets a deed; one that is not there is no error.
func (q *queries) RemoveDeed(ctx context.Context, id int64) error {
	_, err := q.exec(ctx, qRemoveDeed, id)
	return err
}
