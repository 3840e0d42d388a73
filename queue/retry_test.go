package queue_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"isthmus/db"
	"isthmus/queue"
)

func always(status int) func(string, int) (int, http.Header) {
	return func(string, int) (int, http.Header) { return status, nil }
}

// rests waits until everything that can be done at this time of the test's clock
// is done: the engine is only waiting for later.
func (w *world) rests() {
	w.t.Helper()
	w.until("nothing to do at this time", func() bool {
		st := w.stats()
		due, err := w.db.NextRetryDue(context.Background())
		return err == nil && st.Fanouts == 0 && due != 1 && (due == 0 || due > w.clock.Now().UnixMilli())
	})
}

func TestFailureIsTriedAgainLater(t *testing.T) {
	w := newWorld(t)
	w.follow(w.blog, "a.test", 1, true)
	w.sink.answer = func(_ string, n int) (int, http.Header) {
		if n <= 3 {
			return http.StatusInternalServerError, nil
		}
		return http.StatusAccepted, nil
	}
	w.start()
	w.post(db.Delivery{Scope: db.ToFollowers})
	wait := 30 * time.Second
	for n := 1; n <= 3; n++ {
		w.until("the failure noted", func() bool {
			h, err := w.db.Host(context.Background(), "a.test")
			return err == nil && h.Failures == n
		})
		w.clock.add(wait / 2) // jitter takes off a fifth at most
		w.eng.Kick()
		w.rests()
		if got := w.sink.requests("a.test"); got != n {
			t.Fatalf("%d attempts after half of the wait, want %d", got, n)
		}
		w.clock.add(wait)
		wait *= 2
	}
	w.idle()
	if n := len(w.sink.accepted()); n != 1 {
		t.Errorf("accepted %d times", n)
	}
}

func TestRetryAfterIsObeyed(t *testing.T) {
	w := newWorld(t)
	w.follow(w.blog, "a.test", 3, false)
	w.sink.answer = func(_ string, n int) (int, http.Header) {
		if n == 1 {
			return http.StatusTooManyRequests, http.Header{"Retry-After": {"600"}}
		}
		return http.StatusAccepted, nil
	}
	w.start()
	w.post(db.Delivery{Scope: db.ToFollowers})
	w.until("the host asks for a pause", func() bool { return w.stats().OpenHosts == 1 })
	w.clock.add(9*time.Minute + 50*time.Second)
	w.post(db.Delivery{Scope: db.ToFollowers})
	w.until("the second fan-out over", func() bool { return w.stats().Fanouts == 0 })
	if n := w.sink.requests("a.test"); n != 1 {
		t.Fatalf("asked %d times within the pause", n)
	}
	w.clock.add(11 * time.Second)
	w.idle()
	if n := len(w.sink.times()); n != 6 {
		t.Errorf("%d places reached, want 6", n)
	}
}

func TestGoneIsToldAndDropped(t *testing.T) {
	w := newWorld(t)
	w.follow(w.blog, "a.test", 1, false)
	w.follow(w.blog, "b.test", 1, false)
	var mu sync.Mutex
	var gone []string
	w.cfg.OnGone = func(inbox string) {
		mu.Lock()
		defer mu.Unlock()
		gone = append(gone, inbox)
	}
	w.sink.answer = func(host string, n int) (int, http.Header) {
		if host == "a.test" {
			return http.StatusGone, nil
		}
		return http.StatusForbidden, nil
	}
	w.start()
	w.post(db.Delivery{Scope: db.ToFollowers})
	w.idle()
	mu.Lock()
	defer mu.Unlock()
	if len(gone) != 1 || gone[0] != "https://a.test/users/u0/inbox" {
		t.Errorf("told of %q", gone)
	}
	if w.sink.requests("a.test")+w.sink.requests("b.test") != 2 {
		t.Error("a final answer was not taken for one")
	}
}

// The whole life of a circuit, by the test's clock.
func TestBreaker(t *testing.T) {
	w := newWorld(t)
	w.follow(w.blog, "a.test", 1, true)
	var healthy atomic.Bool
	w.sink.answer = func(string, int) (int, http.Header) {
		if healthy.Load() {
			return http.StatusAccepted, nil
		}
		return http.StatusInternalServerError, nil
	}
	w.start()
	for n := 1; n <= 5; n++ {
		w.post(db.Delivery{Scope: db.ToFollowers})
		w.until("an attempt", func() bool { return w.sink.requests("a.test") == n })
		w.until("it noted", func() bool { st := w.stats(); return st.Retries == n && st.Fanouts == 0 })
	}
	w.until("the circuit open", func() bool { return w.stats().OpenHosts == 1 })
	for range 20 {
		w.post(db.Delivery{Scope: db.ToFollowers})
	}
	w.until("the others put aside", func() bool { st := w.stats(); return st.Retries == 25 && st.Fanouts == 0 })
	w.clock.add(29 * time.Minute)
	w.rests()
	if n := w.sink.requests("a.test"); n != 5 {
		t.Fatalf("%d attempts, want 5 until the pause is over", n)
	}
	w.clock.add(2 * time.Minute)
	w.until("one probe", func() bool { return w.sink.requests("a.test") == 6 })
	opened := func() int64 {
		h, err := w.db.Host(context.Background(), "a.test")
		if err != nil {
			return 0
		}
		return h.OpenUntil
	}
	w.until("the pause doubled", func() bool { return opened() == w.clock.Now().Add(time.Hour).UnixMilli() })
	w.rests()
	if n := w.sink.requests("a.test"); n != 6 {
		t.Fatalf("%d attempts, want one probe", n)
	}
	healthy.Store(true)
	w.clock.add(61 * time.Minute)
	w.idle()
	if n := len(w.sink.times()); n != 25 {
		t.Errorf("%d deliveries arrived, want all 25", n)
	}
	w.until("the host forgotten", func() bool {
		_, err := w.db.Host(context.Background(), "a.test")
		return err != nil
	})
}

