package db

import "testing"

func TestCensus(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.ok(s.AddJob(ctx, Job{Kind: "a", Key: "1", Due: 10}))
	s.ok(s.AddJob(ctx, Job{Kind: "a", Key: "2", Due: 20}))
	s.ok(s.AddJob(ctx, Job{Kind: "a", Key: "3", Due: 1000}))
	must(s.ClaimJobs(ctx, false, 10, 500, 1))(t)
	must(s.AddInbound(ctx, Inbound{Activity: "x", Actor: "y", Type: "Create", Received: 30, Due: 30}))(t)
	c := must(s.Census(ctx, 100))(t)
	if c.Blogs[On] != 1 || c.Jobs != 3 || c.Running != 1 || c.Inbound != 1 || c.Oldest.Inbound != 30 || c.Oldest.Job != 20 || c.Oldest.Fanout != 0 || c.Followers != 0 || c.Reports != 0 {
		t.Errorf("%+v", c)
	}
	s.ok(s.Ping(ctx))
}
