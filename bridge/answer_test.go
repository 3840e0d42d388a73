package bridge

import (
	"slices"
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

const alice = "alice@example.org"

// comment is a comment as Movim writes it: a title and nothing else.
func comment(author, text string) string {
	return `<entry xmlns='http://www.w3.org/2005/Atom'><title>` + text + `</title><author><name>x</name><uri>xmpp:` + author + `</uri></author>` +
		`<id>x</id><updated>2026-01-02T03:04:05Z</updated><published>2026-01-02T03:04:05Z</published></entry>`
}

func mentions(d vocab.Doc) []string {
	var out []string
	for _, tag := range d.Docs("tag") {
		if tag.Is("Mention") {
			out = append(out, tag.Str("href"))
		}
	}
	return out
}

// bob answers, louise answers back in the flat list of Movim: bob is told.
func TestBloggerAnswersBack(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	p.sends("bob", "Create", p.replies("bob", post, "well said"))
	w.stand("first-post", p.jid("bob")+": well said")
	w.writes(louise, "first-post", "c1", comment(louise, "thank you"))
	create := p.await("Create")
	o := object(create)
	if o.Str("inReplyTo") != post || !slices.Contains(mentions(o), p.actor("bob")) || !slices.Contains(create.IDs("cc"), p.actor("bob")) {
		t.Errorf("answer %v", o)
	}
	if !strings.Contains(o.Str("content"), "thank you") || o.Str("attributedTo") != w.b.addr.Actor(blog.Token) || !o.Is("Note") {
		t.Errorf("answer %v", o)
	}
	w.writes(louise, "first-post", "c1", comment(louise, "thanks a lot"))
	if u := object(p.await("Update")); !strings.Contains(u.Str("content"), "thanks a lot") || u.ID() != o.ID() {
		t.Errorf("edit %v", u)
	}
	w.drop(louise, commentsOf("first-post"), "c1")
	w.event(louise, `<items node='`+commentsOf("first-post")+`'><retract id='c1'/></items>`)
	if d := p.await("Delete"); d.IDs("object")[0] != o.ID() {
		t.Errorf("deletion %v", d)
	}
}

// Who is named at the beginning is answered, and so is whom the entry points at.
func TestAnswerFindsItsParent(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	q := w.peer()
	first, second := p.replies("bob", post, "one"), q.replies("carol", post, "two")
	p.sends("bob", "Create", first)
	w.stand("first-post", p.jid("bob")+": one")
	q.sends("carol", "Create", second)
	w.stand("first-post", p.jid("bob")+": one", q.jid("carol")+": two")

	w.writes(louise, "first-post", "c1", comment(louise, "carol: to you"))
	o := object(q.await("Create"))
	if o.Str("inReplyTo") != second["id"] || !slices.Equal(mentions(o), []string{q.actor("carol")}) {
		t.Errorf("named: %v", o)
	}
	if same := object(p.await("Create")); same.ID() != o.ID() { // bob takes part
		t.Errorf("bob gets %v", same)
	}
	w.mu.Lock()
	item := w.node(louise, commentsOf("first-post")).items[0].ID
	w.mu.Unlock()
	href := stanza.ItemURI(mustJID(louise), commentsOf("first-post"), item).String()
	reply := answering(href, comment(louise, "to bob"))
	w.writes(louise, "first-post", "c2", reply)
	o = object(p.await("Create"))
	if o.Str("inReplyTo") != first["id"] || !strings.Contains(o.Str("content"), "@bob@h1.example") {
		t.Errorf("pointed at: %v", o)
	}
}

// Comments of who is not on the Fediverse stay in XMPP and are counted; nobody
// can speak for somebody else.
func TestStrangersCommentStaysHome(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	w.writes(alice, "first-post", "c1", comment(louise, "I am louise"))
	w.writes(louise, "first-post", "c2", comment(louise, "no, I am"))
	if o := object(p.await("Create")); !strings.Contains(o.Str("content"), "no, I am") {
		t.Errorf("published %v", o)
	}
	w.writes(alice, "first-post", "c2", comment(louise, "overwritten")) // Prosody lets her
	w.writes(louise, "first-post", "c3", comment(louise, "still me"))
	if o := object(p.await("Create")); !strings.Contains(o.Str("content"), "still me") {
		t.Errorf("published %v", o)
	}
	if p.count("Update")+p.count("Create") != 0 {
		t.Error("somebody else's words were published")
	}
	_, _, body := w.get(strings.TrimPrefix(post, w.url)+"/replies", "application/activity+json")
	if !strings.Contains(body, `"totalItems":3`) {
		t.Errorf("replies %s", body)
	}
	w.says(alice, "start")
	w.b.lookAtThreads(t.Context())
	w.writes(alice, "first-post", "c4", comment(alice, "now I am here"))
	w.until("alice's comment is stored", func() bool {
		post, err := w.db.PostAt(t.Context(), louise, commentsOf("first-post"), "c4")
		return err == nil && strings.Contains(post.Object, "now I am here")
	})
	if _, err := w.db.PostAt(t.Context(), louise, commentsOf("first-post"), "c1"); err == nil {
		t.Error("what alice wrote before she was on the Fediverse was published")
	}
}

func TestHeartIsLike(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	n := p.replies("bob", post, "well said")
	p.sends("bob", "Create", n)
	w.stand("first-post", p.jid("bob")+": well said")
	w.writes(louise, "first-post", "h1", answering(w.itemOf("first-post", 0), comment(louise, "♥")))
	like := p.await("Like")
	if like.IDs("object")[0] != n["id"] || like.Str("actor") != w.b.addr.Actor(blog.Token) {
		t.Errorf("like %v", like)
	}
	w.drop(louise, commentsOf("first-post"), "h1")
	w.event(louise, `<items node='`+commentsOf("first-post")+`'><retract id='h1'/></items>`)
	if inner := object(p.await("Undo")); inner.ID() != like.ID() || !inner.Is("Like") {
		t.Errorf("undone %v", inner)
	}
	// Of a post of ours it is counted, once.
	for _, item := range []string{"h2", "h3"} {
		w.writes(louise, "first-post", item, comment(louise, "♥"))
	}
	w.until("the like is counted", func() bool {
		_, _, body := w.get(strings.TrimPrefix(post, w.url)+"/likes", "application/activity+json")
		return strings.Contains(body, `"totalItems":1`)
	})
}

// itemOf is the address of a comment.
func (w *world) itemOf(post string, i int) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return stanza.ItemURI(mustJID(louise), commentsOf(post), w.node(louise, commentsOf(post)).items[i].ID).String()
}

