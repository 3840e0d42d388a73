package bridge

import (
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/db"
)

// gardened is an entry of a community with a place for comments on its service.
func gardened(item, text string) string {
	return strings.Replace(commented(item, text), "xmpp:"+louise, "xmpp:"+service, 1)
}

// planted is a world in which bob follows a community of louise's, whose node has
// a post by erin with a place for comments.
func planted(t *testing.T) (w *world, p *peer, blog db.Blog, post string) {
	t.Helper()
	w = newWorld(t)
	p = w.peer()
	w.garden()
	w.says(louise, "start "+service+" garden")
	blog = w.tended(service, "garden")
	p.follows("bob", blog.Token)
	w.change(service, commentsOf("roses"), func(n *node) { n.open, n.publisher = true, true })
	entry := gardened("roses", "the roses are in bloom")
	w.put(service, "garden", "roses", erin+"/x", entry)
	w.event(service, `<items node='garden'><item id='roses' publisher='`+erin+`/x'>`+entry+`</item></items>`)
	post = object(p.await("Create")).ID()
	w.settled()
	w.forget()
	return w, p, blog, post
}

func (w *world) grown(item string) (out []string) {
	w.change(service, commentsOf(item), func(n *node) {
		for _, it := range n.items {
			out = append(out, it.Publisher+": "+it.Payload.First("", "title").Text())
		}
	})
	return out
}

// What answers a post of a community stands below it on its service, and who
// answers for the community is told.
func TestReplyToACommunity(t *testing.T) {
	t.Parallel()
	w, p, blog, post := planted(t)
	n := p.replies("bob", post, "lovely")
	p.floods("bob", blog, map[string]any{"id": p.http.URL + "/c", "type": "Create", "object": n})
	w.settled()
	same(t, "what stands", w.grown("roses"), []string{p.jid("bob") + ": lovely"})
	if told := w.messages(louise); len(told) != 1 || !has(told, "@bob@h1.example answered your post “the roses are in bloom”") {
		t.Errorf("louise is told %q", told)
	}
	p.sends("bob", "Like", post)
	p.sends("bob", "Announce", post)
	w.settled()
	same(t, "what stands", w.grown("roses"), []string{p.jid("bob") + ": lovely", p.jid("bob") + ": ♥"})
	if told := w.messages(louise); !has(told, "liked by @bob") && !has(told, "boosted by @bob") {
		t.Errorf("louise is told %q", told)
	}
	if told := w.messages(erin); len(told) != 0 {
		t.Errorf("erin is told %q", told)
	}
	p.sends("bob", "Update", edited(n, "very lovely", "2026-03-02T10:00:00Z"))
	w.settled()
	same(t, "what stands", w.grown("roses"), []string{p.jid("bob") + ": very lovely", p.jid("bob") + ": ♥"})
	p.sends("bob", "Delete", n["id"])
	w.settled()
	same(t, "what stands", w.grown("roses"), []string{p.jid("bob") + ": ♥"})
}

// Who is on the Fediverse themselves answers there in their own name.
func TestAnswerBelowACommunity(t *testing.T) {
	t.Parallel()
	w, p, _, post := planted(t)
	n := p.replies("bob", post, "lovely")
	p.sends("bob", "Create", n)
	w.until("it stands", func() bool { return len(w.grown("roses")) == 1 })
	w.says(alice, "start")
	her, err := w.db.BlogByNode(t.Context(), alice, microblog)
	if err != nil {
		t.Fatal(err)
	}
	at := ""
	w.change(service, commentsOf("roses"), func(x *node) {
		at = stanza.ItemURI(mustJID(service), commentsOf("roses"), x.items[0].ID).String()
	})
	entry := answering(at, comment(alice, "I think so too"))
	w.put(service, commentsOf("roses"), "c1", alice, entry)
	w.event(service, `<items node='`+commentsOf("roses")+`'><item id='c1' publisher='`+alice+`'>`+entry+`</item></items>`)
	o := object(p.await("Create"))
	if o.Str("inReplyTo") != n["id"] || o.Str("attributedTo") != w.b.addr.Actor(her.Token) || len(mentions(o)) != 1 {
		t.Errorf("alice answers %v", o)
	}
	// erin, who is not, is counted.
	w.put(service, commentsOf("roses"), "c2", erin, comment(erin, "thank you"))
	w.event(service, `<items node='`+commentsOf("roses")+`'><item id='c2' publisher='`+erin+`'>`+comment(erin, "thank you")+`</item></items>`)
	w.total(post, "replies", "2") // bob's and erin's; alice's answers bob's
	// What answers alice reaches her and the thread.
	w.forget()
	p.sends("bob", "Create", p.replies("bob", o.ID(), "good"))
	w.until("it stands", func() bool { return len(w.grown("roses")) == 4 })
	if told := w.told(alice); !strings.Contains(told, "answered your comment") {
		t.Errorf("alice is told %q", told)
	}
	if p.count("Create") != 0 {
		t.Error("erin's words went out")
	}
}

// Everybody whose server we are here for may have a place for comments; a link to
// anybody else's node, or to another post's, is not believed.
func TestPlacesThatAreNotBelieved(t *testing.T) {
	t.Parallel()
	w, p, _, _ := discussedPost(t)
	for name, place := range map[string]string{
		"another user's":   "xmpp:victim@example.org?;node=" + commentsOf("x1"),
		"another server's": "xmpp:comments.elsewhere.example?;node=" + commentsOf("x2"),
		"not of comments":  "xmpp:" + louise + "?;node=urn:xmpp:avatar:data",
		"another post's":   "xmpp:" + louise + "?;node=" + commentsOf("first-post"),
		"ours":             "xmpp:ap.example.org?;node=" + commentsOf("x3"),
	} {
		item := strings.ReplaceAll(name, " ", "-")
		w.publish(louise, item, strings.Replace(commented(item, name), "xmpp:"+louise+"?;node="+commentsOf(item), place, 1))
		post := object(p.await("Create")).ID()
		w.forget()
		p.sends("bob", "Create", p.replies("bob", post, "to "+name))
		if m := w.message(p.jid("bob"), louise); !strings.Contains(m.First("", "body").Text(), "to "+name) {
			t.Errorf("%s: %s", name, m.XML())
		}
	}
	w.settled()
	w.stand("first-post")
}
