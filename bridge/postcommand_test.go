package bridge

import (
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/component/xmpptest"
)

// privileged lets the gateway act as the users of example.org: they can create
// nodes, and publish on their own ones whatever these say.
func (w *world) privileged(refuse func(iq *stanza.Element) *stanza.Error) {
	w.t.Helper()
	w.xmpp.Privilege("example.org", stanza.NSPubSub)
	w.xmpp.Answer("", stanza.NSPrivilege, xmpptest.As(func(iq *stanza.Element) *stanza.Element {
		if refuse != nil {
			if err := refuse(iq); err != nil {
				return stanza.ErrorReply(iq, err)
			}
		}
		ps := iq.First(stanza.NSPubSub, "pubsub")
		who := iq.From().Bare().String()
		if c := ps.First(stanza.NSPubSub, "create"); c != nil {
			w.change(who, c.Get("node"), func(n *node) { n.open, n.publisher = true, true })
			return stanza.Reply(iq)
		}
		name, items, _, ok := stanza.ParsePublish(iq)
		if !ok || who != iq.To().Bare().String() {
			return w.pubsub(iq)
		}
		w.put(who, name, items[0].ID, who, items[0].Payload.XML())
		return stanza.Reply(iq)
	}))
}

func TestPost(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	w.privileged(nil)
	w.b.keepFile(t.Context(), mustJID(louise), []stanza.File{{URL: "https://files.example.org/a.jpg", Type: "image/jpeg", Desc: "a rose"}})
	text := w.says(louise, "post First line\nand a second #garden")
	if !strings.Contains(text, "Published on your blog and on the Fediverse: "+w.b.addr.Page("louise")+"/") {
		t.Fatalf("answer %q", text)
	}
	o := object(p.await("Create"))
	if c := o.Str("content"); !o.Is("Note") || !strings.Contains(c, "First line<br") || !strings.Contains(c, "garden") {
		t.Errorf("post %v", o)
	}
	if a, _ := o.One("attachment"); a.Str("url") != "https://files.example.org/a.jpg" || a.Str("name") != "a rose" {
		t.Errorf("attachment %v", o["attachment"])
	}
	// It has a place for comments, and answers come there.
	w.mu.Lock()
	it := w.node(louise, microblog).items[0]
	w.mu.Unlock()
	entry, _ := stanza.ParseEntry(it.Payload)
	if l, _ := entry.Link("replies"); l.Href != stanza.ItemURI(mustJID(louise), commentsOf(it.ID), "").String() || entry.Authors[0].URI != "xmpp:"+louise {
		t.Errorf("entry %s", it.Payload.XML())
	}
	p.sends("bob", "Create", p.replies("bob", o.ID(), "lovely"))
	w.stand(it.ID, p.jid("bob")+": lovely")
	// The notification that comes besides changes nothing.
	w.event(louise, `<items node='`+microblog+`'><item id='`+it.ID+`' publisher='`+louise+`/x'>`+it.Payload.XML()+`</item></items>`)
	w.settled()
	if n := p.count("Create") + p.count("Update"); n != 0 {
		t.Errorf("%d more activities", n)
	}
	// The file went with one post only.
	w.says(louise, "post again")
	if o := object(p.await("Create")); o["attachment"] != nil {
		t.Errorf("attachment again: %v", o)
	}
	_ = blog
}

// A picture comes as a message of its own, and goes with the next post, or with the
// command of the same message.
func TestPostPictureOfClient(t *testing.T) {
	t.Parallel()
	w, p, _ := newFollowedBlog(t)
	w.privileged(nil)
	const url = "https://files.example.org/a.jpg"
	send := func(body string) string {
		w.xmpp.Send(`<message type='chat' from='` + louise + `/phone' to='ap.example.org' id='f'><body>` + body + `</body><x xmlns='jabber:x:oob'><url>` + url + `</url></x></message>`)
		return w.xmpp.Await("an answer", func(e *stanza.Element) bool { return e.Local == "message" && e.Get("to") == louise+"/phone" }).First("", "body").Text()
	}
	if got := send(url); !strings.Contains(got, "I keep that for ten minutes") {
		t.Errorf("a file is answered with %q", got)
	}
	for _, say := range []func(){func() { w.says(louise, "post look at that") }, func() { send("post and at that") }} {
		say()
		if a, _ := object(p.await("Create")).One("attachment"); a.Str("url") != url {
			t.Errorf("attachment %v", a)
		}
	}
}

func TestPostFileAlone(t *testing.T) {
	t.Parallel()
	w, p, _ := newFollowedBlog(t)
	w.privileged(nil)
	ctx := w.b.withStanza(t.Context(), "", louise)
	if ans := w.b.keepFile(ctx, mustJID("eve@elsewhere.example"), []stanza.File{{URL: "https://x.example/y"}}); ans.Next != nil {
		t.Errorf("a stranger is told %+v", ans)
	}
	c, _ := findCommand("post")
	files := []stanza.File{{URL: "https://files.example.org/a.jpg", Type: "image/jpeg"}}
	if _, err := w.b.run(ctx, c, asking{From: mustJID(louise), Files: files}); err != nil {
		t.Fatal(err)
	}
	o := object(p.await("Create"))
	if a, _ := o.One("attachment"); a.Str("url") != files[0].URL || !strings.Contains(o.Str("content"), "📷") {
		t.Errorf("post %v", o)
	}
}

// A server that knows few options, or none, gets fewer; one without comments nodes
// a post without a place for them; one that refuses is told of.
func TestPostIsRefused(t *testing.T) {
	t.Parallel()
	w, p, _ := newFollowedBlog(t)
	if got := w.says(louise, "post hello"); !strings.Contains(got, "mod_privilege") || !strings.Contains(got, "Movim") || !strings.Contains(got, `["http://jabber.org/protocol/pubsub"] = "both"`) {
		t.Errorf("without privileges: %q", got)
	}
	if got := w.says(alice, "post hello"); !strings.Contains(got, "“start” first") {
		t.Errorf("without a blog: %q", got)
	}
	all := false
	w.privileged(func(iq *stanza.Element) *stanza.Error {
		ps := iq.First(stanza.NSPubSub, "pubsub")
		switch {
		case ps.First(stanza.NSPubSub, "create") != nil:
			return stanza.ErrForbidden("")
		case all:
			return stanza.ErrForbidden("")
		case ps.First(stanza.NSPubSub, "publish-options") != nil:
			return stanza.ErrConflict("")
		}
		return nil
	})
	if got := w.says(louise, "post"); !strings.Contains(got, "behind the word") {
		t.Errorf("nothing: %q", got)
	}
	if got := w.says(louise, "post hello"); !strings.Contains(got, "Published") {
		t.Errorf("answer %q", got)
	}
	p.await("Create")
	w.mu.Lock()
	entry, _ := stanza.ParseEntry(w.node(louise, microblog).items[0].Payload)
	w.mu.Unlock()
	if _, ok := entry.Link("replies"); ok {
		t.Error("it has a place for comments that there is not")
	}
	all = true
	if got := w.says(louise, "post hello"); !strings.Contains(got, "forbidden") {
		t.Errorf("refused: %q", got)
	}
	w.change(louise, microblog, func(n *node) { n.closed = true })
	all = false
	if got := w.says(louise, "post secret"); !strings.Contains(got, "stays home") {
		t.Errorf("on a closed blog: %q", got)
	}
	w.says(louise, "pause")
	if got := w.says(louise, "post hello"); !strings.Contains(got, "paused") {
		t.Errorf("in a pause: %q", got)
	}
	if p.count("Create") != 0 {
		t.Error("more was published")
	}
}
