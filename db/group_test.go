package db

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"isthmus/e2e/await"
)

// together lets n callers write while another one holds the writer: on SQLite what they
// do goes to disk in one commit.
func (s *sample) together(n int, write func(i int)) {
	ctx := s.t.Context()
	busy, let := make(chan bool), make(chan bool)
	var wg sync.WaitGroup
	wg.Go(func() { s.Tx(ctx, func(*Tx) error { close(busy); <-let; return nil }) })
	<-busy
	for i := range n {
		wg.Go(func() { write(i) })
	}
	await.True(s.t, 10*time.Second, "writers that wait", func() error {
		_, w := s.Waits()
		if s.via != nil && len(s.via.in) < n-1 || s.via == nil && w.Count == 0 {
			return errors.New("not yet")
		}
		return nil
	})
	close(let)
	wg.Wait()
}

// One that panics does so where it was called, what it did is undone, and so is what
// another one did before it failed.
func TestTransactionsTogether(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	bad := errors.New("bad")
	var panicked atomic.Value
	s.together(9, func(i int) {
		defer func() {
			if v := recover(); v != nil {
				panicked.Store(v)
			}
		}()
		err := s.Tx(ctx, func(tx *Tx) error {
			if err := tx.SetMeta(ctx, fmt.Sprint("t", i), "v"); err != nil {
				return err
			}
			switch i {
			case 3:
				panic("three")
			case 5:
				return bad
			}
			return nil
		})
		if (i == 5) != errors.Is(err, bad) || i != 5 && err != nil {
			t.Errorf("transaction %d: %v", i, err)
		}
	})
	if panicked.Load() != "three" {
		t.Errorf("panic: %v", panicked.Load())
	}
	for i := range 9 {
		v, err := s.Meta(ctx, fmt.Sprint("t", i))
		if (v == "v") == (i == 3 || i == 5) {
			t.Errorf("transaction %d: %q, %v", i, v, err)
		}
	}
}

// A statement that violates a constraint leaves the others of its commit alone.
func TestConstraintTogether(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	s.together(6, func(i int) {
		var value any = "v"
		if i == 2 {
			value = nil // which the column does not take
		}
		err := second(s.exec(ctx, `insert into meta (key, value) values ($1, $2)`, fmt.Sprint("c", i), value))
		if (i == 2) != (err != nil) {
			t.Errorf("write %d: %v", i, err)
		}
	})
}

// Whoever had to wait for others to write is counted.
func TestWaits(t *testing.T) {
	s, ctx := newSample(t), t.Context()
	if _, write := s.Waits(); write.Count != 0 {
		t.Errorf("alone: %+v", write)
	}
	s.together(4, func(i int) { s.SetMeta(ctx, fmt.Sprint("k", i), "v") }) // with the first one more than PostgreSQL has writers
	if _, write := s.Waits(); write.Count == 0 || write.Took <= 0 {
		t.Errorf("%+v", write)
	}
}

// Who is alone commits by itself: nobody has to be woken. With company it does not.
func TestAloneByItself(t *testing.T) {
	s := newSample(t)
	self := func() (is bool) {
		s.ok(s.group.do(t.Context(), func(context.Context, *queries) error {
			stack := make([]byte, 1<<14)
			is = strings.Contains(string(stack[:runtime.Stack(stack, false)]), "testing.tRunner(")
			return nil
		}))
		return is
	}
	if !self() {
		t.Error("a lone write went through another goroutine")
	}
	s.group.last.Store(2)
	if self() {
		t.Error("after a group of two it did not wait for company")
	}
	s.group.mu.Lock() // the other goroutine lets go after it has answered
	last := s.group.last.Load()
	s.group.mu.Unlock()
	if last != 1 || !self() {
		t.Errorf("alone again after a group of %d, it went through another goroutine", last)
	}
}
