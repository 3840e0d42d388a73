package web

import (
	"context"
	"encoding/xml"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // some pages fail on purpose
	os.Exit(m.Run())
}

// get asks for one page; headers are name, value pairs.
func get(t *testing.T, src Source, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	New(src, nil).ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var pages = []struct {
	golden string
	src    Source
	path   string
	status int
}{
	{"front.html", sample{}, "/", 200},
	{"front-closed.html", closed{}, "/", 200},
	{"profile.html", sample{}, "/@louise", 200},
	{"profile-older.html", sample{}, "/@louise?before=2026-03-08", 200},
	{"profile-group.html", sample{}, "/@berlin", 200},
	{"profile-hostile.html", sample{}, "/@mallory", 200},
	{"post.html", sample{}, "/@louise/c4n4l", 200},
	{"replies.html", sample{}, "/@louise/c4n4l/replies", 200},
	{"post-discussed.html", sample{}, "/@quiet/quiet", 200},
	{"post-short.html", sample{}, "/@louise/br34d", 200},
	{"post-folded.html", sample{}, "/@louise/end", 200},
	{"post-hostile.html", sample{}, "/@mallory/evil", 200},
	{"interact-follow.html", sample{}, "/interact/follow/@louise", 200},
	{"interact-like.html", sample{}, "/interact/like/@louise/c4n4l", 200},
	{"interact-folded.html", sample{}, "/interact/boost/@louise/end", 200},
	{"interact-hostile.html", sample{}, "/interact/reply/@mallory/evil", 200},
	{"404.html", sample{}, "/@nobody", 404},
	{"410.html", sample{}, "/@left", 410},
	{"503.html", sample{}, "/@broken", 503},
	{"feed.atom", sample{}, "/@louise/feed.atom", 200},
	{"replies.atom", sample{}, "/@louise/c4n4l/replies.atom", 200},
	{"replies-hostile.atom", sample{}, "/@mallory/evil/replies.atom", 200},
	{"feed-group.atom", sample{}, "/@berlin/feed.atom", 200},
	{"feed-hostile.atom", sample{}, "/@mallory/feed.atom", 200},
}

var version = regexp.MustCompile(`\?v=[A-Za-z0-9_-]+`)

func TestGoldenPages(t *testing.T) {
	for _, c := range pages {
		t.Run(c.golden, func(t *testing.T) {
			r := get(t, c.src, c.path)
			if r.StatusCode != c.status {
				t.Fatalf("status %d, want %d", r.StatusCode, c.status)
			}
			got := version.ReplaceAllString(body(t, r), "?v=DIGEST") // the stylesheet may change without the pages
			path := filepath.Join("testdata", c.golden)
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs; got:\n%s", path, got)
			}
		})
	}
}

func TestStatus(t *testing.T) {
	long := strings.Repeat("a", maxName+1)
	for _, c := range []struct {
		path   string
		status int
		to     string // where a redirect leads
	}{
		{"/@louise/", 301, "/@louise"},
		{"/@Louise", 302, host + "/@louise"},
		{"/@Louise/c4n4l", 302, host + "/@louise/c4n4l"},
		{"/@Louise/feed.atom", 302, host + "/@louise/feed.atom"},
		{"/@louise/none", 404, ""},
		{"/@louise/c4n4l/x", 404, ""},
		{"/@Louise/c4n4l/replies", 302, host + "/@louise/c4n4l/replies"},
		{"/@louise/none/replies", 404, ""},
		{"/@", 404, ""},
		{"/louise", 404, ""},
		{"/louise/", 404, ""},
		{"/%2Felsewhere.example/", 404, ""},
		{"/@%2Felsewhere.example/", 301, "/@%2Felsewhere.example"},
		{"/@louise?before=<script>", 404, ""},
		{"/@louise?before=" + long, 404, ""},
		{"/@" + long, 404, ""},
		{"/@louise/" + long, 404, ""},
		{"/@left/x", 410, ""},
		{"/@left/feed.atom", 410, ""},
		{"/@broken/x", 503, ""},
		{"/favicon.ico", 404, ""},
		{"/style.css", 200, ""},
		{"/icon.svg", 200, ""},
	} {
		r := get(t, sample{}, c.path)
		if r.StatusCode != c.status || r.Header.Get("Location") != c.to {
			t.Errorf("%s: got %d %q, want %d %q", c.path, r.StatusCode, r.Header.Get("Location"), c.status, c.to)
		}
	}
}

func TestMethods(t *testing.T) {
	for _, c := range []struct {
		method, path string
		status       int
		empty        bool
	}{
		{http.MethodHead, "/@louise", 200, true},
		{http.MethodHead, "/@nobody", 404, true},
		{http.MethodPost, "/@louise", 405, false},
		{http.MethodDelete, "/", 405, false},
	} {
		w := httptest.NewRecorder()
		New(sample{}, nil).ServeHTTP(w, httptest.NewRequest(c.method, c.path, nil))
		if w.Code != c.status || (w.Body.Len() == 0) != c.empty {
			t.Errorf("%s %s: got %d with %d bytes, want %d", c.method, c.path, w.Code, w.Body.Len(), c.status)
		}
	}
}

