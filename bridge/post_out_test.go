package bridge

import (
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/db"
)

const louise = "louise@example.org"

// The main job: enrol, follow, publish, edit, retract.
func TestPostGoesOut(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)

	w.publish(louise, "hello", note("Hello, world"))
	create := p.await("Create")
	if got := object(create).Str("content"); !strings.Contains(got, "Hello, world") {
		t.Errorf("content is %q", got)
	}
	if create.ID() == object(create).ID() {
		t.Error("activity and object have one id")
	}
	if object(create).Str("attributedTo") != w.b.addr.Actor(blog.Token) {
		t.Errorf("attributed to %q", object(create).Str("attributedTo"))
	}

	w.publish(louise, "hello", note("Hello, new world"))
	update := p.await("Update")
	if object(update).ID() != object(create).ID() {
		t.Error("the edit is another object")
	}
	if !object(update).Time("updated").After(object(create).Time("published")) {
		t.Error("the edit is not newer")
	}
	w.publish(louise, "hello", note("Hello, newest world"))
	if again := p.await("Update"); !object(again).Time("updated").After(object(update).Time("updated")) {
		t.Error("a second edit within a second is not newer than the first")
	}

	w.retract(louise, "hello")
	gone := p.await("Delete")
	if object(gone).ID() != object(create).ID() || !object(gone).Is("Tombstone") {
		t.Errorf("Delete is about %v", gone["object"])
	}
	path := strings.TrimPrefix(object(create).ID(), w.url)
	for _, accept := range []string{"application/activity+json", "text/html", "*/*"} {
		if code, _, _ := w.get(path, accept); code != 410 {
			t.Errorf("deleted post answers %d for %s", code, accept)
		}
	}
}

// Both channels bring the same post: it is one post.
func TestPostIsNotDoubled(t *testing.T) {
	t.Parallel()
	w, p, _ := newFollowedBlog(t)
	w.publish(louise, "a", note("once"))
	p.await("Create")
	w.event(louise, `<items node='`+microblog+`'><item id='a' publisher='`+louise+`/phone'>`+note("once")+`</item></items>`)
	w.event(louise, `<items node='`+microblog+`'><item id='a'/></items>`)
	w.publish(louise, "b", note("mark"))
	p.await("Create")
	if n := p.count("Create") + p.count("Update"); n != 0 {
		t.Errorf("%d activities more for a repeated notification", n)
	}
}

// Movim's community nodes and comments notify without payload (XEP-0472).
func TestHeaderOnlyEventIsFetched(t *testing.T) {
	t.Parallel()
	w, p, _ := newFollowedBlog(t)
	w.put(louise, microblog, "a", "", note("fetched"))
	w.event(louise, `<items node='`+microblog+`'><item id='a'/></items>`)
	if got := object(p.await("Create")).Str("content"); !strings.Contains(got, "fetched") {
		t.Errorf("content is %q", got)
	}
}

// What strangers cannot read stays home, and the owner is told.
func TestClosedBlogStaysHome(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	w.publish(louise, "public", note("public"))
	post := object(p.await("Create"))

	w.change(louise, microblog, func(n *node) { n.closed = true })
	w.xmpp.Forget()
	w.publish(louise, "secret", note("for friends"))
	if text := w.told(louise); !strings.Contains(text, "not readable for strangers") {
		t.Errorf("told %q", text)
	}
	if text := w.says(louise, "status"); !strings.Contains(text, "refused") || !strings.Contains(text, "access model") {
		t.Errorf("status is %q", text)
	}
	if n := p.count("Create"); n != 0 {
		t.Error("a post that strangers cannot read went out")
	}
	path := strings.TrimPrefix(post.ID(), w.url)
	if code, _, _ := w.get(path, "application/activity+json"); code != 404 {
		t.Errorf("a post of a closed blog answers %d", code)
	}
	if _, _, body := w.get("/ap/actor/"+blog.Token+"/outbox?page=first", "application/activity+json"); strings.Contains(body, post.ID()) {
		t.Error("the outbox of a closed blog lists its posts")
	}
	w.until("the subscription is ended", func() bool {
		w.b.soon(t.Context(), tendJob(blog.ID, w.b.nowMS()))
		w.mu.Lock()
		defer w.mu.Unlock()
		return !w.subs[louise+" "+microblog]
	})

	w.change(louise, microblog, func(n *node) { n.closed = false })
	w.b.soon(t.Context(), tendJob(blog.ID, w.b.nowMS()))
	if got := object(p.await("Create")).Str("content"); !strings.Contains(got, "for friends") {
		t.Errorf("after opening the blog again: %q", got)
	}
	if code, _, _ := w.get(path, "application/activity+json"); code != 200 {
		t.Errorf("a post of a blog opened again answers %d", code)
	}
}

