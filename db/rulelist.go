package db

import "context"

// RuleList is a list of rules that is read every day.
type RuleList struct {
	URL     string
	ReadAt  int64  // when it was last read, 0 for never
	Error   string // of the last reading, "" when it went well
	Created int64
}

// RuleDraft is what a list says about a server that the admin has not decided about.
type RuleDraft struct {
	Subject, List, Level       string
	RejectMedia, RejectReports bool
	Comment                    string
	Refused                    bool
	Created                    int64
}

const (
	draftColumns = `subject, list, level, reject_media, reject_reports, comment, refused, created`

	qPutRuleList = `insert into rule_list (url, read_at, error, created) values ($1, $2, $3, $4)
		on conflict (url) do update set read_at = excluded.read_at, error = excluded.error`
	qRuleLists      = `select url, read_at, error, created from rule_list order by url`
	qRemoveRuleList = `delete from rule_list where url = $1`
	qDropDraftsOf   = `delete from rule_draft where list = $1 and not refused`

	qPutRuleDraft = `insert into rule_draft (` + draftColumns + `) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (subject) do update set list = excluded.list, level = excluded.level, reject_media = excluded.reject_media,
		reject_reports = excluded.reject_reports, comment = excluded.comment, refused = excluded.refused`
	qRuleDrafts      = `select ` + draftColumns + ` from rule_draft order by subject`
	qRemoveRuleDraft = `delete from rule_draft where subject = $1`
)

// PutRuleList stores a list with what came of reading it.
func (q *queries) PutRuleList(ctx context.Context, l RuleList) error {
	_, err := q.exec(ctx, qPutRuleList, l.URL, l.ReadAt, l.Error, l.Created)
	return err
}

// RuleLists returns all lists.
func (q *queries) RuleLists(ctx context.Context) ([]RuleList, error) {
	return all(ctx, q, func(s scanner) (l RuleList, err error) {
		err = s.Scan(&l.URL, &l.ReadAt, &l.Error, &l.Created)
		return l, err
	}, qRuleLists)
}

// RemoveRuleList forgets a list with its drafts, but not what was refused;
// ErrNotFound when there is none.
func (q *queries) RemoveRuleList(ctx context.Context, url string) error {
	return q.atomic(ctx, func(q *queries) error {
		if err := q.touch(ctx, qRemoveRuleList, url); err != nil {
			return err
		}
		_, err := q.exec(ctx, qDropDraftsOf, url)
		return err
	})
}

// PutRuleDraft stores a draft in the place of the one about the same server.
func (q *queries) PutRuleDraft(ctx context.Context, d RuleDraft) error {
	_, err := q.exec(ctx, qPutRuleDraft, d.Subject, d.List, d.Level, d.RejectMedia, d.RejectReports, d.Comment, d.Refused, d.Created)
	return err
}

// RuleDrafts returns all drafts, also those that were refused.
func (q *queries) RuleDrafts(ctx context.Context) ([]RuleDraft, error) {
	return all(ctx, q, func(s scanner) (d RuleDraft, err error) {
		err = s.Scan(&d.Subject, &d.List, &d.Level, &d.RejectMedia, &d.RejectReports, &d.Comment, &d.Refused, &d.Created)
		return d, err
	}, qRuleDrafts)
}

// RemoveRuleDraft forgets a draft.
func (q *queries) RemoveRuleDraft(ctx context.Context, subject string) error {
	_, err := q.exec(ctx, qRemoveRuleDraft, subject)
	return err
}