// Every answer is safe to show; pages tell caches what they depend on (row D16)
// and other servers where their form is (row D17).
func TestHeaders(t *testing.T) {
	for _, c := range pages {
		h := get(t, c.src, c.path).Header
		rules := policy
		if strings.HasPrefix(c.path, "/interact/") {
			rules = interactPolicy
		}
		for name, want := range map[string]string{"Content-Security-Policy": rules, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", c.path, name, h.Get(name))
			}
		}
		if strings.HasSuffix(c.golden, ".html") && (h.Get("Vary") != "Accept, Accept-Language" || h.Get("Content-Type") != htmlType) {
			t.Errorf("%s: Vary %q, Content-Type %q", c.path, h.Get("Vary"), h.Get("Content-Type"))
		}
		if c.status != 200 && h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: an error page may be stored: %q", c.path, h.Get("Cache-Control"))
		}
		if (c.status == 503) != (h.Get("Retry-After") != "") {
			t.Errorf("%s: Retry-After %q with status %d", c.path, h.Get("Retry-After"), c.status)
		}
	}
	for path, id := range map[string]string{"/@louise": louise.ID, "/@louise/c4n4l": canal.ID} {
		h := get(t, sample{}, path).Header
		if want := "<" + id + `>; rel="alternate"; type="application/activity+json"`; h.Get("Link") != want {
			t.Errorf("%s: Link %q, want %q", path, h.Get("Link"), want)
		}
		if h.Get("Cache-Control") != "private, max-age=60" {
			t.Errorf("%s: Cache-Control %q", path, h.Get("Cache-Control"))
		}
	}
	link := get(t, sample{}, "/@mallory/evil").Header.Get("Link")
	if strings.Count(link, "<") != 1 || strings.Count(link, ">") != 1 || strings.Count(link, `"`) != 4 {
		t.Errorf("a hostile id leaves its place in the header: %s", link)
	}
}

func TestCaching(t *testing.T) {
	for _, path := range []string{"/", "/@louise", "/@louise/c4n4l", "/@louise/feed.atom", "/style.css", "/icon.svg"} {
		tag := get(t, sample{}, path).Header.Get("ETag")
		if again := get(t, sample{}, path, "If-None-Match", tag); tag == "" || again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: ETag %q, then status %d", path, tag, again.StatusCode)
		}
	}
	named := get(t, sample{}, "/style.css?v="+digest(styleCSS)).Header.Get("Cache-Control")
	if named != "public, max-age=31536000, immutable" {
		t.Errorf("style.css with its digest: %q", named)
	}
	if other := get(t, sample{}, "/style.css?v=old").Header.Get("Cache-Control"); other != "public, max-age=3600" {
		t.Errorf("style.css with another digest: %q", other)
	}
	feed := get(t, sample{}, "/@louise/feed.atom").Header
	if feed.Get("Last-Modified") != "Sun, 15 Mar 2026 08:00:00 GMT" || feed.Get("Content-Type") != "application/atom+xml; charset=utf-8" {
		t.Errorf("feed: %v", feed)
	}
}

func TestFrontFailing(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil).WithContext(context.WithValue(context.Background(), failing{}, true))
	w := httptest.NewRecorder()
	New(sample{}, nil).ServeHTTP(w, r)
	if w.Code != 503 || strings.Contains(w.Body.String(), "database") {
		t.Errorf("got %d:\n%s", w.Code, w.Body)
	}
}

// A feed parses, and has what RFC 4287 §4.1 demands.
func TestFeedComplete(t *testing.T) {
	for _, path := range []string{"/@louise/feed.atom", "/@louise/feed.atom?before=x", "/@berlin/feed.atom", "/@mallory/feed.atom", "/@louise/c4n4l/replies.atom"} {
		var f atomDoc
		if err := xml.Unmarshal([]byte(body(t, get(t, sample{}, path))), &f); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if f.ID == "" || f.Title == "" || f.Updated == "" || f.Author.Name == "" || len(f.Links) < 2 {
			t.Errorf("%s: something is missing: %+v", path, f)
		}
		for _, e := range f.Entries {
			if e.ID == "" || e.Title == "" || e.Updated == "" || len(e.Links) == 0 || e.Content == nil || e.Content.Type != "html" {
				t.Errorf("%s: something is missing: %+v", path, e)
			}
			for _, l := range e.Links {
				if !strings.HasPrefix(l.Href, "https://") && !strings.HasPrefix(l.Href, "xmpp:") {
					t.Errorf("%s: a link leads to %q", path, l.Href)
				}
			}
		}
	}
}

// The whole page is small enough for a bad connection.
func TestSmall(t *testing.T) {
	total := len(body(t, get(t, sample{}, "/@louise"))) + len(styleCSS) + len(iconSVG)
	if total > 50_000 {
		t.Errorf("a profile weighs %d bytes without pictures", total)
	}
}
