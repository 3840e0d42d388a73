package bridge

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"isthmus/db"
	"isthmus/policy"
)

// This file is lists of servers that admins share, and the audit log.

// Deeds of “lists”.
const (
	listAdd    = "add"
	listRemove = "remove"
	listDrafts = "drafts"
	listAccept = "accept"
	listRefuse = "refuse"
)

var listDeeds = field{Var: "deed", Type: "list-single", Options: []string{deedList, listAdd, listRemove, listDrafts, listAccept, listRefuse}}

// cmdLists subscribes to lists, and decides about what they say.
func (b *Bridge) cmdLists(ctx context.Context, a asking) (answer, error) {
	deed, what := strings.ToLower(a.word(0)), a.word(1)
	switch {
	case deed == listDrafts:
		return b.listDrafts(ctx)
	case deed == listAdd && what != "":
		return b.addList(ctx, a, what)
	case deed == listRemove && what != "":
		err := b.db.RemoveRuleList(ctx, what)
		if errors.Is(err, db.ErrNotFound) {
			return answer{Text: b.say(ctx, "safety.lists.not", "list", clip(what, 200))}, nil
		}
		if err == nil {
			b.audited(ctx, a.From, "lists remove", what, "")
		}
		return answer{Text: b.say(ctx, "safety.lists.removed", "list", what)}, err
	case (deed == listAccept || deed == listRefuse) && what != "":
		return b.judgeDrafts(ctx, a, deed, what)
	case deed != "" && deed != deedList:
		return answer{Text: b.say(ctx, "safety.lists.how")}, nil
	}
	lists, err := b.db.RuleLists(ctx)
	if err != nil {
		return answer{}, err
	}
	if len(lists) == 0 {
		return answer{Text: b.say(ctx, "safety.lists.none")}, nil
	}
	drafts, err := b.openDrafts(ctx)
	if err != nil {
		return answer{}, err
	}
	waiting := map[string]int{}
	for _, d := range drafts {
		waiting[d.List]++
	}
	var lines []string
	for _, l := range lists {
		lines = append(lines, strings.TrimSpace(b.say(ctx, "safety.lists.line", "list", l.URL, "read", stamp(l.ReadAt), "number", waiting[l.URL], "error", l.Error)))
	}
	return answer{Text: strings.Join(lines, "\n")}, nil
}

// addList reads a list once before it is kept, so that a wrong address is told.
func (b *Bridge) addList(ctx context.Context, a asking, address string) (answer, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return answer{Text: b.say(ctx, "safety.lists.how")}, nil
	}
	list, err := b.fetchList(ctx, address)
	if err != nil {
		return answer{Text: b.say(ctx, "safety.lists.unread", "list", address, "error", clip(err.Error(), 300))}, nil
	}
	plan, _, err := b.draft(ctx, address, list)
	if err != nil {
		return answer{}, err
	}
	if err := b.db.PutRuleList(ctx, db.RuleList{URL: address, ReadAt: b.nowMS(), Created: b.nowMS()}); err != nil {
		return answer{}, err
	}
	b.soon(ctx, db.Job{Kind: kindLists, Anywhere: true, Key: rulesKey, Due: b.now().Add(listsEvery).UnixMilli()})
	b.audited(ctx, a.From, "lists add", address, "")
	return answer{Text: b.say(ctx, "safety.lists.added", "list", address, "new", len(plan.New), "known", len(plan.Known), "conflicting", len(plan.Conflicting)), Next: []string{"lists drafts", "lists accept all"}}, nil
}

// openDrafts are those that wait for a decision.
func (b *Bridge) openDrafts(ctx context.Context) (open []db.RuleDraft, err error) {
	drafts, err := b.db.RuleDrafts(ctx)
	for _, d := range drafts {
		if !d.Refused {
			open = append(open, d)
		}
	}
	return open, err
}

