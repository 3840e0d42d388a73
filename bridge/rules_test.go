package bridge

import (
	"strings"
	"testing"

	"isthmus/db"
	"isthmus/policy"
)

// A list on the web is subscribed to: what is new in it waits for the admin's word,
// which says first whom it parts.
func TestRuleLists(t *testing.T) {
	t.Parallel()
	w, p, blog, _ := administered(t)
	lists := w.peer()
	at := lists.http.URL + "/list.csv"
	serve := func(lines ...string) {
		lists.mu.Lock()
		defer lists.mu.Unlock()
		lists.docs["/list.csv"] = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n" + strings.Join(lines, "\n") + "\n"
	}
	w.answers(boss, "lists", "No list is read", "lists add "+at, "cannot read", "lists add nonsense", "Say “lists add”")
	serve(p.name+",suspend,false,false,spam,false", "noisy.example,silence,true,false,,false", "other.example,suspend,,,,")
	w.answers(boss, "domain silence other.example", "?", "yes", "Silenced")
	w.answers(boss, "lists add "+at, "New: 2. Decided alike: 0. Decided otherwise: 1.", "lists", "waiting: 3",
		"lists drafts", "noisy.example: silenced, files refused.", "lists drafts", p.name+": blocked. spam")
	if yes, _ := w.b.barred(t.Context(), p.actor("bob")); yes {
		t.Error("a draft is in force")
	}
	w.answers(boss, "lists refuse other.example", "not asked again: 1", "lists accept all", "Servers: 2. Followers from there: 1. Follows to there: 0. People here whom that parts: 1;", "no", "Nothing was changed")
	w.answers(boss, "lists accept "+p.name, "Servers: 1.", "yes", "Done: 1")
	w.until("bob's follow ends", func() bool {
		n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted)
		return n == 0
	})
	if code := p.post("bob", w.b.addr.SharedInbox(), map[string]any{"type": "Follow", "object": w.b.addr.Actor(blog.Token)}); code != 202 || p.count("Accept") != 0 {
		t.Errorf("bob follows again: %d", code)
	}

	// A day later the list says something else. Who was refused does not come again.
	w.forget()
	serve("other.example,suspend,,,,", "new.example,suspend,,,,")
	w.b.soon(t.Context(), db.Job{Kind: kindLists, Key: rulesKey, Due: w.b.nowMS()})
	w.until("the admin hears of it", func() bool { return has(w.messages(boss), "nothing is decided here: 1") })
	w.answers(boss, "lists drafts", "new.example: blocked.")
	if text := w.says(boss, "lists drafts"); strings.Contains(text, "noisy") || strings.Contains(text, "other") {
		t.Errorf("waiting: %s", text)
	}
	w.answers(boss, "lists remove "+at, "No longer read", "lists drafts", "Nothing like that waits", "lists remove "+at, "not subscribed",
		"audit", "lists add "+at, "audit", "lists refuse other.example", "audit", boss+": domain block "+p.name)
}

// What another process decides is followed at once (gateway domains apply).
func TestImportedRules(t *testing.T) {
	t.Parallel()
	w, p, blog, _ := administered(t)
	list := []policy.Entry{{Domain: p.name, Severity: policy.Suspend}, {Domain: "far.example", Severity: policy.Suspend}}
	effect, err := PlanEffect(t.Context(), w.db, list)
	if err != nil || effect != (Effect{Followers: 1, People: 1}) {
		t.Errorf("effect %+v, %v", effect, err)
	}
	if err := ImportRules(t.Context(), w.db, list, RuleImport{By: "somebody", At: w.b.nowMS()}); err != nil {
		t.Fatal(err)
	}
	w.b.jobs.Kick()
	w.until("bob's follow ends", func() bool {
		n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted)
		return n == 0
	})
	if got, err := ExportRules(t.Context(), w.db); err != nil || len(got) != 2 || got[0].Domain != "far.example" || got[1].Severity != policy.Suspend {
		t.Errorf("exported %+v, %v", got, err)
	}
}

// Where only some are let in, everybody else is as if blocked; their follows stay.
func TestOnlyAllowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withAdmin, func(c *Config) { c.OnlyAllowed = true })
	p, stranger := w.peer(), w.peer()
	blog := w.enrolled(louise)
	host := strings.TrimPrefix(p.http.URL, "http://")
	w.answers(boss, "domain allow "+host, host+": let in.", "domain", "let in, since")
	p.follows("bob", blog.Token)
	if code := stranger.post("eve", w.b.addr.SharedInbox(), map[string]any{"type": "Follow", "object": w.b.addr.Actor(blog.Token)}); code != 202 {
		t.Errorf("answered with %d", code)
	}
	w.publish(louise, "first-post", note("hello"))
	p.await("Create")
	w.settled()
	if stranger.count("Accept")+stranger.count("Create") != 0 {
		t.Error("a stranger is talked to")
	}
	w.answers(louise, "follow eve@"+stranger.name, "")
	w.settled()
	if stranger.count("Follow") != 0 {
		t.Error("a stranger is asked")
	}
	w.answers(boss, "domain unblock "+host, "Free again")
	w.publish(louise, "second-post", note("nobody hears"))
	w.settled()
	if n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted); n != 1 || p.count("Create") != 0 {
		t.Errorf("%d followers, %d posts", n, p.count("Create"))
	}
}

// Files and reports of a server can be refused, and all else comes.
func TestRejectMediaAndReports(t *testing.T) {
	t.Parallel()
	w, p, blog, post := administered(t)
	w.answers(boss, "domain reject-media "+p.name, p.name+": files refused.", "domain reject-reports "+p.name, p.name+": files refused, reports refused.")
	reply := p.replies("bob", post, "look at this")
	reply["attachment"] = []any{map[string]any{"type": "Image", "mediaType": "image/png", "url": p.http.URL + "/cat.png"}}
	p.sends("bob", "Create", reply)
	w.stand("first-post", p.jid("bob")+": look at this")
	w.change(louise, commentsOf("first-post"), func(n *node) {
		for _, it := range n.items {
			if it.Payload != nil && strings.Contains(string(it.Payload.AppendXML(nil, "")), "cat.png") {
				t.Errorf("the file is shown in %s", it.ID)
			}
		}
	})
	p.sends("bob", "Create", p.says("bob", "a picture", map[string]any{"to": []string{w.b.addr.Actor(blog.Token)}, "attachment": reply["attachment"]}))
	w.settled()
	for _, m := range w.sent() {
		if m.Get("to") == louise && strings.Contains(string(m.AppendXML(nil, "")), "cat.png") {
			t.Errorf("the file is sent: %s", m.AppendXML(nil, ""))
		}
	}
	w.forget()
	p.post("bob", w.b.addr.SharedInbox(), map[string]any{"type": "Flag", "object": []any{w.b.addr.Actor(blog.Token)}})
	w.settled()
	w.answers(boss, "reports", "no such reports")
}
