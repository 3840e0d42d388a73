package bridge

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"isthmus/component/stanza"
	"isthmus/control"
	"isthmus/db"
	"isthmus/words"
)

// desk answers what the admin's command line and the admin's page ask.
type desk struct{ *Bridge }

var _ control.Desk = desk{}

// Desk is for the control socket and for the admin's page.
func (b *Bridge) Desk() control.Desk { return desk{b} }

// consoleKey is whose command runs, when it did not come over XMPP.
type consoleKey struct{}

func (b desk) State(ctx context.Context) (control.State, error) {
	c, err := b.db.Census(ctx, b.nowMS())
	if err != nil {
		return control.State{}, err
	}
	s := control.State{
		Version: b.cfg.Version, Started: b.began, Component: b.cfg.Component, Server: b.cfg.Server, PublicURL: b.cfg.PublicURL,
		XMPP: b.link(ctx), Queue: queueOf(c, b.nowMS()), Accounts: c.Blogs[db.On], Followers: c.Followers, Reports: c.Reports, Problems: []string{},
	}
	if b.cfg.Health != nil {
		s.Problems = append(s.Problems, b.cfg.Health.Problems(ctx)...)
	}
	return s, nil
}

func (b desk) link(ctx context.Context) control.Link {
	st := b.xmpp.Status()
	l := control.Link{Up: st.Up, Here: b.leads.Load() || b.member.Alone(), Since: st.Since, Reconnects: st.Reconnects, Error: st.LastError}
	if l.Here {
		return l
	}
	if h, err := ReadHeartbeat(ctx, b.db); err == nil { // of the process that has it
		l = control.Link{Up: h.Up, Since: msTime(h.Since), Reconnects: h.Reconnects, Error: h.Error}
	}
	return l
}

func queueOf(c db.Census, now int64) control.Queue {
	q := control.Queue{Posts: c.Fanouts, Inboxes: c.Retries, Resting: c.OpenHosts, Activities: c.Inbound, Jobs: c.Jobs, Running: c.Running, Oldest: map[string]float64{}}
	for name, since := range map[string]int64{"posts": c.Oldest.Fanout, "inboxes": c.OldestDue, "activities": c.Oldest.Inbound, "jobs": c.Oldest.Job} {
		if since > 0 && now > since {
			q.Oldest[name] = float64(now-since) / 1000
		}
	}
	return q
}

func (b desk) Accounts(ctx context.Context) ([]control.Account, error) {
	blogs, err := b.db.Blogs(ctx)
	if err != nil {
		return nil, err
	}
	suspended, err := b.db.Suspensions(ctx)
	if err != nil {
		return nil, err
	}
	out := []control.Account{}
	for _, blog := range slices.Backward(blogs) {
		posts, perr := b.db.PostCount(ctx, blog.ID)
		followers, ferr := b.db.FollowerCount(ctx, blog.ID, followerAccepted)
		following, gerr := b.db.FollowingCount(ctx, blog.ID)
		if err := errors.Join(perr, ferr, gerr); err != nil {
			return nil, err
		}
		a := control.Account{
			JID: blog.JID, Kind: blog.Kind, Handle: b.addr.Acct(blog.Handle), Page: b.addr.Page(blog.Handle), Actor: b.addr.Actor(blog.Token),
			State: Condition(blog), Reason: Reason(blog, b.cfg), Followers: followers, Following: following, Posts: posts, Created: msTime(blog.Created),
			Suspended: slices.ContainsFunc(suspended, func(s db.Suspension) bool { return s.JID == blog.JID }),
		}
		switch {
		case blog.Kind == "group":
			a.Node = blog.Node
		case blog.State == db.Reader:
			a.Kind = "reader"
		}
		out = append(out, a)
	}
	return out, nil
}

// blogOf finds a blog by whatever an admin would call it.
func (b desk) blogOf(ctx context.Context, who string) (db.Blog, error) {
	jid, node, _ := strings.Cut(strings.TrimSpace(who), " ")
	if j, err := stanza.ParseJID(strings.TrimPrefix(jid, "xmpp:")); err == nil {
		blog, err := b.db.BlogByNode(ctx, j.Bare().Fold().String(), orMicroblog(strings.TrimSpace(node)))
		if !errors.Is(err, db.ErrNotFound) {
			return blog, err
		}
	}
	if strings.Contains(who, "://") {
		return b.fingeredURL(ctx, who)
	}
	user, host, _ := cutHandle(strings.ToLower(who))
	if host != "" && !b.ourHost(host) {
		return db.Blog{}, db.ErrNotFound
	}
	return b.db.BlogByHandle(ctx, user)
}

func orMicroblog(node string) string {
	if node == "" {
		return stanza.NSMicroblog
	}
	return node
}

// mostFollows is how many of each kind are listed.
const mostFollows = 1000

