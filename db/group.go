package db

import (
	"context"
	"errors"
	"sync"
	"time"
)

// How a group of writes is gathered (performance.md §8).
const (
	groupLinger = time.Millisecond
	groupMax    = 256
)

var errClosed = errors.New("db: closed")

// group commits the writes of concurrent callers in one transaction: a commit
// costs an fsync whether it holds one row or a hundred. Each caller returns
// after the commit. A lone caller does not wait for company.
type group struct {
	q    *queries
	in   chan *groupWrite
	quit chan struct{}
	done chan struct{}
	once sync.Once
}

type groupWrite struct {
	ctx  context.Context
	fn   func(context.Context, *queries) error
	done chan error
}

func newGroup(q *queries) *group {
	g := &group{q: q, in: make(chan *groupWrite, groupMax), quit: make(chan struct{}), done: make(chan struct{})}
	go g.run()
	return g
}

func (g *group) close() {
	g.once.Do(func() { close(g.quit) })
	<-g.done
}

// do runs fn in a transaction shared with others and returns when it is on disk.
func (g *group) do(ctx context.Context, fn func(context.Context, *queries) error) error {
	w := &groupWrite{ctx: ctx, fn: fn, done: make(chan error, 1)}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-g.quit:
		return errClosed
	case g.in <- w:
	}
	select {
	case err := <-w.done:
		return err
	case <-g.done: // closed before it was taken, or while it was written
		select {
		case err := <-w.done:
			return err
		default:
			return errClosed
		}
	}
}

func (g *group) run() {
	defer close(g.done)
	last := 0
	for {
		select {
		case <-g.quit:
			return
		case w := <-g.in:
			batch := g.gather(w, last)
			last = len(batch)
			g.commit(batch)
		}
	}
}

// gather collects what comes within the linger time, if there are signs of
// others: something waiting already, or a group before this one.
func (g *group) gather(w *groupWrite, last int) []*groupWrite {
	batch := []*groupWrite{w}
	if len(g.in) == 0 && last <= 1 {
		return batch
	}
	late := time.NewTimer(groupLinger)
	defer late.Stop()
	for len(batch) < groupMax {
		select {
		case w := <-g.in:
			batch = append(batch, w)
		case <-late.C:
			return batch
		}
	}
	return batch
}

func (g *group) commit(batch []*groupWrite) {
	err := g.q.atomic(context.Background(), func(q *queries) error {
		for _, w := range batch {
			if err := w.fn(w.ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
	for _, w := range batch {
		if err != nil && len(batch) > 1 { // one of them spoils it for all: each for itself
			w.done <- g.q.atomic(context.Background(), func(q *queries) error { return w.fn(w.ctx, q) })
			continue
		}
		w.done <- err
	}
}
