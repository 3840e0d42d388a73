package db

import (
	"errors"
	"testing"
)

func ids(rows []Retry) (out []int64) {
	for _, r := range rows {
		out = append(out, r.Delivery)
	}
	return out
}

func (s *sample) expectClaim(what string, now int64, want ...int64) []Retry {
	s.t.Helper()
	rows := s.claim(now)
	got := ids(rows)
	if len(got) != len(want) {
		s.t.Fatalf("%s: claimed %v, want %v", what, got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			s.t.Fatalf("%s: claimed %v, want %v", what, got, want)
		}
	}
	return rows
}

// The attempt is counted and the row out of the way before it is made.
func TestClaimIsALease(t *testing.T) {
	s := newSample(t)
	d := s.enqueue(Delivery{Created: 5}, at("a.test"))
	s.expectClaim("too early", 4)
	if r := s.expectClaim("due", 5, d.ID)[0]; r.Tries != 1 || r.Due != 105 || r.Created != 5 || r.Target != at("a.test") {
		t.Errorf("claimed %+v", r)
	}
	s.expectClaim("leased", 104)
	if r := s.expectClaim("the lease is over", 105, d.ID)[0]; r.Tries != 2 {
		t.Errorf("claimed %+v", r)
	}
	if due := must(s.NextRetryDue(t.Context()))(t); due != 205 {
		t.Errorf("next is due at %d", due)
	}
}

func TestUrgentOnesAreClaimedApart(t *testing.T) {
	s := newSample(t)
	s.enqueue(Delivery{}, at("a.test"))
	u := s.enqueue(Delivery{Urgent: true}, at("a.test"))
	rows := must(s.ClaimRetries(t.Context(), 0, 100, true, 10))(t)
	if len(rows) != 1 || rows[0].Delivery != u.ID {
		t.Errorf("claimed %+v", rows)
	}
}

// Rows of a lane for one inbox go out one after the other, in order; for other
// inboxes and lanes they do not care.
func TestLaneOrderOfRetries(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	one := s.enqueue(Delivery{Lane: "l"}, at("a.test"))
	two := s.enqueue(Delivery{Lane: "l"}, at("a.test"), at("b.test"))
	three := s.enqueue(Delivery{Lane: "l"}, at("a.test"))
	free := s.enqueue(Delivery{}, at("a.test"))
	rows := s.expectClaim("the first of each", 0, one.ID, two.ID, free.ID)
	s.expectClaim("the others wait", 50)
	s.ok(s.SaveCheckpoint(ctx, Checkpoint{Now: 50, Remove: []int64{rows[0].ID}}))
	rows = s.expectClaim("the second is released", 50, two.ID)
	s.expectClaim("the third is not", 50)
	s.ok(s.SaveCheckpoint(ctx, Checkpoint{Now: 60, Done: []Place{{two.ID, rows[0].Target}}}))
	s.expectClaim("the third", 60, three.ID)
}

// A direct target waits while an earlier fan-out of its lane may still reach it.
func TestDirectTargetWaitsForEarlierFanout(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.follower("https://a.test/bob", "a.test", at("a.test").Inbox, "accepted")
	s.follower("https://c.test/bob", "c.test", at("c.test").Inbox, "accepted")
	f := s.enqueue(Delivery{Lane: "l", Scope: ToFollowers})
	d := s.enqueue(Delivery{Lane: "l"}, at("b.test"))
	s.expectClaim("before it came by", 0)
	s.ok(s.SaveCheckpoint(ctx, Checkpoint{Cursors: []Cursor{{Delivery: f.ID, After: at("c.test")}}}))
	s.expectClaim("after", 0, d.ID)
}

// It also waits when the fan-out came by and was turned away.
func TestDirectTargetWaitsForWhatFanoutLeft(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.follower("https://a.test/bob", "a.test", at("a.test").Inbox, "accepted")
	f := s.enqueue(Delivery{Lane: "l", Scope: ToFollowers})
	d := s.enqueue(Delivery{Lane: "l"}, at("a.test"))
	left := Retry{Delivery: f.ID, Lane: "l", Target: at("a.test"), Due: 50}
	s.ok(s.SaveCheckpoint(ctx, Checkpoint{Finished: []int64{f.ID}, Add: []Retry{left}}))
	s.expectClaim("before", 49)
	first := s.expectClaim("first", 50, f.ID)
	s.expectClaim("while that is tried", 51)
	s.ok(s.SaveCheckpoint(ctx, Checkpoint{Now: 52, Remove: []int64{first[0].ID}}))
	s.expectClaim("after", 52, d.ID)
}

