package bridge

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/component/stanza"
)

// trims puts an item in the place of another and tells as ejabberd does: first
// of the new one, then of the old.
func (w *world) trims(old, id string) {
	w.drop(louise, microblog, old)
	w.publish(louise, id, note(id))
	w.event(louise, `<items node='`+microblog+`'><retract id='`+old+`'/></items>`)
}

// A pause does not turn trimming into deletion.
func TestTrimmingWhilePaused(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	w.publish(louise, "one", note("one"))
	p.await("Create")
	w.says(louise, "pause")
	w.trims("one", "two")
	w.says(louise, "status") // after the events, in their lane
	w.idle(kindRetract, retractKey(blog.ID, "one"))
	if _, err := w.db.PostByItem(t.Context(), blog.ID, "one"); err != nil || p.count("Delete") != 0 {
		t.Errorf("a trimmed post was deleted, %v", err)
	}
}

// Nor does an outage in which the server trimmed more than one looks at.
func TestTrimmingAfterOutage(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	const depth = 8 // max_items
	for i := range depth {
		w.put(louise, microblog, fmt.Sprint("a", i), "", note("before"))
	}
	w.again(blog)
	for i := range depth {
		w.drop(louise, microblog, fmt.Sprint("a", i))
		w.put(louise, microblog, fmt.Sprint("b", i), "", note("missed"))
	}
	w.again(blog)
	w.trims("b0", "c")
	w.says(louise, "status")
	w.idle(kindRetract, retractKey(blog.ID, "b0"))
	if _, err := w.db.PostByItem(t.Context(), blog.ID, "b0"); err != nil || p.count("Delete") != 0 {
		t.Errorf("a trimmed post was deleted, %v", err)
	}
}

// Deleting the oldest post and writing a new one right away is no trimming: the
// retract came first.
func TestDeleteAndRewrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.RetractHold = patience / 20 })
	p := w.peer()
	blog := w.enrolled(louise)
	p.follows("bob", blog.Token)
	w.publish(louise, "draft", note("with a mistake"))
	p.await("Create")
	w.retract(louise, "draft")
	w.publish(louise, "better", note("without"))
	p.await("Create")
	p.await("Delete")
}

// Nor is deleting it between the two words of one new post, which may come as two
// stanzas that differ in the order of their attributes (Prosody 0.12.3).
func TestDeleteBetweenTwoWords(t *testing.T) {
	t.Parallel()
	w, p, _ := newFollowedBlog(t)
	w.publish(louise, "one", note("one"))
	p.await("Create")
	w.publish(louise, "two", note("two"))
	p.await("Create")
	w.drop(louise, microblog, "one")
	w.event(louise, `<items node='`+microblog+`'><item id='two' publisher='`+louise+`/phone'>`+note("two, told otherwise")+`</item></items>`)
	w.event(louise, `<items node='`+microblog+`'><retract id='one'/></items>`)
	p.await("Delete")
}

func TestPayloadHash(t *testing.T) {
	t.Parallel()
	hash := func(xml string) string {
		e, err := stanza.ParseXML([]byte(xml))
		if err != nil {
			t.Fatal(err)
		}
		return payloadHash(e)
	}
	one := hash(`<entry xmlns='http://www.w3.org/2005/Atom'><link rel='alternate' href='xmpp:a'/></entry>`)
	if one != hash(`<entry xmlns='http://www.w3.org/2005/Atom'><link href='xmpp:a' rel='alternate'/></entry>`) {
		t.Error("the order of attributes counts")
	}
	if one == hash(`<entry xmlns='http://www.w3.org/2005/Atom'><link rel='alternate' href='xmpp:b'/></entry>`) {
		t.Error("an edit is not seen")
	}
}

