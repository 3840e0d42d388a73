package bridge

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"isthmus/activitypub"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
	"isthmus/queue"
)

// chats sends a chat message from alice's client to somebody's virtual address.
func (w *world) chats(to, id, inner string) {
	w.xmpp.Send(`<message type='chat' from='` + alice + `/phone' to='` + to + `' id='` + id + `'>` + inner + `</message>`)
}

// whispers makes a user of the peer write to one of ours alone.
func (p *peer) whispers(user string, to db.Blog, text string, more map[string]any) map[string]any {
	p.w.t.Helper()
	self := p.w.b.addr.Actor(to.Token)
	n := p.says(user, text, map[string]any{"to": []string{self}, "cc": []string{}, "tag": map[string]any{"type": "Mention", "href": self, "name": "@" + to.Handle}})
	for k, v := range more {
		n[k] = v
	}
	p.post(user, p.w.b.addr.Inbox(to.Token), map[string]any{"type": "Create", "object": n, "to": n["to"]})
	return n
}

// readerOf is the actor of somebody who has one by now.
func (w *world) readerOf(user string) db.Blog {
	w.t.Helper()
	blog, err := w.db.BlogByNode(w.t.Context(), user, microblog)
	if err != nil {
		w.t.Fatal(err)
	}
	return blog
}

// A chat with somebody on the Fediverse, who never heard of us before: a note to
// them alone, a receipt, their answer in the same chat, corrections and deletions
// of both, reactions of both.
func TestChatWithTheFediverse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	bob := p.jid("bob")
	w.chats(bob, "m1", `<body>Hello *Bob*</body><request xmlns='urn:xmpp:receipts'/>`)
	create := p.await("Create")
	note := object(create)
	if to := fmt.Sprint(create.IDs("to"), create.IDs("cc"), note.IDs("to"), note.IDs("cc")); to != fmt.Sprintf("[%[1]s] [] [%[1]s] []", p.actor("bob")) {
		t.Errorf("it is to %s", to)
	}
	if content := note.Str("content"); !strings.Contains(content, "@bob@"+p.name) || !strings.Contains(content, "Hello <strong>Bob</strong>") {
		t.Errorf("content %s", content)
	}
	w.xmpp.Expect(`<message type='chat' from='` + bob + `' to='alice@example.org/phone'><received xmlns='urn:xmpp:receipts' id='m1'/></message>`)
	reader := w.readerOf(alice)
	if reader.State != db.Reader {
		t.Errorf("alice is %s", reader.State)
	}
	for _, address := range []string{note.ID(), create.ID()} {
		if status, _, body := w.get(strings.TrimPrefix(address, w.url), "application/activity+json"); status != 404 || strings.Contains(body, "Hello") {
			t.Errorf("%s is public: %d", address, status)
		}
	}

	// The answer comes from bob's address and says what it answers.
	answer := p.whispers("bob", reader, "Hi <b>Alice</b>", map[string]any{"inReplyTo": note.ID(), "context": p.http.URL + "/c/1"})
	got := w.message(bob, alice)
	if got.First("", "body").Text() != "Hi *Alice*" || got.First(stanza.NSReply, "reply").Get("id") != "m1" {
		t.Errorf("the answer is %s", got.XML())
	}
	// What alice says now answers that, though her client does not say so.
	w.chats(bob, "m2", `<body>How are you?</body>`)
	note = object(p.await("Create"))
	if note.Str("inReplyTo") != answer["id"] || note.Str("context") != p.http.URL+"/c/1" {
		t.Errorf("the next message answers %q in %q", note.Str("inReplyTo"), note.Str("context"))
	}

	w.chats(bob, "m3", `<body>How are you today?</body><replace xmlns='urn:xmpp:message-correct:0' id='m2'/>`)
	update := object(p.await("Update"))
	if update.ID() != note.ID() || !strings.Contains(update.Str("content"), "today") || !update.Time("updated").After(update.Time("published")) {
		t.Errorf("correction %v", update)
	}
	w.chats(bob, "m4", `<body>How are you this morning?</body><replace xmlns='urn:xmpp:message-correct:0' id='m3'/>`) // some clients name the last one
	if again := object(p.await("Update")); again.ID() != note.ID() || !again.Time("updated").After(update.Time("updated")) {
		t.Errorf("second correction %v", again)
	}
	w.chats(bob, "m5", `<body>I took it back</body><retract xmlns='urn:xmpp:message-retract:1' id='m2'/>`)
	if gone := p.await("Delete"); first(gone.IDs("object")) != note.ID() || fmt.Sprint(gone.IDs("to")) != "["+p.actor("bob")+"]" {
		t.Errorf("deletion %v", gone)
	}

	w.chats(bob, "r1", `<reactions xmlns='urn:xmpp:reactions:0' id='`+got.ID()+`'><reaction>❤️</reaction><reaction>🐢</reaction></reactions>`)
	for range 2 {
		if like := p.await("Like"); first(like.IDs("object")) != answer["id"] || like.Str("content") != "" && like.Str("content") != "🐢" {
			t.Errorf("reaction %v", like)
		}
	}
	w.chats(bob, "r2", `<reactions xmlns='urn:xmpp:reactions:0' id='`+got.ID()+`'><reaction>❤</reaction></reactions>`)
	if undo := p.await("Undo"); object(undo).Str("content") != "🐢" {
		t.Errorf("taken back is %v", undo)
	}

	p.sends("bob", "Update", edited(answer, "Hi dear Alice", "2026-03-01T11:00:00Z"))
	if m := w.message(bob, alice); m.First(stanza.NSCorrect, "replace").Get("id") != got.ID() || m.First("", "body").Text() != "Hi dear Alice" {
		t.Errorf("bob's correction is %s", m.XML())
	}
	p.sends("bob", "Delete", map[string]any{"id": answer["id"], "type": "Tombstone"})
	if m := w.message(bob, alice); m.First(stanza.NSRetract, "retract").Get("id") != got.ID() {
		t.Errorf("bob's deletion is %s", m.XML())
	}
}

