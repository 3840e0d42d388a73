package bridge

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/mapping"
)

// An account has a picture, cards, a nickname and a header, in all the places where
// clients look, and who follows it hears when they change.
func TestAccountProfile(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	bob := p.jid("bob")
	p.docs["/bob.png"], p.docs["/new.png"] = testPNG(3), testPNG(4)
	change := func(name, picture string) {
		p.mu.Lock()
		p.extra["bob"] = `,"name":"` + name + `","summary":"<p>Bees</p>","icon":{"type":"Image","url":"` + p.http.URL + picture + `"},"image":"https://h1.example/header.jpg","discoverable":true`
		p.mu.Unlock()
		p.sends("bob", "Update", map[string]any{"id": p.actor("bob"), "type": "Person"})
	}
	change("Bob", "/bob.png")
	meta := w.awaitsEvent(bob, alice, stanza.NSAvatarMeta)
	if infos := stanza.ParseAvatarMetadata(meta.Items[0].Payload); len(infos) != 1 || infos[0].ID != meta.Items[0].ID || infos[0].Type != "image/png" || infos[0].Width != 3 {
		t.Errorf("metadata %+v", infos)
	}
	if ev := w.awaitsEvent(bob, alice, stanza.NSNick); ev.Items[0].Payload.Text() != "Bob" {
		t.Errorf("nickname %+v", ev)
	}
	w.settled()
	for _, inner := range []string{"", "<item id='" + meta.Items[0].ID + "'/>"} { // Movim asks without an id
		items, _, failed := w.reads(alice, bob, stanza.NSAvatarData, inner, "")
		if len(items) != 1 || items[0].ID != meta.Items[0].ID {
			t.Fatalf("data %q: %d, %s", inner, len(items), failed)
		}
		if data, err := stanza.ParseAvatarData(items[0].Payload); err != nil || string(data) != testPNG(3) {
			t.Errorf("data %v", err)
		}
	}
	items, _, _ := w.reads(alice, bob, stanza.NodeVCard4, "", "")
	if v := stanza.ParseVCard4(items[0].Payload); v.FullName != "Bob" || v.Nick != "@bob@h1.example" || v.Note != "Bees" {
		t.Errorf("vCard4 %+v", v)
	}
	items, _, _ = w.reads(alice, bob, stanza.NSBanner, "", "")
	if infos := stanza.ParseAvatarMetadata(items[0].Payload); infos[0].URL != "https://h1.example/header.jpg" {
		t.Errorf("header %+v", infos)
	}
	old := w.wants(alice, bob, "<vCard xmlns='vcard-temp'/>").First("vcard-temp", "vCard")
	if v := stanza.ParseVCardTemp(old); v.FullName != "Bob" || string(v.Photo) != testPNG(3) {
		t.Errorf("vcard-temp %s", old.XML())
	}
	if v := stanza.ParseVCard4(w.wants(alice, bob, "<vcard xmlns='"+stanza.NSVCard4+"'/>")); v == nil || v.FullName != "Bob" {
		t.Errorf("vCard4 by IQ %+v", v)
	}
	w.settled()
	w.forget()
	change("Bob the second", "/new.png")
	if ev := w.awaitsEvent(bob, alice, stanza.NSAvatarMeta); ev.Items[0].ID == meta.Items[0].ID {
		t.Error("the picture is the old one")
	}
	if ev := w.awaitsEvent(bob, alice, stanza.NodeVCard4); stanza.ParseVCard4(ev.Items[0].Payload).FullName != "Bob the second" {
		t.Errorf("%+v", ev)
	}
	w.settled()
	if _, _, err := w.db.Media(t.Context(), avatarPrefix+meta.Items[0].ID); err == nil {
		t.Error("the old picture is kept")
	}
	if code, _, _ := w.get("/media/"+avatarPrefix+meta.Items[0].ID, "*/*"); code != 404 {
		t.Errorf("it is on the web: %d", code)
	}
	if _, _, failed := w.reads(alice, bob, "urn:other", "", ""); failed != "cancel item-not-found" {
		t.Errorf("another node: %s", failed)
	}
	info := stanza.ParseInfo(w.wants(alice, bob, `<query xmlns='`+stanza.NSDiscoInfo+`' node='`+microblog+`'/>`))
	form := info.Form(stanza.NSPubSubMeta)
	if form.Value("pubsub#title") != "Bob the second (@bob@h1.example)" || form.Value("pubsub#access_model") != "open" || form.Value("pubsub#num_subscribers") != "1" || form.Value("pubsub#description") != "Bees" {
		t.Errorf("node %+v", info)
	}
	nodes := stanza.ParseDiscoItems(w.wants(alice, bob, `<query xmlns='`+stanza.NSDiscoItems+`'/>`))
	if len(nodes) != 6 || nodes[0].Node != microblog {
		t.Errorf("nodes %+v", nodes)
	}
}

