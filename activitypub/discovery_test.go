package activitypub

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
)

const aliceID = "https://ap.example.org/ap/actor/AbC123"

// finger asks for a resource, escaped as RFC 7033 §4.1 wants it.
func (s *site) finger(t testing.TB, resource string, more ...string) *httptest.ResponseRecorder {
	t.Helper()
	return ask(t, s, "GET", "/.well-known/webfinger?resource="+url.QueryEscape(resource)+strings.Join(more, ""))
}

func (d jrd) links(rel string) (out []jrdLink) {
	for _, l := range d.Links {
		if l.Rel == rel {
			out = append(out, l)
		}
	}
	return out
}

func TestD1(t *testing.T) {
	s := newSite(t)
	for _, handle := range []string{"alice", "berlin-meetup"} {
		w := s.finger(t, "acct:"+handle+"@example.org")
		equal(t, "status", w.Code, 200)
		equal(t, "content type", w.Header().Get("Content-Type"), "application/jrd+json")
		d := decode[jrd](t, w)
		equal(t, "subject", d.Subject, "acct:"+handle+"@example.org")
		self := d.links("self")
		equal(t, "self links", len(self), 2)
		equal(t, "type", self[0].Type, "application/activity+json")
		equal(t, "type", self[1].Type, `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`)
		equal(t, "one href", self[0].Href, self[1].Href)
		page := d.links("http://webfinger.net/rel/profile-page")
		equal(t, "page", fmt.Sprint(page), "[{http://webfinger.net/rel/profile-page text/html https://ap.example.org/@"+handle+" }]")
	}
}

func TestD2(t *testing.T) {
	s := newSite(t)
	for _, alias := range []string{"acct:alice@ap.example.org", "ALICE@example.org", "https://ap.example.org/@alice", "acct:News---alice@example.org"} {
		first := decode[jrd](t, s.finger(t, alias))
		second := decode[jrd](t, s.finger(t, first.Subject))
		equal(t, alias+" subject", second.Subject, first.Subject)
		equal(t, alias+" lower case", first.Subject, strings.ToLower(first.Subject))
		actor := decode[vocab.Doc](t, ask(t, s, "GET", strings.TrimPrefix(second.links("self")[0].Href, "https://ap.example.org")))
		equal(t, alias+" href is the id", second.links("self")[0].Href, actor.ID())
	}
}

func TestD3(t *testing.T) {
	s := newSite(t)
	for _, resource := range []string{"acct:alice@example.org", "acct:@alice@example.org", "acct:alice@EXAMPLE.org", "acct:ALICE@example.org",
		"ACCT:alice@example.org", "alice@example.org", "@alice@example.org", "acct:alice@ap.example.org", aliceID, "https://ap.example.org/@alice",
		"HTTPS://AP.example.org/@alice", "https://ap.example.org/@alice?x=y#z"} {
		w := s.finger(t, resource)
		equal(t, resource, w.Code, 200)
		equal(t, resource, decode[jrd](t, w).Subject, "acct:alice@example.org")
	}
	for _, query := range []string{"resource=acct:alice@example.org", "resource=acct%3Aalice%40example.org", "resource=acct%3aalice%40example.org&rel=self",
		"rel=self&resource=acct%3Aalice@example.org"} {
		equal(t, query, ask(t, s, "GET", "/.well-known/webfinger?"+query).Code, 200)
	}
}

func TestD4(t *testing.T) {
	s := newSite(t)
	for _, user := range []string{"alice", "ALICE", "Alice"} {
		d := decode[jrd](t, s.finger(t, "acct:"+user+"@example.org"))
		equal(t, user, d.Subject, "acct:alice@example.org")
	}
	equal(t, "Libervia's spelling keeps its case", s.finger(t, "acct:News---alice@example.org").Code, 200)
	equal(t, "another node", s.finger(t, "acct:news---alice@example.org").Code, 404)
}

func TestX15_D5(t *testing.T) {
	s := newSite(t)
	equal(t, "unknown", s.finger(t, "acct:nobody@example.org").Code, 404)
	equal(t, "deleted", s.finger(t, "acct:zoe@example.org").Code, 410)
	equal(t, "none", ask(t, s, "GET", "/.well-known/webfinger").Code, 400)
	equal(t, "two", ask(t, s, "GET", "/.well-known/webfinger?resource=a@example.org&resource=b@example.org").Code, 400)
	// attack X15
	for _, resource := range []string{"", "acct:", "acct:alice", "acct:@example.org", "acct:alice@", "acct:a@h@h", "acct:alice@example.org/x",
		"acct:alice@example.org?x", "acct:alice@exa mple.org", "acct:al\nice@example.org", "acct:alice@example.org\x00", "acct:a/../b@example.org",
		"acct:" + strings.Repeat("a", 10_000) + "@example.org", "acct:alice@example.org:port", "acct:\xff@example.org", "acct:alice@-", "mailto:alice@",
		"https://", "https://user@ap.example.org/@alice", "https://ap.example.org:x/", "javascript:alert(1)", "http://ap.example.org/@alice"} {
		w := s.finger(t, resource)
		equal(t, fmt.Sprintf("%.40q", resource), w.Code, 400)
		equal(t, "CORS", w.Header().Get("Access-Control-Allow-Origin"), "*")
	}
	equal(t, "bad escape", ask(t, s, "GET", "/.well-known/webfinger?resource=%zz").Code, 400)
}