func (b desk) Follows(ctx context.Context, who string) ([]control.Follow, error) {
	blog, err := b.blogOf(ctx, who)
	if errors.Is(err, db.ErrNotFound) {
		return nil, control.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	out := []control.Follow{}
	for _, state := range []string{followerPending, followerAccepted} {
		list, err := b.db.Followers(ctx, blog.ID, state, 0, mostFollows)
		if err != nil {
			return nil, err
		}
		for _, f := range list {
			out = append(out, control.Follow{Direction: "follower", Account: nameOf(f), Actor: f.Actor, State: f.State, Since: msTime(f.Created)})
		}
	}
	list, err := b.db.FollowingPage(ctx, blog.ID, 0, mostFollows)
	for _, f := range list {
		out = append(out, control.Follow{Direction: "following", Account: b.nameOf(ctx, f.Actor), Actor: f.Actor, State: f.State, Since: msTime(f.Created)})
	}
	return out, err
}

func (b desk) Hosts(ctx context.Context, all bool) ([]control.Host, error) {
	hosts, err := b.db.AllHosts(ctx)
	if err != nil {
		return nil, err
	}
	waiting, err := b.db.WaitingByHost(ctx)
	out := []control.Host{}
	for _, h := range hosts {
		if h.Failures > 0 || all {
			out = append(out, control.Host{Host: h.Host, Failures: h.Failures, Since: msTime(h.Since), Until: msTime(h.OpenUntil), Waiting: waiting[h.Host], Error: h.LastError})
		}
		delete(waiting, h.Host)
	}
	for host, n := range waiting { // nothing failed there yet
		out = append(out, control.Host{Host: host, Waiting: n})
	}
	slices.SortFunc(out, func(x, y control.Host) int {
		if x.Failures != y.Failures {
			return y.Failures - x.Failures
		}
		return strings.Compare(x.Host, y.Host)
	})
	return out, err
}

// mostListed is how many reports, tasks and deeds are listed.
const mostListed = 200

func (b desk) Reports(ctx context.Context, closed bool) ([]control.Report, error) {
	state := db.ReportOpen
	if closed {
		state = db.ReportClosed
	}
	list, err := b.db.Reports(ctx, state, mostListed)
	out := []control.Report{}
	for _, r := range list {
		out = append(out, control.Report{ID: r.ID, Created: msTime(r.Created), Reporter: b.reporterOf(r), About: b.aboutOf(ctx, r),
			Objects: strings.Fields(r.Objects), Text: r.Content, State: r.State, Note: r.Note})
	}
	return out, err
}

func (b desk) Jobs(ctx context.Context) ([]control.Job, error) {
	list, err := b.db.RecentTasks(ctx, mostListed)
	out := []control.Job{}
	for _, t := range list {
		blog, err := b.db.BlogByID(ctx, t.BlogID)
		if err != nil {
			return nil, err
		}
		out = append(out, control.Job{ID: t.ID, JID: blog.JID, Kind: t.Kind, State: t.State, Done: t.Done, Failed: t.Failed, Total: t.Total, Created: msTime(t.Created)})
	}
	return out, err
}

func (b desk) Recent(ctx context.Context) ([]control.Deed, error) {
	list, err := b.db.Audited(ctx, mostListed)
	out := []control.Deed{}
	for _, a := range list {
		out = append(out, control.Deed{At: msTime(a.At), By: a.Who, Deed: a.Deed, Subject: a.Subject, Detail: a.Detail})
	}
	return out, err
}

func (b desk) Rules(ctx context.Context) ([]control.Rule, error) {
	list, err := b.db.Rules(ctx)
	out := []control.Rule{}
	for _, r := range list {
		out = append(out, control.Rule{Name: r.Name, Server: strings.HasPrefix(r.Subject, "@"), Note: r.Note, Created: msTime(r.Created),
			Level: b.levelName(ctx, r.Level, r.RejectMedia, r.RejectReports)})
	}
	return out, err
}

func (b desk) History(context.Context) ([]control.Minutes, error) {
	out := []control.Minutes{}
	for _, c := range b.cfg.Metrics.Lately() {
		out = append(out, control.Minutes{From: c.From, Delivered: c.Delivered, Failed: c.Failed, Received: c.Received})
	}
	return out, nil
}

// Do runs a command of the admins' in English.
func (b desk) Do(ctx context.Context, d control.Doing) (control.Done, error) {
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, consoleKey{}, d.By), 2*time.Minute)
	defer cancel()
	list := strings.Fields(d.Text)
	if len(list) == 0 {
		return control.Done{}, control.ErrNotFound
	}
	rest := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(d.Text), list[0]))
	a := asking{From: b.bare(), Words: list[1:], Rest: rest, Sure: d.Sure}
	var run func(context.Context, asking) (answer, error)
	c, ok := findCommand(list[0])
	switch number, err := strconv.ParseInt(strings.TrimPrefix(a.word(0), "#"), 10, 64); {
	case ok && c.Who == admins:
		run = func(ctx context.Context, a asking) (answer, error) { return c.Run(b.Bridge, ctx, a) }
	case ok && c.Name == "report" && err == nil:
		run = func(ctx context.Context, a asking) (answer, error) { return b.adminReport(ctx, a, number) }
	default:
		return control.Done{}, control.ErrNotFound
	}
	ans, err := run(ctx, a)
	if err != nil {
		return control.Done{}, err
	}
	if ans.Ask != nil {
		return control.Done{Text: ans.Text + "\n" + words.Say(words.Languages[0], "cmd."+c.Name+".args")}, nil
	}
	return control.Done{Text: ans.Text, Asks: ans.Confirm}, nil
}
