package bridge

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"isthmus/db"
)

// This file is what the admin decides about servers and accounts elsewhere.

// Deeds of “domain” and “account”.
const (
	deedBlock   = "block"
	deedSilence = "silence"
	deedMedia   = "reject-media"
	deedReports = "reject-reports"
	deedAllow   = "allow"
	deedUnblock = "unblock"
	deedList    = "list"
)

var (
	domainDeeds  = field{Var: "deed", Type: "list-single", Options: []string{deedList, deedBlock, deedSilence, deedMedia, deedReports, deedAllow, deedUnblock}}
	accountDeeds = field{Var: "deed", Type: "list-single", Options: []string{deedList, deedBlock, deedSilence, deedMedia, deedUnblock}}
)

func (b *Bridge) cmdDomain(ctx context.Context, a asking) (answer, error) {
	return b.judge(ctx, a, "domain", domainDeeds, func(word string) (string, string, error) {
		host, ok := b.peerHost(word)
		if !ok || host == b.publicHost() {
			return "", "", errNoPeer
		}
		return "@" + host, host, nil
	})
}

func (b *Bridge) cmdAccount(ctx context.Context, a asking) (answer, error) {
	return b.judge(ctx, a, "account", accountDeeds, func(word string) (string, string, error) {
		subject, name, err := b.subject(ctx, word)
		if err == nil && strings.HasPrefix(subject, "@") {
			err = errNoPeer
		}
		return subject, name, err
	})
}

var errNoPeer = errors.New("that is none")

// judge is “domain” and “account”: a deed, whom it is about, and a note.
func (b *Bridge) judge(ctx context.Context, a asking, name string, deeds field, read func(string) (subject, called string, err error)) (answer, error) {
	deed := strings.ToLower(a.word(0))
	if deed == "" || deed == deedList {
		return b.listRules(ctx, name)
	}
	if !slices.Contains(deeds.Options, deed) || a.word(1) == "" {
		return answer{Text: b.say(ctx, "safety.judge.how", "command", name, "deeds", strings.Join(deeds.Options[1:], ", "))}, nil
	}
	subject, called, err := read(a.word(1))
	if errors.Is(err, errNoPeer) {
		return answer{Text: b.say(ctx, "safety.judge.none", "who", clip(a.word(1), 100))}, nil
	}
	if err != nil {
		return inWords(err)
	}
	if deed == deedUnblock {
		err := b.db.RemoveRule(ctx, subject)
		if errors.Is(err, db.ErrNotFound) {
			return answer{Text: b.say(ctx, "safety.judge.not", "who", called)}, nil
		}
		if err == nil {
			err = b.reloadRules(ctx)
		}
		b.audited(ctx, a.From, name+" "+deed, called, "")
		return answer{Text: b.say(ctx, "safety.judge.free", "who", called)}, err
	}
	r := db.Rule{Subject: subject, Level: db.RuleNone, Name: called, Created: b.nowMS()}
	if old, ok := b.rules.about(subject); ok {
		r = old
		r.Created, r.Source = b.nowMS(), ""
	}
	r.Note = cmp.Or(clip(a.after(2), 500), r.Note)
	switch deed {
	case deedMedia:
		r.RejectMedia = true
		return b.rule(ctx, a, name, r)
	case deedReports:
		r.RejectReports = true
		return b.rule(ctx, a, name, r)
	case deedAllow:
		r.Level = db.RuleAllow
		return b.rule(ctx, a, name, r)
	}
	r.Level = deed
	if !a.Sure {
		followers, following, people, err := b.affected(ctx, adminBlog, subject)
		key := "safety.judge.block"
		if deed == deedSilence {
			key = "safety.judge.silence"
		}
		return answer{Confirm: true, Text: b.say(ctx, key, "who", called, "followers", followers, "following", following, "people", people)}, err
	}
	return b.rule(ctx, a, name, r)
}

// rule stores what an admin decided, with the job that ends the follows.
func (b *Bridge) rule(ctx context.Context, a asking, command string, r db.Rule) (answer, error) {
	err := b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := errors.Join(tx.PutRule(ctx, r), tx.RemoveRuleDraft(ctx, r.Subject)); err != nil || r.Level != db.RuleBlock {
			return err
		}
		return tx.AddJob(ctx, db.Job{Kind: kindSever, Key: severKey(adminBlog, r.Subject), Due: b.nowMS()})
	})
	if err == nil {
		err = b.reloadRules(ctx)
	}
	if err != nil {
		return answer{}, err
	}
	b.jobs.Kick()
	b.audited(ctx, a.From, command+" "+strings.ToLower(a.word(0)), r.Name, r.Note)
	switch strings.ToLower(a.word(0)) {
	case deedBlock:
		return answer{Text: b.say(ctx, "safety.judge.blocked", "who", r.Name)}, nil
	case deedSilence:
		return answer{Text: b.say(ctx, "safety.judge.silenced", "who", r.Name)}, nil
	}
	return answer{Text: b.say(ctx, "safety.judge.done", "who", r.Name, "what", b.levelName(ctx, r.Level, r.RejectMedia, r.RejectReports))}, nil
}

func (b *Bridge) listRules(ctx context.Context, name string) (answer, error) {
	rules, err := b.db.Rules(ctx)
	if err != nil {
		return answer{}, err
	}
	var lines []string
	for _, r := range rules {
		if strings.HasPrefix(r.Subject, "@") != (name == "domain") {
			continue
		}
		lines = append(lines, strings.TrimSpace(b.say(ctx, "safety.rule", "who", r.Name, "day", day(r.Created), "what", b.levelName(ctx, r.Level, r.RejectMedia, r.RejectReports), "note", r.Note)))
	}
	if len(lines) == 0 {
		return answer{Text: b.say(ctx, "safety.rules.none")}, nil
	}
	return answer{Text: strings.Join(lines, "\n")}, nil
}

// day is a time as people read it in a list.
func day(ms int64) string { return msTime(ms).Format("2006-01-02") }
