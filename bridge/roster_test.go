package bridge

import (
	"strings"
	"sync"
	"testing"

	"isthmus/component/stanza"
	"isthmus/db"
)

// contactList is somebody's contact list at a server that lets us change it.
type contactList struct {
	w     *world
	mu    sync.Mutex
	items map[string]string // XML by jid
}

func newContactList(w *world) *contactList {
	l := &contactList{w: w, items: map[string]string{}}
	w.xmpp.Answer("", nsRoster, func(iq *stanza.Element) *stanza.Element {
		l.mu.Lock()
		defer l.mu.Unlock()
		q := stanza.New(nsRoster, "query")
		if it := iq.First(nsRoster, "query").First(nsRoster, "item"); it != nil {
			if it.Get("subscription") == "remove" {
				delete(l.items, it.Get("jid"))
			} else {
				l.items[it.Get("jid")] = it.XML()
			}
			return stanza.Reply(iq)
		}
		for _, x := range l.items {
			q.Add(parse(w.t, x))
		}
		return stanza.Reply(iq, q)
	})
	return l
}

func (l *contactList) has(jid string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.items[jid]
	return ok
}

func (l *contactList) put(jid, xml string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items[jid] = xml
}

// grants makes the server say what we may do with contact lists, "" for nothing.
func (w *world) grants(roster string) {
	w.t.Helper()
	perm := ""
	if roster != "" {
		perm = `<perm access='roster' type='` + roster + `'/>`
	}
	w.xmpp.Send(`<message from='example.org' to='ap.example.org'><privilege xmlns='urn:xmpp:privilege:2'>` + perm + `</privilege></message>`)
	w.until("the grant is known", func() bool { return w.b.xmpp.MayKeepRoster("example.org") == (roster == "both") })
}

// Switching it off needs no grant, takes nothing out that the person added, however it
// is grouped, and is made good for at the next login if it could not be done.
func TestRosterOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	l := newContactList(w)
	bob, carol := p.jid("bob"), p.jid("carol")
	w.grants("get")
	if text := w.says(alice, "roster on"); !strings.Contains(text, "mod_privilege") {
		t.Errorf("with half of the privilege: %q", text)
	}
	w.grants("both")
	w.says(alice, "follow "+bob)
	p.accepts("bob", p.await("Follow"))
	w.xmpp.Send(`<presence type='subscribe' from='` + alice + `' to='` + carol + `'/>`)
	p.accepts("carol", p.await("Follow"))
	l.put(carol, `<item xmlns='jabber:iq:roster' jid='`+carol+`' subscription='to'><group>Fediverse</group></item>`)
	w.says(alice, "roster on")
	w.until("bob is in the list", func() bool { return l.has(bob) })
	w.xmpp.Expect(`<presence from='` + bob + `' to='` + alice + `'/>`)
	w.grants("")
	if text := w.says(alice, "roster off"); !strings.Contains(text, "taken out") {
		t.Errorf("off without the privilege: %q", text)
	}
	w.settled()
	w.grants("both")
	if !l.has(bob) {
		t.Error("taken out without the privilege")
	}
	w.xmpp.Send(`<presence from='` + alice + `/x' to='ap.example.org'/>`)
	w.until("bob is out of it after a login", func() bool { return !l.has(bob) })
	w.settled()
	if !l.has(carol) {
		t.Error("carol, whom alice added, is gone")
	}
	for _, user := range []string{"bob", "carol"} {
		if ok, err := w.db.FollowsActor(t.Context(), alice, stanza.NSMicroblog, p.actor(user)); err != nil || !ok {
			t.Errorf("%s is not followed any more (%v)", user, err)
		}
	}
}

// Who leaves keeps none of what we put in.
func TestRosterAfterStop(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	l := newContactList(w)
	bob := p.jid("bob")
	w.grants("both")
	w.says(alice, "roster on")
	w.says(alice, "follow "+bob)
	p.accepts("bob", p.await("Follow"))
	w.until("bob is in the list", func() bool { return l.has(bob) })
	w.says(alice, "stop")
	w.says(alice, "yes")
	w.until("bob is out of it", func() bool { return !l.has(bob) })
}

// Changing options by the form does not turn a paused blog on.
func TestRegistrationOfAPausedBlog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.change(louise, microblog, func(*node) {})
	w.says(louise, "start")
	w.tended(louise, microblog)
	w.says(louise, "pause")
	r := w.xmpp.Ask(`<iq type='set' id='s' from='` + louise + `/x' to='ap.example.org'><query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'><field var='` + fieldApprove + `'><value>1</value></field></x></query></iq>`)
	if blog := w.readerOf(louise); r.Type() != "result" || blog.State != db.Paused || !blog.Approve {
		t.Errorf("%s: state %s, approve %v", r.XML(), blog.State, blog.Approve)
	}
	w.xmpp.Ask(`<iq type='set' id='l' from='` + louise + `/x' to='ap.example.org'><query xmlns='jabber:iq:register'/></iq>`)
	if blog := w.readerOf(louise); blog.State != db.On || !blog.Approve {
		t.Errorf("registering without the form: %+v", blog)
	}
}
