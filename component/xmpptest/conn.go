package xmpptest

import (
	"net"
	"sync"
)

// conn is one connection of a component.
type conn struct {
	net.Conn
	mu                    sync.Mutex // of writes
	closeOnce, freezeOnce sync.Once
	frozen, closed        chan struct{}
}

func newConn(nc net.Conn) *conn {
	return &conn{Conn: nc, frozen: make(chan struct{}), closed: make(chan struct{})}
}

func (c *conn) isFrozen() bool {
	select {
	case <-c.frozen:
		return true
	default:
		return false
	}
}

func (c *conn) write(xml string) {
	if c.isFrozen() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = c.Write([]byte(xml)) // the reader notices a broken connection
}

// Read stops for good once frozen. A read that is under way may still yield.
func (c *conn) Read(p []byte) (int, error) {
	if c.isFrozen() {
		<-c.closed
		return 0, net.ErrClosed
	}
	return c.Conn.Read(p)
}

func (c *conn) freeze() { c.freezeOnce.Do(func() { close(c.frozen) }) }

func (c *conn) close() {
	c.closeOnce.Do(func() {
		close(c.closed)
		c.Conn.Close()
	})
}