// The publisher that the server vouches for decides, not the Atom author.
func TestY5_ForgedAuthor(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)

	byMallory := `<items node='` + microblog + `'><item id='forged' publisher='mallory@example.org/x'>` + note("I am louise") + `</item></items>`
	w.put(louise, microblog, "forged", "", note("I am louise"))
	w.event(louise, byMallory)
	// The same once more without a publisher, as a catch-up reads it from Prosody 0.12.
	w.event(louise, `<items node='`+microblog+`'><item id='forged'/></items>`)

	// A repeat of somebody else's words (XEP-0472) is not hers.
	w.put(louise, microblog, "repeat", "", `<entry xmlns='http://www.w3.org/2005/Atom'><title>somebody else's</title><link rel='via' href='xmpp:erin@example.org?;node=urn:xmpp:microblog:0;item=x'/><author><name>Erin</name><uri>xmpp:erin@example.org</uri></author><updated>2026-01-02T03:04:05Z</updated></entry>`)
	w.event(louise, `<items node='`+microblog+`'><item id='repeat'/></items>`)

	// Overwriting louise's own item, which Prosody allows to who may publish.
	w.publish(louise, "mine", note("mine"))
	mine := object(p.await("Create"))
	w.put(louise, microblog, "mine", "", note("overwritten"))
	w.event(louise, `<items node='`+microblog+`'><item id='mine' publisher='mallory@example.org/x'>`+note("overwritten")+`</item></items>`)

	// A forged author under her own publishing changes nothing: it is hers.
	w.publish(louise, "under-another-name", `<entry xmlns='http://www.w3.org/2005/Atom'><title>hers</title><author><uri>xmpp:erin@example.org</uri></author><updated>2026-01-02T03:04:05Z</updated></entry>`)
	last := p.await("Create")
	if last.Str("actor") != w.b.addr.Actor(blog.Token) || !strings.Contains(object(last).Str("content"), "hers") {
		t.Errorf("her own post came as %v", last)
	}
	if n := p.count("Create") + p.count("Update"); n != 0 {
		t.Errorf("%d forged posts went out", n)
	}
	if _, _, body := w.get(strings.TrimPrefix(mine.ID(), w.url), "application/activity+json"); !strings.Contains(body, "mine") {
		t.Errorf("her post is now %s", body)
	}
	if _, _, body := w.get("/@louise", "text/html"); strings.Contains(body, "I am louise") || strings.Contains(body, "overwritten") {
		t.Error("the page shows a forged post")
	}
}

// ejabberd retracts what it trims; that deletes nothing. A real retract does.
func TestTrimmingIsNoDeletion(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	w.publish(louise, "one", note("one"))
	first := object(p.await("Create"))
	w.drop(louise, microblog, "one")
	w.publish(louise, "two", note("two"))
	w.event(louise, `<items node='`+microblog+`'><retract id='one'/></items>`)
	p.await("Create")
	w.until("the retract was judged", func() bool {
		post, err := w.db.PostByItem(t.Context(), blog.ID, "one")
		return err == nil && !post.OnNode
	})
	if code, _, _ := w.get(strings.TrimPrefix(first.ID(), w.url), "application/activity+json"); code != 200 || p.count("Delete") != 0 {
		t.Errorf("a trimmed post answers %d", code)
	}
	w.retract(louise, "two")
	p.await("Delete")

	// A retract for an item that is still there (republished meanwhile).
	w.publish(louise, "three", note("three"))
	p.await("Create")
	w.event(louise, `<items node='`+microblog+`'><retract id='three'/></items>`)
	w.until("the retract was judged", func() bool {
		_, err := w.db.JobByKey(t.Context(), "retract", "1:three")
		return err != nil
	})
	if p.count("Delete") != 0 {
		t.Error("a post that is still there was deleted")
	}
}

// Purging or deleting the node deletes its posts, but only if it is true.
func TestNodeDeleted(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	w.publish(louise, "one", note("one"))
	w.publish(louise, "two", note("two"))
	p.await("Create")
	p.await("Create")
	w.event(louise, `<purge node='`+microblog+`'/>`) // a lie
	w.until("the purge was looked into", func() bool {
		_, err := w.db.JobByKey(t.Context(), kindVanished, "1")
		return err != nil
	})
	if n, _ := w.db.PostCount(t.Context(), blog.ID); n != 2 {
		t.Errorf("%d posts after a purge that did not happen", n)
	}
	w.change(louise, microblog, func(n *node) { n.gone = true })
	w.event(louise, `<delete node='`+microblog+`'/>`)
	p.await("Delete")
	p.await("Delete")
}