func TestRepeatIsBoost(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	n := p.replies("bob", post, "well said")
	p.sends("bob", "Create", n)
	w.stand("first-post", p.jid("bob")+": well said")
	for via, want := range map[string]string{w.itemOf("first-post", 0): n["id"].(string), n["id"].(string): n["id"].(string)} {
		w.publish(louise, "again", strings.Replace(note("well said"), "<id>", `<link rel='via' href='`+via+`'/><id>`, 1))
		announce := p.await("Announce")
		if announce.IDs("object")[0] != want || !slices.Contains(announce.IDs("cc"), p.actor("bob")) {
			t.Errorf("%s: boost %v", via, announce)
		}
		w.retract(louise, "again")
		if inner := object(p.await("Undo")); inner.ID() != announce.ID() {
			t.Errorf("undone %v", inner)
		}
	}
	if p.count("Create") != 0 {
		t.Error("the copy was published as louise's own")
	}
}

func TestShareIsQuote(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	n := p.replies("bob", post, "well said")
	p.sends("bob", "Create", n)
	w.stand("first-post", p.jid("bob")+": well said")
	w.publish(louise, "share", answering(w.itemOf("first-post", 0), note("worth a read")))
	o := object(p.await("Create"))
	if o.Str("quote") != n["id"] || o.Str("inReplyTo") != "" || !strings.Contains(o.Str("content"), n["id"].(string)) {
		t.Errorf("quote %v", o)
	}
}

func TestMentionInPost(t *testing.T) {
	t.Parallel()
	w, p, _, _ := discussedPost(t)
	q := w.peer()
	w.publish(louise, "hi", note("hello @dave@h2.example and @nobody@nowhere.example!"))
	o := object(q.await("Create")) // who follows nobody gets it all the same
	if !slices.Equal(mentions(o), []string{q.actor("dave")}) || !slices.Contains(o.IDs("cc"), q.actor("dave")) {
		t.Errorf("post %v", o)
	}
	p.await("Create")
	w.retract(louise, "hi")
	q.await("Delete")
}
