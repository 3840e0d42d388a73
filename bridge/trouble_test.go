package bridge

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"isthmus/component/stanza"
	"isthmus/db"
)

// busy makes the place of comments unable to answer, or able again.
func (w *world) busy(item string, yes bool) {
	w.change(louise, commentsOf(item), func(n *node) { n.trouble = yes })
}

// triesAgain waits until a job has begun once more, or is done.
func (w *world) triesAgain(job db.Job) {
	w.t.Helper()
	before, err := w.db.JobByKey(w.t.Context(), job.Kind, job.Key)
	w.until("another try", func() bool {
		j, jerr := w.db.JobByKey(w.t.Context(), job.Kind, job.Key)
		return err != nil || jerr != nil || j.Tries > before.Tries
	})
}

// What comes while the XMPP server has no time is made good when it has: only the
// last word, and nothing of what was taken back.
func TestServerIsBusy(t *testing.T) {
	t.Parallel()
	for name, sticky := range map[string]bool{"ejabberd": false, "prosody": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, p, _, post := discussedPost(t)
			w.change(louise, commentsOf("first-post"), func(n *node) { n.sticky = sticky })
			old := p.replies("dave", post, "from before")
			p.sends("dave", "Create", old)
			w.stand("first-post", p.jid("dave")+": from before")
			w.settled()
			w.forget()
			w.busy("first-post", true)
			tries := func() { // all that there is to do, from now on
				for note := range 3 {
					w.triesAgain(placeJob(int64(note+1), 0))
				}
				for _, who := range []string{"bob", "carol"} {
					w.triesAgain(markJob(1, p.actor(who), 0))
				}
			}
			kept, regretted := p.replies("bob", post, "one"), p.replies("carol", post, "never mind")
			like := map[string]any{"id": p.http.URL + "/likes/1", "type": "Like", "object": post}
			p.sends("bob", "Create", kept)
			p.sends("carol", "Create", regretted)
			p.post("carol", w.b.addr.SharedInbox(), like)
			p.sends("bob", "Like", post)
			w.handled()
			tries()
			p.sends("bob", "Update", edited(kept, "two", "2026-03-02T10:00:00Z"))
			p.sends("carol", "Delete", regretted["id"])
			p.sends("carol", "Undo", like)
			p.sends("dave", "Update", edited(old, "from now", "2026-03-02T10:00:00Z"))
			w.handled()
			tries()
			w.busy("first-post", false)
			w.settled()
			got := map[string]bool{}
			for _, c := range w.comments("first-post") {
				got[c] = true
			}
			if len(got) != 3 || !got[p.jid("bob")+": two"] || !got[p.jid("bob")+": ♥"] || !got[p.jid("dave")+": from now"] {
				t.Errorf("what stands: %q", w.comments("first-post"))
			}
			if n := w.publishes("first-post"); n != 4 {
				t.Errorf("published %d times", n)
			}
			if told := w.messages(louise); !has(told, "two") || has(told, "never mind") {
				t.Errorf("louise is told %q", told)
			}
			w.total(post, "replies", "2")
			w.total(post, "likes", "1")
		})
	}
}

// Nor is anything lost or doubled while there is no stream.
func TestStreamIsDown(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	gone := p.replies("dave", post, "from before")
	p.sends("dave", "Create", gone)
	w.stand("first-post", p.jid("dave")+": from before")
	w.settled()
	w.forget()
	w.down()
	n := p.replies("bob", post, "one")
	p.floods("bob", blog, map[string]any{"id": p.http.URL + "/c", "type": "Create", "object": n})
	p.floods("bob", blog, map[string]any{"id": p.http.URL + "/u", "type": "Update", "object": edited(n, "two", "2026-03-02T10:00:00Z")})
	p.sends("dave", "Delete", gone["id"])
	p.sends("erin", "Create", p.says("erin", "hello", w.named(blog.Token)))
	p.sends("erin", "Like", post)
	w.handled()
	w.total(post, "likes", "1") // what the Fediverse sees needs no stream
	w.total(post, "replies", "1")
	w.up()
	w.settled()
	w.until("all is as it should be", func() bool { return len(w.comments("first-post")) == 2 })
	got := strings.Join(w.comments("first-post"), "\n")
	if !strings.Contains(got, p.jid("bob")+": two") || !strings.Contains(got, p.jid("erin")+": ♥") {
		t.Errorf("what stands: %s", got)
	}
	told := w.messages(louise)
	if !has(told, "@bob@h1.example answered") || !has(told, p.jid("erin")+": (A public post that names you.)\n\nhello") || has(told, "dave") {
		t.Errorf("louise is told %q", told)
	}
	if n := w.publishes("first-post"); n != 3 {
		t.Errorf("published %d times", n)
	}
}

// A conversation that came meanwhile stands in its order.
func TestOrderAfterTrouble(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	w.down()
	var want []string
	to := post
	for i := range 6 {
		who, text := fmt.Sprint("u", i), fmt.Sprint("word ", i)
		n := p.replies(who, to, text)
		p.sends(who, "Create", n)
		w.handled()
		to = n["id"].(string)
		want = append(want, p.jid(who)+": "+text)
	}
	w.up()
	w.stand("first-post", want...)
}

