package db

import "testing"

func texts(news []News) (s string) {
	for _, n := range news {
		s += n.Text
	}
	return s
}

func TestNews(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	whole := News{BlogID: 1, Kind: "reply", Actor: "https://a.test/bob", Name: "Bob", PostID: 7, URL: "https://a.test/1", Text: "a", Created: 5}
	for _, n := range []News{
		whole,
		{BlogID: 1, Kind: "like", Actor: "bob", PostID: 7, Text: "b", Digest: true},
		{BlogID: 1, Kind: "like", Actor: "carol", PostID: 7, Text: "c", Digest: true},
		{BlogID: 2, Kind: "like", Actor: "bob", PostID: 7, Text: "d", Digest: true},
		{BlogID: 1, Kind: "like", Actor: "bob", PostID: 8, Text: "e", Digest: true},
		{BlogID: 1, Kind: "announce", Actor: "bob", PostID: 7, Text: "f", Digest: true},
	} {
		s.ok(s.AddNews(ctx, n))
	}
	whole.ID = 1
	if got := must(s.NewsOf(ctx, 1, false, 10))(t); len(got) != 1 || got[0] != whole {
		t.Errorf("one by one %+v", got)
	}
	digest := must(s.NewsOf(ctx, 1, true, 10))(t)
	if got, two := texts(digest), texts(must(s.NewsOf(ctx, 1, true, 2))(t)); got != "bcef" || two != "bc" {
		t.Errorf("digest %s, its beginning %s", got, two)
	}
	s.ok(s.RemoveNewsOf(ctx, 1, "like", "bob", 7))
	if got := texts(must(s.NewsOf(ctx, 1, true, 10))(t)); got != "cef" {
		t.Errorf("after an undo %s", got)
	}
	s.ok(s.RemoveNews(ctx, []int64{digest[0].ID, digest[1].ID, digest[2].ID}))
	s.ok(s.RemoveNews(ctx, nil))
	if got := texts(must(s.NewsOf(ctx, 1, true, 10))(t)) + texts(must(s.NewsOf(ctx, 2, true, 10))(t)); got != "fd" {
		t.Errorf("left %s", got)
	}
}
