package db

import (
	"context"
	"errors"
)

// Levels of a Rule.
const (
	RuleBlock   = "block"   // nothing comes from there and nothing goes there
	RuleSilence = "silence" // strangers here do not hear of them
	RuleAllow   = "allow"   // for who lets nobody else in
	RuleNone    = "none"    // only what the rule says besides
)

// Rule is what the admin decided about an account or a server elsewhere.
type Rule struct {
	Subject string // an actor's id, or "@" and a host with all below it
	Level   string
	Name    string // how people call it: @user@host, or the host
	Note    string // for the admins alone
	Created int64

	RejectMedia, RejectReports bool
	Comment                    string // for everybody, in lists
	Source                     string // address of the list that it came from, "" for none
}

// Suspension is that the admin turned somebody here off.
type Suspension struct {
	JID, Note string
	Created   int64
}

const (
	qPutRule = `insert into peer_rule (subject, level, name, note, created, reject_media, reject_reports, comment, source) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		on conflict (subject) do update set level = excluded.level, name = excluded.name, note = excluded.note, created = excluded.created,
		reject_media = excluded.reject_media, reject_reports = excluded.reject_reports, comment = excluded.comment, source = excluded.source`
	qRules      = `select subject, level, name, note, created, reject_media, reject_reports, comment, source from peer_rule order by name`
	qRemoveRule = `delete from peer_rule where subject = $1`

	qSuspend     = `insert into suspension (jid, note, created) values ($1, $2, $3) on conflict (jid) do update set note = excluded.note`
	qSuspension  = `select jid, note, created from suspension where jid = $1`
	qSuspensions = `select jid, note, created from suspension order by jid`
	qUnsuspend   = `delete from suspension where jid = $1`

	qAddOptOut    = `insert into opt_out (actor, created) values ($1, $2) on conflict (actor) do nothing`
	qRemoveOptOut = `delete from opt_out where actor = $1`
	qOptedOut     = `select exists (select 1 from opt_out where actor = $1)`

	qAllFollowers = `select ` + followerColumns + ` from follower where id > $1 and state <> 'removed' order by id limit $2`
	qAllFollowing = `select ` + followingColumns + ` from following where id > $1 order by id limit $2`
)

// PutRule stores a rule in the place of the one about the same subject.
func (q *queries) PutRule(ctx context.Context, r Rule) error {
	_, err := q.exec(ctx, qPutRule, r.Subject, r.Level, r.Name, r.Note, r.Created, r.RejectMedia, r.RejectReports, r.Comment, r.Source)
	return err
}

// Rules returns all rules, by name.
func (q *queries) Rules(ctx context.Context) ([]Rule, error) {
	return all(ctx, q, func(s scanner) (r Rule, err error) {
		err = s.Scan(&r.Subject, &r.Level, &r.Name, &r.Note, &r.Created, &r.RejectMedia, &r.RejectReports, &r.Comment, &r.Source)
		return r, err
	}, qRules)
}

// RemoveRule forgets a rule; ErrNotFound when there is none.
func (q *queries) RemoveRule(ctx context.Context, subject string) error {
	return q.touch(ctx, qRemoveRule, subject)
}

func scanSuspension(s scanner) (x Suspension, err error) {
	err = s.Scan(&x.JID, &x.Note, &x.Created)
	return x, err
}

// Suspend stores that somebody is suspended.
func (q *queries) Suspend(ctx context.Context, s Suspension) error {
	_, err := q.exec(ctx, qSuspend, s.JID, s.Note, s.Created)
	return err
}

// Suspension returns the suspension of a bare JID, or ErrNotFound.
func (q *queries) Suspension(ctx context.Context, jid string) (Suspension, error) {
	return recall(ctx, q, scanSuspension, qSuspension, jid)
}

// Suspensions returns all of them, by JID.
func (q *queries) Suspensions(ctx context.Context) ([]Suspension, error) {
	return all(ctx, q, scanSuspension, qSuspensions)
}

// Unsuspend forgets a suspension; ErrNotFound when there is none.
func (q *queries) Unsuspend(ctx context.Context, jid string) error {
	return q.touch(ctx, qUnsuspend, jid)
}

// SetOptOut stores whether an actor asks not to be bridged.
func (q *queries) SetOptOut(ctx context.Context, actor string, out bool, at int64) error {
	if !out {
		_, err := q.exec(ctx, qRemoveOptOut, actor)
		return err
	}
	_, err := q.exec(ctx, qAddOptOut, actor, at)
	return err
}

// OptedOut reports whether an actor asked not to be bridged when it was last read.
func (q *queries) OptedOut(ctx context.Context, actor string) (bool, error) {
	return recall(ctx, q, scalar[bool], qOptedOut, actor)
}

// AllFollowers returns everybody's followers, accepted or pending, by id after afterID.
func (q *queries) AllFollowers(ctx context.Context, afterID int64, limit int) ([]Follower, error) {
	return all(ctx, q, scanFollower, qAllFollowers, afterID, limit)
}

// AllFollowing returns whom anybody follows or asked to, by id after afterID.
func (q *queries) AllFollowing(ctx context.Context, afterID int64, limit int) ([]Following, error) {
	return all(ctx, q, scanFollowing, qAllFollowing, afterID, limit)
}

// found makes nothing of the error that a row was there already.
func found(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
