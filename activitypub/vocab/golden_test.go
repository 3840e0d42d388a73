package vocab

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ap "github.com/go-ap/activitypub"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares a document with testdata/write/name.json.
func golden(t *testing.T, name string, doc []byte) {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, doc, "", "  "); err != nil {
		t.Fatalf("%s: not JSON: %v\n%s", name, err, doc)
	}
	pretty.WriteByte('\n')
	path := filepath.Join("testdata", "write", name+".json")
	if *update {
		if err := os.WriteFile(path, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(pretty.Bytes(), want) {
		t.Errorf("%s differs from its golden file; got\n%s", name, pretty.Bytes())
	}
}

const base = "https://ap.example.org"

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))

func person() Actor {
	return Actor{
		ID: base + "/ap/actor/tok1", Type: "Person", Handle: "alice", Name: "Alice", Summary: "<p>Bees &amp; trees</p>",
		URL: base + "/@alice", Inbox: base + "/ap/actor/tok1/inbox", Outbox: base + "/ap/actor/tok1/outbox",
		Followers: base + "/ap/actor/tok1/followers", Following: base + "/ap/actor/tok1/following",
		Featured: base + "/ap/actor/tok1/featured", SharedInbox: base + "/ap/inbox",
		KeyID: base + "/ap/actor/tok1#main-key", PublicKeyPEM: "-----BEGIN PUBLIC KEY-----\nMIIB+/=\n-----END PUBLIC KEY-----\n",
		WebFinger: "alice@example.org", Icon: &Image{URL: base + "/media/abc", MediaType: "image/png"},
		Discoverable: true, Published: noon, Updated: noon.Add(time.Hour),
		Attachment: []Field{{Name: "Web", Value: `<a href="https://alice.example">alice.example</a>`}},
		XMPP:       "xmpp:alice@example.org",
	}
}

func note() Object {
	return Object{
		ID: base + "/ap/post/p1", Type: "Note", AttributedTo: base + "/ap/actor/tok1",
		Content: `<p>C:\new "quoted" &lt;b&gt;</p>`, Lang: "en",
		URL: base + "/@alice/p1", XMPP: "xmpp:alice@example.org?;node=urn:xmpp:microblog:0;item=hello",
		To: []string{Public}, Cc: []string{base + "/ap/actor/tok1/followers"}, Published: noon,
		Tags:           []Tag{{Type: "Hashtag", Name: "#bees", Href: base + "/tags/bees"}},
		Attachments:    []Attachment{{Type: "Image", URL: "https://up.example.org/a.jpg", MediaType: "image/jpeg", Name: "A bee"}},
		CanQuotePublic: true,
	}
}

func article() Object {
	o := note()
	o.Type, o.Name, o.Summary, o.Updated = "Article", "On bees", "<p>In short</p>", noon.Add(time.Minute)
	o.Content, o.SourceText, o.SourceType = "<p>At length</p>", "At *length*", "text/markdown"
	o.Alternates = []string{"https://blog.example/bees"}
	o.Preview = &Object{Type: "Note", Content: "<p><strong>On bees</strong></p><p>In short</p>", Tags: o.Tags}
	o.Image = &Image{URL: "https://up.example.org/a.jpg", MediaType: "image/jpeg"}
	o.InReplyTo, o.Context, o.Conversation = "https://there.example/1", "https://there.example/c", "tag:there"
	o.Replies, o.Likes, o.Shares = o.ID+"/replies", o.ID+"/likes", o.ID+"/shares"
	return o
}

// reply answers somebody and quotes somebody else.
func reply() Object {
	o := note()
	o.InReplyTo, o.Quote, o.QuoteAuthorization = "https://there.example/1", "https://third.example/2", "https://third.example/stamps/3"
	o.Content = `<p><span class="h-card" translate="no"><a href="https://there.example/@bob" class="u-url mention">@bob@there.example</a></span> Hm.</p>` +
		`<p class="quote-inline">RE: <a href="https://third.example/@c/2">https://third.example/@c/2</a></p>`
	o.Cc = append(o.Cc, "https://there.example/bob")
	o.Tags = []Tag{
		{Type: "Mention", Name: "@bob@there.example", Href: "https://there.example/bob"},
		{Type: "Mention", Href: "https://there.example/nameless"},
		{
			Type: "Link", Name: "RE: https://third.example/@c/2", Href: o.Quote, Rel: "https://misskey-hub.net/ns#_misskey_quote",
			MediaType: `application/ld+json; profile="https://www.w3.org/ns/activitystreams"`,
		},
	}
	return o
}

