package db

import (
	"errors"
	"testing"
)

// What can be shown counts when it is written, in a transaction when that has ended; what
// the queues note does not.
func TestChanges(t *testing.T) {
	t.Parallel()
	s := newSample(t)
	ctx := t.Context()
	step := func(what string, want uint64, do func() error) {
		t.Helper()
		before := s.Changes()
		if err := do(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if got := s.Changes() - before; got != want {
			t.Errorf("%s counts %d, want %d", what, got, want)
		}
	}
	step("a job", 0, func() error { return s.AddJob(ctx, Job{Kind: "k", Key: "1"}) })
	step("an activity", 0, func() error {
		_, err := s.AddInbound(ctx, Inbound{Activity: "https://peer.test/1", Actor: "a"})
		return err
	})
	step("a read", 0, func() error { _, err := s.Blogs(ctx); return err })
	follower := Follower{BlogID: s.blog.ID, Actor: "https://peer.test/a", State: "accepted"}
	step("a follower", 1, func() error { _, err := s.PutFollower(ctx, follower); return err })
	step("two writes", 1, func() error {
		return s.Tx(ctx, func(tx *Tx) error {
			before := s.Changes()
			for _, actor := range []string{"https://peer.test/b", "https://peer.test/c"} {
				follower.Actor = actor
				if _, err := tx.PutFollower(ctx, follower); err != nil {
					return err
				}
			}
			if s.Changes() != before {
				t.Error("it counts before it is there")
			}
			return nil
		})
	})
	step("what was taken back", 0, func() error {
		none := errors.New("none of it")
		err := s.Tx(ctx, func(tx *Tx) error {
			follower.Actor = "https://peer.test/d"
			_, err := tx.PutFollower(ctx, follower)
			return errors.Join(err, none)
		})
		if !errors.Is(err, none) {
			return err
		}
		return nil
	})
}
