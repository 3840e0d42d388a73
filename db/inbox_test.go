package db

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

func inboundNames(list []Inbound) (s string) {
	for _, in := range list {
		s += in.Activity + " "
	}
	return s
}

func (s *sample) receive(id, actor string, at int64) bool {
	s.t.Helper()
	return must(s.AddInbound(s.t.Context(), Inbound{Activity: id, Actor: actor, Type: "Follow", Body: "{}", Received: at, Due: at}))(s.t)
}

func (s *sample) due(now int64) []Inbound {
	s.t.Helper()
	return must(s.DueInbound(s.t.Context(), now, 10, func(int64) bool { return false }))(s.t)
}

func TestInboundOneOfEachActor(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	for i, id := range []string{"a1", "a2", "b1", "a3"} {
		if !s.receive(id, id[:1], int64(i)) {
			t.Errorf("%s is not fresh", id)
		}
	}
	due := s.due(100)
	if got := inboundNames(due); got != "a1 b1 " {
		t.Fatalf("due %s", got)
	}
	first := due[0].ID
	others := must(s.DueInbound(ctx, 100, 2, func(id int64) bool { return id == first }))(t)
	if got := inboundNames(others); got != "b1 " {
		t.Errorf("while a1 is handled: %s", got)
	}
	s.ok(s.RetryInbound(ctx, due[0].ID, 500, 1))
	if got := inboundNames(s.due(100)); got != "b1 " {
		t.Errorf("while a1 waits: %s", got)
	}
	if got := s.due(500); inboundNames(got) != "b1 a1 " || got[1].Tries != 1 {
		t.Errorf("then: %s", inboundNames(got))
	}
	s.ok(s.DoneInbound(ctx, due[0].ID))
	if got := inboundNames(s.due(100)); got != "a2 b1 " {
		t.Errorf("after a1: %s", got)
	}
	s.ok(s.DoneInbound(ctx, due[0].ID)) // once more does no harm
	if got := inboundNames(s.due(100)); got != "a2 b1 " {
		t.Errorf("after a1 again: %s", got)
	}
	s.ok(s.PruneSeen(ctx, 0))
	if s.receive("a1", "a", 7) {
		t.Error("forgotten too early")
	}
	s.ok(s.PruneSeen(ctx, 1))
	if !s.receive("a1", "a", 7) {
		t.Error("not forgotten")
	}
	if st := must(s.QueueStats(ctx))(t); st.Inbound != 4 {
		t.Errorf("%d waiting, want a1, a2, a3 and b1", st.Inbound)
	}
}

// Many at once: each is stored, each id once, and each caller's answer is its own.
func TestAddInboundTogether(t *testing.T) {
	s := newSample(t)
	var fresh atomic.Int64
	var wg sync.WaitGroup
	for i := range 400 {
		wg.Go(func() {
			ok, err := s.AddInbound(context.Background(), Inbound{Activity: fmt.Sprint("id", i%200), Actor: fmt.Sprint("a", i%7), Due: 1})
			if err != nil {
				t.Error(err)
			}
			if ok {
				fresh.Add(1)
			}
		})
	}
	wg.Wait()
	if n := fresh.Load(); n != 200 {
		t.Errorf("%d fresh, want 200", n)
	}
	if got := len(s.due(1)); got != 7 {
		t.Errorf("%d due, want one of each actor", got)
	}
}

// One that fails in a shared transaction does not take the others with it.
func TestGroupSurvivesAFailure(t *testing.T) {
	s := newSample(t)
	bad := errors.New("bad")
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			err := s.group.do(context.Background(), func(ctx context.Context, q *queries) error {
				if err := q.SetMeta(ctx, fmt.Sprint("k", i), "v"); err != nil {
					return err
				}
				if i%20 == 7 {
					return bad
				}
				return nil
			})
			if (i%20 == 7) != errors.Is(err, bad) {
				t.Errorf("write %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	for i := range 60 {
		v := must(s.Meta(t.Context(), fmt.Sprint("k", i)))(t)
		if (v == "v") == (i%20 == 7) {
			t.Errorf("write %d: stored %q", i, v)
		}
	}
}

func TestGroupAfterClose(t *testing.T) {
	s := newSample(t)
	s.ok(s.Close())
	if _, err := s.AddInbound(t.Context(), Inbound{Activity: "a"}); err == nil {
		t.Error("stored in a closed database")
	}
}