func TestD6(t *testing.T) {
	s := newSite(t)
	for _, resource := range []string{"acct:x8f2k@example.org", "acct:alice@mastodon.example", "acct:alice@example.org.evil.example", "acct:alice@xample.org",
		"https://mastodon.example/@alice", "https://ap.example.org/@x8f2k", "https://ap.example.org/ap/actor/abc123", "acct:mastodon.example@mastodon.example",
		"https://mastodon.example/", "acct:alice@example.org:8443"} {
		w := s.finger(t, resource)
		equal(t, resource, w.Code, 404)
		if strings.Contains(w.Body.String(), "x8f2k") {
			t.Errorf("%s is echoed: %s", resource, w.Body)
		}
	}
	s.fail = errors.New("asked")
	equal(t, "addresses elsewhere are not even asked for", s.finger(t, "https://mastodon.example/@alice").Code, 404)
}

func TestD7(t *testing.T) {
	s := newSite(t)
	for rel, want := range map[string]int{
		"&rel=self": 2, "&rel=http%3A%2F%2Fwebfinger.net%2Frel%2Fprofile-page": 1, "&rel=unknown": 0, "&rel=self&rel=unknown": 2, "": 3,
		"&rel=self&rel=http://webfinger.net/rel/profile-page": 3,
	} {
		w := s.finger(t, "acct:alice@example.org", rel)
		d := decode[jrd](t, w)
		equal(t, "links for "+rel, len(d.Links), want)
		equal(t, "subject for "+rel, d.Subject, "acct:alice@example.org")
		equal(t, "aliases for "+rel, len(d.Aliases), 2)
		equal(t, "CORS", w.Header().Get("Access-Control-Allow-Origin"), "*")
		if !strings.Contains(w.Body.String(), `"links":[`) {
			t.Errorf("links is not a list: %s", w.Body)
		}
	}
}

func TestD8(t *testing.T) {
	s := newSite(t)
	w := ask(t, s, "GET", "/.well-known/host-meta", "Host: example.org")
	equal(t, "content type", w.Header().Get("Content-Type"), "application/xrd+xml")
	var d jrd
	if err := xml.Unmarshal(w.Body.Bytes(), &d); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	lrdd := d.links("lrdd")
	equal(t, "template", lrdd[0].Template, "https://ap.example.org/.well-known/webfinger?resource={uri}")
	equal(t, "type", lrdd[0].Type, "application/jrd+json")
	at := strings.TrimPrefix(strings.ReplaceAll(lrdd[0].Template, "{uri}", url.QueryEscape("acct:alice@example.org")), "https://ap.example.org")
	equal(t, "followed", ask(t, s, "GET", at).Code, 200)
}

func TestD9(t *testing.T) {
	s := newSite(t)
	for accept, want := range map[string]string{
		"":    "application/xrd+xml",
		"*/*": "application/xrd+xml",
		"application/xrd+xml,application/jrd+json":    "application/xrd+xml",
		"application/jrd+json":                        "application/jrd+json",
		"application/json":                            "application/json",
		"application/json, application/xrd+xml;q=0.5": "application/json",
		"application/xml":                             "application/xml",
		"text/xml;q=0.3":                              "text/xml",
		"image/png":                                   "application/xrd+xml",
		"application/jrd+json;q=0, */*":               "application/xrd+xml",
	} {
		var headers []string
		if accept != "" {
			headers = []string{"Accept: " + accept}
		}
		w := ask(t, s, "GET", "/.well-known/host-meta", headers...)
		equal(t, accept, w.Header().Get("Content-Type"), want)
		equal(t, accept+" is XML", strings.HasPrefix(w.Body.String(), "<?xml"), strings.Contains(want, "xml"))
		equal(t, "Vary", w.Header().Get("Vary"), "Accept")
		w = ask(t, s, "GET", "/.well-known/host-meta.json", headers...)
		equal(t, ".json", len(decode[jrd](t, w).links("lrdd")), 1)
	}
}

