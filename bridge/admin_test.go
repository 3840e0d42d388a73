package bridge

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/db"
)

const boss = "boss@example.org"

func withAdmin(c *Config) { c.Admins = []string{boss} }

// administered is discussedPost with an admin.
func administered(t *testing.T) (w *world, p *peer, blog db.Blog, post string) {
	t.Helper()
	w = newWorld(t, withAdmin)
	p = w.peer()
	blog = w.enrolled(louise)
	p.follows("bob", blog.Token)
	w.change(louise, commentsOf("first-post"), func(n *node) { n.open, n.publisher = true, true })
	w.publish(louise, "first-post", commented("first-post", "hello world"))
	post = p.await("Create").IDs("object")[0]
	w.settled()
	w.forget()
	return w, p, blog, post
}

// answers checks what each command of somebody's says.
func (w *world) answers(who string, pairs ...string) {
	w.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if text := w.says(who, pairs[i]); !strings.Contains(text, pairs[i+1]) {
			w.t.Errorf("%s says %q, without %q", pairs[i], text, pairs[i+1])
		}
	}
}

// What is the admin's is nobody else's, and is not even listed for them.
func TestY12_AdminCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withAdmin)
	for _, c := range commands {
		if c.Who != admins {
			continue
		}
		w.answers(louise, c.Name+" example.net", "I do not know")
	}
	w.answers(louise, "report 1", "Only admins", "help all", "block")
	if text := w.says(louise, "help"); strings.Contains(text, "announce") {
		t.Errorf("help says %q", text)
	}
	w.answers(boss, "help", "For admins:", "domain", "nothing on this list", "report 1", "no report 1",
		"hosts", "No server is in trouble", "queue", "Other jobs: ", "users", "People: 0.", "reports", "no such reports", "suspend", "Nobody is suspended")
}

// Where the admin blocks a server, nothing comes, nothing goes, and what there was
// between people ends; they are told once.
func TestDomainBlock(t *testing.T) {
	t.Parallel()
	w, p, blog, post := administered(t)
	self := w.b.addr.Actor(blog.Token)
	w.says(louise, "follow carol@"+p.name)
	follow := p.await("Follow")
	p.sends("carol", "Accept", map[string]any{"id": follow.ID(), "type": "Follow", "actor": self, "object": p.actor("carol")})
	w.settled()
	w.forget()
	host := strings.TrimPrefix(p.http.URL, "http://")
	w.answers(boss, "domain block "+host+" spam and worse", "Followers from there: 1. Follows to there: 1. People here whom that parts: 1;", "no", "Nothing was changed")
	w.answers(boss, "domain block "+host+" spam and worse", "?", "yes", "Blocked: "+host)
	w.settled()
	if told := w.messages(louise); len(told) != 2 || !has(told, "ended all contact with "+host) {
		t.Errorf("louise is told %q", told)
	}
	followers, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted)
	following, _ := w.db.FollowingCount(t.Context(), blog.ID)
	if followers+following != 0 {
		t.Errorf("%d followers, %d follows", followers, following)
	}
	w.answers(boss, "domain", host+": blocked, since ", "domain", "spam and worse")
	asked := 0
	p.mu.Lock()
	p.looked, p.reads = func() { asked++ }, nil
	p.mu.Unlock()
	answer := p.replies("dave", post, "hello")
	for _, a := range []map[string]any{
		{"type": "Create", "object": answer, "to": answer["to"]}, {"type": "Follow", "object": self}, {"type": "Like", "object": post}, {"type": "Flag", "object": []any{self}},
	} {
		if code := p.post("dave", w.b.addr.SharedInbox(), a); code != 202 {
			t.Errorf("%s answered with %d", a["type"], code)
		}
	}
	w.publish(louise, "second-post", note("another one"))
	w.settled()
	w.stand("first-post")
	w.answers(louise, "follow carol@"+p.name, "allows no contact", "follow "+p.actor("carol"), "", "find "+answer["id"].(string), "")
	if _, _, condition := w.reads(louise, p.jid("carol"), microblog, "", ""); condition != "cancel not-allowed" {
		t.Errorf("reading answers %q", condition)
	}
	p.mu.Lock()
	if asked != 0 || len(p.got) != 0 || len(p.reads) != 0 {
		t.Errorf("asked %d times, sent %v, read %q", asked, p.got, p.reads)
	}
	p.looked = nil
	p.mu.Unlock()
	w.restart() // it is remembered
	if code := p.post("dave", w.b.addr.SharedInbox(), map[string]any{"type": "Follow", "object": self}); code != 202 || p.count("Reject")+p.count("Accept") != 0 {
		t.Errorf("after a restart: %d", code)
	}
	w.answers(boss, "domain unblock "+host, "Free again: "+host, "domain unblock "+host, "Nothing is decided", "domain", "nothing on this list")
	p.follows("dave", blog.Token)
}

