package bridge

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// proven is an activity with a proof, whatever that is worth.
func proven(a map[string]any) map[string]any {
	a["signature"] = map[string]any{"type": "RsaSignature2017", "signatureValue": "x"}
	return a
}

// raw takes the bodies that came to a peer, in order.
func (p *peer) raw() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.bodies
	p.bodies = nil
	return out
}

// bytesOf is an activity as post sends it.
func bytesOf(a map[string]any) string {
	b, _ := json.Marshal(a)
	return string(b)
}

// What is said of a reply to louise, with a proof, goes on to her followers as it
// came, once (AP §7.1.2, activitypub.md I13).
func TestReplyIsForwarded(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	q, r := w.peer(), w.peer()
	q.follows("carol", blog.Token)
	q.follows("dave", blog.Token) // behind the same inbox
	r.follows("erin", blog.Token)
	q.raw()
	r.raw()
	forwards := func(what string, want ...string) {
		t.Helper()
		w.settled()
		for _, x := range []*peer{q, r} {
			if got := x.raw(); !slices.Equal(got, want) {
				t.Errorf("%s: %s gets %q, want %q", what, x.name, got, want)
			}
		}
	}
	n := p.replies("bob", post, "well “said” <&>  twice")
	create := proven(map[string]any{"id": p.http.URL + "/c/1", "type": "Create", "object": n, "to": n["to"]})
	p.floods("bob", blog, create)
	p.post("bob", w.b.addr.SharedInbox(), create) // has now what post adds
	forwards("a reply", bytesOf(create))

	update := proven(map[string]any{"id": p.http.URL + "/u/1", "type": "Update", "object": edited(n, "well put", "2026-03-02T10:00:00Z")})
	p.floods("bob", blog, update)
	p.post("bob", w.b.addr.SharedInbox(), update)
	forwards("its edit", bytesOf(update))

	// An answer to the answer belongs to the conversation.
	second := proven(map[string]any{"id": r.http.URL + "/c/2", "type": "Create", "object": r.replies("frank", n["id"].(string), "indeed")})
	r.post("frank", w.b.addr.SharedInbox(), second)
	forwards("an answer to it", bytesOf(second))

	remove := proven(map[string]any{"id": p.http.URL + "/d/1", "type": "Delete", "object": n["id"]})
	p.floods("bob", blog, remove)
	p.post("bob", w.b.addr.SharedInbox(), remove)
	forwards("its end", bytesOf(remove))

	w.says(louise, "pause")
	p.post("bob", w.b.addr.SharedInbox(), proven(map[string]any{"type": "Create", "object": p.replies("bob", post, "while she pauses")}))
	forwards("while louise pauses")
}

// Without a proof nobody could believe it, and what is private is nobody's
// business; nor is what is about nobody here.
func TestWhatIsNotForwarded(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	q := w.peer()
	q.follows("carol", blog.Token)
	q.raw()
	self := w.b.addr.Actor(blog.Token)
	for what, a := range map[string]map[string]any{
		"no proof":    {"type": "Create", "object": p.replies("bob", post, "no proof")},
		"followers":   proven(map[string]any{"type": "Create", "object": p.says("bob", "between us", map[string]any{"inReplyTo": post, "to": []string{p.actor("bob") + "/followers"}, "cc": []string{self}})}),
		"direct":      proven(map[string]any{"type": "Create", "object": p.says("bob", "between us", map[string]any{"inReplyTo": post, "to": []string{self}, "cc": nil})}),
		"a mention":   proven(map[string]any{"type": "Create", "object": p.says("bob", "hello", map[string]any{"cc": []string{self}})}),
		"no concern":  proven(map[string]any{"type": "Create", "object": p.replies("bob", "https://elsewhere.example/1", "hello")}),
		"a like":      proven(map[string]any{"type": "Like", "object": post}),
		"not bob's":   proven(map[string]any{"type": "Create", "object": q.replies("carol", post, "by carol")}),
		"unknown":     proven(map[string]any{"type": "Travel", "object": post}),
		"not a reply": proven(map[string]any{"type": "Delete", "object": p.http.URL + "/notes/0"}),
	} {
		p.post("bob", w.b.addr.SharedInbox(), a)
		w.settled()
		if got := q.raw(); len(got) != 0 {
			t.Errorf("%s: forwarded %q", what, got)
		}
	}
}

// What somebody else brings us with a proof is read where it comes from: that
// counts, and only if it claims to be about us is it read at all (S13).
func TestForwardedIsReadAtItsOrigin(t *testing.T) {
	t.Parallel()
	w, _, _, post := discussedPost(t)
	q, r := w.peer(), w.peer() // q brings what people on r do
	brings := func(typ string, object any) {
		t.Helper()
		// Always under one id: a forgery does not take the place of what comes later.
		a := proven(map[string]any{"id": r.http.URL + "/" + typ, "type": typ, "actor": r.actor("carol"), "object": object})
		if code := q.post("dave", w.b.addr.SharedInbox(), a); code != 202 {
			t.Errorf("%s answered with %d", typ, code)
		}
		w.settled()
	}
	n := r.replies("carol", post, "what carol wrote")
	brings("Create", edited(n, "what dave made of it", ago(0)))
	w.stand("first-post", r.jid("carol")+": what carol wrote")
	brings("Update", edited(n, "what dave made of it", ago(0)))
	brings("Delete", n["id"])
	w.stand("first-post", r.jid("carol")+": what carol wrote")

	path := strings.TrimPrefix(n["id"].(string), r.http.URL)
	r.mu.Lock()
	r.serve(path, edited(n, "what carol made of it", "2026-03-02T10:00:00Z"))
	r.mu.Unlock()
	brings("Update", edited(n, "what dave made of it", "2026-03-03T10:00:00Z"))
	w.stand("first-post", r.jid("carol")+": what carol made of it")
	r.mu.Lock()
	delete(r.docs, path)
	r.mu.Unlock()
	brings("Delete", map[string]any{"id": n["id"]})
	w.stand("first-post")

	r.mu.Lock()
	r.reads = nil
	r.mu.Unlock()
	never := map[string]any{"id": r.http.URL + "/notes/never", "type": "Note", "attributedTo": r.actor("carol"), "content": "never", "inReplyTo": post, "to": n["to"]}
	brings("Create", never) // read, and not there
	other := r.replies("carol", "https://elsewhere.example/1", "elsewhere")
	brings("Create", other)
	brings("Create", other["id"])
	brings("Update", other)
	brings("Delete", other["id"])
	brings("Announce", post)
	brings("Like", post) // read, and not there
	brings("Follow", post)
	r.mu.Lock()
	defer r.mu.Unlock()
	same(t, "what was read", r.reads, []string{"/notes/never", "/Like"})
	w.stand("first-post")
	w.total(post, "likes", "0")
}
