package component

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"mellium.im/xmpp"
	xmppcomponent "mellium.im/xmpp/component"
	"mellium.im/xmpp/jid"
	"mellium.im/xmpp/stream"

	"isthmus/component/stanza"
)

// This file is the only one that knows mellium. It negotiates the stream
// (XEP-0114 §3) and types the stream errors; what it would do after that is done
// here, because a session of v0.22.0 dies of what ordinary users can send: an
// element of the streams namespace anywhere inside a stanza ends its token
// reader, addresses that PRECIS dislikes and odd errors end its handlers.

// maxGreeting bounds what a server may send until the handshake is done.
const maxGreeting = 64 << 10

var (
	errClientPort = errors.New("this is a port for clients")
	errGreeting   = errors.New("the server's greeting is too long")
)

// link is one established stream.
type link struct {
	conn    *wire
	dec     *xml.Decoder
	out     *writer
	pending *pending
	grants  *grants

	answered atomic.Bool // a ping, at least once

	mu    sync.Mutex
	cause error // why it ended, when we ended it
}

// connect dials the server and negotiates. Cancelling ctx gives up; it has no
// effect on the link that is returned.
func connect(ctx context.Context, cfg Config) (*link, error) {
	dialer := net.Dialer{Timeout: cfg.ConnectTimeout}
	tcp, err := dialer.DialContext(ctx, "tcp", cfg.Server)
	if err != nil {
		return nil, err
	}
	l := &link{
		conn:    newWire(tcp),
		out:     newWriter(tcp, cfg.WriteTimeout),
		pending: newPending(),
		grants:  newGrants(),
	}
	// mellium must not see a context that can end: it would set deadlines on the
	// connection from a goroutine of its own, even after it has returned.
	stop := context.AfterFunc(ctx, func() { tcp.Close() })
	err = l.negotiate(cfg)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		tcp.Close()
		return nil, err
	}
	return l, nil
}

func (l *link) negotiate(cfg Config) error {
	l.conn.SetDeadline(time.Now().Add(cfg.ConnectTimeout))
	_, err := openSession(cfg, l.conn)
	if bytes.Contains(l.conn.heard.Bytes(), []byte("jabber:client")) {
		return errClientPort
	}
	if err != nil {
		return ownError(err)
	}
	l.conn.negotiating = false
	l.dec = xml.NewDecoder(io.MultiReader(&l.conn.heard, l.conn))
	return l.conn.SetDeadline(time.Time{})
}

// openSession is mellium's part.
func openSession(cfg Config, rw io.ReadWriter) (*xmpp.Session, error) {
	// Unsafe: the server compares letter by letter, and Parse would turn
	// punycode into Unicode. Config.check has looked at the domain.
	domain := jid.NewUnsafe("", cfg.Domain, "").JID
	return xmppcomponent.NewSession(context.Background(), domain, []byte(cfg.Secret), rw)
}

// next reads the next stanza and says how many bytes it was. ErrTooLarge of
// package stanza comes with the head of a stanza that was skipped; any other
// error ends the stream.
func (l *link) next() (*stanza.Element, int64, error) {
	for {
		begin := l.dec.InputOffset()
		tok, err := l.dec.Token()
		if err != nil {
			return nil, 0, err
		}
		switch t := tok.(type) {
		case xml.EndElement:
			return nil, 0, errClosed // RFC 6120 §4.4
		case xml.StartElement:
			switch {
			case t.Name == xml.Name{Space: stream.NS, Local: "stream"}:
				continue // the header, heard again
			case t.Name == xml.Name{Space: stream.NS, Local: "error"}:
				var e stream.Error
				if err := l.dec.DecodeElement(&e, &t); err != nil {
					return nil, 0, err
				}
				return nil, 0, ownError(e)
			case t.Name.Local != "iq" && t.Name.Local != "message" && t.Name.Local != "presence":
				if err := l.dec.Skip(); err != nil {
					return nil, 0, err
				}
				continue // the handshake's answer, or something newer than we are
			}
			e, err := stanza.ReadElement(l.dec, t)
			if e != nil {
				e.Space = stanza.NSComponent
			}
			return e, l.dec.InputOffset() - begin, err
		}
	}
}

// fail ends the stream; the first cause is kept.
func (l *link) fail(cause error) {
	l.mu.Lock()
	if l.cause == nil {
		l.cause = cause
	}
	l.mu.Unlock()
	l.conn.Close()
	l.out.close()
	l.pending.close()
}

// reason returns what ended the stream, given what the reader saw.
func (l *link) reason(seen error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cause != nil {
		return l.cause
	}
	return seen
}

// ownError takes a stream error out of mellium's type.
func ownError(err error) error {
	var e stream.Error
	if !errors.As(err, &e) {
		return err
	}
	own := &streamError{cond: e.Err}
	if len(e.Text) > 0 {
		own.text = e.Text[0].Value
	}
	return own
}

// wire is the connection as the readers see it. It hands out single bytes, so
// that mellium's decoder takes no more than the handshake, keeps what was read
// until then for our own decoder, which needs the namespaces of the header, and
// hides white space between the tags of the greeting, which mellium refuses.
type wire struct {
	net.Conn
	r     *bufio.Reader
	bytes atomic.Int64 // received so far

	negotiating bool
	last        byte
	heard       bytes.Buffer
}

func newWire(c net.Conn) *wire {
	w := &wire{Conn: c, negotiating: true}
	w.r = bufio.NewReaderSize(&counter{c, &w.bytes}, 32<<10)
	return w
}

// Read is for our own decoder.
func (w *wire) Read(p []byte) (int, error) { return w.r.Read(p) }

// ReadByte is for mellium's.
func (w *wire) ReadByte() (byte, error) {
	for {
		b, err := w.r.ReadByte()
		if err != nil || !w.negotiating {
			return b, err
		}
		if w.last == '>' && (b == ' ' || b == '\n' || b == '\r' || b == '\t') {
			continue
		}
		if w.heard.Len() >= maxGreeting {
			return 0, fmt.Errorf("%w: more than %d bytes", errGreeting, maxGreeting)
		}
		w.last = b
		w.heard.WriteByte(b)
		return b, nil
	}
}

// counter counts what a reader yields.
type counter struct {
	r io.Reader
	n *atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}