// Their likes of what somebody here wrote are reactions in the chat, their own alone.
func TestLikesOfMessages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	bob := p.jid("bob")
	w.chats(bob, "m1", `<body>Hello</body>`)
	note := object(p.await("Create")).ID()
	react := func(user, typ, id, content string) {
		p.post(user, w.url+"/ap/inbox", map[string]any{"id": p.http.URL + id, "type": typ, "object": note, "content": content})
	}
	shown := func() string {
		m := w.xmpp.Await("reactions", func(e *stanza.Element) bool {
			return e.Get("from") == bob && e.First(stanza.NSReactions, "reactions") != nil
		})
		id, list, _ := stanza.ParseReactions(m)
		return id + " " + strings.Join(list, "")
	}
	react("carol", "Like", "/l/0", "") // not hers to see
	react("bob", "Like", "/l/1", "")
	if got := shown(); got != "m1 ❤️" {
		t.Errorf("a like is %q", got)
	}
	react("bob", "EmojiReact", "/l/2", "🐢")
	if got := shown(); got != "m1 ❤️🐢" {
		t.Errorf("a reaction is %q", got)
	}
	p.post("bob", w.url+"/ap/inbox", map[string]any{"type": "Undo", "object": map[string]any{"type": "Like", "actor": p.actor("bob"), "object": note}})
	if got := shown(); got != "m1 🐢" {
		t.Errorf("after the undo it is %q", got)
	}
	p.post("bob", w.url+"/ap/inbox", map[string]any{"type": "Undo", "object": p.http.URL + "/l/2"})
	if got := shown(); got != "m1 " {
		t.Errorf("after the second undo it is %q", got)
	}
}

