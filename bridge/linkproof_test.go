package bridge

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// A web address of louise's whose page links back to hers is marked as hers, one that does
// not is not; and not any more when the page has changed its mind.
func TestProvenLinks(t *testing.T) {
	t.Parallel()
	w, _, blog := newFollowedBlog(t)
	page := w.b.addr.Page(blog.Handle)
	var says atomic.Value
	says.Store(fmt.Sprintf(`<html><head><link rel="me" href=%q></head><body>`, page))
	site := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/html; charset=utf-8")
		if r.URL.Path == "/own" {
			io.WriteString(rw, says.Load().(string))
			return
		}
		fmt.Fprintf(rw, `<a href=%q>louise</a> <a rel="me" href="https://elsewhere.example/">`, page)
	}))
	t.Cleanup(site.Close)
	w.says(louise, "fields add Own "+site.URL+"/own")
	w.says(louise, "fields add Other "+site.URL+"/other")
	proven := func() []string {
		prefs, err := w.db.Preferences(t.Context(), blog.ID)
		if err != nil {
			t.Fatal(err)
		}
		return provenLinks(prefs)
	}
	w.until("the proof", func() bool { return slices.Equal(proven(), []string{site.URL + "/own"}) })
	_, _, body := w.get("/@louise", "text/html")
	if strings.Count(body, "class=\"proven\"") != 1 || !strings.Contains(body, "Links back to this page") {
		t.Errorf("the page is\n%s", body)
	}
	says.Store("<html>")
	w.db.AddJob(t.Context(), proveJob(blog.ID, w.b.nowMS())) // a day later
	w.until("the end of the proof", func() bool { return len(proven()) == 0 })
}

func TestMeLinks(t *testing.T) {
	got := meLinks([]byte(`<link rel="stylesheet me" href=" https://a.example/@x "><A HREF="https://b.example" REL=ME>x</a><a rel="nofollow" href="https://c.example">
		<a rel="me" href="/relative"><!-- <a rel="me" href="https://d.example"> --><script>"<a rel='me' href='https://e.example'>"</script><a rel=me href="https://f.example`))
	if strings.Join(got, " ") != "https://a.example/@x https://b.example" {
		t.Errorf("%q", got)
	}
}
