package bridge

import (
	"slices"
	"testing"
)

// What waits for a peer in trouble is not sent any more when strangers may no
// longer read it, or its author left (design §3).
func TestWaitingPostIsWithdrawn(t *testing.T) {
	t.Parallel()
	for name, revoke := range map[string]func(w *world, blog int64){
		"closed": func(w *world, blog int64) {
			w.change(louise, microblog, func(n *node) { n.closed = true })
			w.b.soon(w.t.Context(), tendJob(blog, w.b.nowMS()))
			w.told(louise)
		},
		"stopped": func(w *world, _ int64) { w.says(louise, "stop yes") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			p := w.peer()
			blog := w.enrolled(louise)
			p.follows("bob", blog.Token)
			p.mu.Lock()
			p.fail = slices.Repeat([]int{503}, 10_000)
			p.mu.Unlock()
			w.publish(louise, "a", note("not for long"))
			w.stored(blog, "a", "not for long")
			w.until("it waits", func() bool { q, err := w.db.QueueStats(t.Context()); return err == nil && q.Retries > 0 })
			w.xmpp.Forget()
			revoke(w, blog.ID)
			w.until("nothing but the actor's Delete waits", func() bool {
				q, err := w.db.QueueStats(t.Context())
				return err == nil && q.Fanouts == 0 && q.Retries == map[string]int{"closed": 0, "stopped": 1}[name]
			})
			p.mu.Lock()
			p.fail = nil
			p.mu.Unlock()
			if name == "stopped" {
				p.await("Delete")
			}
			if n := p.count("Create"); n != 0 {
				t.Errorf("%d Creates came after all", n)
			}
		})
	}
}
