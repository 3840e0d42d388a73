package bridge

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// wants sends a get to a virtual address.
func (w *world) wants(user, to, payload string) *stanza.Element {
	w.t.Helper()
	return w.xmpp.Ask(`<iq type='get' id='` + w.b.token() + `' from='` + user + `/x' to='` + to + `'>` + payload + `</iq>`)
}

// reads asks for items of a node; inner goes into <items/>, set beside it.
func (w *world) reads(user, to, node, inner, set string) (items []stanza.Item, rsm *stanza.RSM, condition string) {
	w.t.Helper()
	answer := w.wants(user, to, `<pubsub xmlns='`+stanza.NSPubSub+`'><items node='`+node+`'>`+inner+`</items>`+set+`</pubsub>`)
	if e := stanza.ParseError(answer); e != nil {
		return nil, nil, e.Type + " " + e.Condition
	}
	items, rsm = stanza.ParseItems(answer)
	return items, rsm, ""
}

// titles of the entries of items.
func titles(t *testing.T, items []stanza.Item) []string {
	t.Helper()
	var out []string
	for _, it := range items {
		e, err := stanza.ParseEntry(it.Payload)
		if err != nil {
			t.Fatalf("%v: %s", err, it.Payload.XML())
		}
		out = append(out, e.Title.Body)
	}
	return out
}

func (w *world) subscribes(user, to, node string) (state string) {
	w.t.Helper()
	answer := w.asks(user, to, `<subscribe node='`+node+`' jid='`+user+`'/>`)
	if e := stanza.ParseError(answer); e != nil {
		return e.Condition
	}
	sub, _ := stanza.ParseSubscription(answer)
	return sub.State
}

// headlines waits for an event of a node to a bare address.
func (w *world) awaitsEvent(from, to, node string) stanza.Event {
	w.t.Helper()
	var ev stanza.Event
	w.xmpp.Await("an event of "+node, func(e *stanza.Element) bool {
		got, ok := stanza.ParseEvent(e)
		if !ok || e.Get("from") != from || e.Get("to") != to || got.Node != node && got.Subscription == "" {
			return false
		}
		ev = got
		return true
	})
	return ev
}

// hears waits for something said to somebody's bare address.
func (w *world) hears(user string) string {
	w.t.Helper()
	return w.xmpp.Await("words to "+user, func(e *stanza.Element) bool {
		return e.Local == "message" && e.Get("to") == user && e.First("", "body") != nil
	}).First("", "body").Text()
}

// outbox serves a user's posts, the newest first, in pages of some.
func (p *peer) outbox(user string, perPage int, items ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	path := "/users/" + user + "/outbox"
	put := func(path string, v any) {
		text, _ := json.Marshal(v)
		p.docs[path] = string(text)
	}
	put(path, map[string]any{"id": p.http.URL + path, "type": "OrderedCollection", "totalItems": len(items), "first": p.http.URL + path + "/0"})
	for i := 0; i == 0 || i*perPage < len(items); i++ {
		page := map[string]any{"id": fmt.Sprintf("%s%s/%d", p.http.URL, path, i), "type": "OrderedCollectionPage", "orderedItems": items[i*perPage : min(len(items), (i+1)*perPage)]}
		if (i+1)*perPage < len(items) {
			page["next"] = fmt.Sprintf("%s%s/%d", p.http.URL, path, i+1)
		}
		put(fmt.Sprintf("%s/%d", path, i), page)
	}
}

// old makes a post of a user's of so many minutes ago, as an outbox has it.
func (p *peer) old(user, text string, minutes int) map[string]any {
	n := p.says(user, text, map[string]any{"published": time.Now().Add(-time.Duration(minutes) * time.Minute).UTC().Format(time.RFC3339)})
	return map[string]any{"id": n["id"].(string) + "/create", "type": "Create", "actor": p.actor(user), "object": n}
}

// accepts answers a Follow.
func (p *peer) accepts(user string, follow vocab.Doc) {
	p.w.t.Helper()
	p.sends(user, "Accept", map[string]any{"id": follow.ID(), "type": "Follow", "actor": follow.Str("actor"), "object": p.actor(user)})
}

// newReader is a world in which alice, without a blog, follows bob on a peer.
func newReader(t *testing.T, change ...func(*Config)) (*world, *peer) {
	t.Helper()
	w := newWorld(t, change...)
	p := w.peer()
	p.outbox("bob", 20)
	w.follows(p)
	return w, p
}

