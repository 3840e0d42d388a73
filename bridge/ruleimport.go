package bridge

import (
	"context"
	"slices"
	"strings"

	"isthmus/db"
	"isthmus/policy"
)

// Effect is whom a change of rules parts.
type Effect struct {
	Followers int `json:"followers"`
	Following int `json:"following"`
	People    int `json:"people"`
}

// severities are what lists call the levels of rules.
var severities = map[string]string{db.RuleBlock: policy.Suspend, db.RuleSilence: policy.Silence, db.RuleNone: policy.Noop}

func levelOf(severity string) string {
	for level, s := range severities {
		if s == severity {
			return level
		}
	}
	return db.RuleNone
}

func entryOf(r db.Rule) (policy.Entry, bool) {
	severity, ok := severities[r.Level]
	domain, host := strings.CutPrefix(r.Subject, "@")
	return policy.Entry{Domain: domain, Severity: severity, RejectMedia: r.RejectMedia, RejectReports: r.RejectReports, Comment: r.Comment}, ok && host
}

// ExportRules returns what is decided about servers, by name.
func ExportRules(ctx context.Context, d *db.DB) ([]policy.Entry, error) {
	rules, err := d.Rules(ctx)
	var list []policy.Entry
	for _, r := range rules {
		if e, ok := entryOf(r); ok {
			list = append(list, e)
		}
	}
	slices.SortFunc(list, func(a, b policy.Entry) int { return strings.Compare(a.Domain, b.Domain) })
	return list, err
}

// PlanRules compares a list with what is decided.
func PlanRules(ctx context.Context, d *db.DB, list []policy.Entry) (policy.Plan, error) {
	rules, err := d.Rules(ctx)
	if err != nil {
		return policy.Plan{}, err
	}
	have := make(map[string]policy.Entry, len(rules))
	for _, r := range rules {
		if e, ok := entryOf(r); ok {
			have[e.Domain] = e
		} else if domain, host := strings.CutPrefix(r.Subject, "@"); host { // allowed
			have[domain] = policy.Entry{Domain: domain, Severity: r.Level}
		}
	}
	return policy.Compare(list, func(domain string) (policy.Entry, bool) {
		e, ok := have[domain]
		return e, ok
	}), nil
}

// RuleImport says how a list becomes rules.
type RuleImport struct {
	By     string // for the audit log
	Source string // where it comes from, "" for a file
	Allow  bool   // the servers are let in, whatever the list says
	At     int64
}

func (o RuleImport) rule(e policy.Entry) db.Rule {
	r := db.Rule{
		Subject: "@" + e.Domain, Level: levelOf(e.Severity), Name: e.Domain, Created: o.At,
		RejectMedia: e.RejectMedia, RejectReports: e.RejectReports, Comment: e.Comment, Source: o.Source,
	}
	if o.Allow {
		r = db.Rule{Subject: r.Subject, Level: db.RuleAllow, Name: e.Domain, Created: o.At, Source: o.Source}
	}
	return r
}

// ImportRules stores entries as rules, in one piece. The running gateway, or the
// next one, ends the follows that they part.
func ImportRules(ctx context.Context, d *db.DB, list []policy.Entry, o RuleImport) error {
	return d.Tx(ctx, func(tx *db.Tx) error {
		for _, e := range list {
			r := o.rule(e)
			if err := tx.PutRule(ctx, r); err != nil {
				return err
			}
			if err := tx.RemoveRuleDraft(ctx, r.Subject); err != nil {
				return err
			}
			if err := tx.Audit(ctx, db.Audited{At: o.At, Who: o.By, Deed: "domain " + r.Level, Subject: e.Domain, Detail: o.Source}); err != nil {
				return err
			}
		}
		return tx.AddJob(ctx, db.Job{Kind: kindRules, Anywhere: true, Key: rulesKey, Due: o.At})
	})
}

// PlanEffect counts whom the suspensions among some entries part.
func PlanEffect(ctx context.Context, d *db.DB, list []policy.Entry) (e Effect, err error) {
	blocks := map[string]bool{}
	for _, x := range list {
		if x.Severity == policy.Suspend {
			blocks["@"+x.Domain] = true
		}
	}
	whose := map[int64]bool{}
	parted := func(blog int64, actor, handle string, n *int) {
		if slices.ContainsFunc(subjectsOf(actor, handle), func(s string) bool { return blocks[s] }) {
			whose[blog] = true
			*n++
		}
	}
	err = everyRelation(ctx, d, func(f db.Follower) error {
		parted(f.BlogID, f.Actor, f.Handle, &e.Followers)
		return nil
	}, func(f db.Following) error {
		handle := ""
		if r, err := d.Remote(ctx, f.Actor); err == nil {
			handle = r.Handle
		}
		parted(f.BlogID, f.Actor, handle, &e.Following)
		return nil
	})
	e.People = len(whose)
	return e, err
}
