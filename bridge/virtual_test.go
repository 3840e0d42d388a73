package bridge

import (
	"slices"
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/mapping"
)

// asks sends a pubsub request to a virtual address and returns the answer.
func (w *world) asks(user, to, inner string) *stanza.Element {
	w.t.Helper()
	to = strings.ReplaceAll(to, "'", "&apos;")
	return w.xmpp.Ask(`<iq type='set' id='` + w.b.token() + `' from='` + user + `/x' to='` + to + `'><pubsub xmlns='` + stanza.NSPubSub + `'>` + inner + `</pubsub></iq>`)
}

// publishesAt publishes a comment under somebody's post at their address.
func (w *world) publishesAt(user, to, object, item, entry string) *stanza.Element {
	w.t.Helper()
	return w.asks(user, to, `<publish node='`+commentsOf(mapping.ItemID(object))+`'><item id='`+item+`'>`+entry+`</item></publish>`)
}

func (w *world) retractsAt(user, to, object, item string) *stanza.Element {
	w.t.Helper()
	return w.asks(user, to, `<retract node='`+commentsOf(mapping.ItemID(object))+`'><item id='`+item+`'/></retract>`)
}

// condition is that of an error, "" for a result.
func condition(answer *stanza.Element) string {
	if answer.Type() == "result" {
		return ""
	}
	return stanza.ParseError(answer).Condition
}

// Under somebody's post at their address one can comment, edit that, like, and
// take all of it back.
func TestCommentAtVirtualAddress(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	n := p.replies("bob", post, "well said")
	p.sends("bob", "Create", n)
	w.stand("first-post", p.jid("bob")+": well said")
	id, bob := n["id"].(string), p.jid("bob")
	if got := condition(w.publishesAt(alice, bob, id, "c1", comment(alice, "hello bob"))); got != "registration-required" {
		t.Errorf("who is not on the Fediverse gets %q", got)
	}
	w.says(alice, "start")
	w.forget()
	for range 3 {
		answer := w.publishesAt(alice, bob, id, "c1", comment(alice, "hello bob"))
		if pub := answer.First(stanza.NSPubSub, "pubsub").First(stanza.NSPubSub, "publish"); condition(answer) != "" || pub.First(stanza.NSPubSub, "item").Get("id") != "c1" {
			t.Errorf("answer %s", answer.XML())
		}
	}
	create := p.await("Create")
	o := object(create)
	if o.Str("inReplyTo") != id || !slices.Equal(mentions(o), []string{p.actor("bob")}) || !strings.Contains(o.Str("content"), "hello bob") {
		t.Errorf("comment %v", o)
	}
	if got := condition(w.publishesAt(louise, bob, id, "c1", comment(louise, "overwritten"))); got != "forbidden" {
		t.Errorf("overwriting alice's comment gets %q", got)
	}
	w.publishesAt(alice, bob, id, "c1", comment(alice, "good morning bob"))
	if u := object(p.await("Update")); u.ID() != o.ID() || !strings.Contains(u.Str("content"), "good morning") {
		t.Errorf("edit %v", u)
	}
	if got := condition(w.retractsAt(louise, bob, id, "c1")); got != "forbidden" {
		t.Errorf("retracting alice's comment gets %q", got)
	}
	if got := condition(w.retractsAt(alice, bob, id, "c1")); got != "" {
		t.Errorf("retracting it gets %q", got)
	}
	if d := p.await("Delete"); d.IDs("object")[0] != o.ID() {
		t.Errorf("deletion %v", d)
	}
	if got := condition(w.retractsAt(alice, bob, id, "c1")); got != "item-not-found" {
		t.Errorf("retracting it again gets %q", got)
	}
	for range 3 {
		w.publishesAt(alice, bob, id, "h1", comment(alice, "♥"))
	}
	like := p.await("Like")
	if like.IDs("object")[0] != id {
		t.Errorf("like %v", like)
	}
	if got := condition(w.retractsAt(louise, bob, id, "h1")); got != "forbidden" {
		t.Errorf("retracting alice's like gets %q", got)
	}
	w.retractsAt(alice, bob, id, "h1")
	if inner := object(p.await("Undo")); inner.ID() != like.ID() {
		t.Errorf("undone %v", inner)
	}
	w.settled()
	if n := p.count("Create") + p.count("Update") + p.count("Delete") + p.count("Like"); n != 0 {
		t.Errorf("%d activities too many", n)
	}
}

