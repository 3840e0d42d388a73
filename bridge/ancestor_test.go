package bridge

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"isthmus/component/stanza"
)

// named is what makes a post one to louise.
func (w *world) named(token string) map[string]any {
	self := w.b.addr.Actor(token)
	return map[string]any{"tag": []any{map[string]any{"type": "Mention", "href": self, "name": "@louise"}}, "cc": []string{self}}
}

// chain makes posts that nobody sent, each an answer to the one before it.
func (p *peer) chain(to string, n int) (ids []string) {
	for i := range n {
		to = p.replies(fmt.Sprint("u", i), to, fmt.Sprint("answer ", i))["id"].(string)
		ids = append(ids, to)
	}
	return ids
}

// read is what was asked of a peer besides actors.
func (p *peer) read() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.reads)
}

// An answer to an answer that never came reaches the thread, with what it answers.
func TestAncestorsAreFetched(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	q := w.peer()
	up := q.chain(post, 2)
	n := p.says("bob", "to both", w.named(blog.Token))
	n["inReplyTo"] = up[1]
	p.floods("bob", blog, map[string]any{"id": p.http.URL + "/c", "type": "Create", "object": n})
	w.settled()
	same(t, "what stands", w.comments("first-post"), []string{q.jid("u0") + ": answer 0", q.jid("u1") + ": answer 1", p.jid("bob") + ": to both"})
	same(t, "read", q.read(), []string{"/notes/2", "/notes/1"})
	w.total(post, "replies", "1")
	parent := map[string]string{} // href by publisher
	items := map[string]string{}  // address by publisher
	w.change(louise, commentsOf("first-post"), func(x *node) {
		for _, it := range x.items {
			entry, _ := stanza.ParseEntry(it.Payload)
			items[it.Publisher] = stanza.ItemURI(mustJID(louise), commentsOf("first-post"), it.ID).String()
			for _, r := range entry.InReplyTo {
				parent[it.Publisher] = r.Href
			}
		}
	})
	if parent[p.jid("bob")] != items[q.jid("u1")] || parent[q.jid("u1")] != items[q.jid("u0")] || parent[q.jid("u0")] != "" {
		t.Errorf("they answer %v", parent)
	}
	// Everybody in the thread is louise's to answer, and each was told of once.
	if told := w.messages(louise); len(told) != 3 {
		t.Errorf("louise is told %q", told)
	}
}

// How far up is bounded, and a circle ends (activitypub.md X12).
func TestX12_AncestorsAreBounded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		depth      int
		stands     int
		fetched    int
		roundabout bool
	}{
		"just":     {depth: maxAncestors, stands: maxAncestors + 1, fetched: maxAncestors},
		"too far":  {depth: maxAncestors + 1, fetched: maxAncestors},
		"far":      {depth: 30, fetched: maxAncestors},
		"a circle": {depth: 2, fetched: maxAncestors, roundabout: true},
		"itself":   {depth: 1, fetched: maxAncestors, roundabout: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, p, blog, post := discussedPost(t)
			q := w.peer()
			up := q.chain(post, c.depth)
			if c.roundabout {
				q.mu.Lock()
				doc := w.named(blog.Token) // even if all of them name louise
				for i, id := range up {
					q.serve(strings.TrimPrefix(id, q.http.URL), map[string]any{
						"id": id, "type": "Note", "attributedTo": q.actor("u0"), "content": "round", "to": "as:Public", "tag": doc["tag"], "inReplyTo": up[(i+1)%len(up)],
					})
				}
				q.mu.Unlock()
			}
			n := p.says("bob", "hello", w.named(blog.Token))
			n["inReplyTo"] = up[len(up)-1]
			p.sends("bob", "Create", n)
			w.settled()
			if got := w.comments("first-post"); len(got) != c.stands {
				t.Errorf("what stands: %q", got)
			}
			if n := len(q.read()); n > c.fetched {
				t.Errorf("%d posts were read, of at most %d", n, c.fetched)
			}
			told := w.messages(louise)
			if c.stands == 0 && (len(told) != 1 || !strings.HasPrefix(told[0], p.jid("bob")) || !has(told, "hello")) {
				t.Errorf("louise is told %q", told)
			}
		})
	}
}

// What is not to be read by everybody is not fetched into the thread; nor is
// anything for a post that does not name anybody here.
func TestAncestorsThatAreNotOurs(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	q := w.peer()
	private := q.says("carol", "for friends", map[string]any{"inReplyTo": post, "to": q.actor("carol") + "/followers", "cc": nil})
	for _, up := range []any{private["id"], q.http.URL + "/notes/gone", "https://nowhere.invalid/1", "not an address"} {
		n := p.says("bob", "hello", w.named(blog.Token))
		n["inReplyTo"] = up
		p.sends("bob", "Create", n)
		if m := w.message(p.jid("bob"), louise); !strings.Contains(m.First("", "body").Text(), "hello") {
			t.Errorf("%v: %s", up, m.XML())
		}
	}
	w.settled()
	before := len(q.read())
	p.sends("bob", "Create", p.replies("bob", q.chain(post, 1)[0], "to carol, not to louise"))
	w.settled()
	if w.stand("first-post"); len(q.read()) != before {
		t.Errorf("read %q", q.read())
	}
	if told := w.messages(louise); len(told) != 0 {
		t.Errorf("louise is told %q", told)
	}
}
