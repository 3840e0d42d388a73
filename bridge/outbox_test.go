package bridge

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"testing"
	"time"

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

// A boost of what a server that hangs would have to tell keeps no post of the
// account's own away, and what was read by then counts.
func TestOutboxWithABoostThatHangs(t *testing.T) {
	t.Parallel()
	hangs, err := net.Listen("tcp", "127.0.0.1:0") // nobody accepts
	if err != nil {
		t.Fatal(err)
	}
	defer hangs.Close()
	w := newWorld(t)
	p := w.peer()
	boost := map[string]any{"id": p.http.URL + "/boosts/1", "type": "Announce", "actor": p.actor("bob"), "object": "http://" + hangs.Addr().String() + "/notes/1"}
	p.outbox("bob", 20, boost, p.old("bob", "newer", 1), p.old("bob", "older", 2))
	acc, err := w.b.accountAt(t.Context(), mustJID(alice+"/x"), mustJID(p.jid("bob")))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	r, err := w.b.readOutbox(ctx, acc, acc.Outbox, 20)
	if err != nil || r.taken != 2 || ctx.Err() == nil {
		t.Errorf("taken %d, %v, %v", r.taken, err, ctx.Err())
	}
	if acc, err = w.b.filled(ctx, acc, r.next, r.total); err != nil || acc.Filled == 0 {
		t.Errorf("not noted: %v", err)
	}
	if n, _ := w.db.FeedCount(t.Context(), acc.Actor, true); n != 2 {
		t.Errorf("%d posts", n)
	}
}
