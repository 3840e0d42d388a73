package web

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"isthmus/words"
)

// A page speaks the visitor's language, and says so; what bloggers wrote stays as it is.
func TestTongues(t *testing.T) {
	for accept, want := range map[string]string{"": "en", "de-AT,de;q=0.9,en;q=0.8": "de", "fr": "fr", "ja, es;q=0.1": "es", "\x00;;": "en"} {
		for path, word := range map[string]string{"/": "front.follow", "/@louise": "follow.blog", "/@louise/c4n4l": "act", "/@louise/c4n4l/replies": "about", "/interact/follow/@louise": "me", "/@nobody": "404"} {
			r := get(t, sample{}, path, "Accept-Language", accept)
			text := body(t, r)
			if r.Header.Get("Content-Language") != want || !strings.Contains(text, `<html lang="`+want+`">`) || !strings.Contains(text, tongue(want).say(word)) {
				t.Errorf("%s in %q is in %q:\n%s", path, accept, r.Header.Get("Content-Language"), text)
			}
		}
	}
	if text := body(t, get(t, sample{}, "/@louise", "Accept-Language", "de")); !strings.Contains(text, `<p class="meta" lang="de">`) || !strings.Contains(text, "14. März 2026, 15:09 UTC") {
		t.Error(text)
	}
}

// An admin's own stylesheet stands in for ours, under an address of its own.
func TestStylesheet(t *testing.T) {
	own := []byte("body { color: red }")
	h := New(sample{}, own)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if !strings.Contains(w.Body.String(), `href="`+styled(own)+`"`) {
		t.Error(w.Body)
	}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", styled(own), nil))
	if w.Body.String() != string(own) || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
}

func TestMonths(t *testing.T) {
	for _, lang := range words.Languages {
		for m := time.January; m <= time.December; m++ {
			if got := tongue(lang).day(time.Date(2026, m, 5, 0, 0, 0, 0, time.UTC)); !strings.Contains(got, "2026") || strings.ContainsAny(got, "{}") {
				t.Errorf("%s: %s", lang, got)
			}
		}
	}
}

// What stands in the places of a sentence is no HTML unless it was made as such.
func TestMark(t *testing.T) {
	if got := tongue("en").mark("moved", "where", "<script>"); strings.Contains(string(got), "<script>") {
		t.Error(got)
	}
	if got := link("javascript:alert(1)", "<b>"); got != "<bdi>&lt;b&gt;</bdi>" {
		t.Error(got)
	}
	if got := link(`https://example.org/"><b>`, "x"); strings.Contains(string(got), "<b>") {
		t.Error(got)
	}
}

var saying = regexp.MustCompile(`\b(say|mark|number|on)[( ]+"([a-z0-9.]+)"`)

// Every sentence of the catalogue is said by a page or a template, and what they say is there.
func TestPageWordsAreSaid(t *testing.T) {
	said := map[string]bool{"page.404": true, "page.410": true, "page.503": true, "page.404.text": true, "page.410.text": true, "page.503.text": true, "page.date": true}
	for _, p := range []string{"do.follow", "do.like", "do.boost", "do.reply", "no.account", "no.answer", "paused", "closed", "no.address", "no.way"} {
		said["page."+p] = true // their names are put together
	}
	for _, glob := range []string{"*.go", "templates/*.html"} {
		files, _ := filepath.Glob(glob)
		for _, f := range files {
			if strings.HasSuffix(f, "_test.go") {
				continue
			}
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range saying.FindAllStringSubmatch(string(text), -1) {
				if !words.Known("page."+m[2]) && m[2] != "do." && m[2] != "no." {
					t.Errorf("%s: there is no sentence %q", f, m[2])
				}
				said["page."+m[2]] = true
			}
		}
	}
	for _, k := range words.Keys(words.Languages[0]) {
		if strings.HasPrefix(k, "page.") && !said[k] {
			t.Errorf("%s is never said", k)
		}
	}
}