// Subdomains count, and the domain of a handle.
func TestHostSubjects(t *testing.T) {
	for host, want := range map[string]string{
		"a.b.example": "@a.b.example @b.example @example", "a.example:8443": "@a.example:8443 @a.example @example", "127.0.0.1:80": "@127.0.0.1:80 @127.0.0.1", "": "",
	} {
		same(t, host, strings.Join(hostSubjects(host), " "), want)
	}
	for subject, want := range map[string]bool{
		"@b.example": true, "@a.b.example": true, "@xb.example": false, "@people.example": true, "@eople.example": false, "https://a.b.example/bob": true, "https://a.b.example/eve": false,
	} {
		if got := under(subject, "https://a.b.example/bob", "bob@people.example"); got != want {
			t.Errorf("under %s: %v", subject, got)
		}
	}
	b := &Bridge{cfg: Config{Component: "ap.example.org"}}
	b.addr = b.cfg.Addresses()
	for word, want := range map[string]bool{"example.org": true, "@Example.org": true, "127.0.0.1:80": true, "a.example:80": true, "localhost": false, "https://a.example": false, "a b.example": false, "": false, "%.example": false} {
		if host, ok := b.peerHost(word); ok != want {
			t.Errorf("%q is %q, %v", word, host, ok)
		}
	}
}

// One account is blocked, and its neighbours are not.
func TestAccountBlock(t *testing.T) {
	t.Parallel()
	w, p, blog, post := administered(t)
	w.answers(boss, "account block bob@"+p.name, "Followers from there: 1.", "yes", "Blocked: @bob@h1.example", "account", "@bob@h1.example: blocked", "domain", "nothing on this list",
		"account block "+p.name, "cannot be meant", "account ban bob@"+p.name, "block, silence")
	w.settled()
	p.sends("bob", "Create", p.replies("bob", post, "hello"))
	p.sends("carol", "Create", p.replies("carol", post, "hello"))
	w.stand("first-post", p.jid("carol")+": hello")
	w.settled()
	w.stand("first-post", p.jid("carol")+": hello")
	if n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted); n != 0 {
		t.Errorf("%d followers", n)
	}
}

// Who is silenced can answer and write to people, and does not reach strangers.
func TestSilence(t *testing.T) {
	t.Parallel()
	w, p, blog, post := administered(t)
	self := w.b.addr.Actor(blog.Token)
	w.answers(boss, "domain silence "+p.name, "Silence h1.example?", "yes", "Silenced: h1.example")
	if yes, err := w.b.silenced(t.Context(), p.actor("bob")); err != nil || !yes {
		t.Errorf("bob is silenced: %v, %v", yes, err)
	}
	if yes, _ := w.b.barred(t.Context(), p.actor("bob")); yes {
		t.Error("bob is blocked")
	}
	w.forget()
	p.sends("carol", "Create", p.says("carol", "look here", w.named(blog.Token)))
	p.sends("bob", "Create", p.replies("bob", post, "hello"))
	w.stand("first-post", p.jid("bob")+": hello")
	p.sends("carol", "Like", post)
	w.settled()
	w.total(post, "likes", "1")
	if told := w.messages(louise); len(told) != 0 {
		t.Errorf("louise is told %q", told)
	}
	p.post("dave", w.b.addr.Inbox(blog.Token), map[string]any{"type": "Follow", "object": self})
	w.settled()
	if n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerPending); n != 1 || !has(w.messages(louise), "asks to follow you") {
		t.Errorf("%d wait", n)
	}
	w.says(louise, "follow erin@"+p.name)
	follow := p.await("Follow")
	p.sends("erin", "Accept", map[string]any{"id": follow.ID(), "type": "Follow", "actor": self, "object": p.actor("erin")})
	w.settled()
	p.sends("erin", "Create", p.says("erin", "look here", w.named(blog.Token)))
	w.message(p.jid("erin"), louise)
}

