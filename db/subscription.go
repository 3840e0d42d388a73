package db

import "context"

const (
	subscriptionColumns = `service, node, jid, created`

	qAddSubscription    = `insert into subscription (` + subscriptionColumns + `) values ($1, $2, $3, $4) on conflict (service, node, jid) do nothing`
	qRemoveSubscription = `delete from subscription where service = $1 and node = $2 and jid = $3`
	qSubscribers        = `select ` + subscriptionColumns + ` from subscription where service = $1 and node = $2 and jid > $3 order by jid limit $4`
	qSubscriptionsAt    = `select ` + subscriptionColumns + ` from subscription where jid = $1 and service = $2 order by node limit $3`
	qSubscribed         = `select exists (select 1 from subscription where service = $1 and node = $2 and jid = $3)`
	qForgetSubscriber   = `delete from subscription where jid = $1`
)

func scanSubscription(s scanner) (x Subscription, err error) {
	err = s.Scan(&x.Service, &x.Node, &x.JID, &x.Created)
	return x, err
}

// AddSubscription stores a subscription, once.
func (q *queries) AddSubscription(ctx context.Context, s Subscription) error {
	_, err := q.exec(ctx, qAddSubscription, s.Service, s.Node, s.JID, s.Created)
	return err
}

// RemoveSubscription ends one; ErrNotFound when there is none.
func (q *queries) RemoveSubscription(ctx context.Context, service, node, jid string) error {
	return q.touch(ctx, qRemoveSubscription, service, node, jid)
}

// Subscribers returns who is subscribed to a node, by address after afterJID.
func (q *queries) Subscribers(ctx context.Context, service, node, afterJID string, limit int) ([]Subscription, error) {
	return all(ctx, q, scanSubscription, qSubscribers, service, node, afterJID, limit)
}

// SubscriptionsAt returns the nodes of a service that somebody is subscribed to.
func (q *queries) SubscriptionsAt(ctx context.Context, jid, service string, limit int) ([]Subscription, error) {
	return all(ctx, q, scanSubscription, qSubscriptionsAt, jid, service, limit)
}

// ForgetSubscriber ends all of somebody's subscriptions.
func (q *queries) ForgetSubscriber(ctx context.Context, jid string) error {
	_, err := q.exec(ctx, qForgetSubscriber, jid)
	return err
}

// Subscribed reports whether somebody is subscribed to a node.
func (q *queries) Subscribed(ctx context.Context, service, node, jid string) (bool, error) {
	return recall(ctx, q, scalar[bool], qSubscribed, service, node, jid)
}
