package component

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"isthmus/component/stanza"
)

// MaxStanza is the largest stanza that is sent, in bytes as printed: Prosody
// closes the stream over more than 512 KiB, and peers take less than we do.
const MaxStanza = 256 << 10

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// Send queues a stanza. A missing sender becomes the bare domain, a missing IQ
// id is made up. Refused before they can hurt the stream are: another name than
// iq, message or presence, an IQ type there is not, an addressee that is none
// (ErrStanza), a sender on another domain (ErrFrom), and more than MaxStanza
// bytes (ErrTooLarge). ErrDown means there is no stream. When too much is queued
// Send waits; nil does not mean that the server has seen it.
func (c *Component) Send(e *stanza.Element) error {
	l := c.current()
	if l == nil {
		return ErrDown
	}
	return c.put(l, e, true)
}

// IQ sends a get or set and waits for the reply of its very addressee. It sets
// the id, and the sender if there is none, on a copy. An error reply is returned
// as a *stanza.Error. ErrDown comes at once when the stream drops or is down,
// ErrTimeout after IQTimeout or the deadline of ctx, ErrTooLarge also when the
// reply is past stanza.MaxSize; a ctx that ends does not take back what is sent.
// Refusals are those of Send.
func (c *Component) IQ(ctx context.Context, e *stanza.Element) (*stanza.Element, error) {
	l := c.current()
	if l == nil {
		return nil, ErrDown
	}
	return c.ask(ctx, l, e)
}

// Patiently is IQ for a service that has so much to do that its answers come late: ErrTimeout
// comes at the deadline of ctx, or when nobody at its domain has answered anything for
// silence. Asking once more would only give it more to do.
func (c *Component) Patiently(ctx context.Context, e *stanza.Element, silence time.Duration) (*stanza.Element, error) {
	l := c.current()
	if l == nil {
		return nil, ErrDown
	}
	ctx, cancel := l.pending.whileHeard(ctx, domainOf(peerKey(e.Get("to"))), silence)
	defer cancel()
	return c.ask(ctx, l, e)
}

func (c *Component) ask(ctx context.Context, l *link, e *stanza.Element) (*stanza.Element, error) {
	if t := e.Type(); e.Local != "iq" || t != "get" && t != "set" {
		return nil, fmt.Errorf("%w: an IQ of type %q asks nothing", ErrStanza, t)
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.cfg.IQTimeout)
		defer cancel()
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	req := *e
	req.Attr = slices.Clone(e.Attr)
	req.Set("id", newID())
	k := pendingKey{peerKey(req.Get("to")), req.ID()}
	answer, err := l.pending.add(k)
	if err != nil {
		return nil, err
	}
	defer l.pending.forget(k)
	if err := c.put(l, &req, true); err != nil {
		return nil, err
	}
	select {
	case r, ok := <-answer:
		switch {
		case !ok:
			return nil, ErrDown
		case r.tooLarge:
			return nil, fmt.Errorf("%w: the reply of %s", ErrTooLarge, req.Get("to"))
		case r.e.Type() == "error":
			err := stanza.ParseError(r.e)
			c.cfg.OnError(err.Condition)
			return nil, err
		}
		return r.e, nil
	case <-ctx.Done():
		if err := context.Cause(ctx); errors.Is(err, context.DeadlineExceeded) {
			return nil, fmt.Errorf("%w from %s: %w", ErrTimeout, req.Get("to"), err)
		}
		return nil, ctx.Err()
	}
}

// put checks, prints and queues e on a stream; wait is for callers that may.
func (c *Component) put(l *link, e *stanza.Element, wait bool) error {
	s, err := c.outgoing(e)
	if err != nil {
		return err
	}
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	*buf = s.AppendXML((*buf)[:0], stanza.NSComponent)
	if len(*buf) > MaxStanza {
		return fmt.Errorf("%w: %s to %s has %d bytes", ErrTooLarge, s.Local, s.Get("to"), len(*buf))
	}
	return l.out.put(*buf, wait)
}

// outgoing returns e as it may be sent: a copy when something is missing. What
// it refuses would make one server or another close the stream.
func (c *Component) outgoing(e *stanza.Element) (*stanza.Element, error) {
	refuse := func(format string, args ...any) (*stanza.Element, error) {
		return nil, fmt.Errorf("%w: %s", ErrStanza, fmt.Sprintf(format, args...))
	}
	if e == nil {
		return refuse("nothing")
	}
	s := *e
	s.Space = stanza.NSComponent
	s.Attr = slices.Clone(e.Attr)
	switch s.Local {
	case "message", "presence":
	case "iq":
		switch t := s.Type(); t {
		case "get", "set", "result", "error":
		default:
			return refuse("an IQ of type %q", t)
		}
		if s.ID() == "" {
			s.Set("id", newID())
		}
	default:
		return refuse("a <%s/>", s.Local)
	}
	if _, err := stanza.ParseJID(s.Get("to")); err != nil {
		return refuse("a %s to %q", s.Local, s.Get("to"))
	}
	from := s.Get("from")
	if from == "" {
		s.Set("from", c.cfg.Domain)
		return &s, nil
	}
	j, err := stanza.ParseJID(from)
	if err != nil || !strings.EqualFold(j.Domain, c.cfg.Domain) {
		return nil, fmt.Errorf("%w: %q", ErrFrom, from)
	}
	j.Domain = c.cfg.Domain // Prosody compares letter by letter
	s.Set("from", j.String())
	return &s, nil
}
