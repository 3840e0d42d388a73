package bridge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"isthmus/activitypub"
	"isthmus/component/stanza"
)

// Everybody is found in every way, at the same address.
func TestFind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	p.extra["bob"] = `,"name":"Bob B.","summary":"<p>Bees &amp; trees</p>","manuallyApprovesFollowers":true,"icon":{"type":"Image","url":"` + p.http.URL + `/bob.png"}`
	p.outbox("bob", 20)
	p.docs["/users/bob/followers"] = `{"id":"` + p.actor("bob") + `/followers","type":"OrderedCollection","totalItems":42}`
	post := p.says("bob", "look here", nil)
	bob := p.jid("bob")
	for _, what := range []string{"@bob@h1.example", "bob@h1.example", bob, "xmpp:" + bob, "bob%h1.example@ap.example.org"} {
		if card := w.says(alice, "find "+what); !strings.Contains(card, "Bob B. (@bob@h1.example)") || !strings.Contains(card, bob) || !strings.Contains(card, "Followers: 42") ||
			!strings.Contains(card, "Bees & trees") || !strings.Contains(card, "xmpp:"+bob) || !strings.Contains(card, "decides about each follower") {
			t.Errorf("%s: %s", what, card)
		}
		if e := w.xmpp.Await("the picture", func(e *stanza.Element) bool { return e.First(stanza.NSOOB, "x") != nil }); e.First("", "body").Text() != p.http.URL+"/bob.png" {
			t.Errorf("picture %s", e.XML())
		}
	}
	// In this world addresses of the web are http: a link is looked up without the check of what was typed.
	f, err := w.b.findLink(t.Context(), mustJID(alice), p.actor("bob"))
	if err != nil || f.acc.JID != bob || f.note.ID != 0 {
		t.Errorf("profile: %+v, %v", f, err)
	}
	f, err = w.b.findLink(t.Context(), mustJID(alice), post["id"].(string))
	if err != nil || f.acc.JID != bob || !strings.HasPrefix(f.postURI(), "xmpp:"+bob+"?;node="+microblog) {
		t.Errorf("post: %+v, %v", f, err)
	}
	ans, err := w.b.card(t.Context(), f)
	if err != nil || !strings.Contains(ans.Text, "look here") || !strings.Contains(ans.Text, f.postURI()) {
		t.Errorf("card of a post: %s, %v", ans.Text, err)
	}
	search := w.xmpp.Ask(`<iq type='set' id='s' from='` + alice + `/x' to='ap.example.org'><query xmlns='jabber:iq:search'><nick>bob@h1.example</nick></query></iq>`)
	if it := search.First(stanza.NSSearch, "query").First("", "item"); it.Get("jid") != bob {
		t.Errorf("search: %s", search.XML())
	}
	prompt := w.xmpp.Ask(`<iq type='set' id='g' from='` + alice + `/x' to='ap.example.org'><query xmlns='jabber:iq:gateway'><prompt>@bob@h1.example</prompt></query></iq>`)
	if got := prompt.First(stanza.NSGateway, "query").First("", "jid").Text(); got != bob {
		t.Errorf("prompt: %s", prompt.XML())
	}
	info := stanza.ParseInfo(w.wants(alice, p.jid("dora"), `<query xmlns='`+stanza.NSDiscoInfo+`'/>`))
	if len(info.Identities) != 2 || info.Identities[1].Type != "pep" || !info.Has(stanza.NSPubSub+"#subscribe") {
		t.Errorf("typed for the first time: %+v", info)
	}
	if _, err := w.db.AccountByJID(t.Context(), p.jid("dora")); err != nil {
		t.Error("typing the address does not look it up")
	}
	louises := w.enrolled(louise)
	f, err = w.b.findLink(t.Context(), mustJID(alice), w.b.addr.Page(louises.Handle))
	if ans, cerr := w.b.card(t.Context(), f); err != nil || cerr != nil || !strings.Contains(ans.Text, "xmpp:"+louise) {
		t.Errorf("a blog from here: %s, %v, %v", ans.Text, err, cerr)
	}
}