func TestD10(t *testing.T) {
	s := newSite(t)
	w := ask(t, s, "GET", "/.well-known/nodeinfo")
	equal(t, "content type", w.Header().Get("Content-Type"), "application/json")
	d := decode[jrd](t, w)
	for _, version := range []string{"2.0", "2.1"} {
		link := d.links("http://nodeinfo.diaspora.software/ns/schema/" + version)
		equal(t, "links", len(link), 1)
		equal(t, "href", link[0].Href, "https://ap.example.org/nodeinfo/"+version)
		w := ask(t, s, "GET", "/nodeinfo/"+version)
		equal(t, "content type", w.Header().Get("Content-Type"),
			`application/json; profile="http://nodeinfo.diaspora.software/ns/schema/`+version+`#"`)
		n := decode[map[string]any](t, w)
		// The schema: these members and no others.
		members := slices.Sorted(keysOf(n))
		equalList(t, "members", members, []string{"metadata", "openRegistrations", "protocols", "services", "software", "usage", "version"})
		equal(t, "version", n["version"], any(version))
		equal(t, "openRegistrations", n["openRegistrations"], any(true))
		equal(t, "protocols", fmt.Sprint(n["protocols"]), "[activitypub]")
		equal(t, "services", fmt.Sprint(n["services"]), "map[inbound:[] outbound:[]]")
		equal(t, "usage", fmt.Sprint(n["usage"]), "map[localPosts:40 users:map[activeHalfyear:3 activeMonth:2 total:3]]")
		software := n["software"].(map[string]any)
		if name := fmt.Sprint(software["name"]); !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(name) {
			t.Errorf("name %q", name)
		}
		_, homepage := software["homepage"]
		equal(t, "homepage is of 2.1", homepage, version == "2.1")
		equal(t, "CORS", w.Header().Get("Access-Control-Allow-Origin"), "*")
	}
}

