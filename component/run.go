package component

import (
	"context"
	"errors"
	"sync"
	"time"

	"isthmus/component/stanza"
)

// Run connects and reconnects until ctx ends, then closes the stream in good
// order, waits for the Handler and returns nil. It returns an error only for a
// configuration that cannot work.
func (c *Component) Run(ctx context.Context) error {
	if err := c.cfg.check(); err != nil {
		return err
	}
	lanes := newLanes(func(j job) {
		if ctx.Err() == nil {
			c.serve(ctx, j)
		}
	})
	defer c.aside.wait()
	defer lanes.stop()
	c.mu.Lock()
	c.lanes = lanes
	c.mu.Unlock()
	wait := backoff{min: c.cfg.BackoffMin, max: c.cfg.BackoffMax}
	for {
		begin := time.Now()
		err := c.once(ctx, lanes)
		if ctx.Err() != nil {
			return nil
		}
		d := wait.next(time.Since(begin))
		c.log.Warn("no stream to the XMPP server", "host", c.cfg.Server, "err", err, "retry", d.Round(time.Millisecond))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(d):
		}
	}
}

// once connects and reads one stream to its end.
func (c *Component) once(ctx context.Context, lanes *lanes) error {
	l, err := connect(ctx, c.cfg)
	if err != nil {
		err = explain(err, c.cfg, false)
		if ctx.Err() != nil {
			err = errStopped
		}
		return c.note(nil, err)
	}
	c.note(l, nil)
	c.log.Info("connected", "host", c.cfg.Server, "to", c.cfg.Domain)

	// The stream's own context ends with the stream, not with ctx: closing in
	// good order comes in between.
	streamCtx, drop := context.WithCancel(context.WithoutCancel(ctx))
	defer drop()
	stop := context.AfterFunc(ctx, func() { drop(); l.finish() })
	defer stop()
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := l.out.run(); err != nil {
			l.fail(err)
		}
	})
	wg.Go(func() { c.keepalive(streamCtx, l) })
	wg.Go(func() {
		defer c.caught("up", nil)
		c.h.Up(streamCtx)
	})

	err = c.read(l, lanes)
	err = explain(l.reason(err), c.cfg, true)
	if ctx.Err() != nil {
		err = errStopped
	}
	l.fail(err)
	drop()
	c.note(nil, err)
	wg.Wait()
	func() {
		defer c.caught("down", nil)
		c.h.Down()
	}()
	return err
}

// note records that the stream went up, or why it is down.
func (c *Component) note(l *link, err error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if up := l != nil; up != c.status.Up {
		c.status.Up, c.status.Since = up, time.Now()
		if up {
			c.status.Reconnects = c.ups
			c.ups++
		}
	}
	c.link = l
	if err != nil {
		c.status.Err, c.status.LastError = err, err.Error()
	}
	return err
}

// read hands every stanza to the lanes, or to the IQ that waits for it, until
// the stream ends. It never waits for anything else.
func (c *Component) read(l *link, lanes *lanes) error {
	for {
		e, size, err := l.next()
		tooLarge := errors.Is(err, stanza.ErrTooLarge)
		if err != nil && !tooLarge {
			return err
		}
		if tooLarge {
			c.log.Warn("stanza dropped: too large or too deep", "stanza", e.Local, "from", e.Get("from"), "bytes", size)
		}
		if t := e.Type(); e.Local == "iq" && (t == "result" || t == "error") {
			if !l.pending.deliver(e, tooLarge, c.cfg.Domain) {
				c.log.Debug("reply nobody waits for", "from", e.Get("from"), "stanza", e.ID())
			}
			continue
		}
		if tooLarge {
			c.refuse(l, e, stanza.ErrPolicyViolation("stanza too large"))
			continue
		}
		if !lanes.offer(e.From().Bare().Fold().String(), job{e: e, link: l, size: size}) {
			c.tooMuch(l, e)
		}
	}
}

// tooMuch drops a stanza of somebody who sends more than we handle.
func (c *Component) tooMuch(l *link, e *stanza.Element) {
	c.log.Warn("stanza dropped: sender is faster than we are", "stanza", e.Local, "from", e.Get("from"), "to", e.Get("to"))
	c.refuse(l, e, stanza.ErrResource("too many requests, try again later"))
}

// refuse answers from the reader, which cannot wait: an IQ or a chat message
// gets the error if the send queue has room, anything else is just gone.
func (c *Component) refuse(l *link, e *stanza.Element, why *stanza.Error) {
	t := e.Type()
	isIQ := e.Local == "iq" && (t == "get" || t == "set")
	isChat := e.Local == "message" && (t == "chat" || t == "normal" || t == "")
	if !isIQ && !isChat || !c.ours(e) {
		return
	}
	if err := c.put(l, stanza.ErrorReply(e, why), false); err != nil {
		c.log.Debug("refusal not sent", "to", e.Get("from"), "err", err)
	}
}

// finish closes the stream in good order: what is queued is written, then our
// closing tag, and the server gets a moment to answer with its own (RFC 6120 §4.4).
func (l *link) finish() {
	l.out.finish([]byte("</stream:stream>"))
	l.conn.SetReadDeadline(time.Now().Add(2 * time.Second))
}
