package bridge

import (
	"context"
	"errors"
	"strings"

	"isthmus/db"
)

// This file is what the admin decides about servers and accounts elsewhere.

// Deeds of “domain” and “account”.
const (
	deedBlock   = "block"
	deedSilence = "silence"
	deedUnblock = "unblock"
	deedList    = "list"
)

var peerDeeds = field{Var: "deed", Type: "list-single", Options: []string{deedList, deedBlock, deedSilence, deedUnblock}}

func (b *Bridge) cmdDomain(ctx context.Context, a asking) (answer, error) {
	return b.judge(ctx, a, "domain", func(word string) (string, string, error) {
		host, ok := b.peerHost(word)
		if !ok || host == b.publicHost() {
			return "", "", errNoPeer
		}
		return "@" + host, host, nil
	})
}

func (b *Bridge) cmdAccount(ctx context.Context, a asking) (answer, error) {
	return b.judge(ctx, a, "account", func(word string) (string, string, error) {
		subject, name, err := b.subject(ctx, word)
		if err == nil && strings.HasPrefix(subject, "@") {
			err = errNoPeer
		}
		return subject, name, err
	})
}

var errNoPeer = errors.New("that is none")

// judge is “domain” and “account”: a deed, whom it is about, and a note.
func (b *Bridge) judge(ctx context.Context, a asking, name string, read func(string) (subject, called string, err error)) (answer, error) {
	deed := strings.ToLower(a.word(0))
	if deed == "" || deed == deedList {
		return b.listRules(ctx, name)
	}
	if deed != deedBlock && deed != deedSilence && deed != deedUnblock || a.word(1) == "" {
		return answer{Text: b.say(ctx, "safety.judge.how", "command", name)}, nil
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
			err = b.rules.load(ctx, b.db)
		}
		b.logger(ctx).Warn("rule removed by an admin", "by", a.From.String(), "subject", subject)
		return answer{Text: b.say(ctx, "safety.judge.free", "who", called)}, err
	}
	if !a.Sure {
		followers, following, people, err := b.affected(ctx, adminBlog, subject)
		key := "safety.judge.block"
		if deed == deedSilence {
			key = "safety.judge.silence"
		}
		return answer{Confirm: true, Text: b.say(ctx, key, "who", called, "followers", followers, "following", following, "people", people)}, err
	}
	return b.rule(ctx, a, db.Rule{Subject: subject, Level: deed, Name: called, Note: clip(a.after(2), 500), Created: b.nowMS()})
}

// rule stores what an admin decided, with the job that ends the follows.
func (b *Bridge) rule(ctx context.Context, a asking, r db.Rule) (answer, error) {
	err := b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.PutRule(ctx, r); err != nil || r.Level != db.RuleBlock {
			return err
		}
		return tx.AddJob(ctx, db.Job{Kind: kindSever, Key: severKey(adminBlog, r.Subject), Due: b.nowMS()})
	})
	if err == nil {
		err = b.rules.load(ctx, b.db)
	}
	if err != nil {
		return answer{}, err
	}
	b.jobs.Kick()
	b.logger(ctx).Warn("rule made by an admin", "by", a.From.String(), "subject", r.Subject, "level", r.Level)
	if r.Level == db.RuleSilence {
		return answer{Text: b.say(ctx, "safety.judge.silenced", "who", r.Name)}, nil
	}
	return answer{Text: b.say(ctx, "safety.judge.blocked", "who", r.Name)}, nil
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
		key := "safety.rule.block"
		if r.Level == db.RuleSilence {
			key = "safety.rule.silence"
		}
		lines = append(lines, strings.TrimSpace(b.say(ctx, key, "who", r.Name, "day", day(r.Created), "note", r.Note)))
	}
	if len(lines) == 0 {
		return answer{Text: b.say(ctx, "safety.rules.none")}, nil
	}
	return answer{Text: strings.Join(lines, "\n")}, nil
}

// day is a time as people read it in a list.
func day(ms int64) string { return msTime(ms).Format("2006-01-02") }
