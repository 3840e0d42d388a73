package component

import (
	"context"
	"errors"
	"time"

	"isthmus/component/stanza"
)

// keepalive pings once per Keepalive (XEP-0199 §4.2) and sends white space in
// between when nothing else was sent (RFC 6120 §4.6.1), until ctx ends.
//
// The ping goes to our own address: the server has to read, route and write it,
// so it proves the whole way, and no other host is needed for it. It goes from
// and to a full JID because ejabberd ≥ 24.10 with mod_privilege swallows IQs of
// components to bare addresses.
//
// When neither an answer nor any other byte comes in PingTimeout, the
// connection is dead, unless no ping was ever answered on this stream: then the
// server seems not to route them, and dropping good streams would be worse.
func (c *Component) keepalive(ctx context.Context, l *link) {
	tick := time.NewTicker(c.cfg.Keepalive / 2)
	defer tick.Stop()
	for n := 0; ; n++ {
		switch {
		case n%2 == 0:
			heard := l.conn.bytes.Load()
			err := c.pingServer(ctx, l)
			switch {
			case ctx.Err() != nil:
				return
			case err == nil:
			case l.conn.bytes.Load() != heard: // alive, whatever became of the ping
			case l.answered.Load():
				l.fail(ErrHalfOpen)
				return
			default:
				c.log.Warn("the XMPP server does not answer pings; a dead connection will be noticed late", "host", c.cfg.Server, "err", err)
			}
			l.out.idle() // the ping itself does not count
		case l.out.idle():
			_ = l.out.put([]byte(" "), false) // a full queue needs no keepalive
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// pingServer is nil for any answer, also for an error.
func (c *Component) pingServer(ctx context.Context, l *link) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.PingTimeout)
	defer cancel()
	self := c.JID().WithResource(resource)
	_, err := c.ask(ctx, l, stanza.IQ("get", self, self, stanza.New(stanza.NSPing, "ping")))
	var answer *stanza.Error
	if err != nil && !errors.As(err, &answer) {
		return err
	}
	l.answered.Store(true)
	return nil
}
