package bridge

import (
	"strings"
	"testing"

	"isthmus/mapping"
	"isthmus/words"
)

// trimsComment puts a comment in the place of another and tells as ejabberd does:
// first of the new one, then of the old.
func (w *world) trimsComment(old, author, id, payload string) {
	w.drop(louise, commentsOf("first-post"), old)
	w.writes(author, "first-post", id, payload)
	w.retractsComment(old)
}

func (w *world) retractsComment(id string) {
	w.event(louise, `<items node='`+commentsOf("first-post")+`'><retract id='`+id+`'/></items>`)
}

// A comment that makes room for a new one is not deleted; one that is retracted
// is, whoever did it, and one that is still there is not.
func TestTrimmedComment(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	p.sends("bob", "Create", p.replies("bob", post, "well said"))
	w.stand("first-post", p.jid("bob")+": well said")
	w.writes(louise, "first-post", "c1", comment(louise, "one"))
	w.writes(louise, "first-post", "c2", comment(louise, "two"))
	one, two := object(p.await("Create")).ID(), object(p.await("Create")).ID()
	w.trimsComment("c1", alice, "c3", comment(alice, "three"))
	w.says(louise, "status") // behind the events
	w.idle(kindUncomment, threadItemKey(1, "c1"))
	w.retractsComment("c2") // which is there
	w.says(louise, "status")
	w.idle(kindUncomment, threadItemKey(1, "c2"))
	w.settled()
	if p.count("Delete") != 0 {
		t.Error("a comment that was trimmed, or is still there, was deleted")
	}
	w.doc(one)
	w.drop(louise, commentsOf("first-post"), "c2")
	w.retractsComment("c2")
	if d := p.await("Delete"); first(d.IDs("object")) != two {
		t.Errorf("deleted %v", d)
	}
	w.total(post, "replies", "3") // bob's, one, and alice's
}

// What the owner removes stays removed, whatever its author does with it; what
// comes after stands.
func TestRemovedCommentStaysRemoved(t *testing.T) {
	t.Parallel()
	for name, sticky := range map[string]bool{"ejabberd": false, "prosody": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, p, _, post := discussedPost(t)
			w.change(louise, commentsOf("first-post"), func(n *node) { n.sticky = sticky })
			n, other := p.replies("bob", post, "rude"), p.replies("bob", post, "kind")
			p.sends("bob", "Create", n)
			w.stand("first-post", p.jid("bob")+": rude")
			p.sends("bob", "Create", other)
			w.stand("first-post", p.jid("bob")+": rude", p.jid("bob")+": kind")
			w.settled()
			w.forget()
			item := mapping.ItemID(n["id"].(string))
			w.drop(louise, commentsOf("first-post"), item)
			w.retractsComment(item)
			w.says(louise, "status")
			w.settled()
			p.sends("bob", "Update", edited(n, "ruder", "2026-03-02T10:00:00Z"))
			w.settled()
			w.stand("first-post", p.jid("bob")+": kind")
			p.sends("bob", "Delete", n["id"])
			w.settled()
			w.stand("first-post", p.jid("bob")+": kind")
			p.sends("carol", "Create", p.replies("carol", n["id"].(string), "to the rude one"))
			w.stand("first-post", p.jid("bob")+": kind", p.jid("carol")+": to the rude one")
			w.settled()
			if told := w.messages(louise); len(told) != 1 || !has(told, "to the rude one") {
				t.Errorf("louise is told %q", told)
			}
		})
	}
}

// When the place of comments is emptied or deleted, louise's words go; what others
// wrote is not put there again.
func TestCommentsNodeGoes(t *testing.T) {
	t.Parallel()
	for how, event := range map[string]string{"purged": "purge", "deleted": "delete"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			w, p, _, post := discussedPost(t)
			n := p.replies("bob", post, "well said")
			p.sends("bob", "Create", n)
			w.stand("first-post", p.jid("bob")+": well said")
			w.writes(louise, "first-post", "c1", comment(louise, "thank you"))
			mine := object(p.await("Create")).ID()
			w.writes(louise, "first-post", "h1", answering(w.itemOf("first-post", 0), comment(louise, "♥")))
			p.await("Like")
			w.settled()
			w.forget()
			w.change(louise, commentsOf("first-post"), func(n *node) { n.items, n.gone = nil, how == "deleted" })
			w.event(louise, `<`+event+` node='`+commentsOf("first-post")+`'/>`)
			p.await("Undo")
			if d := p.await("Delete"); first(d.IDs("object")) != mine {
				t.Errorf("deleted %v", d)
			}
			w.settled()
			p.sends("bob", "Update", edited(n, "well put", "2026-03-02T10:00:00Z"))
			w.settled()
			if c := w.comments("first-post"); len(c) != 0 {
				t.Errorf("what stands: %q", c)
			}
			if told := w.messages(louise); len(told) != 0 {
				t.Errorf("louise is told %q", told)
			}
			// Both can still be answered on the Fediverse.
			p.sends("carol", "Create", p.replies("carol", post, "another one"))
			w.settled()
			if told := w.messages(louise); len(told) != 1 || !has(told, "another one") {
				t.Errorf("louise is told %q", told)
			}
		})
	}
}

// A purge that did not happen deletes nothing.
func TestCommentsNodeIsStillThere(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	p.sends("bob", "Create", p.replies("bob", post, "well said"))
	w.stand("first-post", p.jid("bob")+": well said")
	w.writes(louise, "first-post", "c1", comment(louise, "thank you"))
	p.await("Create")
	w.settled()
	for _, event := range []string{"purge", "delete"} {
		w.event(louise, `<`+event+` node='`+commentsOf("first-post")+`'/>`)
		w.says(louise, "status")
		w.settled()
	}
	if p.count("Delete") != 0 {
		t.Error("a comment that is still there was deleted")
	}
}

// A place that is closed later, or again open: what stood there is edited and
// taken back there, what comes meanwhile comes as a message.
func TestPlaceIsClosedLater(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	stood := p.replies("bob", post, "in time")
	p.sends("bob", "Create", stood)
	w.stand("first-post", p.jid("bob")+": in time")
	w.settled()
	w.forget()
	w.change(louise, commentsOf("first-post"), func(n *node) { n.open = false })
	late := p.replies("carol", post, "late")
	p.sends("carol", "Create", late)
	if body := w.message(p.jid("carol"), louise).First("", "body").Text(); !strings.Contains(body, "late") || !strings.Contains(body, "You get this as a message because") {
		t.Errorf("message %q", body)
	}
	w.change(louise, commentsOf("first-post"), func(n *node) { n.open = true })
	p.sends("carol", "Create", p.replies("carol", post, "later"))
	w.stand("first-post", p.jid("bob")+": in time", p.jid("carol")+": later")
	p.sends("bob", "Delete", stood["id"])
	p.sends("carol", "Delete", late["id"])
	w.stand("first-post", p.jid("carol")+": later")
	w.settled()
	told := strings.Join(w.messages(louise), "\n")
	if strings.Count(told, words.Say("en", "news.retracted")) != 1 || strings.Count(told, "You get this") != 0 {
		t.Errorf("louise is told %s", told)
	}
}
