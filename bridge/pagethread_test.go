package bridge

import (
	"strings"
	"testing"
)

// A post's page shows what was said below it on both networks, as far as everybody may
// read it, and what it does not show it counts.
func TestPageOfAConversation(t *testing.T) {
	t.Parallel()
	w, p, blog, post := discussedPost(t)
	p.sends("bob", "Create", p.replies("bob", post, "well <b>said</b><script>alert(1)</script>"))
	w.stand("first-post", p.jid("bob")+": well said")
	w.writes(louise, "first-post", "c1", comment(louise, "thank you"))
	mine := object(p.await("Create")).ID()
	p.sends("bob", "Create", p.replies("bob", mine, "any time"))
	p.sends("bob", "Announce", post)
	w.settled()
	_, token, _ := w.b.addr.TokenOf(post)
	path := strings.TrimPrefix(w.b.addr.PostPage(blog.Handle, token), w.url)
	read := func(path string) string {
		t.Helper()
		code, _, page := w.get(path, "text/html")
		if code != 200 {
			t.Fatalf("%s: %d %s", path, code, page)
		}
		return page
	}
	page := func() string { return read(path) }
	in := func(page string, parts ...string) {
		t.Helper()
		rest := page
		for _, part := range parts {
			_, after, found := strings.Cut(rest, part)
			if !found {
				t.Fatalf("there is no %q, or not in this place:\n%s", part, page)
			}
			rest = after
		}
	}
	got := page()
	in(got, "Replies: 3", "Boosts: 1", "depth0", "@"+blog.Handle+"@", "thank you", "depth1", "<bdi>bob</bdi>", "any time", "depth0", "@bob@", "well <b>said</b>")
	if strings.Contains(got, "alert(1)") || strings.Contains(got, "Not shown") {
		t.Errorf("the page is\n%s", got)
	}
	// Whom louise blocks is not on her pages either.
	w.says(louise, "block @bob@"+hostOf(p.http.URL))
	w.settled()
	if got = page(); strings.Contains(got, "well <b>said") || strings.Contains(got, "any time") || !strings.Contains(got, "thank you") {
		t.Errorf("with bob blocked the page is\n%s", got)
	}
	// What search engines may list has nobody else's words.
	w.says(louise, "discoverable on")
	w.settled()
	if got = page(); strings.Contains(got, "thank you") || strings.Contains(got, "noindex") {
		t.Errorf("as search engines may have it, the page is\n%s", got)
	}
	in(got, `<a href="`+w.b.addr.PostPage(blog.Handle, token)+`/replies"`)
	in(read(path+"/replies"), "noindex", "thank you")
}
