package db

import "testing"

// What was to wait for ten seconds waits for ten seconds when the clock, which was a day
// ahead, is put right. What waits for something else goes on waiting for it.
func TestClockBack(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	const day, now = 86_400_000, 1_000_000
	ahead := int64(now + day)
	s.ok(s.AddJob(ctx, Job{Kind: "waits", Key: "1", Due: ahead + 10_000}))
	s.ok(s.AddJob(ctx, Job{Kind: "runs", Key: "1", Due: ahead - 5_000}))
	s.ok(s.AddJob(ctx, Job{Kind: "late", Key: "1", Due: now - 5_000, Anywhere: true}))
	must(s.ClaimJobs(ctx, false, ahead, ahead+60_000, 1))(t) // "runs"
	s.enqueue(Delivery{}, at("h.example"), at("i.example"))
	rows := must(s.ClaimRetries(ctx, ahead, ahead+30_000, false, 10))(t)
	s.ok(s.SaveCheckpoint(ctx, Checkpoint{Now: ahead, Reschedule: []Retry{{ID: rows[0].ID, Due: WaitHost}}, Hosts: []Host{{Host: "h.example", Failures: 5, Since: ahead, OpenUntil: ahead + 20_000}}}))
	s.receive("a1", "a", ahead)
	s.receive("a2", "a", ahead)

	s.ok(s.ClockBack(ctx, now, day))
	if got := s.jobs(now, now+60_000); got != "" {
		t.Errorf("claimed %s too early", got)
	}
	if got := must(s.JobByKey(ctx, "waits", "1"))(t); got.Due != now+10_000 {
		t.Errorf("due %d", got.Due)
	}
	if got := s.jobs(now+60_001, now+120_000); got != "runs1 waits1 " {
		t.Errorf("claimed %s", got)
	}
	if got := must(s.NextRetryDue(ctx))(t); got != now+30_000 {
		t.Errorf("the next retry is due at %d", got)
	}
	if n := must(s.WakeHost(ctx, "h.example", now, 10))(t); n != 1 {
		t.Errorf("%d wait for the host", n)
	}
	if h := must(s.Host(ctx, "h.example"))(t); h.OpenUntil != now+20_000 {
		t.Errorf("%+v", h)
	}
	if got := inboundNames(s.due(now)); got != "a1 " {
		t.Errorf("due: %s", got)
	}
}
