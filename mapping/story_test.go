package mapping

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// story is somebody's object as an item of bob's blog.
func story(o vocab.Incoming) Story {
	bob := stanza.JID{Local: `bob\40mastodon.example`, Domain: "ap.example.org"}
	item := ItemID(o.ID)
	return Story{Reply: Reply{
		Object: o, Author: Author{Handle: "bob@mastodon.example", Name: "Bob 🐝", JID: bob}, Now: now,
		ItemURI:  stanza.ItemURI(bob, stanza.NSMicroblog, item).String(),
		Comments: stanza.ItemURI(bob, stanza.NSMicroblog+":comments/"+item, "").String(),
	}}
}

// storiesTo is what some of them have that the object does not tell.
var storiesTo = map[string]func(*Story){
	"boost": func(s *Story) {
		s.Author = Author{Handle: "ada@social.example", Name: "Ada", JID: stanza.JID{Local: `ada\40social.example`, Domain: "ap.example.org"}}
		s.Via = stanza.ItemURI(s.Author.JID, stanza.NSMicroblog, ItemID(s.Object.ID)).String()
	},
	"reply": func(s *Story) {
		ada := stanza.JID{Local: `ada\40social.example`, Domain: "ap.example.org"}
		s.ParentURI = stanza.ItemURI(ada, stanza.NSMicroblog, ItemID(s.Object.InReplyTo)).String()
		s.ParentID = s.ParentURI
	},
	"sensitive": func(s *Story) {
		s.Media = func(address string) string {
			return "https://ap.example.org/media/proxy/" + strings.TrimPrefix(address, "https://")
		}
	},
}

// TestGoldenStories compares what peers write, of testdata/story and of
// testdata/comment, with the entry in testdata/story beside it.
func TestGoldenStories(t *testing.T) {
	var files []string
	for _, dir := range []string{"comment", "story"} {
		more, err := filepath.Glob("testdata/" + dir + "/*.json")
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	if len(files) < 38 {
		t.Fatalf("%d files", len(files))
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s := story(incoming(t, src))
		if more := storiesTo[name]; more != nil {
			more(&s)
		}
		got, golden := lines(BlogEntry(s).Element()), "testdata/story/"+name+".xml"
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs from its golden file; got\n%s", name, got)
		}
		checkStory(t, name, s)
	}
}

// checkStory holds what is true of every item that is served.
func checkStory(t *testing.T, name string, s Story) {
	t.Helper()
	e := BlogEntry(s)
	wire := checkedWire(t, name, e)
	if title := e.Title.Body; !visible(title) || utf8.RuneCountInString(title) > max(maxName, maxShort) {
		t.Fatalf("%s: title %q", name, title)
	}
	if len(e.Content) != 2 && len(e.Content) != 0 {
		t.Fatalf("%s: content %+v", name, e.Content)
	}
	if len(wire) > 200_000 {
		t.Fatalf("%s: %d bytes", name, len(wire))
	}
	if e.Published.IsZero() || e.Published.After(now) || e.Updated.Before(e.Published) || e.Updated.After(now) {
		t.Fatalf("%s: published %v, updated %v", name, e.Published, e.Updated)
	}
	if len(e.Authors) != 1 || e.Authors[0].URI != "xmpp:"+s.Author.JID.String() || e.Authors[0].Name == "" {
		t.Fatalf("%s: author %+v", name, e.Authors)
	}
	nsfw := slices.ContainsFunc(e.Categories, func(c stanza.Category) bool { return c.Term == "nsfw" })
	if s.Object.Sensitive && !nsfw {
		t.Fatalf("%s: categories %+v", name, e.Categories)
	}
	for _, l := range e.Links {
		if scheme, _, _ := strings.Cut(l.Href, ":"); !slices.Contains([]string{"http", "https", "xmpp"}, scheme) {
			t.Fatalf("%s: link to %q", name, l.Href)
		}
	}
}