// Errors name the cause, and what may work later is told as such.
func TestFindSaysWhyNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	p.extra["hermit"] = `,"summary":"<p>#nobridge please</p>"`
	w.b.finger = func(ctx context.Context, handle string) (string, string, error) {
		switch _, host, _ := strings.Cut(handle, "@"); host {
		case "none.example":
			return "", "", &net.DNSError{IsNotFound: true}
		case "down.example":
			return "", "", errors.New("connection refused")
		case "slow.example":
			return "", "", context.DeadlineExceeded
		case "shy.example":
			return "", "", &activitypub.StatusError{Code: 403}
		case "old.example":
			return "", "", &activitypub.StatusError{Code: 404}
		case "web.example":
			return "", "", fmt.Errorf("%w: no", activitypub.ErrFinger)
		case "private.example":
			return "", "", fmt.Errorf("%w: no", activitypub.ErrAddress)
		}
		return w.fingered(ctx, handle)
	}
	for handle, want := range map[string]string{
		"x@none.example":    "cancel remote-server-not-found no server called none.example",
		"x@down.example":    "wait remote-server-timeout cannot be reached",
		"x@slow.example":    "wait remote-server-timeout takes too long",
		"x@shy.example":     "auth forbidden refuses",
		"x@old.example":     "cancel item-not-found There is no account @x@old.example",
		"x@web.example":     "cancel item-not-found knows no Fediverse account",
		"x@private.example": "cancel remote-server-not-found is not a public server",
		"hermit@h1.example": "cancel not-allowed asks not to be shown",
	} {
		typ, rest, _ := strings.Cut(want, " ")
		condition, words, _ := strings.Cut(rest, " ")
		user, host, _ := strings.Cut(handle, "@")
		e := stanza.ParseError(w.wants(alice, user+`\40`+host+"@ap.example.org", `<query xmlns='`+stanza.NSDiscoInfo+`'/>`))
		if e == nil || e.Type != typ || e.Condition != condition || !strings.Contains(e.Text, words) {
			t.Errorf("%s: %+v", handle, e)
		}
		if card := w.says(alice, "find @"+handle); !strings.Contains(card, words) {
			t.Errorf("%s: told %q", handle, card)
		}
	}
	if told := w.says(alice, "find nonsense"); !strings.Contains(told, "@user@host") {
		t.Errorf("nonsense: %q", told)
	}
}

// A handle at another domain than its server's is one account, at one address.
func TestSplitDomain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	p.outbox("bob", 20, p.old("bob", "hello", 1))
	w.b.finger = func(ctx context.Context, handle string) (string, string, error) {
		user, host, _ := strings.Cut(handle, "@")
		if host == "social.example" {
			return p.actor(user), user + "@h1.example", nil
		}
		return w.fingered(ctx, handle)
	}
	other := `bob\40social.example@ap.example.org`
	if card := w.says(alice, "find bob@social.example"); !strings.Contains(card, p.jid("bob")) || strings.Contains(card, other) {
		t.Errorf("card %s", card)
	}
	items, _, failed := w.reads(alice, other, microblog, "", "")
	if len(items) != 1 || items[0].Publisher != p.jid("bob") {
		t.Errorf("at the other name: %d, %s", len(items), failed)
	}
}

func TestReaderCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	p.outbox("bob", 20)
	if told := w.says(alice, "following"); !strings.Contains(told, "nobody") {
		t.Errorf("before: %s", told)
	}
	if told := w.says(alice, "follow @bob@h1.example"); !strings.Contains(told, "asked @bob@h1.example") {
		t.Errorf("follow: %s", told)
	}
	if told := w.told(alice); !strings.Contains(told, "@alice@") {
		t.Errorf("that there is an actor now: %q", told)
	}
	follow := p.await("Follow")
	if told := w.says(alice, "following"); !strings.Contains(told, "no answer yet") {
		t.Errorf("pending: %s", told)
	}
	p.accepts("bob", follow)
	w.awaitsEvent(p.jid("bob"), alice, microblog)
	if told := w.says(alice, "following"); !strings.Contains(told, "You follow 1") || !strings.Contains(told, "@bob@h1.example") || strings.Contains(told, "no answer") {
		t.Errorf("following: %s", told)
	}
	if told := w.says(alice, "status"); strings.Contains(told, "reader") {
		t.Errorf("status of who has no blog: %s", told)
	}
	if told := w.says(alice, "unfollow bob@h1.example"); !strings.Contains(told, "any more") {
		t.Errorf("unfollow: %s", told)
	}
	p.await("Undo")
	if told := w.says(alice, "unfollow bob@h1.example"); !strings.Contains(told, "do not follow") {
		t.Errorf("again: %s", told)
	}
	// The actor has no blog, takes no followers, and goes with “stop”; with “start” it becomes a blog.
	blog, err := w.db.BlogByNode(t.Context(), alice, microblog)
	if err != nil || blog.State != "reader" {
		t.Fatalf("%+v, %v", blog, err)
	}
	p.post("eve", w.b.addr.Inbox(blog.Token), map[string]any{"type": "Follow", "object": w.b.addr.Actor(blog.Token)})
	p.await("Reject")
	if told := w.says(alice, "start"); !strings.Contains(told, "@alice@") {
		t.Errorf("start: %s", told)
	}
	now, err := w.db.BlogByID(t.Context(), blog.ID)
	if err != nil || now.State != "on" || now.Token != blog.Token {
		t.Errorf("%+v, %v", now, err)
	}
	w.says(alice, "follow @bob@h1.example")
	p.await("Follow")
	if told := w.says(alice, "stop"); !strings.Contains(told, "following 1") {
		t.Errorf("stop: %s", told)
	}
	w.says(alice, "yes")
	if d := p.await("Delete"); d.Str("object") != w.b.addr.Actor(blog.Token) {
		t.Errorf("%v", d)
	}
	if told := w.says(alice, "following"); !strings.Contains(told, "nobody") {
		t.Errorf("afterwards: %s", told)
	}
}
