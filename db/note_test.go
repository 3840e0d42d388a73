package db

import (
	"errors"
	"fmt"
	"testing"
)

func (s *sample) note(n Note) Note {
	s.t.Helper()
	saved, fresh, err := s.AddNote(s.t.Context(), n)
	if err != nil || !fresh {
		s.t.Fatalf("note %s: fresh %v, %v", n.Object, fresh, err)
	}
	return saved
}

func objects(notes []Note) (s string) {
	for _, n := range notes {
		s += n.Object
	}
	return s
}

func TestNote(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	want := Note{Object: "https://a.test/1", Actor: "https://a.test/bob", Type: "Note", URL: "https://a.test/@bob/1", ReplyTo: "https://ap.test/p/1",
		Thread: 2, PostID: 3, BlogID: 4, Visibility: "public", Entry: "<entry/>", Hash: "h", Shown: "h", Service: "comments.test", Node: "n", Item: "i",
		Message: "m", Published: 5, Updated: 6, Seen: 7}
	got := s.note(want)
	want.ID = got.ID
	if got != want || want.ID == 0 {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	s.ok(s.UpdateNote(ctx, Note{ID: want.ID, Actor: "https://a.test/eve", Type: "Question", URL: "u", Visibility: "unlisted", Entry: "<entry>2</entry>", Hash: "h2",
		Updated: 8, Thread: 9, Service: "pubsub.test", Node: "n2", Item: "i2"}))
	s.ok(s.SetNoteShown(ctx, want.ID, "h2"))
	s.ok(s.SetNoteMessage(ctx, want.ID, "m2"))
	want.Type, want.URL, want.Visibility, want.Entry, want.Hash, want.Updated, want.Thread = "Question", "u", "unlisted", "<entry>2</entry>", "h2", 8, 9
	want.Service, want.Node, want.Item, want.Shown, want.Message = "pubsub.test", "n2", "i2", "h2", "m2"
	for _, got := range []Note{
		must(s.NoteByObject(ctx, want.Object))(t), must(s.NoteByID(ctx, want.ID))(t), must(s.NoteAt(ctx, "pubsub.test", "n2", "i2"))(t),
	} {
		if got != want {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
}

// The same object arrives at the shared and at a personal inbox at once.
func TestNoteIsFreshOnce(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	const callers = 8
	type result struct {
		id    int64
		fresh bool
		err   error
	}
	results := make(chan result)
	for i := range callers {
		go func() {
			n, fresh, err := s.AddNote(ctx, Note{Object: "o", Actor: "bob", Entry: fmt.Sprint(i)})
			results <- result{n.ID, fresh, err}
		}()
	}
	fresh, first := 0, int64(0)
	for range callers {
		r := <-results
		if r.fresh {
			fresh++
		}
		if first == 0 {
			first = r.id
		}
		if r.err != nil || r.id != first {
			t.Errorf("got %+v, want id %d", r, first)
		}
	}
	if fresh != 1 {
		t.Errorf("%d are fresh", fresh)
	}
}

// Whatever comes after a Delete, the text does not come back.
func TestDeletedNoteIsATombstone(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	n := s.note(Note{Object: "o", Actor: "bob", Visibility: "public", Entry: "<entry/>", Hash: "h", Shown: "h", Service: "c", Node: "n", Item: "i", Thread: 1})
	s.ok(s.DeleteNote(ctx, n.ID, 77))
	want := n
	want.Deleted, want.Entry, want.Hash = 77, "", ""
	if got := must(s.NoteAt(ctx, "c", "n", "i"))(t); got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if err := s.UpdateNote(ctx, n); !errors.Is(err, ErrNotFound) {
		t.Errorf("updated: %v", err)
	}
	again, fresh, err := s.AddNote(ctx, n)
	if err != nil || fresh || again != want {
		t.Errorf("added again: fresh %v, %+v (%v)", fresh, again, err)
	}
	s.ok(s.SetNoteShown(ctx, n.ID, ""))
	if got := must(s.NoteByID(ctx, n.ID))(t); got.Shown != "" || got.Entry != "" {
		t.Errorf("taken down %+v", got)
	}
}

func TestWhichNotesAreListed(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	for _, n := range []Note{
		{Object: "a", Visibility: "public"}, {Object: "b", Visibility: "unlisted"}, {Object: "c", Visibility: "followers"}, {Object: "d", Visibility: "direct"},
		{Object: "e", Visibility: "public"}, {Object: "f", Visibility: "public"}, {Object: "x", Visibility: "public", Thread: 2},
	} {
		n.Actor, n.ReplyTo, n.Thread = "bob", "post", max(n.Thread, 1)
		if n.Object == "x" {
			n.Actor, n.ReplyTo = "carol", "elsewhere"
		}
		s.note(n)
	}
	s.ok(s.DeleteNote(ctx, must(s.NoteByObject(ctx, "e"))(t).ID, 9))
	b := must(s.NoteByObject(ctx, "b"))(t).ID
	for what, c := range map[string]struct {
		got  []Note
		want string
	}{
		"by an actor":       {must(s.NotesBy(ctx, "bob", 0, 10))(t), "abcdf"},
		"the second page":   {must(s.NotesBy(ctx, "bob", b, 2))(t), "cd"},
		"in a thread":       {must(s.NotesIn(ctx, 1, 10))(t), "fba"},
		"the newest":        {must(s.NotesIn(ctx, 1, 2))(t), "fb"},
		"replies":           {must(s.NoteReplies(ctx, "post", 0, 10))(t), "abf"},
		"replies, one page": {must(s.NoteReplies(ctx, "post", b, 10))(t), "f"},
		"no replies":        {must(s.NoteReplies(ctx, "", 0, 10))(t), ""},
	} {
		if got := objects(c.got); got != c.want {
			t.Errorf("%s: %s, want %s", what, got, c.want)
		}
	}
}

func TestReplyCount(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.note(Note{Object: "a", ReplyTo: "post", Visibility: "public"})
	s.note(Note{Object: "b", ReplyTo: "post", Visibility: "direct"})
	s.comment("c", 1, "post", 1)
	s.comment("d", 2, "a", 1)
	deleted := s.comment("e", 3, "post", 1)
	s.ok(s.DeletePost(ctx, deleted.ID, 9))
	for object, want := range map[string]int{"post": 2, "a": 1, "nothing": 0, "": 0} {
		if got := must(s.ReplyCount(ctx, object))(t); got != want {
			t.Errorf("%q has %d replies, want %d", object, got, want)
		}
		listed := len(must(s.NoteReplies(ctx, object, 0, 10))(t)) + len(must(s.PostReplies(ctx, object, 0, 10))(t))
		if listed != want {
			t.Errorf("%q lists %d replies, want %d", object, listed, want)
		}
	}
}

func TestNoteNotFound(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.note(Note{Object: "by message only", Visibility: "direct"})
	for what, err := range map[string]error{
		"object":  second(s.NoteByObject(ctx, "o")),
		"id":      second(s.NoteByID(ctx, 99)),
		"place":   second(s.NoteAt(ctx, "c", "n", "i")),
		"nowhere": second(s.NoteAt(ctx, "", "", "")),
		"update":  s.UpdateNote(ctx, Note{ID: 99}),
		"delete":  s.DeleteNote(ctx, 99, 1),
		"shown":   s.SetNoteShown(ctx, 99, "h"),
		"message": s.SetNoteMessage(ctx, 99, "m"),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
