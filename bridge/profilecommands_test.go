package bridge

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/db"
)

// The handle can be changed until somebody was accepted as a follower.
func TestHandle(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	if got := w.says(louise, "handle rosa"); !strings.Contains(got, "not on the Fediverse") {
		t.Errorf("without a blog: %q", got)
	}
	blog := w.enrolled(louise)
	w.enrolled(alice)
	w.mu.Lock()
	w.vcard["carol@example.org"] = `<vCard xmlns='vcard-temp'><FN>Carol</FN></vCard>` // who has an account here, and no blog yet
	w.vcard["rosa@example.org"] = `<vCard xmlns='vcard-temp'/>`                       // what Prosody answers for nobody
	w.mu.Unlock()
	for name, want := range map[string]string{
		"": "you can still change it", "louise": "you can still change it", "x!": "cannot be a handle", "-": "cannot be a handle", strings.Repeat("a", 31): "cannot be a handle",
		"alice": "is taken", "carol": "is taken", "ap.example.org": "is taken", "rosa@elsewhere.example": "Only what stands before",
	} {
		if got := w.says(louise, "handle "+name); !strings.Contains(got, want) {
			t.Errorf("handle %s: %q", name, got)
		}
	}
	if got := w.says(louise, "handle @Rosa@"+w.b.cfg.HandleDomain); !strings.Contains(got, "You are @rosa@"+w.b.cfg.HandleDomain+" now") {
		t.Errorf("changing it: %q", got)
	}
	if actor := w.doc(w.b.addr.Actor(blog.Token)); actor.Str("preferredUsername") != "rosa" || actor.Str("url") != w.b.addr.Page("rosa") {
		t.Errorf("actor %v", actor)
	}
	if status, _, _ := w.get("/@louise", "text/html"); status != 404 {
		t.Errorf("the old page answers %d", status)
	}
	if _, self := w.fingers("rosa@" + w.b.cfg.HandleDomain); self != w.b.addr.Actor(blog.Token) {
		t.Errorf("webfinger leads to %s", self)
	}
	p.follows("bob", blog.Token)
	if got := w.says(louise, "handle tulip"); !strings.Contains(got, "move out @new@host") {
		t.Errorf("with a follower: %q", got)
	}
	p.sends("bob", "Undo", map[string]any{"type": "Follow", "actor": p.actor("bob"), "object": w.b.addr.Actor(blog.Token)})
	w.settled()
	if got := w.says(louise, "handle"); !strings.Contains(got, "cannot be changed any more") {
		t.Errorf("with a former follower: %q", got)
	}
	if now, _ := w.db.BlogByID(t.Context(), blog.ID); now.Handle != "rosa" {
		t.Errorf("the handle is %s", now.Handle)
	}
}

