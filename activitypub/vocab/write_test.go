package vocab

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ap "github.com/go-ap/activitypub"
)

// FuzzWrite: whatever stands in the fields, what comes out is one document that
// we and go-ap read, not nested deeper than peers take, with the text unharmed.
func FuzzWrite(f *testing.F) {
	f.Add("https://a.example/1", `C:\new "q" <b>`, "image/png", `{"a":[1,{"id":"x"}]}`, int64(1_772_000_000))
	f.Add(`"],"actor":"evil`, "\x00\xff\u2028", `text/"html`, `"id"`, int64(-1))
	f.Add("x y\\", "", "", strings.Repeat(`{"id":"i","a":[`, 10)+strings.Repeat("]}", 10), int64(1)<<40)
	f.Fuzz(func(t *testing.T, id, text, typ, raw string, at int64) {
		when := time.Unix(at, 0)
		o := Object{
			ID: id, Type: typ, AttributedTo: id, Name: text, Summary: text, Content: text, Lang: text, URL: id, XMPP: id,
			Alternates: []string{id}, SourceText: text, SourceType: typ, To: []string{id}, Cc: []string{text}, InReplyTo: id,
			Published: when, Updated: when, Tags: []Tag{{typ, text, id, typ, id}, {"Emoji", text, id, "", ""}, {"Link", text, id, typ, id}},
			Attachments: []Attachment{{typ, id, typ, text, 1, 2, at}}, Preview: &Object{Type: "Note", Content: text},
			Image: &Image{id, typ, text}, Context: id, Conversation: text, Replies: id, Likes: id, Shares: id, CanQuotePublic: true,
			Quote: id, QuoteAuthorization: id,
		}
		a := Actor{
			ID: id, Type: typ, Handle: text, Name: text, Summary: text, URL: id, Inbox: id, SharedInbox: id, KeyID: id,
			PublicKeyPEM: text, WebFinger: text, Icon: &Image{id, typ, text}, Published: when, Attachment: []Field{{text, text}},
			AlsoKnownAs: []string{id}, XMPP: id, AttributedTo: id,
		}
		wrap := func(x any) Activity {
			return Activity{ID: id, Type: "Create", Actor: id, To: []string{text}, Object: x, Published: when, Content: text, Instrument: id, Result: id}
		}
		docs := [][]byte{
			o.JSON(), a.JSON(), wrap(o).JSON(), wrap(a).JSON(), wrap(text).JSON(), wrap(json.RawMessage(raw)).JSON(),
			wrap(wrap(json.RawMessage(raw))).JSON(), Tombstone(id, typ, when),
			Stamp{id, typ, id, id, text}.JSON(),
			Collection{ID: id, Summary: text, First: id, Items: []any{wrap(o), wrap(wrap(json.RawMessage(raw)))}}.JSON(),
			CollectionPage{ID: id, Items: []any{text, o, a, wrap(json.RawMessage(raw))}}.JSON(),
		}
		for _, doc := range docs {
			if !utf8.Valid(doc) {
				t.Fatalf("not UTF-8: %q", doc)
			}
			if _, err := Read(doc, Limits{Depth: maxDepth, Bytes: 1 << 30, Values: 1 << 30}); err != nil {
				t.Fatalf("we do not read %s: %v", doc, err)
			}
			if _, err := ap.UnmarshalJSON(doc); err != nil {
				t.Fatalf("go-ap does not read %s: %v", doc, err)
			}
		}
		d, _ := Read(docs[0], Limits{})
		want := strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
		if utf8.ValidString(text) && (d.Str("content") != want || d.Str("name") != want) {
			t.Fatalf("%q became %q", text, d.Str("content"))
		}
	})
}

// TestEmbedded is what may stand inside an activity.
func TestEmbedded(t *testing.T) {
	for _, c := range []struct {
		object any
		want   string
	}{
		{"https://a.example/1", `"https://a.example/1"`},
		{json.RawMessage(`"https://a.example/1"`), `"https://a.example/1"`},
		{json.RawMessage(`{"id":"f","@context":"evil","x":{"@context":"evil","y":null}}`), `{"id":"f","x":{}}`},
		{json.RawMessage(`{"id":"f","a":[[[[[[[1]]]]]]],"b":{"c":{"d":{"e":{"f":{"g":{"id":"8th","h":{"id":"9th"},"i":{}}}}}}}}`), `{"a":[[[[[[]]]]]],"b":{"c":{"d":{"e":{"f":{"g":{"h":"9th","id":"8th"}}}}}},"id":"f"}`},
		{Doc{"id": "f", "@context": "evil"}, `{"id":"f"}`},
		{json.RawMessage(`{"id":"f","id":"g"}`), ``},
		{json.RawMessage(`nonsense`), ``},
		{"", ``},
		{nil, ``},
		{42, ``},
		{&Object{Type: "Note"}, `{"type":"Note"}`},
	} {
		var got struct {
			Object json.RawMessage `json:"object"`
		}
		doc := Activity{ID: "a", Type: "Accept", Object: c.object}.JSON()
		if err := json.Unmarshal(doc, &got); err != nil || string(got.Object) != c.want {
			t.Errorf("%s became %s, want %s (%v)", c.object, got.Object, c.want, err)
		}
	}
}

func TestOneElementStaysAList(t *testing.T) {
	doc := string(note().JSON())
	for _, want := range []string{`"to":["https://www.w3.org/ns/activitystreams#Public"]`, `"tag":[{`, `"attachment":[{`} {
		if !strings.Contains(doc, want) {
			t.Errorf("no %s in %s", want, doc)
		}
	}
	if strings.Contains(string(Collection{ID: "x", Total: -1}.JSON()), "totalItems") {
		t.Error("a number that nobody gave")
	}
	if !strings.Contains(string(CollectionPage{ID: "x"}.JSON()), `"orderedItems":[]`) {
		t.Error("an empty page has no orderedItems")
	}
}

// TestTypesOfTheVocabulary keeps go-ap's lists and ours in one mind.
func TestTypesOfTheVocabulary(t *testing.T) {
	for _, typ := range []string{"Person", "Service", "Group", "Organization", "Application"} {
		if !IsActor(typ) || IsActivity(typ) {
			t.Errorf("%s is an actor", typ)
		}
	}
	for _, typ := range []string{"Create", "Follow", "Undo", "Question", "Travel"} {
		if IsActor(typ) || !IsActivity(typ) {
			t.Errorf("%s is an activity", typ)
		}
	}
	if IsActor("") || IsActivity("EmojiReact") || IsActivity("Note") {
		t.Error("too many types")
	}
}

func BenchmarkWrite(b *testing.B) {
	o := article()
	for b.Loop() {
		Activity{ID: "https://ap.example.org/1", Type: "Create", Actor: o.AttributedTo, To: o.To, Object: o}.JSON()
	}
}