func keysOf(m map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func TestD11(t *testing.T) {
	s := newSite(t)
	d := decode[jrd](t, ask(t, s, "GET", "/.well-known/nodeinfo"))
	application := d.links("https://www.w3.org/ns/activitystreams#Application")[0].Href
	for _, resource := range []string{"https://ap.example.org/", "https://ap.example.org", "acct:ap.example.org@ap.example.org",
		"https://example.org/", "acct:example.org@example.org"} {
		got := decode[jrd](t, s.finger(t, resource))
		equal(t, resource, got.links("self")[0].Href, application)
	}
	w := ask(t, s, "GET", strings.TrimPrefix(application, "https://ap.example.org"), "Accept: "+acceptObjects)
	equal(t, "fetched unsigned", decode[vocab.Doc](t, w).ID(), application)
}

// TestD12: three ways to derive a handle end at the same one, with handles on a
// domain of their own that forwards discovery here.
func TestD12(t *testing.T) {
	s := newSite(t)
	self := func(resource string) string { return decode[jrd](t, s.finger(t, resource)).links("self")[0].Href }
	subject := func(resource string) string { return decode[jrd](t, s.finger(t, resource)).Subject }

	// Mastodon before 4.6: preferredUsername at the host of the id, then the subject.
	name := "acct:alice@" + hostOf(aliceID)
	equal(t, "old Mastodon", subject(name), "acct:alice@example.org")
	equal(t, "old Mastodon, second look", self(subject(name)), aliceID)
	// Mastodon 4.6: the actor's `webfinger`, which is the canonical handle.
	equal(t, "new Mastodon", subject("acct:alice@example.org"), "acct:alice@example.org")
	equal(t, "new Mastodon", self("acct:alice@example.org"), aliceID)
	// Akkoma: the template of the subject's domain must lead where it was answered.
	var d jrd
	w := ask(t, s, "GET", "/.well-known/host-meta", "Host: example.org", "Accept: application/xrd+xml,application/jrd+json")
	if err := xml.Unmarshal(w.Body.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	equal(t, "Akkoma", hostOf(strings.ReplaceAll(d.links("lrdd")[0].Template, "{uri}", "x")), "ap.example.org")
}

// TestD13: without a handle domain everything is on one host.
func TestD13(t *testing.T) {
	m := newMemory("https://ap.example.org", "ap.example.org")
	s := NewServer(ServerConfig{PublicURL: "https://ap.example.org", Log: quiet()}, m, nil, nil)
	w := ask(t, s, "GET", "/.well-known/webfinger?resource=acct:alice@ap.example.org")
	for _, address := range append(decode[jrd](t, w).Aliases, decode[jrd](t, w).links("self")[0].Href) {
		equal(t, address, hostOf(address), "ap.example.org")
	}
	equal(t, "subject", decode[jrd](t, w).Subject, "acct:alice@ap.example.org")
	equal(t, "instance", ask(t, s, "GET", "/.well-known/webfinger?resource=https://ap.example.org/").Code, 200)
	equal(t, "another host", ask(t, s, "GET", "/.well-known/webfinger?resource=acct:alice@example.org").Code, 404)
}

// TestD18: every id answers as itself, without a redirect, to our own client.
func TestD18(t *testing.T) {
	g := newGateway(t)
	c := newClient(t)
	for _, path := range []string{"/ap/actor/AbC123", "/ap/post/p1", "/ap/activity/a1", "/ap/actor/AbC123/outbox", "/ap/actor/AbC123/outbox?page=2",
		"/ap/actor/AbC123/followers", "/ap/actor/gateway"} {
		u, body, err := c.fetch(t.Context(), g.URL+path, nil, acceptObjects, isObject)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		doc, err := vocab.Read(body, vocab.Limits{})
		equal(t, path, fmt.Sprint(doc.ID(), err), g.URL+path+"<nil>")
		equal(t, path+" without redirect", u.String(), g.URL+path)
	}
}

// TestD23: the instance actor, and every key, is readable without a signature.
func TestD23(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/ap/actor/gateway", "/ap/actor/AbC123"} {
		equal(t, path, ask(t, s, "GET", path, "Accept: "+acceptObjects).Code, 200)
		equal(t, path+" with nonsense", ask(t, s, "GET", path, "Accept: "+acceptObjects, "Signature: x").Code, 200)
	}
}

// TestD24: deleted is 410 with a Tombstone to everybody; a server that cannot
// tell says 503 and never 404 or 410 (peers.md rule 9).
func TestD24(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/ap/actor/gone1", "/ap/post/gone1", "/ap/activity/gone1"} {
		for _, headers := range [][]string{nil, {browser}, {"Accept: text/html"}, {"Accept: application/activity+json"}, {"Accept: image/png"}} {
			w := ask(t, s, "GET", path, headers...)
			equal(t, path, w.Code, 410)
			equal(t, path, w.Header().Get("Content-Type"), "application/activity+json")
			equal(t, path, decode[vocab.Doc](t, w).Is("Tombstone"), true)
			equal(t, path, ask(t, s, "HEAD", path, headers...).Code, 410)
		}
	}
	equal(t, "WebFinger", s.finger(t, "acct:zoe@example.org").Code, 410)
	s.fail = fmt.Errorf("the store is closed: %w", ErrBusy)
	for _, path := range []string{"/ap/actor/AbC123", "/ap/actor/gone1", "/ap/post/p1", "/ap/actor/AbC123/outbox", "/.well-known/webfinger?resource=acct:alice@example.org"} {
		w := ask(t, s, "GET", path)
		equal(t, path+" while restarting", fmt.Sprint(w.Code, w.Header().Get("Retry-After")), "50360")
	}
}

// TestD25: a new handle keeps the id; the old one leads there too, and both name
// the new subject.
func TestD25(t *testing.T) {
	s := newSite(t)
	before := decode[jrd](t, s.finger(t, "acct:alice@example.org"))
	s.handles["alicia"] = s.handles["alice"]
	delete(s.handles, "alice")
	s.aliases["alice"] = "alicia"
	for _, resource := range []string{"acct:alicia@example.org", "acct:alice@example.org"} {
		after := decode[jrd](t, s.finger(t, resource))
		equal(t, resource, after.Subject, "acct:alicia@example.org")
		equal(t, resource, after.links("self")[0].Href, before.links("self")[0].Href)
	}
}

// FuzzResource: what is taken is either an account or an address of ours-to-be,
// and says the same when asked again in its canonical form.
func FuzzResource(f *testing.F) {
	for _, s := range []string{"acct:alice@example.org", "@a@b.example:80", "https://ap.example.org/@alice", "https://AP.example.org", "acct:a@[::1]:80", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, ok := parseResource(s)
		if !ok {
			return
		}
		if strings.ContainsAny(q.Host, "/@?# \n%") || q.Host == "" || q.Host != strings.ToLower(q.Host) || q.Instance {
			t.Errorf("host %q", q.Host)
		}
		if strings.ContainsAny(q.User, "@/ \n") || (q.User == "") == (q.URL == "") || q.User != strings.ToLower(q.Asked) {
			t.Errorf("%+v", q)
		}
		canonical := "acct:" + q.Asked + "@" + q.Host
		if q.URL != "" {
			canonical = q.URL
		}
		if again, ok := parseResource(canonical); !ok || again != q {
			t.Errorf("%q: %+v, then %+v", s, q, again)
		}
	})
}
