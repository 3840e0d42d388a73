package activitypub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

// What does not answer is left alone, ever longer, and tried with one request.
func TestHostRests(t *testing.T) {
	clk := &clock{now: testNow}
	g := &hostGate{now: clk.Now}
	ask := func(came outcome) error {
		leave, err := g.enter(t.Context(), "a.example")
		if err == nil {
			leave(came)
			leave(silent) // only the first word counts
		}
		return err
	}
	for range restAfter {
		equal(t, "before it rests", ask(silent), nil)
		if g.hosts.young["a.example"].failures < restAfter { // who goes away says nothing, for or against
			equal(t, "gone away", ask(unknown), nil)
		}
	}
	wantErr(t, "at rest", ask(answered), ErrResting)
	equal(t, "another host", func() error { leave, err := g.enter(t.Context(), "b.example"); leave(answered); return err }(), nil)
	clk.add(restFirst)
	equal(t, "the one that tries", ask(silent), nil)
	clk.add(restFirst)
	wantErr(t, "twice as long", ask(answered), ErrResting)
	clk.add(restFirst)
	leave, err := g.enter(t.Context(), "a.example")
	equal(t, "the next one that tries", err, nil)
	wantErr(t, "only one", ask(answered), ErrResting)
	leave(answered)
	equal(t, "it is back", ask(answered), nil)
	for range 20 {
		equal(t, "failures with answers between", errors.Join(ask(silent), ask(silent), ask(answered)), nil)
	}
	for range 20 {
		equal(t, "long ago", ask(silent), nil)
		clk.add(failuresCount + time.Second)
	}
}

// What is remembered is bounded (attack X17).
func TestX17_HostsRemembered(t *testing.T) {
	g := &hostGate{now: time.Now}
	for i := range 3 * maxRecent {
		leave, err := g.enter(t.Context(), fmt.Sprintf("h%d.example", i))
		if err != nil {
			t.Fatal(err)
		}
		leave(silent)
	}
	if n := len(g.hosts.young) + len(g.hosts.old); n > maxRecent {
		t.Errorf("%d hosts", n)
	}
}

// No more than readsAtOnce requests are open at one host.
func TestReadsAtOnce(t *testing.T) {
	p, c := newPeer(t), newClient(t)
	var mu sync.Mutex
	now, most := 0, 0
	inside, open := make(chan struct{}, 100), make(chan struct{})
	at := p.on("/doc", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		inside <- struct{}{}
		<-open
		mu.Lock()
		now--
		mu.Unlock()
		w.WriteHeader(404)
	})
	var wait sync.WaitGroup
	for range 3 * readsAtOnce {
		wait.Go(func() { c.Get(t.Context(), at, nil) })
	}
	for range readsAtOnce {
		<-inside
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Get(ctx, at, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("who waits and goes away: %v", err)
	}
	close(open)
	wait.Wait()
	equal(t, "at once", most, readsAtOnce)
}

// TestX12_Budget: one cause makes no more requests than it may, with redirects and
// second tries.
func TestX12_Budget(t *testing.T) {
	p, c := newPeer(t), newClient(t)
	p.on("/a", redirectTo(p.URL+"/b"))
	p.on("/b", redirectTo(p.URL+"/c"))
	p.put("/c", `{"id":"`+p.URL+`/c","type":"Note"}`)
	ctx := WithBudget(t.Context(), 5)
	_, err := c.Get(ctx, p.URL+"/a", nil)
	equal(t, "within", err, nil)
	_, err = c.Get(ctx, p.URL+"/a", nil)
	wantErr(t, "beyond", err, ErrBudget)
	equal(t, "asked", len(p.requests()), 5)
	_, err = c.Get(t.Context(), p.URL+"/a", nil)
	equal(t, "without one", err, nil)
}