// A purge counts although something new was written since.
func TestPurgeAndRewrite(t *testing.T) {
	t.Parallel()
	w, p, _ := newFollowedBlog(t)
	for _, id := range []string{"one", "two"} {
		w.publish(louise, id, note(id))
		p.await("Create")
		w.drop(louise, microblog, id)
	}
	w.put(louise, microblog, "three", "", note("three"))
	w.event(louise, `<purge node='`+microblog+`'/>`)
	p.await("Delete")
	p.await("Delete")
	if got := object(p.await("Create")).Str("content"); !strings.Contains(got, "three") {
		t.Errorf("after the purge came %q", got)
	}
	if p.count("Delete") != 0 {
		t.Error("what was written after the purge was deleted")
	}
}

// Deleting by hand holds, whatever the server does meanwhile, and is told once.
func TestDeleteByHandHolds(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	w.publish(louise, "a", note("regretted"))
	p.await("Create")
	post, _ := w.db.PostByItem(t.Context(), blog.ID, "a")
	w.change(louise, microblog, func(n *node) { n.trouble = true })
	if text := w.says(louise, "delete "+w.b.addr.PostPage("louise", post.Token)); !strings.Contains(text, "Deleted") {
		t.Errorf("delete is answered with %q", text)
	}
	w.change(louise, microblog, func(n *node) { n.trouble = false })
	p.await("Delete")
	w.again(blog)
	if n, _ := w.db.PostCount(t.Context(), blog.ID); n != 0 {
		t.Error("it came back")
	}
	if err := w.b.unpublish(t.Context(), &blog, post.ID, false); err != nil {
		t.Error(err)
	}
	w.until("all is delivered", func() bool {
		st, err := w.db.QueueStats(t.Context())
		return err == nil && st.Fanouts+st.Retries == 0
	})
	if p.count("Delete") != 0 {
		t.Error("one post was deleted twice")
	}
}

// An item overwritten by somebody else does not become hers by a catch-up that
// sees no publisher (Prosody 0.12).
func TestOverwrittenItemStaysOut(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	w.publish(louise, "mine", note("mine"))
	p.await("Create")
	w.put(louise, microblog, "mine", "", note("overwritten"))
	w.event(louise, `<items node='`+microblog+`'><item id='mine' publisher='mallory@example.org/x'>`+note("overwritten")+`</item></items>`)
	w.says(louise, "status")
	w.again(blog)
	w.stored(blog, "mine", "mine")
	w.publish(louise, "mine", note("mine again"))
	if got := object(p.await("Update")).Str("content"); !strings.Contains(got, "mine again") {
		t.Errorf("went out: %q", got)
	}
}

// What was edited away is not kept in public, nor is a profile of before.
func TestOldActivitiesForget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	w.vcard[louise] = `<vCard xmlns='vcard-temp'><FN>Old Name</FN></vCard>`
	blog := w.enrolled(louise)
	p.follows("bob", blog.Token)
	w.says(louise, "hide on")
	profile := strings.TrimPrefix(p.await("Update").ID(), w.url)
	w.publish(louise, "a", note("my number is 123"))
	create := strings.TrimPrefix(p.await("Create").ID(), w.url)
	w.publish(louise, "a", note("ask me for my number"))
	p.await("Update")
	code, _, body := w.get(create, "application/activity+json")
	if code != 200 || strings.Contains(body, "is 123") || !strings.Contains(body, `"Create"`) || !strings.Contains(body, "ask me") {
		t.Errorf("the Create answers %d %s", code, body)
	}
	if code, _, body := w.get(profile, "application/activity+json"); code != 200 || !strings.Contains(body, "Old Name") {
		t.Errorf("the profile's Update answers %d %s", code, body)
	}
	w.mu.Lock()
	w.vcard[louise] = `<vCard xmlns='vcard-temp'><FN>New Name</FN></vCard>`
	w.mu.Unlock()
	w.event(louise, `<items node='`+stanza.NodeVCard4+`'><item id='current'/></items>`)
	renewed := strings.TrimPrefix(p.await("Update").ID(), w.url)
	if code, _, _ := w.get(profile, "application/activity+json"); code != 404 {
		t.Errorf("the profile of before answers %d", code)
	}
	w.says(louise, "stop yes")
	if code, _, _ := w.get(renewed, "application/activity+json"); code != 410 {
		t.Errorf("the profile of who left answers %d", code)
	}
}
