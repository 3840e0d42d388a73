package db

import (
	"errors"
	"slices"
	"testing"
)

func TestFollowerKeepsItsPlaceUntilRemoved(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	first := s.follower("https://a.test/bob", "a.test", "https://a.test/inbox", "pending")
	again := s.follower("https://a.test/bob", "a.test", "https://a.test/new", "accepted")
	if again.ID != first.ID || again.Inbox != "https://a.test/new" || again.State != "accepted" {
		t.Errorf("got %+v after %+v", again, first)
	}
	other := s.follower("https://a.test/carol", "a.test", "https://a.test/inbox", "accepted")
	s.ok(s.SetFollowerState(ctx, s.blog.ID, first.Actor, "removed"))
	back := s.follower("https://a.test/bob", "a.test", "https://a.test/inbox", "pending")
	if back.ID <= other.ID {
		t.Errorf("id %d of one who came back, want more than %d", back.ID, other.ID)
	}
	if n := must(s.FollowerCount(ctx, s.blog.ID, "accepted"))(t); n != 1 {
		t.Errorf("%d accepted", n)
	}
	if list := must(s.Followers(ctx, s.blog.ID, "pending", 0, 10))(t); len(list) != 1 || list[0] != back {
		t.Errorf("pending %+v", list)
	}
	if err := s.SetFollowerState(ctx, s.blog.ID, "https://a.test/nobody", "accepted"); !errors.Is(err, ErrNotFound) {
		t.Errorf("state of nobody: %v", err)
	}
}

func TestRemoveActorEverywhere(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.follower("https://a.test/bob", "a.test", "https://a.test/inbox", "accepted")
	s.blog = s.addBlog("bob")
	s.follower("https://a.test/bob", "a.test", "https://a.test/inbox", "accepted")
	s.follower("https://a.test/carol", "a.test", "https://a.test/inbox", "accepted")
	if !must(s.RemoteKnown(ctx, "https://a.test/bob"))(t) || must(s.RemoteKnown(ctx, "https://a.test/dave"))(t) {
		t.Error("who is known is not")
	}
	if n := must(s.RemoveActor(ctx, "https://a.test/bob"))(t); n != 2 {
		t.Errorf("%d removed", n)
	}
	if left := must(s.FollowersAt(ctx, "https://a.test/inbox", 10))(t); len(left) != 1 || left[0].Actor != "https://a.test/carol" {
		t.Errorf("left %+v", left)
	}
	s.ok(s.MoveFollower(ctx, "https://a.test/carol", "https://b.test/own", "https://b.test/inbox", "b.test", "carol@b.test"))
	if f := must(s.Follower(ctx, s.blog.ID, "https://a.test/carol"))(t); f.Host != "b.test" || f.Own != "https://b.test/own" || f.Handle != "carol@b.test" {
		t.Errorf("moved %+v", f)
	}
}

// An actor's keys and what else is known of it are learned apart.
func TestPeerKeys(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	rsa := PeerKey{"https://a.test/bob#key", "https://a.test/bob", "PEM", 5}
	ed := PeerKey{"https://a.test/bob#ed", "https://a.test/bob", "PEM2", 6}
	s.ok(s.PutPeerKey(ctx, rsa))
	s.ok(s.PutPeerKey(ctx, ed))
	if !must(s.RemoteKnown(ctx, "https://a.test/bob"))(t) {
		t.Error("who signed is not known")
	}
	s.ok(s.PutRemote(ctx, Remote{Actor: "https://a.test/bob", Handle: "bob@a.test", Inbox: "https://a.test/in", Fetched: 9}))
	rsa.PEM, rsa.Fetched = "PEM3", 11
	s.ok(s.PutPeerKey(ctx, rsa))
	if got := must(s.PeerKey(ctx, rsa.ID))(t); got != rsa {
		t.Errorf("got %+v", got)
	}
	if got := must(s.PeerKeys(ctx, rsa.Actor))(t); len(got) != 2 || !slices.Contains(got, rsa) || !slices.Contains(got, ed) {
		t.Errorf("of the actor %+v", got)
	}
	s.ok(s.DropPeerKey(ctx, rsa.ID))
	if _, err := s.PeerKey(ctx, rsa.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("dropped: %v", err)
	}
}
