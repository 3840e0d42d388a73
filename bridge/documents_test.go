package bridge

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
	"isthmus/db"
)

// Every address that mapping spells is served, and what is served names itself.
func TestEveryAddressIsServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(louise, microblog, "a", "", note("hello"))
	blog := w.enrolled(louise)
	post, err := w.db.PostByItem(t.Context(), blog.ID, "a")
	if err != nil {
		t.Fatal(err)
	}
	a := w.b.addr
	for _, id := range []string{
		a.Actor(blog.Token), a.Post(post.Token), a.Activity(post.CreateTok), a.Actor(InstanceToken),
		a.Outbox(blog.Token), a.Followers(blog.Token), a.Following(blog.Token), a.Featured(blog.Token), a.Outbox(InstanceToken),
		a.Outbox(blog.Token) + "?page=first",
	} {
		code, _, body := w.get(strings.TrimPrefix(id, w.url), "application/activity+json")
		doc, err := vocab.Read([]byte(body), vocab.DefaultLimits)
		if code != 200 || err != nil || doc.ID() != id {
			t.Errorf("%s answers %d as %q, %v", id, code, doc.ID(), err)
		}
	}
	for _, page := range []string{a.Page("louise"), a.PostPage("louise", post.Token), a.FeedPage("louise")} {
		if code, _, body := w.get(strings.TrimPrefix(page, w.url), "text/html"); code != 200 || !strings.Contains(body, "hello") {
			t.Errorf("%s answers %d", page, code)
		}
	}
	for page, id := range map[string]string{a.Page("louise"): a.Actor(blog.Token), a.PostPage("louise", post.Token): a.Post(post.Token)} {
		if code, head, _ := w.get(strings.TrimPrefix(page, w.url), "application/activity+json"); code/100 != 3 || head.Get("Location") != id {
			t.Errorf("%s leads to %d %s", page, code, head.Get("Location"))
		}
		if code, head, _ := w.get(strings.TrimPrefix(id, w.url), "text/html"); code/100 != 3 || head.Get("Location") != page {
			t.Errorf("%s leads to %d %s", id, code, head.Get("Location"))
		}
	}
	for _, path := range []string{"/ap/actor/nobody", "/ap/post/nothing", "/ap/activity/nothing", "/@nobody", "/@louise/nothing", "/media/nothing", "/ap/actor/nobody/outbox"} {
		if code, _, _ := w.get(path, "application/activity+json"); code != 404 {
			t.Errorf("%s answers %d", path, code)
		}
	}
	key := func() string {
		_, _, body := w.get("/ap/actor/"+blog.Token, "application/activity+json")
		doc, _ := vocab.Read([]byte(body), vocab.DefaultLimits)
		k, _ := doc.One("publicKey")
		return k.Str("publicKeyPem")
	}
	if k := key(); k == "" || k != key() {
		t.Error("the key changes")
	}
}

// The outbox pages through old posts without losing or repeating any.
func TestOutboxPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const many = 45
	for i := range many {
		w.put(louise, microblog, fmt.Sprintf("p%02d", i), "", note(fmt.Sprintf("post %02d", i))) // all of one second
	}
	blog := w.enrolled(louise)
	w.until("all are read", func() bool { n, _ := w.db.PostCount(t.Context(), blog.ID); return n == many })
	seen := map[string]bool{}
	next := w.b.addr.Outbox(blog.Token) + "?page=first"
	for pages := 0; next != "" && pages < 10; pages++ {
		_, _, body := w.get(strings.TrimPrefix(next, w.url), "application/activity+json")
		doc, err := vocab.Read([]byte(body), vocab.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		for _, create := range doc.Docs("orderedItems") {
			if !create.Is("Create") || seen[object(create).ID()] {
				t.Errorf("%v comes again or is no Create", create)
			}
			seen[object(create).ID()] = true
		}
		next = doc.Str("next")
	}
	if len(seen) != many {
		t.Errorf("%d of %d posts are in the outbox", len(seen), many)
	}
}

