package mapping

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

const pem = "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----\n"

func goldenActor(t *testing.T, name string, a vocab.Actor) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, a.JSON(), "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	path := "testdata/actor/" + name + ".json"
	if *update {
		if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s differs from its golden file; got\n%s", name, got.Bytes())
	}
}

// TestActors compares with testdata/actor and checks rows D19 and D21.
func TestActors(t *testing.T) {
	alice := ActorInput{
		Addr: here, Token: "a1", Handle: "alice", Type: "Person", JID: stanza.JID{Local: "alice", Domain: "example.org"}, Node: stanza.NSMicroblog,
		Profile: Profile{
			Name: "Alice <3", Note: "Ducks & geese.\nSee https://alice.example", Links: []string{"https://alice.example/?a&b"},
			AvatarHash: "abc", AvatarType: "image/png",
		},
		PublicKeyPEM: pem, Approves: true, Discoverable: true, Indexable: true, Published: now, Updated: now.Add(time.Hour),
	}
	actors := map[string]vocab.Actor{
		"person": Actor(alice),
		"bare":   Actor(ActorInput{Addr: here, Token: "a2", Handle: "bob", Type: "Person", JID: stanza.JID{Local: "bob", Domain: "example.org"}, PublicKeyPEM: pem}),
		"group": Actor(ActorInput{
			Addr: here, Token: "g1", Handle: "news", Type: "Group", JID: stanza.JID{Domain: "pubsub.example.org"}, Node: "news",
			Profile: Profile{Name: "News", Note: "All of it"}, PublicKeyPEM: pem, Published: now,
		}),
		"moved": Actor(ActorInput{
			Addr: here, Token: "a3", Handle: "carol", Type: "Person", PublicKeyPEM: pem,
			Profile: Profile{Links: []string{"https://carol.example/", "https://b.example/"}, Fields: []ProfileField{
				{"Pronouns", "she/her & <others>"}, {"Home", "https://carol.example/"}, {"Code", "see https://code.example"},
			}},
			AlsoKnownAs: []string{"https://old.example/users/carol"}, MovedTo: "https://new.example/users/carol",
		}),
		"instance": Instance(here, InstanceToken, "Example", "A bridge.", pem),
	}
	for name, a := range actors {
		goldenActor(t, name, a)
		d, err := vocab.Read(a.JSON(), vocab.Limits{Depth: 8})
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"id", "type", "preferredUsername", "inbox", "outbox", "followers", "following", "publicKey", "endpoints",
			"url", "name", "summary", "manuallyApprovesFollowers", "discoverable", "indexable", "webfinger"} {
			if _, ok := d[key]; !ok {
				t.Errorf("%s has no %s (row D19)", name, key)
			}
		}
		key, _ := d.One("publicKey")
		endpoints, _ := d.One("endpoints")
		for _, u := range []string{d.ID(), d.Str("inbox"), d.Str("outbox"), d.Str("followers"), d.Str("following"), d.Str("url"), key.ID(), endpoints.Str("sharedInbox")} {
			if p, err := url.Parse(u); err != nil || p.Scheme+"://"+p.Host != here.Base {
				t.Errorf("%s: %s lies elsewhere (row D21)", name, u)
			}
		}
		if key.Str("owner") != d.ID() || key.ID() != d.ID()+"#main-key" {
			t.Errorf("%s: key %v", name, key)
		}
		checkHTML(t, name, a.Summary)
	}
}

func TestMergeProfile(t *testing.T) {
	form := stanza.NewForm("result", stanza.NSPubSub+"#meta-data",
		stanza.Field{Var: "pubsub#title", Values: []string{" Berlin\n Meetup "}},
		stanza.Field{Var: "pubsub#description", Values: []string{"We meet."}})
	feed := &stanza.Feed{Title: stanza.Text{Type: "html", Body: "Alice's <b>blog</b>"}, Subtitle: stanza.Text{Type: "text", Body: "On ducks"}}
	for name, c := range map[string]struct {
		in   ProfileSources
		want Profile
	}{
		"nothing": {},
		"everything": {
			ProfileSources{
				VCard4:    &stanza.VCard{FullName: "Alice Example", Nick: "ally", Note: "New note", URLs: []string{"https://a.example", "javascript:x", "https://a.example"}},
				VCardTemp: &stanza.VCard{FullName: "Old", Note: "Old note", URLs: []string{"https://b.example", "xmpp:a@b"}}, Nick: "Alice", Feed: feed,
			},
			Profile{Name: "Alice", Note: "New note", Links: []string{"https://a.example", "https://b.example"}},
		},
		"a chosen name before that in the papers": {ProfileSources{VCard4: &stanza.VCard{FullName: "Alice Example", Nick: "ally"}}, Profile{Name: "ally"}},
		"old card":       {ProfileSources{VCard4: &stanza.VCard{}, VCardTemp: &stanza.VCard{FullName: "Old"}}, Profile{Name: "Old"}},
		"feed":           {ProfileSources{Feed: feed}, Profile{Name: "Alice's blog", Note: "On ducks"}},
		"node":           {ProfileSources{Node: &stanza.Info{Forms: []stanza.Form{*form}}}, Profile{Name: "Berlin Meetup", Note: "We meet."}},
		"node by itself": {ProfileSources{Node: &stanza.Info{Identities: []stanza.Identity{{Category: "pubsub", Type: "service", Name: "ejabberd"}, {Category: "pubsub", Type: "leaf", Name: "News"}}}}, Profile{Name: "News"}},
		"hostile": {
			ProfileSources{Nick: "a\x00b\u0007 " + strings.Repeat("x", 300), VCard4: &stanza.VCard{Note: strings.Repeat("<script>", 1000)}},
			Profile{Name: "ab " + strings.Repeat("x", 96) + "…", Note: strings.Repeat("<script>", 499) + "<script" + "…"},
		},
	} {
		got := MergeProfile(c.in)
		if got.Name != c.want.Name || got.Note != c.want.Note || strings.Join(got.Links, " ") != strings.Join(c.want.Links, " ") {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestDelete(t *testing.T) {
	a := Delete(here.Post("p1"), "Article", here.Actor("a1"), here.Activity("d1"), here.Followers("a1"), now)
	want := `{"@context":"https://www.w3.org/ns/activitystreams","id":"https://ap.example.org/ap/activity/d1","type":"Delete","published":"2026-03-01T12:00:00Z",` +
		`"actor":"https://ap.example.org/ap/actor/a1","to":["https://www.w3.org/ns/activitystreams#Public"],"cc":["https://ap.example.org/ap/actor/a1/followers"],` +
		`"object":{"deleted":"2026-03-01T12:00:00Z","formerType":"Article","id":"https://ap.example.org/ap/post/p1","type":"Tombstone"}}`
	if got := string(a.JSON()); got != want {
		t.Errorf("got %s", got)
	}
}
