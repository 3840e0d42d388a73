package db

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

// Writers of every kind that begin at the same moment, none of their statements prepared,
// do not wait for each other for good.
func TestManyWritersAtOnce(t *testing.T) {
	for range 8 {
		s := newSample(t)
		var at sync.WaitGroup
		begin, done := make(chan struct{}), make(chan struct{})
		for i := range 48 {
			at.Go(func() {
				<-begin
				ctx := context.Background()
				var err error
				switch i % 4 {
				case 0:
					_, err = s.AddInbound(ctx, Inbound{Activity: fmt.Sprint("a", i), Actor: fmt.Sprint("b", i), Type: "Follow"})
				case 1:
					err = s.Tx(ctx, func(tx *Tx) error {
						host := fmt.Sprintf("h%d.example", i)
						_, err := tx.PutFollower(ctx, Follower{BlogID: s.blog.ID, Actor: "https://" + host, Host: host, Inbox: "https://" + host + "/inbox", State: "accepted"})
						if err == nil {
							_, err = tx.Enqueue(ctx, Delivery{BlogID: s.blog.ID, Activity: 1}, Target{host, "https://" + host + "/inbox"})
						}
						return err
					})
				case 2:
					err = s.SaveCheckpoint(ctx, Checkpoint{Hosts: []Host{{Host: fmt.Sprint("h", i)}}, Remove: []int64{int64(i)}})
				case 3:
					if err = s.AddJob(ctx, Job{Kind: "x", Key: fmt.Sprint(i)}); err == nil {
						err = s.FinishJob(ctx, int64(i))
					}
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		close(begin)
		go func() { at.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(30 * time.Second):
			t.Fatal("they wait for each other")
		}
	}
}
