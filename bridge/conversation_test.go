package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
)

// fingered is WebFinger in this world: peers have addresses of loopback, and
// handles at h1.example, h2.example and so on.
func (w *world) fingered(_ context.Context, handle string) (actorURL, subject string, err error) {
	user, host, _ := strings.Cut(strings.TrimPrefix(handle, "@"), "@")
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.peers {
		if host == p.name || "http://"+host == p.http.URL {
			return p.actor(user), user + "@" + p.name, nil
		}
	}
	return "", "", errors.New("no such host")
}

// jid is somebody's address in XMPP.
func (p *peer) jid(user string) string { return user + `\40` + p.name + "@ap.example.org" }

// says makes a Note of a user's, which their server has from now on.
func (p *peer) says(user, text string, more map[string]any) map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seq++
	path := fmt.Sprintf("/notes/%d", p.seq)
	n := map[string]any{
		"id": p.http.URL + path, "type": "Note", "attributedTo": p.actor(user), "content": "<p>" + text + "</p>",
		"published": fmt.Sprintf("2026-03-01T10:%02d:00Z", p.seq%60), "to": []string{vocab.Public}, "cc": []string{p.actor(user) + "/followers"},
	}
	maps.Copy(n, more)
	p.serve(path, n)
	return n
}

func (p *peer) serve(path string, doc map[string]any) {
	doc = maps.Clone(doc)
	doc["@context"] = "https://www.w3.org/ns/activitystreams"
	body, _ := json.Marshal(doc)
	p.docs[path] = string(body)
}

// replies makes a public answer to something.
func (p *peer) replies(user, to, text string) map[string]any {
	return p.says(user, text, map[string]any{"inReplyTo": to})
}

// sends posts an activity about an object to the shared inbox.
func (p *peer) sends(user, typ string, object any) {
	p.w.t.Helper()
	if code := p.post(user, p.w.url+"/ap/inbox", map[string]any{"type": typ, "object": object, "to": []string{vocab.Public}}); code != 202 {
		p.w.t.Fatalf("%s answered with %d", typ, code)
	}
}

// edited is a note with another text, written later.
func edited(n map[string]any, text, at string) map[string]any {
	n = maps.Clone(n)
	n["content"], n["updated"] = "<p>"+text+"</p>", at
	return n
}

// commented is a post of louise's with a place for comments on her own account.
func commented(item, text string) string {
	return `<entry xmlns='http://www.w3.org/2005/Atom'><title>` + text + `</title><id>` + item + `</id>` +
		`<link rel='replies' title='comments' href='xmpp:` + louise + `?;node=` + commentsOf(item) + `'/>` +
		`<updated>2026-01-02T03:04:05Z</updated><published>2026-01-02T03:04:05Z</published></entry>`
}

func commentsOf(item string) string { return commentsPrefix + item }

// discussedPost is a world in which bob, on a peer, follows louise, who has a
// post with a comments node that everybody may write to.
func discussedPost(t *testing.T) (w *world, p *peer, blog db.Blog, object string) {
	t.Helper()
	w, p, blog = newFollowedBlog(t)
	w.change(louise, commentsOf("first-post"), func(n *node) { n.open, n.publisher = true, true })
	w.publish(louise, "first-post", commented("first-post", "hello world"))
	object = p.await("Create").IDs("object")[0]
	w.settled()
	w.forget()
	return w, p, blog, object
}

// comments are what stands in a comments node, title by publisher.
func (w *world) comments(item string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, it := range w.node(louise, commentsOf(item)).items {
		out = append(out, it.Publisher+": "+it.Payload.First("", "title").Text())
	}
	return out
}

// stand waits until exactly these comments stand.
func (w *world) stand(item string, want ...string) {
	w.t.Helper()
	defer func() {
		if w.t.Failed() {
			w.t.Logf("what stands: %q, want %q", w.comments(item), want)
		}
	}()
	w.until(fmt.Sprintf("comments %q", want), func() bool { return slices.Equal(w.comments(item), want) })
}

