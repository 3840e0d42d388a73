package bridge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"isthmus/db"
)

// happen makes one thing of each kind happen to louise, by people of a name.
func (p *peer) happen(name, post string, blog db.Blog) {
	p.w.t.Helper()
	p.sends(name+"-answers", "Create", p.replies(name+"-answers", post, name+" answers"))
	p.sends(name+"-names", "Create", p.says(name+"-names", name+" names her", p.w.named(blog.Token)))
	p.sends(name+"-likes", "Like", post)
	p.sends(name+"-boosts", "Announce", post)
	p.post(name+"-follows", p.w.b.addr.SharedInbox(), map[string]any{"type": "Follow", "object": p.w.b.addr.Actor(blog.Token)})
	p.w.settled()
}

// What louise is told of is hers to say, subject by subject.
func TestNotify(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	all := map[string]string{"replies": "answered your post", "mentions": "names her", "follows": "follows you now", "likes": "liked by"}
	hears := func(name string, want ...string) {
		t.Helper()
		p.happen(name, post, blog)
		told := w.messages(louise)
		for subject, words := range all {
			if has(told, words) != slices.Contains(want, subject) {
				t.Errorf("%s: of %s louise is told %q", name, subject, told)
			}
		}
		if len(told) > len(all)+1 { // the digest may be two
			t.Errorf("%s: %d messages: %q", name, len(told), told)
		}
	}
	subjects := slices.Sorted(maps.Keys(all))
	if text := w.says(louise, "notify"); strings.Count(text, ": on") != len(all) {
		t.Errorf("notify says %q", text)
	}
	hears("first", subjects...)
	for _, s := range subjects {
		if text := w.says(louise, "notify "+s+" off"); !strings.Contains(text, s+": off") || strings.Count(text, ": off") != 1 {
			t.Errorf("notify %s off says %q", s, text)
		}
		hears("all-but-"+s, slices.DeleteFunc(slices.Clone(subjects), func(x string) bool { return x == s })...)
		w.says(louise, "notify "+s+" on")
	}
	w.says(louise, "notify all off")
	hears("nothing")
	if text := w.says(louise, "notify ALL On"); strings.Contains(text, ": off") {
		t.Errorf("notify all on says %q", text)
	}
	hears("everything", subjects...)
	for _, wrong := range []string{"notify cats off", "notify likes maybe", "notify"} {
		if text := w.says(louise, wrong); strings.Contains(text, ": off") {
			t.Errorf("%s says %q", wrong, text)
		}
	}
	// Not told is not hidden.
	if n := len(w.comments("first-post")); n != 2*(len(all)+3) { // an answer and a heart each
		t.Errorf("%d comments stand", n)
	}
}

// A direct message always arrives.
func TestDirectIsAlwaysTold(t *testing.T) {
	t.Parallel()
	w, p, blog, _ := discussedPost(t)
	w.says(louise, "notify all off")
	p.sends("bob", "Create", p.says("bob", "between us", map[string]any{"to": []string{w.b.addr.Actor(blog.Token)}, "cc": nil}))
	w.message(p.jid("bob"), louise)
}

// Of who is muted nothing is shown and nothing told, until that ends.
func TestMute(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ mute, listed string }{
		"a person": {"mute @bob@h2.example", "@bob@h2.example"},
		"a server": {"mute h2.example", "everybody on h2.example"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, p, blog, post := discussedPost(t)
			q := w.peer()
			self := w.b.addr.Actor(blog.Token)
			if text := w.says(louise, "mute"); !strings.Contains(text, "Nobody is muted") {
				t.Errorf("mute says %q", text)
			}
			if text := w.says(louise, c.mute); !strings.Contains(text, "Muted: "+c.listed) {
				t.Errorf("%s says %q", c.mute, text)
			}
			w.says(louise, c.mute) // twice is once
			if text := w.says(louise, "mute"); strings.Count(text, c.listed) != 1 {
				t.Errorf("mute says %q", text)
			}
			w.forget()
			does := func() {
				q.sends("bob", "Create", q.replies("bob", post, "hello"))
				q.sends("bob", "Create", q.says("bob", "hello louise", w.named(blog.Token)))
				q.sends("bob", "Create", q.says("bob", "between us", map[string]any{"to": []string{self}, "cc": nil}))
				q.sends("bob", "Like", post)
				q.sends("bob", "Announce", post)
				q.sends("bob", "Create", q.replies("bob", q.replies("bob", post, "one")["id"].(string), "to himself"))
				w.settled()
			}
			does()
			w.stand("first-post")
			if told := w.messages(louise); len(told) != 0 {
				t.Errorf("louise is told %q", told)
			}
			p.sends("bob", "Create", p.replies("bob", post, "another bob")) // on another server
			w.stand("first-post", p.jid("bob")+": another bob")
			if text := w.says(louise, strings.Replace(c.mute, "mute", "unmute", 1)); !strings.Contains(text, "No longer muted: "+c.listed) {
				t.Errorf("unmute says %q", text)
			}
			if text := w.says(louise, "unmute h2.example"); !strings.Contains(text, "not muted") {
				t.Errorf("unmute says %q", text)
			}
			w.forget()
			q.sends("bob", "Create", q.replies("bob", post, "hello again"))
			w.stand("first-post", p.jid("bob")+": another bob", q.jid("bob")+": hello again")
		})
	}
}

func TestMuteNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if text := w.says(louise, "mute bob@h1.example"); !strings.Contains(text, "off") {
		t.Errorf("before start: %q", text)
	}
	w.enrolled(louise)
	for _, who := range []string{"nobody@nowhere.example", "localhost", "https://h1.example/bob", "a:b.example"} {
		if text := w.says(louise, "mute "+who); strings.Contains(text, "Muted") {
			t.Errorf("mute %s says %q", who, text)
		}
	}
}

// Who is muted by the author of the post still reaches whom they answer.
func TestMutedByTheOneNotByTheOther(t *testing.T) {
	t.Parallel()
	w, _, _, _ := discussedPost(t)
	q := w.peer()
	w.says(alice, "start")
	w.writes(alice, "first-post", "c1", comment(alice, "hello from alice"))
	hers := w.said("first-post", "c1")
	w.says(louise, "mute "+q.name)
	w.settled()
	w.forget()
	before := w.comments("first-post")
	q.sends("carol", "Create", q.replies("carol", hers, "hello alice"))
	if m := w.message(q.jid("carol"), alice); !strings.Contains(m.First("", "body").Text(), "hello alice") {
		t.Errorf("message %s", m.XML())
	}
	w.settled()
	same(t, "what stands", w.comments("first-post"), before)
	if told := w.messages(louise); len(told) != 0 {
		t.Errorf("louise is told %q", told)
	}
}

// Many followers that come while nobody can be told are one message.
func TestManyFollowers(t *testing.T) {
	t.Parallel()
	for _, many := range []int{maxFollowNews, maxFollowNews + 1, 30} {
		t.Run(fmt.Sprint(many), func(t *testing.T) {
			t.Parallel()
			w, p, blog, _ := discussedPost(t)
			w.down()
			for i := range many {
				p.follows(fmt.Sprint("u", i), blog.Token)
			}
			w.up()
			w.settled()
			told := w.messages(louise)
			switch {
			case many <= maxFollowNews && len(told) != many:
				t.Errorf("louise is told %q", told)
			case many > maxFollowNews && (len(told) != 1 || !has(told, fmt.Sprint(many, " people follow you now: @u0@h1.example, @u1@h1.example"))):
				t.Errorf("louise is told %q", told)
			case many == 30 && !has(told, "and 10 more."):
				t.Errorf("louise is told %q", told)
			}
		})
	}
}

// Likes and boosts of all posts come in one message, post by post; what was taken
// back before is not in it.
func TestDigest(t *testing.T) {
	t.Parallel()
	w, p, _, first := discussedPost(t)
	w.publish(louise, "second-post", note("another one, which is so long that nobody would want to read it in a digest"))
	second := p.await("Create").IDs("object")[0]
	w.down()
	p.sends("bob", "Like", first)
	p.sends("carol", "EmojiReact", first)
	p.post("dave", w.b.addr.SharedInbox(), map[string]any{"type": "EmojiReact", "object": first, "content": "🎉"})
	p.sends("bob", "Announce", second)
	regretted := map[string]any{"id": p.http.URL + "/likes/r", "type": "Like", "object": second}
	p.post("erin", w.b.addr.SharedInbox(), regretted)
	p.sends("erin", "Undo", regretted)
	for i := range 12 {
		p.sends(fmt.Sprint("u", i), "Like", second)
	}
	w.handled()
	w.up()
	w.settled()
	told := w.messages(louise)
	if len(told) != 1 {
		t.Fatalf("louise is told %q", told)
	}
	for _, part := range []string{
		"our post “hello world”\n  liked by ", "@dave@h1.example 🎉", "our post “another one, which is so long that nobody would want to read…”\n  liked by @",
		" and 2 more", "\n  boosted by @bob@h1.example",
	} {
		if !strings.Contains(told[0], part) {
			t.Errorf("louise is told %q, without %q", told[0], part)
		}
	}
	if strings.Contains(told[0], "erin") {
		t.Errorf("louise is told %q", told[0])
	}
}