// Who is suspended is paused, hears why, and comes back as they were.
func TestSuspend(t *testing.T) {
	t.Parallel()
	w, p, blog, _ := administered(t)
	w.answers(boss, "suspend eve@elsewhere.example", "no account of example.org", "suspend "+boss, "is an admin", "suspend "+louise+" spam", "Posts: 1. Followers: 1. Following: 0.", "yes", "Suspended: "+louise)
	if told := w.told(louise); !strings.Contains(told, "suspended your account") || !strings.Contains(told, "spam") {
		t.Errorf("louise is told %q", told)
	}
	for _, c := range []string{"start", "follow bob@" + p.name, "block bob@" + p.name, "announce x"} {
		if text := w.says(louise, c); !strings.Contains(text, "suspended") && c != "announce x" {
			t.Errorf("%s says %q", c, text)
		}
	}
	if state := w.subscribes(louise, p.jid("bob"), microblog); state != "not-allowed" {
		t.Errorf("subscribing is %q", state)
	}
	if _, _, err := w.b.enrolment().Enrol(t.Context(), mustJID(louise), "", "admin"); err == nil {
		t.Error("enrolled while suspended")
	}
	w.publish(louise, "second-post", note("while suspended"))
	w.settled()
	w.answers(louise, "status", "paused")
	w.answers(boss, "suspend", louise+": suspended on", "users", "Suspended: 1", "unsuspend "+louise, "No longer suspended", "unsuspend "+louise, "is not suspended")
	w.told(louise)
	w.tended(louise, microblog)
	w.until("it goes on", func() bool {
		now, err := w.db.BlogByID(t.Context(), blog.ID)
		held, herr := w.db.HasNotice(t.Context(), blog.ID, noticeHeld)
		return err == nil && herr == nil && now.State == db.On && !held
	})
	w.publish(louise, "third-post", note("afterwards"))
	if got := object(p.await("Create")).Str("content"); !strings.Contains(got, "afterwards") {
		t.Errorf("sent %q", got)
	}
}

// A report from elsewhere reaches the admin with what can be done about it.
func TestReportIn(t *testing.T) {
	t.Parallel()
	w, p, blog, post := administered(t)
	p.sends("instance", "Flag", nil)
	p.post("instance", w.b.addr.SharedInbox(), map[string]any{"type": "Flag", "object": []any{w.b.addr.Actor(blog.Token), post}, "content": "<p>this is <b>spam</b></p>"})
	w.settled()
	told := w.messages(boss)
	if len(told) != 1 || !has(told, "Report 1. From 127.0.0.1") || !has(told, "about "+louise) || !has(told, post) || !has(told, "this is spam") || !has(told, "“report 1 suspend”") {
		t.Errorf("the admin is told %q", told)
	}
	w.answers(boss, "reports", "1: ", "report 1", "this is spam", "report 1 dance", "report 1 close", "report 1 suspend", "Suspend "+louise, "no", "Nothing was changed",
		"report 1 block", "Block 127.0.0.1", "no", "Nothing was changed", "report 1 suspend", "Suspend", "yes", "Suspended", "report 1 close it was true", "closed",
		"reports", "no such report", "reports closed", "1: ", "report 1 show", "closed. it was true")
}

// A report to elsewhere is nobody's by name, and asks twice.
func TestReportOut(t *testing.T) {
	t.Parallel()
	w, p, _, _ := administered(t)
	said := p.says("bob", "buy this", nil)
	w.answers(louise, "report bob@"+p.name, "What is wrong with @bob@h1.example", "it is spam", "Your name is not told", "yes", "Reported: @bob@h1.example")
	if got := p.await("Flag"); fmt.Sprint(got.IDs("object")) != fmt.Sprint([]string{p.actor("bob")}) {
		t.Errorf("sent %v", got)
	}
	w.settled()
	w.forget()
	if err := w.b.flag(t.Context(), mustJID(louise), p.actor("bob"), said["id"].(string), "it is spam"); err != nil { // of a post
		t.Fatal(err)
	}
	got := p.await("Flag")
	if got.Str("actor") != w.b.addr.Actor(InstanceToken) || got.Str("content") != "it is spam" || got["_misskey_reaction"] != nil || fmt.Sprint(got.IDs("object")) != fmt.Sprint([]string{p.actor("bob"), said["id"].(string)}) {
		t.Errorf("sent %v", got)
	}
	if status, _, _ := w.get(strings.TrimPrefix(got.ID(), w.url), "application/activity+json"); status != 404 {
		t.Errorf("strangers read it: %d", status)
	}
	w.settled()
	if told := w.messages(boss); len(told) != 1 || !has(told, "From "+louise+", about @bob@h1.example") || !has(told, "report 2 block") {
		t.Errorf("the admin is told %q", told)
	}
	w.answers(boss, "report 1 suspend", "about nobody with whom", "report 1 block", "Block @bob@h1.example?", "yes", "Blocked: @bob@h1.example", "account", "#1")
	w.answers(louise, "report", "Whom?", "no", "", "report nobody@nowhere.example", "cannot find")
}