func TestNodesAndRemove(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	if got := w.says(alice, "nodes"); !strings.Contains(got, "Your blog: off. “start” turns it on") || !strings.Contains(got, "pubsub.example.org") {
		t.Errorf("nothing on: %q", got)
	}
	if got := w.says(louise, "nodes"); !strings.Contains(got, "Your blog: on, as @louise@") {
		t.Errorf("on: %q", got)
	}
	w.says(louise, "pause")
	if got := w.says(louise, "nodes"); !strings.Contains(got, "Your blog: paused. “start” goes on") {
		t.Errorf("paused: %q", got)
	}
	w.says(louise, "start")
	if got := w.says(louise, "remove carol@h1.example"); !strings.Contains(got, "Nobody called “carol@h1.example”") {
		t.Errorf("who does not follow: %q", got)
	}
	if got := w.says(louise, "remove xmpp:"+p.jid("bob")); !strings.Contains(got, "@bob@h1.example does not follow you any more") {
		t.Errorf("removing: %q", got)
	}
	p.await("Reject")
	if n, _ := w.db.FollowerCount(t.Context(), blog.ID, followerAccepted); n != 0 {
		t.Errorf("%d followers", n)
	}
	if got := w.says(louise, "remove @bob@h1.example"); !strings.Contains(got, "Nobody called") {
		t.Errorf("removing again: %q", got)
	}
	p.follows("bob", blog.Token)
	if got := w.says(louise, "remove "+p.actor("bob")); !strings.Contains(got, "@bob@h1.example does not") {
		t.Errorf("by its id: %q", got)
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	if got := w.says(louise, "fields"); !strings.Contains(got, "You have no fields yet") {
		t.Errorf("none: %q", got)
	}
	w.says(louise, "fields add Pronouns she/her")
	p.await("Update")
	if got := w.says(louise, "fields add My garden: https://garden.example/"); !strings.Contains(got, "My garden: https://garden.example/") {
		t.Errorf("adding: %q", got)
	}
	update := object(p.await("Update"))
	lines := update.Docs("attachment")
	if len(lines) < 2 || lines[0].Str("name") != "Pronouns" || lines[0].Str("value") != "she/her" || !strings.Contains(lines[1].Str("value"), `rel="me`) {
		t.Errorf("actor %v", update["attachment"])
	}
	if actor := w.doc(w.b.addr.Actor(blog.Token)); len(actor.Docs("attachment")) != len(lines) {
		t.Errorf("document %v", actor["attachment"])
	}
	if _, _, page := w.get("/@louise", "text/html"); !strings.Contains(page, `<a rel="me nofollow noopener" href="https://garden.example/">`) || !strings.Contains(page, "she/her") {
		t.Errorf("page %s", page)
	}
	w.says(louise, "fields add c x")
	w.says(louise, "fields add Web https://web.example")
	for line, want := range map[string]string{
		"fields add e x": "There can be 4 fields", "fields add": "A field is a name and a value", "fields add Name": "A field is a name and a value",
		"fields remove nothing": "You have no field “nothing”", "fields nonsense": "A field is a name and a value", "fields add c y": "c: y",
	} {
		if got := w.says(louise, line); !strings.Contains(got, want) {
			t.Errorf("%s: %q", line, got)
		}
	}
	if got := w.says(louise, "fields remove my GARDEN"); strings.Contains(got, "garden") || !strings.Contains(got, "Web: https://web.example") {
		t.Errorf("removing: %q", got)
	}
	// The form begins with them, and replaces them all.
	first := w.xmpp.Ask(`<iq type='set' id='2' from='louise@example.org/x' to='ap.example.org'><command xmlns='http://jabber.org/protocol/commands' node='fields' action='execute'/></iq>`)
	cmd := first.First(stanza.NSCommands, "command")
	if got := stanza.ParseForm(cmd).Value("fields"); got != "Pronouns: she/her\nc: y\nWeb: https://web.example" {
		t.Errorf("form %q", got)
	}
	w.xmpp.Ask(`<iq type='set' id='3' from='louise@example.org/x' to='ap.example.org'><command xmlns='http://jabber.org/protocol/commands' node='fields' action='complete' sessionid='` + cmd.Get("sessionid") +
		`'><x xmlns='jabber:x:data' type='submit'><field var='fields'><value>One: https://one.example</value><value>Two: 2</value></field></x></command></iq>`)
	if got := w.says(louise, "fields"); !strings.Contains(got, "One: https://one.example\n  Two: 2") || strings.Contains(got, "Pronouns") {
		t.Errorf("after the form: %q", got)
	}
	if got := w.says(louise, "fields -"); !strings.Contains(got, "no fields any more") {
		t.Errorf("clearing: %q", got)
	}
}

func TestAlias(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	w.enrolled(alice)
	if got := w.says(louise, "alias"); !strings.Contains(got, "names no other account") {
		t.Errorf("none: %q", got)
	}
	if got := w.says(louise, "move in @old@h1.example"); !strings.Contains(got, "@old@h1.example is you as well") || !strings.Contains(got, "enter @louise@") {
		t.Errorf("adding: %q", got)
	}
	if update := object(p.await("Update")); len(update.IDs("alsoKnownAs")) != 1 || update.IDs("alsoKnownAs")[0] != p.actor("old") {
		t.Errorf("actor %v", update)
	}
	w.says(louise, "alias add old@h1.example")
	if got := w.says(louise, "alias"); strings.Count(got, "@old@h1.example") != 1 {
		t.Errorf("list %q", got)
	}
	for line, want := range map[string]string{
		"alias add @nobody@nowhere.example": "nowhere.example", "alias remove @carol@h1.example": "does not name",
		"alias add alice@example.org": "a blog of this gateway", "move in": "move out @new@host", "move": "move out @new@host",
	} {
		if got := w.says(louise, line); !strings.Contains(got, want) {
			t.Errorf("%s: %q", line, got)
		}
	}
	w.says(louise, "alias remove @old@h1.example")
	if actor := w.doc(w.b.addr.Actor(blog.Token)); len(actor.IDs("alsoKnownAs")) != 0 {
		t.Errorf("actor %v", actor)
	}
}

// A move goes out only to an account that says that it is the same person, once in
// 30 days.
func TestMoveOut(t *testing.T) {
	t.Parallel()
	w, p, blog := newFollowedBlog(t)
	q := w.peer()
	self := w.b.addr.Actor(blog.Token)
	if got := w.says(louise, "move out @louise@h2.example"); !strings.Contains(got, "has to say first that it is you") {
		t.Errorf("without an alias: %q", got)
	}
	q.mu.Lock()
	q.extra["louise"] = `,"alsoKnownAs":["` + self + `"]`
	q.mu.Unlock()
	if got := w.says(louise, "move out @louise@h2.example"); !strings.Contains(got, "so many: 1") || !strings.Contains(got, "yes") {
		t.Errorf("asking back: %q", got)
	}
	if got := w.says(louise, "no"); !strings.Contains(got, "Nothing was changed") || p.count("Move") != 0 {
		t.Errorf("no: %q", got)
	}
	w.says(louise, "move out "+q.actor("louise")) // not https, so that it is nothing to find
	w.says(louise, "move out louise@h2.example")
	if got := w.says(louise, "yes"); !strings.Contains(got, "on their way to @louise@h2.example") {
		t.Errorf("yes: %q", got)
	}
	if update := object(p.await("Update")); update.Str("movedTo") != q.actor("louise") {
		t.Errorf("actor %v", update)
	}
	move := p.await("Move")
	if move.Str("object") != self || move.Str("target") != q.actor("louise") || move.Str("actor") != self {
		t.Errorf("move %v", move)
	}
	if now, _ := w.db.BlogByID(t.Context(), blog.ID); now.State != db.Paused {
		t.Errorf("the blog is %s", now.State)
	}
	if actor := w.doc(self); actor.Str("movedTo") != q.actor("louise") {
		t.Errorf("document %v", actor)
	}
	if _, _, page := w.get("/@louise", "text/html"); !strings.Contains(page, "This blog moved to <bdi>@louise@h2.example</bdi>") {
		t.Errorf("page %s", page)
	}
	if got := w.says(louise, "move back"); !strings.Contains(got, "does not send anybody elsewhere") {
		t.Errorf("back: %q", got)
	}
	if update := object(p.await("Update")); update.Str("movedTo") != "" {
		t.Errorf("actor %v", update)
	}
	if got := w.says(louise, "move back"); !strings.Contains(got, "You did not move") {
		t.Errorf("back again: %q", got)
	}
	if got := w.says(louise, "move out louise@h2.example"); !strings.Contains(got, "less than 30 days ago") {
		t.Errorf("again: %q", got)
	}
}

func TestPostsLanguage(t *testing.T) {
	t.Parallel()
	w, p, _ := newFollowedBlog(t)
	for line, want := range map[string]string{"posts-language": "name no language", "posts-language klingon!": "is no code"} {
		if got := w.says(louise, line); !strings.Contains(got, want) {
			t.Errorf("%s: %q", line, got)
		}
	}
	if got := w.says(louise, "posts-language nl"); !strings.Contains(got, "the language “nl”") {
		t.Errorf("setting it: %q", got)
	}
	w.publish(louise, "a", note("dag wereld"))
	if o := object(p.await("Create")); o["contentMap"] == nil || !strings.Contains(fmt.Sprint(o["contentMap"]), "nl") {
		t.Errorf("post %v", o)
	}
	if got := w.says(louise, "posts-language off"); !strings.Contains(got, "name no language") {
		t.Errorf("clearing it: %q", got)
	}
}