// A page of the outbox stays below what Misskey reads, however long the posts.
func TestOutboxOfLongPosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 8 {
		w.put(louise, microblog, fmt.Sprint("long", i), "", `<entry xmlns='http://www.w3.org/2005/Atom'><title>Long</title><content type='text'>`+strings.Repeat("word ", 12_000)+`</content><updated>2026-01-02T03:04:05Z</updated></entry>`)
	}
	blog := w.enrolled(louise)
	w.until("all are read", func() bool { n, _ := w.db.PostCount(t.Context(), blog.ID); return n == 8 })
	n := 0
	for next := w.b.addr.Outbox(blog.Token) + "?page=first"; next != ""; {
		_, _, body := w.get(strings.TrimPrefix(next, w.url), "application/activity+json")
		if len(body) > 256<<10 {
			t.Errorf("a page has %d bytes", len(body))
		}
		doc, err := vocab.Read([]byte(body), vocab.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		n += len(doc.Docs("orderedItems"))
		next = doc.Str("next")
	}
	if n != 8 {
		t.Errorf("%d of 8 posts are in the outbox", n)
	}
}

// Followers can be hidden: a count and no names.
func TestFollowersHidden(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	page := "/ap/actor/" + blog.Token + "/followers"
	if _, _, body := w.get(page+"?page=first", "application/activity+json"); !strings.Contains(body, p.actor("bob")) {
		t.Errorf("followers are %s", body)
	}
	w.says(louise, "hide on")
	if code, _, _ := w.get(page+"?page=first", "application/activity+json"); code != 403 {
		t.Errorf("hidden followers answer %d", code)
	}
	_, _, body := w.get(page, "application/activity+json")
	if doc, _ := vocab.Read([]byte(body), vocab.DefaultLimits); doc["first"] != nil || doc["totalItems"] == nil {
		t.Errorf("hidden followers are %s", body)
	}
}

// WebFinger knows a blog by every spelling, and gives one subject.
func TestFinger(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.HandleDomain = "example.org" })
	w.enrolled(louise)
	w.change("pubsub.example.org", "Rose Garden", func(n *node) {
		n.meta = `<field var='pubsub#owner'><value>` + louise + `</value></field>`
	})
	w.says(louise, "start pubsub.example.org Rose Garden")
	w.tended("pubsub.example.org", "Rose Garden")
	host := strings.TrimPrefix(w.url, "http://")
	for resource, subject := range map[string]string{
		"acct:louise@example.org": "acct:louise@example.org", "acct:louise@ap.example.org": "acct:louise@example.org",
		"acct:LOUISE@" + host: "acct:louise@example.org", "louise@example.org": "acct:louise@example.org",
		"acct:___louise@example.org":                  "acct:louise@example.org",
		"acct:Rose%2520Garden@pubsub.example.org":     "",
		"acct:nobody@example.org":                     "",
		"acct:ap.example.org@example.org":             "acct:ap.example.org@example.org", // the gateway itself
		"acct:AP.example.org@ap.example.org":          "acct:ap.example.org@example.org",
		"acct:ap.example.org@elsewhere.example":       "",
		"acct:louise@elsewhere.example":               "",
		"acct:___Rose.20Garden@pubsub.example.org":    "acct:rose_garden@example.org",
		"acct:___louise.40example.org@ap.example.org": "acct:louise@example.org",
	} {
		code, _, body := w.get("/.well-known/webfinger?resource="+resource, "application/jrd+json")
		doc, _ := vocab.Read([]byte(body), vocab.DefaultLimits)
		if subject == "" {
			if code != 404 && code != 400 {
				t.Errorf("%s answers %d %s", resource, code, body)
			}
		} else if code != 200 || doc.Str("subject") != subject {
			t.Errorf("%s answers %d %s", resource, code, body)
		}
	}
}

// The same localpart on two domains is two people with two handles.
func TestHandlesDoNotClash(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Domains = []string{"example.org", "example.net"} })
	one, two := w.enrolled(louise), w.enrolled("louise@example.net")
	if one.Handle != "louise" || two.Handle == one.Handle || !strings.HasPrefix(two.Handle, "louise") {
		t.Errorf("handles are %q and %q", one.Handle, two.Handle)
	}
	if blog, err := w.db.BlogByHandle(t.Context(), two.Handle); err != nil || blog.JID != "louise@example.net" || blog.State != db.On {
		t.Errorf("%q is %+v", two.Handle, blog)
	}
}
