package bridge

import (
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/db"
)

// Who asks for keys is told at once that there are none, without anybody being asked.
func TestNobodyHasKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	p.looked = func() { t.Error("an actor was read") }
	for _, node := range []string{"eu.siacs.conversations.axolotl.devicelist", "eu.siacs.conversations.axolotl.bundles:1", "urn:xmpp:omemo:2:devices", "urn:xmpp:openpgp:0:public-keys"} {
		for _, to := range []string{p.jid("bob"), "ap.example.org"} {
			r := w.xmpp.Ask(`<iq type='get' id='k` + node + to + `' from='alice@example.org/x' to='` + to + `'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='` + node + `'/></pubsub></iq>`)
			if c := stanza.Condition(stanza.ParseError(r)); c != "item-not-found" {
				t.Errorf("%s at %s: %s", node, to, c)
			}
		}
	}
	if _, err := w.db.AccountByJID(t.Context(), p.jid("bob")); err != db.ErrNotFound {
		t.Errorf("bob was looked up: %v", err)
	}
	if got := p.read(); len(got) != 0 {
		t.Errorf("asked for: %v", got)
	}
}

// What becomes of a message is in disco, in the asker's language; the gateway's own
// is what its capabilities promise.
func TestDataPolicy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	info := func(lang, to string) stanza.Info {
		return stanza.ParseInfo(w.xmpp.Ask(`<iq type='get' id='p` + lang + `' xml:lang='` + lang + `' from='alice@example.org/x' to='` + to + `'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`))
	}
	for lang, want := range map[string]string{"en": "readable for this gateway", "de": "für dieses Gateway und seine Admins lesbar"} {
		i := info(lang, p.jid("bob"))
		f := i.Form(nsPolicy)
		if f == nil || f.Value("data_transmission") != "encrypted" || !strings.Contains(strings.Join(f.Values("extra_info"), "\n"), want) {
			t.Errorf("policy in %s: %+v", lang, f)
		}
		if i.Form(nsPolicyThat).Value("data_retention") != "unknown" || !i.Has(stanza.NSReceipts) {
			t.Errorf("%+v", i)
		}
	}
}

// Whoever runs the gateway can be found in its service information (XEP-0157).
func TestContactAddresses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Contact = "xmpp:boss@example.org" })
	i := stanza.ParseInfo(w.xmpp.Ask(`<iq type='get' id='c' from='alice@example.org/x' to='ap.example.org'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`))
	if f := i.Form(nsServerInfo); f == nil || f.Value("admin-addresses") != "xmpp:boss@example.org" {
		t.Errorf("%+v", i)
	}
}

// Registering has a form; it says yes before anything is on, and can change its mind.
func TestRegistrationForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.change(louise, microblog, func(*node) {})
	const get = `<iq type='get' id='g' from='louise@example.org/x' to='ap.example.org'><query xmlns='jabber:iq:register'/></iq>`
	set := func(id, fields string) *stanza.Element {
		return w.xmpp.Ask(`<iq type='set' id='` + id + `' from='louise@example.org/x' to='ap.example.org'><query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'>` + fields + `</x></query></iq>`)
	}
	field := func(name, value string) string {
		return `<field var='` + name + `'><value>` + value + `</value></field>`
	}
	form := stanza.ParseForm(w.xmpp.Ask(get).First(stanza.NSRegister, "query"))
	if form == nil || form.Value(fieldAgreed) != "0" || !strings.Contains(form.Instructions, "Turning this on") {
		t.Fatalf("the form is %+v", form)
	}
	if c := stanza.Condition(stanza.ParseError(set("s1", field(fieldAgreed, "0")))); c != "not-acceptable" {
		t.Errorf("without a yes: %s", c)
	}
	if _, err := w.db.BlogByNode(t.Context(), louise, microblog); err != db.ErrNotFound {
		t.Errorf("it is on: %v", err)
	}
	if r := set("s2", field(fieldAgreed, "1")+field(fieldDiscoverable, "1")+field(fieldApprove, "1")); r.Type() != "result" {
		t.Fatalf("registering: %s", r.XML())
	}
	blog := w.tended(louise, microblog)
	if !blog.Approve || !blog.Discoverable || !blog.Indexable {
		t.Errorf("options %+v", blog)
	}
	form = stanza.ParseForm(w.xmpp.Ask(get).First(stanza.NSRegister, "query"))
	if form.Value(fieldApprove) != "1" {
		t.Errorf("how things stand: %+v", form)
	}
	set("s3", field(fieldApprove, "0"))
	if blog = w.readerOf(louise); blog.Approve || !blog.Discoverable {
		t.Errorf("changed options %+v", blog)
	}
}

