package bridge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/mapping"
)

// chatted waits for a chat message from an account.
func (w *world) chatted(from, to string) *stanza.Element {
	w.t.Helper()
	return w.xmpp.Await("a chat message of "+from, func(e *stanza.Element) bool {
		return e.Local == "message" && e.Type() == "chat" && e.Get("from") == from && e.Get("to") == to
	})
}

// chatTexts are the chat messages that somebody got and nobody looked at.
func (w *world) chatTexts(to string) (out []string) {
	w.t.Helper()
	for _, e := range w.sent() {
		if e.Local == "message" && e.Type() == "chat" && e.Get("to") == to {
			out = append(out, e.First("", "body").Text())
		}
	}
	return out
}

// New posts come as messages, edits as corrections, deletions as retractions; old
// posts, and what came before, do not.
func TestMessagesMode(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	bob := p.jid("bob")
	before := p.says("bob", "before", fresh())
	p.sends("bob", "Create", before)
	w.awaitsEvent(bob, alice, microblog)
	w.settled()
	if got := w.says(alice, "messages"); !strings.Contains(got, "do not come as messages") {
		t.Errorf("at first: %q", got)
	}
	w.says(alice, "messages on")
	w.forget()
	p.sends("bob", "Update", edited(before, "before, edited", "2036-03-02T10:00:00Z"))
	w.awaitsEvent(bob, alice, microblog)
	p.sends("bob", "Create", p.says("bob", "long ago", nil))
	w.awaitsEvent(bob, alice, microblog)
	w.settled()
	if got := w.chatTexts(alice); len(got) != 0 {
		t.Fatalf("old posts came: %q", got)
	}

	n := p.says("bob", "hello", map[string]any{"published": ago(-time.Minute), "summary": "greetings", "sensitive": true})
	id := n["id"].(string)
	p.sends("bob", "Create", n)
	m := w.chatted(bob, alice)
	text := m.First("", "body").Text()
	if m.ID() != mapping.ItemID(id) || !strings.Contains(text, "greetings") || !strings.Contains(text, "hello") || !strings.HasSuffix(text, id) {
		t.Errorf("message %s", m.XML())
	}
	var buttons []string
	for _, r := range m.All(stanza.NSQuickResponse, "response") {
		buttons = append(buttons, r.Get("value"))
	}
	if got := strings.Join(buttons, ","); got != "/like "+id+",/boost "+id+",/reply "+id {
		t.Errorf("buttons %s", got)
	}
	p.sends("bob", "Update", edited(n, "hello again", "2036-03-02T10:00:00Z"))
	if c := w.chatted(bob, alice); c.First(stanza.NSCorrect, "replace").Get("id") != m.ID() || !strings.Contains(c.First("", "body").Text(), "hello again") || c.ID() == m.ID() {
		t.Errorf("correction %s", c.XML())
	}
	w.settled() // what was said is noted after it is said
	w.restart()
	w.settled()
	if got := w.chatTexts(alice); len(got) != 0 {
		t.Errorf("after a restart: %q", got)
	}
	p.sends("bob", "Delete", id)
	if r := w.chatted(bob, alice); r.First(stanza.NSRetract, "retract").Get("id") != m.ID() {
		t.Errorf("retraction %s", r.XML())
	}
	w.says(alice, "messages off")
	p.sends("bob", "Create", p.says("bob", "unheard", fresh()))
	w.awaitsEvent(bob, alice, microblog)
	w.settled()
	if got := w.chatTexts(alice); len(got) != 0 {
		t.Errorf("switched off: %q", got)
	}
}

