package bridge

import (
	"strings"
	"testing"

	"isthmus/component/stanza"
	"isthmus/db"
)

// requestWorld is louise, and bob, whom she does not know.
func requestWorld(t *testing.T) (*world, *peer, db.Blog) {
	w := newWorld(t)
	p := w.peer()
	return w, p, w.enrolled(louise)
}

// A stranger gets one message through; the others come when louise wants them.
func TestStrangersAreAskedAbout(t *testing.T) {
	t.Parallel()
	w, p, blog := requestWorld(t)
	bob := p.jid("bob")
	p.whispers("bob", blog, "one", nil)
	if text := w.message(bob, louise).First("", "body").Text(); text != "one" {
		t.Errorf("the first is %q", text)
	}
	ask := w.message("ap.example.org", louise)
	if text := ask.First("", "body").Text(); !strings.Contains(text, "@bob@"+p.name+", whom you do not follow") || len(ask.All(stanza.NSQuickResponse, "response")) != 3 {
		t.Errorf("louise is asked %s", ask.XML())
	}
	p.whispers("bob", blog, "two", nil)
	third := p.whispers("bob", blog, "three", nil)
	p.whispers("bob", blog, "four", nil)
	p.sends("bob", "Delete", map[string]any{"id": third["id"], "type": "Tombstone"})
	w.settled()
	if got := w.messages(louise); len(got) != 0 {
		t.Errorf("unasked for came %q", got)
	}
	if text := w.says(louise, "accept bob@"+p.name); !strings.Contains(text, "can write to you now") {
		t.Errorf("accept is answered with %q", text)
	}
	for _, want := range []string{"two", "four"} {
		if text := w.message(bob, louise).First("", "body").Text(); text != want {
			t.Errorf("%q came instead of %q", text, want)
		}
	}
	p.whispers("bob", blog, "five", nil)
	if text := w.message(bob, louise).First("", "body").Text(); text != "five" {
		t.Errorf("%q came instead of five", text)
	}
	w.says(louise, "decline @bob@"+p.name)
	p.whispers("bob", blog, "six", nil)
	w.settled()
	if got := w.messages(louise); len(got) != 0 {
		t.Errorf("declined, and still came %q", got)
	}
}

// Who is written to may answer; who is followed may write; and both can be chosen
// otherwise.
func TestWhoMayWrite(t *testing.T) {
	t.Parallel()
	w, p, blog := requestWorld(t)
	w.xmpp.Send(`<message type='chat' from='louise@example.org/phone' to='` + p.jid("bob") + `' id='m1'><body>Hello</body></message>`)
	p.await("Create")
	p.whispers("bob", blog, "hello yourself", nil)
	w.message(p.jid("bob"), louise)

	w.subscribes(louise, p.jid("carol"), microblog)
	p.await("Follow")
	p.whispers("carol", blog, "thank you for following", nil)
	w.message(p.jid("carol"), louise)

	w.says(louise, "requests closed")
	p.whispers("dave", blog, "buy this", nil)
	w.settled()
	w.says(louise, "requests open")
	p.whispers("erin", blog, "buy that", nil)
	w.message(p.jid("erin"), louise)
	for _, text := range w.messages(louise) {
		if strings.Contains(text, "buy") || strings.Contains(text, "whom you do not follow") {
			t.Errorf("louise got %q", text)
		}
	}
	if text := w.says(louise, "requests perhaps"); !strings.Contains(text, "requests ask") {
		t.Errorf("an unknown choice is answered with %q", text)
	}
	if text := w.says(louise, "accept nobody@nowhere.example"); !strings.Contains(text, "has written to you") {
		t.Errorf("accepting nobody is answered with %q", text)
	}
}