// Files go and come with what they show.
func TestFilesInChats(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	bob := p.jid("bob")
	w.chats(bob, "m1", `<body>https://up.example/cat.jpg</body><x xmlns='jabber:x:oob'><url>https://up.example/cat.jpg</url></x>`)
	note := object(p.await("Create"))
	file, _ := note.One("attachment")
	if file.Str("url") != "https://up.example/cat.jpg" || file.Str("mediaType") != "image/jpeg" || strings.Contains(note.Str("content"), "up.example") {
		t.Errorf("%s", note)
	}
	n := p.whispers("bob", w.readerOf(alice), "look", map[string]any{"attachment": []any{
		map[string]any{"type": "Image", "url": "https://files.example/a.png", "mediaType": "image/png", "name": "A dog"},
		map[string]any{"type": "Document", "url": "https://files.example/b.pdf", "mediaType": "application/pdf"},
	}})
	id := mapping.ItemID(n["id"].(string))
	if m := w.message(bob, alice); m.First("", "body").Text() != "look" || m.ID() != id {
		t.Errorf("the text is %s", m.XML())
	}
	for i, want := range []string{"https://files.example/a.png", "https://files.example/b.pdf"} {
		m := w.message(bob, alice)
		said := stanza.ParseSaid(m, m.First("", "body").Text())
		if len(said.Files) != 1 || said.Files[0].URL != want || said.Text != "" || m.ID() != fmt.Sprintf("%s.%d", id, i+1) {
			t.Errorf("file %d is %s", i, m.XML())
		}
		if i == 0 && said.Files[0].Desc != "A dog" {
			t.Errorf("what it shows is %q", said.Files[0].Desc)
		}
	}
	p.sends("bob", "Delete", map[string]any{"id": n["id"], "type": "Tombstone"})
	for i := range 3 {
		if m := w.message(bob, alice); m.First(stanza.NSRetract, "retract").Get("id") != partID(id, i) {
			t.Errorf("part %d is taken back by %s", i, m.XML())
		}
	}
}

// Several here get one message, each with the others named.
func TestMessageToSeveral(t *testing.T) {
	t.Parallel()
	w, p, louise1, _ := discussedPost(t)
	w.chats(p.jid("bob"), "m1", `<body>Hello</body>`)
	p.await("Create")
	reader := w.readerOf(alice)
	w.says(louise, "requests open")
	var to []string
	var tags []any
	for _, x := range []db.Blog{louise1, reader} {
		to = append(to, w.b.addr.Actor(x.Token))
		tags = append(tags, map[string]any{"type": "Mention", "href": w.b.addr.Actor(x.Token), "name": "@" + x.Handle})
	}
	tags = append(tags, map[string]any{"type": "Mention", "href": p.actor("carol"), "name": "@carol"})
	p.post("bob", w.url+"/ap/inbox", map[string]any{"type": "Create", "to": to, "object": p.says("bob", "to all of you", map[string]any{"to": to, "cc": []string{p.actor("carol")}, "tag": tags})})
	for user, other := range map[string]string{louise: reader.Handle, alice: louise1.Handle} {
		text := w.message(p.jid("bob"), user).First("", "body").Text()
		if !strings.Contains(text, "to all of you") || !strings.Contains(text, "(Also to @"+w.b.addr.Acct(other)) || !strings.Contains(text, "@carol@") {
			t.Errorf("%s reads %q", user, text)
		}
	}
}

