package bridge

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
	"isthmus/db"
)

// The attacks of activitypub.md §7.2 that other tests do not name. Each comment says
// which guard the test is about.

// TestX10_LinkedData: what brings a linked-data signature is asked for at its origin
// (forwarded); contexts are never fetched, whatever they would make of the words.
func TestX10_LinkedData(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	q := w.peer()
	wrote := p.replies("bob", post, "what bob wrote")
	lie := edited(wrote, "what mallory made of it", ago(0))
	never := map[string]any{"id": p.http.URL + "/notes/never", "type": "Note", "attributedTo": p.actor("bob"), "content": "never", "inReplyTo": post, "to": []any{vocab.Public}}
	q.mu.Lock()
	q.docs["/context"] = `{"@context":{"object":"https://www.w3.org/ns/activitystreams#actor","actor":"https://www.w3.org/ns/activitystreams#object"}}`
	q.mu.Unlock()
	for i, trick := range []map[string]any{
		{"object": lie}, {"object": never},
		{"object": lie, "@graph": []any{map[string]any{"id": "x", "type": "Create", "actor": p.actor("bob"), "object": never}}},
		{"object": lie, "@included": []any{never}},
		{"object": lie, "@reverse": map[string]any{"object": never}},
	} {
		a := proven(map[string]any{"id": fmt.Sprint(p.http.URL, "/ld/", i), "type": "Create", "actor": p.actor("bob"), "to": []any{vocab.Public}})
		for k, v := range trick {
			a[k] = v
		}
		// post sets a context of its own; a term that leads elsewhere goes beside it.
		a["as"] = map[string]any{"@context": q.http.URL + "/context"}
		if code := q.post("mallory", w.b.addr.SharedInbox(), a); code != 202 {
			t.Errorf("%d answered with %d", i, code)
		}
		w.settled()
	}
	w.stand("first-post", p.jid("bob")+": what bob wrote")
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.reads) != 0 {
		t.Errorf("read from mallory: %q", q.reads)
	}
}

// TestX12_Circles: conversations, moves and boosts that lead back into themselves end
// (repliesOf, move, announced, handleReads).
func TestX12_Circles(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	q := w.peer()
	pages := p.http.URL + "/circle"
	n := p.says("bob", "round and round", map[string]any{"replies": pages})
	reply := p.replies("carol", n["id"].(string), "and back")
	reply["replies"] = pages
	p.mu.Lock()
	p.serve(strings.TrimPrefix(reply["id"].(string), p.http.URL), reply)
	p.docs["/circle"] = fmt.Sprintf(`{"id":%q,"type":"Collection","first":%[1]q,"items":[%q,%q],"next":%[1]q}`, pages, reply["id"], n["id"])
	p.reads = nil
	p.mu.Unlock()
	p.sends("bob", "Create", n)
	ev := w.awaitsEvent(p.jid("bob"), alice, microblog)
	w.reads(alice, p.jid("bob"), commentsOf(ev.Items[0].ID), "", "")
	w.settled()
	p.mu.Lock()
	if round := strings.Count(strings.Join(p.reads, " "), "/circle"); round != 1 {
		t.Errorf("the circle is read %d times: %q", round, p.reads)
	}
	p.mu.Unlock()

	// bob and carol each say that they are the other.
	q.outbox("carol", 20)
	p.extra["bob"] = `,"alsoKnownAs":["` + q.actor("carol") + `"]`
	q.extra["carol"] = `,"alsoKnownAs":["` + p.actor("bob") + `"]`
	for range 3 {
		p.post("bob", w.url+"/ap/inbox", map[string]any{"type": "Move", "object": p.actor("bob"), "target": q.actor("carol")})
		q.post("carol", w.url+"/ap/inbox", map[string]any{"type": "Move", "object": q.actor("carol"), "target": p.actor("bob")})
		w.settled()
	}
	if there, back := q.count("Follow"), p.count("Follow"); there > 1 || back > 1 {
		t.Errorf("follows there %d, and back %d", there, back)
	}

	before := len(w.sent())
	inner := map[string]any{"id": q.http.URL + "/a/1", "type": "Announce", "actor": q.actor("eve"), "object": q.http.URL + "/a/1"}
	for _, object := range []any{inner, inner["id"], q.http.URL + "/a/2"} {
		q.sends("eve", "Announce", object)
		p.sends("bob", "Announce", object)
	}
	w.settled()
	for _, e := range w.sent()[before:] {
		if strings.Contains(string(e.AppendXML(nil, "")), "/a/1") {
			t.Errorf("a boost of a boost is told: %s", e.AppendXML(nil, ""))
		}
	}
}

