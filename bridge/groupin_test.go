package bridge

import (
	"strings"
	"testing"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/control"
	"isthmus/db"
	"isthmus/mapping"
)

// openGarden is planted, with a node that lets everybody write.
func openGarden(t *testing.T) (w *world, p *peer, blog db.Blog) {
	t.Helper()
	w, p, blog, _ = planted(t)
	w.change(service, "garden", func(n *node) { n.open, n.publisher = true, true })
	return w, p, blog
}

// stands is what is in the community's node by now, by publisher.
func (w *world) stands() (out []string) {
	w.change(service, "garden", func(n *node) {
		for _, it := range n.items {
			if e, err := stanza.ParseEntry(it.Payload); err == nil && it.Publisher != "" && it.Publisher != erin+"/x" {
				title := ""
				if t := it.Payload.First("", "title"); t != nil {
					title = t.Text()
				}
				out = append(out, it.Publisher+": "+title+": "+mapping.EntryText(e))
			}
		}
	})
	return out
}

// announced tells the gateway of the newest item of the community's node, as the service does.
func (w *world) announced() (item string) {
	w.change(service, "garden", func(n *node) { item = n.items[len(n.items)-1].ID })
	w.event(service, `<items node='garden'><item id='`+item+`'/></items>`)
	return item
}

// What somebody elsewhere writes to a community stands in its node, under their name; the
// community boosts it, and takes that back when somebody takes the item away. An edit
// changes it, a deletion removes it.
func TestPostToACommunity(t *testing.T) {
	t.Parallel()
	w, p, blog := openGarden(t)
	group := w.b.addr.Actor(blog.Token)
	// As Lemmy and NodeBB write: a Page or Article with a title, for an audience.
	n := p.says("bob", "They like it dry.", map[string]any{"type": "Page", "name": "Cacti for everybody", "audience": group, "to": []string{group, vocab.Public}})
	p.sends("bob", "Create", n)
	w.until("the post in the node", func() bool { return len(w.stands()) == 1 })
	same(t, "what stands", w.stands(), []string{p.jid("bob") + ": Cacti for everybody: They like it dry."})
	w.settled()
	if told := w.messages(louise); len(told) != 1 || !has(told, "@bob@h1.example wrote to") || !has(told, "They like it dry.") {
		t.Errorf("louise is told %q", told)
	}
	item := w.announced()
	announce := p.await("Announce")
	if announce.Str("actor") != group || announce.IDs("object")[0] != n["id"] {
		t.Errorf("the community says %v", announce)
	}
	if status, _, _ := w.get(strings.TrimPrefix(announce.ID(), w.url), "application/activity+json"); status != 200 {
		t.Errorf("the boost cannot be fetched: %d", status)
	}
	w.settled()
	for p.count("Announce") > 0 { // to the author's own inbox, too
		p.await("Announce")
	}
	w.announced() // once more
	w.settled()
	if a, c := p.count("Announce"), p.count("Create"); a != 0 || c != 0 {
		t.Errorf("told again: %d Announces, %d Creates", a, c)
	}
	p.sends("bob", "Update", edited(n, "They like it very dry.", "2026-03-02T10:00:00Z"))
	w.until("the edit", func() bool {
		text := ""
		w.change(service, "garden", func(n *node) { text = n.items[len(n.items)-1].Payload.XML() })
		return strings.Contains(text, "very dry")
	})
	// A moderator takes it away.
	w.drop(service, "garden", item)
	w.event(service, `<items node='garden'><retract id='`+item+`'/></items>`)
	if undo := p.await("Undo"); object(undo).Str("type") != "Announce" || object(undo).IDs("object")[0] != n["id"] {
		t.Errorf("undone %v", undo)
	}
	if c := p.count("Delete"); c != 0 {
		t.Errorf("%d deletions of what is not ours", c)
	}
}

// As Mastodon writes: a mention. What is an answer, private, or by somebody muted is none.
func TestMentionOfACommunity(t *testing.T) {
	t.Parallel()
	w, p, blog := openGarden(t)
	group := w.b.addr.Actor(blog.Token)
	tag := []any{map[string]any{"type": "Mention", "href": group, "name": "@garden"}}
	n := p.says("bob", "hello gardeners", map[string]any{"tag": tag, "cc": []string{group}})
	p.sends("bob", "Create", n)
	w.until("the post in the node", func() bool { return len(w.stands()) == 1 })
	p.sends("bob", "Delete", n["id"])
	w.until("it goes", func() bool {
		left := w.stands()
		return len(left) == 0 || !strings.Contains(left[0], "hello gardeners")
	})
	private := p.says("bob", "between us", map[string]any{"tag": tag, "to": []string{group}, "cc": []string{}})
	p.sends("bob", "Create", private)
	answer := p.says("bob", "an answer to somebody else", map[string]any{"tag": tag, "cc": []string{group}, "inReplyTo": p.http.URL + "/elsewhere"})
	p.sends("bob", "Create", answer)
	w.settled()
	desk := w.desk()
	good(desk.Do(t.Context(), control.Doing{Text: "account silence @bob@" + p.name, Sure: true}))(t)
	p.sends("bob", "Create", p.says("bob", "in silence", map[string]any{"tag": tag, "cc": []string{group}}))
	w.settled()
	good(desk.Do(t.Context(), control.Doing{Text: "account unblock @bob@" + p.name, Sure: true}))(t)
	w.says(louise, "start")
	w.says(louise, "mute bob@"+p.name)
	p.sends("bob", "Create", p.says("bob", "again", map[string]any{"tag": tag, "cc": []string{group}}))
	w.settled()
	for _, s := range w.stands() {
		if strings.Contains(s, "between us") || strings.Contains(s, "an answer") || strings.Contains(s, "again") || strings.Contains(s, "in silence") {
			t.Errorf("%s stands in the node", s)
		}
	}
}

// Where the node lets nobody write, its owner gets the post as a message.
func TestPostToAClosedCommunity(t *testing.T) {
	t.Parallel()
	w, p, blog, _ := planted(t)
	group := w.b.addr.Actor(blog.Token)
	p.sends("bob", "Create", p.says("bob", "let me in", map[string]any{"audience": group, "cc": []string{group}}))
	if m := w.chatted(p.jid("bob"), louise); !strings.Contains(m.First("", "body").Text(), "let me in") {
		t.Errorf("louise gets %s", m.XML())
	}
	if got := w.stands(); len(got) != 0 {
		t.Errorf("%q stands in the node", got)
	}
	w.settled()
	if n := p.count("Announce"); n != 0 {
		t.Errorf("%d boosts", n)
	}
}
