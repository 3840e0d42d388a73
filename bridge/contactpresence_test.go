package bridge

import (
	"strings"
	"testing"

	"isthmus/component/stanza"
)

// What capabilities promise is what the gateway answers, at its bare address, at the
// one its presence is from, and for the hash (XEP-0115 §5.4), contact included.
func TestCapabilitiesHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(cfg *Config) { cfg.Contact = "mailto:admin@example.org" })
	w.xmpp.Send(`<presence type='probe' from='` + alice + `' to='ap.example.org'/>`)
	node, ver, _, ok := stanza.ParseCaps(w.xmpp.Expect(`<presence from='ap.example.org/gw' to='` + alice + `'/>`))
	if !ok {
		t.Fatal("no capabilities")
	}
	for _, at := range []struct{ to, node string }{{"ap.example.org", ""}, {"ap.example.org/gw", ""}, {"ap.example.org", node + "#" + ver}} {
		info := stanza.ParseInfo(w.xmpp.Ask(`<iq type='get' id='c` + at.node + at.to + `' xml:lang='de' from='` + alice + `/x' to='` + at.to + `'><query xmlns='http://jabber.org/protocol/disco#info' node='` + at.node + `'/></iq>`))
		if info.Ver() != ver {
			t.Errorf("%v is not what %s promises", at, ver)
		}
		if info.Form(nsPolicy) == nil || info.Form(nsPolicyThat) == nil || info.Form(nsServerInfo).Value("admin-addresses") != "mailto:admin@example.org" {
			t.Errorf("%v has %+v", at, info.Forms)
		}
	}
}

// A probe is answered by what there is: a contact, one that is still to be accepted,
// none. It creates nothing, and takes no request back.
func TestProbes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	bob := p.jid("bob")
	probed := func(to, want string) {
		t.Helper()
		w.xmpp.Send(`<presence type='probe' from='` + alice + `/x' to='` + to + `'/>`)
		got := w.xmpp.Await("an answer to the probe of "+to, func(e *stanza.Element) bool {
			return e.Local == "presence" && e.Get("from") == to && e.Get("to") == alice+"/x"
		})
		if got.Type() != want {
			t.Errorf("%s answers %q, want %q", to, got.Type(), want)
		}
	}
	w.xmpp.Send(`<presence type='subscribe' from='` + alice + `' to='` + bob + `'/>`)
	follow := p.await("Follow")
	probed(bob, "unavailable")
	p.accepts("bob", follow)
	w.xmpp.Expect(`<presence type='subscribed' from='` + bob + `' to='` + alice + `'/>`)
	probed(bob, "")
	for _, to := range []string{p.jid("carol"), w.b.visitor().String(), w.b.homeJID().String()} {
		probed(to, "unsubscribed")
	}
	w.settled()
	if _, err := w.db.AccountByJID(t.Context(), p.jid("carol")); err == nil {
		t.Error("a probe made carol known")
	}
}

// A picture is told of by its hash once it was read; before, nothing is said of it,
// so that clients keep what they have (XEP-0153 §4.1). A new one is told in presence.
func TestPictureInPresence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	bob := p.jid("bob")
	p.extra["bob"] = `, "icon": {"type": "Image", "url": "` + p.http.URL + `/bob.png"}`
	p.docs["/bob.png"] = testPNG(3)
	w.xmpp.Send(`<presence type='subscribe' from='` + alice + `' to='` + bob + `'/>`)
	p.accepts("bob", p.await("Follow"))
	got := w.xmpp.Await("bob is there", func(e *stanza.Element) bool {
		return e.Local == "presence" && e.Get("from") == bob && e.Type() == ""
	})
	x := got.First(nsCardUpdate, "x")
	if x == nil || x.First(nsCardUpdate, "photo") != nil && x.First(nsCardUpdate, "photo").Text() == "" {
		t.Errorf("a picture that was not read is taken away: %s", got.XML())
	}
	acc, err := w.db.AccountByJID(t.Context(), bob)
	if err != nil {
		t.Fatal(err)
	}
	w.b.soon(t.Context(), accountJob(acc.Actor, w.b.nowMS()))
	w.b.jobs.Kick()
	got = w.xmpp.Await("bob has a picture", func(e *stanza.Element) bool {
		return e.Local == "presence" && e.Get("from") == bob && len(e.First(nsCardUpdate, "x").First(nsCardUpdate, "photo").Text()) == 40
	})
	if acc, err = w.db.AccountByJID(t.Context(), bob); err != nil || !strings.HasSuffix(acc.AvatarHash, got.First(nsCardUpdate, "x").First(nsCardUpdate, "photo").Text()) {
		t.Errorf("%q is not the hash of %q (%v)", got.XML(), acc.AvatarHash, err)
	}
}

// A gateway that stops says so to who is online, and to nobody else.
func TestFarewell(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.xmpp.Send(`<presence from='` + alice + `/x' to='ap.example.org'/>`)
	w.until("alice is seen online", func() bool { return len(w.b.present.people(10)) == 1 })
	w.stop()
	w.xmpp.Expect(`<presence type='unavailable' from='ap.example.org/gw' to='` + alice + `'/>`)
	w.xmpp.ExpectNone(`<presence type='unavailable' to='` + louise + `'/>`)
}
