package bridge

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"slices"
	"strings"
	"time"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/policy"
	"isthmus/queue"
)

// Jobs of the rules. There is one of each.
const (
	kindRules = "rules" // the rules were changed, perhaps by another process
	kindLists = "lists" // reads the lists that are subscribed to
	rulesKey  = "all"
)

const (
	listsEvery = 24 * time.Hour
	maxList    = 8 << 20 // bytes
)

// rulesChanged reads the rules anew and ends the follows that they forbid. In a
// gateway that only lets some in, who is merely not named keeps theirs: nothing goes
// and nothing comes, and it goes on when they are let in.
func (b *Bridge) rulesChanged(ctx context.Context, _ queue.Job) error {
	if err := b.reloadRules(ctx); err != nil {
		return err
	}
	parted := map[string]bool{}
	look := func(actor, handle string) {
		for _, s := range subjectsOf(actor, handle) {
			if r, ok := b.rules.about(s); ok && r.Level == db.RuleBlock {
				parted[s] = true
			}
		}
	}
	err := everyRelation(ctx, b.db, func(f db.Follower) error {
		look(f.Actor, f.Handle)
		return nil
	}, func(f db.Following) error {
		r, err := b.db.Remote(ctx, f.Actor)
		look(f.Actor, r.Handle)
		return ignoreNotFound(err)
	})
	for s := range parted {
		b.soon(ctx, db.Job{Kind: kindSever, Key: severKey(adminBlog, s), Due: b.nowMS()})
	}
	return err
}

// readLists reads every list. What is new waits for an admin's word, who is told.
func (b *Bridge) readLists(ctx context.Context, _ queue.Job) error {
	lists, err := b.db.RuleLists(ctx)
	if err != nil || len(lists) == 0 {
		return err
	}
	for _, l := range lists {
		fresh := 0
		list, err := b.fetchList(ctx, l.URL)
		if err == nil {
			_, fresh, err = b.draft(ctx, l.URL, list)
		}
		l.Error, l.ReadAt = "", b.nowMS()
		if err != nil {
			b.logger(ctx).Warn("list not read", "list", l.URL, "err", err)
			l.Error = clip(err.Error(), 300)
		}
		if err := b.db.PutRuleList(ctx, l); err != nil {
			return err
		}
		if fresh > 0 {
			b.tellAdmins(ctx, "safety.lists.new", "list", l.URL, "number", fresh)
		}
	}
	return queue.Snooze(listsEvery)
}

// tellAdmins says something to each admin, in their language.
func (b *Bridge) tellAdmins(ctx context.Context, key string, pairs ...any) {
	for _, a := range b.cfg.Admins {
		to := mustJID(a)
		b.tell(to, b.say(b.speakTo(ctx, to), key, pairs...))
	}
}

// isListType tells what servers call a CSV file.
func isListType(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && slices.Contains([]string{"text/csv", "text/plain", "application/csv", "application/octet-stream", "application/vnd.ms-excel"}, t)
}

// fetchList gets a list from the web.
func (b *Bridge) fetchList(ctx context.Context, address string) ([]policy.Entry, error) {
	_, data, err := b.client.File(ctx, address, maxList, isListType)
	if err != nil {
		return nil, err
	}
	list, _, err := policy.Read(bytes.NewReader(data))
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%w: no domain is named", policy.ErrList)
	}
	return list, err
}

// draft makes drafts of what a list says and nobody decided, and counts those that
// are new. What it does not say any more is no draft any more.
func (b *Bridge) draft(ctx context.Context, address string, list []policy.Entry) (plan policy.Plan, fresh int, err error) {
	plan, err = PlanRules(ctx, b.db, list)
	if err != nil {
		return plan, 0, err
	}
	drafts, err := b.db.RuleDrafts(ctx)
	if err != nil {
		return plan, 0, err
	}
	old := make(map[string]db.RuleDraft, len(drafts))
	for _, d := range drafts {
		old[d.Subject] = d
	}
	wanted := slices.Clone(plan.New)
	for _, c := range plan.Conflicting {
		wanted = append(wanted, c.Want)
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		fresh = 0
		said := map[string]bool{}
		for _, e := range wanted {
			d := db.RuleDraft{Subject: "@" + e.Domain, List: address, Level: levelOf(e.Severity), RejectMedia: e.RejectMedia, RejectReports: e.RejectReports, Comment: e.Comment, Created: b.nowMS()}
			said[d.Subject] = true
			was, known := old[d.Subject]
			if known && (was.Refused || was.List != address) { // decided, or another list's
				continue
			}
			if !known {
				fresh++
			}
			if err := tx.PutRuleDraft(ctx, d); err != nil {
				return err
			}
		}
		for _, d := range drafts {
			if d.List == address && !d.Refused && !said[d.Subject] {
				if err := tx.RemoveRuleDraft(ctx, d.Subject); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return plan, fresh, err
}

// audited writes down what an admin did. That it fails must not undo the deed.
func (b *Bridge) audited(ctx context.Context, who stanza.JID, deed, subject, detail string) {
	by := doneBy(ctx, who)
	b.logger(ctx).Warn("done by an admin", "by", by, "deed", deed, "subject", subject, "detail", clip(detail, 200))
	if err := b.db.Audit(ctx, db.Audited{At: b.nowMS(), Who: by, Deed: deed, Subject: subject, Detail: clip(strings.TrimSpace(detail), 500)}); err != nil {
		b.logger(ctx).Error("audit log not written", "err", err)
	}
}

// doneBy is who does something, for the log: an admin, or whoever sits at the command line.
func doneBy(ctx context.Context, who stanza.JID) string {
	if name, ok := ctx.Value(consoleKey{}).(string); ok {
		return name
	}
	return who.Bare().String()
}
