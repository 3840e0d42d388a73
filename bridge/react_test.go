package bridge

import (
	"strings"
	"testing"
	"time"

	"isthmus/component/stanza"
	"isthmus/mapping"
)

// fresh is more of a note that was written just now.
func fresh() map[string]any { return map[string]any{"published": ago(-time.Minute)} } // which is taken for now

// attached are the likes that stand at a post of somebody's virtual address.
func (w *world) attachedAt(at, object string) int {
	w.t.Helper()
	uri := stanza.ItemURI(mustJID(at), microblog, mapping.ItemID(object))
	items, _, failed := w.reads(alice, at, strings.ReplaceAll(stanza.AttachmentsNode(uri), "'", "&apos;"), "", "")
	if failed != "" {
		w.t.Errorf("attachments: %s", failed)
	}
	return len(items)
}

// Who has no blog likes and boosts by its link, by that of its item, and as the last
// one shown; once, and until they take it back.
func TestLikeAndBoost(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	n := p.says("bob", "hello", fresh())
	id := n["id"].(string)
	item := stanza.ItemURI(mustJID(p.jid("bob")), microblog, mapping.ItemID(id)).String()
	if got := w.says(alice, "like last"); !strings.Contains(got, "no post yet") {
		t.Errorf("nothing shown: %q", got)
	}
	if got := w.says(alice, "like "+id); !strings.Contains(got, "There is no post there") { // not https, not known
		t.Errorf("unknown: %q", got)
	}
	p.sends("bob", "Create", n)
	w.awaitsEvent(p.jid("bob"), alice, microblog)
	if got := w.says(alice, "like "+id); !strings.Contains(got, "You like this post of @bob@h1.example now: "+id) {
		t.Errorf("liking: %q", got)
	}
	like := p.await("Like")
	if like.IDs("object")[0] != id || w.attachedAt(p.jid("bob"), id) != 1 {
		t.Errorf("like %v", like)
	}
	if got := w.says(alice, "like last"); !strings.Contains(got, "already") {
		t.Errorf("liking again: %q", got)
	}
	if got := w.says(alice, "boost "+item); !strings.Contains(got, "You boosted this post of @bob@h1.example") {
		t.Errorf("boosting: %q", got)
	}
	boost := p.await("Announce")
	if boost.IDs("object")[0] != id || w.attachedAt(p.jid("bob"), id) != 1 {
		t.Errorf("boost %v", boost)
	}
	if got := w.says(alice, "boost "+id); !strings.Contains(got, "already") {
		t.Errorf("boosting again: %q", got)
	}
	w.says(alice, "unlike")
	if inner := object(p.await("Undo")); inner.ID() != like.ID() || w.attachedAt(p.jid("bob"), id) != 0 {
		t.Errorf("undone %v", inner)
	}
	w.says(alice, "unboost "+id)
	if inner := object(p.await("Undo")); inner.ID() != boost.ID() {
		t.Errorf("undone %v", inner)
	}
	for _, again := range []string{"unlike", "unboost"} {
		if got := w.says(alice, again+" "+id); !strings.Contains(got, "nothing to take back") {
			t.Errorf("%s again: %q", again, got)
		}
	}
	for _, nonsense := range []string{"like everything", "like xmpp:bob", "boost @bob@h1.example", "reply", "thread x"} {
		if got := w.says(alice, nonsense); !strings.Contains(got, "Name a post") {
			t.Errorf("%s: %q", nonsense, got)
		}
	}
	w.settled()
	if k := p.count("Like") + p.count("Announce") + p.count("Undo"); k != 0 {
		t.Errorf("%d more activities", k)
	}
}

// Who follows nobody gets an actor for it; a post from here is liked and counted.
func TestLikePostFromHere(t *testing.T) {
	t.Parallel()
	w, _, blog, post := discussedPost(t)
	page := w.b.addr.PostPage(blog.Handle, strings.TrimPrefix(post, w.b.addr.Post("")))
	for _, link := range []string{page, post, stanza.ItemURI(mustJID(louise), microblog, "first-post").String()} {
		if got := w.says(alice, "like "+link); !strings.Contains(got, "post of @louise@") {
			t.Errorf("%s: %q", link, got)
		}
	}
	w.total(post, "likes", "1")
	w.says(alice, "unlike "+page)
	w.total(post, "likes", "0")
	if got := w.says(alice, "reply "+page+" hello"); !strings.Contains(got, "with your client: xmpp:louise") {
		t.Errorf("reply without privileges: %q", got)
	}
	w.privileged(nil)
	w.says(alice, "reply "+page+" hello louise")
	w.stand("first-post", alice+": hello louise")
}