// writes publishes somebody's comment and tells the gateway.
func (w *world) writes(author, post, item, payload string) {
	w.put(louise, commentsOf(post), item, author, payload)
	w.event(louise, `<items node='`+commentsOf(post)+`'><item id='`+item+`' publisher='`+author+`'>`+payload+`</item></items>`)
}

func TestReplyBecomesComment(t *testing.T) {
	t.Parallel()
	w, p, _, object := discussedPost(t)
	n := p.replies("bob", object, "well said")
	p.sends("bob", "Create", n)
	w.stand("first-post", p.jid("bob")+": well said")
	w.mu.Lock()
	it := w.node(louise, commentsOf("first-post")).items[0]
	w.mu.Unlock()
	entry, err := stanza.ParseEntry(it.Payload)
	if err != nil || entry.Authors[0].URI != "xmpp:"+p.jid("bob") || !strings.HasPrefix(it.ID, "ap-") {
		t.Errorf("item %s %v by %+v", it.ID, err, entry.Authors)
	}
	if l, ok := entry.Link("alternate"); !ok || l.Href != n["id"] {
		t.Errorf("link to the original: %+v", entry.Links)
	}
	if told := w.told(louise); !strings.Contains(told, "@bob@h1.example answered your post “hello world”") || !strings.Contains(told, "well said") {
		t.Errorf("louise is told %q", told)
	}
	p.sends("bob", "Update", edited(n, "well put", "2026-03-02T10:00:00Z"))
	w.stand("first-post", p.jid("bob")+": well put")
	p.sends("bob", "Delete", map[string]any{"id": n["id"], "type": "Tombstone"})
	w.stand("first-post")
	w.handled()
	for _, e := range w.xmpp.Unread() {
		if e.Local == "message" {
			t.Errorf("told more than once: %s", e.XML())
		}
	}
}

// Where only the owner may retract, a tombstone takes the comment's place.
func TestReplyDeletedOnProsody(t *testing.T) {
	t.Parallel()
	w, p, _, object := discussedPost(t)
	w.change(louise, commentsOf("first-post"), func(n *node) { n.sticky = true })
	n := p.replies("bob", object, "well said")
	p.sends("bob", "Create", n)
	w.stand("first-post", p.jid("bob")+": well said")
	p.sends("bob", "Delete", n["id"])
	w.until("a tombstone", func() bool {
		c := w.comments("first-post")
		return len(c) == 1 && strings.Contains(strings.ToLower(c[0]), "deleted")
	})
}

// Where nothing can be published, the author gets the reply as a message from its
// author, and learns why, once.
func TestReplyWithoutPlace(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]string{"no link": note("plain"), "closed": commented("plain", "plain")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, p, _ := newFollowedBlog(t)
			w.change(louise, commentsOf("plain"), func(n *node) { n.publisher = true })
			w.publish(louise, "plain", payload)
			object := p.await("Create").IDs("object")[0]
			w.xmpp.Forget()
			for i, text := range []string{"one", "two"} {
				n := p.replies("bob", object, text)
				p.sends("bob", "Create", n)
				m := w.xmpp.Await("a message of bob's", func(e *stanza.Element) bool { return e.Local == "message" && e.Get("to") == louise })
				body := m.First("", "body").Text()
				if m.Get("from") != p.jid("bob") || !strings.Contains(body, text) || !strings.Contains(body, n["id"].(string)) {
					t.Errorf("message %s", m.XML())
				}
				if strings.Contains(body, "You get this as a message") != (i == 0) {
					t.Errorf("message %d says why: %q", i, body)
				}
			}
		})
	}
}