func (b *Bridge) listDrafts(ctx context.Context) (answer, error) {
	drafts, err := b.openDrafts(ctx)
	if err != nil {
		return answer{}, err
	}
	if len(drafts) == 0 {
		return answer{Text: b.say(ctx, "safety.drafts.none")}, nil
	}
	const most = 50
	var lines []string
	for _, d := range drafts[:min(most, len(drafts))] {
		lines = append(lines, strings.TrimSpace(b.say(ctx, "safety.drafts.line", "host", strings.TrimPrefix(d.Subject, "@"), "what", b.levelName(ctx, d.Level, d.RejectMedia, d.RejectReports), "comment", clip(d.Comment, 200))))
	}
	if len(drafts) > most {
		lines = append(lines, b.say(ctx, "safety.more", "number", len(drafts)-most))
	}
	return answer{Text: strings.Join(lines, "\n"), Next: []string{"lists accept all", "lists refuse all"}}, nil
}

// judgeDrafts makes rules of drafts, or has them not come again.
func (b *Bridge) judgeDrafts(ctx context.Context, a asking, deed, what string) (answer, error) {
	drafts, err := b.openDrafts(ctx)
	if err != nil {
		return answer{}, err
	}
	var chosen []db.RuleDraft
	var entries []policy.Entry
	from := map[string][]policy.Entry{} // by list
	for _, d := range drafts {
		if domain := strings.TrimPrefix(d.Subject, "@"); strings.EqualFold(what, "all") || strings.EqualFold(what, domain) {
			chosen = append(chosen, d)
			e := policy.Entry{Domain: domain, Severity: severities[d.Level], RejectMedia: d.RejectMedia, RejectReports: d.RejectReports, Comment: d.Comment}
			entries, from[d.List] = append(entries, e), append(from[d.List], e)
		}
	}
	if len(chosen) == 0 {
		return answer{Text: b.say(ctx, "safety.drafts.none")}, nil
	}
	if deed == listRefuse {
		err := b.db.Tx(ctx, func(tx *db.Tx) error {
			for _, d := range chosen {
				d.Refused = true
				if err := tx.PutRuleDraft(ctx, d); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			b.audited(ctx, a.From, "lists refuse", what, "")
		}
		return answer{Text: b.say(ctx, "safety.drafts.refused", "number", len(chosen))}, err
	}
	if !a.Sure {
		e, err := PlanEffect(ctx, b.db, entries)
		return answer{Confirm: true, Text: b.say(ctx, "safety.drafts.sure", "number", len(chosen), "followers", e.Followers, "following", e.Following, "people", e.People)}, err
	}
	for list, said := range from {
		if err := ImportRules(ctx, b.db, said, RuleImport{By: doneBy(ctx, a.From), Source: list, At: b.nowMS()}); err != nil {
			return answer{}, err
		}
	}
	if err := b.reloadRules(ctx); err != nil {
		return answer{}, err
	}
	b.jobs.Kick()
	return answer{Text: b.say(ctx, "safety.drafts.accepted", "number", len(chosen))}, nil
}

// levelName is what a rule does, in words.
func (b *Bridge) levelName(ctx context.Context, level string, media, reports bool) string {
	names := []string{}
	if level != db.RuleNone {
		names = append(names, b.say(ctx, "safety.level."+level))
	}
	if media {
		names = append(names, b.say(ctx, "safety.level."+deedMedia))
	}
	if reports {
		names = append(names, b.say(ctx, "safety.level."+deedReports))
	}
	return strings.Join(names, ", ")
}

// cmdAudit shows what admins did last.
func (b *Bridge) cmdAudit(ctx context.Context, _ asking) (answer, error) {
	list, err := b.db.Audited(ctx, 30)
	if err != nil {
		return answer{}, err
	}
	if len(list) == 0 {
		return answer{Text: b.say(ctx, "safety.audit.none")}, nil
	}
	lines := make([]string, len(list))
	for i, e := range list {
		lines[i] = strings.TrimSpace(stamp(e.At) + " " + e.Who + ": " + e.Deed + " " + e.Subject + " " + e.Detail)
	}
	return answer{Text: strings.Join(lines, "\n")}, nil
}
