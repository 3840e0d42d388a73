package bridge

import (
	"context"
	"slices"
	"sync"

	"isthmus/db"
)

// rulebook is what the admin decided about accounts and servers elsewhere, in
// memory: it is asked for each request in and out.
type rulebook struct {
	onlyAllowed bool // who is not allowed is blocked; not changed in use

	mu   sync.RWMutex
	rule map[string]db.Rule // by subject
}

// load reads the rules anew.
func (r *rulebook) load(ctx context.Context, d *db.DB) error {
	rules, err := d.Rules(ctx)
	if err != nil {
		return err
	}
	by := make(map[string]db.Rule, len(rules))
	for _, rule := range rules {
		by[rule.Subject] = rule
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rule = by
	return nil
}

// empty reports whether nothing is decided, so that nobody needs to be looked up.
func (r *rulebook) empty() bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.rule) == 0 && !r.onlyAllowed
}

// of is the strictest level that holds for any of the subjects, "" for none.
func (r *rulebook) of(subjects ...string) (level string) {
	level, allowed := r.decided(subjects)
	if level == "" && !allowed && r.onlyAllowed {
		return db.RuleBlock
	}
	return level
}

// decided is of as the rules themselves say, and whether one lets the subjects in.
func (r *rulebook) decided(subjects []string) (level string, allowed bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, s := range subjects {
		switch r.rule[s].Level {
		case db.RuleBlock:
			return db.RuleBlock, false
		case db.RuleSilence:
			level, allowed = db.RuleSilence, true // whom one silences one has let in
		case db.RuleAllow:
			allowed = true
		}
	}
	return level, allowed
}

// any reports whether a rule about one of the subjects is as asked for.
func (r *rulebook) any(subjects []string, is func(db.Rule) bool) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return slices.ContainsFunc(subjects, func(s string) bool {
		rule, ok := r.rule[s]
		return ok && is(rule)
	})
}

func (r *rulebook) about(subject string) (db.Rule, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	rule, ok := r.rule[subject]
	return rule, ok
}

func noMedia(r db.Rule) bool   { return r.RejectMedia || r.Level == db.RuleBlock }
func noReports(r db.Rule) bool { return r.RejectReports || r.Level == db.RuleBlock }
