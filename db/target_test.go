package db

import (
	"errors"
	"slices"
	"testing"
)

func TestTargets(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	a, b := s.post("a", 1).ID, s.post("b", 2).ID
	for _, host := range []string{"c.test", "a.test", "a.test"} {
		s.ok(s.AddTarget(ctx, a, at(host)))
	}
	s.ok(s.AddTarget(ctx, b, at("a.test")))
	s.ok(s.AddTarget(ctx, b, at("d.test")))
	must(s.AddDeed(ctx, Deed{BlogID: s.blog.ID, Kind: "like", Item: "1", Host: "b.test", Inbox: at("b.test").Inbox}))(t)
	must(s.AddDeed(ctx, Deed{BlogID: s.blog.ID, Kind: "like", Item: "2", Host: "a.test", Inbox: at("a.test").Inbox}))(t)
	must(s.AddDeed(ctx, Deed{BlogID: s.blog.ID, Kind: "like", Item: "3"}))(t) // told nobody
	must(s.AddDeed(ctx, Deed{BlogID: s.addBlog("bob").ID, Kind: "like", Item: "4", Host: "x.test", Inbox: at("x.test").Inbox}))(t)
	if got := must(s.Targets(ctx, a))(t); !slices.Equal(got, []Target{at("a.test"), at("c.test")}) {
		t.Errorf("of a post %v", got)
	}
	s.ok(s.DeletePost(ctx, b, 9)) // who got it is still to be told of what happens to the blog
	if got := must(s.BlogTargets(ctx, s.blog.ID))(t); !slices.Equal(got, []Target{at("a.test"), at("b.test"), at("c.test"), at("d.test")}) {
		t.Errorf("of the blog %v", got)
	}
	if err := s.AddTarget(ctx, 99, at("a.test")); !errors.Is(err, ErrNotFound) {
		t.Errorf("of no post: %v", err)
	}
}
