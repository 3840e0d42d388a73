package bridge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"isthmus/activitypub"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/monitor"
)

// gauges are the numbers that are read when somebody looks at /metrics.
func (b *Bridge) gauges(ctx context.Context) ([]monitor.Gauge, error) {
	now := b.nowMS()
	c, err := b.db.Census(ctx, now)
	if err != nil {
		b.log.Warn("not counted", "err", err)
		return nil, err
	}
	var out []monitor.Gauge
	add := func(name, help string, value float64, labels ...string) {
		out = append(out, monitor.Gauge{Name: name, Help: help, Value: value, Labels: labels})
	}
	age := func(since int64) float64 {
		if since == 0 {
			return 0
		}
		return max(0, float64(now-since)/1000)
	}
	for kind, n := range map[string]int{"posts": c.Fanouts, "inboxes": c.Retries, "activities": c.Inbound, "jobs": c.Jobs} {
		add("queue_size", "What waits, by kind: posts on their way, inboxes to try again, activities to handle, jobs.", float64(n), "kind", kind)
	}
	for kind, since := range map[string]int64{"posts": c.Oldest.Fanout, "activities": c.Oldest.Inbound, "jobs": c.Oldest.Job, "inboxes": c.OldestDue} {
		add("queue_oldest_seconds", "For how long the oldest waits that could be dealt with now, by kind; 0 when none does.", age(since), "kind", kind)
	}
	add("jobs_running", "Jobs that run now.", float64(c.Running))
	add("hosts_resting", "Servers that failed so often that nothing is sent for a while.", float64(c.OpenHosts))
	for state, n := range c.Blogs {
		add("blogs", "Accounts and communities, by state.", float64(n), "state", string(state))
	}
	add("followers", "Followers from other servers, of all blogs.", float64(c.Followers))
	add("reports_open", "Reports that no admin has closed.", float64(c.Reports))
	if b.cfg.Roles.XMPP {
		st, up := b.xmpp.Status(), 0.0
		if st.Up {
			up = 1
		}
		add("xmpp_up", "1 while this process has the stream to the XMPP server, and it is up.", up)
		add("xmpp_reconnects", "How often the stream had to be made anew.", float64(st.Reconnects))
	}
	add("shards", "How many of the parts into which the work is cut this process has.", float64(b.work.count()))
	read, write := b.db.Waits()
	for which, w := range map[string]db.Wait{"read": read, "write": write} {
		add("db_waits", "How often a statement waited for its turn at the database.", float64(w.Count), "use", which)
		add("db_wait_seconds", "How long statements waited for their turn, in all.", w.Took.Seconds(), "use", which)
	}
	if b.proxy == nil { // files are linked to
		return out, nil
	}
	files := b.proxy.Stats()
	add("media_cache_bytes", "Files of others that are kept in memory.", float64(files.Bytes))
	add("media_requests", "Files of others that were asked for here.", float64(files.Hits), "from", "cache")
	add("media_requests", "Files of others that were asked for here.", float64(files.Misses), "from", "origin")
	return out, nil
}

// checks are the parts that have to work for the gateway to be of use.
func (b *Bridge) checks(h *monitor.Health) {
	h.Watch("database", b.db.Ping)
	if b.cfg.Roles.XMPP {
		h.Watch("xmpp", b.streamTrouble)
	}
	h.Watch("clock", func(context.Context) error { return b.clockTrouble() })
	h.Watch("inbox", func(ctx context.Context) error {
		since, err := b.db.OldestInbound(ctx)
		if waits := b.now().Sub(msTime(since)); err == nil && since != 0 && waits > inboxLate {
			err = fmt.Errorf("activities wait to be handled, the oldest for %v", waits.Round(time.Second))
		}
		return err
	})
}

// streamTrouble says what is wrong with the stream, where this process has it. One that is
// only ready to take it over is fine, as long as another has it.
func (b *Bridge) streamTrouble(ctx context.Context) error {
	st := b.xmpp.Status()
	if st.Up {
		return nil
	}
	if !b.leads.Load() && !b.member.Alone() {
		leases, err := b.db.Leases(ctx)
		if err == nil && leases[StreamLease] == "" {
			err = errors.New("no process has the stream yet")
		}
		return err
	}
	if st.LastError == "" {
		return errors.New("connecting")
	}
	return errors.New(st.LastError)
}

// inboxLate is when what came in has waited so long that something is wrong here: one
// activity may wait for its origin for an hour, but then others are handled.
const inboxLate = 2 * time.Hour

// stanzaError counts an error of an XMPP service; a condition that there is not is
// somebody's own word.
func (b *Bridge) stanzaError(condition string) {
	if !stanza.Defined(condition) {
		condition = "other"
	}
	b.cfg.Metrics.StanzaError(condition)
}

func (b *Bridge) signatureSeen(err error, took time.Duration) {
	b.cfg.Metrics.Signature(activitypub.SignatureResult(err), took)
}

// requestKind says what a request is for.
func requestKind(r *http.Request) string {
	path := r.URL.Path
	switch {
	case r.Method == http.MethodPost && strings.HasSuffix(path, "/inbox"):
		return "inbox"
	case strings.HasPrefix(path, "/.well-known/"), strings.HasPrefix(path, "/nodeinfo"):
		return "discovery"
	case strings.HasPrefix(path, "/ap/"):
		return "document"
	case strings.HasPrefix(path, "/media/"):
		return "media"
	case path == "/" || strings.HasPrefix(path, "/@"):
		return "page"
	}
	return "other"
}

// deliveryResult is what became of an attempt.
func deliveryResult(err error) string {
	var status *activitypub.StatusError
	var final interface{ Final() bool }
	switch {
	case err == nil:
		return "delivered"
	case errors.As(err, &status) && status.Code == http.StatusGone:
		return "gone"
	case errors.As(err, &final) && final.Final():
		return "refused"
	}
	return "again"
}
