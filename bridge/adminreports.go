package bridge

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"isthmus/db"
)

// This file is what the admin does about reports.

// What “report N” can do.
const (
	reportShow    = "show"
	reportBlock   = "block"
	reportSuspend = "suspend"
	reportClose   = "close"
)

func (b *Bridge) cmdReports(ctx context.Context, a asking) (answer, error) {
	state := db.ReportOpen
	if strings.EqualFold(a.word(0), db.ReportClosed) {
		state = db.ReportClosed
	}
	const most = 30
	list, err := b.db.Reports(ctx, state, most)
	if err != nil {
		return answer{}, err
	}
	if len(list) == 0 {
		return answer{Text: b.say(ctx, "safety.reports.empty")}, nil
	}
	lines := make([]string, len(list))
	for i, r := range list {
		lines[i] = b.say(ctx, "safety.report.line", "number", r.ID, "day", day(r.Created), "reporter", b.reporterOf(r), "about", b.aboutOf(ctx, r))
	}
	return answer{Text: strings.Join(lines, "\n"), Next: reportNext(list[0])[:2]}, nil
}

// reporterOf is who reports: a server, or somebody here.
func (b *Bridge) reporterOf(r db.Report) string {
	if r.Outward {
		return r.Reporter
	}
	return hostOf(r.Reporter)
}

func (b *Bridge) aboutOf(ctx context.Context, r db.Report) string {
	switch {
	case r.Outward:
		return b.nameOf(ctx, r.About)
	case r.About != "":
		return r.About
	}
	return strings.ReplaceAll(r.Objects, "\n", " ")
}

// reportText is a report in full.
func (b *Bridge) reportText(ctx context.Context, r db.Report) string {
	text := b.say(ctx, "safety.report", "number", r.ID, "reporter", b.reporterOf(r), "about", b.aboutOf(ctx, r), "objects", r.Objects)
	if r.Content != "" {
		text += "\n\n" + r.Content
	}
	if r.State == db.ReportClosed {
		text += "\n\n" + strings.TrimSpace(b.say(ctx, "safety.report.closed", "note", r.Note))
	}
	return text
}

// adminReport is “report N …”.
func (b *Bridge) adminReport(ctx context.Context, a asking, id int64) (answer, error) {
	r, err := b.db.Report(ctx, id)
	if errors.Is(err, db.ErrNotFound) {
		return answer{Text: b.say(ctx, "safety.report.none", "number", id)}, nil
	}
	if err != nil {
		return answer{}, err
	}
	// What follows is the command of another name, with its questions.
	then := func(run func(context.Context, asking) (answer, error), words ...string) (answer, error) {
		words = append(words, "#"+strconv.FormatInt(id, 10))
		return run(ctx, asking{From: a.From, Sure: a.Sure, Words: words, Rest: strings.Join(words, " ")})
	}
	switch deed := strings.ToLower(a.word(1)); {
	case deed == "" || deed == reportShow:
		return answer{Text: b.reportText(ctx, r), Next: reportNext(r)[1:]}, nil
	case deed == reportClose:
		if err := b.db.SetReport(ctx, id, db.ReportClosed, clip(a.after(2), 1000)); err != nil {
			return answer{}, err
		}
		b.audited(ctx, a.From, "report close", strconv.FormatInt(id, 10), a.after(2))
		return answer{Text: b.say(ctx, "safety.report.done", "number", id), Next: []string{"reports", "queue"}}, nil
	case deed == reportBlock && r.Outward:
		if r.About == "" {
			return answer{Text: b.say(ctx, "safety.report.nobody")}, nil
		}
		return then(b.cmdAccount, deedBlock, strings.TrimPrefix(b.nameOf(ctx, r.About), "@"))
	case deed == reportBlock: // who reports without reason
		return then(b.cmdDomain, deedBlock, hostOf(r.Reporter))
	case deed == reportSuspend && !r.Outward && r.About != "":
		return then(b.cmdSuspend, r.About)
	case deed == reportSuspend:
		return answer{Text: b.say(ctx, "safety.report.nobody")}, nil
	}
	return answer{Text: b.say(ctx, "safety.report.how", "number", id)}, nil
}
