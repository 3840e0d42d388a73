package bridge

import (
	"strings"
	"testing"
	"time"

	"isthmus/activitypub"
)

// signedBy tells which of two keys made the signature of what came to a peer.
func signedBy(t *testing.T, p *peer, typ string, keys map[string]*activitypub.Key) string {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.requests {
		r := p.requests[i]
		if !strings.Contains(string(r.body), `"type":"`+typ+`"`) {
			continue
		}
		for name, k := range keys {
			if activitypub.Verify(r.Request, r.body, k.Private.Public()) == nil {
				return name
			}
		}
		return "neither"
	}
	return "nothing came"
}

// A new key is told of with the old one, which also signs what waited (activitypub.md
// S9); then everything is signed with the new one.
func TestRotateKeys(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	old, err := w.b.key(t.Context(), blog.ID)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.requests = nil
	p.fail = []int{503} // a post waits for its second attempt
	p.mu.Unlock()
	w.publish(louise, "early", note("before"))
	w.until("the post was tried", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.fail) == 0
	})
	if n, err := RotateKeys(t.Context(), w.b.db, blog.Handle, w.b.nowMS()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	w.b.jobs.Kick()
	update := p.await("Update")
	var fresh *activitypub.Key
	w.until("it has the new key at hand", func() bool { // the news may be faster
		var err error
		fresh, err = w.b.key(t.Context(), blog.ID)
		return err == nil && fresh.PublicPEM() != old.PublicPEM()
	})
	shown, _ := object(update).One("publicKey")
	if shown.Str("publicKeyPem") != fresh.PublicPEM() || fresh.PublicPEM() == old.PublicPEM() || shown.ID() != old.ID {
		t.Errorf("the Update shows %v", shown)
	}
	method, _ := object(update).One("assertionMethod")
	if method.Str("publicKeyMultibase") != fresh.ProofMultibase() || method.ID() != fresh.ProofID() {
		t.Errorf("the Update shows %v", method)
	}
	keys := map[string]*activitypub.Key{"old": old, "new": fresh}
	if got := signedBy(t, p, "Update", keys); got != "old" {
		t.Errorf("the Update is signed with %s", got)
	}
	w.b.mail.Heard(hostOf(p.actor("x")))
	p.await("Create")
	if got := signedBy(t, p, "Create", keys); got != "old" {
		t.Errorf("what waited is signed with %s", got)
	}
	p.mu.Lock()
	p.requests = nil
	p.mu.Unlock()
	w.publish(louise, "late", note("after"))
	p.await("Create")
	if got := signedBy(t, p, "Create", keys); got != "new" {
		t.Errorf("a post after it is signed with %s", got)
	}
	if n, err := RotateKeys(t.Context(), w.b.db, "", w.b.nowMS()); err != nil || n < 2 {
		t.Errorf("all: %d, %v", n, err)
	}
	w.b.jobs.Kick()
	actors := map[string]bool{}
	for range 2 {
		actors[p.await("Update").Str("actor")] = true
	}
	if !actors[w.b.addr.Actor(InstanceToken)] || !actors[w.b.addr.Actor(blog.Token)] {
		t.Errorf("told of %v", actors)
	}
	if err := w.b.db.DropOldKeys(t.Context(), w.b.now().Add(oldKeyFor+time.Minute).UnixMilli()); err != nil {
		t.Fatal(err)
	}
	if _, old, err := w.b.keyOf(t.Context(), blog.ID, 0); old || err != nil {
		t.Errorf("after a week: %v, %v", old, err)
	}
}
