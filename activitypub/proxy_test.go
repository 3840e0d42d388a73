package activitypub

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestProxy(t *testing.T) {
	var asked atomic.Int64
	peer := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if r.Header.Get("Cookie") != "" || r.Header.Get("Referer") != "" || strings.Contains(r.UserAgent(), "Firefox") {
			t.Errorf("the reader shows: %v", r.Header)
		}
		switch r.URL.Path {
		case "/svg":
			w.Header().Set("Content-Type", "image/svg+xml")
		case "/html":
			w.Header().Set("Content-Type", "text/html")
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		case "/large":
			w.Header().Set("Content-Type", "image/png")
			w.Write(make([]byte, 2000))
		case "/away":
			http.Redirect(w, r, "https://10.0.0.1/x.png", http.StatusFound)
		default:
			w.Header().Set("Content-Type", "image/png")
			w.Write([]byte("0123456789"))
		}
	}))
	defer peer.Close()
	p := NewProxy(ProxyConfig{Client: newClient(t), Base: "https://ap.example.org", Secret: []byte("s"), MaxBytes: 1000})
	get := func(address string, head ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", strings.TrimPrefix(address, "https://ap.example.org"), nil)
		r.Header.Set("Cookie", "secret=1")
		r.Header.Set("User-Agent", "Firefox")
		for i := 0; i < len(head); i += 2 {
			r.Header.Set(head[i], head[i+1])
		}
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		return w
	}
	url := p.URL(peer.URL + "/a.png")
	if !strings.HasPrefix(url, "https://ap.example.org/media/proxy/") || strings.Contains(url, "127.0.0.1") {
		t.Fatalf("address %s", url)
	}
	for range 2 {
		w := get(url)
		h := w.Header()
		if w.Code != 200 || w.Body.String() != "0123456789" || h.Get("Content-Type") != "image/png" || h.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || !strings.Contains(h.Get("Cache-Control"), "immutable") {
			t.Errorf("%d %v %q", w.Code, h, w.Body)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	if w := get(url, "Range", "bytes=2-4"); w.Code != http.StatusPartialContent || w.Body.String() != "234" {
		t.Errorf("a part: %d %q", w.Code, w.Body)
	}
	if w := get(url, "If-None-Match", get(url).Header().Get("ETag")); w.Code != http.StatusNotModified {
		t.Errorf("again: %d", w.Code)
	}
	for path, want := range map[string]int{"/svg": 502, "/html": 502, "/gone": 404, "/broken": 502, "/large": 413, "/away": 502} {
		if w := get(p.URL(peer.URL + path)); w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
	before := asked.Load()
	sig, rest, _ := strings.Cut(strings.TrimPrefix(url, "https://ap.example.org/media/proxy/"), "/")
	for _, forged := range []string{"/media/proxy/" + sig + "x/" + rest, "/media/proxy/" + sig + "/" + rest + "aa", "/media/proxy/" + rest, "/media/proxy/", "/media/proxy/" + strings.Repeat("0", 32) + "/" + rest} {
		if w := get(forged); w.Code != 404 {
			t.Errorf("%s: %d", forged, w.Code)
		}
	}
	if asked.Load() != before {
		t.Error("a forged address made it ask")
	}
	r := httptest.NewRequest("POST", "/media/proxy/"+sig+"/"+rest, nil)
	w := httptest.NewRecorder()
	if p.ServeHTTP(w, r); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
	for _, same := range []string{"http://a.example/x.png", "https://ap.example.org/media/abc", "", "data:x"} {
		if got := p.URL(same); got != same {
			t.Errorf("%s became %s", same, got)
		}
	}
}

func TestFileCacheForgetsTheOldest(t *testing.T) {
	now := time.Now()
	c := newFileCache(100)
	for _, a := range []string{"a", "b", "c", "d", "e"} {
		c.put(a, file{data: make([]byte, 25), at: now})
		c.get("a", now)
	}
	if _, ok := c.get("b", now); ok {
		t.Error("b is kept")
	}
	for _, a := range []string{"a", "c", "d", "e"} {
		if _, ok := c.get(a, now); !ok {
			t.Errorf("%s is not kept", a)
		}
	}
	if _, ok := c.get("a", now.Add(2*proxyKeep)); ok {
		t.Error("kept for too long")
	}
	if c.put("huge", file{data: make([]byte, 60), at: now}); c.size > 100 || len(c.known) != 3 {
		t.Errorf("%d bytes, %d files", c.size, len(c.known))
	}
}
