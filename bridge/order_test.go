package bridge

import (
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"
)

// A post's life as its server tells of it: written, edited twice, deleted.
func (p *peer) life(user, object string) (acts []map[string]any) {
	n := p.says(user, user+" writes", map[string]any{"inReplyTo": object, "published": ago(time.Hour)})
	first, second := edited(n, user+" edits", ago(40*time.Minute)), edited(n, user+" edits again", ago(20*time.Minute))
	for i, a := range []map[string]any{
		{"type": "Create", "object": n}, {"type": "Update", "object": first}, {"type": "Update", "object": second},
		{"type": "Delete", "object": map[string]any{"id": n["id"], "type": "Tombstone"}},
	} {
		a["id"] = fmt.Sprintf("%s#%d", n["id"], i)
		acts = append(acts, a)
	}
	return acts
}

// Whatever comes three times, to both inboxes at once, has one effect.
func TestEachActivityCountsOnce(t *testing.T) {
	t.Parallel()
	w, p, blog, object := discussedPost(t)
	life := p.life("bob", object)
	for i, text := range []string{"bob writes", "bob edits", "bob edits again"} {
		p.floods("bob", blog, life[i])
		w.stand("first-post", p.jid("bob")+": "+text)
		w.settled()
		same(t, "published", w.publishes("first-post"), i+1)
	}
	p.floods("bob", blog, life[3])
	w.stand("first-post")
	w.settled()
	same(t, "published in all", w.publishes("first-post"), 3)
	if told := w.messages(louise); len(told) != 1 || !has(told, "bob writes") {
		t.Errorf("louise is told %q", told)
	}
	w.total(object, "replies", "0")

	like := map[string]any{"id": p.http.URL + "/likes/1", "type": "Like", "object": object}
	boost := map[string]any{"id": p.http.URL + "/boosts/1", "type": "Announce", "object": object}
	p.floods("bob", blog, like)
	p.floods("bob", blog, boost)
	w.settled()
	w.stand("first-post", p.jid("bob")+": ♥")
	w.total(object, "likes", "1")
	w.total(object, "shares", "1")
	p.floods("bob", blog, map[string]any{"id": p.http.URL + "/likes/1/undo", "type": "Undo", "object": like})
	p.floods("bob", blog, map[string]any{"id": p.http.URL + "/boosts/1/undo", "type": "Undo", "object": boost})
	w.settled()
	w.stand("first-post")
	w.total(object, "likes", "0")
	w.total(object, "shares", "0")
}

// permutations lists the orders of n things.
func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var out [][]int
	for _, p := range permutations(n - 1) {
		for i := 0; i <= len(p); i++ {
			out = append(out, append(append(append([]int{}, p[:i]...), n-1), p[i:]...))
		}
	}
	return out
}

// In whatever order they come, by whomever, the last word counts: an older edit
// does not replace a newer one, and what is deleted stays so.
func TestEveryOrder(t *testing.T) {
	t.Parallel()
	w, p, blog, object := discussedPost(t)
	var standing []string
	written, told := 0, 0
	for _, acts := range [][]int{{0, 1, 2, 3}, {0, 1, 2}} {
		for i, order := range permutations(len(acts)) {
			who := fmt.Sprintf("u%d-%d", len(acts), i)
			life := p.life(who, object)
			newest := -1 // of what was published; as the test has it
			for _, step := range order {
				p.floods(who, blog, life[step])
				w.settled()
				if step == 3 {
					newest = 3
				} else if step > newest {
					if newest < 0 {
						told++
					}
					newest = step
					written++
				}
			}
			if newest == 2 {
				standing = append(standing, p.jid(who)+": "+who+" edits again")
			}
			if n := w.publishes("first-post"); n != written {
				t.Fatalf("order %v: published %d times, want %d", order, n, written)
			}
		}
	}
	w.stand("first-post", standing...)
	if list := w.messages(louise); len(list) != told {
		t.Errorf("louise is told %d times, want %d", len(list), told)
	}
}

// All at once, from the first to the last word.
func TestAllAtOnce(t *testing.T) {
	t.Parallel()
	w, p, blog, object := discussedPost(t)
	life := p.life("bob", object)
	var all sync.WaitGroup
	for _, a := range life {
		for range 3 {
			for _, inbox := range []string{w.b.addr.SharedInbox(), w.b.addr.Inbox(blog.Token)} {
				all.Go(func() { p.post("bob", inbox, maps.Clone(a)) })
			}
		}
	}
	all.Wait()
	w.settled()
	w.stand("first-post")
	if told := w.messages(louise); len(told) > 1 || w.publishes("first-post") > 3 {
		t.Errorf("published %d times, told %q", w.publishes("first-post"), told)
	}
}

// An edit whose time is missing or not newer is none (activitypub.md I7).
func TestOldEditIsNone(t *testing.T) {
	t.Parallel()
	w, p, _, object := discussedPost(t)
	n := p.replies("bob", object, "now")
	n["updated"] = "2026-03-05T10:00:00Z"
	p.sends("bob", "Create", n)
	w.stand("first-post", p.jid("bob")+": now")
	for _, at := range []any{nil, "2026-03-05T10:00:00Z", "2026-03-04T10:00:00Z", "yesterday"} {
		old := edited(n, "before", "")
		old["updated"] = at
		p.sends("bob", "Update", old)
	}
	w.settled()
	w.stand("first-post", p.jid("bob")+": now")
	same(t, "published", w.publishes("first-post"), 1)
}

// A change of an old post that never came is not the way to bring it (I6).
func TestEditOfWhatNeverCame(t *testing.T) {
	t.Parallel()
	w, p, _, object := discussedPost(t)
	p.sends("bob", "Update", edited(p.replies("bob", object, "long ago"), "now", ago(time.Minute)))
	w.settled()
	w.stand("first-post")
}
