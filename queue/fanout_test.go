package queue_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"isthmus/db"
	"isthmus/queue"
)

func TestSharedInboxGetsOneSend(t *testing.T) {
	w := newWorld(t)
	for i := range 10 {
		w.follow(w.blog, fmt.Sprintf("h%d.test", i), 100, true)
	}
	w.start()
	w.post(db.Delivery{Scope: db.ToFollowers})
	w.idle()
	if n := len(w.sink.accepted()); n != 10 {
		t.Errorf("%d sends for 1,000 followers on 10 hosts, want 10", n)
	}
}

// Every inbox of the audience gets every delivery once when nothing goes wrong,
// whatever the window and the batches.
func TestEveryInboxOnce(t *testing.T) {
	queue.SmallWindows(t)
	w := newWorld(t)
	w.cfg.Workers = 4
	for i := range 20 {
		w.follow(w.blog, fmt.Sprintf("h%02d.test", i), 12, false)
	}
	w.start()
	for range 3 {
		w.post(db.Delivery{Scope: db.ToFollowers})
	}
	w.idle()
	times := w.sink.times()
	if len(times) != 3*20*12 {
		t.Errorf("%d places reached, want %d", len(times), 3*20*12)
	}
	for p, n := range times {
		if n != 1 {
			t.Fatalf("%v was sent %d times", p, n)
		}
	}
}

func TestAudienceIsFrozen(t *testing.T) {
	w := newWorld(t)
	w.follow(w.blog, "early.test", 1, true)
	w.post(db.Delivery{Scope: db.ToFollowers})
	w.follow(w.blog, "late.test", 1, true)
	w.start()
	w.idle()
	if n := w.sink.requests("late.test"); n != 0 {
		t.Errorf("who followed after the post got it %d times", n)
	}
	if n := w.sink.requests("early.test"); n != 1 {
		t.Errorf("who followed before it got it %d times", n)
	}
}

// A mention of a follower is the follower's one copy; a mention of a stranger
// is a copy of its own.
func TestDirectTargetIsNotSentTwice(t *testing.T) {
	w := newWorld(t)
	w.follow(w.blog, "a.test", 3, true)
	w.start()
	w.post(db.Delivery{Scope: db.ToFollowers}, db.Target{Host: "a.test", Inbox: "https://a.test/inbox"}, db.Target{Host: "b.test", Inbox: "https://b.test/inbox"})
	w.idle()
	if a, b := w.sink.requests("a.test"), w.sink.requests("b.test"); a != 1 || b != 1 {
		t.Errorf("follower got %d, stranger %d, want one each", a, b)
	}
}

func TestSlowHostHoldsNobody(t *testing.T) {
	w := newWorld(t)
	w.cfg.Workers, w.cfg.SlowAfter = 4, 10*time.Millisecond
	for i := range 30 {
		w.follow(w.blog, fmt.Sprintf("h%02d.test", i), 5, false)
	}
	release := w.sink.stall("h00.test") // the first in the order of the audience
	defer release()
	w.start()
	for range 3 {
		w.post(db.Delivery{Scope: db.ToFollowers})
	}
	w.until("the others served", func() bool {
		w.clock.add(time.Millisecond)
		return len(w.sink.accepted()) == 3*29*5
	})
	w.until("fan-outs over although one host hangs", func() bool { w.clock.add(time.Millisecond); return w.stats().Fanouts == 0 })
	if n := w.sink.requests("h00.test"); n != 1 {
		t.Errorf("the host that hangs was asked %d times at once", n)
	}
	release()
	w.idle()
	times := w.sink.times()
	if len(times) != 3*30*5 {
		t.Errorf("%d places reached, want %d", len(times), 3*30*5)
	}
	for p, n := range times {
		if n != 1 {
			t.Errorf("%v was sent %d times", p, n)
		}
	}
}

// A host that hangs at the head of a window does not hold back what comes after the window
// until that is called slow.
func TestStragglersAreLeftBehind(t *testing.T) {
	queue.SmallWindows(t)
	w := newWorld(t)
	w.cfg.Workers, w.cfg.SlowAfter = 8, time.Hour
	for i := range 60 {
		w.follow(w.blog, fmt.Sprintf("h%02d.test", i), 5, false)
	}
	for _, host := range []string{"h00.test", "h17.test", "h40.test"} {
		defer w.sink.stall(host)()
	}
	w.start()
	w.post(db.Delivery{Scope: db.ToFollowers})
	w.until("all others served", func() bool { w.clock.add(time.Millisecond); return len(w.sink.accepted()) == 57*5 })
}

