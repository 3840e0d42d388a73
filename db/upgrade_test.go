package db

import (
	"database/sql"
	"path/filepath"
	"testing"
)

// A database of schema 1 with posts in it goes on where it was.
func TestPostsOfSchema1(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "isthmus.db")
	steps := must(migrations(embedded))(t)
	raw := must(sql.Open("sqlite", dsn(path, "_txlock=immediate")))(t)
	if err := migrateTo(ctx, raw, path, steps[:1], nil); err != nil {
		t.Fatal(err)
	}
	if _, err := raw.ExecContext(ctx, `insert into post (token, blog_id, item, hash, publisher, source, object, home, on_node, published, updated, deleted, seen, create_tok) values
		('t1', 1, 'a', 'h', 'p', '', '', false, false, 10, 0, 11, 12, 'c1'),
		('t2', 1, 'a', 'h', 'p', '<entry/>', '{}', false, true, 20, 21, 0, 22, 'c2'),
		('t3', 1, 'b', '', '', '', '', true, true, 30, 0, 0, 32, 'c3')`); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	d := openAt(t, path)
	want := Post{ID: 2, Token: "t2", BlogID: 1, Item: "a", Hash: "h", Publisher: "p", Source: "<entry/>", Object: "{}", OnNode: true, Published: 20, Updated: 21, Seen: 22, CreateTok: "c2"}
	if got := must(d.PostByItem(ctx, 1, "a"))(t); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := must(d.PostByToken(ctx, "t1"))(t); got.Deleted != 11 {
		t.Errorf("the tombstone is %+v", got)
	}
	for what, list := range map[string]struct {
		got  []Post
		want string
	}{
		"own":         {must(d.OwnPosts(ctx, 1, 0, 0, 10))(t), "a"},
		"living":      {must(d.LivePosts(ctx, 1, 0, 10))(t), "ab"},
		"on the node": {must(d.OldestOnNode(ctx, 1, 10))(t), "ab"},
		"replies":     {must(d.PostReplies(ctx, "", 0, 10))(t), ""},
	} {
		if got := items(list.got); got != list.want {
			t.Errorf("%s: %s, want %s", what, got, list.want)
		}
	}
	edit := want
	edit.Token, edit.Hash, edit.Updated = "t4", "h2", 40
	want.Hash, want.Updated, want.Heard = "h2", 40, 22
	if got := must(d.SavePost(ctx, edit))(t); got != want {
		t.Errorf("edited %+v", got)
	}
	comment := must(d.SavePost(ctx, Post{Token: "t5", BlogID: 1, Service: "c", Node: "n", Item: "a", ReplyTo: "o", Thread: 1, Object: "{}"}))(t)
	if comment.ID <= 3 {
		t.Errorf("id %d came back", comment.ID)
	}
	before := openAt(t, copyName(path, 1)) // brought up to date in its turn
	if got := must(before.PostByItem(ctx, 1, "a"))(t); got.Hash != "h" {
		t.Errorf("the copy has %+v", got)
	}
}

// What answered somebody here before people could read the Fediverse stays a note,
// and is not on the shelf, from where it would be forgotten with its account.
func TestNotesOfSchema2(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "isthmus.db")
	steps := must(migrations(embedded))(t)
	raw := must(sql.Open("sqlite", dsn(path, "_txlock=immediate")))(t)
	if err := migrateTo(ctx, raw, path, steps[:2], nil); err != nil {
		t.Fatal(err)
	}
	if _, err := raw.ExecContext(ctx, `insert into note (object, actor, type, url, reply_to, thread, post_id, blog_id, visibility, hash, shown, service, node, item, message,
		published, updated, deleted, seen, entry) values ('https://a.test/1', 'https://a.test/bob', 'Note', '', '', 1, 1, 1, 'public', 'h', 'h', 's', 'n', 'i', '', 10, 0, 0, 10, '')`); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	d := openAt(t, path)
	n := must(d.NoteByObject(ctx, "https://a.test/1"))(t)
	if n.Actor != bob || n.Shelf || n.Doc != "" || n.ReadAt != 0 {
		t.Errorf("the note is %+v", n)
	}
	a := must(d.PutAccount(ctx, Account{Actor: bob, JID: "bob@ap", Profile: "{}"}))(t)
	if err := d.RemoveAccount(ctx, a); err != nil {
		t.Fatal(err)
	}
	if err := second(d.NoteByObject(ctx, "https://a.test/1")); err != nil {
		t.Errorf("forgotten with its account: %v", err)
	}
}

// Peers' keys are still known after they got a table of their own.
func TestKeysOfSchema5(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "isthmus.db")
	steps := must(migrations(embedded))(t)
	raw := must(sql.Open("sqlite", dsn(path, "_txlock=immediate")))(t)
	if err := migrateTo(ctx, raw, path, steps[:5], nil); err != nil {
		t.Fatal(err)
	}
	if _, err := raw.ExecContext(ctx, `insert into remote (actor, handle, name, type, inbox, shared_inbox, key_id, key_pem, key_fetched, fetched, gone) values
		('https://a.test/bob', 'bob@a.test', 'Bob', 'Person', 'i', 's', 'https://a.test/bob#key', 'PEM', 7, 9, false),
		('https://a.test/eve', '', '', '', '', '', '', '', 0, 0, false)`); err != nil {
		t.Fatal(err)
	}
	if err := raw.Close(); err != nil {
		t.Fatal(err)
	}
	d := openAt(t, path)
	if got, want := must(d.PeerKey(ctx, "https://a.test/bob#key"))(t), (PeerKey{"https://a.test/bob#key", bob, "PEM", 7}); got != want {
		t.Errorf("got %+v", got)
	}
	if got := must(d.Remote(ctx, bob))(t); got.Handle != "bob@a.test" || got.Fetched != 9 {
		t.Errorf("got %+v", got)
	}
	if keys := must(d.PeerKeys(ctx, "https://a.test/eve"))(t); len(keys) != 0 {
		t.Errorf("got %+v", keys)
	}
}
