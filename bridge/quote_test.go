package bridge

import (
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
)

// Who asks whether they may is answered with a stamp that everybody can look at
// for as long as the post is there (activitypub.md I33).
func TestRequestsAreGranted(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	stamps := map[string]string{}
	for typ, stamp := range stampTypes {
		instrument := p.http.URL + "/instruments/" + typ
		request := map[string]any{"id": instrument + "#request", "type": typ, "object": post, "instrument": instrument}
		if typ == "ReplyRequest" { // embedded, as GoToSocial may
			request["object"] = map[string]any{"id": post, "type": "Note"}
			request["instrument"] = map[string]any{"id": instrument, "type": "Note", "content": "hello"}
		}
		p.floods("carol", blog, request)
		accept := p.await("Accept")
		inner := object(accept)
		if !inner.Is(typ) || inner.ID() != instrument+"#request" || inner.Str("actor") != p.actor("carol") || inner.Str("object") != post || inner.Str("instrument") != instrument {
			t.Errorf("%s: Accept of %v", typ, inner)
		}
		id := accept.Str("result")
		got := w.doc(id)
		if got.ID() != id || !got.Is(stamp) || got.Str("attributedTo") != w.b.addr.Actor(blog.Token) || got.Str("interactingObject") != instrument || got.Str("interactionTarget") != post {
			t.Errorf("%s: stamp %v", typ, got)
		}
		stamps[typ] = id
	}
	w.settled()
	if p.count("Accept") != 0 {
		t.Error("one request was answered more than once")
	}
	if told := w.messages(louise); len(told) != 1 || !has(told, "quotes your post “hello world”") {
		t.Errorf("louise is told %q, want of the quote alone", told)
	}
	w.retract(louise, "first-post")
	p.await("Delete")
	for typ, id := range stamps {
		if code, _, _ := w.get(strings.TrimPrefix(id, w.url), "application/activity+json"); code != 404 && code != 410 {
			t.Errorf("%s: the stamp of a deleted post answers %d", typ, code)
		}
	}
	p.sends("carol", "QuoteRequest", post) // too late
	w.settled()
	if p.count("Accept")+p.count("Reject") != 0 {
		t.Error("a request about a deleted post was answered")
	}
}

func TestRequestsOfTheMutedAreRefused(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	q := w.peer()
	w.says(louise, "mute carol@"+p.name)
	w.says(louise, "mute "+q.name)
	for who, from := range map[string]*peer{"carol": p, "dave": q} {
		from.post(who, w.b.addr.SharedInbox(), map[string]any{"type": "QuoteRequest", "object": post, "instrument": from.http.URL + "/notes/9"})
		reject := from.await("Reject")
		if inner := object(reject); !inner.Is("QuoteRequest") || inner.Str("instrument") != from.http.URL+"/notes/9" || reject.Str("result") != "" {
			t.Errorf("%s is answered with %v", who, reject)
		}
	}
	p.post("bob", w.b.addr.SharedInbox(), map[string]any{"type": "QuoteRequest", "object": post, "instrument": p.http.URL + "/notes/9"})
	p.await("Accept")
}

// Nobody gets a stamp for another server's post, or for what is not ours to grant.
func TestRequestsAboutOthersAreIgnored(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	q := w.peer()
	for _, r := range []map[string]any{
		{"object": post, "instrument": q.http.URL + "/notes/1"},
		{"object": post},
		{"object": w.b.addr.Actor(blog.Token), "instrument": p.http.URL + "/notes/1"},
		{"object": w.b.addr.Post("nothing"), "instrument": p.http.URL + "/notes/1"},
		{"object": p.http.URL + "/notes/2", "instrument": p.http.URL + "/notes/1"},
	} {
		r["type"] = "QuoteRequest"
		if code := p.post("carol", w.b.addr.SharedInbox(), r); code != 202 {
			t.Errorf("answered with %d", code)
		}
	}
	w.settled()
	if p.count("Accept")+p.count("Reject") != 0 {
		t.Error("it was answered")
	}
}

// A report goes to who runs the gateway and to nobody else (I31).
func TestReportGoesToTheAdmin(t *testing.T) {
	t.Parallel()
	const admin = "admin@example.org"
	w := newWorld(t, func(c *Config) { c.Contact = "xmpp:" + admin })
	p := w.peer()
	blog := w.enrolled(louise)
	p.follows("bob", blog.Token)
	w.publish(louise, "first-post", note("hello world"))
	post := p.await("Create").IDs("object")[0]
	w.forget()
	p.floods("instance", blog, map[string]any{
		"id": p.http.URL + "/flags/1", "type": "Flag", "content": "<p>this is <b>spam</b></p>", "to": vocab.Public,
		"object": []any{w.b.addr.Actor(blog.Token), map[string]any{"id": post}, "https://elsewhere.example/1"},
	})
	w.settled()
	told := w.messages(admin)
	if len(told) != 1 || !has(told, post) || !has(told, "this is spam") || has(told, "elsewhere") || !has(told, strings.TrimPrefix(p.http.URL, "http://")) {
		t.Errorf("the admin is told %q", told)
	}
	if told := w.messages(louise); len(told) != 0 {
		t.Errorf("louise is told %q", told)
	}
}