// Whether a row waits for its lane is decided by what the lane is when it is
// stored: one that finds nothing before it is due at once.
func TestAddedRowWaitsForItsLane(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.follower("https://a.test/bob", "a.test", at("a.test").Inbox, "accepted")
	one := s.enqueue(Delivery{Lane: "l", Scope: ToFollowers})
	two := s.enqueue(Delivery{Lane: "l", Scope: ToFollowers})
	row := func(d Delivery, due int64) Retry {
		return Retry{Delivery: d.ID, BlogID: d.BlogID, Lane: "l", Target: at("a.test"), Due: due}
	}
	s.ok(s.SaveCheckpoint(ctx, Checkpoint{Add: []Retry{row(one, 10)}, Finished: []int64{one.ID}}))
	if a := s.audience(two); len(a) != 1 || a[0] != "a.test waits" {
		t.Errorf("audience %v", a)
	}
	first := s.expectClaim("the first", 10, one.ID)
	// In one checkpoint the first goes and the second comes to wait for it.
	s.ok(s.SaveCheckpoint(ctx, Checkpoint{Now: 20, Remove: []int64{first[0].ID}, Add: []Retry{row(two, WaitLane)}, Finished: []int64{two.ID}}))
	s.expectClaim("the second does not wait for what is gone", 20, two.ID)
}

func TestAddedAgainTheRowIsRenewed(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	d := s.enqueue(Delivery{}, at("a.test"))
	s.ok(s.SaveCheckpoint(ctx, Checkpoint{Add: []Retry{{Delivery: d.ID, Target: at("a.test"), Due: 70, Tries: 3}}}))
	s.expectClaim("not before its new time", 69)
	if r := s.expectClaim("then", 70, d.ID)[0]; r.Tries != 4 {
		t.Errorf("claimed %+v", r)
	}
}

func TestHostsRowsAreWoken(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	var add []Retry
	for range 5 {
		d := s.enqueue(Delivery{}, at("a.test"))
		add = append(add, Retry{Delivery: d.ID, Target: at("a.test"), Due: WaitHost})
	}
	other := s.enqueue(Delivery{}, at("b.test"))
	s.ok(s.SaveCheckpoint(ctx, Checkpoint{Add: add, Hosts: []Host{{Host: "a.test", Failures: 5, OpenUntil: 9, LastError: "500"}}}))
	s.expectClaim("only the other host", 0, other.ID)
	if n := must(s.WakeHost(ctx, "a.test", 7, 3))(t); n != 3 {
		t.Errorf("%d woken", n)
	}
	s.expectClaim("the oldest three", 7, add[0].Delivery, add[1].Delivery, add[2].Delivery)
	if n := must(s.WakeHost(ctx, "a.test", 8, 3))(t); n != 2 {
		t.Errorf("%d woken, want the rest", n)
	}
	if h := must(s.OpenHosts(ctx))(t); len(h) != 1 || h[0].LastError != "500" {
		t.Errorf("open hosts %+v", h)
	}
	s.ok(s.SaveCheckpoint(ctx, Checkpoint{Forget: []string{"a.test"}}))
	if _, err := s.Host(ctx, "a.test"); !errors.Is(err, ErrNotFound) {
		t.Errorf("forgotten host: %v", err)
	}
}

func TestOldRetriesAreThoseThatWait(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	old := s.enqueue(Delivery{Created: 10}, at("a.test"), at("b.test"))
	young := s.enqueue(Delivery{Created: 90}, at("a.test"))
	s.ok(s.SaveCheckpoint(ctx, Checkpoint{Add: []Retry{
		{Delivery: old.ID, Target: at("a.test"), Due: WaitHost}, {Delivery: young.ID, Target: at("a.test"), Due: WaitHost},
	}}))
	rows := must(s.OldRetries(ctx, 50, 10))(t)
	if len(rows) != 1 || rows[0].Delivery != old.ID || rows[0].Target != at("a.test") {
		t.Errorf("got %+v", rows)
	}
}
