package bridge

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"isthmus/control"
	"isthmus/doctor"
	"isthmus/monitor"
)

// desk is the gateway's own as the command line has it: through a socket.
func (w *world) desk() *control.Client {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "s")
	ctx, stop := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() { done <- control.Serve(ctx, path, w.b.Desk(), w.b.log) }()
	w.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
	c := control.NewClient(path)
	w.until("the control socket", func() bool { _, err := c.Recent(ctx); return err == nil })
	return c
}

func good[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
		return v
	}
}

// Everything that lists something, over the socket.
func TestDeskShows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withAdmin, func(c *Config) { c.Metrics, c.Health = monitor.NewMetrics("test"), new(monitor.Health) })
	w.b.cfg.Health.Phase("")
	p, d := w.peer(), w.desk()
	blog := w.enrolled(louise)
	p.follows("bob", blog.Token)
	w.publish(louise, "first", note("Roses"))
	p.await("Create")
	w.settled()

	s := good(d.State(t.Context()))(t)
	if !s.XMPP.Up || s.Accounts != 1 || s.Followers != 1 || s.Version != "test" || len(s.Problems) > 0 {
		t.Errorf("state %+v", s)
	}
	accounts := good(d.Accounts(t.Context()))(t)
	if len(accounts) != 1 || accounts[0].JID != louise || accounts[0].Followers != 1 || accounts[0].Posts != 1 || accounts[0].State != "on" || accounts[0].Handle != w.b.addr.Acct("louise") {
		t.Errorf("accounts %+v", accounts)
	}
	for _, who := range []string{louise, "xmpp:" + louise, "@" + accounts[0].Handle, "louise", accounts[0].Page, accounts[0].Actor} {
		if list := good(d.Follows(t.Context(), who))(t); len(list) != 1 || list[0].Actor != p.actor("bob") || list[0].Direction != "follower" || list[0].State != "accepted" {
			t.Errorf("follows of %s %+v", who, list)
		}
	}
	if _, err := d.Follows(t.Context(), "nobody@example.org"); !errors.Is(err, control.ErrNotFound) {
		t.Errorf("follows of nobody: %v", err)
	}
	delivered, received := 0, 0
	for _, m := range good(d.History(t.Context()))(t) {
		delivered, received = delivered+m.Delivered, received+m.Received
	}
	if delivered < 2 || received < 1 { // Accept and Create, and the Follow
		t.Errorf("history: %d delivered, %d received", delivered, received)
	}
	p.mu.Lock()
	p.fail = slices.Repeat([]int{500}, 1000)
	p.mu.Unlock()
	w.publish(louise, "second", note("Tulips"))
	w.until("a host in trouble", func() bool {
		hosts := good(d.Hosts(t.Context(), false))(t)
		return len(hosts) == 1 && hosts[0].Host == hostOf(p.http.URL) && hosts[0].Failures > 0 && strings.Contains(hosts[0].Error, "500") && hosts[0].Waiting == 1
	})
	if trace := good(d.Trace(t.Context(), "second"))(t); !traced(trace, hostOf(p.http.URL), "waits", "tried") {
		t.Errorf("trace of a post that waits %+v", trace)
	}
	for _, list := range []int{len(good(d.Reports(t.Context(), false))(t)), len(good(d.Jobs(t.Context()))(t)), len(good(d.Rules(t.Context()))(t))} {
		if list != 0 {
			t.Errorf("%d of what there is none", list)
		}
	}
}

// traced reports whether a hop is in a state, somewhere, with some words.
func traced(t control.Trace, where, state, words string) bool {
	for _, h := range t.Hops {
		if strings.Contains(h.Where, where) && h.State == state && strings.Contains(h.Seen+h.Body, words) {
			return true
		}
	}
	return false
}

