package queue_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"isthmus/db"
	"isthmus/queue"
)

// The test binary is also the process that is killed: with these set it is an
// engine on the database of one, sending to the sink at the other.
const (
	envFile = "ISTHMUS_TEST_CRASH_DB"
	envSink = "ISTHMUS_TEST_CRASH_SINK"
)

func TestMain(m *testing.M) {
	if file := os.Getenv(envFile); file != "" {
		fmt.Fprintln(os.Stderr, deliverUntilKilled(file, os.Getenv(envSink)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

const crashWorkers = 8

func deliverUntilKilled(file, sinkURL string) error {
	d, err := db.Open(context.Background(), "sqlite:"+file)
	if err != nil {
		return err
	}
	s := &sink{}
	s.Server = sinkAt(sinkURL)
	cfg := queue.Config{Workers: crashWorkers, Timeout: time.Second, RetryFirst: 5 * time.Millisecond, BreakerFailures: 1 << 30}
	return queue.NewDeliverer(store{d.Shard(0, nil)}, s.post, cfg, slog.New(slog.DiscardHandler)).Run(context.Background())
}

// 200 deliveries to 20 inboxes, some of which refuse at first, by a process that
// is killed again and again: nothing is lost, and what is sent twice was sent
// just before a kill.
func TestKilledAgainAndAgain(t *testing.T) {
	w := newWorld(t)
	w.cfg.Now = time.Now // as the other process
	for i := range 10 {
		w.follow(w.blog, fmt.Sprintf("h%d.test", i), 2, false)
	}
	for i := range 200 {
		w.post(db.Delivery{Scope: db.ToFollowers, Lane: fmt.Sprint("post:", i/3)})
	}
	w.db.Close()
	w.sink.answer = func(_ string, n int) (int, http.Header) {
		time.Sleep(10 * time.Millisecond) // a round trip
		if n%17 == 0 {
			return http.StatusServiceUnavailable, nil
		}
		return http.StatusAccepted, nil
	}
	const all = 200 * 20
	allowed := 0
	for round := 1; ; round++ {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), envFile+"="+w.file, envSink+"="+w.sink.URL)
		child.Stderr = os.Stderr
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { child.Process.Kill() })
		target := min(all*round/6, all)
		w.until("progress", func() bool { return len(w.sink.times()) >= target })
		if target == all {
			child.Process.Kill()
			child.Wait()
			break
		}
		// What was accepted since the last checkpoint, which takes 100 ms and a
		// commit, may come again: a quarter of a second is generous.
		killed := time.Now()
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		child.Wait()
		allowed += crashWorkers + w.sink.since(killed.Add(-250*time.Millisecond))
	}
	again := len(w.sink.accepted()) - all
	if again > allowed {
		t.Errorf("%d sends were repeated, %d could have been", again, allowed)
	}
	t.Logf("5 kills: 0 lost, %d repeated, bound %d", again, allowed)
}
