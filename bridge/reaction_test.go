package bridge

import (
	"slices"
	"strings"
	"testing"

	"isthmus/component/stanza"
)

// total reads how many a post's collection says there are.
func (w *world) total(object, name, want string) {
	w.t.Helper()
	w.until(name+" of the post: "+want, func() bool {
		_, _, body := w.get(strings.TrimPrefix(object, w.url)+"/"+name, "application/activity+json")
		return strings.Contains(body, `"totalItems":`+want+`,`) || strings.Contains(body, `"totalItems":`+want+`}`)
	})
}

func TestLikeIsHeart(t *testing.T) {
	t.Parallel()
	w, p, _, object := discussedPost(t)
	like := map[string]any{"id": p.http.URL + "/likes/1", "type": "Like", "object": object}
	for range 3 {
		p.post("bob", w.url+"/ap/inbox", like)
	}
	p.sends("bob", "Like", object) // another id, the same like
	w.stand("first-post", p.jid("bob")+": ♥")
	w.total(object, "likes", "1")
	p.sends("carol", "EmojiReact", object)
	p.post("dave", w.url+"/ap/inbox", map[string]any{"type": "Like", "object": object, "content": "🎉", "_misskey_reaction": "🎉"})
	w.until("three hearts", func() bool { return len(w.comments("first-post")) == 3 })
	w.total(object, "likes", "3")
	digest := w.told(louise)
	if !strings.Contains(digest, "our post “hello world”") || !strings.Contains(digest, "liked by @bob@h1.example") {
		t.Errorf("digest %q", digest)
	}
	p.sends("bob", "Undo", like)
	w.until("bob's heart is gone", func() bool { return len(w.comments("first-post")) == 2 })
	w.total(object, "likes", "2")
	if !slices.Contains(w.comments("first-post"), p.jid("dave")+": ♥") {
		t.Errorf("what stands: %q", w.comments("first-post"))
	}
}

func TestLikeIsAttachment(t *testing.T) {
	t.Parallel()
	w, p, _, object := discussedPost(t)
	at := stanza.AttachmentsNode(stanza.ItemURI(mustJID(louise), microblog, "first-post"))
	w.change(louise, at, func(n *node) { n.open, n.publisher = true, true })
	p.sends("bob", "Like", object)
	react := map[string]any{"id": p.http.URL + "/reacts/1", "type": "EmojiReact", "object": object, "content": "🎉"}
	p.post("bob", w.url+"/ap/inbox", react)
	attached := func() (a stanza.Attachments, id string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if items := w.node(louise, at).items; len(items) == 1 {
			a, _ = stanza.ParseAttachments(items[0].Payload)
			id = items[0].ID
		}
		return a, id
	}
	w.until("noticed and reacted to", func() bool {
		a, id := attached()
		return a.Noticed && slices.Equal(a.Reactions, []string{"🎉"}) && id == p.jid("bob")
	})
	p.sends("bob", "Undo", react)
	w.until("noticed only", func() bool { a, _ := attached(); return a.Noticed && len(a.Reactions) == 0 })
	if c := w.comments("first-post"); len(c) != 0 {
		t.Errorf("comments too: %q", c)
	}
}

func TestLikesSetting(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]int{LikesComments: 1, LikesOff: 0} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(c *Config) { c.Likes = setting })
			p := w.peer()
			blog := w.enrolled(louise)
			p.follows("bob", blog.Token)
			at := stanza.AttachmentsNode(stanza.ItemURI(mustJID(louise), microblog, "first-post"))
			w.change(louise, at, func(n *node) { n.open = true })
			w.change(louise, commentsOf("first-post"), func(n *node) { n.open, n.publisher = true, true })
			w.publish(louise, "first-post", commented("first-post", "hello world"))
			object := p.await("Create").IDs("object")[0]
			p.sends("bob", "Like", object)
			w.total(object, "likes", "1")
			w.idle(kindMark, markJob(1, p.actor("bob"), 0).Key)
			if c := w.comments("first-post"); len(c) != want {
				t.Errorf("comments %q", c)
			}
			w.change(louise, at, func(n *node) {
				if len(n.items) != 0 {
					t.Errorf("attachments %v", n.items)
				}
			})
		})
	}
}

func TestBoostIsCountedAndTold(t *testing.T) {
	t.Parallel()
	w, p, _, object := discussedPost(t)
	boost := map[string]any{"id": p.http.URL + "/boosts/1", "type": "Announce", "object": object}
	for range 3 {
		p.post("bob", w.url+"/ap/inbox", boost)
	}
	w.total(object, "shares", "1")
	if digest := w.told(louise); !strings.Contains(digest, "boosted by @bob@h1.example") {
		t.Errorf("digest %q", digest)
	}
	p.sends("bob", "Undo", boost["id"]) // by id alone
	w.total(object, "shares", "0")
}

// An Undo may come first, embedded or by id.
func TestUndoBeforeLike(t *testing.T) {
	t.Parallel()
	w, p, _, object := discussedPost(t)
	like := map[string]any{"id": p.http.URL + "/likes/1", "type": "Like", "actor": p.actor("bob"), "object": object}
	p.sends("bob", "Undo", like)
	p.post("bob", w.url+"/ap/inbox", like)
	p.sends("bob", "Undo", p.http.URL+"/boosts/1")
	p.post("bob", w.url+"/ap/inbox", map[string]any{"id": p.http.URL + "/boosts/1", "type": "Announce", "object": object})
	w.handled()
	w.total(object, "likes", "0")
	w.total(object, "shares", "0")
}

// Noticing and reacting in XMPP are likes on the Fediverse.
func TestAttachmentIsLike(t *testing.T) {
	t.Parallel()
	w, _, _, object := discussedPost(t)
	w.says(alice, "start")
	at := stanza.AttachmentsNode(stanza.ItemURI(mustJID(louise), microblog, "first-post"))
	payload := func(inner string) string {
		return `<attachments xmlns='` + stanza.NSAttachments + `'>` + inner + `</attachments>`
	}
	attach := func(id, by, inner string) {
		w.put(louise, at, id, by, payload(inner))
		w.event(louise, `<items node='`+at+`'><item id='`+id+`' publisher='`+by+`'>`+payload(inner)+`</item></items>`)
	}
	attach(alice, alice, `<noticed timestamp='2026-03-01T10:00:00Z'/><reactions><reaction>🎉</reaction></reactions>`)
	w.total(object, "likes", "1")
	attach(louise, alice, `<noticed/>`) // in somebody else's name
	attach(alice, alice, `<reactions><reaction>🎉</reaction></reactions>`)
	w.until("the plain like is gone", func() bool {
		list, err := w.db.DeedsAt(t.Context(), louise, at, alice)
		return err == nil && len(list) == 1 && list[0].Content == "🎉"
	})
	attach(alice, alice, ``)
	w.total(object, "likes", "0")
}
