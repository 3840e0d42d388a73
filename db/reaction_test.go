package db

import (
	"errors"
	"fmt"
	"testing"
)

// react stores reactions to a post, each with the next activity.
func (s *sample) react(post int64, list ...[3]string) {
	s.t.Helper()
	for _, r := range list {
		s.n++
		if !must(s.AddReaction(s.t.Context(), Reaction{PostID: post, Actor: r[0], Kind: r[1], Content: r[2], Activity: fmt.Sprint("act", s.n), Created: int64(s.n)}))(s.t) {
			s.t.Fatalf("%v is not fresh", r)
		}
	}
}

func deeds(list []Reaction) (s string) {
	for _, r := range list {
		s += r.Actor + ":" + r.Kind + r.Content + " "
	}
	return s
}

func TestReactions(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.react(1, [3]string{"bob", "like", ""}, [3]string{"bob", "announce", ""}, [3]string{"carol", "react", "🦝"}, [3]string{"bob", "react", "🦝"}, [3]string{"dave", "announce", ""})
	s.react(2, [3]string{"bob", "like", ""})
	if must(s.AddReaction(ctx, Reaction{PostID: 1, Actor: "bob", Kind: "like", Activity: "again"}))(t) {
		t.Error("a like under another id is fresh")
	}
	first := must(s.Likes(ctx, 1, 0, 1))(t)
	for what, c := range map[string]struct {
		got  []Reaction
		want string
	}{
		"likes":           {must(s.Likes(ctx, 1, 0, 10))(t), "bob:like carol:react🦝 bob:react🦝 "},
		"the second page": {must(s.Likes(ctx, 1, first[0].ID, 10))(t), "carol:react🦝 bob:react🦝 "},
		"shares":          {must(s.Shares(ctx, 1, 0, 10))(t), "bob:announce dave:announce "},
		"by one":          {must(s.ReactionsBy(ctx, 1, "bob"))(t), "bob:announce bob:like bob:react🦝 "},
		"of one":          {must(s.ReactionsOf(ctx, "bob", 2))(t), "bob:like bob:announce "},
		"of nobody":       {must(s.ReactionsOf(ctx, "eve", 2))(t), ""},
	} {
		if got := deeds(c.got); got != c.want {
			t.Errorf("%s: %s, want %s", what, got, c.want)
		}
	}
	if likes, shares := must(s.LikeCount(ctx, 1))(t), must(s.ShareCount(ctx, 1))(t); likes != 2 || shares != 2 {
		t.Errorf("%d like and %d share it", likes, shares)
	}
	if likes, shares := must(s.LikeCount(ctx, 3))(t), must(s.ShareCount(ctx, 3))(t); likes != 0 || shares != 0 {
		t.Errorf("%d like and %d share what is not there", likes, shares)
	}
}

func TestReactionIsUndone(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.react(1, [3]string{"bob", "like", ""}, [3]string{"bob", "react", "🦝"})
	want := Reaction{ID: 1, PostID: 1, Actor: "bob", Kind: "like", Activity: "act1", Created: 1}
	if got := must(s.ReactionByActivity(ctx, "bob", "act1"))(t); got != want {
		t.Errorf("got %+v", got)
	}
	if _, err := s.ReactionByActivity(ctx, "carol", "act1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("somebody else's activity: %v", err)
	}
	for i, want := range []int{1, 0} {
		if n := must(s.RemoveReaction(ctx, 1, "bob", "react", "🦝"))(t); n != want {
			t.Errorf("removal %d: %d", i, n)
		}
	}
	if got := deeds(must(s.ReactionsBy(ctx, 1, "bob"))(t)); got != "bob:like " {
		t.Errorf("left %s", got)
	}
	// An activity without an id can be undone by what it did only.
	if !must(s.AddReaction(ctx, Reaction{PostID: 1, Actor: "bob", Kind: "announce"}))(t) {
		t.Error("not fresh")
	}
	if _, err := s.ReactionByActivity(ctx, "bob", ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("no id: %v", err)
	}
}

func TestMark(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	if _, err := s.MarkOf(ctx, 1, "bob"); !errors.Is(err, ErrNotFound) {
		t.Errorf("nothing yet: %v", err)
	}
	for _, m := range []Mark{
		{PostID: 1, Actor: "bob", Shown: "attachments", Hash: "h", Service: "alice@movim.test", Node: "n", Item: "bob@gw.test"},
		{PostID: 1, Actor: "bob", Shown: "comments", Hash: "h2", Service: "comments.test", Node: "n2", Item: "i"},
	} {
		s.ok(s.PutMark(ctx, m))
		if got := must(s.MarkOf(ctx, 1, "bob"))(t); got != m {
			t.Errorf("got %+v", got)
		}
	}
	if _, err := s.MarkOf(ctx, 1, "carol"); !errors.Is(err, ErrNotFound) {
		t.Errorf("somebody else's: %v", err)
	}
}
