package db

import (
	"slices"
	"testing"
)

func TestLetterOnceToEach(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	for _, blog := range []int64{2, 1, 2} {
		s.ok(s.AddLetter(ctx, 7, blog))
	}
	s.ok(s.AddLetter(ctx, 8, 3))
	if got := must(s.Lettered(ctx, 7))(t); !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("got %v", got)
	}
}