// What admins say in the chat can be said here, is asked back, and is in the audit log.
func TestDeskDoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withAdmin)
	d := w.desk()
	w.enrolled(louise)
	asked := good(d.Do(t.Context(), control.Doing{By: "command line (root)", Text: "suspend " + louise + " spam"}))(t)
	if !asked.Asks || !strings.Contains(asked.Text, louise) {
		t.Errorf("first %+v", asked)
	}
	if a := good(d.Accounts(t.Context()))(t); a[0].Suspended {
		t.Error("suspended without being sure")
	}
	if done := good(d.Do(t.Context(), control.Doing{By: "command line (root)", Text: "suspend " + louise + " spam", Sure: true}))(t); done.Asks {
		t.Errorf("then %+v", done)
	}
	if a := good(d.Accounts(t.Context()))(t); !a[0].Suspended || a[0].State != "paused" {
		t.Errorf("accounts %+v", a)
	}
	if log := good(d.Recent(t.Context()))(t); len(log) != 1 || log[0].By != "command line (root)" || log[0].Deed != "suspend" || log[0].Subject != louise || log[0].Detail != "spam" {
		t.Errorf("log %+v", log)
	}
	for _, text := range []string{"", "start", "follow @bob@example.net", "report me", "frobnicate"} {
		if done, err := d.Do(t.Context(), control.Doing{Text: text}); !errors.Is(err, control.ErrNotFound) {
			t.Errorf("%q: %+v, %v", text, done, err)
		}
	}
	if done := good(d.Do(t.Context(), control.Doing{Text: "domain block spam.example why not", Sure: true}))(t); !strings.Contains(done.Text, "spam.example") {
		t.Errorf("block says %q", done.Text)
	}
	if rules := good(d.Rules(t.Context()))(t); len(rules) != 1 || rules[0].Name != "spam.example" || !rules[0].Server || rules[0].Note != "why not" {
		t.Errorf("rules %+v", rules)
	}
}

// A post and a reply can be followed by any of their names.
func TestTrace(t *testing.T) {
	t.Parallel()
	w, p, blog, post := administered(t)
	d := w.desk()
	reply := p.says("bob", "a comment", map[string]any{"inReplyTo": post})
	p.sends("bob", "Create", reply)
	w.until("the comment", func() bool { return len(w.comments("first-post")) == 1 })
	w.settled()
	_, token, _ := w.b.addr.TokenOf(post)
	row, err := w.db.PostByToken(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{post, w.b.addr.PostPage(blog.Handle, token), w.b.addr.Activity(row.CreateTok), "first-post", "xmpp:" + louise + "?;node=urn%3Axmpp%3Amicroblog%3A0;item=first-post"} {
		trace := good(d.Trace(t.Context(), what))(t)
		if !traced(trace, "XMPP", "ok", "hello world") || !traced(trace, "gateway", "ok", post) || !traced(trace, "gateway", "ok", "Create") ||
			!traced(trace, "other servers", "ok", "nothing of it waits") || !traced(trace, "comment by @bob@", "ok", "it stands as item") {
			t.Errorf("trace of %s: %+v", what, trace)
		}
	}
	id := reply["id"].(string)
	if trace := good(d.Trace(t.Context(), id))(t); !strings.Contains(trace.What, "@bob@") || !traced(trace, "comment by", "ok", "it stands") || !traced(trace, "XMPP", "ok", "a comment") {
		t.Errorf("trace of the reply: %+v", trace)
	}
	if _, err := d.Trace(t.Context(), "https://nowhere.example/1"); !errors.Is(err, control.ErrNotFound) {
		t.Errorf("trace of nothing: %v", err)
	}
	private := p.says("bob", "between us", map[string]any{"to": []string{w.b.addr.Actor(blog.Token)}, "cc": []string{}})
	p.sends("bob", "Create", private)
	w.settled()
	for _, h := range good(d.Trace(t.Context(), private["id"].(string)))(t).Hops {
		if strings.Contains(h.Seen+h.Body, "between us") {
			t.Errorf("a direct message is shown: %+v", h)
		}
	}
}

// The round trip: it is accepted, refused, or never answered; and it is taken back.
func TestTryFollow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, d := w.peer(), w.desk()
	p.outbox("bob", 1)
	try := func() (hops []control.Hop, err error) {
		err = d.TryFollow(t.Context(), "@bob@"+p.name, func(h control.Hop) {
			hops = append(hops, h)
		})
		return hops, err
	}
	for _, answer := range []string{"Accept", "Reject"} {
		go func() {
			follow := p.await("Follow")
			if answer == "Accept" {
				p.accepts("bob", follow)
			} else {
				p.sends("bob", "Reject", map[string]any{"id": follow.ID(), "type": "Follow", "actor": follow.Str("actor"), "object": p.actor("bob")})
			}
		}()
		hops := good(try())(t)
		if len(hops) != 5 || hops[2].State != "ok" || !strings.Contains(hops[2].Body, `"Follow"`) || !strings.Contains(hops[3].Seen, answer) || hops[4].State != "ok" {
			t.Errorf("%s: %+v", answer, hops)
		}
		if undo := p.await("Undo"); object(undo).Str("object") != p.actor("bob") || undo.Str("actor") != w.b.addr.Actor(InstanceToken) {
			t.Errorf("undone %v", undo)
		}
		w.settled()
	}
	if m, err := w.db.Meta(t.Context(), metaTrial); m != "" || err != nil {
		t.Errorf("left in the database: %q, %v", m, err)
	}
	if err := d.TryFollow(t.Context(), "louise@"+w.b.cfg.HandleDomain, nil); err == nil || !strings.Contains(err.Error(), "another server") {
		t.Errorf("an account of ours: %v", err)
	}
	p.answers("bob", 410)
	if hops := good(try())(t); hops[len(hops)-1].State != "failed" {
		t.Errorf("a server that refuses: %+v", hops)
	}
}