// follows makes alice follow bob and waits until that is accepted.
func (w *world) follows(p *peer) {
	t := w.t
	t.Helper()
	if state := w.subscribes(alice, p.jid("bob"), microblog); state != "pending" {
		t.Fatalf("subscribe is %q", state)
	}
	follow := p.await("Follow")
	if follow.Str("object") != p.actor("bob") {
		t.Fatalf("Follow %v", follow)
	}
	p.accepts("bob", follow)
	if ev := w.awaitsEvent(p.jid("bob"), alice, microblog); ev.Subscription != "subscribed" || ev.Subscriber.String() != alice {
		t.Fatalf("%+v", ev)
	}
	w.settled()
	w.forget()
}

func TestReadBlog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	p.outbox("bob", 2, p.old("bob", "third", 1), p.old("bob", "second", 2), p.old("bob", "first", 3))
	bob := p.jid("bob")
	items, rsm, failed := w.reads(alice, bob, microblog, "", "")
	if got := titles(t, items); failed != "" || rsm != nil || !slices.Equal(got, []string{"first", "second", "third"}) {
		t.Fatalf("%s %q %+v", failed, got, rsm)
	}
	for _, it := range items {
		e, _ := stanza.ParseEntry(it.Payload)
		comments, _ := e.Link("replies")
		if it.Publisher != bob || e.Authors[0].URI != "xmpp:"+bob || !mapping.ValidItemID(it.ID) || comments.Title != "comments" ||
			comments.Href != "xmpp:"+bob+"?;node="+commentsPrefix+it.ID || e.ID != "xmpp:"+bob+"?;node="+microblog+";item="+it.ID {
			t.Errorf("item %s by %s: %s", it.ID, it.Publisher, it.Payload.XML())
		}
	}
	items, _, _ = w.reads(alice, bob, microblog, "<item id='0'/><item id='"+items[1].ID+"'/><item id='nothing'/>", "")
	if len(items) != 2 || items[0].Payload.Local != "feed" || items[1].Payload.Local != "entry" {
		t.Errorf("by id %d items", len(items))
	}
	items, rsm, _ = w.reads(alice, bob, microblog, "", "<set xmlns='"+stanza.NSRSM+"'><max>2</max><before/></set>")
	if got := titles(t, items); !slices.Equal(got, []string{"second", "third"}) || rsm.Count != 3 || rsm.Index != 1 || rsm.First != items[0].ID {
		t.Errorf("last page %q %+v", got, rsm)
	}
	p.outbox("bob", 2, p.old("bob", "fourth", 0))
	if items, _, _ = w.reads(alice, bob, microblog, "", ""); len(items) != 3 {
		t.Error("asked for again at once")
	}
}

// A long outbox is read on as somebody pages back, each post once, and forwards
// again from what is here.
func TestPageThroughOutbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	const n = 130
	var posts []any
	for i := range n {
		posts = append(posts, p.old("bob", fmt.Sprint("post ", n-i), i))
	}
	p.outbox("bob", 20, posts...)
	page := func(set string) []string {
		items, rsm, failed := w.reads(alice, p.jid("bob"), microblog, "", "<set xmlns='"+stanza.NSRSM+"'><max>25</max>"+set+"</set>")
		if failed != "" || len(items) > 0 && (rsm.First != items[0].ID || rsm.Last != items[len(items)-1].ID) || rsm.Count != n {
			t.Fatalf("%s: %s %+v", set, failed, rsm)
		}
		var out []string
		for _, it := range items {
			out = append(out, it.ID)
		}
		return out
	}
	var back, forth []string
	for got := page("<before/>"); len(got) > 0; got = page("<before>" + back[0] + "</before>") {
		back = append(slices.Clone(got), back...)
	}
	for got := page(""); len(got) > 0; got = page("<after>" + forth[len(forth)-1] + "</after>") {
		forth = append(forth, got...)
	}
	if len(back) != n || !slices.Equal(back, forth) {
		t.Errorf("%d back, %d forth", len(back), len(forth))
	}
	if _, rsm, _ := w.reads(alice, p.jid("bob"), microblog, "", "<set xmlns='"+stanza.NSRSM+"'><max>0</max></set>"); rsm.Count != n || rsm.First != "" {
		t.Errorf("count only %+v", rsm)
	}
	if _, _, failed := w.reads(alice, p.jid("bob"), microblog, "", "<set xmlns='"+stanza.NSRSM+"'><after>nothing</after></set>"); failed != "cancel item-not-found" {
		t.Errorf("after what is not there: %s", failed)
	}
}

