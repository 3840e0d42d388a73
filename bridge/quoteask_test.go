package bridge

import (
	"testing"

	"isthmus/component/stanza"
)

// Whom we quote is asked, the stamp of the answer is looked at and shown, also after an
// edit, and no more when it is taken back. Other people's answers, and stamps for something
// else, are nothing.
func TestQuoteIsStamped(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	n := p.replies("bob", post, "well said")
	p.sends("bob", "Create", n)
	w.stand("first-post", p.jid("bob")+": well said")
	share := answering(w.itemOf("first-post", 0), note("worth a read"))
	w.publish(louise, "share", share)
	quote := object(p.await("Create"))
	request := p.await("QuoteRequest")
	if request.Str("object") != n["id"] || request.Str("instrument") != quote.ID() || request.IDs("to")[0] != p.actor("bob") || request.Str("actor") != quote.Str("attributedTo") {
		t.Fatalf("the question is %v", request)
	}
	answer := func(user, typ, path, target string) {
		t.Helper()
		stamp := p.http.URL + path
		p.mu.Lock()
		p.serve(path, map[string]any{"id": stamp, "type": "QuoteAuthorization", "attributedTo": p.actor("bob"), "interactingObject": quote.ID(), "interactionTarget": target})
		p.mu.Unlock()
		p.post(user, w.url+"/ap/inbox", map[string]any{"type": typ, "object": map[string]any{"id": request.ID(), "type": "QuoteRequest", "actor": request.Str("actor"), "object": n["id"], "instrument": quote.ID()}, "result": stamp})
		w.settled()
	}
	answer("carol", "Accept", "/stamps/carol", n["id"].(string))
	answer("bob", "Accept", "/stamps/other", p.http.URL+"/notes/other")
	answer("bob", "Reject", "/stamps/no", n["id"].(string))
	if c := p.count("Update"); c != 0 || w.doc(quote.ID())["quoteAuthorization"] != nil {
		t.Errorf("%d updates, %v", c, w.doc(quote.ID()))
	}
	answer("bob", "Accept", "/stamps/1", n["id"].(string))
	stamp := p.http.URL + "/stamps/1"
	update := object(p.await("Update"))
	if update.Str("quoteAuthorization") != stamp || update.Str("quote") != n["id"] || update.Str("updated") <= quote.Str("published") {
		t.Errorf("with the stamp it is %v", update)
	}
	if got := w.doc(quote.ID()); got.Str("quoteAuthorization") != stamp || got.Str("content") != quote.Str("content") {
		t.Errorf("fetched it is %v", got)
	}
	w.publish(louise, "share", answering(w.itemOf("first-post", 0), note("well worth a read")))
	if got := object(p.await("Update")); got.Str("quoteAuthorization") != stamp {
		t.Errorf("after an edit it is %v", got)
	}
	p.sends("carol", "Delete", p.http.URL+"/notes/unknown")
	p.sends("bob", "Delete", stamp)
	if got := object(p.await("Update")); got["quoteAuthorization"] != nil || got.Str("quote") != n["id"] {
		t.Errorf("taken back it is %v", got)
	}
	w.settled()
	if p.count("QuoteRequest") != 0 {
		t.Error("asked again")
	}
}

// shareOf quotes one of louise's posts.
func shareOf(item, words string) string {
	return answering(stanza.ItemURI(mustJID(louise), microblog, item).String(), note(words))
}

// Who quotes another blog of this gateway brings its stamp along; who quotes himself needs
// none, and whom the author has muted gets none.
func TestOwnBlogsStampEachOther(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	hers := w.enrolled(alice)
	p.follows("bob", hers.Token)
	share := shareOf("first-post", "worth a read")
	w.publish(alice, "share", share)
	quote := object(p.await("Create"))
	stamp := quote.Str("quoteAuthorization")
	if quote.Str("quote") != post || quote.Str("attributedTo") != w.b.addr.Actor(hers.Token) || stamp == "" {
		t.Fatalf("the quote is %v", quote)
	}
	if d := w.doc(stamp); !d.Is("QuoteAuthorization") || d.Str("attributedTo") != w.b.addr.Actor(blog.Token) || d.Str("interactingObject") != quote.ID() || d.Str("interactionTarget") != post {
		t.Errorf("its stamp is %v", d)
	}
	w.publish(louise, "again", share)
	if own := object(p.await("Create")); own.Str("quote") != post || own["quoteAuthorization"] != nil {
		t.Errorf("louise quotes herself with %v", own)
	}
	w.says(louise, "mute "+w.b.addr.Acct(hers.Handle))
	w.publish(alice, "share 2", share)
	if muted := object(p.await("Create")); muted.Str("quote") != post || muted["quoteAuthorization"] != nil {
		t.Errorf("muted, alice quotes with %v", muted)
	}
	if p.count("QuoteRequest") != 0 {
		t.Error("somebody elsewhere was asked")
	}
}
