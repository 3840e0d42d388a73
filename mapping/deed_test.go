package mapping

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	ap "github.com/go-ap/activitypub"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// deeds are the activities that stand for no post of their own; those of clients
// have the entry beside them.
func deeds(t *testing.T) map[string][]byte {
	t.Helper()
	alice, note := here.Actor("a1"), "https://mastodon.example/users/bob/1"
	heart := readEntry(t, "testdata/deed/movim-like.xml")
	repeat := readEntry(t, "testdata/deed/libervia-repeat.xml")
	if via, ok := RepeatOf(repeat); !IsHeart(heart) || !ok || via.Href == "" {
		t.Fatal("not a like, or not a repeat")
	}
	like := Like(alice, here.Activity("l1"), note, bob.ActorURL, "", heart.Published)
	react := Like(alice, here.Activity("l2"), note, bob.ActorURL, "👍🏽", now)
	announce := Announce(alice, here.Activity("b1"), note, bob.ActorURL, here.Followers("a1"), repeat.Published)
	request, err := vocab.Read([]byte(`{"@context":["https://www.w3.org/ns/activitystreams",{"QuoteRequest":"https://w3id.org/fep/044f#QuoteRequest"}],
		"type":"QuoteRequest","id":"https://mastodon.example/users/bob/quote_requests/1","actor":{"id":"https://mastodon.example/users/bob","type":"Person"},
		"object":"`+here.Post("p1")+`","instrument":{"id":"`+note+`","type":"Note","content":"`+strings.Repeat("long ", 20_000)+`"}}`), vocab.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	p := post(readEntry(t, "testdata/post/movim-share-quote.xml"), "share")
	besides["movim-share-quote"](&p)
	return map[string][]byte{
		"movim-like":      like.JSON(),
		"libervia-repeat": announce.JSON(),
		"react":           react.JSON(),
		"undo-like":       Undo(asSent(t, like), here.Activity("u1")).JSON(),
		"undo-react":      Undo(asSent(t, react), here.Activity("u2")).JSON(),
		"undo-announce":   Undo(asSent(t, announce), here.Activity("u3")).JSON(),
		"delete":          Delete(here.Post("p1"), "Note", alice, here.Activity("d1"), here.Followers("a1"), now, bob.ActorURL, "", ana.ActorURL, bob.ActorURL).JSON(),
		"accept-quote":    AcceptQuote(request, alice, here.Activity("q2"), here.Activity("s1")).JSON(),
		"reject-quote":    RejectRequest(request, alice, here.Activity("q3")).JSON(),
		"stamp-quote":     Stamp(here.Activity("s1"), "QuoteAuthorization", alice, note, here.Post("p1")),
		"stamp-reply":     Stamp(here.Activity("s2"), "ReplyAuthorization", alice, note, here.Post("p1")),
	}
}

// asSent is an activity as it is stored.
func asSent(t *testing.T, a vocab.Activity) vocab.Doc {
	t.Helper()
	doc, err := vocab.Read(a.JSON(), vocab.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestGoldenDeeds compares with testdata/deed.
func TestGoldenDeeds(t *testing.T) {
	coreType := strings.NewReplacer(`"QuoteRequest"`, `"Offer"`, `"QuoteAuthorization"`, `"Object"`, `"ReplyAuthorization"`, `"Object"`)
	for name, doc := range deeds(t) {
		var got bytes.Buffer
		if err := json.Indent(&got, doc, "", "  "); err != nil {
			t.Fatal(err)
		}
		got.WriteByte('\n')
		golden := "testdata/deed/" + name + ".json"
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
		d, err := vocab.Read(doc, vocab.Limits{Bytes: 4 << 10, Depth: 4})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if it, err := ap.UnmarshalJSON([]byte(coreType.Replace(string(doc)))); err != nil || it == nil || string(it.GetID()) != d.ID() {
			t.Errorf("%s: go-ap reads %v, %v", name, it, err)
		}
		inner, embedded := d.One("object")
		if d.Is("Undo") && (!embedded || inner.ID() == "" || inner.Str("actor") != d.Str("actor") || // row O22
			strings.Join(d.IDs("to"), " ") != strings.Join(inner.IDs("to"), " ") || strings.Join(d.IDs("cc"), " ") != strings.Join(inner.IDs("cc"), " ")) {
			t.Errorf("%s: %s", name, doc)
		}
	}
}

func TestLike(t *testing.T) {
	for content, want := range map[string]string{"": "", " 🐝\n": "🐝", strings.Repeat("x", 65): "", strings.Repeat("é", 64): strings.Repeat("é", 64), "a\x00b": "ab"} {
		if got := Like("a", "b", "c", "", content, now); got.Content != want || got.To != nil {
			t.Errorf("%q became %q, to %v", content, got.Content, got.To)
		}
	}
}

func TestIsHeart(t *testing.T) {
	text := func(s string) stanza.Text { return stanza.Text{Type: "text", Body: s} }
	for name, c := range map[string]struct {
		entry stanza.Entry
		want  bool
	}{
		"Movim's":       {stanza.Entry{Title: text("♥")}, true},
		"heavy":         {stanza.Entry{Title: text(" ❤\n")}, true},
		"emoji":         {stanza.Entry{Title: text("❤️")}, true},
		"as text":       {stanza.Entry{Title: text("♥\ufe0e")}, true},
		"said twice":    {stanza.Entry{Title: text("♥"), Content: []stanza.Text{text("♥")}}, true},
		"markup":        {stanza.Entry{Title: stanza.Text{Type: "html", Body: "<p>&hearts;</p>"}}, true},
		"nothing":       {stanza.Entry{}, false},
		"selector":      {stanza.Entry{Title: text("\ufe0f")}, false},
		"two":           {stanza.Entry{Title: text("♥♥")}, false},
		"with a word":   {stanza.Entry{Title: text("♥ this")}, false},
		"with content":  {stanza.Entry{Title: text("♥"), Content: []stanza.Text{text("this")}}, false},
		"with summary":  {stanza.Entry{Title: text("♥"), Summary: text("this")}, false},
		"with picture":  {stanza.Entry{Title: text("♥"), Links: []stanza.Link{{Rel: "enclosure", Href: "https://a.example/b.png"}}}, false},
		"in content":    {stanza.Entry{Content: []stanza.Text{text("♥")}}, false},
		"another emoji": {stanza.Entry{Title: text("💔")}, false},
	} {
		if IsHeart(c.entry) != c.want {
			t.Errorf("%s: %v", name, !c.want)
		}
	}
}