// What stands in a node by the hand of a client is taken back there.
func TestUnlikeOfClient(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	n := p.replies("bob", post, "well said")
	p.sends("bob", "Create", n)
	w.stand("first-post", p.jid("bob")+": well said")
	w.writes(louise, "first-post", "h1", answering(w.itemOf("first-post", 0), comment(louise, "♥")))
	p.await("Like")
	if got := w.says(louise, "unlike "+n["id"].(string)); !strings.Contains(got, "with an XMPP client") || !strings.Contains(got, "h1") {
		t.Errorf("answer %q", got)
	}
	w.says(louise, "pause")
	if got := w.says(louise, "boost "+n["id"].(string)); !strings.Contains(got, "paused") {
		t.Errorf("in a pause: %q", got)
	}
}

func TestReplyAndThread(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	n := p.says("bob", "what do you think?", fresh())
	id := n["id"].(string)
	p.sends("bob", "Create", n)
	w.awaitsEvent(p.jid("bob"), alice, microblog)
	if got := w.says(alice, "thread "+id); !strings.Contains(got, "» bob") && !strings.Contains(got, "» @bob") || !strings.Contains(got, "what do you think?") || !strings.Contains(got, "Nobody answered") {
		t.Errorf("thread %q", got)
	}
	if got := w.says(alice, "reply last a lot\nof it"); !strings.Contains(got, "You answered @bob@h1.example: "+w.b.addr.Page("alice")) {
		t.Errorf("reply %q", got)
	}
	create := p.await("Create")
	o := object(create)
	if o.Str("inReplyTo") != id || !strings.Contains(o.Str("content"), "a lot<br") || len(mentions(o)) != 1 {
		t.Errorf("reply %v", o)
	}
	// Asked back, and as a form.
	if got := w.says(alice, "reply "+id); !strings.Contains(got, "What do you want to answer @bob@h1.example?") {
		t.Errorf("without words: %q", got)
	}
	w.says(alice, "one more")
	if o := object(p.await("Create")); !strings.Contains(o.Str("content"), "one more") || o.Str("inReplyTo") != id {
		t.Errorf("reply %v", o)
	}
	p.sends("bob", "Create", p.replies("bob", o.ID(), "thank you"))
	w.until("bob's answer is there", func() bool {
		got := w.says(alice, "thread "+id)
		return strings.Count(got, "↳") == 3 && strings.Contains(got, "thank you") && strings.Contains(got, "one more")
	})
	if got := w.says(alice, "thread "+o.ID()); !strings.HasPrefix(got, "bob") && !strings.HasPrefix(got, "@bob") || !strings.Contains(got, "» @alice@") {
		t.Errorf("thread of the answer: %q", got)
	}
	// One answers a comment of one's own below it, too.
	if got := w.says(alice, "reply "+o.ID()+" and more"); !strings.Contains(got, "You answered @alice@") {
		t.Errorf("reply to oneself: %q", got)
	}
	if got := w.says(alice, "thread "+o.ID()); !strings.Contains(got, "and more") {
		t.Errorf("reply to oneself: %q", got)
	}
}

// What is for followers alone is shown to them, and not answered in public.
func TestPrivateIsNotAnswered(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	n := p.says("bob", "among us", map[string]any{"to": []string{p.actor("bob") + "/followers"}, "cc": []string{}, "published": ago(0)})
	id := n["id"].(string)
	p.sends("bob", "Create", n)
	w.awaitsEvent(p.jid("bob"), alice, microblog)
	for _, line := range []string{"like " + id, "boost " + id, "reply " + id + " yes"} {
		if got := w.says(alice, line); !strings.Contains(got, "for followers alone") {
			t.Errorf("%s: %q", line, got)
		}
	}
	if got := w.says(alice, "thread "+id); !strings.Contains(got, "among us") {
		t.Errorf("thread %q", got)
	}
	for _, line := range []string{"like " + id, "thread " + id} {
		if got := w.says(louise, line); !strings.Contains(got, "There is no post there") {
			t.Errorf("a stranger's %s: %q", line, got)
		}
	}
	w.settled()
	if k := p.count("Like") + p.count("Announce") + p.count("Create"); k != 0 {
		t.Errorf("%d activities", k)
	}
}