func TestBreakerOutlivesTheProcess(t *testing.T) {
	w := newWorld(t)
	w.cfg.BreakerFailures = 1
	w.follow(w.blog, "a.test", 1, true)
	w.sink.answer = always(http.StatusBadGateway)
	w.start()
	w.post(db.Delivery{Scope: db.ToFollowers})
	w.until("the circuit open", func() bool { return w.stats().OpenHosts == 1 })
	w.stop()
	w.sink.answer = nil
	w.start()
	w.post(db.Delivery{Scope: db.ToFollowers})
	w.until("put aside", func() bool { st := w.stats(); return st.Retries == 2 && st.Fanouts == 0 })
	if n := w.sink.requests("a.test"); n != 1 {
		t.Fatalf("asked %d times", n)
	}
	w.clock.add(31 * time.Minute)
	w.idle()
	if n := len(w.sink.times()); n != 2 {
		t.Errorf("%d deliveries arrived, want 2", n)
	}
}

func TestHeardFromHostIsProbedAtOnce(t *testing.T) {
	w := newWorld(t)
	w.cfg.BreakerFailures = 1
	w.follow(w.blog, "a.test", 1, true)
	w.sink.answer = func(_ string, n int) (int, http.Header) {
		if n == 1 {
			return http.StatusBadGateway, nil
		}
		return http.StatusAccepted, nil
	}
	w.start()
	w.post(db.Delivery{Scope: db.ToFollowers})
	w.until("the circuit open", func() bool { return w.stats().OpenHosts == 1 })
	w.eng.Heard("a.test")
	w.idle()
}

func TestGivenUpAfterAWeek(t *testing.T) {
	w := newWorld(t)
	w.cfg.BreakerFailures = 3
	w.follow(w.blog, "a.test", 1, true)
	w.sink.answer = always(http.StatusInternalServerError)
	w.start()
	for range 4 {
		w.post(db.Delivery{Scope: db.ToFollowers, Lane: "post"})
	}
	for day := range 9 {
		w.until("the day's attempts", func() bool {
			w.clock.add(20 * time.Minute)
			return w.clock.Now().Sub(newClock().at) > time.Duration(day+1)*24*time.Hour
		})
	}
	w.idle()
	if n := len(w.sink.accepted()); n != 0 {
		t.Errorf("%d accepted", n)
	}
	if n := w.sink.requests("a.test"); n < 10 || n > 80 {
		t.Errorf("%d attempts in a week", n)
	}
}

// What waits for a lane is due as soon as what it waits for is done.
func TestLaneIsReleased(t *testing.T) {
	w := newWorld(t)
	w.follow(w.blog, "a.test", 1, true)
	w.sink.answer = func(_ string, n int) (int, http.Header) {
		if n == 1 {
			return http.StatusInternalServerError, nil
		}
		return http.StatusAccepted, nil
	}
	w.start()
	for range 3 {
		w.post(db.Delivery{Scope: db.ToFollowers, Lane: "post:1"})
	}
	w.until("the first failed, the others behind it", func() bool { st := w.stats(); return st.Retries == 3 && st.Fanouts == 0 })
	w.rests()
	if n := w.sink.requests("a.test"); n != 1 {
		t.Fatalf("%d attempts, want one", n)
	}
	w.clock.add(time.Minute)
	w.idle()
	if got := fmt.Sprint(deliveries(w.sink.accepted())); got != "[1 2 3]" {
		t.Errorf("order %s", got)
	}
}

func deliveries(places []queue.Place) (ids []int64) {
	for _, p := range places {
		ids = append(ids, p.Delivery)
	}
	return ids
}

// Many rows due at once for one busy host do not keep others from theirs.
func TestDueRowsOfABusyHostHoldNobody(t *testing.T) {
	w := newWorld(t)
	var direct []db.Target
	for i := range 400 {
		direct = append(direct, db.Target{Host: "busy.test", Inbox: fmt.Sprintf("https://busy.test/%d", i)})
	}
	release := w.sink.stall("busy.test")
	defer release()
	w.start()
	w.post(db.Delivery{}, append(direct, db.Target{Host: "other.test", Inbox: "https://other.test/inbox"})...)
	w.until("the other host served", func() bool { return w.sink.requests("other.test") == 1 })
	release()
	w.idle()
	if n := len(w.sink.times()); n != 401 {
		t.Errorf("%d inboxes reached, want 401", n)
	}
	if n := len(w.sink.accepted()); n != 401 {
		t.Errorf("%d sends, want 401", n)
	}
}
