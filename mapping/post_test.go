package mapping

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	ap "github.com/go-ap/activitypub"

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

// People whom alice answers and names.
var (
	bob = Mention{Handle: "bob@mastodon.example", ActorURL: "https://mastodon.example/users/bob", PageURL: "https://mastodon.example/@bob"}
	ana = Mention{Handle: "ana@m.example", ActorURL: "https://m.example/u/7", PageURL: "https://m.example/@ana"}
	eve = Mention{ActorURL: "https://nameless.example/eve"}
)

// answer makes a post a comment on what bob wrote.
func answer(p *Post) {
	p.Comment, p.InReplyTo, p.Parent = true, "https://mastodon.example/users/bob/1", &bob
	p.RepliesURL, p.LikesURL, p.SharesURL = here.Replies("p1"), here.Likes("p1"), here.Shares("p1")
	p.ContextURL = "https://mastodon.example/contexts/1"
}

// besides is what some of the golden posts have that the entry does not tell.
var besides = map[string]func(*Post){
	"movim-community": func(p *Post) { p.Byline = "@alice@example.org" },
	"movim-short":     func(p *Post) { p.Lang = "en" },
	"edit": func(p *Post) {
		p.Published = time.Date(2026, 2, 1, 10, 0, 0, 0, time.UTC)
		p.Updated = time.Date(2026, 2, 5, 11, 0, 7, 0, time.UTC)
	},
	"movim-comment": func(p *Post) {
		answer(p)
		p.Addressed = []Mention{ana, bob, eve}
	},
	"movim-comment-mentions": func(p *Post) {
		answer(p)
		p.Mentions = []Mention{bob, {Handle: "ana@xn--bcher-kva.example", ActorURL: "https://xn--bcher-kva.example/ana"}}
	},
	"libervia-comment": func(p *Post) {
		answer(p)
		p.Mentions = []Mention{ana}
	},
	"libervia-comment-no-title": answer,
	"comment-list": func(p *Post) {
		answer(p)
		p.Mentions = []Mention{ana}
	},
	"comment-references": func(p *Post) {
		p.Comment, p.InReplyTo, p.Parent = true, here.Post("p0"), &Mention{Handle: "alice@example.org", ActorURL: here.Actor("a1")}
		for _, handle := range ReferenceHandles(here, p.Entry) {
			p.Mentions = append(p.Mentions, Mention{Handle: handle, ActorURL: bob.ActorURL})
		}
	},
	"movim-share-quote": func(p *Post) {
		p.Mentions = []Mention{bob}
		p.Quote = &Quoted{ID: "https://mastodon.example/users/bob/1", URL: "https://mastodon.example/@bob/1", Stamp: "https://mastodon.example/stamps/1"}
	},
	"mentioning-article": func(p *Post) {
		p.Mentions, p.Addressed = []Mention{bob}, []Mention{eve}
		p.RepliesURL, p.ContextURL = here.Replies("p1"), here.Post("p1")+"/context"
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
	checkShape(t, name, d)
	for _, tag := range o.Tags { // rows O5, O6
		switch _, page, _ := strings.Cut(tag.Name, " "); {
		case tag.Type == "Mention" && !slices.Contains(o.Cc, tag.Href):
			t.Errorf("%s: %s is mentioned and not in cc", name, tag.Href)
		case tag.Type == "Link" && (tag.Href != o.Quote || page != "" && !strings.HasSuffix(o.Content, moreLink(o.URL)) && !strings.Contains(o.Content, `href="`+attrEscaper.Replace(page)+`"`)):
			t.Errorf("%s: quotes %s", name, doc)
		}
		if tag.Type != "Hashtag" {
			continue
		}
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
		checkShape(t, name, d)
		checkShape(t, name, inner)
	}
}

// checkShape holds what row O1 asks of the members of a document, and that
// nobody is named twice; go-ap must read it too.
func checkShape(t *testing.T, name string, d vocab.Doc) {
	t.Helper()
	for _, key := range []string{"id", "type", "actor", "attributedTo", "inReplyTo", "quote", "context", "replies", "likes", "shares"} {
		if v, ok := d[key]; ok && d.Str(key) == "" || len(d.List(key)) > 1 {
			t.Errorf("%s: %s is %v, want one string", name, key, v)
		}
	}
	for _, key := range []string{"to", "cc", "tag", "attachment"} {
		list, isList := d[key].([]any)
		if _, ok := d[key]; ok && (!isList || len(list) == 0) {
			t.Errorf("%s: %s is %v, want an array", name, key, d[key])
		}
		seen := map[string]bool{}
		for _, v := range list {
			id, _ := v.(string)
			if tag, ok := v.(map[string]any); ok && key == "tag" {
				id = vocab.Doc(tag).Str("type") + " " + vocab.Doc(tag).Str("href")
			}
			if seen[id] && id != "" {
				t.Errorf("%s: %s has %s twice", name, key, id)
			}
			seen[id] = true
		}
	}
	if _, ok := d["@context"]; !ok {
		return // stands inside
	}
	doc, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if it, err := ap.UnmarshalJSON(doc); err != nil || it == nil || string(it.GetID()) != d.ID() {
		t.Errorf("%s: go-ap reads %v, %v", name, it, err)
	}
}
