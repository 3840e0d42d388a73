package bridge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
)

// shaped sends a post of its own user's for each shape, and returns whose comments
// are to stand in the end.
func (p *peer) shaped(object string, shapes []func(n, a map[string]any)) (want []string) {
	for i, shape := range shapes {
		user := fmt.Sprintf("u%d", i)
		n := p.says(user, user, map[string]any{"inReplyTo": object})
		a := map[string]any{"type": "Create", "object": n, "to": n["to"]}
		shape(n, a)
		p.mu.Lock()
		p.serve(strings.TrimPrefix(n["id"].(string), p.http.URL), n)
		p.mu.Unlock()
		if code := p.post(user, p.w.b.addr.SharedInbox(), a); code != 202 {
			p.w.t.Errorf("shape %d answered with %d", i, code)
		}
		p.w.settled()
		want = append(want, p.jid(user)+": "+user)
	}
	return want
}

// Every member may be a value, an object, a list, null or missing (activitypub.md
// I1 to I4).
func TestShapesOfAReply(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	self, page := w.b.addr.Actor(blog.Token), w.b.addr.PostPage("louise", strings.TrimPrefix(post, w.url+"/ap/post/"))
	mention := map[string]any{"type": "Mention", "href": self, "name": "@louise"}
	file := map[string]any{"type": "Document", "mediaType": "image/png", "url": "https://files.example/a.png"}
	set := func(key string, v any) func(n, a map[string]any) { return func(n, _ map[string]any) { n[key] = v } }
	act := func(key string, f func(n map[string]any) any) func(n, a map[string]any) {
		return func(n, a map[string]any) { a[key] = f(n) }
	}
	want := p.shaped(post, []func(n, a map[string]any){
		func(n, a map[string]any) {},
		act("actor", func(n map[string]any) any { return map[string]any{"id": n["attributedTo"], "type": "Person"} }),
		act("actor", func(n map[string]any) any { return []any{n["attributedTo"]} }),
		act("object", func(n map[string]any) any { return n["id"] }),
		act("object", func(n map[string]any) any { return []any{n} }),
		act("object", func(n map[string]any) any { return []any{nil, n["id"]} }),
		act("object", func(n map[string]any) any { return map[string]any{"id": n["id"]} }),
		act("type", func(map[string]any) any { return []any{"Create", "x:Other"} }),
		act("to", func(map[string]any) any { return nil }),
		set("attributedTo", []any{p.actor("u9")}),
		set("attributedTo", map[string]any{"id": p.actor("u10"), "type": "Person"}),
		set("inReplyTo", []any{post}),
		set("inReplyTo", []any{nil, map[string]any{"id": post, "type": "Note"}}),
		set("inReplyTo", page),
		set("to", vocab.Public),
		set("to", "as:Public"),
		set("to", []any{nil, "Public"}),
		set("to", map[string]any{"id": vocab.Public, "type": "Collection"}),
		func(n, _ map[string]any) { n["to"], n["cc"] = p.actor("u18")+"/followers", "as:Public" },
		func(n, _ map[string]any) { n["to"], n["cc"] = nil, []any{nil, vocab.Public} },
		func(n, _ map[string]any) { n["to"], n["cc"] = nil, nil }, // only the activity says
		set("cc", nil),
		set("cc", self),
		set("tag", mention),
		set("tag", []any{nil, mention, "plain", 5}),
		set("tag", nil),
		set("type", []any{"x:Other", "Note"}),
		func(n, _ map[string]any) { n["contentMap"], n["content"] = map[string]any{"de": n["content"]}, nil },
		func(n, _ map[string]any) { n["source"], n["content"] = map[string]any{"content": "u28"}, nil },
		func(n, _ map[string]any) { n["name"], n["summary"], n["published"] = nil, nil, nil },
		set("attachment", nil),
		set("context", []any{nil, "x"}),
		set("url", []any{map[string]any{"type": "Link", "href": "https://p.example/1", "mediaType": "text/html"}, nil}),
	})
	same(t, "what stands", w.comments("first-post"), want)
	w.total(post, "replies", fmt.Sprint(len(want)))
	listed := 0
	for next := post + "/replies?page=first"; next != ""; {
		doc := w.doc(next)
		listed += len(doc.List("items")) + len(doc.List("orderedItems"))
		next = doc.Str("next")
	}
	same(t, "listed", listed, len(want))
	for i, attachment := range []any{file, []any{file}, []any{nil, file, "https://files.example/b.png"}} {
		user := fmt.Sprint("f", i)
		p.sends(user, "Create", p.says(user, "", map[string]any{"inReplyTo": post, "content": nil, "attachment": attachment}))
		w.settled()
		if c := w.comments("first-post"); !strings.Contains(c[len(c)-1], p.jid(user)) || !strings.Contains(c[len(c)-1], "https://files.example/a.png") {
			t.Errorf("attachment %d: %q", i, c[len(c)-1])
		}
	}
}

