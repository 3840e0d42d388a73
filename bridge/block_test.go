package bridge

import (
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/component/xmpptest"
	"isthmus/db"
)

// A block ends follows both ways, is told to the server of who is blocked, and
// keeps all of theirs away until it ends.
func TestBlock(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	self := w.b.addr.Actor(blog.Token)
	w.says(louise, "follow @bob@"+p.name)
	follow := p.await("Follow")
	p.sends("bob", "Accept", map[string]any{"id": follow.ID(), "type": "Follow", "actor": self, "object": p.actor("bob")})
	w.settled()
	text := w.says(louise, "block @bob@"+p.name)
	if !strings.Contains(text, "Blocked: @bob@h1.example.") || !strings.Contains(text, "Followers removed: 1. Follows ended: 1.") || !strings.Contains(text, "Their server is told") {
		t.Errorf("block says %q", text)
	}
	sent := p.await("Block")
	if sent.Str("actor") != self || sent.IDs("object")[0] != p.actor("bob") || len(sent.IDs("to")) != 1 || len(sent.IDs("cc")) != 0 {
		t.Errorf("sent %v", sent)
	}
	if status, _, _ := w.get(strings.TrimPrefix(sent.ID(), w.url), "application/activity+json"); status != 404 {
		t.Errorf("strangers read the Block: %d", status)
	}
	p.await("Reject")
	p.await("Undo")
	w.settled()
	if n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted); n != 0 {
		t.Errorf("%d followers", n)
	}
	p.post("bob", w.b.addr.Inbox(blog.Token), map[string]any{"type": "Follow", "object": self})
	p.await("Reject")
	if text := w.says(louise, "follow @bob@"+p.name); !strings.Contains(text, "You block @bob@h1.example") {
		t.Errorf("follow says %q", text)
	}
	w.forget()
	p.sends("bob", "Create", p.replies("bob", post, "hello"))
	p.sends("bob", "Create", p.says("bob", "between us", map[string]any{"to": []string{self}, "cc": nil}))
	p.sends("bob", "Create", p.says("bob", "hello louise", w.named(blog.Token)))
	p.sends("bob", "Like", post)
	w.settled()
	w.stand("first-post")
	w.total(post, "likes", "0")
	w.total(post, "replies", "0")
	if told := w.messages(louise); len(told) != 0 {
		t.Errorf("louise is told %q", told)
	}
	if text := w.says(louise, "block"); !strings.Contains(text, "You block:\n  @bob@h1.example") {
		t.Errorf("block says %q", text)
	}
	if text := w.says(louise, "block bob@"+p.name); !strings.Contains(text, "already") {
		t.Errorf("twice says %q", text)
	}
	if text := w.says(louise, "unblock @bob@"+p.name); !strings.Contains(text, "No longer blocked: @bob@h1.example") {
		t.Errorf("unblock says %q", text)
	}
	if undo := p.await("Undo"); object(undo).ID() != sent.ID() || !object(undo).Is("Block") {
		t.Errorf("sent %v", undo)
	}
	p.sends("bob", "Create", p.replies("bob", post, "hello again"))
	w.stand("first-post", p.jid("bob")+": hello again")
	p.follows("bob", blog.Token)
}

// A whole server is blocked without a word to it.
func TestBlockServer(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	if text := w.says(louise, "block "+p.name); !strings.Contains(text, "Blocked: h1.example.") || !strings.Contains(text, "Followers removed: 1") || strings.Contains(text, "is told") {
		t.Errorf("block says %q", text)
	}
	p.await("Reject")
	p.sends("carol", "Create", p.replies("carol", post, "hello"))
	w.settled()
	w.stand("first-post")
	if p.count("Block") != 0 {
		t.Error("a Block was sent")
	}
	w.says(louise, "unblock "+p.name)
	p.follows("bob", blog.Token)
	if p.count("Undo") != 0 {
		t.Error("an Undo was sent")
	}
}

// Who only follows can block and mute; who has no name there is told so.
func TestReaderBlocks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	for _, c := range []string{"block", "block bob@" + p.name, "unblock bob@" + p.name} {
		if text := w.says(alice, c); !strings.Contains(text, "no name on the Fediverse") {
			t.Errorf("%s says %q", c, text)
		}
	}
	w.says(alice, "follow carol@"+p.name)
	p.await("Follow")
	for c, want := range map[string]string{
		"block bob@" + p.name: "Blocked: @bob@h1.example", "mute carol@" + p.name: "Muted: @carol@h1.example", "block nobody@nowhere.example": "cannot find",
		"block localhost": "user@host", "block louise@" + strings.TrimPrefix(w.url, "http://"): "",
	} {
		if text := w.says(alice, c); !strings.Contains(text, want) {
			t.Errorf("%s says %q", c, text)
		}
	}
	p.await("Block")
}

