package bridge

import (
	"strings"
	"testing"

	"isthmus/db"
)

// What answers a post that is deleted, or of who left, finds no place there. Who is
// named and still here gets it as a message.
func TestReplyToWhatIsGone(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(w *world, p *peer, post string){
		"deleted": func(w *world, p *peer, _ string) { w.retract(louise, "first-post"); p.await("Delete") },
		"by hand": func(w *world, p *peer, post string) { w.says(louise, "delete "+post); p.await("Delete") },
		"left":    func(w *world, p *peer, _ string) { w.says(louise, "stop yes"); p.await("Delete") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, p, blog, post := discussedPost(t)
			first := p.replies("bob", post, "in time")
			p.sends("bob", "Create", first)
			w.stand("first-post", p.jid("bob")+": in time")
			w.settled()
			end(w, p, post)
			w.settled()
			w.forget()
			for _, to := range []any{post, first["id"]} {
				p.sends("carol", "Create", p.replies("carol", to.(string), "to nobody"))
				n := p.says("carol", "too late", w.named(blog.Token))
				n["inReplyTo"] = to
				p.sends("carol", "Create", n)
			}
			for _, typ := range []string{"Like", "Announce", "QuoteRequest"} {
				p.sends("carol", typ, post)
			}
			p.sends("bob", "Update", edited(first, "too late", "2026-03-02T10:00:00Z"))
			w.settled()
			for _, c := range w.comments("first-post") {
				if strings.Contains(c, "carol") || strings.Contains(c, "♥") {
					t.Errorf("stands %q", c)
				}
			}
			told := w.messages(louise)
			for _, m := range told {
				if !strings.HasPrefix(m, p.jid("carol")+": (A public post that names you.)\n\ntoo late") {
					t.Errorf("louise is told %q", m)
				}
			}
			if want := map[string]int{"deleted": 2, "by hand": 2, "left": 0}[name]; len(told) != want {
				t.Errorf("louise is told %q", told)
			}
			if code, _, _ := w.get(strings.TrimPrefix(post, w.url)+"/replies", "application/activity+json"); code != 404 && code != 410 {
				t.Errorf("its replies answer %d", code)
			}
			// What stood there can still be taken back.
			p.sends("bob", "Delete", first["id"])
			w.settled()
			if name != "left" {
				w.stand("first-post")
			}
		})
	}
}

// Who has paused still reads what others answer; nothing new goes out.
func TestReplyToAPausedBlog(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	q := w.peer()
	q.follows("carol", blog.Token)
	w.says(louise, "pause")
	w.forget()
	n := p.replies("bob", post, "enjoy your break")
	p.post("bob", w.b.addr.SharedInbox(), proven(map[string]any{"type": "Create", "object": n}))
	p.sends("bob", "Like", post)
	w.until("both stand", func() bool { return len(w.comments("first-post")) == 2 })
	w.settled()
	if told := w.messages(louise); !has(told, "enjoy your break") || !has(told, "liked by") {
		t.Errorf("louise is told %q", told)
	}
	w.writes(louise, "first-post", "c1", comment(louise, "written while paused"))
	w.says(louise, "status")
	w.settled()
	if p.count("Create")+q.count("Create") != 0 {
		t.Error("something went out")
	}
	w.says(louise, "start")
	w.again(blog)
	w.b.soon(t.Context(), threadJob(1, w.b.nowMS()))
	w.settled()
	if p.count("Create")+q.count("Create") != 0 {
		t.Error("what was written during the pause went out")
	}
	p.sends("bob", "Delete", n["id"])
	w.stand("first-post", p.jid("bob")+": ♥", louise+": written while paused")
}

// A blog that strangers may no longer read keeps its conversation, and shows
// nobody what it was.
func TestReplyToAClosedBlog(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	q := w.peer()
	q.follows("carol", blog.Token)
	w.change(louise, microblog, func(n *node) { n.closed = true })
	w.b.soon(t.Context(), tendJob(blog.ID, w.b.nowMS()))
	w.until("the blog is closed", func() bool {
		now, err := w.db.BlogByID(t.Context(), blog.ID)
		return err == nil && now.Gate == db.GateClosed
	})
	w.settled()
	w.forget()
	q.raw()
	p.post("bob", w.b.addr.SharedInbox(), proven(map[string]any{"type": "Create", "object": p.replies("bob", post, "I saw it before")}))
	p.sends("bob", "Like", post)
	p.sends("bob", "QuoteRequest", post)
	w.settled()
	if got := q.raw(); len(got) != 0 {
		t.Errorf("carol gets %q", got)
	}
	if p.count("Accept") != 0 {
		t.Error("a quote of what nobody may read was allowed")
	}
	for _, name := range []string{"", "/replies", "/likes", "/shares"} {
		if code, _, _ := w.get(strings.TrimPrefix(post, w.url)+name, "application/activity+json"); code != 404 {
			t.Errorf("%s answers %d", name, code)
		}
	}
	if told := w.messages(louise); !has(told, "I saw it before") {
		t.Errorf("louise is told %q", told)
	}
}

// Everybody who ever got a word of hers hears that she is gone (P8).
func TestStopReachesTheConversation(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	answered, mentioned, liked, removed := w.peer(), w.peer(), w.peer(), w.peer()
	w.forget()
	answered.sends("ada", "Create", answered.replies("ada", post, "one"))
	w.stand("first-post", answered.jid("ada")+": one")
	w.writes(louise, "first-post", "c1", comment(louise, "thank you"))
	answered.await("Create")
	w.publish(louise, "second-post", note("hello @ben@"+mentioned.name))
	mentioned.await("Create")
	n := liked.says("cleo", "look at this", w.named(blog.Token))
	liked.sends("cleo", "Create", n)
	w.message(liked.jid("cleo"), louise)
	w.publishesAt(louise, liked.jid("cleo"), n["id"].(string), "h", comment(louise, "♥"))
	liked.await("Like")
	w.publish(louise, "third-post", note("hello @dan@"+removed.name))
	removed.await("Create")
	w.retract(louise, "third-post")
	removed.await("Delete")
	w.settled()
	w.says(louise, "stop yes")
	for _, x := range []*peer{p, answered, mentioned, liked, removed} {
		if d := x.await("Delete"); first(d.IDs("object")) != w.b.addr.Actor(blog.Token) && x != p {
			t.Errorf("%s gets %v", x.name, d)
		}
	}
	w.settled()
	for _, x := range []*peer{answered, mentioned, liked, removed} {
		if x.count("Delete") != 0 {
			t.Errorf("%s gets it more than once", x.name)
		}
	}
	if told := w.messages(louise); len(told) > 0 && !has(told, "answered your post") {
		t.Errorf("louise is told %q", told)
	}
}
