package bridge

import (
	"fmt"
	"strings"
	"testing"

	"isthmus/component/stanza"
)

// A long backfill says how it goes, can be ended, and is news to nobody.
func TestBackfill(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	var posts []any
	for i := range 150 {
		posts = append(posts, p.old("bob", fmt.Sprint("post ", 150-i), i))
	}
	p.outbox("bob", 20, posts...)
	w.follows(p)
	if told := w.says(alice, "backfill @bob@h1.example"); !strings.Contains(told, "how many") {
		t.Errorf("without a number: %s", told)
	}
	if told := w.says(alice, "backfill @carol@h1.example 50"); !strings.Contains(told, "do not follow") {
		t.Errorf("of somebody else: %s", told)
	}
	if told := w.says(alice, "backfill @bob@h1.example 100"); !strings.Contains(told, "100 older posts") {
		t.Errorf("begin: %s", told)
	}
	if told := w.hears(alice); !strings.Contains(told, "of 100") {
		t.Errorf("progress: %s", told)
	}
	w.until("the end is told", func() bool { return strings.Contains(w.hears(alice), "done, 1") })
	w.settled()
	if n, err := w.db.FeedCount(t.Context(), p.actor("bob"), true); err != nil || n < 100 || n > 140 {
		t.Errorf("%d posts, %v", n, err)
	}
	w.xmpp.ExpectNone(`<message type='headline' from='` + p.jid("bob") + `'/>`)
	w.says(alice, "backfill @bob@h1.example 5000")
	if told := w.says(alice, "cancel"); !strings.Contains(told, "Cancelled: backfill") && !strings.Contains(told, "Nothing") {
		t.Errorf("cancel: %s", told)
	}
	if told := w.says(alice, "cancel"); !strings.Contains(told, "Nothing is running") {
		t.Errorf("again: %s", told)
	}
}

// A list of follows goes in and comes out as Mastodon writes it.
func TestFollowList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p, q := w.peer(), w.peer()
	for _, x := range []*peer{p, q} {
		x.outbox("bob", 20)
	}
	if told := w.says(alice, "export"); !strings.Contains(told, "nobody") {
		t.Errorf("export of nothing: %s", told)
	}
	if told := w.says(alice, "import"); !strings.Contains(told, "paste") {
		t.Errorf("import of nothing: %s", told)
	}
	list := "Account address,Show boosts,Notify on new posts,Languages\nbob@h1.example,true,false,\nbob@h2.example,true,false,en\nnobody@nowhere.example,true,false,\nnonsense,true,false,"
	w.xmpp.Send(`<message type='chat' from='` + alice + `/phone' to='ap.example.org' id='m'><body>import ` + list + `</body></message>`)
	said := w.xmpp.Await("an answer", func(e *stanza.Element) bool { return e.Get("to") == alice+"/phone" }).First("", "body").Text()
	if !strings.Contains(said, "one after the other: 3.") || !strings.Contains(said, "no addresses: 1") {
		t.Errorf("import: %s", said)
	}
	for _, x := range []*peer{p, q} {
		x.accepts("bob", x.await("Follow"))
	}
	w.until("the end is told", func() bool {
		told := w.hears(alice)
		return strings.Contains(told, "2 of 3") && strings.Contains(told, "not possible: 1")
	})
	w.settled()
	if told := w.says(alice, "export"); told != "Account address,Show boosts,Notify on new posts,Languages\nbob@h1.example,true,false,\nbob@h2.example,true,false," {
		t.Errorf("export: %q", told)
	}
	if told := w.says(alice, "import https://nowhere.invalid/list.csv"); !strings.Contains(told, "could not read") {
		t.Errorf("a file that is not there: %s", told)
	}
}

func TestInParts(t *testing.T) {
	for text, want := range map[string]string{"a\nb\nc\n": "a\nb|c", "a": "a", "aaaaaaaa\nb": "aaaaaaaa|b", "": ""} {
		if got := strings.Join(inParts(text, 4), "|"); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
