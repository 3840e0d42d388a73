package bridge

import (
	"database/sql"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/db/pgtest"
)

// restored goes back to an old copy of the database, as after a crash of the disk.
func (w *world) restored(from string) {
	w.t.Helper()
	w.stop()
	if err := w.db.Close(); err != nil {
		w.t.Fatal(err)
	}
	_, _, err := db.Restore(w.t.Context(), from, w.file, time.Now())
	if err == nil {
		w.db, err = db.Open(w.t.Context(), "sqlite:"+w.file)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.restart()
}

// Who goes back to yesterday's copy gives what was published since the same ids again,
// so that nobody on the Fediverse sees it twice; what was deleted and comes back is
// something new.
func TestOldCopyGivesTheSameIDs(t *testing.T) {
	pgtest.FilesOnly(t)
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	w.publish(louise, "before", note("before the copy"))
	p.await("Create")
	w.settled()
	copied := w.file + ".copy"
	if _, err := db.Backup(t.Context(), w.file, copied); err != nil {
		t.Fatal(err)
	}
	w.publish(louise, "since", note("since the copy"))
	since := p.await("Create")
	w.settled()

	w.restored(copied)
	again := p.await("Create")
	if again.ID() != since.ID() || again.IDs("object")[0] != since.IDs("object")[0] {
		t.Errorf("%s of %s, and then %s of %s", since.ID(), since.IDs("object"), again.ID(), again.IDs("object"))
	}
	w.settled()
	if n := p.count("Create"); n != 0 {
		t.Errorf("%d more Creates", n)
	}
	if n, err := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted); n != 1 || err != nil {
		t.Errorf("%d followers, %v", n, err)
	}

	w.retract(louise, "since")
	p.await("Delete")
	w.publish(louise, "since", note("another with the same item id"))
	if other := p.await("Create"); other.ID() == since.ID() || other.IDs("object")[0] == since.IDs("object")[0] {
		t.Errorf("a deleted id comes back: %s", other.ID())
	}
}

// A comment that somebody made since the copy stands where it was placed; as long as
// it is young its author's edits find it, and then their deletion, too.
func TestOldCopyAndComments(t *testing.T) {
	pgtest.FilesOnly(t)
	t.Parallel()
	w, p, _, post := discussedPost(t)
	copied := w.file + ".copy"
	if _, err := db.Backup(t.Context(), w.file, copied); err != nil {
		t.Fatal(err)
	}
	reply := p.replies("bob", post, "well said")
	reply["published"] = time.Now().UTC().Format(time.RFC3339)
	p.sends("bob", "Create", reply)
	w.stand("first-post", p.jid("bob")+": well said")
	w.settled()

	w.restored(copied)
	w.settled()
	p.sends("bob", "Update", edited(reply, "better said", time.Now().Add(time.Second).UTC().Format(time.RFC3339)))
	w.settled()
	w.stand("first-post", p.jid("bob")+": better said")
	p.sends("bob", "Delete", reply["id"])
	w.settled()
	w.stand("first-post")
}

// What one comparison missed because it was killed is found by the next one, however
// much was heard of since.
func TestMissedLongAgo(t *testing.T) {
	t.Parallel()
	for _, paged := range []bool{false, true} {
		t.Run(fmt.Sprint("paged ", paged), func(t *testing.T) {
			t.Parallel()
			w, p, blog := newFollowedBlog(t)
			w.change(louise, microblog, func(n *node) { n.paged = paged })
			w.publish(louise, "known", note("known"))
			p.await("Create")
			w.publish(louise, "seized", note("mine"))
			p.await("Create")
			w.again(blog)
			w.put(louise, microblog, "missed", louise+"/phone", note("nobody heard of it"))
			for i := range 120 {
				w.publish(louise, fmt.Sprint("heard ", i), note(fmt.Sprint("heard of ", i)))
			}
			w.until("all are sent", func() bool { return p.count("Create") == 120 })
			w.drop(louise, microblog, "known") // an edit: Prosody puts the item at the end
			w.publish(louise, "known", note("known, and edited"))
			p.await("Update")
			w.drop(louise, microblog, "seized") // as does somebody else's overwriting
			seized := note("not mine")
			w.put(louise, microblog, "seized", alice+"/x", seized)
			w.event(louise, `<items node='`+microblog+`'><item id='seized' publisher='`+alice+`/x'>`+seized+`</item></items>`)
			w.until("it is ignored", func() bool {
				post, err := w.db.PostByItem(t.Context(), blog.ID, "seized")
				return err == nil && post.Hash == payloadHash(parse(t, seized))
			})
			w.again(blog)
			w.until("the one that was missed", func() bool { return p.count("Create") == 121 })
			asked := 0
			w.mu.Lock()
			w.asked = func(iq *stanza.Element) {
				if iq.First(stanza.NSPubSub, "pubsub").First(stanza.NSPubSub, "items") != nil {
					asked++
				}
			}
			w.mu.Unlock()
			w.again(blog)
			w.mu.Lock()
			defer w.mu.Unlock()
			if asked != 1 { // all is known now
				t.Errorf("%d requests for items", asked)
			}
		})
	}
}

// An edit of an old post, made while nobody listened, is found when the stream is back,
// also where it keeps its place.
func TestOldPostEditedMeanwhile(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	w.change(louise, microblog, func(n *node) { n.paged = true })
	for i := range 130 {
		w.publish(louise, fmt.Sprint("post ", i), note(fmt.Sprint("number ", i)))
	}
	w.until("all are sent", func() bool { return p.count("Create") == 130 })
	w.again(blog)
	w.xmpp.Stop()
	w.put(louise, microblog, "post 3", louise+"/phone", note("edited while nobody listened"))
	w.xmpp.Restart()
	if edit := p.await("Update"); !strings.Contains(fmt.Sprint(edit), "edited while nobody listened") {
		t.Errorf("%v", edit)
	}
}

// Another program holds the file for longer than anybody waits (a backup gone wrong, an
// open shell): who writes to us is asked to come again, and nothing is lost.
func TestDatabaseLockedByAnotherProgram(t *testing.T) {
	pgtest.FilesOnly(t)
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	other, err := sql.Open("sqlite", "file:"+w.file+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	conn, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.settled() // the end of a job that could not be stored would be waited for until its lease ends
	if _, err := conn.ExecContext(t.Context(), `begin exclusive`); err != nil {
		t.Fatal(err)
	}
	follow := map[string]any{"id": p.http.URL + "/follows/late", "type": "Follow", "object": w.b.addr.Actor(blog.Token)}
	if code := p.post("carol", w.b.addr.SharedInbox(), follow); code != http.StatusServiceUnavailable {
		t.Errorf("an activity is answered with %d", code)
	}
	w.publish(louise, "meanwhile", note("written meanwhile"))
	if code, _, _ := w.get("/ap/actor/"+blog.Token, "application/activity+json"); code != http.StatusOK {
		t.Errorf("reading: %d", code)
	}
	if _, err := conn.ExecContext(t.Context(), `rollback`); err != nil {
		t.Fatal(err)
	}
	if code := p.post("carol", w.b.addr.SharedInbox(), follow); code != http.StatusAccepted {
		t.Errorf("and then with %d", code)
	}
	w.until("the post is sent all the same", func() bool { w.again(blog); return p.count("Create") == 1 })
	w.settled()
	if n, err := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted); n != 2 || err != nil {
		t.Errorf("%d followers, %v", n, err)
	}
}
