package db

import (
	"errors"
	"fmt"
	"testing"
)

// sharded is a database with a number of shards, on any engine.
func sharded(t *testing.T, shards int64) *sample {
	s := newSample(t)
	s.shards, s.group.q.shards = shards, shards
	return s
}

// hostIn is a host in a shard.
func hostIn(d *DB, shard int) string {
	for i := 0; ; i++ {
		if h := fmt.Sprintf("h%d.example", i); d.ShardOf(h) == shard {
			return h
		}
	}
}

// Each shard sees its own hosts and actors, has its own cursor, and the delivery goes
// when all are done.
func TestShards(t *testing.T) {
	s, ctx := sharded(t, 3), t.Context()
	for n := range 3 {
		host := hostIn(s.DB, n)
		for i := range 3 {
			s.follower(fmt.Sprintf("https://%s/u%d", host, i), host, fmt.Sprintf("https://%s/u%d/inbox", host, i), "accepted")
		}
	}
	d := s.enqueue(Delivery{Scope: ToFollowers, Lane: "l"})
	for n := range 3 {
		shard, host := s.DB.Shard(n, nil), hostIn(s.DB, n)
		fans := must(shard.Fanouts(ctx, 0, 10))(t)
		if len(fans) != 1 || fans[0].After != (Target{}) {
			t.Fatalf("shard %d: %+v", n, fans)
		}
		var got []Recipient
		for after := (Target{}); ; {
			page := must(shard.Audience(ctx, d, after, 2))(t)
			got = append(got, page...)
			if len(page) < 2 {
				break
			}
			after = page[1].Target
		}
		if len(got) != 3 || got[0].Host != host || got[2].Host != host {
			t.Fatalf("shard %d: audience %+v", n, got)
		}
		s.ok(shard.SaveCheckpoint(ctx, Checkpoint{Cursors: []Cursor{{Delivery: d.ID, After: got[0].Target}},
			Add: []Retry{{Delivery: d.ID, BlogID: s.blog.ID, Lane: "l", Target: got[2].Target, Due: 5}}}))
		if fans := must(shard.Fanouts(ctx, 0, 10))(t); len(fans) != 1 || fans[0].After != got[0].Target {
			t.Fatalf("shard %d, later: %+v", n, fans)
		}
		s.ok(shard.SaveCheckpoint(ctx, Checkpoint{Finished: []int64{d.ID}}))
		if fans := must(shard.Fanouts(ctx, 0, 10))(t); len(fans) != 0 {
			t.Fatalf("shard %d, done: %+v", n, fans)
		}
		if due := must(shard.NextRetryDue(ctx))(t); due != 5 {
			t.Errorf("shard %d: due at %d", n, due)
		}
	}
	if st := must(s.QueueStats(ctx))(t); st.Fanouts != 0 || st.Retries != 3 || st.OldestDue != 5 {
		t.Errorf("%+v", st)
	}
	for n := range 3 {
		rows := must(s.DB.Shard(n, nil).ClaimRetries(ctx, 10, 20, false, 10))(t)
		if len(rows) != 1 || rows[0].Target.Host != hostIn(s.DB, n) {
			t.Fatalf("shard %d claims %+v", n, rows)
		}
		s.ok(s.DB.Shard(n, nil).SaveCheckpoint(ctx, Checkpoint{Remove: []int64{rows[0].ID}}))
	}
	if _, err := s.DeliveryBody(ctx, d.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("the delivery is still there: %v", err)
	}
}

// A row waits for what a shard may still send before it, and not for what others may.
func TestShardsKeepTheOrderOfALane(t *testing.T) {
	s, ctx := sharded(t, 2), t.Context()
	for n := range 2 {
		s.follower("https://"+hostIn(s.DB, n)+"/u", hostIn(s.DB, n), at(hostIn(s.DB, n)).Inbox, "accepted")
	}
	first := s.enqueue(Delivery{Scope: ToFollowers, Lane: "l"})
	s.enqueue(Delivery{Lane: "l"}, at(hostIn(s.DB, 0)))
	s.enqueue(Delivery{Lane: "l"}, at(hostIn(s.DB, 1)))
	s.ok(s.DB.Shard(1, nil).SaveCheckpoint(ctx, Checkpoint{Finished: []int64{first.ID}}))
	if rows := must(s.DB.Shard(0, nil).ClaimRetries(ctx, 10, 20, false, 10))(t); len(rows) != 0 {
		t.Errorf("shard 0 overtakes: %+v", rows)
	}
	if rows := must(s.DB.Shard(1, nil).ClaimRetries(ctx, 10, 20, false, 10))(t); len(rows) != 1 {
		t.Errorf("shard 1 waits: %+v", rows)
	}
}

// A database that is copied to one with another number of shards goes on where it was,
// or a little before, and nothing is left in a shard that is none.
func TestReshard(t *testing.T) {
	for _, c := range []struct{ from, to int64 }{{1, 4}, {4, 1}} {
		from, ctx := sharded(t, c.from), t.Context()
		var hosts []string
		for i := range 8 {
			host := fmt.Sprintf("h%d.example", i)
			hosts = append(hosts, host)
			from.follower("https://"+host+"/u", host, at(host).Inbox, "accepted")
		}
		d := from.enqueue(Delivery{Scope: ToFollowers})
		from.enqueue(Delivery{}, at("h1.example"), at("h2.example"), at("h3.example"))
		for i := range 6 {
			from.receive(fmt.Sprint("a", i), fmt.Sprint("actor", i), 1)
		}
		for n := range int(c.from) { // all up to and with h3
			s := from.DB.Shard(n, nil)
			for _, r := range must(s.Audience(ctx, d, Target{}, 100))(t) {
				if r.Host <= "h3.example" {
					from.ok(s.SaveCheckpoint(ctx, Checkpoint{Cursors: []Cursor{{Delivery: d.ID, After: r.Target}}}))
				}
			}
		}
		to := sharded(t, c.to)
		for _, table := range []string{"private_key", "follower", "blog"} {
			must(to.write.db.ExecContext(ctx, "delete from "+table))(t)
		}
		to.ok(Copy(ctx, from.DB, to.DB, func(string, int64, bool) {}))
		left := map[string]int{}
		inbound := 0
		for n := range int(c.to) {
			s := to.DB.Shard(n, nil)
			fans := must(s.Fanouts(ctx, 0, 10))(t)
			if len(fans) != 1 {
				t.Fatalf("%d to %d: shard %d has %+v", c.from, c.to, n, fans)
			}
			for _, r := range must(s.Audience(ctx, fans[0], fans[0].After, 100))(t) {
				left[r.Host]++
			}
			for _, r := range must(s.ClaimRetries(ctx, 10, 20, false, 10))(t) {
				if to.ShardOf(r.Target.Host) != n {
					t.Errorf("%s in shard %d", r.Target.Host, n)
				}
				left["retry "+r.Target.Host]++
			}
			inbound += len(must(s.DueInbound(ctx, 10, 100, func(int64) bool { return false }))(t))
		}
		for _, host := range hosts[4:] {
			if left[host] != 1 {
				t.Errorf("%d to %d: %s is left %d times", c.from, c.to, host, left[host])
			}
		}
		if c.from == 1 && len(left) != 4+3 {
			t.Errorf("%d to %d: %v", c.from, c.to, left)
		}
		if inbound != 6 || left["retry h1.example"]+left["retry h2.example"]+left["retry h3.example"] != 3 {
			t.Errorf("%d to %d: %d activities, %v", c.from, c.to, inbound, left)
		}
	}
}
