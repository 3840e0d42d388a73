package bridge

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
	"isthmus/queue"
)

// This file is reports: those of other servers about something here, and those of
// people here about accounts elsewhere.

// kindReport tells the admins of a report, which is its key.
const kindReport = "report"

// reportsOut is how many reports one person can make in an hour.
const reportsOut = 10

// flagged stores a report, for the admins to hear of it. Nobody else does
// (activitypub.md I31).
func (b *Bridge) flagged(ctx context.Context, actor string, doc vocab.Doc) error {
	if b.reportsRefused(ctx, actor) {
		return fmt.Errorf("%w: reports of this server are not wanted", errIgnored)
	}
	var about []string
	whose := ""
	for _, id := range doc.IDs("object") {
		if !strings.HasPrefix(id, b.cfg.PublicURL+"/") || len(about) >= 20 {
			continue
		}
		about = append(about, id)
		if blog, err := b.blogBehind(ctx, id); err == nil && whose == "" {
			who := ownerJID(&blog)
			whose = who.Bare().Fold().String()
		} else if ignoreNotFound(err) != nil {
			return err
		}
	}
	if len(about) == 0 {
		return fmt.Errorf("%w: a report about nothing of ours", errIgnored)
	}
	b.logger(ctx).Warn("reported by another server", "host", hostOf(actor), "about", strings.Join(about, " "))
	if !b.quota.take("report "+hostOf(actor), reportsPerHour, b.now()) {
		return fmt.Errorf("%w: too many reports of one server", errIgnored)
	}
	id := doc.ID()
	if id == "" {
		id = actor + "#" + b.token()
	}
	return b.addReport(ctx, db.Report{
		Activity: id, Reporter: actor, About: whose, Objects: strings.Join(about, "\n"), Content: clip(mapping.PlainText(doc.Str("content")), 2000),
		State: db.ReportOpen, Created: b.nowMS(),
	})
}

func (b *Bridge) addReport(ctx context.Context, r db.Report) error {
	err := b.db.Tx(ctx, func(tx *db.Tx) error {
		saved, fresh, err := tx.AddReport(ctx, r)
		if err != nil || !fresh {
			return err
		}
		return tx.AddJob(ctx, db.Job{Kind: kindReport, Key: strconv.FormatInt(saved.ID, 10), Due: b.nowMS()})
	})
	b.jobs.Kick()
	return err
}

// blogBehind is whose an id of ours is: an actor's, or a post's.
func (b *Bridge) blogBehind(ctx context.Context, id string) (db.Blog, error) {
	kind, token, ok := b.addr.TokenOf(id)
	if !ok {
		return db.Blog{}, db.ErrNotFound
	}
	switch kind {
	case mapping.KindPost, mapping.KindPostPage:
		post, err := b.db.PostByToken(ctx, token)
		if err != nil {
			return db.Blog{}, err
		}
		return b.db.BlogByID(ctx, post.BlogID)
	case mapping.KindActivity:
		act, err := b.db.ActivityByToken(ctx, token)
		if err != nil {
			return db.Blog{}, err
		}
		return b.db.BlogByID(ctx, act.BlogID)
	}
	return b.blogByActorURL(ctx, id)
}

// tellReport tells the admins of a report, with what they can do; without admins,
// who runs the gateway, if their contact is an XMPP address.
func (b *Bridge) tellReport(ctx context.Context, j queue.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return err
	}
	r, err := b.db.Report(ctx, id)
	if err != nil {
		return ignoreNotFound(err)
	}
	var to []stanza.JID
	for _, admin := range b.cfg.Admins {
		to = append(to, mustJID(admin))
	}
	if contact, err := stanza.ParseURI(b.cfg.Contact); len(to) == 0 && err == nil && contact.JID.Local != "" {
		to = append(to, contact.JID.Bare())
	}
	if len(to) > 0 && !b.xmpp.Status().Up {
		return errTrouble
	}
	for _, who := range to {
		ctx := b.speakTo(ctx, who)
		ans := answer{Text: b.reportText(ctx, r)}
		if b.isAdmin(who) {
			ans.Next = reportNext(r)
		}
		b.transmit(b.answerStanza(ctx, who, ans).Set("id", "report-"+j.Key))
	}
	return nil
}