// documents is one of everything we write.
func documents() map[string][]byte {
	activity := func(typ string, object any) Activity {
		return Activity{
			ID: base + "/ap/activity/a1", Type: typ, Actor: base + "/ap/actor/tok1",
			To: []string{Public}, Cc: []string{base + "/ap/actor/tok1/followers"}, Object: object, Published: noon,
		}
	}
	instance := Actor{
		ID: base + "/ap/actor/gateway", Type: "Application", Handle: "gateway", Name: "Isthmus", URL: base + "/",
		Inbox: base + "/ap/actor/gateway/inbox", Outbox: base + "/ap/actor/gateway/outbox", SharedInbox: base + "/ap/inbox",
		KeyID: base + "/ap/actor/gateway#main-key", PublicKeyPEM: person().PublicKeyPEM, Approves: true,
	}
	group := person()
	group.Type, group.AttributedTo, group.AlsoKnownAs = "Group", instance.ID, []string{"https://old.example/u/1"}
	follow := json.RawMessage(`{"@context":["https://x.example/evil"],"id":"https://there.example/f/1","type":"Follow",
		"actor":"https://there.example/bob","object":"https://ap.example.org/ap/actor/tok1","n":1e2}`)
	stored, err := Read(article().JSON(), DefaultLimits)
	if err != nil {
		panic(err)
	}
	request := Doc{
		"id": "https://there.example/q/1", "type": "QuoteRequest", "actor": "https://there.example/bob",
		"object": note().ID, "instrument": "https://there.example/1",
	}
	like := Activity{
		ID: base + "/ap/activity/l", Type: "Like", Actor: person().ID, To: []string{"https://there.example/bob"},
		Object: "https://there.example/1", Published: noon, Content: "🐝",
	}
	return map[string][]byte{
		"person":       person().JSON(),
		"instance":     instance.JSON(),
		"group":        group.JSON(),
		"note":         note().JSON(),
		"note-bare":    Object{ID: base + "/ap/post/p2", Type: "Note", AttributedTo: person().ID, Content: "<p>Hi</p>", URL: base + "/@alice/p2", To: []string{Public}, Published: noon}.JSON(),
		"article":      article().JSON(),
		"create":       activity("Create", article()).JSON(),
		"update-actor": activity("Update", person()).JSON(),
		"delete":       activity("Delete", json.RawMessage(Tombstone(note().ID, "Note", noon))).JSON(),
		"delete-actor": Activity{ID: base + "/ap/activity/a2", Type: "Delete", Actor: person().ID, To: []string{Public}, Object: person().ID}.JSON(),
		"accept":       Activity{ID: base + "/ap/activity/a3", Type: "Accept", Actor: person().ID, To: []string{"https://there.example/bob"}, Object: follow}.JSON(),
		"undo":         activity("Undo", Activity{ID: base + "/ap/activity/l", Type: "Like", Actor: person().ID, Object: "https://there.example/1"}).JSON(),
		"reply":        reply().JSON(),
		"create-reply": activity("Create", reply()).JSON(),
		"react":        like.JSON(),
		"undo-react":   Activity{ID: base + "/ap/activity/a4", Type: "Undo", Actor: person().ID, To: like.To, Object: like}.JSON(),
		"quote-request": Activity{
			ID: base + "/ap/activity/a5", Type: "QuoteRequest", Actor: person().ID, To: like.To, Object: reply().Quote, Instrument: reply().ID,
		}.JSON(),
		"accept-quote": Activity{
			ID: base + "/ap/activity/a6", Type: "Accept", Actor: person().ID, To: like.To, Object: request, Result: base + "/ap/activity/s1",
		}.JSON(),
		"stamp":       Stamp{base + "/ap/activity/s1", "QuoteAuthorization", person().ID, "https://there.example/1", note().ID}.JSON(),
		"stamp-like":  Stamp{base + "/ap/activity/s2", "LikeAuthorization", person().ID, "https://there.example/l", note().ID}.JSON(),
		"tombstone":   Tombstone(note().ID, "Article", noon),
		"collection":  Collection{ID: base + "/ap/actor/tok1/followers", Total: 0, First: base + "/ap/actor/tok1/followers?page=first"}.JSON(),
		"hidden":      Collection{ID: base + "/ap/actor/tok1/followers", Total: -1}.JSON(),
		"featured":    Collection{ID: base + "/ap/actor/tok1/featured", Total: 1, Items: []any{note()}}.JSON(),
		"outbox-page": CollectionPage{ID: base + "/o?page=first", PartOf: base + "/o", Next: base + "/o?page=5-1", Items: []any{activity("Create", stored)}}.JSON(),
		"ids-page":    CollectionPage{ID: base + "/f?page=first", PartOf: base + "/f", Items: []any{"https://there.example/bob"}}.JSON(),
		"emoji":       Object{ID: base + "/ap/post/p3", Type: "Note", Content: "<p>:bee:</p>", Tags: []Tag{{Type: "Emoji", Name: ":bee:", Href: base + "/media/bee"}, {Type: "Mention", Name: "@bob@there.example", Href: "https://there.example/bob"}}}.JSON(),
	}
}

func TestGolden(t *testing.T) {
	for name, doc := range documents() {
		golden(t, name, doc)
	}
}

