package db

import (
	"errors"
	"slices"
	"testing"
)

func TestThread(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	first := must(s.PutThread(ctx, Thread{PostID: 1, Service: "louise@movim.test", Node: commentNode, Created: 5}))(t)
	if want := (Thread{ID: first.ID, PostID: 1, Service: "louise@movim.test", Node: commentNode, Created: 5}); first != want || first.ID == 0 {
		t.Errorf("got %+v", first)
	}
	s.ok(s.SetSubscribed(ctx, first.ID, true))
	first.Subscribed = true
	// Another post that claims the node learns whose it is.
	if got := must(s.PutThread(ctx, Thread{PostID: 2, Service: first.Service, Node: first.Node, Created: 6}))(t); got != first {
		t.Errorf("claimed by another: %+v", got)
	}
	for _, got := range []Thread{
		must(s.ThreadByNode(ctx, first.Service, first.Node))(t), must(s.ThreadByPost(ctx, 1))(t), must(s.ThreadByID(ctx, first.ID))(t),
	} {
		if got != first {
			t.Errorf("got %+v", got)
		}
	}
	moved := must(s.PutThread(ctx, Thread{PostID: 1, Service: "comments.test", Node: commentNode, Created: 7}))(t)
	if got := must(s.ThreadByPost(ctx, 1))(t); got != moved || moved.ID == first.ID {
		t.Errorf("after an edit %+v", got)
	}
	s.ok(s.MoveThread(ctx, moved.ID, 3))
	if a, b := must(s.ThreadByPost(ctx, 1))(t), must(s.ThreadByPost(ctx, 3))(t); a != first || b.ID != moved.ID {
		t.Errorf("published again: %+v and %+v", a, b)
	}
}

func TestItemsIn(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	where := must(s.PutThread(ctx, Thread{PostID: 1, Service: "louise@movim.test", Node: commentNode}))(t)
	for _, n := range []Note{{Object: "stands", Shown: "h"}, {Object: "waits"}, {Object: "elsewhere", Shown: "h", Node: "x"}} {
		n.Actor, n.Thread, n.Visibility, n.Service, n.Item = "bob", where.ID, "public", where.Service, n.Object
		if n.Node == "" {
			n.Node = where.Node
		}
		s.note(n)
	}
	s.ok(s.PutComment(ctx, where.ID, "stranger's", "alice@movim.test", false, 1))
	must(s.AddDeed(ctx, Deed{BlogID: 1, Kind: "like", Object: "o", Service: where.Service, Node: where.Node, Item: "heart"}))(t)
	must(s.AddDeed(ctx, Deed{BlogID: 1, Kind: "like", Object: "o", Service: where.Service, Node: "x", Item: "other"}))(t)
	if got := must(s.ItemsIn(ctx, where, 10))(t); !slices.Equal(got, []string{"stands", "stranger's", "heart"}) {
		t.Errorf("got %q", got)
	}
	if got := must(s.ItemsIn(ctx, where, 2))(t); len(got) != 2 {
		t.Errorf("got %q", got)
	}
}

func TestThreadNotFound(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	for what, err := range map[string]error{
		"node":       second(s.ThreadByNode(ctx, "s", "n")),
		"post":       second(s.ThreadByPost(ctx, 1)),
		"id":         second(s.ThreadByID(ctx, 1)),
		"move":       s.MoveThread(ctx, 1, 2),
		"subscribed": s.SetSubscribed(ctx, 1, true),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
