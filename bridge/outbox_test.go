package bridge

import (
	"encoding/json"
	"fmt"
	"testing"

	"isthmus/activitypub/vocab"
)

// comes lets a post be there as if it had come another way.
func (w *world) comes(p *peer, user string, create map[string]any) {
	w.t.Helper()
	acc, err := w.b.accountAt(w.t.Context(), mustJID(alice+"/x"), mustJID(p.jid(user)))
	if err != nil {
		w.t.Fatal(err)
	}
	text, _ := json.Marshal(create)
	doc, err := vocab.Read(text, vocab.DefaultLimits)
	if err == nil {
		_, err = w.b.fromOutbox(w.t.Context(), acc, doc)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// Posts that are there before an outbox was read, because they came by themselves or
// a reading was cut off, do not hide the older ones.
func TestOutboxIsReadPastWhatCame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.peer()
	var posts []any
	for i := range 50 {
		posts = append(posts, p.old("bob", fmt.Sprint("post ", 50-i), i))
	}
	p.outbox("bob", 10, posts...)
	for i := range 12 {
		w.comes(p, "bob", posts[i].(map[string]any))
	}
	if items, _, _ := w.reads(alice, p.jid("bob"), microblog, "", ""); len(items) != 20 {
		t.Errorf("%d posts", len(items))
	}
	acc := account(w, p, "bob")
	for range 10 {
		if acc.More == "" {
			break
		}
		var err error
		if acc, err = w.b.dig(t.Context(), acc, 10); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := w.db.FeedCount(t.Context(), acc.Actor, true); err != nil || n != 50 {
		t.Errorf("%d posts in the end, %v", n, err)
	}

	// Three came by themselves of thirteen since then.
	for i := range 13 {
		posts = append([]any{p.old("bob", fmt.Sprint("later ", i), -i-1)}, posts...)
	}
	p.outbox("bob", 10, posts...)
	for i := range 3 {
		w.comes(p, "bob", posts[i].(map[string]any))
	}
	if _, err := w.b.fill(t.Context(), acc, 20); err != nil {
		t.Fatal(err)
	}
	if n, err := w.db.FeedCount(t.Context(), acc.Actor, true); err != nil || n != 63 {
		t.Errorf("%d posts after the gap, %v", n, err)
	}
}
