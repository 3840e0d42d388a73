package bridge

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/db"
)

// again waits until a blog was looked after once more, from now on.
func (w *world) again(blog db.Blog) {
	w.t.Helper()
	before, _ := w.db.BlogByID(w.t.Context(), blog.ID)
	w.b.soon(w.t.Context(), tendJob(blog.ID, w.b.nowMS()))
	w.until("the blog is looked after again", func() bool {
		now, err := w.db.BlogByID(w.t.Context(), blog.ID)
		return err == nil && now.SyncedAt > before.SyncedAt
	})
}

// idle waits until a job is done.
func (w *world) idle(kind, key string) {
	w.t.Helper()
	w.until(kind+" "+key+" is done", func() bool {
		_, err := w.db.JobByKey(w.t.Context(), kind, key)
		return errors.Is(err, db.ErrNotFound)
	})
}

// once runs a hook the first time that somebody asks for items.
func (w *world) once(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = func(iq *stanza.Element) {
		if iq.First(stanza.NSPubSub, "pubsub").First(stanza.NSPubSub, "items") != nil {
			w.asked = nil
			f()
		}
	}
}

// What the owner or the node says while a post is being read counts.
func TestPauseWhileReading(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*world, db.Blog) error{
		"paused": func(w *world, blog db.Blog) error { return w.db.SetState(t.Context(), blog.ID, db.Paused) },
		"gone":   func(w *world, blog db.Blog) error { return w.db.SetState(t.Context(), blog.ID, db.Gone) },
		"closed": func(w *world, blog db.Blog) error {
			return w.db.SetGate(t.Context(), blog.ID, db.GateClosed, "", w.b.nowMS()+1000)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			blog := w.enrolled(louise)
			w.once(func() {
				if err := change(w, blog); err != nil {
					t.Error(err)
				}
			})
			entry := parse(t, note("too late"))
			w.put(louise, microblog, "late", "", note("too late"))
			if err := w.b.published(t.Context(), &blog, []stanza.Item{{ID: "late", Payload: entry}}); err != nil {
				t.Fatal(err)
			}
			if n, err := w.db.PostCount(t.Context(), blog.ID); n != 0 || err != nil {
				t.Errorf("it went out, %v", err)
			}
		})
	}
}

// However much was written while paused, none of it goes out later.
func TestLongPause(t *testing.T) {
	for _, paged := range []bool{false, true} {
		t.Run(fmt.Sprint("paged ", paged), func(t *testing.T) { longPause(t, paged) })
	}
}

func longPause(t *testing.T, paged bool) {
	w := newWorld(t)
	w.change(louise, microblog, func(n *node) { n.paged = paged })
	w.put(louise, microblog, "0", "", `<feed xmlns='http://www.w3.org/2005/Atom'><title>Mine</title></feed>`)
	blog := w.enrolled(louise)
	w.says(louise, "pause")
	const many = 130
	for i := range many {
		w.put(louise, microblog, fmt.Sprint("p", i), "", note(fmt.Sprint("quiet ", i)))
	}
	w.says(louise, "start")
	w.again(blog)
	held, _ := w.db.LivePosts(t.Context(), blog.ID, 0, 2*many)
	if n, _ := w.db.PostCount(t.Context(), blog.ID); n != 0 || len(held) != many {
		t.Errorf("%d of %d posts are held, %d are public", len(held), many, n)
	}
}

// Old posts are found where the server pages and where it does not.
func TestOldPostsAreFound(t *testing.T) {
	t.Parallel()
	for _, paged := range []bool{false, true} {
		w := newWorld(t)
		const many = 130
		for i := range many {
			w.put(louise, microblog, fmt.Sprint("p", i), "", note(fmt.Sprint("old ", i)))
		}
		w.change(louise, microblog, func(n *node) { n.paged = paged })
		blog := w.enrolled(louise)
		if n, _ := w.db.PostCount(t.Context(), blog.ID); n != many {
			t.Errorf("%d of %d posts, paged %t", n, many, paged)
		}
	}
}

// A node that is closed when the blog goes on is opened later, with everything
// that was written during the pause still in it.
func TestPauseOfClosedNode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	blog := w.enrolled(louise)
	w.says(louise, "pause")
	w.change(louise, microblog, func(n *node) { n.closed = true })
	w.put(louise, microblog, "a", "", note("for friends"))
	w.says(louise, "start")
	w.change(louise, microblog, func(n *node) { n.closed = false })
	w.again(blog)
	if n, _ := w.db.PostCount(t.Context(), blog.ID); n != 0 {
		t.Error("what was written while paused went out")
	}
}

