package vocab

import (
	"reflect"
	"testing"
)

// As Mastodon and GoToSocial write it.
const profileDoc = `{"id":"https://a.example/users/bob","type":"Person","preferredUsername":"bob","name":"Bob","summary":"<p>Bees.</p>",
	"url":"https://a.example/@bob","inbox":"https://a.example/users/bob/inbox","outbox":"https://a.example/users/bob/outbox",
	"followers":"https://a.example/users/bob/followers","following":{"id":"https://a.example/users/bob/following","type":"OrderedCollection"},
	"endpoints":{"sharedInbox":"https://a.example/inbox"},"manuallyApprovesFollowers":true,"published":"2020-01-02T00:00:00Z",
	"alsoKnownAs":["https://b.example/bob"],"movedTo":"https://c.example/bob",
	"icon":[{"type":"Image","mediaType":"image/png","url":"https://a.example/i.png"}],"image":"https://a.example/h.png",
	"attachment":[{"type":"PropertyValue","name":"Web","value":"<a href=\"https://bob.example\">bob</a>"},{"type":"Link","href":"x"}]}`

func TestReadProfile(t *testing.T) {
	d, err := Read([]byte(profileDoc), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	p := ReadProfile(d)
	for what, pair := range map[string][2]string{
		"user": {p.User, "bob"}, "page": {p.URL, "https://a.example/@bob"}, "icon": {p.Icon.URL, "https://a.example/i.png"}, "header": {p.Image.URL, "https://a.example/h.png"},
		"shared inbox": {p.SharedInbox, "https://a.example/inbox"}, "following": {p.Following, "https://a.example/users/bob/following"},
		"moved": {p.MovedTo, "https://c.example/bob"}, "alias": {first(p.AlsoKnownAs), "https://b.example/bob"}, "summary": {p.Summary, "<p>Bees.</p>"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", what, pair[0], pair[1])
		}
	}
	if !p.Approves || p.Published.Year() != 2020 || len(p.Fields) != 1 || p.Fields[0].Name != "Web" {
		t.Errorf("%+v", p)
	}
	if p := ReadProfile(Doc{"id": "https://a.example/x"}); p.URL != "https://a.example/x" || p.Icon.URL != "" {
		t.Errorf("with nothing but an id %+v", p)
	}
}

func TestReadPage(t *testing.T) {
	for doc, want := range map[string]Page{
		`{"id":"c","totalItems":3,"first":"p1"}`:                                          {ID: "c", Total: 3, First: "p1"},
		`{"id":"c","totalItems":"7","first":{"id":"p1","orderedItems":["a"]}}`:            {ID: "c", Total: 7, First: "p1", Inline: Doc{"id": "p1", "orderedItems": []any{"a"}}},
		`{"id":"c","totalItems":-1,"items":{"id":"one"},"next":"p2","prev":{"id":"p0"}}`:  {ID: "c", Total: -1, Items: []Doc{{"id": "one"}}, Next: "p2", Prev: "p0"},
		`{"orderedItems":["a",{"type":"Note","id":"b"},7,null,{}],"totalItems":1e300}`:    {Total: -1, Items: []Doc{{"id": "a"}, {"type": "Note", "id": "b"}, {}}},
		`{"totalItems":[null,2],"orderedItems":[],"items":["a"],"first":{"type":"Link"}}`: {Total: 2, Items: []Doc{{"id": "a"}}},
	} {
		d, err := Read([]byte(doc), DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		if got := ReadPage(d); !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v\nwant %+v", doc, got, want)
		}
	}
	if got := ReadPage(nil); got.Total != -1 || got.Items != nil {
		t.Errorf("nothing is %+v", got)
	}
}

// FuzzActor: whatever an actor or a collection holds, it is read the same twice,
// and no list is without end.
func FuzzActor(f *testing.F) {
	f.Add([]byte(profileDoc))
	f.Add([]byte(`{"id":"c","totalItems":3,"first":{"items":["a"],"next":"n"},"orderedItems":[{"type":"Create","object":"x"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Read(b, DefaultLimits)
		if err != nil {
			return
		}
		p, c := ReadProfile(d), ReadPage(d)
		if !reflect.DeepEqual(p, ReadProfile(d)) || !reflect.DeepEqual(c, ReadPage(d)) {
			t.Fatal("not the same twice")
		}
		if len(p.Fields) > maxFields || len(p.AlsoKnownAs) > maxListed || len(c.Items) > maxListed || c.Total < -1 || p.URL == "" && p.ID != "" {
			t.Fatalf("%+v %+v", p, c)
		}
	})
}
