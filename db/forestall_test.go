package db

import "testing"

func TestForestall(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	stands := func(key string, now int64, want bool) {
		t.Helper()
		if got := must(s.Forestalled(ctx, key, now))(t); got != want {
			t.Errorf("%s at %d: forestalled %v", key, now, got)
		}
	}
	stands("a", 0, false)
	s.ok(s.Forestall(ctx, "a", 10))
	s.ok(s.Forestall(ctx, "a", 20))
	s.ok(s.Forestall(ctx, "a", 5)) // not sooner
	s.ok(s.Forestall(ctx, "b", 10))
	stands("a", 19, true)
	stands("a", 20, false)
	stands("c", 0, false)
	s.ok(s.PruneForestalled(ctx, 10))
	stands("a", 0, true)
	stands("b", 0, false)
	s.ok(s.Unforestall(ctx, "a"))
	s.ok(s.Unforestall(ctx, "a"))
	stands("a", 0, false)
}
