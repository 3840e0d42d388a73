package db

import "testing"

func TestBlocks(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	for i, want := range []bool{true, false} {
		if fresh := must(s.AddBlock(ctx, s.blog.ID, Block{Subject: bob, Token: "t", Created: int64(i)}))(t); fresh != want {
			t.Errorf("block %d is fresh: %v", i, fresh)
		}
	}
	must(s.AddBlock(ctx, s.blog.ID, Block{Subject: "@b.test"}))(t)
	for actor, want := range map[string]bool{bob: true, "https://a.test/eve": false} {
		if got := must(s.Muted(ctx, s.blog.ID, actor, "a.test"))(t); got != want {
			t.Errorf("%s is muted: %v", actor, got)
		}
	}
	if !must(s.Blocking(ctx, s.blog.ID, "https://b.test/x", "b.test"))(t) || must(s.Blocking(ctx, s.blog.ID+1, bob, "a.test"))(t) {
		t.Error("a whole host, or somebody else's block")
	}
	if got := must(s.Blocks(ctx, s.blog.ID, 10))(t); len(got) != 2 || got[0].Subject != "@b.test" || must(s.Block(ctx, s.blog.ID, bob))(t).Token != "t" {
		t.Errorf("blocks are %+v", got)
	}
	s.ok(s.RemoveBlock(ctx, s.blog.ID, bob))
	if err := s.RemoveBlock(ctx, s.blog.ID, bob); err != ErrNotFound {
		t.Errorf("removed twice: %v", err)
	}
	s.ok(s.AddBlocker(ctx, s.blog.ID, bob, "a"))
	s.ok(s.AddBlocker(ctx, s.blog.ID, bob, "b"))
	if got := must(s.Blocker(ctx, s.blog.ID, bob))(t); got != "b" {
		t.Errorf("blocked by %q", got)
	}
	s.ok(s.RemoveBlocker(ctx, s.blog.ID, bob))
	if err := second(s.Blocker(ctx, s.blog.ID, bob)); err != ErrNotFound {
		t.Errorf("still blocked: %v", err)
	}
}

func TestRulesAndReports(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.ok(s.PutRule(ctx, Rule{Subject: "@b.test", Level: RuleSilence, Name: "b.test"}))
	s.ok(s.PutRule(ctx, Rule{Subject: "@b.test", Level: RuleBlock, Name: "b.test", Note: "spam"}))
	if got := must(s.Rules(ctx))(t); len(got) != 1 || got[0].Level != RuleBlock || got[0].Note != "spam" {
		t.Errorf("rules are %+v", got)
	}
	s.ok(s.RemoveRule(ctx, "@b.test"))
	s.ok(s.Suspend(ctx, Suspension{JID: "a@b", Note: "x"}))
	if got := must(s.Suspension(ctx, "a@b"))(t); got.Note != "x" || len(must(s.Suspensions(ctx))(t)) != 1 {
		t.Errorf("suspended: %+v", got)
	}
	s.ok(s.Unsuspend(ctx, "a@b"))
	s.ok(s.SetOptOut(ctx, bob, true, 1))
	s.ok(s.SetOptOut(ctx, bob, true, 2))
	if !must(s.OptedOut(ctx, bob))(t) {
		t.Error("not opted out")
	}
	s.ok(s.SetOptOut(ctx, bob, false, 3))
	if must(s.OptedOut(ctx, bob))(t) {
		t.Error("still opted out")
	}
	r := Report{Activity: "f1", Reporter: bob, About: "a@b", State: ReportOpen}
	saved, fresh, err := s.AddReport(ctx, r)
	again, twice, err2 := s.AddReport(ctx, r)
	if err != nil || err2 != nil || !fresh || twice || saved != again {
		t.Errorf("%+v %v, then %+v %v", saved, fresh, again, twice)
	}
	s.ok(s.SetReport(ctx, saved.ID, ReportClosed, "done"))
	if got := must(s.Report(ctx, saved.ID))(t); got.Note != "done" || len(must(s.Reports(ctx, ReportOpen, 5))(t)) != 0 || len(must(s.Reports(ctx, ReportClosed, 5))(t)) != 1 {
		t.Errorf("report is %+v", got)
	}
	s.follower(bob, "a.test", "https://a.test/inbox", "accepted")
	s.follower("https://a.test/eve", "a.test", "https://a.test/inbox", "removed")
	if got := must(s.AllFollowers(ctx, 0, 10))(t); len(got) != 1 || len(must(s.AllFollowing(ctx, 0, 10))(t)) != 0 {
		t.Errorf("followers %+v", got)
	}
}