// TestX17_ManyNames: a post that names a thousand accounts makes us ask for none of
// them (namedIn), and one that names more than a document may hold is refused.
func TestX17_ManyNames(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	q := w.peer()
	tags := func(n int) (out []any) {
		for i := range n {
			out = append(out, map[string]any{"type": "Mention", "href": q.actor(fmt.Sprint("u", i)), "name": fmt.Sprintf("@u%d@%s", i, q.name)},
				map[string]any{"type": "Emoji", "name": ":x:", "icon": map[string]any{"url": fmt.Sprint(q.http.URL, "/emoji/", i)}})
		}
		return out
	}
	asked := 0
	q.looked = func() { asked++ }
	n := p.replies("bob", post, "everybody")
	n["tag"] = tags(1000)
	p.sends("bob", "Create", n)
	w.stand("first-post", p.jid("bob")+": everybody")
	w.settled()
	q.mu.Lock()
	if asked+len(q.reads) > 20 {
		t.Errorf("%d accounts and %d files were asked for", asked, len(q.reads))
	}
	q.mu.Unlock()
	n["cc"] = strings.Split(strings.Repeat("a,", 20_000), ",")
	if code := p.post("bob", w.b.addr.SharedInbox(), map[string]any{"type": "Update", "object": n}); code != 400 {
		t.Errorf("twenty thousand names: %d", code)
	}
}

// TestX18_Oracle: what is private answers like what never was (publicPost, Activity).
func TestX18_Oracle(t *testing.T) {
	t.Parallel()
	w, p, blog, _ := discussedPost(t)
	w.says(louise, "follow bob@"+p.name)
	p.await("Follow")
	w.put(louise, microblog, "at-home", alice+"/x", note("by alice")) // published by another: it stays home
	w.event(louise, `<items node='`+microblog+`'><item id='at-home' publisher='`+alice+`/x'>`+note("by alice")+`</item></items>`)
	var home db.Post
	w.until("the item is stored", func() bool {
		post, err := w.db.PostByItem(t.Context(), blog.ID, "at-home")
		home = post
		return err == nil && home.Home
	})
	secret := []string{"/ap/post/" + home.Token, "/ap/post/" + home.Token + "/replies", "/ap/post/" + home.Token + "/likes", "/@" + blog.Handle + "/" + home.Token}
	for _, path := range secret {
		never := strings.ReplaceAll(path, home.Token, strings.Repeat("a", len(home.Token)))
		for _, accept := range []string{"application/activity+json", "text/html"} {
			code, header, body := w.get(path, accept)
			wantCode, wantHeader, want := w.get(never, accept)
			header.Del("Date")
			wantHeader.Del("Date")
			if code != http.StatusNotFound && code != 302 || code != wantCode || strings.ReplaceAll(body, home.Token, "") != strings.ReplaceAll(want, strings.Repeat("a", len(home.Token)), "") || fmt.Sprint(header) != fmt.Sprint(wantHeader) {
				t.Errorf("%s as %s: %d %v %.200s\nwant %d %v %.200s", path, accept, code, header, body, wantCode, wantHeader, want)
			}
		}
	}
	_, _, body := w.get("/ap/actor/"+blog.Token+"/following", "application/activity+json")
	if strings.Contains(body, p.actor("bob")) {
		t.Errorf("whom louise asks to follow is told: %s", body)
	}
}