// A host with more inboxes than a window has room for is served one at a time,
// and those after it in the audience do not wait for all of them.
func TestBigHostHoldsNobody(t *testing.T) {
	queue.SmallWindows(t)
	w := newWorld(t)
	w.cfg.Workers, w.cfg.SlowAfter = 4, 5*time.Millisecond
	w.follow(w.blog, "big.test", 300, false)
	w.follow(w.blog, "small.test", 1, false)
	before := 0
	w.sink.answer = func(host string, n int) (int, http.Header) {
		w.clock.add(time.Millisecond)
		time.Sleep(2 * time.Millisecond) // a round trip
		if host == "small.test" {
			before = w.sink.requests("big.test")
		}
		return http.StatusAccepted, nil
	}
	w.start()
	w.post(db.Delivery{Scope: db.ToFollowers})
	w.until("the small host served", func() bool { return w.sink.requests("small.test") == 1 })
	w.idle()
	if before > 200 {
		t.Errorf("the small host waited for %d sends to the big one", before)
	}
	if n := len(w.sink.times()); n != 301 {
		t.Errorf("%d inboxes reached, want 301", n)
	}
	if n := w.sink.requests("big.test"); n != 300 {
		t.Errorf("%d sends to the big host, want 300", n)
	}
}

// With one worker the order of arrival is the order of dispatch: blogs take
// turns, however much each of them has to send.
func TestBlogsTakeTurns(t *testing.T) {
	w := newWorld(t)
	w.cfg.Workers = 1
	bob := w.newBlog("bob")
	for i := range 50 {
		w.follow(w.blog, fmt.Sprintf("a%d.test", i), 1, false)
		w.follow(bob, fmt.Sprintf("b%d.test", i), 1, false)
	}
	for range 3 {
		w.post(db.Delivery{Scope: db.ToFollowers})
	}
	bobs := w.post(db.Delivery{Scope: db.ToFollowers, BlogID: bob.ID})
	w.sink.answer = func(string, int) (int, http.Header) {
		time.Sleep(2 * time.Millisecond) // a round trip
		return http.StatusAccepted, nil
	}
	w.start()
	w.idle()
	// From where both have something in line until one of them has nothing left.
	got := w.sink.accepted()
	isBobs := func(p queue.Place) bool { return p.Delivery == bobs }
	isAlices := func(p queue.Place) bool { return p.Delivery != bobs }
	from := max(slices.IndexFunc(got, isBobs), slices.IndexFunc(got, isAlices))
	left := slices.Clone(got)
	slices.Reverse(left)
	to := len(got) - 1 - max(slices.IndexFunc(left, isBobs), slices.IndexFunc(left, isAlices))
	if to-from < 20 { // fewer show nothing; how many depends on how fast the rest is read
		t.Fatalf("both were in line only from send %d to %d", from, to)
	}
	for i := from; i < to; i++ {
		if isBobs(got[i]) == isBobs(got[i+1]) {
			t.Fatalf("sends %d and %d are of the same blog: deliveries %d and %d", i, i+1, got[i].Delivery, got[i+1].Delivery)
		}
	}
}

func TestUrgentOvertakes(t *testing.T) {
	w := newWorld(t)
	w.cfg.Workers = 2
	var hosts []func()
	for i := range 20 {
		host := fmt.Sprintf("h%02d.test", i)
		w.follow(w.blog, host, 1, true)
		hosts = append(hosts, w.sink.stall(host))
	}
	w.start()
	w.post(db.Delivery{Scope: db.ToFollowers})
	w.until("the fan-out's worker busy", func() bool { return w.sink.requests("h00.test") == 1 })
	accept := w.post(db.Delivery{Urgent: true}, db.Target{Host: "x.test", Inbox: "https://x.test/inbox"})
	w.until("the Accept sent", func() bool { return len(w.sink.accepted()) == 1 })
	if got := w.sink.accepted()[0].Delivery; got != accept {
		t.Errorf("delivery %d came first, want the Accept %d", got, accept)
	}
	// It may go to a host that is busy, too.
	w.post(db.Delivery{Urgent: true}, db.Target{Host: "h00.test", Inbox: "https://h00.test/users/u0/inbox"})
	w.until("the Accept at the busy host", func() bool { return w.sink.requests("h00.test") == 2 })
	for _, release := range hosts {
		release()
	}
	w.idle()
}
