package bridge

import (
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
)

// An archive has everything, for who has the link, for an hour.
func TestExportAll(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	if got := w.says(alice, "export all"); !strings.Contains(got, "nothing on the Fediverse") {
		t.Errorf("of nothing: %q", got)
	}
	w.publish(louise, "a", note("hello world"))
	p.await("Create")
	text := w.says(louise, "export all")
	_, path, _ := strings.Cut(text, w.url)
	path, _, _ = strings.Cut(path, "\n")
	status, header, body := w.get(path, "*/*")
	doc, err := vocab.Read([]byte(body), vocab.DefaultLimits)
	if status != 200 || err != nil || !strings.Contains(header.Get("Cache-Control"), "no-store") || header.Get("Access-Control-Allow-Origin") != "" {
		t.Fatalf("%s: %d %v %v", path, status, err, header)
	}
	items := doc.Docs("items")
	if len(items) != 5 || items[0].ID() != w.b.addr.Actor(blog.Token) || !strings.Contains(body, "hello world") || !strings.Contains(body, p.actor("bob")) {
		t.Errorf("archive %s", body)
	}
	for _, wrong := range []string{path + "x", "/ap/export/" + blog.Token, "/ap/export/" + blog.Token + "-", "/ap/export/x-y"} {
		if status, _, _ := w.get(wrong, "*/*"); status != 404 {
			t.Errorf("%s answers %d", wrong, status)
		}
	}
	old := "secret " + "1"
	if err := w.db.SetSetting(t.Context(), louise, settingExport, old); err != nil {
		t.Fatal(err)
	}
	if status, _, _ := w.get("/ap/export/"+blog.Token+"-secret", "*/*"); status != 404 {
		t.Errorf("after %s it answers %d", exportFor, status)
	}
}