// A gateway that is stopped in the middle of it goes on where it was.
func TestRestart(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	w.busy("first-post", true)
	n, gone := p.replies("bob", post, "one"), p.replies("bob", post, "never mind")
	p.sends("bob", "Create", n)
	p.sends("bob", "Create", gone)
	p.sends("bob", "Like", post)
	p.sends("erin", "Create", p.says("erin", "hello", w.named(blog.Token)))
	w.handled()
	w.restart()
	p.sends("bob", "Delete", gone["id"])
	p.sends("bob", "Update", edited(n, "two", "2026-03-02T10:00:00Z"))
	w.handled()
	w.restart()
	w.busy("first-post", false)
	w.settled()
	got := strings.Join(w.comments("first-post"), "\n")
	if strings.Count(got, "\n") != 1 || !strings.Contains(got, p.jid("bob")+": two") || !strings.Contains(got, p.jid("bob")+": ♥") {
		t.Errorf("what stands: %s", got)
	}
	if n := w.publishes("first-post"); n != 2 {
		t.Errorf("published %d times", n)
	}
	told := w.messages(louise)
	for part, want := range map[string]int{"answered your post": 1, "hello\n\n" + p.http.URL: 1, "liked by": 1, "never mind": 0} {
		if n := strings.Count(strings.Join(told, "\n"), part); n != want {
			t.Errorf("%q was told %d times: %q", part, n, told)
		}
	}
	// What was before is known after.
	p.floods("bob", blog, map[string]any{"id": p.http.URL + "/c", "type": "Create", "object": n})
	p.sends("bob", "Create", gone)
	w.settled()
	if n := w.publishes("first-post"); n != 2 {
		t.Errorf("published %d times", n)
	}
}

// What is being dealt with when the gateway stops is dealt with when it is back.
func TestStopWhileDealingWithIt(t *testing.T) {
	t.Parallel()
	for what, act := range map[string]func(p *peer, post string) map[string]any{
		"a reply": func(p *peer, post string) map[string]any {
			return map[string]any{"type": "Create", "object": p.replies("carol", post, "hello")}
		},
		"a reply by its id": func(p *peer, post string) map[string]any {
			return map[string]any{"type": "Create", "object": p.replies("carol", post, "hello")["id"]}
		},
		"a like":  func(_ *peer, post string) map[string]any { return map[string]any{"type": "Like", "object": post} },
		"a boost": func(_ *peer, post string) map[string]any { return map[string]any{"type": "Announce", "object": post} },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w, p, _, post := discussedPost(t)
			p.post("carol", w.b.addr.SharedInbox(), map[string]any{"type": "Block", "object": "x"}) // reads the key
			w.handled()
			w.b.verifier.TakeActor(p.actor("carol")) // and who that is was longer ago
			begun, goOn := make(chan struct{}), make(chan struct{})
			var once sync.Once
			p.mu.Lock()
			p.looked = func() { once.Do(func() { close(begun); <-goOn }) }
			p.mu.Unlock()
			p.post("carol", w.b.addr.SharedInbox(), act(p, post))
			select {
			case <-begun:
			case <-time.After(patience):
				t.Fatal("carol is not looked up")
			}
			w.stop()
			close(goOn)
			w.restart()
			w.settled()
			w.until("it counts", func() bool {
				replies, _ := w.db.ReplyCount(t.Context(), post)
				likes, _ := w.db.LikeCount(t.Context(), 1)
				shares, _ := w.db.ShareCount(t.Context(), 1)
				return replies+likes+shares == 1
			})
		})
	}
}

// What people write below a post while the gateway is away is found when it is
// back, and goes out once.
func TestCommentWhileAway(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	n := p.replies("bob", post, "well said")
	p.sends("bob", "Create", n)
	w.stand("first-post", p.jid("bob")+": well said")
	w.settled()
	w.stop()
	now := time.Now().UTC().Format(time.RFC3339)
	missed := strings.ReplaceAll(comment(louise, "thank you"), "2026-01-02T03:04:05Z", now)
	heart := strings.ReplaceAll(answering(w.itemOf("first-post", 0), comment(louise, "♥")), "2026-01-02T03:04:05Z", now)
	w.put(louise, commentsOf("first-post"), "c1", louise, missed)
	w.put(louise, commentsOf("first-post"), "h1", louise, heart)
	w.put(louise, commentsOf("first-post"), "c2", alice, strings.ReplaceAll(comment(alice, "me too"), "2026-01-02T03:04:05Z", now))
	for range 2 {
		w.restart()
		w.b.soon(t.Context(), threadJob(1, w.b.nowMS()))
		w.settled()
		w.total(post, "replies", "3")
	}
	if o := object(p.await("Create")); !strings.Contains(o.Str("content"), "thank you") {
		t.Errorf("went out: %v", o)
	}
	if like := p.await("Like"); like.IDs("object")[0] != n["id"] {
		t.Errorf("went out: %v", like)
	}
	if p.count("Create")+p.count("Update")+p.count("Like")+p.count("Delete") != 0 {
		t.Error("something went out twice")
	}
}

// A server that answers late makes things late, and nothing else: no question is taken for
// lost, and nothing is done twice.
func TestSlowServer(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	var answers sync.WaitGroup
	t.Cleanup(answers.Wait)
	w.xmpp.Answer("", stanza.NSPubSub, func(iq *stanza.Element) *stanza.Element {
		answer := w.pubsub(iq)
		answers.Go(func() {
			time.Sleep(300 * time.Millisecond)
			w.xmpp.SendElement(answer)
		})
		return nil
	})
	p.sends("bob", "Create", p.replies("bob", post, "one"))
	p.sends("erin", "Create", p.replies("erin", post, "two"))
	w.publish(louise, "second-post", note("meanwhile"))
	if got := object(p.await("Create")).Str("content"); !strings.Contains(got, "meanwhile") {
		t.Errorf("bob's server gets %q", got)
	}
	w.until("both comments stand", func() bool { return len(w.comments("first-post")) == 2 })
	w.settled()
	if n := w.publishes("first-post"); n != 2 {
		t.Errorf("published %d times", n)
	}
	if n := p.count("Create"); n != 0 {
		t.Errorf("%d more posts", n)
	}
}
