package bridge

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
)

// What somebody says in another's name, or about what is another's, has no effect
// (activitypub.md X5, X6, FEP-fe34). bob has answered, likes and boosts; mallory
// has an account on his server and one on another.
func TestX5_X6_Forgeries(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	q := w.peer()
	reply := p.replies("bob", post, "well said")
	like := map[string]any{"id": p.http.URL + "/likes/1", "type": "Like", "actor": p.actor("bob"), "object": post}
	boost := map[string]any{"id": p.http.URL + "/boosts/1", "type": "Announce", "actor": p.actor("bob"), "object": post}
	p.sends("bob", "Create", reply)
	p.post("bob", w.b.addr.SharedInbox(), like)
	p.post("bob", w.b.addr.SharedInbox(), boost)
	w.settled()
	w.forget()

	bobs := func(id string, more ...any) map[string]any { // a note of bob's that he never wrote
		n := map[string]any{"id": id, "type": "Note", "attributedTo": p.actor("bob"), "content": "I am bob", "inReplyTo": post, "to": []any{vocab.Public}, "published": ago(0), "updated": ago(0)}
		if len(more) > 0 {
			n["attributedTo"] = more
		}
		return n
	}
	never, his := p.http.URL+"/notes/never", reply["id"].(string)
	claimed := q.says("bob", "I am bob", map[string]any{"inReplyTo": post, "attributedTo": p.actor("bob")})
	lent := p.says("mallory", "I am mallory", map[string]any{"inReplyTo": post, "attributedTo": q.actor("mallory")})
	act := func(typ string, object any) map[string]any {
		return map[string]any{"type": typ, "object": object, "to": []any{vocab.Public}}
	}
	as := func(actor string, a map[string]any) map[string]any { a["actor"] = actor; return a }
	inside := func(typ string, object any) map[string]any {
		return as(p.actor("bob"), map[string]any{"id": p.http.URL + "/activities/inside", "type": typ, "object": object})
	}

	for _, c := range []struct {
		name   string
		from   *peer // whose mallory sends it
		act    map[string]any
		status int
	}{
		{"in bob's name, from his server", p, as(p.actor("bob"), act("Create", bobs(never))), 403},
		{"in bob's name, from elsewhere", q, as(p.actor("bob"), act("Create", bobs(never))), 403},
		{"a like in bob's name", q, as(p.actor("bob"), act("Like", post)), 403},
		{"bob's note, from his server", p, act("Create", bobs(never)), 202},
		{"bob's note, from elsewhere", q, act("Create", bobs(never)), 202},
		{"bob's note under an id of mallory's", q, act("Create", bobs(claimed["id"].(string))), 202},
		{"the same by its id", q, act("Create", claimed["id"]), 202},
		{"another server's word that it is mallory's", q, act("Create", lent), 202},
		{"by both of them", p, act("Create", bobs(never, p.actor("mallory"), p.actor("bob"))), 202},
		{"by both of them, the other way round", p, act("Create", bobs(never, p.actor("bob"), p.actor("mallory"))), 202},
		{"bob's own, said to be mallory's", p, act("Update", bobs(his, p.actor("mallory"))), 202},
		{"bob's own, said to be of both", p, act("Update", bobs(his, p.actor("mallory"), p.actor("bob"))), 202},
		{"another text, from his server", p, act("Update", bobs(his)), 202},
		{"another text, from elsewhere", q, act("Update", bobs(his)), 202},
		{"bob himself", q, act("Update", map[string]any{"id": p.actor("bob"), "type": "Person", "name": "Mallory"}), 202},
		{"deleted, from his server", p, act("Delete", his), 202},
		{"deleted, from elsewhere", q, act("Delete", his), 202},
		{"a Tombstone in place of it", p, act("Update", map[string]any{"id": his, "type": "Tombstone"}), 202},
		{"bob deleted, from his server", p, act("Delete", p.actor("bob")), 202},
		{"boosted with a text inside", q, act("Announce", bobs(never)), 202},
		{"passed on as bob's Create", q, act("Announce", inside("Create", bobs(never))), 202},
		{"passed on as bob's Update", q, act("Announce", inside("Update", bobs(his))), 202},
		{"passed on as bob's Delete", q, act("Announce", inside("Delete", his)), 202},
		{"passed on as bob's Like", q, act("Announce", inside("EmojiReact", post)), 202},
		{"passed on as bob's Undo", q, act("Announce", inside("Undo", like)), 202},
		{"undone, from his server", p, act("Undo", like), 202},
		{"undone as if it were mallory's", p, act("Undo", map[string]any{"id": like["id"], "type": "Like", "object": post}), 202},
		{"undone by its id", p, act("Undo", like["id"]), 202},
		{"undone from elsewhere", q, act("Undo", boost["id"]), 202},
		{"the boost undone", q, act("Undo", boost), 202},
		{"a like of bob's post", q, act("Like", his), 202},
		{"a boost of bob's post", q, act("Announce", his), 202},
		{"a like of louise", q, act("Like", w.b.addr.Actor(blog.Token)), 202},
		{"an unfollow of bob's", p, act("Undo", map[string]any{"type": "Follow", "actor": p.actor("bob"), "object": w.b.addr.Actor(blog.Token)}), 202},
	} {
		senders := []string{"mallory"}
		if c.act["type"] == "Announce" { // groups pass on what others do
			senders = append(senders, "group-of-mallory")
		}
		for _, who := range senders {
			if code := c.from.post(who, w.b.addr.SharedInbox(), maps.Clone(c.act)); code != c.status {
				t.Errorf("%s: answered with %d, want %d", c.name, code, c.status)
			}
		}
		w.settled()
		same(t, c.name+": what stands", slices.Sorted(slices.Values(w.comments("first-post"))), []string{p.jid("bob") + ": well said", p.jid("bob") + ": ♥"})
		for name, want := range map[string]string{"replies": "1", "likes": "1", "shares": "1"} {
			if _, _, body := w.get(strings.TrimPrefix(post, w.url)+"/"+name, "application/activity+json"); !strings.Contains(body, `"totalItems":`+want) {
				t.Errorf("%s: %s %s", c.name, name, body)
			}
		}
		if told := w.messages(louise); len(told) > 0 {
			t.Errorf("%s: louise is told %q", c.name, told)
		}
		if n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted); n != 1 {
			t.Errorf("%s: %d followers", c.name, n)
		}
		if t.Failed() {
			return
		}
	}
	same(t, "published", w.publishes("first-post"), 2)
	// None of it stands in the way of what bob does say.
	p.sends("bob", "Update", edited(reply, "well put", "2026-03-02T10:00:00Z"))
	w.stand("first-post", p.jid("bob")+": well put", p.jid("bob")+": ♥")
	p.sends("bob", "Undo", like)
	p.sends("bob", "Delete", his)
	w.stand("first-post")
}