// The last word counts: pause after start, while the server has trouble.
func TestPauseAfterStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	blog := w.enrolled(louise)
	w.says(louise, "pause")
	w.change(louise, microblog, func(n *node) { n.trouble = true })
	w.says(louise, "start")
	w.says(louise, "pause")
	w.change(louise, microblog, func(n *node) { n.trouble = false })
	w.b.jobs.Kick()
	w.idle(kindTend, fmt.Sprint(blog.ID))
	if blog, _ = w.db.BlogByID(t.Context(), blog.ID); blog.State != db.Paused {
		t.Errorf("state is %s", blog.State)
	}
}

// Who left does not come back by what was asked before.
func TestGoneIsForGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	blog := w.enrolled(louise)
	w.says(louise, "stop yes")
	for _, s := range []db.State{db.On, db.Paused, db.Gone} {
		err := w.db.Tx(t.Context(), func(tx *db.Tx) error {
			_, err := setState(t.Context(), tx, blog.ID, s)
			return err
		})
		if !errors.Is(err, errLeft) {
			t.Errorf("%s after leaving: %v", s, err)
		}
	}
}

// Two readers of one node do not undo each other's finding.
func TestGateIsNotStale(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	blog := w.enrolled(louise)
	ctx := t.Context()
	gate := func() db.Gate { row, _ := w.db.BlogByID(ctx, blog.ID); return row.Gate }
	look := func(blog db.Blog) { w.b.look(ctx, &blog, stanza.ItemsRequest(microblog, nil, 1, nil)) }

	stale := blog
	stale.Gate = db.GateClosed // read before somebody found it open
	w.change(louise, microblog, func(n *node) { n.closed = true })
	look(stale)
	if gate() != db.GateClosed {
		t.Errorf("a closed node counts as %s", gate())
	}
	stale.Gate = db.GateOpen
	w.change(louise, microblog, func(n *node) { n.closed = false })
	look(stale)
	if gate() != db.GateOpen {
		t.Errorf("an open node counts as %s", gate())
	}
	// Asked later, answered sooner.
	w.once(func() { w.db.SetGate(ctx, blog.ID, db.GateClosed, "", w.b.nowMS()+1000) })
	look(blog)
	if gate() != db.GateClosed {
		t.Errorf("an older answer overwrote a newer one: %s", gate())
	}
}

// The owner hears of each closing, also when status found it open in between.
func TestToldOfEachClosing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	blog := w.enrolled(louise)
	for range 2 {
		w.xmpp.Forget()
		w.change(louise, microblog, func(n *node) { n.closed = true })
		w.b.soon(t.Context(), tendJob(blog.ID, w.b.nowMS()))
		if text := w.told(louise); !strings.Contains(text, "not readable") {
			t.Errorf("told %q", text)
		}
		w.change(louise, microblog, func(n *node) { n.closed = false })
		if text := w.says(louise, "status"); !strings.Contains(text, ": on") {
			t.Errorf("status is %q", text)
		}
	}
}

// A node that is gone without a word is not public any more; nor is it deleted.
func TestMissingNodeIsNotShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(louise, microblog, "a", "", note("hello"))
	blog := w.enrolled(louise)
	post, _ := w.db.PostByItem(t.Context(), blog.ID, "a")
	path := "/ap/post/" + post.Token
	w.change(louise, microblog, func(n *node) { n.gone = true })
	w.says(louise, "status")
	w.b.look(t.Context(), &blog, stanza.ItemsRequest(microblog, nil, 1, nil))
	if code, _, _ := w.get(path, "application/activity+json"); code != 404 {
		t.Errorf("a post of a missing node answers %d", code)
	}
	if _, _, page := w.get("/@louise", "text/html"); strings.Contains(page, "hello") {
		t.Error("the page shows it")
	}
	w.change(louise, microblog, func(n *node) { n.gone = false })
	w.says(louise, "status")
	if code, _, _ := w.get(path, "application/activity+json"); code != 200 {
		t.Errorf("a post of a node that is back answers %d", code)
	}
}

// Long posts: what does not fit one stanza is read in smaller pages.
func TestNodeOfLongPosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 40 {
		w.put(louise, microblog, fmt.Sprint("long", i), "", note(strings.Repeat("word ", 12_000)))
	}
	blog := w.enrolled(louise)
	if n, _ := w.db.PostCount(t.Context(), blog.ID); n == 0 || blog.Gate != db.GateOpen {
		t.Errorf("%d posts, gate %s", n, blog.Gate)
	}
}
