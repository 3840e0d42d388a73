package bridge

import (
	"slices"
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/db"
)

// Every way to turn it on leads to the same blog.
func TestAdHocStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.change(louise, microblog, func(*node) {})
	list := w.xmpp.Ask(`<iq type='get' id='1' from='louise@example.org/x' to='ap.example.org'><query xmlns='http://jabber.org/protocol/disco#items' node='http://jabber.org/protocol/commands'/></iq>`)
	own := slices.DeleteFunc(slices.Clone(commands), func(c command) bool { return c.Who == admins })
	if n := len(stanza.ParseDiscoItems(list)); n != len(own) {
		t.Errorf("%d commands are listed", n)
	}
	first := w.xmpp.Ask(`<iq type='set' id='2' from='louise@example.org/x' to='ap.example.org'><command xmlns='http://jabber.org/protocol/commands' node='start' action='execute'/></iq>`)
	cmd := first.First(stanza.NSCommands, "command")
	if cmd.Get("status") != "executing" || cmd.First(stanza.NSData, "x") == nil {
		t.Fatalf("start asks %s", first.XML())
	}
	done := w.xmpp.Ask(`<iq type='set' id='3' from='louise@example.org/x' to='ap.example.org'><command xmlns='http://jabber.org/protocol/commands' node='start' action='complete' sessionid='` + cmd.Get("sessionid") + `'><x xmlns='jabber:x:data' type='submit'/></command></iq>`)
	if got := done.First(stanza.NSCommands, "command"); got.Get("status") != "completed" || !strings.Contains(got.DeepText(), "@louise@") {
		t.Errorf("start answers %s", done.XML())
	}
	if blog := w.tended(louise, microblog); blog.State != db.On {
		t.Errorf("state is %s", blog.State)
	}

	// stop asks back; no means no.
	ask := w.xmpp.Ask(`<iq type='set' id='4' from='louise@example.org/x' to='ap.example.org'><command xmlns='http://jabber.org/protocol/commands' node='stop'/></iq>`)
	sid := ask.First(stanza.NSCommands, "command").Get("sessionid")
	w.xmpp.Ask(`<iq type='set' id='5' from='louise@example.org/x' to='ap.example.org'><command xmlns='http://jabber.org/protocol/commands' node='stop' action='cancel' sessionid='` + sid + `'/></iq>`)
	if blog, _ := w.db.BlogByNode(t.Context(), louise, microblog); blog.State != db.On {
		t.Error("a cancelled stop stopped")
	}
}

func TestRegister(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.change(louise, microblog, func(*node) {})
	const set = `<iq type='set' id='2' from='louise@example.org/x' to='ap.example.org'><query xmlns='jabber:iq:register'>`
	if r := w.xmpp.Ask(set + `<remove/></query></iq>`); r.Type() != "error" {
		t.Errorf("unregistering before registering: %s", r.XML())
	}
	if r := w.xmpp.Ask(set + `</query></iq>`); r.Type() != "result" {
		t.Fatalf("registering: %s", r.XML())
	}
	blog := w.tended(louise, microblog)
	info := w.xmpp.Ask(`<iq type='get' id='3' from='louise@example.org/x' to='ap.example.org'><query xmlns='jabber:iq:register'/></iq>`)
	if info.First(stanza.NSRegister, "query").First("", "registered") == nil {
		t.Errorf("registration is %s", info.XML())
	}
	if r := w.xmpp.Ask(set + `<remove/></query></iq>`); r.Type() != "result" {
		t.Errorf("unregistering: %s", r.XML())
	}
	if blog, _ = w.db.BlogByID(t.Context(), blog.ID); blog.State != db.Gone {
		t.Errorf("state is %s", blog.State)
	}
}

func TestChatIsHelpful(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if text := w.says(louise, "what?"); !strings.Contains(text, "I do not know “what?”") || !strings.Contains(text, "follow @user@host") {
		t.Errorf("nonsense is answered with %q", text)
	}
	if text := w.says(louise, "STATUS"); !strings.Contains(text, "Off") {
		t.Errorf("status is %q", text)
	}
	w.xmpp.Send(`<message type='chat' from='louise@example.org/x' to='ap.example.org' id='d'><thread>t1</thread><body>followers</body></message>`)
	w.xmpp.Expect(`<message type='chat' to='louise@example.org/x' from='ap.example.org'><thread>t1</thread></message>`)
	w.xmpp.Send(`<message type='chat' from='louise@example.org/x' to='ap.example.org' id='e'><body>I sent you an encrypted message</body><encryption xmlns='urn:xmpp:eme:0' namespace='eu.siacs.conversations.axolotl'/></message>`)
	w.xmpp.Expect(`<message type='error' to='louise@example.org/x' id='e'><error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`)
	w.xmpp.Send(`<message type='chat' from='eve@elsewhere.example/x' to='ap.example.org' id='f'><body>start</body></message>`)
	w.xmpp.Expect(`<message type='error' to='eve@elsewhere.example/x' id='f'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`)
	w.xmpp.Send(`<message type='chat' from='louise@example.org/x' to='bob\40mastodon.example@ap.example.org' id='g'><body>hi</body></message>`)
	w.xmpp.Expect(`<message type='error' id='g'/>`)
}

