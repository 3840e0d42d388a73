package component

import (
	"errors"
	"net"
	"sync"
	"time"
)

const (
	writerHigh  = 4 << 20  // bytes queued before senders wait
	writerChunk = 64 << 10 // bytes one write deadline is good for
)

var errFull = errors.New("component: send queue is full")

// writer owns the sending half of a connection. Senders append whole stanzas to
// a bounded buffer; one goroutine writes what has gathered since its last write
// and so flushes whenever nothing is left. No caller's context comes near the
// connection: a write ends when it is done or when its own deadline passes, and
// then the stream is over.
type writer struct {
	conn    net.Conn
	timeout time.Duration // per chunk

	mu     sync.Mutex
	work   sync.Cond // there is something to write, or closed
	room   sync.Cond // the buffer has shrunk, or closed
	buf    []byte
	last   bool // write what is there, then stop
	closed bool
	wrote  bool // since the last call of idle
}

func newWriter(conn net.Conn, timeout time.Duration) *writer {
	w := &writer{conn: conn, timeout: timeout}
	w.work.L, w.room.L = &w.mu, &w.mu
	return w
}

// put queues b, which it copies. A full queue makes it wait, at most until the
// write deadline ends the stream, or return errFull.
func (w *writer) put(b []byte, wait bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.buf) >= writerHigh && !w.closed && !w.last {
		if !wait {
			return errFull
		}
		w.room.Wait()
	}
	if w.closed || w.last {
		return ErrDown
	}
	w.buf = append(w.buf, b...)
	w.work.Signal()
	return nil
}

// finish queues b as the last thing that is written.
func (w *writer) finish(b []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.last {
		w.buf, w.last = append(w.buf, b...), true
		w.work.Signal()
		w.room.Broadcast()
	}
}

// close lets go of everybody; what is queued is lost. It does not touch the
// connection.
func (w *writer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed, w.buf = true, nil
	w.work.Signal()
	w.room.Broadcast()
}

// idle reports whether nothing was written since it was asked last.
func (w *writer) idle() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	wrote := w.wrote
	w.wrote = false
	return !wrote
}

// run writes until close or finish, or returns the write error that ended it.
func (w *writer) run() error {
	var spare []byte
	for {
		w.mu.Lock()
		for len(w.buf) == 0 && !w.closed && !w.last {
			w.work.Wait()
		}
		if w.closed || len(w.buf) == 0 {
			w.mu.Unlock()
			return nil
		}
		batch := w.buf
		w.buf, w.wrote = spare[:0], true
		w.room.Broadcast()
		w.mu.Unlock()

		if err := w.write(batch); err != nil {
			return err
		}
		spare = batch
	}
}

func (w *writer) write(b []byte) error {
	for len(b) > 0 {
		n := min(len(b), writerChunk)
		if err := w.conn.SetWriteDeadline(time.Now().Add(w.timeout)); err != nil {
			return err
		}
		if _, err := w.conn.Write(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}