// Whatever kind of thing answers a post is a comment there (I23, I24); a vote is
// none, for there is no poll here.
func TestKindsOfReplies(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	for i, c := range []struct {
		more map[string]any
		want string
	}{
		{map[string]any{"type": "Note", "summary": "spoiler", "sensitive": true}, "spoiler"},
		{map[string]any{"type": "Article", "name": "A title"}, "A title"},
		{map[string]any{"type": "Page", "name": "Lemmy's"}, "Lemmy's"},
		{map[string]any{"type": "Question", "oneOf": []any{map[string]any{"type": "Note", "name": "Tea"}, map[string]any{"type": "Note", "name": "Coffee"}}}, "Coffee"},
		{map[string]any{"type": "Question", "anyOf": map[string]any{"type": "Note", "name": "Milk"}}, "Milk"},
		{map[string]any{"type": "Video", "name": "A film", "url": []any{
			map[string]any{"type": "Link", "mediaType": "text/html", "href": "https://tube.example/w/1"},
			map[string]any{"type": "Link", "mediaType": "video/mp4", "href": "https://tube.example/1.mp4", "height": 720},
		}}, "A film"},
		{map[string]any{"type": "Audio", "name": "A song", "url": map[string]any{"type": "Link", "mediaType": "audio/ogg", "href": "https://funk.example/1.ogg"}}, "A song"},
		{map[string]any{"type": "Image", "name": "A picture", "url": "https://pix.example/1.jpg"}, "https://pix.example/1.jpg"},
		{map[string]any{"type": "Event", "name": "A party", "startTime": "2026-12-24T18:00:00Z", "location": map[string]any{"type": "Place", "name": "The harbour"}}, "The harbour"},
		{map[string]any{"type": "Document", "url": "https://files.example/1.pdf", "mediaType": "application/pdf"}, "https://files.example/1.pdf"},
		{map[string]any{"type": "Review", "name": "Three stars"}, "Three stars"},
	} {
		user := fmt.Sprint("u", i)
		c.more["inReplyTo"] = post
		p.sends(user, "Create", p.says(user, "", c.more))
		w.settled()
		list := w.comments("first-post")
		if len(list) != i+1 || !strings.HasPrefix(list[i], p.jid(user)) || !strings.Contains(list[i], c.want) {
			t.Fatalf("%v: %q", c.more, list)
		}
	}
	before := w.comments("first-post")
	vote := map[string]any{"type": "Note", "name": "Tea", "content": nil, "inReplyTo": post}
	p.sends("voter", "Create", p.says("voter", "", vote))
	vote["to"], vote["cc"] = w.b.addr.Actor(blog.Token), nil // as Mastodon sends it
	p.sends("voter", "Create", p.says("voter", "", vote))
	w.settled()
	same(t, "after a vote", w.comments("first-post"), before)
	if has(w.messages(louise), "voter") {
		t.Error("louise is told of a vote")
	}
}

