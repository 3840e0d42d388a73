package db

import (
	"errors"
	"fmt"
	"testing"

	"isthmus/db/pgtest"
)

func (s *sample) audience(d Delivery) (out []string) {
	s.t.Helper()
	after := Target{}
	for {
		page := must(s.Audience(s.t.Context(), d, after, 2))(s.t)
		for _, r := range page {
			mark := ""
			if r.Queued {
				mark = " queued"
			}
			if r.Waits {
				mark = " waits"
			}
			out = append(out, r.Host+mark)
			after = r.Target
		}
		if len(page) < 2 {
			return out
		}
	}
}

func TestAudienceByScope(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	for i, host := range []string{"c.test", "a.test", "b.test", "a.test", "e.test"} {
		s.follower(fmt.Sprintf("https://%s/%d", host, i), host, at(host).Inbox, "accepted")
	}
	s.follower("https://d.test/p", "d.test", at("d.test").Inbox, "pending")
	s.ok(s.SetFollowerState(ctx, s.blog.ID, "https://b.test/2", "removed"))
	d := s.enqueue(Delivery{Scope: ToFollowers})
	s.follower("https://f.test/late", "f.test", at("f.test").Inbox, "accepted")
	if got := fmt.Sprint(s.audience(d)); got != "[a.test c.test e.test]" {
		t.Errorf("followers: %s", got)
	}
	d = s.enqueue(Delivery{Scope: ToReached})
	if got := fmt.Sprint(s.audience(d)); got != "[a.test b.test c.test e.test f.test]" {
		t.Errorf("reached: %s", got)
	}
	got, err := s.DeliveryBody(ctx, d.ID)
	if err != nil || got.Body != `{"n":2}` || got.Type == "" || got.BlogID != s.blog.ID || got.DirectID != 0 {
		t.Errorf("it brings %+v (%v)", got, err)
	}
	if _, err := s.DeliveryBody(ctx, 99); !errors.Is(err, ErrNotFound) {
		t.Errorf("body of nothing: %v", err)
	}
}

// Enqueueing writes the same rows for one follower and for a hundred thousand.
func TestEnqueueCostDoesNotDependOnFollowers(t *testing.T) {
	pgtest.FilesOnly(t)
	written := func(followers int) (n int) {
		s, ctx := newSample(t), t.Context()
		for _, index := range []string{"state", "audience", "reached", "actor", "inbox", "handle"} { // to fill it faster
			_, err := s.exec(ctx, `drop index follower_`+index)
			s.ok(err)
		}
		_, err := s.exec(ctx, `with recursive n (i) as (select 1 union all select i + 1 from n where i < $1)
			insert into follower (blog_id, actor, handle, inbox, own, host, state, follow, body, created, reached)
			select $2, 'u' || i, '', 'https://h.test/inbox', '', 'h.test', 'accepted', '', '', 0, true from n`, followers, s.blog.ID)
		s.ok(err)
		act := s.activity()
		changes := func() (n int) {
			s.ok(s.write.db.QueryRowContext(ctx, "select total_changes()").Scan(&n))
			return n
		}
		before := changes()
		must(s.Enqueue(ctx, Delivery{BlogID: s.blog.ID, Activity: act, Scope: ToFollowers}))(t)
		if st := must(s.QueueStats(ctx))(t); st.Fanouts != 1 || st.Retries != 0 {
			t.Errorf("queue %+v", st)
		}
		return changes() - before
	}
	if one, many := written(1), written(100_000); one != many {
		t.Errorf("%d rows for one follower, %d for 100,000", one, many)
	}
}

func TestNothingToNobody(t *testing.T) {
	s := newSample(t)
	if d := s.enqueue(Delivery{}); d.ID != 0 {
		t.Errorf("stored as %d", d.ID)
	}
}

// A delivery's row goes with its last retry, not before.
func TestDeliveryRowLivesAsLongAsNeeded(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.follower("https://a.test/bob", "a.test", at("a.test").Inbox, "accepted")
	d := s.enqueue(Delivery{Scope: ToFollowers}, at("a.test"), at("x.test"))
	alive := func() bool { _, err := s.DeliveryBody(ctx, d.ID); return err == nil }
	rows := s.claim(0)
	if len(rows) != 1 || rows[0].Target != at("x.test") {
		t.Fatalf("direct rows %+v, want only the one that the audience does not cover", rows)
	}
	s.ok(s.SaveCheckpoint(ctx, Checkpoint{Cursors: []Cursor{{d.ID, at("a.test"), []byte{1}}}}))
	if f := must(s.Fanouts(ctx, 0, 10))(t); len(f) != 1 || f[0].After != at("a.test") || len(f[0].Ahead) != 1 {
		t.Errorf("fan-outs %+v", f)
	}
	s.ok(s.SaveCheckpoint(ctx, Checkpoint{Finished: []int64{d.ID}}))
	if f := must(s.Fanouts(ctx, 0, 10))(t); len(f) != 0 || !alive() {
		t.Errorf("after the fan-out: %+v, alive %v", f, alive())
	}
	s.ok(s.SaveCheckpoint(ctx, Checkpoint{Remove: []int64{rows[0].ID}}))
	if alive() {
		t.Error("nothing is left to do for it and it is still there")
	}
}
