package mapping

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// post is an entry of alice's, with all that is known besides it.
func post(e stanza.Entry, item string) Post {
	return Post{
		Entry: e, Now: now, PostURL: here.Post("p1"), ActorURL: here.Actor("a1"), FollowersURL: here.Followers("a1"),
		PageURL: here.PostPage("alice", "p1"), TagsURL: here.Page("alice"),
		XMPPURI: stanza.ItemURI(stanza.JID{Local: "alice", Domain: "example.org"}, stanza.NSMicroblog, item).String(),
	}
}

// besides is what some of the golden posts have that the entry does not tell.
var besides = map[string]func(*Post){
	"movim-community": func(p *Post) { p.Byline = "@alice@example.org" },
	"movim-short":     func(p *Post) { p.Lang = "en" },
	"edit": func(p *Post) {
		p.Published = time.Date(2026, 2, 1, 10, 0, 0, 0, time.UTC)
		p.Updated = time.Date(2026, 2, 5, 11, 0, 7, 0, time.UTC)
	},
}

func readEntry(t *testing.T, path string) stanza.Entry {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	el, err := stanza.ParseXML(src)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	e, err := stanza.ParseEntry(el)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return e
}

// TestGoldenPosts reads testdata/post/*.xml, as clients publish it, and compares
// with the object in the .json beside it.
func TestGoldenPosts(t *testing.T) {
	files, err := filepath.Glob("testdata/post/*.xml")
	if err != nil || len(files) < 14 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".xml")
		p := post(readEntry(t, path), name)
		if more := besides[name]; more != nil {
			more(&p)
		}
		o := Object(p)
		var got bytes.Buffer
		if err := json.Indent(&got, o.JSON(), "", "  "); err != nil {
			t.Fatal(err)
		}
		got.WriteByte('\n')
		golden := strings.TrimSuffix(path, ".xml") + ".json"
		if *update {
			if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.Bytes(), want) {
			t.Errorf("%s differs from its golden file; got\n%s", name, got.Bytes())
		}
		checkObject(t, name, o)
	}
}

// checkObject holds what is true of every object that we publish, and of the
// activities around it.
func checkObject(t *testing.T, name string, o vocab.Object) {
	t.Helper()
	doc := o.JSON()
	d, err := vocab.Read(doc, vocab.Limits{Bytes: MaxDocument, Depth: 8}) // row O20
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	checkHTML(t, name, o.Content)
	if !d.Public() || d.Str("attributedTo") == "" || d.Time("published").IsZero() || d.Time("published").After(now) {
		t.Errorf("%s: %s", name, doc)
	}
	if m, ok := d.One("contentMap"); ok && (len(m) != 1 || m.Str(o.Lang) != o.Content) { // row O16
		t.Errorf("%s: contentMap is %v", name, m)
	}
	switch {
	case o.Type == "Article" && (o.Name == "" || o.Content == "" || o.Preview == nil || o.URL == ""): // row O10
		t.Errorf("%s: an Article lacks something: %s", name, doc)
	case o.Type == "Note" && (o.Name != "" || o.Preview != nil):
		t.Errorf("%s: a Note has too much: %s", name, doc)
	case o.Type == "Article":
		checkHTML(t, name, o.Summary)
		if c := o.Preview.Content; reparse(t, c) != c || strings.Contains(c, "<a") {
			t.Errorf("%s: preview %s", name, c)
		}
	}
	if o.Type == "Note" && o.Summary != "" && !o.Sensitive { // row O9
		t.Errorf("%s: a content warning on nothing: %q", name, o.Summary)
	}
	for _, tag := range o.Tags { // row O6
		if !strings.HasSuffix(o.Content, moreLink(o.URL)) && !strings.Contains(o.Content, ">"+textEscaper.Replace(tag.Name)+"</a>") {
			t.Errorf("%s: %s is not in the text", name, tag.Name)
		}
	}
	for _, a := range o.Attachments { // row O12
		if !strings.HasPrefix(a.URL, "http") {
			t.Errorf("%s: attachment %q", name, a.URL)
		}
	}
	for _, act := range []vocab.Activity{Create(o, here.Activity("c1")), Update(o, here.Activity("u1"))} {
		body := act.JSON()
		d, err := vocab.Read(body, vocab.Limits{Bytes: MaxDelivered, Depth: 8})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		inner, _ := d.One("object")
		if d.Str("actor") != inner.Str("attributedTo") || d.ID() == inner.ID() ||
			strings.Join(d.IDs("to"), " ") != strings.Join(inner.IDs("to"), " ") || strings.Join(d.IDs("cc"), " ") != strings.Join(inner.IDs("cc"), " ") { // rows O2, O3
			t.Errorf("%s: %s", name, body)
		}
		checkHTML(t, name, inner.Str("content"))
	}
}
