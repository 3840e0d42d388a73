package bridge

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// handled waits until everything received was dealt with.
func (w *world) handled() {
	w.t.Helper()
	w.until("the inbox is empty", func() bool {
		st, err := w.db.QueueStats(w.t.Context())
		return err == nil && st.Inbound == 0
	})
}

// Who stops, or asks to approve, while a follower is being read has said so.
func TestOwnerDecidesWhileFollowIsRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(tx *db.Tx, blog db.Blog) error
		state  string
	}{
		"stop":     {func(tx *db.Tx, blog db.Blog) error { return tx.SetState(t.Context(), blog.ID, db.Gone) }, ""},
		"approval": {func(tx *db.Tx, blog db.Blog) error { blog.Approve = true; return tx.SetOptions(t.Context(), blog) }, followerPending},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			p := w.peer()
			blog := w.enrolled(louise)
			inbox := w.b.addr.Inbox(blog.Token)
			p.post("bob", inbox, map[string]any{"type": "Block", "object": "x"}) // reads the key
			w.handled()
			w.b.verifier.TakeActor(p.actor("bob")) // and who that is was longer ago
			p.looked = func() {
				if err := w.db.Tx(t.Context(), func(tx *db.Tx) error { return c.change(tx, blog) }); err != nil {
					t.Error(err)
				}
			}
			p.post("bob", inbox, map[string]any{"type": "Follow", "object": w.b.addr.Actor(blog.Token)})
			w.handled()
			f, _ := w.db.Follower(t.Context(), blog.ID, p.actor("bob"))
			if f.State != c.state || p.count("Accept") != 0 {
				t.Errorf("the follower is %q, %d Accepts", f.State, p.count("Accept"))
			}
		})
	}
}

// An Undo may overtake its Follow (activitypub.md I6).
func TestUndoBeforeFollow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	blog := w.enrolled(louise)
	inbox, actor := w.b.addr.Inbox(blog.Token), w.b.addr.Actor(blog.Token)
	follow := func(n int) string { return fmt.Sprintf("%s/follows/%d", p.http.URL, n) }
	embedded := map[string]any{"id": follow(1), "type": "Follow", "actor": p.actor("bob"), "object": actor}
	p.post("bob", inbox, map[string]any{"type": "Undo", "object": embedded})
	p.post("bob", inbox, map[string]any{"id": follow(1), "type": "Follow", "object": actor})
	p.post("carol", inbox, map[string]any{"type": "Undo", "object": follow(2)})
	p.post("carol", inbox, map[string]any{"id": follow(2), "type": "Follow", "object": actor})
	w.handled()
	if n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted); n != 0 {
		t.Errorf("%d followers who had left", n)
	}
	p.follows("bob", blog.Token) // anew
	// A Follow embedded without its object is known by its id.
	f, _ := w.db.Follower(t.Context(), blog.ID, p.actor("bob"))
	p.post("bob", inbox, map[string]any{"type": "Undo", "object": map[string]any{"id": f.Follow, "type": "Follow"}})
	w.handled()
	if n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted); n != 0 {
		t.Error("bob is still there")
	}
}

// Misskey's Follow of one pair has one id for ever, and so has its Undo.
func TestRefollowUnderOneID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	blog := w.enrolled(louise)
	inbox, actor := w.b.addr.Inbox(blog.Token), w.b.addr.Actor(blog.Token)
	id := p.http.URL + "/follows/bob/louise"
	follow := map[string]any{"id": id, "type": "Follow", "actor": p.actor("bob"), "object": actor}
	for round := range 3 {
		p.post("bob", inbox, maps.Clone(follow))
		p.await("Accept")
		p.post("bob", inbox, map[string]any{"id": id + "/undo", "type": "Undo", "object": follow})
		w.handled()
		if n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted); n != 0 {
			t.Fatalf("round %d: bob is still there", round)
		}
	}
}

// An activity without an id is not a repeat of the last one without.
func TestActivitiesWithoutID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	blog := w.enrolled(louise)
	for _, who := range []string{"bob", "carol"} {
		p.post(who, w.b.addr.Inbox(blog.Token), map[string]any{"id": "", "type": "Follow", "object": w.b.addr.Actor(blog.Token)})
		w.handled()
	}
	if n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted); n != 2 {
		t.Errorf("%d of 2 follow", n)
	}
}

// Names that nobody can type, or that look like another address, are not shown;
// their owners can be approved by address.
func TestFollowerWithoutName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"two words", "alice@mastodon.example", "x\n@bob@good.example asks to follow you", " "} {
		w := newWorld(t)
		p := w.peer()
		p.named = name
		blog := w.enrolled(louise)
		w.says(louise, "approval on")
		w.xmpp.Forget()
		p.post("bob", w.b.addr.Inbox(blog.Token), map[string]any{"type": "Follow", "object": w.b.addr.Actor(blog.Token)})
		if text := w.told(louise); strings.Contains(text, strings.TrimSpace(name)) && name != " " || !strings.Contains(text, "approve "+p.actor("bob")) {
			t.Errorf("told %q", text)
		}
		if text := w.says(louise, "approval off"); !strings.Contains(text, "still waits") {
			t.Errorf("approval off says %q", text)
		}
		w.says(louise, "approve "+p.actor("bob"))
		p.await("Accept")
		if text := w.says(louise, "reject "+p.actor("bob")); !strings.Contains(text, "any more") {
			t.Errorf("reject says %q", text)
		}
		if text := w.says(louise, "approve "+p.actor("bob")); !strings.Contains(text, "Nobody called") {
			t.Errorf("approving who was refused says %q", text)
		}
	}
}

// Followers hear after a pause what changed during it, and of each change once.
func TestProfileChangedWhilePaused(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	w.says(louise, "pause")
	w.mu.Lock()
	w.vcard[louise] = `<vCard xmlns='vcard-temp'><FN>Louise M.</FN></vCard>`
	w.mu.Unlock()
	if err := w.b.refreshProfile(t.Context(), &blog); err != nil {
		t.Fatal(err)
	}
	w.says(louise, "approval on")
	w.says(louise, "start")
	if got := object(p.await("Update")); got.Str("name") != "Louise M." || !got.Bool("manuallyApprovesFollowers") {
		t.Errorf("followers heard of %v", got)
	}
	for range 2 { // blog is from before, as when two jobs read the same change
		w.mu.Lock()
		w.vcard[louise] = `<vCard xmlns='vcard-temp'><FN>Louise</FN></vCard>`
		w.mu.Unlock()
		if err := w.b.refreshProfile(t.Context(), &blog); err != nil {
			t.Fatal(err)
		}
	}
	w.publish(louise, "mark", note("mark"))
	w.stored(blog, "mark", "mark")
	if got := object(p.await("Update")); got.Str("name") != "Louise" || !got.Bool("manuallyApprovesFollowers") {
		t.Errorf("followers heard of %v", got)
	}
	p.await("Create")
	if p.count("Update") != 0 {
		t.Error("one change was told twice")
	}
}

// Presence of people elsewhere is not kept count of.
func TestStrangersTakeNoRoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, from := range []string{"eve@elsewhere.example/1", "louise@example.org/1"} {
		jid, _ := stanza.ParseJID(from)
		xmppSide{w.b}.Presence(t.Context(), component.Presence{From: jid, To: w.b.bare(), Stanza: stanza.Presence("", jid, w.b.bare())})
	}
	if n := len(w.b.present.online); n != 1 {
		t.Errorf("%d people are kept count of", n)
	}
}
