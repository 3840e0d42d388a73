package bridge

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
	"isthmus/queue"
)

func TestFollowUnfollowRefollow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	blog := w.enrolled(louise)
	actor := w.b.addr.Actor(blog.Token)
	p.follows("bob", blog.Token)
	p.follows("bob", blog.Token) // the first Accept may have been lost

	inbox := w.b.addr.SharedInbox()
	undone := func() bool {
		n, err := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted)
		return err == nil && n == 0
	}
	p.post("mallory", inbox, map[string]any{"type": "Undo", "object": map[string]any{"type": "Follow", "actor": p.actor("bob"), "object": actor}})
	p.post("bob", inbox, map[string]any{"type": "Undo", "object": map[string]any{"type": "Follow", "actor": p.actor("bob"), "object": actor}})
	w.until("bob is gone", undone)
	w.publish(louise, "unread", note("unread"))
	w.stored(blog, "unread", "unread")

	p.follows("bob", blog.Token)
	follow := fmt.Sprintf("%s/activities/f", p.http.URL)
	p.post("carol", inbox, map[string]any{"id": follow, "type": "Follow", "object": actor})
	p.await("Accept")
	w.publish(louise, "read", note("read"))
	if got := object(p.await("Create")).Str("content"); !strings.Contains(got, "read") || strings.Contains(got, "unread") {
		t.Errorf("got %q", got)
	}
	if p.count("Create") != 0 {
		t.Error("one shared inbox got a post twice, or somebody who had left got one")
	}
	p.post("carol", inbox, map[string]any{"type": "Undo", "object": follow}) // by id alone
	p.post("bob", inbox, map[string]any{"type": "Block", "object": actor})
	w.until("both are gone", undone)
}

func TestFollowerIsDeleted(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	if code := p.post("bob", w.b.addr.SharedInbox(), map[string]any{"type": "Delete", "object": p.actor("bob")}); code != 202 {
		t.Fatalf("Delete answered with %d", code)
	}
	w.until("bob is gone", func() bool {
		n, err := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted)
		return err == nil && n == 0
	})
}

// Approval by hand: pending until the owner says so.
func TestFollowerIsApproved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	blog := w.enrolled(louise)
	w.says(louise, "approval on")
	w.xmpp.Forget()
	for _, who := range []string{"bob", "mallory"} {
		p.post(who, w.b.addr.Inbox(blog.Token), map[string]any{"type": "Follow", "object": w.b.addr.Actor(blog.Token)})
		if text := w.told(louise); !strings.Contains(text, "@"+who+"@") {
			t.Errorf("told %q", text)
		}
	}
	if text := w.says(louise, "followers"); !strings.Contains(text, "Waiting") || !strings.Contains(text, "@mallory@") {
		t.Errorf("followers says %q", text)
	}
	w.says(louise, "approve @bob@"+p.name)
	w.says(louise, "reject @mallory@"+p.name)
	if follow := object(p.await("Accept")); follow.Str("actor") != p.actor("bob") {
		t.Errorf("accepted %v", follow)
	}
	if follow := object(p.await("Reject")); follow.Str("actor") != p.actor("mallory") {
		t.Errorf("rejected %v", follow)
	}
	// Who was refused may ask again, and is in the list, but writes no second message.
	w.xmpp.Forget()
	p.post("mallory", w.b.addr.Inbox(blog.Token), map[string]any{"type": "Follow", "object": w.b.addr.Actor(blog.Token)})
	w.until("mallory waits again", func() bool {
		n, err := w.db.FollowerCount(t.Context(), blog.ID, followerPending)
		return err == nil && n == 1
	})
	if text := w.says(louise, "followers"); !strings.Contains(text, "@mallory@") {
		t.Errorf("followers says %q", text)
	}
	w.xmpp.ExpectNone(`<message to='louise@example.org'/>`)
	_, _, body := w.get("/ap/actor/"+blog.Token, "application/activity+json")
	if doc, _ := vocab.Read([]byte(body), vocab.DefaultLimits); !doc.Bool("manuallyApprovesFollowers") {
		t.Error("the actor does not say that followers are approved by hand")
	}
}

