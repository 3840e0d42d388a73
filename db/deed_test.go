package db

import "testing"

func TestDeed(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	like := Deed{BlogID: s.blog.ID, Kind: "like", Object: "https://a.test/1", Service: "alice@movim.test", Node: "n", Item: "i", Token: "t1", Host: "a.test", Inbox: "https://a.test/inbox", Created: 5}
	react, other := like, like
	react.Kind, react.Content, react.Token = "react", "🦝", "t2"
	other.Item, other.Kind, other.Token = "j", "announce", "t3"
	for _, d := range []Deed{react, like, other} {
		if !must(s.AddDeed(ctx, d))(t) {
			t.Errorf("%s is not fresh", d.Kind)
		}
	}
	again := like
	again.Token, again.Object = "t4", "https://a.test/2"
	if must(s.AddDeed(ctx, again))(t) {
		t.Error("the same item likes twice")
	}
	like.ID, react.ID, other.ID = 2, 1, 3
	if got := must(s.DeedsAt(ctx, "alice@movim.test", "n", "i"))(t); len(got) != 2 || got[0] != like || got[1] != react {
		t.Errorf("an item stands for %+v", got)
	}
	if got := must(s.DeedsOn(ctx, "https://a.test/1", 2))(t); len(got) != 2 || got[0] != react || got[1] != like {
		t.Errorf("done to an object: %+v", got)
	}
	for range 2 { // the second time there is nothing to do
		s.ok(s.RemoveDeed(ctx, like.ID))
	}
	if got := must(s.DeedsAt(ctx, "alice@movim.test", "n", "i"))(t); len(got) != 1 || got[0] != react {
		t.Errorf("left %+v", got)
	}
	if !must(s.AddDeed(ctx, again))(t) {
		t.Error("not fresh after it was removed")
	}
}
