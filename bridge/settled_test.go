package bridge

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"isthmus/component/stanza"
	"isthmus/db"
)

// settled waits until everything that came was dealt with, and everything that
// this causes was done: only what is looked at now and then is still to be.
func (w *world) settled() {
	w.t.Helper()
	ctx := w.t.Context()
	w.until("nothing is left to do", func() bool {
		st, err := w.db.QueueStats(ctx)
		if err != nil || st.Inbound+st.Fanouts+st.Retries > 0 {
			return false
		}
		threads, err := w.db.YoungThreads(ctx, 0, 0, 1000)
		if err != nil {
			return false
		}
		now := 0
		for blog := range 4 {
			if _, err := w.db.JobByKey(ctx, kindTend, fmt.Sprint(blog)); err == nil {
				now++
			}
			if _, err := w.db.JobByKey(ctx, kindDirectLate, fmt.Sprint(blog)); err == nil {
				now++
			}
		}
		for _, t := range threads {
			if _, err := w.db.JobByKey(ctx, kindThread, fmt.Sprint(t.ID)); err == nil {
				now++
			}
		}
		if _, err := w.db.JobByKey(ctx, kindRefresh, refreshKey); err == nil {
			now++
		}
		return st.Jobs == now
	})
}

// sent is all that the gateway sent until now and nobody read.
func (w *world) sent() []*stanza.Element {
	w.t.Helper()
	// The answer comes behind everything else.
	w.xmpp.Ask(`<iq type='get' id='` + w.b.token() + `' from='` + louise + `/x' to='ap.example.org'><ping xmlns='urn:xmpp:ping'/></iq>`)
	return w.xmpp.Unread()
}

// forget throws away what was sent until now.
func (w *world) forget() {
	w.t.Helper()
	w.sent()
	w.xmpp.Forget()
}

// messages takes what somebody was sent at their bare address, in order: each with
// its sender before it.
func (w *world) messages(user string) (out []string) {
	w.t.Helper()
	theirs := func(e *stanza.Element) bool { return e.Local == "message" && e.Get("to") == user }
	for _, e := range w.sent() {
		if theirs(e) {
			out = append(out, e.Get("from")+": "+w.xmpp.Await("a message", theirs).First("", "body").Text())
		}
	}
	return out
}

// publishes is how often the gateway published to a comments node.
func (w *world) publishes(item string) (n int) {
	w.change(louise, commentsOf(item), func(x *node) { n = x.publishes })
	return n
}

// floods posts an activity three times to the shared and to louise's own inbox,
// all at once.
func (p *peer) floods(user string, blog db.Blog, activity map[string]any) {
	p.w.t.Helper()
	shared, own := p.w.b.addr.SharedInbox(), p.w.b.addr.Inbox(blog.Token)
	var all sync.WaitGroup
	for _, inbox := range []string{shared, own, shared} {
		all.Go(func() {
			if code := p.post(user, inbox, maps.Clone(activity)); code != 202 {
				p.w.t.Errorf("%s answered with %d", activity["type"], code)
			}
		})
	}
	all.Wait()
}

// down takes the XMPP server away, up brings it back.
func (w *world) down() {
	w.t.Helper()
	w.xmpp.Stop()
	w.until("the stream is down", func() bool { return !w.b.xmpp.Status().Up })
}

func (w *world) up() {
	w.t.Helper()
	w.xmpp.Restart()
	w.until("the stream is up", func() bool { return w.b.xmpp.Status().Up })
	w.b.soon(w.t.Context(), blogJob(kindDigest, 1, w.b.nowMS())) // which has time
}

// ago is a time as activities have it.
func ago(d time.Duration) string { return time.Now().Add(-d).UTC().Format(time.RFC3339) }

// has says whether one of the texts contains a part.
func has(texts []string, part string) bool {
	for _, s := range texts {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// said waits until a comment below a post of louise's is on the Fediverse and
// returns its id there.
func (w *world) said(post, item string) (id string) {
	w.t.Helper()
	w.until("the comment "+item+" is published", func() bool {
		c, err := w.db.PostAt(w.t.Context(), louise, commentsOf(post), item)
		id = w.b.addr.Post(c.Token)
		return err == nil && c.Object != ""
	})
	return id
}

// message waits for somebody's message to a bare address.
func (w *world) message(from, to string) *stanza.Element {
	w.t.Helper()
	return w.xmpp.Await("a message of "+from, func(e *stanza.Element) bool {
		return e.Local == "message" && e.Get("from") == from && e.Get("to") == to
	})
}

// answering is an entry that points at the item which it answers.
func answering(href, entry string) string {
	return strings.Replace(entry, "<id>", `<thr:in-reply-to xmlns:thr='http://purl.org/syndication/thread/1.0' href='`+href+`'/><id>`, 1)
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}