func TestAccountWithoutPicture(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	p.extra["eve"] = `,"icon":{"type":"Image","url":"` + p.http.URL + `/missing.png"}`
	for _, user := range []string{"bob", "eve"} {
		items, _, failed := w.reads(alice, p.jid(user), stanza.NSAvatarMeta, "", "")
		if failed != "" || len(items) != 1 || len(stanza.ParseAvatarMetadata(items[0].Payload)) != 0 {
			t.Errorf("%s: %d, %s", user, len(items), failed)
		}
		if _, _, failed := w.reads(alice, p.jid(user), stanza.NSAvatarData, "", ""); failed != "cancel item-not-found" {
			t.Errorf("%s: %s", user, failed)
		}
	}
}

// An account that moved takes its followers along, if the new one says so too, and
// not again within a week (row I29).
func TestX20_Move(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	q := w.peer()
	q.outbox("bob", 20)
	p.sends("mallory", "Move", p.actor("bob"))
	move := map[string]any{"type": "Move", "object": p.actor("bob"), "target": q.actor("bob"), "to": []string{vocab.Public}}
	p.post("bob", w.url+"/ap/inbox", move)
	w.settled()
	if q.count("Follow") != 0 || p.count("Undo") != 0 {
		t.Fatal("moved although the new account does not say so")
	}
	q.extra["bob"] = `,"alsoKnownAs":["` + p.actor("bob") + `"]`
	delete(move, "id")
	p.post("bob", w.url+"/ap/inbox", move)
	follow := q.await("Follow")
	p.await("Undo")
	if ev := w.awaitsEvent(p.jid("bob"), alice, microblog); ev.Subscription != "none" {
		t.Errorf("%+v", ev)
	}
	if told := w.hears(alice); !strings.Contains(told, "@bob@h1.example moved to @bob@h2.example") {
		t.Errorf("told %q", told)
	}
	q.accepts("bob", follow)
	if ev := w.awaitsEvent(q.jid("bob"), alice, microblog); ev.Subscription != "subscribed" {
		t.Errorf("%+v", ev)
	}
}

// When an account deletes itself its posts go, its followers are told, and its
// address is nobody's.
func TestAccountDeleted(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	n := p.says("bob", "hello", nil)
	p.sends("bob", "Create", n)
	id := w.awaitsEvent(p.jid("bob"), alice, microblog).Items[0].ID
	p.sends("bob", "Delete", p.actor("bob"))
	w.until("the post is retracted and the subscription ended", func() bool {
		var retracted, ended bool
		for _, e := range w.xmpp.Unread() {
			if ev, ok := stanza.ParseEvent(e); ok {
				retracted = retracted || slices.Contains(ev.Retracted, id)
				ended = ended || ev.Subscription == "none"
			}
		}
		return retracted || ended
	})
	if told := w.hears(alice); !strings.Contains(told, "deleted") {
		t.Errorf("told %q", told)
	}
}

