package db

import (
	"maps"
	"slices"
	"testing"
)

func TestPreferences(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	if got := must(s.Preferences(ctx, 1))(t); len(got) != 0 {
		t.Errorf("at first %v", got)
	}
	s.ok(s.SetPreference(ctx, 1, "notify", "off"))
	s.ok(s.SetPreference(ctx, 1, "likes", "digest"))
	s.ok(s.SetPreference(ctx, 2, "notify", "x"))
	s.ok(s.SetPreference(ctx, 1, "notify", "on"))
	if got := must(s.Preferences(ctx, 1))(t); !maps.Equal(got, map[string]string{"notify": "on", "likes": "digest"}) {
		t.Errorf("got %v", got)
	}
}

func TestMutes(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	for _, subject := range []string{"https://a.test/bob", "@spam.test", "https://a.test/bob"} {
		s.ok(s.AddMute(ctx, 1, subject))
	}
	if got := must(s.Mutes(ctx, 1))(t); !slices.Equal(got, []string{"@spam.test", "https://a.test/bob"}) {
		t.Errorf("got %v", got)
	}
	for _, c := range []struct {
		blog        int64
		actor, host string
		want        bool
	}{
		{1, "https://a.test/bob", "a.test", true},
		{1, "https://a.test/carol", "a.test", false},
		{1, "https://spam.test/x", "spam.test", true},
		{1, "https://x.spam.test/x", "x.spam.test", false},
		{2, "https://a.test/bob", "a.test", false},
		{1, "", "", false},
	} {
		if got := must(s.Muted(ctx, c.blog, c.actor, c.host))(t); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	for i, want := range []int{1, 0} {
		if n := must(s.RemoveMute(ctx, 1, "@spam.test"))(t); n != want {
			t.Errorf("removal %d: %d", i, n)
		}
	}
	if must(s.Muted(ctx, 1, "https://spam.test/x", "spam.test"))(t) {
		t.Error("still muted")
	}
}
