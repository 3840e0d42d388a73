package bridge

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"isthmus/component/stanza"
)

// An account that is deleted takes everything along that it did here, at whatever
// post; what others did stays.
func TestGoneActor(t *testing.T) {
	t.Parallel()
	for name, sticky := range map[string]bool{"ejabberd": false, "prosody": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, p, blog, first := discussedPost(t)
			w.change(louise, commentsOf("first-post"), func(n *node) { n.sticky = sticky })
			w.publish(louise, "second-post", note("without a place for comments"))
			second := p.await("Create").IDs("object")[0]
			for _, who := range []string{"bob", "carol"} {
				p.sends(who, "Create", p.replies(who, first, who))
				p.sends(who, "Create", p.replies(who, second, who))
				p.sends(who, "Create", p.says(who, "hello", w.named(blog.Token)))
				for _, post := range []string{first, second} {
					p.sends(who, "Like", post)
					p.post(who, w.b.addr.SharedInbox(), map[string]any{"type": "EmojiReact", "object": post, "content": "🎉"})
					p.sends(who, "Announce", post)
				}
				w.settled()
			}
			for _, post := range []string{first, second} {
				w.total(post, "likes", "2")
				w.total(post, "shares", "2")
				w.total(post, "replies", "2")
			}
			w.forget()
			p.answers("bob", http.StatusGone)
			p.floods("bob", blog, map[string]any{"id": p.actor("bob") + "#delete", "type": "Delete", "object": p.actor("bob")})
			w.settled()
			for _, post := range []string{first, second} {
				w.total(post, "likes", "1")
				w.total(post, "shares", "1")
				w.total(post, "replies", "1")
			}
			stands := w.comments("first-post")
			if sticky { // Prosody
				stones := len(stands)
				stands = slices.DeleteFunc(stands, func(c string) bool { return c == p.jid("bob")+": [deleted]" })
				same(t, "stones", stones-len(stands), 2)
			}
			slices.Sort(stands) // two jobs brought them
			same(t, "what stands", stands, []string{p.jid("carol") + ": carol", p.jid("carol") + ": ♥"})
			retracted := 0
			for _, e := range w.sent() {
				if e.Local == "message" && e.First(stanza.NSRetract, "retract") != nil && e.Get("from") == p.jid("bob") {
					retracted++
				}
			}
			same(t, "messages retracted", retracted, 2)
			if n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted); n != 0 {
				t.Errorf("%d followers", n)
			}
			// Nobody mentions who is not there any more.
			w.writes(louise, "first-post", "c1", comment(louise, "thank you all"))
			if o := object(p.await("Create")); slices.Contains(mentions(o), p.actor("bob")) || !slices.Contains(o.IDs("cc"), p.actor("carol")) {
				t.Errorf("louise answers %v", o)
			}
		})
	}
}

// An account that nobody can look up any more may still be deleted by its server's
// word, and one that is only said to be deleted is not.
func TestActorThatIsNotGone(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	p.sends("bob", "Create", p.replies("bob", post, "still here"))
	w.stand("first-post", p.jid("bob")+": still here")
	for _, a := range []map[string]any{
		{"type": "Delete", "object": p.actor("bob")},
		{"type": "Delete", "object": map[string]any{"id": p.actor("bob"), "type": "Person"}},
		{"type": "Delete", "actor": p.actor("bob"), "object": p.actor("bob")},
	} {
		p.post("mallory", w.b.addr.SharedInbox(), a)
	}
	w.settled()
	w.stand("first-post", p.jid("bob")+": still here")
	w.total(post, "replies", "1")
}

// Two people of one server, and three servers in one thread: everybody has an
// address of their own, and everybody hears what louise answers, once.
func TestThreeServers(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	q, r := w.peer(), w.peer()
	said := map[string]string{}
	var want []string
	for _, x := range []struct {
		from *peer
		who  string
		to   string
	}{{p, "bob", ""}, {p, "ada", "bob"}, {q, "bob", "ada"}, {r, "bob", ""}, {p, "bob", "bob@r"}, {q, "carol", ""}} {
		to := post
		if x.to != "" {
			to = said[x.to]
		}
		text := fmt.Sprint("word ", len(want))
		n := x.from.replies(x.who, to, text)
		said[x.who] = n["id"].(string)
		if x.from == r {
			said["bob@r"] = n["id"].(string)
		}
		x.from.sends(x.who, "Create", n)
		want = append(want, x.from.jid(x.who)+": "+text)
		w.stand("first-post", want...)
	}
	w.settled()
	if told := w.messages(louise); len(told) != len(want) {
		t.Errorf("louise is told %q", told)
	}
	w.writes(louise, "first-post", "c1", comment(louise, "welcome, all of you"))
	all := []string{p.actor("bob"), p.actor("ada"), q.actor("bob"), q.actor("carol"), r.actor("bob")}
	slices.Sort(all)
	for _, x := range []*peer{p, q, r} {
		o := object(x.await("Create"))
		got := slices.DeleteFunc(o.IDs("cc"), func(id string) bool { return strings.HasPrefix(id, w.url) })
		slices.Sort(got)
		same(t, "who is told", got, all)
	}
	w.writes(louise, "first-post", "c1", comment(louise, "welcome"))
	for _, x := range []*peer{p, q, r} {
		x.await("Update")
	}
	w.drop(louise, commentsOf("first-post"), "c1")
	w.event(louise, `<items node='`+commentsOf("first-post")+`'><retract id='c1'/></items>`)
	for _, x := range []*peer{p, q, r} {
		x.await("Delete")
	}
	w.settled()
	for _, x := range []*peer{p, q, r} {
		if n := x.count("Create") + x.count("Update") + x.count("Delete"); n != 0 {
			t.Errorf("%s got %d too many", x.name, n)
		}
	}
}
