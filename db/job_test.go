package db

import (
	"errors"
	"testing"
)

func (s *sample) jobs(now, lease int64) (kinds string) {
	s.t.Helper()
	for _, j := range must(s.ClaimJobs(s.t.Context(), false, now, lease, 10))(s.t) {
		kinds += j.Kind + j.Key + " "
	}
	return kinds
}

func TestJobLife(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.ok(s.AddJob(ctx, Job{Kind: "b", Key: "1", Due: 20, Args: "first"}))
	s.ok(s.AddJob(ctx, Job{Kind: "a", Key: "1", Due: 10}))
	s.ok(s.AddJob(ctx, Job{Kind: "b", Key: "1", Due: 30, Args: "second"})) // later: nothing changes
	if got := s.jobs(20, 100); got != "a1 b1 " {
		t.Fatalf("claimed %s", got)
	}
	if got := s.jobs(99, 200); got != "" {
		t.Errorf("claimed %s while they run", got)
	}
	a, b := must(s.JobByKey(ctx, "a", "1"))(t), must(s.JobByKey(ctx, "b", "1"))(t)
	if b.Args != "first" || b.Tries != 1 || b.Due != 20 {
		t.Errorf("got %+v", b)
	}
	s.ok(s.LeaseJob(ctx, a.ID, 300))
	if got := s.jobs(100, 200); got != "b1 " {
		t.Errorf("claimed %s, want the one whose lease is over", got)
	}
	s.ok(s.RetryJob(ctx, b.ID, 400, 1, "trouble"))
	s.ok(s.SnoozeJob(ctx, a.ID, 500, "half done"))
	a, b = must(s.JobByKey(ctx, "a", "1"))(t), must(s.JobByKey(ctx, "b", "1"))(t)
	if a.Tries != 0 || a.Note != "half done" || a.Due != 500 || b.Tries != 1 || b.Note != "trouble" || b.Due != 400 {
		t.Errorf("got %+v %+v", a, b)
	}
	s.ok(s.AddJob(ctx, Job{Kind: "a", Key: "1", Due: 50})) // sooner
	if got := s.jobs(60, 70); got != "a1 " {
		t.Errorf("claimed %s", got)
	}
	s.ok(s.FinishJob(ctx, a.ID))
	if _, err := s.JobByKey(ctx, "a", "1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("finished: %v", err)
	}
}

// What waits can be made due, one kind at a time; what runs is left alone.
func TestHurryJobs(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	for _, j := range []Job{{Kind: "a", Key: "1", Due: 10}, {Kind: "a", Key: "2", Due: 400}, {Kind: "a", Key: "3", Due: 500}, {Kind: "b", Key: "1", Due: 400}} {
		s.ok(s.AddJob(ctx, j))
	}
	s.jobs(10, 100) // a1 runs
	s.ok(s.HurryJobs(ctx, "a", 20))
	if got := s.jobs(20, 100); got != "a2 a3 " {
		t.Errorf("claimed %s", got)
	}
	if a := must(s.JobByKey(ctx, "a", "1"))(t); a.Due != 10 {
		t.Errorf("got %+v", a)
	}
}

// A job that is added while it runs is due again when that was asked, however
// the run ends.
func TestJobAddedWhileRunning(t *testing.T) {
	for how, end := range map[string]func(s *sample, id int64) error{
		"finished": func(s *sample, id int64) error { return s.FinishJob(s.t.Context(), id) },
		"snoozed":  func(s *sample, id int64) error { return s.SnoozeJob(s.t.Context(), id, 900, "") },
		"failed":   func(s *sample, id int64) error { return s.RetryJob(s.t.Context(), id, 900, 1, "x") },
	} {
		s, ctx := newSample(t), t.Context()
		s.ok(s.AddJob(ctx, Job{Kind: "x"}))
		s.jobs(0, 100)
		s.ok(s.AddJob(ctx, Job{Kind: "x", Due: 60}))
		s.ok(s.AddJob(ctx, Job{Kind: "x", Due: 50}))
		s.ok(s.AddJob(ctx, Job{Kind: "x", Due: 70}))
		j := must(s.JobByKey(ctx, "x", ""))(t)
		s.ok(end(s, j.ID))
		if got := s.jobs(49, 100); got != "" {
			t.Errorf("%s: too early", how)
		}
		if got := s.jobs(50, 100); got != "x " {
			t.Errorf("%s: not again", how)
		}
		s.ok(s.FinishJob(ctx, j.ID))
		if st := must(s.QueueStats(ctx))(t); st.Jobs != 0 {
			t.Errorf("%s: %d left", how, st.Jobs)
		}
	}
}

// After a crash, what was held is let go at once, unless it was begun so often that it
// may be the reason.
func TestReleaseJobs(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.ok(s.AddJob(ctx, Job{Kind: "a", Key: "1", Due: 10}))
	s.ok(s.AddJob(ctx, Job{Kind: "later", Key: "1", Due: 1000}))
	for try := range 4 {
		if got := s.jobs(20, 100); got != "a1 " {
			t.Fatalf("try %d: claimed %q", try, got)
		}
		s.ok(s.ReleaseJobs(ctx, 4, true))
	}
	if got := s.jobs(20, 100); got != "" {
		t.Errorf("claimed %s", got)
	}
	if got := s.jobs(100, 200); got != "a1 " {
		t.Errorf("after its lease: %q", got)
	}
}
