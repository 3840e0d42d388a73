package queue_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"isthmus/db"
	"isthmus/queue"
)

// At a shutdown what is in flight may finish and is stored; what was claimed and
// not begun is due at once for the next process.
func TestShutdownFinishesWhatIsInFlight(t *testing.T) {
	w := newWorld(t)
	w.cfg.Workers = 2
	var direct []db.Target
	for i := range 10 {
		direct = append(direct, db.Target{Host: "a.test", Inbox: fmt.Sprintf("https://a.test/%d", i)})
	}
	release := w.sink.stall("a.test")
	w.start()
	w.post(db.Delivery{}, direct...)
	w.until("one in flight", func() bool { return w.sink.requests("a.test") == 1 })
	stopped := make(chan struct{})
	go func() { w.stop(); close(stopped) }()
	select {
	case <-stopped:
		t.Error("stopped although an attempt was in flight")
	case <-time.After(50 * time.Millisecond):
	}
	release()
	<-stopped
	if st := w.stats(); st.Retries != 9 {
		t.Fatalf("%d rows left, want 9", st.Retries)
	}
	rows, err := w.db.ClaimRetries(context.Background(), w.clock.Now().UnixMilli(), w.clock.Now().UnixMilli(), false, 100)
	if err != nil || len(rows) != 9 {
		t.Fatalf("%d rows due at once (%v), want 9", len(rows), err)
	}
	for _, r := range rows {
		if r.Tries != 1 { // this claim's
			t.Errorf("a row that was never tried counts %d attempts", r.Tries-1)
		}
	}
}

func TestShutdownCutsOffWhatHangs(t *testing.T) {
	w := newWorld(t)
	w.cfg.Grace = 20 * time.Millisecond
	w.follow(w.blog, "a.test", 1, true)
	release := w.sink.stall("a.test")
	defer release()
	w.start()
	w.post(db.Delivery{Scope: db.ToFollowers})
	w.until("in flight", func() bool { return w.sink.requests("a.test") == 1 })
	w.stop()
	if st := w.stats(); st.Fanouts != 1 || st.Retries != 0 || st.OpenHosts != 0 {
		t.Errorf("queue %+v, want the fan-out as if nothing had been begun", st)
	}
	release()
	w.start()
	w.idle()
}

// brokenStore stops taking progress when told to.
type brokenStore struct {
	store
	broken atomic.Bool
	asked  atomic.Int64
}

func (s *brokenStore) SaveCheckpoint(ctx context.Context, c queue.Checkpoint) error {
	s.asked.Add(1)
	if s.broken.Load() {
		return errors.New("disk full")
	}
	return s.store.SaveCheckpoint(ctx, c)
}

// When progress cannot be stored, sending stops: what is sent then would be sent
// again.
func TestNothingIsSentWhenProgressIsNotStored(t *testing.T) {
	w := newWorld(t)
	w.cfg.Workers = 1
	for i := range 200 {
		w.follow(w.blog, fmt.Sprintf("h%d.test", i), 1, true)
	}
	s := &brokenStore{store: w.db}
	s.broken.Store(true)
	ctx, cancel := context.WithCancel(context.Background())
	w.eng = queue.NewDeliverer(s, w.send, w.cfg, slog.New(slog.DiscardHandler))
	done := make(chan error, 1)
	go func() { done <- w.eng.Run(ctx) }()
	w.post(db.Delivery{Scope: db.ToFollowers})
	w.until("a second attempt to store", func() bool { return s.asked.Load() == 2 })
	before := len(w.sink.accepted())
	if before == 200 {
		t.Error("everything was sent without progress being stored")
	}
	w.until("a third", func() bool { return s.asked.Load() == 3 })
	if n := len(w.sink.accepted()); n != before {
		t.Errorf("%d sends while progress could not be stored", n-before)
	}
	s.broken.Store(false)
	w.idle()
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got, reached := len(w.sink.accepted()), len(w.sink.times()); got != 200 || reached != 200 {
		t.Errorf("%d sends to %d inboxes, want 200", got, reached)
	}
}

// A lease that runs out while its row waits in memory is renewed, not a second
// attempt.
func TestLeaseRunsOutInMemory(t *testing.T) {
	w := newWorld(t)
	w.cfg.SlowAfter = time.Hour // or they would wait in the store
	release := w.sink.stall("a.test")
	defer release()
	w.start()
	w.post(db.Delivery{}, db.Target{Host: "a.test", Inbox: "https://a.test/1"}, db.Target{Host: "a.test", Inbox: "https://a.test/2"})
	w.until("one in flight", func() bool { return w.sink.requests("a.test") == 1 })
	for range 3 {
		w.clock.add(2 * time.Minute)
		w.rests()
	}
	release()
	w.until("all gone", func() bool { w.clock.add(time.Second); return w.stats().Retries == 0 })
	w.post(db.Delivery{}, db.Target{Host: "a.test", Inbox: "https://a.test/3"}) // after whatever is left in memory
	w.idle()
	if n := len(w.sink.accepted()); n != 3 {
		t.Errorf("%d sends, want 3", n)
	}
}

func TestRunFailsWhenTheStoreIsClosed(t *testing.T) {
	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "q.db"))
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
	eng := queue.NewDeliverer(store{d.Shard(0, nil)}, nil, queue.Config{}, slog.New(slog.DiscardHandler))
	if err := eng.Run(t.Context()); err == nil {
		t.Error("no error")
	}
}
