package bridge

import (
	"strings"
	"testing"

	"isthmus/component/stanza"
)

// A subscription ends with Undo of the very Follow, and notifications at once.
func TestUnfollow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	p.outbox("bob", 20)
	w.subscribes(alice, p.jid("bob"), microblog)
	follow := p.await("Follow")
	if again := w.subscribes(alice, p.jid("bob"), microblog); again != "pending" {
		t.Errorf("again it is %s", again)
	}
	p.accepts("bob", follow)
	w.awaitsEvent(p.jid("bob"), alice, microblog)
	if again := w.subscribes(alice, p.jid("bob"), microblog); again != "subscribed" {
		t.Errorf("then it is %s", again)
	}
	list := w.wants(alice, p.jid("bob"), `<pubsub xmlns='`+stanza.NSPubSub+`'><subscriptions/></pubsub>`)
	if subs := stanza.ParseSubscriptions(list); len(subs) != 1 || subs[0].State != "subscribed" || subs[0].Node != microblog {
		t.Errorf("subscriptions %s", list.XML())
	}
	w.settled()
	w.forget()
	if got := condition(w.asks(alice, p.jid("bob"), `<unsubscribe node='`+microblog+`' jid='`+alice+`'/>`)); got != "" {
		t.Errorf("unsubscribe: %s", got)
	}
	undo := p.await("Undo")
	if inner := object(undo); inner.ID() != follow.ID() || inner.Str("object") != p.actor("bob") || inner.Str("actor") != follow.Str("actor") {
		t.Errorf("undone %v", inner)
	}
	p.sends("bob", "Create", p.says("bob", "too late", nil))
	p.accepts("bob", follow) // late, too
	w.settled()
	w.xmpp.ExpectNone(`<message to='` + alice + `'/>`)
	if got := condition(w.asks(alice, p.jid("bob"), `<unsubscribe node='`+microblog+`' jid='`+alice+`'/>`)); got != "unexpected-request" {
		t.Errorf("again: %s", got)
	}
	if n := p.count("Follow"); n != 0 {
		t.Errorf("%d Follows too many", n)
	}
}

// Who is refused, or turned out later, is told in words; others cannot answer.
func TestFollowRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	p.outbox("bob", 20)
	w.subscribes(alice, p.jid("bob"), microblog)
	follow := p.await("Follow")
	body := map[string]any{"id": follow.ID(), "type": "Follow", "actor": follow.Str("actor"), "object": p.actor("bob")}
	w.settled()
	w.forget()
	p.sends("mallory", "Accept", body)
	p.sends("mallory", "Reject", body)
	w.settled()
	w.xmpp.ExpectNone(`<message to='` + alice + `'/>`)
	p.sends("bob", "Reject", follow.ID())
	if ev := w.awaitsEvent(p.jid("bob"), alice, microblog); ev.Subscription != "none" {
		t.Errorf("%+v", ev)
	}
	if told := w.hears(alice); !strings.Contains(told, "@bob@h1.example did not accept") {
		t.Errorf("alice is told %q", told)
	}
	if ok, err := w.db.AskedHere(t.Context(), p.actor("bob")); err != nil || ok {
		t.Error("it is kept")
	}
}

// By presence: for clients without feeds. The contact is there once the account
// accepted, and posts go to the resources that want them.
func TestFollowByPresence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	p.outbox("bob", 20, p.old("bob", "before", 5))
	bob := p.jid("bob")
	w.xmpp.Answer(alice+"/phone", stanza.NSDiscoInfo, func(iq *stanza.Element) *stanza.Element {
		return stanza.Reply(iq, stanza.Info{Features: []string{microblog + "+notify"}}.Element(""))
	})
	w.xmpp.Send(`<presence type='subscribe' from='` + alice + `' to='` + bob + `'/>`)
	p.accepts("bob", p.await("Follow"))
	w.xmpp.Expect(`<presence type='subscribed' from='` + bob + `' to='` + alice + `'/>`)
	w.settled()
	w.xmpp.Send(`<presence type='probe' from='` + alice + `/phone' to='` + bob + `'/>`)
	w.xmpp.Expect(`<presence from='` + bob + `' to='` + alice + `/phone'/>`)
	if ev := w.awaitsEvent(bob, alice+"/phone", microblog); titles(t, ev.Items)[0] != "before" {
		t.Errorf("last item %+v", ev)
	}
	p.sends("bob", "Create", p.says("bob", "now", nil))
	if ev := w.awaitsEvent(bob, alice+"/phone", microblog); titles(t, ev.Items)[0] != "now" {
		t.Errorf("%+v", ev)
	}
	w.xmpp.ExpectNone(`<message to='` + alice + `' type='headline'/>`)
	w.xmpp.Send(`<presence type='unsubscribe' from='` + alice + `' to='` + bob + `'/>`)
	w.xmpp.Expect(`<presence type='unsubscribed' from='` + bob + `' to='` + alice + `'/>`)
	p.await("Undo")
}

// Whom a blogger follows is a collection of theirs; whom a mere reader follows is
// nobody's business but theirs whom they follow.
func TestFollowingCollection(t *testing.T) {
	t.Parallel()
	w, p := newReader(t)
	blog, err := w.db.BlogByNode(t.Context(), alice, microblog)
	if err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(w.b.addr.Following(blog.Token), w.url)
	if code, _, body := w.get(path, "application/activity+json"); code != 200 || !strings.Contains(body, `"totalItems":1`) || strings.Contains(body, "first") {
		t.Errorf("of a reader: %d %s", code, body)
	}
	if code, _, _ := w.get(path+"?page=first", "application/activity+json"); code != 403 {
		t.Errorf("its page: %d", code)
	}
	w.says(alice, "start")
	w.says(alice, "hide off")
	if code, _, body := w.get(path+"?page=first", "application/activity+json"); code != 200 || !strings.Contains(body, p.actor("bob")) {
		t.Errorf("of a blogger: %d %s", code, body)
	}
}
