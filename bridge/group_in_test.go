package bridge

import (
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/mapping"
	"isthmus/words"
)

// Groups pass on what their members do (FEP-1b12): it counts as what the member's
// own server says it is (activitypub.md I28).
func TestX6_GroupPassesOn(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	q := w.peer() // the members'
	passes := func(typ string, object any) map[string]any {
		t.Helper()
		inner := map[string]any{"id": q.http.URL + "/" + strings.ToLower(typ), "type": typ, "actor": q.actor("carol"), "object": object}
		q.mu.Lock()
		q.serve("/"+strings.ToLower(typ), inner)
		q.mu.Unlock()
		for range 2 {
			p.sends("group", "Announce", inner)
		}
		w.settled()
		return inner
	}
	n := q.says("carol", "hello from the group", map[string]any{"type": "Page", "name": "Hello", "inReplyTo": post, "audience": p.actor("group")})
	passes("Create", n)
	if c := w.comments("first-post"); len(c) != 1 || !strings.HasPrefix(c[0], q.jid("carol")+": Hello") {
		t.Errorf("what stands: %q", c)
	}
	passes("Like", post)
	passes("EmojiReact", map[string]any{"id": post})
	w.total(post, "likes", "1") // of carol, not of the group
	w.total(post, "shares", "0")
	w.total(post, "replies", "1")
	p.sends("group", "Announce", post) // that one is the group's
	w.total(post, "shares", "1")
	q.mu.Lock()
	delete(q.docs, strings.TrimPrefix(n["id"].(string), q.http.URL))
	q.mu.Unlock()
	passes("Delete", n["id"])
	w.stand("first-post", q.jid("carol")+": ♥")
	if told := w.messages(louise); !has(told, "@carol@"+q.name+" answered") || has(told, "@group@h1.example answered") {
		t.Errorf("louise is told %q", told)
	}
}

// Words to one person are a message, in whatever type they come, and stand
// nowhere (I37).
func TestDirectMessages(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	self := w.b.addr.Actor(blog.Token)
	w.says(louise, "requests open")
	for i, more := range []map[string]any{
		{"type": "ChatMessage", "to": []string{self}},
		{"to": self, "directMessage": true},
		{"to": []any{self}, "inReplyTo": post},
		{"to": []any{self}, "inReplyTo": "https://elsewhere.example/1"},
		{"to": []any{}, "cc": []any{self}, "attachment": map[string]any{"type": "Image", "url": "https://files.example/a.png", "mediaType": "image/png"}},
		{"to": p.actor("bob") + "/followers", "cc": []any{self}},
	} {
		if more["cc"] == nil {
			more["cc"] = []any{}
		}
		n := p.says("bob", "psst", more)
		a := map[string]any{"type": "Create", "object": n, "to": n["to"], "cc": n["cc"]}
		p.post("bob", w.b.addr.Inbox(blog.Token), a)
		m := w.message(p.jid("bob"), louise)
		if body := m.First("", "body").Text(); !strings.Contains(body, "psst") || strings.Contains(body, words.Say("en", "news.named")) {
			t.Errorf("%d: message %q", i, body)
		}
		if more["attachment"] != nil {
			if m := w.message(p.jid("bob"), louise); m.First("", "body").Text() != "https://files.example/a.png" {
				t.Errorf("%d: the file comes as %s", i, m.XML())
			}
		}
	}
	w.settled()
	w.stand("first-post")
	w.total(post, "replies", "0")
	if told := w.messages(louise); len(told) != 0 {
		t.Errorf("louise is told %q besides", told)
	}
}

// At somebody's address one attaches likes and reactions to a post (XEP-0470),
// under one's own name alone.
func TestAttachAtVirtualAddress(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	n := p.replies("bob", post, "well said")
	p.sends("bob", "Create", n)
	w.stand("first-post", p.jid("bob")+": well said")
	w.says(alice, "start")
	at := stanza.AttachmentsNode(stanza.ItemURI(mustJID(p.jid("bob")), microblog, mapping.ItemID(n["id"].(string))))
	attaches := func(user, id, inner string) string {
		t.Helper()
		return condition(w.asks(user, p.jid("bob"), `<publish node='`+at+`'><item id='`+id+`'><attachments xmlns='`+stanza.NSAttachments+`'>`+inner+`</attachments></item></publish>`))
	}
	for user, want := range map[string]string{erin: "registration-required", louise: "bad-request"} {
		id := user
		if user == louise {
			id = alice
		}
		if got := attaches(user, id, `<noticed/>`); got != want {
			t.Errorf("%s in the name of %s gets %q", user, id, got)
		}
	}
	for range 2 {
		if got := attaches(alice, alice, `<noticed timestamp='2026-03-01T10:00:00Z'/><reactions><reaction>🎉</reaction></reactions>`); got != "" {
			t.Errorf("alice gets %q", got)
		}
	}
	contents := map[string]string{}
	for range 2 {
		like := p.await("Like")
		contents[like.Str("content")] = like.ID()
		if first(like.IDs("object")) != n["id"] {
			t.Errorf("like %v", like)
		}
	}
	attaches(alice, alice, `<noticed/>`)
	if inner := object(p.await("Undo")); inner.ID() != contents["🎉"] {
		t.Errorf("undone %v", inner)
	}
	attaches(alice, alice, ``)
	if inner := object(p.await("Undo")); inner.ID() != contents[""] {
		t.Errorf("undone %v", inner)
	}
	w.settled()
	if p.count("Like")+p.count("Undo") != 0 {
		t.Error("something went out twice")
	}
}
