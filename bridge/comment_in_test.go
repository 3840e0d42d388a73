package bridge

import (
	"strconv"
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/db"
)

// What people on the Fediverse do with a comment of louise's is about that comment:
// answers stand below it, likes and boosts are counted there and told.
func TestAnswerToAComment(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	p.sends("bob", "Create", p.replies("bob", post, "well said"))
	w.stand("first-post", p.jid("bob")+": well said")
	w.writes(louise, "first-post", "c1", comment(louise, "thank you"))
	mine := object(p.await("Create")).ID()
	w.settled()
	w.forget()
	p.sends("bob", "Create", p.replies("bob", mine, "any time"))
	w.stand("first-post", p.jid("bob")+": well said", louise+": thank you", p.jid("bob")+": any time")
	w.change(louise, commentsOf("first-post"), func(n *node) {
		entry, _ := stanza.ParseEntry(n.items[2].Payload)
		want := stanza.ItemURI(mustJID(louise), commentsOf("first-post"), "c1").String()
		if len(entry.InReplyTo) != 1 || entry.InReplyTo[0].Href != want {
			t.Errorf("it answers %+v, want %s", entry.InReplyTo, want)
		}
	})
	w.total(mine, "replies", "1")
	w.total(post, "replies", "2")
	like := map[string]any{"id": p.http.URL + "/likes/1", "type": "Like", "object": mine}
	p.post("bob", w.b.addr.SharedInbox(), like)
	p.sends("bob", "Announce", mine)
	w.settled()
	w.total(mine, "likes", "1")
	w.total(mine, "shares", "1")
	w.total(post, "likes", "0")
	told := strings.Join(w.messages(louise), "\n")
	for _, part := range []string{"answered your comment “thank you”", "our comment “thank you”\n  liked by @bob", "boosted by @bob"} {
		if !strings.Contains(told, part) {
			t.Errorf("louise is told %q, without %q", told, part)
		}
	}
	p.sends("bob", "Undo", like)
	w.total(mine, "likes", "0")
	w.stand("first-post", p.jid("bob")+": well said", louise+": thank you", p.jid("bob")+": any time")
	// When she takes it back, it can be answered no more.
	w.drop(louise, commentsOf("first-post"), "c1")
	w.retractsComment("c1")
	p.await("Delete")
	p.sends("bob", "Create", p.replies("bob", mine, "too late"))
	p.sends("bob", "Like", mine)
	w.settled()
	w.stand("first-post", p.jid("bob")+": well said", p.jid("bob")+": any time")
	if code, _, _ := w.get(strings.TrimPrefix(mine, w.url), "application/activity+json"); code != 410 {
		t.Errorf("it answers %d", code)
	}
}

// Two bloggers of ours talk below the post of one of them: nobody is told twice,
// and what somebody else answers the one is shown to both.
func TestBloggersTalk(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	w.says(alice, "start")
	w.forget()
	w.writes(alice, "first-post", "c1", comment(alice, "hello louise"))
	hers := w.said("first-post", "c1")
	w.writes(louise, "first-post", "c2", answering(stanza.ItemURI(mustJID(louise), commentsOf("first-post"), "c1").String(), comment(louise, "hello alice")))
	o := object(p.await("Create"))
	if o.Str("inReplyTo") != hers || o.Str("attributedTo") != w.b.addr.Actor(blog.Token) {
		t.Errorf("louise answers %v", o)
	}
	w.settled()
	if told := append(w.messages(louise), w.messages(alice)...); len(told) != 0 {
		t.Errorf("they are told %q, which they read below the post", told)
	}
	w.total(post, "replies", "1")
	w.total(hers, "replies", "1")
	p.sends("bob", "Create", p.replies("bob", hers, "hello both"))
	w.stand("first-post", alice+": hello louise", louise+": hello alice", p.jid("bob")+": hello both")
	w.settled()
	counts := map[string]int{}
	for _, e := range w.sent() {
		if e.Local == "message" && strings.Contains(e.First("", "body").Text(), "hello both") {
			counts[e.Get("to")]++
		}
	}
	if len(counts) != 2 || counts[louise] != 1 || counts[alice] != 1 {
		t.Errorf("told %v", counts)
	}
}

// A node that announces what is commented is not read again after each comment: in a storm
// of them a server would do little else.
func TestNodeThatAnnouncesIsNotReadAgain(t *testing.T) {
	t.Parallel()
	w, p, _, object := discussedPost(t)
	var thread db.Thread
	w.until("the node is subscribed to", func() (ok bool) {
		thread, _ = w.db.ThreadByNode(t.Context(), louise, commentsOf("first-post"))
		return thread.Subscribed
	})
	look := func() (j db.Job, err error) {
		return w.db.JobByKey(t.Context(), kindThread, strconv.FormatInt(thread.ID, 10))
	}
	var before db.Job
	w.until("the next look is late", func() bool {
		before, _ = look()
		return before.Due > w.b.nowMS()+10_000
	})
	p.sends("bob", "Create", p.replies("bob", object, "well said"))
	w.stand("first-post", p.jid("bob")+": well said")
	w.told(louise) // when the comment stands for the gateway, too
	if after, err := look(); err != nil || after.Due != before.Due {
		t.Errorf("the next look is at %d, was at %d: %v", after.Due, before.Due, err)
	}
}
