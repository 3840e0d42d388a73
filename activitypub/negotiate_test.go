package activitypub

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
)

const (
	browser = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
	asLD    = `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`
)

func TestD14(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		accept   []string
		id, page bool // ActivityStreams at an id, at a page
	}{
		{nil, true, false},
		{[]string{"Accept: */*"}, true, false},
		{[]string{"Accept: application/activity+json"}, true, true},
		{[]string{"Accept: Application/Activity+JSON"}, true, true},
		{[]string{"Accept: application/ld+json"}, true, true},
		{[]string{"Accept: " + asLD}, true, true},
		{[]string{`Accept: application/ld+json;profile=https://www.w3.org/ns/activitystreams`}, true, true},
		{[]string{`Accept: application/ld+json; profile="https://www.w3.org/ns/json-ld#compacted"`}, true, false},
		// Mastodon: general fetch, dereferencer, URL resolver
		{[]string{"Accept: application/activity+json, application/ld+json"}, true, true},
		{[]string{"Accept: " + asLD + ", application/activity+json"}, true, true},
		{[]string{"Accept: application/activity+json, " + asLD + ", text/html;q=0.1"}, true, true},
		// Akkoma: two lines
		{[]string{"Accept: application/activity+json", "Accept: " + asLD}, true, true},
		{[]string{"Accept: text/html;q=0.5", "Accept: application/activity+json"}, true, true},
		{[]string{"Accept: text/html", "Accept: application/activity+json;q=0.5"}, false, false},
		{[]string{"Accept: text/html, application/activity+json"}, true, true},
		{[]string{browser}, false, false},
		{[]string{"Accept: text/html"}, false, false},
		{[]string{"Accept: application/xhtml+xml"}, false, false},
		{[]string{"Accept: text/*, */*;q=0.1"}, false, false},
		{[]string{"Accept: text/html, */*"}, false, false},
		{[]string{"Accept: text/html;q=0, */*"}, true, false},
		{[]string{"Accept: application/activity+json;q=0, text/html"}, false, false},
		{[]string{"Accept: application/json"}, true, false},
		{[]string{"Accept: image/png"}, true, false},
		{[]string{"Accept: "}, true, false},
		{[]string{`Accept: text/html;x="a,application/activity+json;q=1"`}, false, false},
		{[]string{"Accept: application/activity+json;q=2, text/html;q=0.1"}, false, false},
	} {
		name := strings.Join(c.accept, " | ")
		for path, want := range map[string]bool{"/ap/actor/AbC123": c.id, "/ap/post/p1": c.id} {
			w := ask(t, s, "GET", path, c.accept...)
			equal(t, path+" "+name, w.Code == 200, want)
			if !want {
				equal(t, name, w.Code, 302)
				equal(t, name, strings.HasPrefix(w.Header().Get("Location"), "https://ap.example.org/@alice"), true)
			}
			equal(t, "Vary", w.Header().Get("Vary"), "Accept")
		}
		for path, id := range map[string]string{"/@alice": aliceID, "/@alice/p1": "https://ap.example.org/ap/post/p1"} {
			w := ask(t, s, "GET", path, c.accept...)
			equal(t, path+" "+name, w.Code == 302 && w.Header().Get("Location") == id, c.page)
			equal(t, path+" is a page "+name, w.Body.String() == "page "+path, !c.page)
			equal(t, "Vary", w.Header().Get("Vary"), "Accept")
		}
		equal(t, "activities have no page", ask(t, s, "GET", "/ap/activity/a1", c.accept...).Code, 200)
	}
}

func TestD15(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{"/ap/actor/AbC123", "/ap/post/p1", "/ap/activity/a1", "/ap/actor/AbC123/outbox", "/ap/actor/AbC123/followers?page=1"} {
		for _, accept := range []string{"application/activity+json", asLD, "*/*"} {
			w := ask(t, s, "GET", path, "Accept: "+accept)
			equalList(t, path, w.Header()["Content-Type"], []string{"application/activity+json"})
		}
	}
}

// TestX16_D16: a cache that keys by what Vary names never mixes pages and documents.
func TestX16_D16(t *testing.T) {
	s := newSite(t)
	cache := map[string]*httptest.ResponseRecorder{}
	vary := map[string]string{}
	get := func(path, accept string) *httptest.ResponseRecorder {
		r := http.Header{"Accept": {accept}}
		if w := cache[path+r.Get(vary[path])]; w != nil {
			return w
		}
		w := ask(t, s, "GET", path, "Accept: "+accept)
		vary[path] = w.Header().Get("Vary")
		cache[path+r.Get(vary[path])] = w
		return w
	}
	for _, path := range []string{"/ap/actor/AbC123", "/@alice", "/@alice/p1", "/ap/post/p1"} {
		document, page := get(path, typeActivity), get(path, "text/html")
		equal(t, path, document.Code == page.Code && document.Body.String() == page.Body.String(), false)
		equal(t, path+" again", get(path, typeActivity), document)
	}
}

// TestD17: a pasted address of a page leads to the id in one hop.
func TestD17(t *testing.T) {
	s := newSite(t)
	mastodon := "Accept: application/activity+json, " + asLD + ", text/html;q=0.1"
	for path, id := range map[string]string{"/@alice": aliceID, "/@alice/p1": "https://ap.example.org/ap/post/p1"} {
		w := ask(t, s, "GET", path, mastodon)
		equal(t, path, w.Header().Get("Location"), id)
		equal(t, path, decode[vocab.Doc](t, ask(t, s, "GET", strings.TrimPrefix(id, "https://ap.example.org"), mastodon)).ID(), id)
	}
	equal(t, "unknown", ask(t, s, "GET", "/@nobody", mastodon).Code, 404)
	equal(t, "deleted", ask(t, s, "GET", "/@zoe", mastodon).Code, 410)
	equal(t, "deleted, in a browser", ask(t, s, "GET", "/@zoe", browser).Body.String(), "page /@zoe")
}

// FuzzAccept: the number of lines does not matter, weights are in bounds, and
// what concerns other types changes nothing.
func FuzzAccept(f *testing.F) {
	for _, s := range []string{"", "*/*", browser, asLD + ", text/html;q=0.1", `a/b;c="d,e";q=0.5, application/activity+json`, `"`, "text/html;q=1e-3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a := parseAccept([]string{s})
		if len(a) > maxRanges {
			t.Errorf("%d ranges", len(a))
		}
		for _, typ := range []string{"text/html", "application/activity+json", "application/ld+json"} {
			main, sub, _ := strings.Cut(typ, "/")
			q, by := a.of(main, sub, activityNS)
			if q < 0 || q > 1000 || by == byNothing && q != 0 {
				t.Errorf("%s: q %d, by %d", typ, q, by)
			}
			if len(a) < maxRanges {
				more, moreBy := parseAccept([]string{s, "image/x-other;q=0.7"}).of(main, sub, activityNS)
				if more != q || moreBy != by {
					t.Errorf("%s: another line changes %d to %d", typ, q, more)
				}
			}
		}
		parts, closed := splitQuoted(s, ',')
		if b := parseAccept(parts); closed && !slices.Equal(a, b) {
			t.Errorf("%q: %v in one line, %v in %d", s, a, b, len(parts))
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["Accept"] = []string{s}
		if wantsObject(r, true) && !wantsObject(r, false) {
			t.Error("a document at the page but not at the id")
		}
	})
}