// What mallory brings of bob's counts as his own server has it.
func TestX6_WhatSomebodyElseBrings(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	q := w.peer()
	n := p.replies("bob", post, "what bob wrote")
	forged := edited(n, "what mallory made of it", ago(0))
	for _, typ := range []string{"Create", "Update"} {
		q.sends("mallory", typ, forged)
		w.settled()
		w.stand("first-post", p.jid("bob")+": what bob wrote")
	}
	p.mu.Lock()
	p.serve(strings.TrimPrefix(n["id"].(string), p.http.URL), edited(n, "what bob made of it", "2026-03-02T10:00:00Z"))
	p.mu.Unlock()
	update := map[string]any{"id": p.http.URL + "/u/1", "type": "Update", "actor": p.actor("bob"), "object": forged}
	p.mu.Lock()
	p.reads = nil
	p.mu.Unlock()
	q.sends("mallory", "Announce", update) // who is no group has nothing to pass on
	w.settled()
	w.stand("first-post", p.jid("bob")+": what bob wrote")
	p.mu.Lock()
	if len(p.reads) > 0 {
		t.Errorf("mallory makes us ask for %q", p.reads)
	}
	p.mu.Unlock()
	q.sends("group", "Announce", update)
	w.stand("first-post", p.jid("bob")+": what bob made of it")
	p.mu.Lock()
	delete(p.docs, strings.TrimPrefix(n["id"].(string), p.http.URL))
	p.mu.Unlock()
	q.sends("group", "Announce", map[string]any{"id": p.http.URL + "/d/1", "type": "Delete", "actor": p.actor("bob"), "object": n["id"]})
	w.stand("first-post")
}

// In XMPP an entry counts only if its author is who published it.
func TestY5_EntryInAnothersName(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	w.says(alice, "start")
	p.sends("bob", "Create", p.replies("bob", post, "well said"))
	w.stand("first-post", p.jid("bob")+": well said")
	w.writes(alice, "first-post", "c1", comment(louise, "louise thanks you"))
	w.writes(alice, "first-post", "h1", answering(w.itemOf("first-post", 0), comment(louise, "♥")))
	w.writes(alice, "first-post", "c2", comment(alice, "alice does"))
	if o := object(p.await("Create")); !strings.Contains(o.Str("content"), "alice does") {
		t.Errorf("said %v", o)
	}
	w.settled()
	if p.count("Create")+p.count("Like") != 0 {
		t.Error("alice spoke as louise")
	}
	// A post on louise's own node that another one published stays home.
	w.put(louise, microblog, "second", alice+"/x", note("by alice"))
	w.event(louise, `<items node='`+microblog+`'><item id='second' publisher='`+alice+`/x'>`+note("by alice")+`</item></items>`)
	w.says(louise, "status")
	if post, err := w.db.PostByItem(t.Context(), blog.ID, "second"); err != nil || !post.Home {
		t.Errorf("alice's post on louise's node: %+v, %v", post, err)
	}
}