// One account can be switched alone, either way; boosts are marked; who is muted
// stays unheard.
func TestMessagesOfOne(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	q := w.peer()
	bob := p.jid("bob")
	if got := w.says(alice, "messages @carol@h2.example on"); !strings.Contains(got, "You do not follow @carol@h2.example") {
		t.Errorf("not followed: %q", got)
	}
	if got := w.says(alice, "messages bob@h1.example on"); !strings.Contains(got, "@bob@h1.example come as messages from "+bob) {
		t.Errorf("switching on: %q", got)
	}
	if got := w.says(alice, "messages"); !strings.Contains(got, "@bob@h1.example: on") {
		t.Errorf("state %q", got)
	}
	w.forget()
	n := q.says("carol", "worth reading", fresh())
	boost := map[string]any{"id": p.http.URL + "/boosts/1", "type": "Announce", "object": n["id"], "to": []string{vocab.Public}}
	p.post("bob", w.url+"/ap/inbox", boost)
	m := w.chatted(bob, alice)
	if text := m.First("", "body").Text(); !strings.HasPrefix(text, "Boosted, from carol") && !strings.HasPrefix(text, "Boosted, from @carol") || !strings.Contains(text, "worth reading") {
		t.Errorf("boost %q", text)
	}
	private := p.says("bob", "among us", map[string]any{"to": []string{p.actor("bob") + "/followers"}, "cc": []string{}, "published": ago(0)})
	p.sends("bob", "Create", private)
	if m := w.chatted(bob, alice); m.First(stanza.NSQuickResponse, "response") != nil || !strings.Contains(m.First("", "body").Text(), "among us") {
		t.Errorf("for followers %s", m.XML())
	}
	// Who is named is told of it as ever, once.
	blog, _ := w.db.BlogByNode(t.Context(), alice, microblog)
	self := w.b.addr.Actor(blog.Token)
	p.sends("bob", "Create", p.says("bob", "hello alice", map[string]any{
		"published": ago(-time.Minute), "cc": []string{self}, "tag": []any{map[string]any{"type": "Mention", "href": self, "name": "@alice"}},
	}))
	w.awaitsEvent(bob, alice, microblog)
	w.settled()
	if got := w.chatTexts(alice); len(got) != 1 || !strings.Contains(got[0], "hello alice") {
		t.Errorf("named: %q", got)
	}
	w.says(alice, "messages on")
	w.says(alice, "messages "+bob+" off")
	w.forget()
	p.sends("bob", "Create", p.says("bob", "unheard", fresh()))
	w.awaitsEvent(bob, alice, microblog)
	w.settled()
	if got := w.chatTexts(alice); len(got) != 0 {
		t.Errorf("switched off: %q", got)
	}
}

// Buttons are answered where the message came from, and are no message to its author.
func TestButtons(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	bob := p.jid("bob")
	n := p.says("bob", "hello", fresh())
	id := n["id"].(string)
	p.sends("bob", "Create", n)
	w.awaitsEvent(bob, alice, microblog)
	press := func(text string) *stanza.Element {
		w.xmpp.Send(`<message type='chat' from='` + alice + `/phone' to='` + bob + `' id='b'><body>` + text + `</body></message>`)
		return w.xmpp.Await("an answer of "+bob, func(e *stanza.Element) bool {
			return e.Local == "message" && e.Get("from") == bob && e.Get("to") == alice+"/phone"
		})
	}
	if got := press("/like " + id); !strings.Contains(got.First("", "body").Text(), "You like this post") || got.First(stanza.NSQuickResponse, "response") != nil {
		t.Errorf("like %s", got.XML())
	}
	p.await("Like")
	if got := press("/reply " + id); !strings.Contains(got.First("", "body").Text(), "It will be public") {
		t.Errorf("reply %s", got.XML())
	}
	press("indeed, follow on")
	if o := object(p.await("Create")); o.Str("inReplyTo") != id || !strings.Contains(o.Str("content"), "indeed, follow on") {
		t.Errorf("reply %v", o)
	}
	press("/reply " + id)
	if got := press("no"); !strings.Contains(got.First("", "body").Text(), "Nothing was changed") {
		t.Errorf("no %s", got.XML())
	}
	w.settled()
	w.xmpp.Send(`<message type='chat' from='` + alice + `/phone' to='` + bob + `' id='dm'><body>like a bird</body></message>`)
	if o := object(p.await("Create")); !strings.Contains(o.Str("content"), "like a bird") || slices.Contains(o.IDs("to"), vocab.Public) {
		t.Errorf("a message to bob is %v", o)
	}
	w.settled()
	if p.count("Create") != 0 || p.count("Like") != 0 {
		t.Error("a message was taken for a button")
	}
}