// What the running gateway looks at, when all is well, and when something is not.
func TestDeskChecks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withAdmin, func(c *Config) { c.PubSub = []string{"pubsub.example.org"} })
	d := w.desk()
	check := func() map[string]doctor.Result {
		by := map[string]doctor.Result{}
		for _, r := range good(d.Checks(t.Context(), doctor.Ask{}))(t) {
			by[r.ID] = r
			if (r.Fix == "") != (r.State == doctor.OK || r.State == doctor.Skip) || r.Seen == "" {
				t.Errorf("%+v", r)
			}
		}
		return by
	}
	w.until("the stream", func() bool { return w.b.xmpp.Status().Up })
	by := check()
	for id, want := range map[string]string{"xmpp.link": doctor.OK, "xmpp.domains": doctor.OK, "xmpp.privileges": doctor.OK, "queue.posts": doctor.OK, "reports": doctor.OK, "admins": doctor.OK, "clock": doctor.OK, "outbound.guard": doctor.Warn} {
		if by[id].State != want {
			t.Errorf("%s: %+v, want %s", id, by[id], want)
		}
	}
	w.enrolled(louise)
	w.change(louise, microblog, func(n *node) { n.closed = true })
	w.b.soon(t.Context(), tendJob(w.tended(louise, microblog).ID, w.b.nowMS()))
	w.until("a closed blog", func() bool { return check()["blogs"].State == doctor.Warn })
	w.down()
	w.until("no stream", func() bool { return check()["xmpp.link"].State != doctor.OK })
}

// A token for an echo, or for the page, is good for that alone, and for ten minutes.
func TestPasses(t *testing.T) {
	t.Parallel()
	var later atomic.Int64
	w := newWorld(t, func(c *Config) {
		c.AdminPage, c.Now = "http://127.0.0.1:9180", func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	})
	echo, page := w.b.pass("echo"), w.b.pass("page")
	if !w.b.passes("echo", echo) || !w.b.AdmitAdmin(page) {
		t.Error("refused")
	}
	for _, bad := range []string{"", "-", page, echo + "x", "zzzzzz" + echo} {
		if w.b.passes("echo", bad) {
			t.Errorf("%q is taken", bad)
		}
	}
	later.Store(int64(11 * time.Minute))
	if w.b.passes("echo", echo) {
		t.Error("taken after eleven minutes")
	}
	if link := good(w.desk().PageLink(t.Context()))(t); !strings.HasPrefix(link, "http://127.0.0.1:9180/admin/enter?token=") {
		t.Error(link)
	}
}