// Five refusals, then it works: nothing is lost, order is kept.
func TestPeerHasTrouble(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	p.mu.Lock()
	p.fail = []int{500, 502, 503, 500, 429}
	p.mu.Unlock()
	w.publish(louise, "a", note("one"))
	w.stored(blog, "a", "one")
	w.publish(louise, "a", note("two"))
	w.stored(blog, "a", "two")
	w.retract(louise, "a")
	p.await("Delete")
	if p.count("Create") != 1 || p.count("Update") != 1 {
		t.Errorf("%d Creates and %d Updates came", p.count("Create"), p.count("Update"))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.got[0].Is("Create") || !p.got[1].Is("Update") {
		t.Error("out of order")
	}
}

// stop deletes the actor at everybody it ever reached, and for good.
func TestStop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, left := w.peer(), w.peer()
	blog := w.enrolled(louise)
	p.follows("bob", blog.Token)
	left.follows("dora", blog.Token)
	w.publish(louise, "a", note("a post"))
	post := object(p.await("Create"))
	left.await("Create")
	left.post("dora", w.b.addr.SharedInbox(), map[string]any{"type": "Undo", "object": map[string]any{"type": "Follow", "actor": left.actor("dora"), "object": w.b.addr.Actor(blog.Token)}})
	w.until("dora left", func() bool {
		n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted)
		return n == 1
	})
	if text := w.says(louise, "stop"); !strings.Contains(text, "posts 1, followers 1") || !strings.Contains(text, "yes") {
		t.Errorf("stop asks %q", text)
	}
	w.says(louise, "yes")
	for _, peer := range []*peer{p, left} {
		if gone := peer.await("Delete"); first(gone.IDs("object")) != w.b.addr.Actor(blog.Token) {
			t.Errorf("Delete is about %v", gone["object"])
		}
	}
	for _, path := range []string{"/ap/actor/" + blog.Token, strings.TrimPrefix(post.ID(), w.url), "/.well-known/webfinger?resource=acct:louise@" + w.b.cfg.HandleDomain} {
		if code, _, _ := w.get(path, "application/activity+json"); code != 410 {
			t.Errorf("%s answers %d", path, code)
		}
	}
	if text := w.says(louise, "status"); !strings.Contains(text, "Off") {
		t.Errorf("status says %q", text)
	}
	w.says(louise, "start")
	again, err := w.db.BlogByNode(t.Context(), louise, microblog)
	if err != nil || again.Token == blog.Token || again.Handle != "louise" {
		t.Errorf("beginning anew gives %+v, %v", again, err)
	}
}

// An inbox that is gone takes its follower along when the actor says so too;
// one that is only not found gets a second look a day later.
func TestGoneInbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, q := w.peer(), w.peer()
	blog := w.enrolled(louise)
	p.follows("bob", blog.Token)
	q.follows("dora", blog.Token)
	left := func(want int) func() bool {
		return func() bool {
			n, err := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted)
			return err == nil && n == want
		}
	}
	look := func(p *peer, kind string) {
		err := w.b.confirmGone(t.Context(), queue.Job{Kind: kind, Key: p.http.URL + "/inbox"})
		if err != nil {
			t.Fatal(err)
		}
	}
	look(p, kindInboxGone) // a lie: the actor is there
	w.until("both stay", left(2))
	p.answers("bob", 404)
	look(p, kindInboxGone)
	w.until("both stay", left(2))
	if j, err := w.db.JobByKey(t.Context(), kindInboxMissing, p.http.URL+"/inbox"); err != nil || j.Due < w.b.nowMS()+dayMS/2 {
		t.Errorf("the second look is %+v, %v", j, err)
	}
	look(p, kindInboxMissing)
	w.until("bob is gone", left(1))
	q.answers("dora", 410)
	look(q, kindInboxGone)
	w.until("dora is gone", left(0))
}

// The person can be listed or not, and is not unless they say so.
func TestDiscoverable(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	flags := func(d vocab.Doc) [2]bool { return [2]bool{d.Bool("discoverable"), d.Bool("indexable")} }
	if got := flags(w.doc(w.b.addr.Actor(blog.Token))); got != [2]bool{} {
		t.Errorf("at first the flags are %v", got)
	}
	w.says(louise, "discoverable on")
	if got := flags(object(p.await("Update"))); got != [2]bool{true, true} {
		t.Errorf("then they are %v", got)
	}
}
