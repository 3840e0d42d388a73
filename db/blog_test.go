package db

import (
	"errors"
	"testing"
)

func TestBlog(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.ok(s.SetState(ctx, s.blog.ID, Paused))
	s.ok(s.SetGate(ctx, s.blog.ID, GateClosed, "only contacts may read it", 5))
	s.ok(s.SetProfile(ctx, s.blog.ID, Profile{Name: "Alice", Note: "hi", AvatarHash: "h", AvatarType: "image/png"}, 6))
	s.ok(s.SetSynced(ctx, s.blog.ID, 7))
	s.ok(s.SetOptions(ctx, Blog{ID: s.blog.ID, Approve: true, HideNetwork: true, Discoverable: true, Indexable: true, Lang: "de"}))
	b := must(s.BlogByToken(ctx, "tok-alice"))(t)
	want := s.blog
	want.State, want.Gate, want.Reason, want.ProbedAt, want.SyncedAt, want.ProfileAt = Paused, GateClosed, "only contacts may read it", 5, 7, 6
	want.Profile = Profile{Name: "Alice", Note: "hi", AvatarHash: "h", AvatarType: "image/png"}
	want.Approve, want.HideNetwork, want.Discoverable, want.Indexable, want.Lang = true, true, true, true, "de"
	if b != want {
		t.Errorf("got  %+v\nwant %+v", b, want)
	}
	for _, same := range []Blog{
		must(s.BlogByID(ctx, b.ID))(t), must(s.BlogByHandle(ctx, "alice"))(t), must(s.BlogByNode(ctx, b.JID, b.Node))(t), must(s.Blogs(ctx))(t)[0],
	} {
		if same != b {
			t.Errorf("got %+v", same)
		}
	}
	if _, err := s.BlogByHandle(ctx, "nobody"); !errors.Is(err, ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
	if err := s.SetState(ctx, 99, On); !errors.Is(err, ErrNotFound) {
		t.Errorf("state of nobody: %v", err)
	}
}

func TestBlogConflicts(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	for what, b := range map[string]Blog{
		"handle": {Token: "t2", JID: "other@example.org", Node: "n", Handle: "alice", State: On},
		"node":   {Token: "t3", JID: s.blog.JID, Node: s.blog.Node, Handle: "other", State: On},
		"token":  {Token: "tok-alice", JID: "x@example.org", Node: "n", Handle: "x", State: On},
	} {
		if _, err := s.CreateBlog(ctx, b); !errors.Is(err, ErrConflict) {
			t.Errorf("same %s: %v", what, err)
		}
	}
	// A transaction ends with its conflict, and the next one begins anew.
	create := func(handle string) error {
		return s.Tx(ctx, func(tx *Tx) error {
			_, err := tx.CreateBlog(ctx, Blog{Token: "t4", JID: "y@example.org", Node: "n", Handle: handle, State: On})
			return err
		})
	}
	if err := create("alice"); !errors.Is(err, ErrConflict) {
		t.Errorf("got %v", err)
	}
	s.ok(create("y"))
}

func TestPrivateKeyIsNeverReplaced(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	if _, err := s.PrivateKey(ctx, 0); !errors.Is(err, ErrNotFound) {
		t.Errorf("no key yet: %v", err)
	}
	for _, pem := range []string{"first", "second"} {
		if got := must(s.AddPrivateKey(ctx, 0, pem))(t); got != "first" {
			t.Errorf("stored %q", got)
		}
	}
	if got := must(s.PrivateKey(ctx, 0))(t); got != "first" {
		t.Errorf("read %q", got)
	}
}

func TestNoticeOnce(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	for i, want := range []bool{true, false, false} {
		if fresh := must(s.Notice(ctx, s.blog.ID, "closed", 1))(t); fresh != want {
			t.Errorf("notice %d: fresh %v", i, fresh)
		}
	}
	if !must(s.HasNotice(ctx, s.blog.ID, "closed"))(t) {
		t.Error("not noted")
	}
	s.ok(s.ClearNotice(ctx, s.blog.ID, "closed"))
	if !must(s.Notice(ctx, s.blog.ID, "closed", 2))(t) {
		t.Error("not fresh after it was cleared")
	}
}

func TestMedia(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.ok(s.PutMedia(ctx, "h", "image/png", []byte{1, 2}))
	s.ok(s.PutMedia(ctx, "h", "image/gif", []byte{3}))
	typ, data, err := s.Media(ctx, "h")
	if err != nil || typ != "image/png" || len(data) != 2 {
		t.Errorf("got %s %v %v", typ, data, err)
	}
	if _, _, err := s.Media(ctx, "x"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