// What is not for us, or not known, is accepted and leaves no trace (I3, I14, I32,
// I34, I35).
func TestOtherActivitiesAreIgnored(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	self := w.b.addr.Actor(blog.Token)
	stranger := p.replies("carol", "https://elsewhere.example/1", "not for us")
	p.mu.Lock()
	p.reads = nil
	p.mu.Unlock()
	create := map[string]any{"type": "Create", "actor": p.actor("bob"), "object": p.replies("bob", post, "in a batch")}
	for _, a := range []map[string]any{
		{"type": "Travel", "object": post}, {"type": []any{"x:Travel", "Arrive"}}, {"type": "http://example.org/ns#Thing", "object": self},
		{"type": "Accept", "object": map[string]any{"type": "Follow", "actor": self, "object": p.actor("bob")}}, {"type": "Accept", "object": w.b.addr.Activity("x")},
		{"type": "Reject", "object": self}, {"type": "TentativeAccept", "object": post}, {"type": "Ignore", "object": post},
		{"type": "Move", "object": p.actor("bob"), "target": p.actor("bob2")},
		{"type": "Add", "object": post, "target": p.actor("bob") + "/featured"}, {"type": "Add", "id": "", "object": map[string]any{"id": post, "type": "Note"}, "target": self + "/featured"},
		{"type": "Remove", "object": post, "target": p.actor("bob") + "/featured"},
		{"type": "Join", "object": post}, {"type": "Leave", "object": post}, {"type": "Invite", "object": self}, {"type": "Offer", "object": post},
		{"type": "View", "object": post}, {"type": "Listen", "object": post}, {"type": "Read", "object": post}, {"type": "Lock", "object": post}, {"type": "Dislike", "object": post},
		{"type": "Undo", "object": map[string]any{"type": "Join", "actor": p.actor("bob"), "object": post}},
		{"type": "Undo", "object": map[string]any{"type": "Lock", "actor": p.actor("bob"), "object": post}},
		{"type": "Undo", "object": map[string]any{"type": "Block", "actor": p.actor("bob"), "object": self}},
		{"type": "Block", "object": "https://elsewhere.example/users/x"},
		{"type": "Collection", "items": slices.Repeat([]any{create}, 200)}, {"type": "OrderedCollection", "orderedItems": []any{create}},
		{"type": "Announce", "object": stranger["id"]}, {"type": "Announce", "object": stranger}, // a relay's
		{"type": "Announce", "object": map[string]any{"type": "Create", "id": p.http.URL + "/c", "actor": p.actor("carol"), "object": stranger}},
		{"type": "Announce", "object": map[string]any{"type": "Lock", "id": p.http.URL + "/l", "actor": p.actor("carol"), "object": post}},
		{"type": "Create", "object": stranger}, {"type": "Create", "object": nil}, {"type": "Create"}, {"type": "Create", "object": []any{5, true}},
		{"type": "Create", "object": map[string]any{"type": "Note", "content": "without an id", "inReplyTo": post, "attributedTo": p.actor("bob")}},
		{"type": "Like"}, {"type": "Like", "object": []any{nil}}, {"type": "Undo"}, {"type": "Undo", "object": 5}, {"type": "Delete"}, {"type": "Delete", "object": nil}, {"type": "Update", "object": nil},
		{"type": "Flag", "object": []any{"https://elsewhere.example/1"}}, {"type": "QuoteRequest"}, {"type": "LikeRequest", "object": post},
		{"type": "Follow", "object": post}, {"type": "Follow", "object": vocab.Public},
	} {
		if code := p.post("bob", w.b.addr.SharedInbox(), maps.Clone(a)); code != 202 {
			t.Errorf("%v answered with %d", a["type"], code)
		}
	}
	w.settled()
	w.stand("first-post")
	for _, name := range []string{"replies", "likes", "shares"} {
		w.total(post, name, "0")
	}
	if told := w.messages(louise); len(told) != 0 {
		t.Errorf("louise is told %q", told)
	}
	if n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted); n != 1 {
		t.Errorf("%d followers", n)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.reads) != 0 || len(p.got) != 0 {
		t.Errorf("read %q, sent %v", p.reads, p.got)
	}
}

// A reaction is what any of the three families sends (I27): one mark for each
// person, however many there are.
func TestKindsOfReactions(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	emoji := map[string]any{"type": "Emoji", "name": ":blobcat:", "icon": map[string]any{"type": "Image", "url": "https://p.example/b.png"}}
	acts := []map[string]any{
		{"type": "Like"}, {"type": "Like", "content": "❤"}, {"type": "Like", "_misskey_reaction": ":blobcat:", "tag": []any{emoji}}, {"type": []any{"Like"}},
		{"type": "EmojiReact", "content": "🎉"}, {"type": "EmojiReact", "content": ":blobcat:", "tag": emoji}, {"type": "EmojiReact", "content": "blobcat", "tag": []any{emoji}},
		{"type": "EmojiReact", "content": strings.Repeat("🎉", 500)},
	}
	for i, a := range acts {
		a["object"] = []any{post, map[string]any{"id": post, "type": "Note"}, []any{post}, post, post, []any{nil, post}, post, post}[i]
		p.post(fmt.Sprint("u", i), w.b.addr.SharedInbox(), a)
	}
	for i := range 30 { // of one who cannot stop
		p.post("carol", w.b.addr.SharedInbox(), map[string]any{"type": "EmojiReact", "object": post, "content": string(rune('🌀' + i))})
	}
	w.settled()
	w.total(post, "likes", fmt.Sprint(len(acts)+1))
	marks := map[string]bool{}
	for _, c := range w.comments("first-post") {
		marks[strings.TrimSuffix(c, ": ♥")] = true
	}
	for i := range acts {
		if !marks[p.jid(fmt.Sprint("u", i))] {
			t.Errorf("%v is not shown", acts[i])
		}
	}
	if n := len(w.comments("first-post")); n != len(acts)+1 || n != len(marks) || !marks[p.jid("carol")] {
		t.Errorf("what stands: %q", w.comments("first-post"))
	}
	// The digest names everybody, and at most some of the reactions of one.
	digest := w.messages(louise)
	if !has(digest, "@u4@h1.example 🎉") || !has(digest, "@u5@h1.example :blobcat:") {
		t.Errorf("louise is told %q", digest)
	}
}