// Who blocks somebody here hears nothing of them, until the Undo.
func TestBlockedByThem(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	self := w.b.addr.Actor(blog.Token)
	answer := p.replies("bob", post, "hello")
	p.sends("bob", "Create", answer)
	w.stand("first-post", p.jid("bob")+": hello")
	block := map[string]any{"id": p.http.URL + "/blocks/1", "type": "Block", "actor": p.actor("bob"), "object": self}
	p.post("bob", w.b.addr.SharedInbox(), block)
	w.settled()
	if n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted); n != 0 {
		t.Errorf("%d followers", n)
	}
	if text := w.says(louise, "follow @bob@"+p.name); !strings.Contains(text, "does not want to hear from you") {
		t.Errorf("follow says %q", text)
	}
	w.writes(louise, "first-post", "c1", comment(louise, "hello @bob@"+p.name))
	w.said("first-post", "c1")
	w.settled()
	if n := p.count("Create"); n != 0 {
		t.Errorf("%d posts were sent", n)
	}
	w.xmpp.Send(`<message type='chat' from='` + louise + `/x' to='` + p.jid("bob") + `' id='dm'><body>hello</body></message>`)
	if e := stanza.ParseError(w.xmpp.Expect(`<message type='error' id='dm'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`)); e == nil || !strings.Contains(e.Text, "@bob@h1.example does not want") {
		t.Errorf("a message is answered with %v", e)
	}
	delete(block, "@context")
	p.sends("bob", "Undo", block)
	w.settled()
	if text := w.says(louise, "follow @bob@"+p.name); !strings.Contains(text, "asked") {
		t.Errorf("follow says %q", text)
	}
	p.await("Follow")
	// In the other order it comes to the same.
	block["id"] = p.http.URL + "/blocks/2"
	p.sends("carol", "Undo", map[string]any{"id": block["id"], "type": "Block", "actor": p.actor("carol"), "object": self})
	p.post("carol", w.b.addr.SharedInbox(), map[string]any{"id": block["id"], "type": "Block", "object": self})
	w.settled()
	if _, err := w.db.Blocker(t.Context(), blog.ID, p.actor("carol")); err != db.ErrNotFound {
		t.Errorf("an Undo that came first: %v", err)
	}
	p.post("carol", w.b.addr.SharedInbox(), map[string]any{"id": p.http.URL + "/blocks/3", "type": "Block", "object": self})
	w.settled()
	p.sends("carol", "Undo", p.http.URL+"/blocks/3") // by its id alone
	w.settled()
	if _, err := w.db.Blocker(t.Context(), blog.ID, p.actor("carol")); err != db.ErrNotFound {
		t.Errorf("an Undo of an id: %v", err)
	}
}

// Where the server lets us, the blocking list of the account has the same in it.
func TestBlockingList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	w.enrolled(louise)
	w.xmpp.Privilege("example.org", stanza.NSBlocking)
	done := make(chan string, 10)
	list := `<blocklist xmlns='urn:xmpp:blocking'><item jid='` + p.jid("carol") + `'/><item jid='eve@elsewhere.example'/></blocklist>`
	w.xmpp.Answer(louise, stanza.NSPrivilege, xmpptest.As(func(iq *stanza.Element) *stanza.Element {
		if e := iq.Elements()[0]; iq.Type() == "set" {
			done <- e.Local + " " + e.Elements()[0].Get("jid")
			return xmpptest.Result()(iq)
		}
		return xmpptest.Result(list)(iq)
	}))
	next := func(want string) {
		t.Helper()
		if got := <-done; got != want {
			t.Errorf("the list gets %q, want %q", got, want)
		}
	}
	w.says(louise, "block bob@"+p.name)
	next("block " + p.jid("bob"))
	w.says(louise, "unblock bob@"+p.name)
	next("unblock " + p.jid("bob"))
	w.says(louise, "block example.net") // has no address
	w.xmpp.Send(`<presence from='louise@example.org/a' to='ap.example.org'/>`)
	next("block " + p.jid("carol"))
	if text := w.says(louise, "block"); !strings.Contains(text, "@carol@h1.example") || strings.Contains(text, "eve") {
		t.Errorf("block says %q", text)
	}
	if got := p.await("Block"); got.IDs("object")[0] != p.actor("bob") {
		t.Errorf("sent %v", got)
	}
}

// Whom a reader blocks is not in the conversations that they read.
func TestBlockedInConversation(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	q := w.peer()
	replies := p.http.URL + "/notes/thread/replies"
	n := p.says("bob", "what do you think?", map[string]any{"replies": replies})
	p.mu.Lock()
	p.serve("/notes/thread/replies", map[string]any{"id": replies, "type": "Collection", "items": []any{q.replies("carol", n["id"].(string), "I think so")["id"]}})
	p.mu.Unlock()
	p.sends("bob", "Create", n)
	node := commentsOf(w.awaitsEvent(p.jid("bob"), alice, microblog).Items[0].ID)
	for _, c := range []struct {
		command string
		want    int
	}{{"", 1}, {"block carol@" + q.name, 0}, {"unblock carol@" + q.name, 1}, {"mute " + q.name, 0}} {
		if c.command != "" {
			w.says(alice, c.command)
		}
		if items, _, failed := w.reads(alice, p.jid("bob"), node, "", ""); failed != "" || len(items) != c.want {
			t.Errorf("after %q: %s %d", c.command, failed, len(items))
		}
	}
}

// Who does too much is told when they can go on.
func TestX17_TooMuch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enrolled(louise)
	for range lookUpsPerHour {
		w.b.quota.take("look-up by "+louise, lookUpsPerHour, w.b.now())
	}
	for _, c := range []string{"block bob@h1.example", "find bob@h1.example", "report bob@h1.example"} {
		w.answers(louise, c, "Minutes until you can go on: ")
	}
	w.answers(louise, "find https://h1.example/bob", "Minutes until you can go on: ")
}