// Preview shows, and turns nothing on.
func TestPreview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.put(louise, microblog, "a", "", `<entry xmlns='http://www.w3.org/2005/Atom'><title>My garden</title><content type='text'>Roses and more</content><updated>2026-01-02T03:04:05Z</updated></entry>`)
	text := w.says(louise, "preview")
	for _, want := range []string{"@louise@", "Article", "My garden", "Roses and more"} {
		if !strings.Contains(text, want) {
			t.Errorf("preview lacks %q:\n%s", want, text)
		}
	}
	if _, err := w.db.BlogByNode(t.Context(), louise, microblog); err == nil {
		t.Error("preview turned it on")
	}
}

// The gateway as a contact: it answers, and adding it is no consent.
func TestContactIsNoConsent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.xmpp.Send(`<presence type='subscribe' from='louise@example.org' to='ap.example.org'/>`)
	w.xmpp.Expect(`<presence type='subscribed' from='ap.example.org' to='louise@example.org'/>`)
	w.xmpp.Expect(`<presence type='subscribe' from='ap.example.org' to='louise@example.org'/>`)
	w.xmpp.Expect(`<presence from='ap.example.org/gw' to='louise@example.org'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1'/></presence>`)
	if text := w.told(louise); !strings.Contains(text, "start") {
		t.Errorf("welcome is %q", text)
	}
	if _, err := w.db.BlogByNode(t.Context(), louise, microblog); err == nil {
		t.Error("adding a contact turned it on")
	}
	w.xmpp.Send(`<presence type='subscribe' from='eve@elsewhere.example' to='ap.example.org'/>`)
	w.xmpp.Expect(`<presence type='unsubscribed' to='eve@elsewhere.example'/>`)
	w.xmpp.Send(`<presence type='subscribe' from='louise@example.org' to='visitor@ap.example.org'/>`)
	w.xmpp.Expect(`<presence type='unsubscribed' from='visitor@ap.example.org'/>`)
}

// Each login gets our capabilities again: an ejabberd session that has not seen
// them publishes without telling us.
func TestLoginIsArmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enrolled(louise)
	w.xmpp.Forget()
	w.xmpp.Send(`<presence from='louise@example.org/a' to='ap.example.org'/>`)
	w.xmpp.Expect(`<presence from='ap.example.org/gw' to='louise@example.org'><c xmlns='http://jabber.org/protocol/caps'/></presence>`)
	w.xmpp.Send(`<presence from='louise@example.org/b' to='ap.example.org'/>`)
	w.xmpp.Expect(`<presence from='ap.example.org/gw' to='louise@example.org'><c xmlns='http://jabber.org/protocol/caps'/></presence>`)
}

// A post can be deleted by hand, by its owner only, and stays deleted.
func TestDeleteByHand(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	w.publish(louise, "a", note("regretted"))
	post := object(p.await("Create"))
	stored, _ := w.db.PostByItem(t.Context(), blog.ID, "a")
	page := w.b.addr.PostPage("louise", stored.Token)
	w.says("mallory@example.org", "delete "+page)
	w.says("mallory@example.org", "delete "+post.ID())
	if text := w.says(louise, "delete everything"); !strings.Contains(text, "address of one of your posts") {
		t.Errorf("delete is answered with %q", text)
	}
	if p.count("Delete") != 0 {
		t.Fatal("somebody else deleted it")
	}
	if text := w.says(louise, "delete "+page); !strings.Contains(text, "Deleted") {
		t.Errorf("delete is answered with %q", text)
	}
	p.await("Delete")
	w.b.soon(t.Context(), tendJob(blog.ID, w.b.nowMS()))
	w.publish(louise, "b", note("next"))
	if got := object(p.await("Create")).Str("content"); !strings.Contains(got, "next") || p.count("Create") != 0 {
		t.Errorf("after deleting by hand came %q", got)
	}
}
