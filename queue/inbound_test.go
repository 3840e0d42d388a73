package queue_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"isthmus/db"
	"isthmus/queue"
)

func (w *world) receiver(handle func(context.Context, queue.Received) error, setUp func(*queue.Inbound)) (in *queue.Inbound, stop func()) {
	in = queue.NewInbound(w.db, handle, slog.New(slog.DiscardHandler))
	in.Now, in.Poll = w.clock.Now, 5*time.Millisecond
	if setUp != nil {
		setUp(in)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- in.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	})
	w.t.Cleanup(stop)
	return in, stop
}

func (w *world) receive(id, actor string) bool {
	w.t.Helper()
	now := w.clock.Now().UnixMilli()
	fresh, err := w.db.AddInbound(context.Background(), db.Inbound{Activity: id, Actor: actor, Type: "Follow", Body: "{}", Received: now, Due: now})
	if err != nil {
		w.t.Fatal(err)
	}
	return fresh
}

func (w *world) allHandled() {
	w.t.Helper()
	w.until("everything handled", func() bool { return w.stats().Inbound == 0 })
}

// Activities of one actor are handled in order and never two at a time, those of
// different actors at the same time.
func TestInboundOrderPerActor(t *testing.T) {
	w := newWorld(t)
	var mu sync.Mutex
	busy, most, order := map[string]bool{}, 0, map[string][]string{}
	in, _ := w.receiver(func(_ context.Context, r queue.Received) error {
		mu.Lock()
		if busy[r.Actor] {
			t.Errorf("two of %s at the same time", r.Actor)
		}
		busy[r.Actor] = true
		most = max(most, len(busy))
		mu.Unlock()
		time.Sleep(time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		delete(busy, r.Actor)
		if r.Tries == 0 && len(order[r.Actor]) == 3 {
			return errors.New("not yet")
		}
		order[r.Actor] = append(order[r.Actor], r.Activity)
		return nil
	}, func(in *queue.Inbound) { in.Parallel, in.First = 4, time.Millisecond })
	want := map[string][]string{}
	for i := range 10 {
		for _, actor := range []string{"a", "b", "c", "d", "e", "f"} {
			id := fmt.Sprint(actor, i)
			want[actor] = append(want[actor], id)
			w.receive(id, actor)
			in.Kick()
		}
	}
	w.until("everything handled", func() bool { w.clock.add(time.Millisecond); return w.stats().Inbound == 0 })
	mu.Lock()
	defer mu.Unlock()
	if fmt.Sprint(order) != fmt.Sprint(want) {
		t.Errorf("got  %v\nwant %v", order, want)
	}
	if most < 2 || most > 4 {
		t.Errorf("%d at the same time, want up to 4", most)
	}
}

func TestInboundSeenOnce(t *testing.T) {
	w := newWorld(t)
	in, _ := w.receiver(func(context.Context, queue.Received) error { return nil }, nil)
	if !w.receive("a1", "a") {
		t.Error("the first is not fresh")
	}
	in.Kick()
	w.allHandled()
	if w.receive("a1", "a") {
		t.Error("fresh again after it was handled")
	}
}

func TestInboundDropped(t *testing.T) {
	w := newWorld(t)
	var mu sync.Mutex
	tries := map[string]int{}
	w.receiver(func(_ context.Context, r queue.Received) error {
		mu.Lock()
		defer mu.Unlock()
		tries[r.Activity]++
		switch r.Activity {
		case "hopeless":
			return finalError{errors.New("never")}
		case "bug":
			panic("a bug")
		}
		return nil
	}, nil)
	w.receive("hopeless", "a")
	w.receive("bug", "b")
	w.receive("after the bug", "b")
	w.until("everything handled", func() bool { w.clock.add(time.Second); return w.stats().Inbound == 0 })
	mu.Lock()
	defer mu.Unlock()
	if want := map[string]int{"hopeless": 1, "bug": 10, "after the bug": 1}; fmt.Sprint(tries) != fmt.Sprint(want) {
		t.Errorf("attempts %v, want %v", tries, want)
	}
}

// What a handler was busy with when the process ended is handled again.
func TestInboundShutdown(t *testing.T) {
	w := newWorld(t)
	began := make(chan struct{})
	_, stop := w.receiver(func(ctx context.Context, r queue.Received) error {
		close(began)
		<-ctx.Done()
		return ctx.Err()
	}, nil)
	w.receive("a1", "a")
	<-began
	stop()
	got := make(chan queue.Received, 1)
	w.receiver(func(_ context.Context, r queue.Received) error { got <- r; return nil }, nil)
	if r := <-got; r.Activity != "a1" || r.Tries != 0 {
		t.Errorf("got %+v", r)
	}
	w.allHandled()
}