// Contacts have a name, and are there again when we come back.
func TestContactsComeBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	bob := p.jid("bob")
	w.xmpp.Send(`<presence type='subscribe' from='` + alice + `' to='` + bob + `'/>`)
	p.accepts("bob", p.await("Follow"))
	for range 2 {
		got := w.xmpp.Expect(`<presence from='` + bob + `' to='` + alice + `'><nick xmlns='http://jabber.org/protocol/nick'/><x xmlns='vcard-temp:x:update'><photo/></x></presence>`)
		if got.First(stanza.NSNick, "nick").Text() != "@bob@"+p.name {
			t.Errorf("name %s", got.XML())
		}
		w.xmpp.Forget()
		w.xmpp.DropConnection()
	}
	w.until("it is connected again", func() bool { return w.b.xmpp.Status().Up })
	w.xmpp.Send(`<presence type='probe' from='erin@example.org/x' to='` + bob + `'/>`)
	w.xmpp.Expect(`<presence type='unsubscribed' from='` + bob + `' to='erin@example.org/x'/>`)
}

// Whom somebody follows is in their contact list, if they and their server want that.
func TestRoster(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	bob := p.jid("bob")
	items := map[string]string{} // jid → XML
	w.xmpp.Answer("", nsRoster, func(iq *stanza.Element) *stanza.Element {
		w.mu.Lock()
		defer w.mu.Unlock()
		q := stanza.New(nsRoster, "query")
		if it := iq.First(nsRoster, "query").First(nsRoster, "item"); it != nil {
			if it.Get("subscription") == "remove" {
				delete(items, it.Get("jid"))
			} else {
				items[it.Get("jid")] = it.XML()
			}
			return stanza.Reply(iq)
		}
		for _, x := range items {
			q.Add(parse(t, x))
		}
		return stanza.Reply(iq, q)
	})
	has := func(jid string) bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		_, ok := items[jid]
		return ok
	}
	if text := w.says(alice, "roster on"); !strings.Contains(text, "mod_privilege") {
		t.Errorf("without the privilege: %q", text)
	}
	w.xmpp.Send(`<message from='example.org' to='ap.example.org'><privilege xmlns='urn:xmpp:privilege:2'><perm access='roster' type='both'/></privilege></message>`)
	w.until("we may", func() bool { return w.b.xmpp.MayKeepRoster("example.org") })
	w.says(alice, "follow "+bob)
	p.accepts("bob", p.await("Follow"))
	w.settled()
	if has(bob) {
		t.Error("it is in the list unasked")
	}
	w.says(alice, "roster on")
	w.until("bob is in the list", func() bool { return has(bob) })
	if !strings.Contains(items[bob], `<group>Fediverse</group>`) || !strings.Contains(items[bob], `subscription="to"`) {
		t.Errorf("bob is there as %s", items[bob])
	}
	w.says(alice, "follow "+p.jid("dora"))
	p.accepts("dora", p.await("Follow"))
	w.until("dora is in the list", func() bool { return has(p.jid("dora")) })
	w.mu.Lock()
	items[p.jid("dora")] = strings.Replace(items[p.jid("dora")], "Fediverse", "Friends", 1)
	w.mu.Unlock()
	w.says(alice, "unfollow "+bob)
	w.until("bob is out of it", func() bool { return !has(bob) })
	w.says(alice, "roster off")
	w.settled()
	if !has(p.jid("dora")) {
		t.Error("what alice moved is gone")
	}
}