// TestGoAPReads lets an implementation that we did not write parse everything.
func TestGoAPReads(t *testing.T) {
	extended := strings.NewReplacer( // it takes types of the core vocabulary only
		`"type":"QuoteRequest"`, `"type":"Offer"`, `"type":"QuoteAuthorization"`, `"type":"Object"`, `"type":"LikeAuthorization"`, `"type":"Object"`)
	for name, doc := range documents() {
		doc := []byte(extended.Replace(string(doc)))
		it, err := ap.UnmarshalJSON(doc)
		if err != nil || it == nil {
			t.Errorf("%s: go-ap reads %v, %v", name, it, err)
			continue
		}
		d, err := Read(doc, DefaultLimits)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if string(it.GetID()) != d.ID() || !d.Is(string(it.GetType())) {
			t.Errorf("%s: go-ap sees %q %q, we %q %q", name, it.GetID(), it.GetType(), d.ID(), d.Types())
		}
	}
	it, _ := ap.UnmarshalJSON(documents()["create"])
	err := ap.OnActivity(it, func(a *ap.Activity) error {
		return ap.OnObject(a.Object, func(o *ap.Object) error {
			if got := o.Content.First().Value.String(); got != article().Content {
				t.Errorf("content as go-ap reads it: %q", got)
			}
			if !o.Published.Equal(noon) || o.AttributedTo.GetLink() != ap.IRI(person().ID) || !o.To.Contains(ap.PublicNS) {
				t.Errorf("go-ap reads published %v, attributedTo %v, to %v", o.Published, o.AttributedTo, o.To)
			}
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
}

// TestShapes holds what rows O1, O13, O20 and D21 ask of every document.
func TestShapes(t *testing.T) {
	for name, doc := range documents() {
		d, err := Read(doc, Limits{Depth: maxDepth})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.HasPrefix(doc, []byte(`{"@context":`)) {
			t.Errorf("%s does not begin with its context", name)
		}
		if name != "accept" && contextInside(d) {
			t.Errorf("%s has a context inside", name)
		}
		delete(d, "@context")
		walk(map[string]any(d), func(key string, v any) {
			switch key {
			case "actor", "attributedTo", "inReplyTo", "inbox", "quote", "quoteAuthorization", "interactingObject", "interactionTarget", "instrument", "result":
				if _, ok := v.(string); !ok {
					t.Errorf("%s: %s is %T, want one string", name, key, v)
				}
			case "to", "cc", "tag", "attachment", "orderedItems":
				if list, ok := v.([]any); !ok || len(list) == 0 {
					t.Errorf("%s: %s is %v, want a filled array", name, key, v)
				}
			case "published", "updated", "deleted":
				if s, _ := v.(string); len(s) != len("2026-03-01T11:00:00Z") || s[len(s)-1] != 'Z' {
					t.Errorf("%s: %s is %v", name, key, v)
				}
			}
		})
	}
}

func contextInside(d Doc) (found bool) {
	for k, v := range d {
		if k != "@context" {
			walk(v, func(key string, _ any) { found = found || key == "@context" })
		}
	}
	return found
}

func walk(v any, f func(key string, v any)) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			f(k, x)
			walk(x, f)
		}
	case []any:
		for _, x := range v {
			walk(x, f)
		}
	}
}

// TestEveryTermIsDefined takes each member and type apart: core vocabulary,
// security, or defined in the inline map (row O1).
func TestEveryTermIsDefined(t *testing.T) {
	known := map[string]bool{}
	for _, k := range []string{
		"@context", "@id", "@type", "id", "type", "actor", "object", "to", "cc", "published", "updated", "deleted", "formerType",
		"name", "summary", "content", "contentMap", "source", "mediaType", "url", "href", "rel", "tag", "attachment", "attributedTo",
		"inReplyTo", "context", "replies", "likes", "shares", "preview", "image", "icon", "width", "height", "inbox", "outbox",
		"followers", "following", "endpoints", "sharedInbox", "preferredUsername", "totalItems", "first", "last", "next", "prev",
		"partOf", "orderedItems", "publicKey", "owner", "publicKeyPem", "instrument", "result",
	} {
		known[k] = true
	}
	for name, doc := range documents() {
		d, _ := Read(doc, DefaultLimits)
		defined := map[string]bool{}
		for _, m := range d.Docs("@context") {
			for k := range m {
				defined[k] = true
			}
		}
		used := map[string]bool{}
		delete(d, "@context")
		walk(map[string]any(d), func(key string, v any) {
			if key == "en" || key == "n" { // a language; a stranger's member
				return
			}
			used[key] = true
			if !known[key] && !defined[key] {
				t.Errorf("%s: member %q is not defined", name, key)
			}
			if s, ok := v.(string); ok && key == "type" {
				used[s] = true
				if !ap.Types.Contains(ap.ActivityVocabularyType(s)) && !defined[s] {
					t.Errorf("%s: type %q is not defined", name, s)
				}
			}
		})
		for k := range defined {
			if !used[k] && !prefixes[k] {
				t.Errorf("%s: %q is defined but not used", name, k)
			}
		}
	}
}