// Below a post at its author's address stands the whole conversation, as far as it
// is public, from their server and from others, and what people here said.
func TestConversationAtVirtualAddress(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	q := w.peer()
	bob := p.jid("bob")
	replies := p.http.URL + "/notes/thread/replies"
	n := p.says("bob", "what do you think?", map[string]any{"replies": replies})
	id := n["id"].(string)
	first := q.replies("carol", id, "I think so")
	second := p.replies("bob", first["id"].(string), "do you?")
	private := p.says("dan", "psst", map[string]any{"inReplyTo": id, "to": []string{p.actor("dan") + "/followers"}, "cc": []string{}})
	docs := func(path string, v any) {
		text, _ := json.Marshal(v)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.docs[path] = string(text)
	}
	docs("/notes/thread/replies", map[string]any{"id": replies, "type": "Collection", "first": map[string]any{"type": "CollectionPage", "items": []any{first["id"], private}, "next": replies + "/2"}})
	docs("/notes/thread/replies/2", map[string]any{"id": replies + "/2", "type": "CollectionPage", "items": []any{p.replies("eve", id, "embedded and true"), map[string]any{"id": q.http.URL + "/notes/forged", "type": "Note", "attributedTo": q.actor("carol"), "content": "forged", "inReplyTo": id, "to": []string{vocab.Public}}}})
	p.sends("bob", "Create", n)
	ev := w.awaitsEvent(bob, alice, microblog)
	node := commentsOf(ev.Items[0].ID)
	items, _, failed := w.reads(alice, bob, node, "", "")
	got := titles(t, items)
	slices.Sort(got)
	if failed != "" || !slices.Equal(got, []string{"I think so", "embedded and true"}) {
		t.Fatalf("%s %q", failed, got)
	}
	for _, it := range items {
		e, _ := stanza.ParseEntry(it.Payload)
		if "xmpp:"+it.Publisher != e.Authors[0].URI || !strings.HasPrefix(e.ID, "xmpp:"+bob+"?;node="+node+";item=") {
			t.Errorf("comment by %s: %s", it.Publisher, it.Payload.XML())
		}
	}
	if state := w.subscribes(alice, bob, node); state != "subscribed" {
		t.Fatalf("to comments: %s", state)
	}
	// Live: a followed author answers below, and alice too, who has no blog.
	p.sends("bob", "Create", second)
	if ev := w.awaitsEvent(bob, alice, node); titles(t, ev.Items)[0] != "do you?" {
		t.Errorf("%+v", ev)
	} else if e, _ := stanza.ParseEntry(ev.Items[0].Payload); len(e.InReplyTo) != 1 || e.InReplyTo[0].Href != "xmpp:"+bob+"?;node="+node+";item="+mapping.ItemID(first["id"].(string)) {
		t.Errorf("in reply to %+v", e.InReplyTo)
	}
	if got := condition(w.publishesAt(alice, bob, id, "mine", comment(alice, "me too"))); got != "" {
		t.Fatalf("comment: %s", got)
	}
	create := p.await("Create")
	if object(create).Str("inReplyTo") != id || !strings.Contains(object(create).Str("content"), "me too") {
		t.Errorf("%v", create)
	}
	if ev := w.awaitsEvent(bob, alice, node); ev.Items[0].ID != "mine" || ev.Items[0].Publisher != alice {
		t.Errorf("%+v", ev)
	}
	if got := condition(w.publishesAt(alice, bob, id, "heart", comment(alice, "♥"))); got != "" {
		t.Fatalf("like: %s", got)
	}
	p.await("Like")
	items, _, _ = w.reads(alice, bob, node, "", "")
	if got := titles(t, items); len(got) != 5 || !slices.Contains(got, "me too") || !slices.Contains(got, "♥") || !slices.Contains(got, "do you?") {
		t.Errorf("at the end %q", got)
	}
	w.retractsAt(alice, bob, id, "mine")
	p.await("Delete")
	if ev := w.awaitsEvent(bob, alice, node); !slices.Equal(ev.Retracted, []string{"mine"}) {
		t.Errorf("%+v", ev)
	}
	// Attachments: one's own, under one's own address, and how many there are.
	uri := stanza.ItemURI(mustJID(bob), microblog, ev.Items[0].ID)
	attached := stanza.AttachmentsNode(uri)
	noticed := stanza.Attachments{Reactions: []string{"🐝"}}.Element().XML()
	if got := condition(w.asks(alice, bob, `<publish node='`+attached+`'><item id='`+alice+`'>`+noticed+`</item></publish>`)); got != "" {
		t.Fatalf("reaction: %s", got)
	}
	p.await("Like")
	items, _, failed = w.reads(alice, bob, attached, "", "")
	if len(items) != 1 || items[0].ID != alice {
		t.Fatalf("attachments: %d, %s", len(items), failed)
	}
	if a, _ := stanza.ParseAttachments(items[0].Payload); !slices.Equal(a.Reactions, []string{"🐝"}) {
		t.Errorf("%+v", a)
	}
	items, _, failed = w.reads(alice, bob, stanza.NodeAttachmentsSummary+microblog, "<item id='"+ev.Items[0].ID+"'/>", "")
	if len(items) != 1 || items[0].ID != ev.Items[0].ID || items[0].Payload.Local != "summary" {
		t.Errorf("summary: %d, %s", len(items), failed)
	}
}

