package bridge

import (
	"net/url"
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
	"isthmus/db"
)

// The rows of activitypub.md §1.2 that are about what the documents say; those
// about how they are served are tested in activitypub.

func (w *world) doc(url string) vocab.Doc {
	w.t.Helper()
	code, _, body := w.get(strings.TrimPrefix(url, w.url), "application/activity+json")
	d, err := vocab.Read([]byte(body), vocab.DefaultLimits)
	if code != 200 || err != nil {
		w.t.Fatalf("%s answers %d %s", url, code, body)
	}
	return d
}

func (w *world) fingers(acct string) (subject, self string) {
	w.t.Helper()
	code, _, body := w.get("/.well-known/webfinger?resource=acct:"+url.QueryEscape(acct), "*/*")
	d, err := vocab.Read([]byte(body), vocab.DefaultLimits)
	if code != 200 || err != nil {
		w.t.Fatalf("WebFinger of %s answers %d %s", acct, code, body)
	}
	for _, l := range d.Docs("links") {
		if l.Str("rel") == "self" {
			self = l.Str("href")
		}
	}
	return d.Str("subject"), self
}

func (w *world) community(name string) db.Blog {
	w.t.Helper()
	w.change("pubsub.example.org", name, func(n *node) {
		n.meta = `<field var='pubsub#owner'><value>` + louise + `</value></field>`
	})
	w.says(louise, "start pubsub.example.org "+name)
	return w.tended("pubsub.example.org", name)
}

// D12: with handles on the apex, three ways of peers to find out who an actor is
// all come to the same handle.
func TestD12SplitDomain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.HandleDomain = "example.org" })
	blog := w.enrolled(louise)
	actor := w.doc(w.b.addr.Actor(blog.Token))
	host := strings.TrimPrefix(w.url, "http://")

	// Mastodon before 4.6: preferredUsername at the id's host, then the subject.
	subject, self := w.fingers(actor.Str("preferredUsername") + "@" + host)
	if subject != "acct:louise@example.org" || self != actor.ID() {
		t.Errorf("from the id's host: %s, %s", subject, self)
	}
	// … which has to be a fixed point.
	if again, self := w.fingers(strings.TrimPrefix(subject, "acct:")); again != subject || self != actor.ID() {
		t.Errorf("asking for the subject: %s, %s", again, self)
	}
	// Mastodon since 4.6: the actor names its handle (FEP-2c59).
	if got := actor.Str("webfinger"); got != "louise@example.org" {
		t.Errorf("webfinger is %q", got)
	}
	// Akkoma: host-meta, whose template has to lead to the host that answers.
	_, _, meta := w.get("/.well-known/host-meta", "application/xrd+xml")
	if !strings.Contains(meta, w.url+"/.well-known/webfinger?resource={uri}") {
		t.Errorf("host-meta is %s", meta)
	}
}

// D19: what one peer or another insists on.
func TestD19ActorFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	person, group := w.enrolled(louise), w.community("gardening")
	for _, id := range []string{w.b.addr.Actor(person.Token), w.b.addr.Actor(group.Token), w.b.addr.Actor(InstanceToken)} {
		d := w.doc(id)
		for _, key := range []string{"id", "type", "preferredUsername", "inbox", "outbox", "followers", "following", "publicKey", "endpoints", "url", "name", "summary", "manuallyApprovesFollowers", "discoverable", "indexable"} {
			if _, there := d[key]; !there {
				t.Errorf("%s lacks %s", id, key)
			}
		}
		key, _ := d.One("publicKey")
		if key.Str("id") != id+"#main-key" || key.Str("owner") != id || !strings.HasPrefix(key.Str("publicKeyPem"), "-----BEGIN PUBLIC KEY-----") {
			t.Errorf("publicKey of %s is %v", id, key)
		}
		ends, _ := d.One("endpoints")
		if ends.Str("sharedInbox") != w.b.addr.SharedInbox() {
			t.Errorf("endpoints of %s are %v", id, ends)
		}
	}
	if _, there := w.doc(w.b.addr.Actor(person.Token))["published"]; !there {
		t.Error("a person has no published")
	}
	if got := w.doc(w.b.addr.Actor(group.Token)).Str("attributedTo"); got == "" { // PeerTube
		t.Error("a Group is attributed to nobody")
	}
}

// D20: people are Persons, communities Groups, the gateway an Application.
func TestD20ActorTypes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	person, group := w.enrolled(louise), w.community("gardening")
	for token, want := range map[string]string{person.Token: "Person", group.Token: "Group", InstanceToken: "Application"} {
		if got := w.doc(w.b.addr.Actor(token)).Str("type"); got != want {
			t.Errorf("%s is a %s, want %s", token, got, want)
		}
	}
}

// D21: everything of an actor and of a post is on one host.
func TestD21OneHost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.HandleDomain = "example.org" })
	w.put(louise, microblog, "a", "", note("hello"))
	blog := w.enrolled(louise)
	post, err := w.db.PostByItem(t.Context(), blog.ID, "a")
	if err != nil {
		t.Fatal(err)
	}
	same := func(what, u string) {
		if hostOf(u) != hostOf(w.url) {
			t.Errorf("%s is %q", what, u)
		}
	}
	actor := w.doc(w.b.addr.Actor(blog.Token))
	for _, key := range []string{"id", "inbox", "outbox", "followers", "following", "featured", "url"} {
		same(key, first(actor.IDs(key)))
	}
	object := w.doc(w.b.addr.Post(post.Token))
	same("post", object.ID())
	same("first url", first(object.IDs("url")))
	same("Create", w.doc(w.b.addr.Activity(post.CreateTok)).ID())
}

// D22: one picture, as an object with its type.
func TestD22Icon(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.vcard[louise] = `<vCard xmlns='vcard-temp'><FN>Louise</FN><PHOTO><TYPE>image/gif</TYPE><BINVAL>R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7</BINVAL></PHOTO></vCard>`
	blog := w.enrolled(louise)
	icon, ok := w.doc(w.b.addr.Actor(blog.Token)).One("icon")
	if !ok || !icon.Is("Image") || icon.Str("mediaType") != "image/gif" || hostOf(icon.Str("url")) != hostOf(w.url) {
		t.Errorf("icon is %v", icon)
	}
}

// D24: while the XMPP server is away, what was public stays there.
func TestD24ServerAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(louise, microblog, "a", "", note("hello"))
	blog := w.enrolled(louise)
	post, err := w.db.PostByItem(t.Context(), blog.ID, "a")
	if err != nil {
		t.Fatal(err)
	}
	w.xmpp.Stop()
	w.until("the stream is lost", func() bool { return !w.b.xmpp.Status().Up })
	w.b.soon(t.Context(), tendJob(blog.ID, w.b.nowMS()))
	w.doc(w.b.addr.Actor(blog.Token))
	w.doc(w.b.addr.Post(post.Token))
	w.fingers("louise@example.org")
}

// D25: a changed profile is told with the id and the key unchanged.
func TestD25ActorKeepsItsID(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	before := w.doc(w.b.addr.Actor(blog.Token))
	w.says(louise, "approval on")
	after := object(p.await("Update"))
	k1, _ := before.One("publicKey")
	k2, _ := after.One("publicKey")
	if after.ID() != before.ID() || k1.Str("publicKeyPem") != k2.Str("publicKeyPem") || !after.Bool("manuallyApprovesFollowers") {
		t.Errorf("Update holds %v", after)
	}
}