// What the admin has to say reaches everybody once, also those after a restart.
func TestAnnounce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withAdmin)
	p := w.peer()
	w.enrolled(louise)
	w.says(alice, "follow bob@"+p.name)
	p.await("Follow")
	w.forget()
	w.answers(boss, "announce", "What shall everybody be told?", "Tonight it rests.", "People who get this message: 2", "no", "Nothing was changed")
	w.answers(boss, "users", "People: 2. Blogs on: 1, paused: 0. Only reading: 1.", "users", "alice@example.org, @alice@")
	w.forget()
	first := w.xmpp.Ask(`<iq type='set' id='a' from='` + boss + `/x' to='ap.example.org'><command xmlns='http://jabber.org/protocol/commands' node='` + nodeAnnounce + `' action='execute'/></iq>`)
	session := first.First(stanza.NSCommands, "command").Get("sessionid")
	form := `<x xmlns='jabber:x:data' type='submit'><field var='announcement'><value>Tonight</value><value>it rests.</value></field>%s</x>`
	step := func(more string) string {
		return w.xmpp.Ask(`<iq type='set' id='` + w.b.token() + `' from='` + boss + `/x' to='ap.example.org'><command xmlns='http://jabber.org/protocol/commands' node='` + nodeAnnounce +
			`' sessionid='` + session + `'>` + fmt.Sprintf(form, more) + `</command></iq>`).XML()
	}
	if got := step(""); !strings.Contains(got, "get this message: 2") {
		t.Errorf("the form asks %s", got)
	}
	if got := step(`<field var='sure'><value>1</value></field>`); !strings.Contains(got, "On its way") {
		t.Errorf("the answer is %s", got)
	}
	w.restart()
	for _, who := range []string{louise, alice} {
		if told := w.told(who); told != "The admin of this gateway says:\n\nTonight\nit rests." {
			t.Errorf("%s is told %q", who, told)
		}
	}
	w.settled()
	if told := append(w.messages(louise), w.messages(alice)...); len(told) != 0 {
		t.Errorf("told twice: %q", told)
	}
}

// Somebody who asks not to be bridged is shown nowhere; what they say to somebody
// here reaches that person alone.
func TestOptedOut(t *testing.T) {
	t.Parallel()
	w, p, blog, post := administered(t)
	p.mu.Lock()
	p.extra["bob"] = `,"summary":"<p>please #nobridge</p>"`
	p.mu.Unlock()
	w.b.db.PutRemote(t.Context(), db.Remote{Actor: p.actor("bob"), Handle: "bob@" + p.name}) // to be read again
	w.forget()
	p.sends("bob", "Create", p.replies("bob", post, "hello"))
	w.settled()
	w.stand("first-post")
	if told := w.messages(louise); len(told) != 1 || !has(told, "hello") || !has(told, p.jid("bob")) {
		t.Errorf("louise is told %q", told)
	}
	w.answers(louise, "find bob@"+p.name, "asks not to be shown", "follow bob@"+p.name, "asks not to be shown")
	if _, _, condition := w.reads(louise, p.jid("bob"), microblog, "", ""); condition != "cancel not-allowed" {
		t.Errorf("reading answers %q", condition)
	}
	// Nobody else's words stand on pages that search engines read (FEP-5feb), and bob's on none.
	p.sends("carol", "Create", p.replies("carol", post, "words of carol"))
	w.stand("first-post", p.jid("carol")+": words of carol")
	for _, page := range []string{w.b.addr.Page(blog.Handle), w.b.addr.PostPage(blog.Handle, strings.TrimPrefix(post, w.url+"/ap/post/"))} {
		if status, _, body := w.get(strings.TrimPrefix(page, w.url), "text/html"); status != 200 || strings.Contains(body, "hello</p>") || strings.Contains(body, "words of carol") != strings.Contains(page, "/@louise/") || !strings.Contains(body, "noindex") {
			t.Errorf("%s: %d, %s", page, status, body)
		}
	}
}

// The admin does not turn on the blog of who asks not to be bridged; they can.
func TestAdminRespectsTheProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.change(louise, microblog, func(*node) {})
	w.vcard[louise] = `<vCard xmlns='vcard-temp'><FN>Louise</FN><DESC>I write. #nobridge</DESC></vCard>`
	if _, _, err := w.b.enrolment().Enrol(t.Context(), mustJID(louise), "", "admin"); err != nil {
		t.Fatal(err)
	}
	if told := w.told(louise); !strings.Contains(told, "says #nobridge") {
		t.Errorf("louise is told %q", told)
	}
	w.until("it is off", func() bool {
		blog, err := w.db.BlogByNode(t.Context(), louise, microblog)
		return err == nil && blog.State == db.Off
	})
	if _, _, err := w.b.enrolment().Enrol(t.Context(), mustJID(louise), "", "admin"); err == nil {
		t.Error("turned on all the same")
	}
	w.answers(louise, "start", "On the Fediverse you are")
	if blog := w.tended(louise, microblog); blog.State != db.On {
		t.Errorf("it is %s", blog.State)
	}
}
