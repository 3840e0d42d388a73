package db

import (
	"errors"
	"testing"
)

const commentNode = "urn:xmpp:microblog:0:comments/one"

// comment is a post of the sample's blog that lies on a comments node.
func (s *sample) comment(item string, published int64, replyTo string, thread int64) Post {
	s.t.Helper()
	return must(s.SavePost(s.t.Context(), Post{Token: "comment-" + item, BlogID: s.blog.ID, Service: "louise@movim.test", Node: commentNode, Item: item, Hash: "h",
		Object: "{}", OnNode: true, ReplyTo: replyTo, Thread: thread, Published: published, Seen: published, CreateTok: "create-comment-" + item}))(s.t)
}

// One item id may be used on any number of nodes.
func TestPlaceTellsPostsApart(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	post, comment := s.post("a", 10), s.comment("a", 20, "o", 1)
	if got := must(s.PostByItem(ctx, s.blog.ID, "a"))(t); got != post {
		t.Errorf("on the blog %+v", got)
	}
	if got := must(s.PostAt(ctx, comment.Service, comment.Node, "a"))(t); got != comment {
		t.Errorf("the comment %+v", got)
	}
	if _, err := s.PostAt(ctx, "", "", "a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("no place: %v", err)
	}
	edit := comment
	edit.Token, edit.CreateTok, edit.Hash, edit.ReplyTo, edit.Thread, edit.Updated = "other", "other", "h2", "o2", 2, 30
	want := comment
	want.Hash, want.ReplyTo, want.Thread, want.Updated = "h2", "o2", 2, 30
	if got := must(s.SavePost(ctx, edit))(t); got != want {
		t.Errorf("edited %+v\nwant   %+v", got, want)
	}
	s.ok(s.DeletePost(ctx, comment.ID, 40))
	if _, err := s.PostAt(ctx, comment.Service, comment.Node, "a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
}

// Who publishes over somebody else's item has it from then on.
func TestLastOneToPublishAtAPlace(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	first := s.comment("a", 10, "o", 1)
	s.blog = s.addBlog("bob")
	second := must(s.SavePost(ctx, Post{Token: "bob-a", BlogID: s.blog.ID, Service: first.Service, Node: first.Node, Item: "a", Object: "{}"}))(t)
	for _, want := range []Post{second, first} {
		if got := must(s.PostAt(ctx, first.Service, first.Node, "a"))(t); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		s.ok(s.DeletePost(ctx, want.ID, 20))
	}
}

// Comments are public posts, but neither on the blog's own node nor on its pages.
func TestCommentsApartFromPosts(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.post("a", 10)
	s.comment("c", 11, "o", 1)
	s.post("b", 12)
	s.comment("d", 13, "o", 1)
	s.comment("e", 14, "p", 2)
	s.ok(s.SetOnNode(ctx, s.comment("f", 15, "p", 2).ID, false))
	home := must(s.SavePost(ctx, Post{Token: "home", BlogID: s.blog.ID, Service: "c", Node: "n", Item: "h", Object: "{}", Home: true, ReplyTo: "o", Thread: 1, OnNode: true, Seen: 99}))(t)
	c := must(s.PostAt(ctx, "louise@movim.test", commentNode, "c"))(t)
	for what, list := range map[string]struct {
		got  []Post
		want string
	}{
		"all":                {must(s.Posts(ctx, s.blog.ID, 0, 0, 10))(t), "fedbca"},
		"own":                {must(s.OwnPosts(ctx, s.blog.ID, 0, 0, 10))(t), "ba"},
		"own, second page":   {must(s.OwnPosts(ctx, s.blog.ID, 12, 3, 10))(t), "a"},
		"living":             {must(s.LivePosts(ctx, s.blog.ID, 0, 10))(t), "ab"},
		"on the node":        {must(s.OldestOnNode(ctx, s.blog.ID, 10))(t), "ab"},
		"in a thread":        {must(s.OldestInThread(ctx, 1, 10))(t), "cdh"},
		"the oldest there":   {must(s.OldestInThread(ctx, 1, 1))(t), "c"},
		"still there":        {must(s.OldestInThread(ctx, 2, 10))(t), "e"},
		"in no thread":       {must(s.OldestInThread(ctx, 0, 10))(t), ""},
		"replies":            {must(s.PostReplies(ctx, "o", 0, 10))(t), "cd"},
		"replies after one":  {must(s.PostReplies(ctx, "o", c.ID, 10))(t), "d"},
		"answers to nothing": {must(s.PostReplies(ctx, "", 0, 10))(t), ""},
	} {
		if got := items(list.got); got != list.want {
			t.Errorf("%s: %s, want %s", what, got, list.want)
		}
	}
	if all, own := must(s.PostCount(ctx, s.blog.ID))(t), must(s.OwnPostCount(ctx, s.blog.ID))(t); all != 6 || own != 2 {
		t.Errorf("%d posts, %d of them own", all, own)
	}
	s.ok(s.DeletePost(ctx, home.ID, 100))
	if got := items(must(s.OldestInThread(ctx, 1, 10))(t)); got != "cd" {
		t.Errorf("after a deletion %s", got)
	}
}

func TestCommentsAreCounted(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	for _, c := range []struct {
		thread       int64
		item, author string
		heart        bool
	}{
		{1, "a", "louise@movim.test", false},
		{1, "b", "juliet@movim.test", false},
		{1, "h", "juliet@movim.test", true},
		{2, "a", "romeo@movim.test", false},
		{1, "a", "mallory@movim.test", true}, // an edit is nobody else's
	} {
		s.ok(s.PutComment(ctx, c.thread, c.item, c.author, c.heart, 5))
	}
	if n := must(s.CommentCount(ctx, 1))(t); n != 2 {
		t.Errorf("%d comments", n)
	}
	if author := must(s.RemoveComment(ctx, 1, "a"))(t); author != "louise@movim.test" {
		t.Errorf("it was by %s", author)
	}
	if _, err := s.RemoveComment(ctx, 1, "a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	if one, two := must(s.CommentCount(ctx, 1))(t), must(s.CommentCount(ctx, 2))(t); one != 1 || two != 1 {
		t.Errorf("%d and %d left", one, two)
	}
}