// TestX19_InboxElsewhere: an actor cannot aim what we deliver at somebody else
// (fetchActor, inboxFor), neither at first nor by an Update.
func TestX19_InboxElsewhere(t *testing.T) {
	t.Parallel()
	w, p, blog, _ := discussedPost(t)
	victim := w.peer()
	actor := func(user, inbox, shared string) {
		p.mu.Lock()
		defer p.mu.Unlock()
		id := p.actor(user)
		p.docs["/users/"+user] = fmt.Sprintf(`{"id":%q,"type":"Person","preferredUsername":%q,"inbox":%q,"endpoints":{"sharedInbox":%q},"publicKey":{"id":%q,"owner":%q,"publicKeyPem":%q}}`,
			id, user, inbox, shared, id+"#main-key", id, p.publicPEM())
	}
	self := w.b.addr.Actor(blog.Token)
	actor("mallory", victim.http.URL+"/inbox", p.http.URL+"/inbox")
	p.post("mallory", w.b.addr.Inbox(blog.Token), map[string]any{"type": "Follow", "object": self})
	actor("eve", p.http.URL+"/users/eve/inbox", victim.http.URL+"/inbox")
	p.post("eve", w.b.addr.Inbox(blog.Token), map[string]any{"type": "Follow", "object": self})
	p.await("Accept") // eve's, to her own inbox
	actor("eve", victim.http.URL+"/inbox", victim.http.URL+"/inbox")
	p.post("eve", w.b.addr.SharedInbox(), map[string]any{"type": "Update", "object": map[string]any{"id": p.actor("eve"), "type": "Person", "inbox": victim.http.URL + "/inbox"}})
	w.settled()
	w.publish(louise, "second-post", note("for my followers"))
	p.await("Create")
	w.settled()
	victim.mu.Lock()
	defer victim.mu.Unlock()
	if len(victim.got) != 0 {
		t.Errorf("the victim gets %v", victim.got)
	}
	if n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted); n != 2 { // bob and eve
		t.Errorf("%d followers", n)
	}
}

// TestX20_Storms: who undoes, blocks and reports in a storm hurts nobody but
// themselves (undo, blockedBy, reportsPerHour).
func TestX20_Storms(t *testing.T) {
	t.Parallel()
	w, p, blog, _ := administered(t)
	self := w.b.addr.Actor(blog.Token)
	for i := range 40 {
		for typ, object := range map[string]any{
			"Undo":  map[string]any{"id": p.http.URL + "/activities/1", "type": "Follow", "actor": p.actor("bob"), "object": self},
			"Block": self, "Flag": []any{self}, "Reject": map[string]any{"type": "Follow", "actor": self, "object": p.actor("bob")},
		} {
			p.post("mallory", w.b.addr.SharedInbox(), map[string]any{"id": fmt.Sprint(p.http.URL, "/storm/", typ, i), "type": typ, "object": object})
		}
	}
	w.settled()
	if n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted); n != 1 {
		t.Errorf("%d followers are left", n)
	}
	if list, _ := w.db.Reports(t.Context(), "open", 100); len(list) != reportsPerHour {
		t.Errorf("%d reports", len(list))
	}
	w.publish(louise, "second-post", note("still here"))
	p.await("Create")
}

// TestY10_Loops: what we made ourselves does not come in again by way of others, and
// what came in does not go out (ours, isVirtual).
func TestY10_Loops(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	reply := p.replies("bob", post, "well said")
	p.sends("bob", "Create", reply)
	w.stand("first-post", p.jid("bob")+": well said")
	w.settled()
	if n := p.count("Create"); n != 0 { // the XMPP server announced the comment that we placed
		t.Errorf("bob's own reply is sent out %d times", n)
	}
	// Another gateway, or a group, hands us our own.
	_, _, mine := w.get(strings.TrimPrefix(post, w.url), "application/activity+json")
	doc, err := vocab.Read([]byte(mine), vocab.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	ours := map[string]any{"id": w.url + "/ap/activity/x", "type": "Create", "actor": w.b.addr.Actor(blog.Token), "object": map[string]any(doc)}
	for range 3 {
		p.sends("group", "Announce", ours)
		p.post("group", w.b.addr.SharedInbox(), proven(map[string]any{"id": ours["id"], "type": "Create", "actor": ours["actor"], "object": ours["object"]}))
		p.sends("mallory", "Create", map[string]any(doc))
	}
	w.settled()
	w.stand("first-post", p.jid("bob")+": well said")
	if n := p.count("Create") + p.count("Announce"); n != 0 {
		t.Errorf("%d activities go out again", n)
	}
	same(t, "published", w.publishes("first-post"), 1)
}