// What cannot be delivered comes back with its id and a sentence.
func TestMessagesThatFail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	bob := p.jid("bob")
	bounced := func(id, condition string) string {
		t.Helper()
		m := w.xmpp.Await("an error for "+id, func(e *stanza.Element) bool { return e.Type() == "error" && e.ID() == id })
		err := stanza.ParseError(m)
		if err.Condition != condition || err.Text == "" {
			t.Errorf("%s comes back with %s: %q", id, err.Condition, err.Text)
		}
		return err.Text
	}
	p.refuses(403)
	w.chats(bob, "m1", `<body>Hello</body>`)
	if text := bounced("m1", "forbidden"); !strings.Contains(text, "refuses messages") {
		t.Errorf("it says %q", text)
	}
	p.refuses(410)
	w.chats(bob, "m2", `<body>Hello</body>`)
	bounced("m2", "item-not-found")
	p.refuses(413)
	w.chats(bob, "m3", `<body>Hello</body>`)
	bounced("m3", "policy-violation")
	w.b.finger = func(_ context.Context, _ string) (string, string, error) { return "", "", activitypub.ErrFinger }
	w.chats(`nobody\40`+p.name+`@ap.example.org`, "m4", `<body>Hello</body>`)
	bounced("m4", "item-not-found")
	w.xmpp.Send(`<message type='chat' from='eve@elsewhere.example/x' to='` + bob + `' id='m5'><body>Hello</body></message>`)
	bounced("m5", "forbidden")
	w.chats(bob, "m6", `<body>I sent you an OMEMO encrypted message</body><encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/><payload>x</payload></encrypted>`)
	bounced("m6", "not-acceptable")
	w.chats(bob, "m7", `<retract xmlns='urn:xmpp:message-retract:1' id='what'/><body>gone</body>`)
	bounced("m7", "item-not-found")
	if n := p.count("Create"); n != 0 {
		t.Errorf("%d notes arrived", n)
	}
	for _, body := range p.bodies {
		if strings.Contains(body, "OMEMO") {
			t.Errorf("the notice of an encrypted message was relayed: %s", body)
		}
	}
}

// A message that does not arrive is told of while it is tried, and at the end.
func TestLateMessages(t *testing.T) {
	t.Parallel()
	var now clockwork
	w := newWorld(t, func(c *Config) { c.Now = now.now })
	p := w.peer()
	p.refuses(500, 500, 500, 500, 500, 500, 500, 500, 500, 500)
	w.chats(p.jid("bob"), "m1", `<body>Hello</body>`)
	w.until("it waits", func() bool { _, err := w.db.DirectByID(t.Context(), 1); return err == nil })
	w.told(alice) // that she has an actor
	w.told(alice) // that it is not encrypted
	if err := w.b.lookLate(t.Context(), queue.Job{Key: "1"}); err == nil {
		t.Error("it is not looked at again")
	}
	if text := w.told(alice); !strings.Contains(text, "has not arrived yet") || !strings.Contains(text, "@bob@"+p.name) {
		t.Errorf("alice is told %q", text)
	}
	now.ahead(8 * 24 * time.Hour)
	if err := w.b.lookLate(t.Context(), queue.Job{Key: "1"}); err != nil {
		t.Error(err)
	}
	m := w.xmpp.Await("an error", func(e *stanza.Element) bool { return e.Type() == "error" && e.ID() == "m1" })
	if stanza.Condition(stanza.ParseError(m)) != "remote-server-timeout" {
		t.Errorf("it comes back as %s", m.XML())
	}
	if text := w.told(alice); !strings.Contains(text, "did not arrive") {
		t.Errorf("alice is told %q", text)
	}
}

// clockwork is a clock that a test puts forward.
type clockwork struct{ by atomic.Int64 }

func (c *clockwork) now() time.Time        { return time.Now().Add(time.Duration(c.by.Load())) }
func (c *clockwork) ahead(d time.Duration) { c.by.Add(int64(d)) }

// refuses makes the peer's inboxes answer with these statuses next.
func (p *peer) refuses(statuses ...int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail = append(p.fail, statuses...)
}

// Who leaves is deleted also where nothing but a message of theirs ever was.
func TestLeavingReachesWhomOneWroteTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	w.chats(p.jid("bob"), "m1", `<body>Hello</body>`)
	p.await("Create")
	w.says(alice, "stop")
	w.says(alice, "yes")
	if gone := p.await("Delete"); first(gone.IDs("object")) != first(gone.IDs("actor")) {
		t.Errorf("%v", gone)
	}
}