func TestLivePosts(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	bob := p.jid("bob")
	n := p.says("bob", "hello", nil)
	for range 3 {
		p.sends("bob", "Create", n)
	}
	ev := w.awaitsEvent(bob, alice, microblog)
	if got := titles(t, ev.Items); !slices.Equal(got, []string{"hello"}) || ev.Items[0].Publisher != bob {
		t.Errorf("event %+v", ev)
	}
	id := ev.Items[0].ID
	p.sends("bob", "Update", edited(n, "hello again", "2036-03-02T10:00:00Z"))
	if ev := w.awaitsEvent(bob, alice, microblog); ev.Items[0].ID != id || titles(t, ev.Items)[0] != "hello again" {
		t.Errorf("edit %+v", ev)
	}
	p.sends("bob", "Delete", n["id"])
	if ev := w.awaitsEvent(bob, alice, microblog); !slices.Equal(ev.Retracted, []string{id}) {
		t.Errorf("deletion %+v", ev)
	}
	w.settled()
	if items, _, failed := w.reads(alice, bob, microblog, "", ""); len(items) != 0 || failed != "" {
		t.Errorf("still there: %d, %s", len(items), failed)
	}
	w.xmpp.ExpectNone(`<message from='` + bob + `'/>`)
}

// A boost is a copy with the original author and a link to the original; it goes
// with its Undo. What the Announce embeds is not looked at.
func TestLiveBoost(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	q := w.peer()
	bob, carol := p.jid("bob"), q.jid("carol")
	n := q.says("carol", "worth reading", nil)
	forged := map[string]any{"id": n["id"], "type": "Note", "attributedTo": q.actor("carol"), "content": "forged", "to": []string{vocab.Public}}
	id := p.http.URL + "/boosts/1"
	p.post("bob", w.url+"/ap/inbox", map[string]any{"id": id, "type": "Announce", "object": forged, "to": []string{vocab.Public}})
	ev := w.awaitsEvent(bob, alice, microblog)
	entry, err := stanza.ParseEntry(ev.Items[0].Payload)
	via, _ := entry.Link("via")
	if err != nil || entry.Title.Body != "worth reading" || entry.Authors[0].URI != "xmpp:"+carol || ev.Items[0].Publisher != bob ||
		via.Href != "xmpp:"+carol+"?;node="+microblog+";item="+mapping.ItemID(n["id"].(string)) {
		t.Errorf("%v: %s", err, ev.Items[0].Payload.XML())
	}
	p.sends("bob", "Undo", map[string]any{"id": id, "type": "Announce", "actor": p.actor("bob"), "object": n["id"]})
	if gone := w.awaitsEvent(bob, alice, microblog); !slices.Equal(gone.Retracted, []string{ev.Items[0].ID}) {
		t.Errorf("undone %+v", gone)
	}
}

