package bridge

import (
	"strings"
	"testing"
)

// A quote has one stamp, of which the author is told once; taken back, it is gone for good,
// and who has it hears so.
func TestUnquote(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	quote := p.http.URL + "/notes/9"
	asks := func() {
		p.post("carol", w.b.addr.SharedInbox(), map[string]any{"type": "QuoteRequest", "object": post, "instrument": quote})
	}
	asks()
	stamp := p.await("Accept").Str("result")
	asks()
	if again := p.await("Accept").Str("result"); again != stamp {
		t.Errorf("asked again, the stamp is %s and not %s", again, stamp)
	}
	w.settled()
	if told := w.messages(louise); len(told) != 1 || !has(told, "@carol@"+p.name+" quotes your post “hello world”:\n\n"+quote) {
		t.Errorf("louise is told %q", told)
	}
	w.enrolled(alice)
	const none = "None of your posts"
	w.answers(alice, "unquote "+quote, none)
	w.answers(louise, "unquote", none, "unquote nothing", none, "unquote "+post, none, "unquote "+quote, "Taken back")
	gone := p.await("Delete")
	if gone.IDs("object")[0] != stamp || gone.Str("actor") != w.b.addr.Actor(blog.Token) {
		t.Errorf("taken back with %v", gone)
	}
	if code, _, _ := w.get(strings.TrimPrefix(stamp, w.url), "application/activity+json"); code != 404 {
		t.Errorf("the stamp answers %d", code)
	}
	w.answers(louise, "unquote "+quote, "Taken back")
	asks()
	p.await("Reject")
	w.settled()
	if p.count("Delete")+p.count("Accept") != 0 {
		t.Error("deleted twice, or given again")
	}
}

// The same among blogs of this gateway, where the quote loses its stamp.
func TestUnquoteOwnBlog(t *testing.T) {
	t.Parallel()
	w, p, _, _ := discussedPost(t)
	hers := w.enrolled(alice)
	p.follows("bob", hers.Token)
	w.publish(alice, "share", shareOf("first-post", "worth a read"))
	quote := object(p.await("Create"))
	w.settled()
	if told := w.messages(louise); !has(told, "quotes your post “hello world”") {
		t.Errorf("louise is told %q", told)
	}
	_, token, _ := w.b.addr.TokenOf(quote.ID())
	w.answers(louise, "unquote "+w.b.addr.PostPage(hers.Handle, token), "Taken back")
	if bare := object(p.await("Update")); bare.ID() != quote.ID() || bare["quoteAuthorization"] != nil {
		t.Errorf("it is %v", bare)
	}
	p.await("Delete")
	w.publish(alice, "share", shareOf("first-post", "well worth a read"))
	if edited := object(p.await("Update")); edited["quoteAuthorization"] != nil || edited.Str("quote") == "" {
		t.Errorf("after an edit it is %v", edited)
	}
}