func TestReplyToReplyKeepsItsPlace(t *testing.T) {
	t.Parallel()
	w, p, _, object := discussedPost(t)
	q := w.peer()
	first := p.replies("bob", object, "first")
	p.sends("bob", "Create", first)
	w.stand("first-post", p.jid("bob")+": first")
	q.sends("carol", "Create", q.replies("carol", first["id"].(string), "second"))
	w.stand("first-post", p.jid("bob")+": first", q.jid("carol")+": second")
	w.mu.Lock()
	items := w.node(louise, commentsOf("first-post")).items
	entry, _ := stanza.ParseEntry(items[1].Payload)
	want := stanza.ItemURI(mustJID(louise), commentsOf("first-post"), items[0].ID).String()
	w.mu.Unlock()
	if len(entry.InReplyTo) != 1 || entry.InReplyTo[0].Href != want {
		t.Errorf("in-reply-to %+v, want %s", entry.InReplyTo, want)
	}
}

// What is not public is never put where others can read it.
func TestPrivateReplyGoesByMessage(t *testing.T) {
	t.Parallel()
	w, p, blog, object := discussedPost(t)
	self := w.b.addr.Actor(blog.Token)
	for _, to := range [][]string{{self}, {p.actor("bob") + "/followers", self}} {
		n := p.says("bob", "between us", map[string]any{
			"inReplyTo": object, "to": to, "cc": []string{}, "tag": []any{map[string]any{"type": "Mention", "href": self, "name": "@louise"}},
		})
		p.sends("bob", "Create", n)
		m := w.xmpp.Await("a message of bob's", func(e *stanza.Element) bool { return e.Local == "message" && e.Get("to") == louise })
		if m.Get("from") != p.jid("bob") || !strings.Contains(m.First("", "body").Text(), "between us") {
			t.Errorf("message %s", m.XML())
		}
	}
	// To its author's followers alone it is nothing that was sent to louise.
	p.sends("bob", "Create", p.says("bob", "not for her", map[string]any{"inReplyTo": object, "to": []string{p.actor("bob") + "/followers"}, "cc": []string{}}))
	p.sends("bob", "Create", p.replies("bob", object, "for all"))
	w.stand("first-post", p.jid("bob")+": for all")
	w.xmpp.ExpectNone(`<message from='` + p.jid("bob") + `'/>`)
	_, _, body := w.get(strings.TrimPrefix(object, w.url)+"/replies?page=first", "application/activity+json")
	if strings.Count(body, "/notes/") != 1 {
		t.Errorf("replies %s", body)
	}
}

func TestMentionArrivesAsMessage(t *testing.T) {
	t.Parallel()
	w, p, blog, _ := discussedPost(t)
	self := w.b.addr.Actor(blog.Token)
	n := p.says("bob", "look at louise", map[string]any{"tag": map[string]any{"type": "Mention", "href": self, "name": "@louise"}})
	p.sends("bob", "Create", n)
	m := w.xmpp.Await("a message of bob's", func(e *stanza.Element) bool { return e.Local == "message" && e.Get("to") == louise })
	if body := m.First("", "body").Text(); m.Get("from") != p.jid("bob") || !strings.Contains(body, "look at louise") || !strings.Contains(body, n["id"].(string)) {
		t.Errorf("message %s", m.XML())
	}
	p.sends("bob", "Update", edited(n, "look at her", "2026-03-02T10:00:00Z"))
	c := w.xmpp.Await("a correction", func(e *stanza.Element) bool {
		return e.Local == "message" && e.First(stanza.NSCorrect, "replace") != nil
	})
	if c.First(stanza.NSCorrect, "replace").Get("id") != m.ID() || !strings.Contains(c.First("", "body").Text(), "look at her") {
		t.Errorf("correction %s", c.XML())
	}
	p.sends("bob", "Delete", n["id"])
	r := w.xmpp.Await("a retraction", func(e *stanza.Element) bool {
		return e.Local == "message" && e.First(stanza.NSRetract, "retract") != nil
	})
	if r.First(stanza.NSRetract, "retract").Get("id") != m.ID() {
		t.Errorf("retraction %s", r.XML())
	}
}