// Nothing else is taken there.
func TestWhatVirtualAddressesRefuse(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	w.says(alice, "start")
	n, gone := p.replies("bob", post, "well said"), p.replies("bob", post, "badly said")
	private := p.says("bob", "between us", map[string]any{"to": []string{w.b.addr.Actor(blog.Token)}, "cc": nil})
	for _, x := range []map[string]any{n, gone, private} {
		p.sends("bob", "Create", x)
	}
	p.sends("bob", "Delete", gone["id"])
	w.settled()
	id := n["id"].(string)
	for what, c := range map[string]struct {
		answer *stanza.Element
		want   string
	}{
		"a post nobody knows":   {w.publishesAt(alice, p.jid("bob"), p.http.URL+"/notes/x", "c", comment(alice, "x")), "item-not-found"},
		"a deleted post":        {w.publishesAt(alice, p.jid("bob"), gone["id"].(string), "c", comment(alice, "x")), "item-not-found"},
		"a private post":        {w.publishesAt(alice, p.jid("bob"), private["id"].(string), "c", comment(alice, "x")), "item-not-found"},
		"at another's address":  {w.publishesAt(alice, p.jid("carol"), id, "c", comment(alice, "x")), "item-not-found"},
		"at no address":         {w.publishesAt(alice, "x@ap.example.org", id, "c", comment(alice, "x")), "item-not-found"},
		"not an entry":          {w.publishesAt(alice, p.jid("bob"), id, "c", `<x xmlns='y'/>`), "bad-request"},
		"in bob's blog":         {w.asks(alice, p.jid("bob"), `<publish node='`+microblog+`'><item id='x'>`+note("x")+`</item></publish>`), "forbidden"},
		"a like of what is not": {w.publishesAt(alice, p.jid("bob"), p.http.URL+"/notes/x", "c", comment(alice, "♥")), "item-not-found"},
		"never published":       {w.retractsAt(alice, p.jid("bob"), id, "c"), "item-not-found"},
	} {
		if got := condition(c.answer); got != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
	w.settled()
	if p.count("Create")+p.count("Like") != 0 {
		t.Error("it went out")
	}
}

// An answer to a comment made there belongs to the thread that it is in: louise
// reads it below her post, and who is answered is told.
func TestAnswerToVirtualComment(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	q := w.peer()
	n := p.replies("bob", post, "well said")
	p.sends("bob", "Create", n)
	w.stand("first-post", p.jid("bob")+": well said")
	w.says(alice, "start")
	w.publishesAt(alice, p.jid("bob"), n["id"].(string), "c1", comment(alice, "is it?"))
	o := object(p.await("Create"))
	w.settled() // louise hears of the first one, too
	w.forget()
	q.sends("carol", "Create", q.replies("carol", o.ID(), "it is"))
	w.stand("first-post", p.jid("bob")+": well said", q.jid("carol")+": it is")
	w.settled()
	var told []string
	for _, e := range w.sent() {
		if e.Local == "message" {
			told = append(told, e.Get("to"))
		}
	}
	slices.Sort(told)
	same(t, "who is told", told, []string{alice, louise})
	// To answer a comment there, one points at it.
	at := stanza.ItemURI(mustJID(p.jid("bob")), commentsOf(mapping.ItemID(n["id"].(string))), "c1").String()
	w.publishesAt(louise, p.jid("bob"), n["id"].(string), "c2", answering(at, comment(louise, "to alice")))
	if got := object(p.await("Create")); got.Str("inReplyTo") != o.ID() {
		t.Errorf("answers %v", got)
	}
}

// What Libervia tells besides the post makes it name somebody (XEP-0372), once for
// each of them; only its author can say so.
func TestReferencesToAPost(t *testing.T) {
	t.Parallel()
	w, p, _, _ := discussedPost(t)
	q, r := w.peer(), w.peer()
	anchor := stanza.ItemURI(mustJID(louise), microblog, "first-post").String()
	refers := func(from, to, anchor string) {
		w.xmpp.SendElement(stanza.New(stanza.NSComponent, "message", "from", from+"/x", "to", to, "id", "ref").Add(
			stanza.New(stanza.NSReference, "reference", "type", "mention", "uri", "xmpp:"+to, "anchor", anchor)))
	}
	refers(alice, q.jid("dave"), anchor)
	refers(louise, q.jid("nobody"), anchor+"x")
	for range 3 {
		refers(louise, q.jid("carol"), anchor)
	}
	refers(louise, r.jid("erin"), anchor)
	o := object(q.await("Create"))
	if !slices.Equal(mentions(o), []string{q.actor("carol")}) || !slices.Contains(o.IDs("cc"), q.actor("carol")) {
		t.Errorf("carol gets %v", o)
	}
	if o := object(r.await("Create")); !slices.Equal(mentions(o), []string{q.actor("carol"), r.actor("erin")}) {
		t.Errorf("erin gets %v", o)
	}
	w.settled()
	if n := q.count("Create"); n > 0 || p.count("Create")+p.count("Update") != 0 {
		t.Errorf("carol's server got it %d times more, bob's %d", n, p.count("Create")+p.count("Update"))
	}
	if got := w.doc(o.ID()); len(mentions(got)) != 2 {
		t.Errorf("the post names %q", mentions(got))
	}
	w.retract(louise, "first-post")
	for _, x := range []*peer{p, q, r} {
		x.await("Delete")
	}
}
