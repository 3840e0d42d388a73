package bridge

import (
	"strings"
	"testing"
)

// Pinned posts are in the featured collection and on the page, and followers' servers
// hear of it; what is deleted makes room.
func TestPin(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	var posts []string
	for _, id := range []string{"one", "two", "three", "four", "five", "six"} {
		w.publish(louise, id, note("Post "+id))
		posts = append(posts, p.await("Create").IDs("object")[0])
	}
	pinned := func() (list []string) {
		t.Helper()
		doc := w.doc(w.b.addr.Featured(blog.Token))
		for _, o := range doc.Docs("orderedItems") {
			list = append(list, o.ID())
		}
		if n, _ := doc.Int("totalItems"); int(n) != len(list) {
			t.Errorf("featured: %v", doc)
		}
		return list
	}
	w.answers(louise, "pin", "Send the address", "pin https://elsewhere.example/1", "Send the address", "unpin "+posts[0], "was not pinned")
	page := w.b.addr.PostPage(blog.Handle, posts[0][strings.LastIndex(posts[0], "/")+1:])
	w.answers(louise, "pin "+page, "1 of 5")
	if add := p.await("Add"); add.IDs("object")[0] != posts[0] || add.Str("target") != w.b.addr.Featured(blog.Token) || add.Str("actor") != w.b.addr.Actor(blog.Token) {
		t.Errorf("Add is %v", add)
	}
	if got := pinned(); len(got) != 1 || got[0] != posts[0] {
		t.Errorf("featured: %v", got)
	}
	_, _, html := w.get("/@"+blog.Handle, "text/html")
	if !strings.Contains(html, `id="pinned"`) || strings.Count(html, page) != 2 {
		t.Errorf("the page:\n%s", html)
	}
	w.answers(alice, "pin "+posts[1], "Send the address") // somebody else's
	for _, post := range posts[1:5] {
		w.answers(louise, "pin "+post, "of 5")
		p.await("Add")
	}
	w.answers(louise, "pin "+posts[5], "5 posts are pinned already")
	w.retract(louise, "two")
	p.await("Delete")
	if got := pinned(); len(got) != 4 || got[0] != posts[4] {
		t.Errorf("without one that was deleted: %v", got)
	}
	w.answers(louise, "pin "+posts[5], "5 of 5")
	p.await("Add")
	w.answers(louise, "unpin "+posts[0], "not stand at the top any more")
	if remove := p.await("Remove"); remove.IDs("object")[0] != posts[0] || remove.Str("target") != w.b.addr.Featured(blog.Token) {
		t.Errorf("Remove is %v", remove)
	}
	if got := pinned(); len(got) != 4 || got[0] != posts[5] {
		t.Errorf("in the end: %v", got)
	}
}
