package bridge

import (
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/db"
)

const (
	service = "pubsub.example.org"
	erin    = "erin@example.org"
)

// garden is a community node that louise and erin own.
func (w *world) garden() {
	w.change(service, "garden", func(n *node) {
		n.meta = `<field var='pubsub#owner'><value>` + louise + `</value><value>` + erin + `</value></field>`
	})
}

// Pausing a community says how to go on; that is not the way to turn on a blog
// of one's own.
func TestCommunityGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.garden()
	w.says(louise, "start "+service+" garden")
	for _, command := range []string{"pause", "status"} {
		if text := w.says(louise, command); !strings.Contains(text, "“start "+service+" garden”") || strings.Contains(text, "“start”") {
			t.Errorf("%s says %q", command, text)
		}
	}
	w.says(louise, "start "+service+" garden")
	if blog, _ := w.db.BlogByNode(t.Context(), service, "garden"); blog.State != db.On {
		t.Errorf("state is %s", blog.State)
	}
	if _, err := w.db.BlogByNode(t.Context(), louise, microblog); err == nil {
		t.Error("her own blog was turned on")
	}
}

// Every owner of a node decides about it, whoever enrolled it; nobody else does.
func TestOwnersOfACommunity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.garden()
	if _, _, err := NewEnrolment(w.b.cfg, w.db).Enrol(t.Context(), stanza.JID{Domain: service}, "garden", "admin"); err != nil {
		t.Fatal(err)
	}
	state := func() db.State { blog, _ := w.db.BlogByNode(t.Context(), service, "garden"); return blog.State }
	w.says("mallory@example.org", "pause "+service+" garden")
	w.says("mallory@example.org", "stop "+service+" garden yes")
	if state() != db.On {
		t.Errorf("a stranger made it %s", state())
	}
	w.says(erin, "pause "+service+" garden")
	if state() != db.Paused {
		t.Errorf("paused, it is %s", state())
	}
	if text := w.says(louise, "stop "+service+" garden"); !strings.Contains(text, "garden") || !strings.Contains(text, "yes") {
		t.Errorf("stop says %q", text)
	}
	w.says(louise, "yes")
	if state() != db.Gone {
		t.Errorf("stopped, it is %s", state())
	}
}

// Cancelling the registration is about the blog that was registered.
func TestUnregisterKeepsCommunities(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.garden()
	blog := w.enrolled(louise)
	w.says(louise, "start "+service+" garden")
	if r := w.xmpp.Ask(`<iq type='set' id='2' from='louise@example.org/x' to='ap.example.org'><query xmlns='jabber:iq:register'><remove/></query></iq>`); r.Type() != "result" {
		t.Fatal(r.XML())
	}
	if blog, _ = w.db.BlogByID(t.Context(), blog.ID); blog.State != db.Gone {
		t.Errorf("her blog is %s", blog.State)
	}
	if garden, _ := w.db.BlogByNode(t.Context(), service, "garden"); garden.State != db.On {
		t.Errorf("the community is %s", garden.State)
	}
}

// Followers of a community do not wait for somebody who is never asked.
func TestCommunityTakesFollowers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.ApproveFollowers = true })
	p := w.peer()
	w.garden()
	w.says(louise, "start "+service+" garden")
	p.follows("bob", w.tended(service, "garden").Token)
}

// Where only the admin turns on, that goes for communities too, and the admin
// does not overrule a pause.
func TestAdminTurnsOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.AllowUsers = false })
	w.garden()
	me, _ := stanza.ParseJID(louise)
	e := NewEnrolment(w.b.cfg, w.db)
	if _, _, err := e.Enrol(t.Context(), me, "", "admin"); err != nil {
		t.Fatal(err)
	}
	if text := w.says(louise, "start "+service+" garden"); !strings.Contains(text, "gateway enrol "+service+" garden") {
		t.Errorf("start says %q", text)
	}
	w.says(louise, "pause")
	if _, fresh, err := e.Enrol(t.Context(), me, "", "admin"); fresh || err != nil {
		t.Errorf("enrolled again: %t, %v", fresh, err)
	}
	if blog, _ := w.db.BlogByNode(t.Context(), louise, microblog); blog.State != db.Paused {
		t.Errorf("state is %s", blog.State)
	}
	w.says(louise, "start")
	if blog, _ := w.db.BlogByNode(t.Context(), louise, microblog); blog.State != db.On {
		t.Errorf("state is %s", blog.State)
	}
}