// Everything somebody follows is in one feed that is theirs alone.
func TestHomeFeed(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	p.outbox("carol", 20, p.old("carol", "carol, an hour ago", 60))
	w.subscribes(alice, p.jid("carol"), microblog)
	p.accepts("carol", p.await("Follow"))
	w.awaitsEvent(p.jid("carol"), alice, microblog)
	home := w.b.homeJID().String()
	p.sends("bob", "Create", p.says("bob", "bob, now", map[string]any{"published": time.Now().UTC().Format(time.RFC3339), "to": []string{p.actor("bob") + "/followers"}, "cc": []string{}}))
	w.awaitsEvent(p.jid("bob"), alice, microblog)
	w.settled()
	items, rsm, failed := w.reads(alice, home, microblog, "", "<set xmlns='"+stanza.NSRSM+"'><max>10</max><before/></set>")
	if got := titles(t, items); failed != "" || !slices.Equal(got, []string{"carol, an hour ago", "bob, now"}) || rsm.Count != 2 {
		t.Fatalf("%s %q %+v", failed, got, rsm)
	}
	if items[0].Publisher != p.jid("carol") {
		t.Errorf("published by %s", items[0].Publisher)
	}
	if items, _, _ := w.reads(louise, home, microblog, "", ""); len(items) != 0 {
		t.Errorf("louise reads %d of alice's", len(items))
	}
	if items, _, _ := w.reads(louise, home, microblog, "<item id='"+items[1].ID+"'/>", ""); len(items) != 0 {
		t.Error("louise reads one by its id")
	}
	if state := w.subscribes(alice, home, microblog); state != "subscribed" {
		t.Fatalf("subscribe: %s", state)
	}
	w.forget()
	p.sends("carol", "Create", p.says("carol", "carol, now", nil))
	if ev := w.awaitsEvent(home, alice, microblog); titles(t, ev.Items)[0] != "carol, now" {
		t.Errorf("%+v", ev)
	}
	if got := condition(w.asks(alice, home, `<publish node='`+microblog+`'><item id='x'>`+note("x")+`</item></publish>`)); got != "forbidden" {
		t.Errorf("publishing there: %q", got)
	}
	if got := condition(w.asks(alice, home, `<unsubscribe node='`+microblog+`' jid='`+alice+`'/>`)); got != "" {
		t.Errorf("unsubscribe: %q", got)
	}
}

// Whom an account follows, as far as it shows that (XEP-0465).
func TestPublicSubscriptions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	p.extra["bob"] = `,"following":"` + p.actor("bob") + `/following"`
	p.docs["/users/bob/following"] = `{"id":"` + p.actor("bob") + `/following","type":"OrderedCollection","totalItems":2,"first":{"type":"OrderedCollectionPage","orderedItems":["` + p.actor("carol") + `","` + p.actor("dan") + `"]}}`
	p.docs["/users/bob/followers"] = `{"id":"` + p.actor("bob") + `/followers","type":"OrderedCollection","totalItems":7}`
	items, _, failed := w.reads(alice, p.jid("bob"), stanza.NodePPSSubscriptions, "", "")
	if failed != "" || len(items) != 2 || items[0].Payload.Get("jid") != p.jid("carol") || items[0].Payload.Get("node") != microblog {
		t.Errorf("%d, %s", len(items), failed)
	}
	if items, _, failed := w.reads(alice, p.jid("bob"), stanza.NodePPSSubscribers+microblog, "", ""); failed != "" || len(items) != 0 {
		t.Errorf("hidden followers: %d, %s", len(items), failed)
	}
}

// Files come from us when the admin wants it so, whoever looks.
func TestMediaThroughUs(t *testing.T) {
	t.Parallel()
	w, p := newReader(t, func(c *Config) { c.Media = MediaProxy })
	n := p.says("bob", "look", map[string]any{"attachment": []any{map[string]any{"type": "Document", "mediaType": "image/png", "url": "https://h1.example/a.png", "name": "a bee"}}})
	p.sends("bob", "Create", n)
	it := w.awaitsEvent(p.jid("bob"), alice, microblog).Items[0]
	e, _ := stanza.ParseEntry(it.Payload)
	file, _ := e.Link("enclosure")
	if !strings.HasPrefix(file.Href, w.url+"/media/proxy/") || file.Title != "a bee" || strings.Contains(it.Payload.XML(), "https://h1.example/a.png") {
		t.Errorf("%s", it.Payload.XML())
	}
	if code, _, _ := w.get(strings.TrimPrefix(file.Href, w.url), "*/*"); code != 502 { // there is no such host
		t.Errorf("it answers %d", code)
	}
	if code, _, _ := w.get("/media/proxy/0/0", "*/*"); code != 404 {
		t.Errorf("forged: %d", code)
	}
}
