package bridge

import (
	"context"
	"slices"
	"strings"
	"time"

	"isthmus/db"
)

// This file is what the admin sees of the gateway's work.

func (b *Bridge) cmdQueue(ctx context.Context, _ asking) (answer, error) {
	st, err := b.db.QueueStats(ctx)
	if err != nil {
		return answer{}, err
	}
	text := b.say(ctx, "safety.queue", "fanouts", st.Fanouts, "retries", st.Retries, "hosts", st.OpenHosts, "inbound", st.Inbound, "jobs", st.Jobs)
	if late := b.nowMS() - st.OldestDue; st.OldestDue > 0 && late > 0 {
		text += "\n" + b.say(ctx, "safety.queue.late", "time", (time.Duration(late)*time.Millisecond).Round(time.Second))
	}
	return answer{Text: text}, nil
}

func (b *Bridge) cmdHosts(ctx context.Context, _ asking) (answer, error) {
	hosts, err := b.db.AllHosts(ctx)
	if err != nil {
		return answer{}, err
	}
	hosts = slices.DeleteFunc(hosts, func(h db.Host) bool { return h.Failures == 0 })
	if len(hosts) == 0 {
		return answer{Text: b.say(ctx, "safety.hosts.none")}, nil
	}
	const most = 50
	var lines []string
	for _, h := range hosts[:min(most, len(hosts))] {
		key := "safety.host"
		if h.OpenUntil > 0 {
			key = "safety.host.resting"
		}
		lines = append(lines, strings.TrimSpace(b.say(ctx, key, "host", h.Host, "number", h.Failures, "since", stamp(h.Since), "until", stamp(h.OpenUntil), "error", clip(h.LastError, 200))))
	}
	if len(hosts) > most {
		lines = append(lines, b.say(ctx, "safety.more", "number", len(hosts)-most))
	}
	return answer{Text: strings.Join(lines, "\n")}, nil
}

// stamp is a time as people read it, in UTC.
func stamp(ms int64) string { return msTime(ms).Format("2006-01-02 15:04 UTC") }

func (b *Bridge) cmdUsers(ctx context.Context, _ asking) (answer, error) {
	blogs, err := b.db.Blogs(ctx)
	if err != nil {
		return answer{}, err
	}
	suspended, err := b.db.Suspensions(ctx)
	if err != nil {
		return answer{}, err
	}
	var on, paused, readers, groups int
	for _, blog := range blogs {
		switch {
		case blog.Kind == "group":
			groups++
		case blog.State == db.On:
			on++
		case blog.State == db.Paused:
			paused++
		case blog.State == db.Reader:
			readers++
		}
	}
	lines := []string{b.say(ctx, "safety.users", "on", on, "paused", paused, "readers", readers, "groups", groups, "suspended", len(suspended), "people", len(usersOf(blogs)))}
	slices.Reverse(blogs)
	for _, blog := range blogs[:min(20, len(blogs))] {
		lines = append(lines, b.say(ctx, "safety.user", "who", blog.JID, "handle", b.title(ctx, &blog), "state", Condition(blog), "day", day(blog.Created)))
	}
	return answer{Text: strings.Join(lines, "\n")}, nil
}

// usersOf are the bare addresses of those who use the gateway, each once.
func usersOf(blogs []db.Blog) (out []string) {
	for i := range blogs {
		if to := ownerJID(&blogs[i]); to.Local != "" && blogs[i].State != db.Off {
			out = append(out, to.Bare().Fold().String())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