// Posts for followers alone are shown to accepted followers and to nobody else, in
// no way (row P1, P2).
func TestFollowersOnly(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	bob := p.jid("bob")
	dave := "dave@example.org"
	if state := w.subscribes(dave, bob, microblog); state != "pending" {
		t.Fatalf("dave is %s", state)
	}
	daves := p.await("Follow")
	n := p.says("bob", "among us", map[string]any{"to": []string{p.actor("bob") + "/followers"}, "cc": []string{}})
	p.sends("bob", "Create", n)
	ev := w.awaitsEvent(bob, alice, microblog)
	id := ev.Items[0].ID
	if titles(t, ev.Items)[0] != "among us" {
		t.Errorf("%+v", ev)
	}
	open := p.says("bob", "for all", nil)
	p.sends("bob", "Create", open)
	w.awaitsEvent(bob, alice, microblog)
	reader := func(who string) (all, byID, comments int) {
		a, _, _ := w.reads(who, bob, microblog, "", "")
		i, _, _ := w.reads(who, bob, microblog, "<item id='"+id+"'/>", "")
		_, _, failed := w.reads(who, bob, commentsOf(id), "", "")
		if failed == "" {
			comments = 1
		}
		return len(a), len(i), comments
	}
	if a, i, c := reader(alice); a != 2 || i != 1 || c != 1 {
		t.Errorf("alice reads %d, %d, %d", a, i, c)
	}
	// What is said at that address is public, so nothing is said below this post.
	if e := stanza.ParseError(w.publishesAt(alice, bob, n["id"].(string), "mine", comment(alice, "me too"))); e == nil || e.Condition != "forbidden" || !strings.Contains(e.Text, "followers alone") {
		t.Errorf("commenting: %+v", e)
	}
	if got := condition(w.publishesAt("erin@example.org", bob, n["id"].(string), "mine", comment("erin@example.org", "I see"))); got != "item-not-found" {
		t.Errorf("a stranger's comment: %q", got)
	}
	for _, who := range []string{dave, "erin@example.org"} {
		if a, i, c := reader(who); a != 1 || i != 0 || c != 0 {
			t.Errorf("%s reads %d, %d, %d", who, a, i, c)
		}
	}
	w.xmpp.ExpectNone(`<message type='headline' to='` + dave + `'/>`)
	p.accepts("bob", daves)
	w.awaitsEvent(bob, dave, microblog)
	w.until("dave may read", func() bool { a, i, _ := reader(dave); return a == 2 && i == 1 })
	for _, who := range []string{alice, dave} { // and not any more
		if got := condition(w.asks(who, bob, `<unsubscribe node='`+microblog+`' jid='`+who+`'/>`)); got != "" {
			t.Fatalf("unsubscribe: %s", got)
		}
		if a, i, _ := reader(who); a != 1 || i != 0 {
			t.Errorf("%s still reads %d, %d", who, a, i)
		}
	}
	w.settled()
	if note, err := w.db.NoteByObject(t.Context(), n["id"].(string)); err == nil && note.Doc != "" {
		t.Error("it is kept although nobody may read it")
	}
	// To named people alone it is no post at all.
	p.sends("bob", "Create", p.says("bob", "between us", map[string]any{"to": []string{"https://elsewhere.example/x"}, "cc": []string{}}))
	w.settled()
	if a, _, _ := reader(alice); a != 1 {
		t.Errorf("a letter stands in the blog")
	}
}

// What was read of an account does not keep its answer to a blog from being one.
func TestReadBeforeItMatters(t *testing.T) {
	t.Parallel()
	w, p, _, post := discussedPost(t)
	n := p.replies("bob", post, "well said")
	p.outbox("bob", 20, map[string]any{"id": n["id"].(string) + "/create", "type": "Create", "actor": p.actor("bob"), "object": n})
	items, _, failed := w.reads(alice, p.jid("bob"), microblog, "", "")
	if len(items) != 1 {
		t.Fatalf("%d items, %s", len(items), failed)
	}
	entry, _ := stanza.ParseEntry(items[0].Payload)
	if len(entry.InReplyTo) != 1 || entry.InReplyTo[0].Href != "xmpp:"+louise+"?;node="+microblog+";item=first-post" {
		t.Errorf("in reply to %+v", entry.InReplyTo)
	}
	p.sends("bob", "Create", n)
	w.stand("first-post", p.jid("bob")+": well said")
	// Nor an answer to one that was only read.
	q := w.peer()
	q.sends("carol", "Create", q.replies("carol", n["id"].(string), "indeed"))
	w.stand("first-post", p.jid("bob")+": well said", q.jid("carol")+": indeed")
}

// Who may not read here learns what an address is, and nothing else.
func TestForeignersDoNotRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	p.outbox("bob", 20, p.old("bob", "hello", 1))
	const eve = "eve@elsewhere.example"
	if _, _, failed := w.reads(eve, p.jid("bob"), microblog, "", ""); failed != "auth forbidden" {
		t.Errorf("items: %s", failed)
	}
	if state := w.subscribes(eve, p.jid("bob"), microblog); state != "forbidden" {
		t.Errorf("subscribe: %s", state)
	}
	if answer := w.wants(eve, p.jid("bob"), `<query xmlns='`+stanza.NSDiscoInfo+`'/>`); answer.Type() != "result" {
		t.Errorf("disco: %s", answer.XML())
	}
	if _, err := w.db.AccountByJID(t.Context(), p.jid("bob")); err == nil {
		t.Error("it made us look")
	}
	open := newWorld(t, func(c *Config) { c.ReaderOpen = true })
	q := open.peer()
	q.outbox("bob", 20, q.old("bob", "hello", 1))
	if items, _, failed := open.reads(eve, q.jid("bob"), microblog, "", ""); len(items) != 1 {
		t.Errorf("opened: %d items, %s", len(items), failed)
	}
}

// account is what is stored of a user.
func account(w *world, p *peer, user string) db.Account {
	w.t.Helper()
	acc, err := w.db.Account(w.t.Context(), p.actor(user))
	if err != nil {
		w.t.Fatal(err)
	}
	return acc
}
