package db

import (
	"errors"
	"testing"
)

func (s *sample) post(item string, published int64) Post {
	s.t.Helper()
	return must(s.SavePost(s.t.Context(), Post{Token: "post-" + item, BlogID: s.blog.ID, Item: item, Hash: "h", Source: "<entry/>", Object: "{}",
		OnNode: true, Published: published, Seen: published, CreateTok: "create-" + item}))(s.t)
}

func items(posts []Post) (s string) {
	for _, p := range posts {
		s += p.Item
	}
	return s
}

func TestSavedPostKeepsItsIdentity(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	first := s.post("a", 10)
	second := must(s.SavePost(ctx, Post{Token: "other", BlogID: s.blog.ID, Item: "a", Hash: "h2", Object: `{"v":2}`, OnNode: true, Published: 10, Updated: 20, Seen: 20, CreateTok: "other"}))(t)
	want := first
	want.Hash, want.Source, want.Object, want.Updated, want.Heard = "h2", "", `{"v":2}`, 20, 20
	if second != want {
		t.Errorf("got  %+v\nwant %+v", second, want)
	}
	if got := must(s.PostByToken(ctx, "post-a"))(t); got != want {
		t.Errorf("got %+v", got)
	}
}

func TestPostsNewestFirstInPages(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	for i, item := range []string{"a", "b", "c", "d", "e", "f"} {
		s.post(item, int64(10+i/2)) // two at each time
	}
	home := Post{Token: "home", BlogID: s.blog.ID, Item: "x", Object: "{}", Home: true, Published: 99}
	must(s.SavePost(ctx, home))(t)
	s.ok(s.DeletePost(ctx, must(s.PostByItem(ctx, s.blog.ID, "c"))(t).ID, 50))
	var got string
	for published, id := int64(0), int64(0); ; {
		page := must(s.Posts(ctx, s.blog.ID, published, id, 2))(t)
		if len(page) == 0 {
			break
		}
		got += items(page) + " "
		last := page[len(page)-1]
		published, id = last.Published, last.ID
	}
	if got != "fe db a " {
		t.Errorf("pages %q", got)
	}
	if n := must(s.PostCount(ctx, s.blog.ID))(t); n != 5 {
		t.Errorf("%d posts", n)
	}
	if live := items(must(s.LivePosts(ctx, s.blog.ID, 0, 10))(t)); live != "abdefx" {
		t.Errorf("living %q", live)
	}
	if c := must(s.Counts(ctx, 12, 0))(t); c != (Counts{Blogs: 1, Posts: 5, ActiveMonth: 1, ActiveHalfYear: 1}) {
		t.Errorf("counts %+v", c)
	}
}

func TestDeletedPostIsATombstone(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	p := s.post("a", 10)
	s.ok(s.DeletePost(ctx, p.ID, 77))
	got := must(s.PostByToken(ctx, p.Token))(t)
	if got.Deleted != 77 || got.Source != "" || got.Object != "" || got.OnNode {
		t.Errorf("got %+v", got)
	}
}

func TestOldestOnNode(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	for _, item := range []string{"b", "a", "c"} {
		s.post(item, int64(len(item)))
	}
	s.post("d", 0)
	if got := items(must(s.OldestOnNode(ctx, s.blog.ID, 3))(t)); got != "dba" {
		t.Errorf("oldest %q", got)
	}
	s.ok(s.SetOnNode(ctx, must(s.PostByItem(ctx, s.blog.ID, "d"))(t).ID, false))
	if got := items(must(s.OldestOnNode(ctx, s.blog.ID, 3))(t)); got != "bac" {
		t.Errorf("without the one that is off the node %q", got)
	}
}

// An item that is published again after its deletion is a new post.
func TestPublishedAgainAfterDeletion(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	first := s.post("a", 10)
	s.ok(s.DeletePost(ctx, first.ID, 20))
	if _, err := s.PostByItem(ctx, s.blog.ID, "a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleted item: %v", err)
	}
	again := must(s.SavePost(ctx, Post{Token: "new", BlogID: s.blog.ID, Item: "a", Object: "{}", Published: 30, CreateTok: "new"}))(t)
	if again.ID == first.ID || again.Token != "new" {
		t.Errorf("got %+v", again)
	}
	if got := must(s.PostByToken(ctx, first.Token))(t); got.Deleted != 20 {
		t.Errorf("the tombstone is %+v", got)
	}
}