// Posts written while the gateway was away are found when it comes back; what
// disappeared meanwhile is not taken for deleted.
func TestCatchUpAfterOutage(t *testing.T) {
	t.Parallel()
	w, p, _ := newFollowedBlog(t)
	w.publish(louise, "before", note("before"))
	w.publish(louise, "edited", note("edited"))
	p.await("Create")
	p.await("Create")
	w.xmpp.Stop()
	w.put(louise, microblog, "while", "", note("while you were away"))
	w.put(louise, microblog, "edited", "", note("edited meanwhile"))
	w.drop(louise, microblog, "before")
	w.xmpp.Restart()
	if got := object(p.await("Create")).Str("content"); !strings.Contains(got, "while you were away") {
		t.Errorf("caught up with %q", got)
	}
	if got := object(p.await("Update")).Str("content"); !strings.Contains(got, "edited meanwhile") {
		t.Errorf("caught up with %q", got)
	}
	if p.count("Delete") != 0 {
		t.Error("absence was taken for deletion")
	}
}

// An item published again under a deleted one's id is a new post.
func TestRepublishedItemIsNew(t *testing.T) {
	t.Parallel()
	w, p, _ := newFollowedBlog(t)
	w.publish(louise, "a", note("first"))
	old := object(p.await("Create"))
	w.retract(louise, "a")
	p.await("Delete")
	w.publish(louise, "a", note("second"))
	again := object(p.await("Create"))
	if again.ID() == old.ID() {
		t.Error("a deleted id came back")
	}
	if code, _, _ := w.get(strings.TrimPrefix(old.ID(), w.url), "application/activity+json"); code != 410 {
		t.Errorf("the deleted post answers %d", code)
	}
}

// Nothing is sent while paused, and nothing written meanwhile goes out later.
func TestPause(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	w.says(louise, "pause")
	w.publish(louise, "quiet", note("quiet"))
	if text := w.says(louise, "status"); !strings.Contains(text, "paused") {
		t.Errorf("status is %q", text)
	}
	w.says(louise, "start")
	w.until("what was written is marked", func() bool {
		post, err := w.db.PostByItem(t.Context(), blog.ID, "quiet")
		return err == nil && post.Home
	})
	w.publish(louise, "loud", note("loud"))
	if got := object(p.await("Create")).Str("content"); !strings.Contains(got, "loud") {
		t.Errorf("went out: %q", got)
	}
	if p.count("Create") != 0 {
		t.Error("a post written while paused went out")
	}
}

// A community node is a Group with a by-line that nobody can forge.
func TestCommunityNode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	const service = "pubsub.example.org"
	w.change(service, "gardening", func(n *node) {
		n.publisher = true
		n.meta = `<field var='pubsub#title'><value>Gardening</value></field><field var='pubsub#owner'><value>` + louise + `</value></field>`
	})
	if text := w.says("mallory@example.org", "start "+service+" gardening"); !strings.Contains(text, "isthmus-") {
		t.Errorf("a stranger was told %q", text)
	}
	if text := w.says(louise, "start "+service+" gardening"); !strings.Contains(text, "Turned on") {
		t.Fatalf("the owner was told %q", text)
	}
	blog := w.tended(service, "gardening")
	if blog.Kind != "group" || blog.Profile.Name != "Gardening" {
		t.Errorf("community is %+v", blog)
	}
	p.follows("bob", blog.Token)
	entry := func(text, author string) string {
		return `<entry xmlns='http://www.w3.org/2005/Atom'><title>` + text + `</title><author><name>` + author + `</name><uri>xmpp:erin@example.org</uri></author><updated>2026-01-02T03:04:05Z</updated></entry>`
	}
	w.put(service, "gardening", "a", "erin@example.org/x", entry("roses", "Erin"))
	w.event(service, `<items node='gardening'><item id='a'/></items>`)
	if got := object(p.await("Create")); !strings.Contains(got.Str("content"), "Erin") || got.Str("attributedTo") != w.b.addr.Actor(blog.Token) {
		t.Errorf("community post is %v", got)
	}
	w.put(service, "gardening", "b", "mallory@example.org/x", entry("weeds", "Erin"))
	w.event(service, `<items node='gardening'><item id='b'/></items>`)
	if got := object(p.await("Create")).Str("content"); strings.Contains(got, "Erin") {
		t.Errorf("a forged by-line went out: %s", got)
	}
}

// Somebody whom the admin enrolled is told.
func TestAdminEnrols(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.change(louise, microblog, func(*node) {})
	e := NewEnrolment(w.b.cfg, w.db)
	if _, fresh, err := e.Enrol(t.Context(), stanza.JID{Local: "louise", Domain: "example.org"}, "", "admin"); err != nil || !fresh {
		t.Fatal(fresh, err)
	}
	var texts string
	for !strings.Contains(texts, "The admin of this server") {
		texts += w.told(louise)
	}
	if blog := w.tended(louise, microblog); blog.Handle != "louise" || blog.State != db.On {
		t.Errorf("enrolled as %+v", blog)
	}
	for _, bad := range []string{"louise@elsewhere.example", "elsewhere.example"} {
		jid, _ := stanza.ParseJID(bad)
		if _, _, err := e.Enrol(t.Context(), jid, "", "admin"); err == nil {
			t.Errorf("%s was enrolled", bad)
		}
	}
}
