package db

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// How a group of writes is gathered (performance.md §8).
const (
	groupLinger = time.Millisecond
	groupMax    = 256
)

var (
	errClosed   = errors.New("db: closed")
	errPanicked = errors.New("db: panic in a transaction")
)

// group commits the writes of concurrent callers in one transaction: a commit
// costs an fsync whether it holds one row or a hundred. Each caller returns
// after the commit. A lone caller does not wait for company, and commits by itself:
// to wake another goroutine and to be woken by it takes longer than the row.
type group struct {
	q    queries
	mu   sync.Mutex   // held while a group is committed
	last atomic.Int64 // how many writes the group before had
	in   chan *groupWrite
	quit chan struct{}
	done chan struct{}
	once sync.Once

	waits, waited atomic.Int64 // of writes that others kept waiting: how many, and nanoseconds in all
}

type groupWrite struct {
	ctx      context.Context
	fn       func(context.Context, *queries) error
	single   bool  // no savepoint is needed
	err      error // of fn
	panicked any   // by fn
	since    time.Time
	done     chan error
}

func newGroup(q queries) *group {
	g := &group{q: q, in: make(chan *groupWrite, groupMax), quit: make(chan struct{}), done: make(chan struct{})}
	go g.run()
	return g
}

func (g *group) close() {
	g.once.Do(func() {
		close(g.quit)
		<-g.done
		g.mu.Lock() // for ever: nobody commits by itself any more
	})
}

// do runs fn in a transaction shared with others and returns when it is on disk. What fn
// does is undone when it fails.
func (g *group) do(ctx context.Context, fn func(context.Context, *queries) error) error {
	return g.join(ctx, false, fn)
}

// statement is do for what undoes itself when it fails: a single statement.
func (g *group) statement(ctx context.Context, fn func(context.Context, *queries) error) error {
	return g.join(ctx, true, fn)
}

func (g *group) join(ctx context.Context, single bool, fn func(context.Context, *queries) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &groupWrite{ctx: ctx, fn: fn, single: single, since: time.Now(), done: make(chan error, 1)}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-g.quit:
		return errClosed
	default:
	}
	if len(g.in) == 0 && g.last.Load() <= 1 && g.mu.TryLock() {
		g.commit([]*groupWrite{w})
		g.mu.Unlock()
		return g.end(w)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-g.quit:
		return errClosed
	case g.in <- w:
	}
	return g.end(w)
}

// end waits until a write has been committed.
func (g *group) end(w *groupWrite) (err error) {
	select {
	case err = <-w.done:
	case <-g.done: // closed before it was taken, or while it was written
		select {
		case err = <-w.done:
		default:
			return errClosed
		}
	}
	if w.panicked != nil {
		panic(w.panicked)
	}
	return err
}

// grouped is statement for what has a result.
func grouped[T any](ctx context.Context, g *group, fn func(context.Context, *queries) (T, error)) (v T, err error) {
	err = g.statement(ctx, func(ctx context.Context, q *queries) error {
		v, err = fn(ctx, q)
		return err
	})
	return v, err
}

func (g *group) run() {
	defer close(g.done)
	for {
		select {
		case <-g.quit:
			return
		case w := <-g.in:
			g.mu.Lock()
			batch := g.gather(w)
			g.last.Store(int64(len(batch)))
			g.commit(batch)
			g.mu.Unlock()
		}
	}
}

// gather collects what comes within the linger time, if there are signs of
// others: something waiting already, or a group before this one.
func (g *group) gather(w *groupWrite) []*groupWrite {
	batch := []*groupWrite{w}
	if len(g.in) == 0 && g.last.Load() <= 1 {
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
	if len(batch) > 1 {
		for _, w := range batch {
			g.waits.Add(1)
			g.waited.Add(int64(time.Since(w.since)))
		}
	}
	// On PostgreSQL a savepoint is a way to the server and back, and what is gathered there can be repeated.
	plain := g.q.locks || len(batch) == 1
	err := g.q.atomic(context.Background(), func(q *queries) error {
		for _, w := range batch {
			var err error
			if plain {
				err = w.call(q)
			} else {
				err = q.apart(w)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	for _, w := range batch {
		if err != nil && plain && len(batch) > 1 { // one of them spoils it for all: each for itself
			w.done <- g.q.atomic(context.Background(), w.call)
			continue
		}
		w.done <- cmp.Or(w.err, err)
	}
}

// Savepoints (sqlite.org/lang_savepoint.html).
const (
	qMember = `savepoint member`
	qKeep   = `release member`
	qUndo   = `rollback to member`
)

// apart runs one write of a batch so that its failure is its own. An error is the batch's.
func (q *queries) apart(w *groupWrite) error {
	if w.single {
		if w.err = w.call(q); w.err == nil || errors.Is(w.err, ErrNotFound) || isConstraint(w.err) {
			return nil
		}
		return w.err // it may have undone the transaction, as a full disk does
	}
	if err := q.order(qMember); err != nil {
		return err
	}
	if w.err = w.call(q); w.err != nil {
		// When the whole transaction is undone already, as it is on a full disk, this fails.
		if err := q.order(qUndo); err != nil {
			return err
		}
	}
	return q.order(qKeep)
}

// order runs a statement that changes no row.
func (q *queries) order(text string) error {
	ctx := context.Background()
	s, err := q.stmt(ctx, q.write, text)
	if err == nil {
		_, err = s.ExecContext(ctx)
	}
	return err
}

// call runs the write; if it panics, so does who waits for it.
func (w *groupWrite) call(q *queries) (err error) {
	defer func() {
		if w.panicked = recover(); w.panicked != nil {
			err = errPanicked
		}
	}()
	return w.fn(w.ctx, q)
}