// reportNext are the commands that a report likely leads to.
func reportNext(r db.Report) []string {
	head := "report " + strconv.FormatInt(r.ID, 10) + " "
	second := head + reportSuspend
	if r.Outward {
		second = head + reportBlock
	}
	return []string{head + reportShow, second, head + reportClose}
}

// cmdReport is two commands of one name: for an admin it is about a report that
// there is, by its number; for everybody it makes one.
func (b *Bridge) cmdReport(ctx context.Context, a asking) (answer, error) {
	if n, err := strconv.ParseInt(strings.TrimPrefix(a.word(0), "#"), 10, 64); err == nil {
		if !b.isAdmin(a.From) {
			return answer{Text: b.say(ctx, "chat.admins")}, nil
		}
		return b.adminReport(ctx, a, n)
	}
	if a.word(0) == "" {
		return answer{Ask: &field{Var: "who"}, Text: b.say(ctx, "safety.report.whom")}, nil
	}
	subject, object, who, err := b.reported(ctx, a)
	if err != nil {
		return inWords(err)
	}
	reason := clip(a.after(1), 2000)
	if reason == "" {
		return answer{Ask: &field{Var: "reason", Type: "text-multi"}, Text: b.say(ctx, "safety.report.why", "who", who)}, nil
	}
	if !a.Sure {
		return answer{Confirm: true, Text: b.say(ctx, "safety.report.sure", "who", who, "host", hostOf(subject), "reason", reason)}, nil
	}
	if !b.quota.take("report by "+a.From.String(), reportsOut, b.now()) {
		return answer{Text: b.tooMuch(ctx)}, nil
	}
	err = b.flag(ctx, a.From, subject, object, reason)
	return answer{Text: b.say(ctx, "safety.report.sent", "who", who, "host", hostOf(subject)), Next: []string{"block " + who, "help"}}, err
}

// reported is whom a report is about, and which post of theirs, "" for none.
func (b *Bridge) reported(ctx context.Context, a asking) (actor, object, who string, err error) {
	if _, link, ok := mapping.FindTerm(a.word(0), b.addr); ok && link != "" {
		f, err := b.find(ctx, a.From, link)
		if err != nil {
			return "", "", "", err
		}
		if f.blog.ID != 0 {
			return "", "", "", stanza.ErrNotAcceptable(b.say(ctx, "safety.ours"))
		}
		return f.acc.Actor, f.note.Object, "@" + b.handleAt(f.acc), nil
	}
	actor, who, err = b.subjectFor(ctx, a.From, a.word(0))
	if err == nil && strings.HasPrefix(actor, "@") {
		err = stanza.ErrNotAcceptable(b.say(ctx, "safety.report.whom"))
	}
	return actor, "", who, err
}

// flag sends a report to an account's server, in the name of the gateway and of
// nobody else, as Mastodon does, and keeps it for the admin.
func (b *Bridge) flag(ctx context.Context, who stanza.JID, actor, object, reason string) error {
	remote, err := b.remote(ctx, actor)
	if err != nil {
		return err
	}
	row := db.Activity{Token: b.token(), BlogID: InstanceBlog, Type: typeFlag, Created: b.nowMS()}
	objects := []string{actor}
	if object != "" {
		objects = append(objects, object)
	}
	row.Body = string(vocab.Activity{
		ID: b.addr.Activity(row.Token), Type: "Flag", Actor: b.addr.Actor(InstanceToken), To: []string{actor}, Object: objects, Content: reason,
	}.JSON())
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		saved, _, err := tx.AddReport(ctx, db.Report{
			Activity: b.addr.Activity(row.Token), Outward: true, Reporter: who.String(), About: actor, Objects: strings.Join(objects, "\n"), Content: reason,
			State: db.ReportOpen, Created: b.nowMS(),
		})
		if err != nil {
			return err
		}
		if err := tx.AddJob(ctx, db.Job{Kind: kindReport, Key: strconv.FormatInt(saved.ID, 10), Due: b.nowMS()}); err != nil {
			return err
		}
		return b.enqueue(ctx, tx, &db.Blog{ID: InstanceBlog}, row, "", db.ToNobody, db.Target{Host: hostOf(remote.Inbox), Inbox: inboxFor(remote)})
	})
	b.mail.Kick()
	b.jobs.Kick()
	if err != nil {
		return errors.Join(err, errTrouble)
	}
	return nil
}
