// Package component is the XMPP border: one XEP-0114 stream to an XMPP server,
// kept alive and reconnected. It decodes what peers ask, calls the Handler once
// for each thing, and encodes the answer. It answers by itself what every entity
// must (disco, ping, version, time) and runs the protocol side of ad-hoc
// commands and registration.
//
// It decides nothing about blogs, users or the Fediverse, stores nothing, and
// never looks into carbons, forwarded messages or multi-user chats. What a peer
// sends can neither end the stream nor block the reader.
package component

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"isthmus/component/stanza"
)

// Config says where to connect and as whom. Zero durations mean the default.
type Config struct {
	Domain string // the component's own, as configured in the server
	Secret string
	Server string // host:port of the server's component listener
	Log    *slog.Logger

	Name, Version string // shown to clients

	ConnectTimeout time.Duration // dial, then handshake, each: 15 s
	BackoffMin     time.Duration // first wait before reconnecting: 1 s
	BackoffMax     time.Duration // longest wait: 60 s
	Keepalive      time.Duration // between pings; white space goes in between: 60 s
	PingTimeout    time.Duration // silence after a ping that means the stream is dead: 30 s
	WriteTimeout   time.Duration // a write that makes no progress ends the stream: 30 s
	IQTimeout      time.Duration // limit of an IQ whose context has none: 60 s
}

func (cfg Config) withDefaults() Config {
	set := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	set(&cfg.ConnectTimeout, 15*time.Second)
	set(&cfg.BackoffMin, time.Second)
	set(&cfg.BackoffMax, time.Minute)
	set(&cfg.Keepalive, time.Minute)
	set(&cfg.PingTimeout, 30*time.Second)
	set(&cfg.WriteTimeout, 30*time.Second)
	set(&cfg.IQTimeout, time.Minute)
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Name == "" {
		cfg.Name = "Isthmus"
	}
	return cfg
}

// check refuses what no server could accept.
func (cfg Config) check() error {
	j, err := stanza.ParseJID(cfg.Domain)
	if err != nil || j.String() != cfg.Domain || j.Local != "" || j.Resource != "" || strings.ContainsAny(cfg.Domain, `<>&'"_`) {
		return fmt.Errorf("component: %q is not a domain a component can have", cfg.Domain)
	}
	if _, _, err := net.SplitHostPort(cfg.Server); err != nil {
		return fmt.Errorf("component: server %q is not host:port: %w", cfg.Server, err)
	}
	return nil
}

// Component is the gateway as the XMPP server sees it. Make it with New and run
// it with Run; all other methods may be called at any time, from anywhere.
type Component struct {
	cfg      Config
	h        Handler
	log      *slog.Logger
	info     stanza.Info // of the bare domain and of /gw
	ver      string
	sessions *sessions

	mu     sync.Mutex
	link   *link // nil while there is no stream
	ups    int   // how often there was one
	status Status
}

// Status is the state of the stream. Since is when it last went up or down.
// LastError says in words why it is or was down, for the operator; Err is the
// same for errors.Is with ErrConflict, ErrUnauthorized and so on.
type Status struct {
	Up         bool
	Since      time.Time
	LastError  string
	Err        error
	Reconnects int
}

// New makes a component. Nothing is sent before Run.
func New(cfg Config, h Handler) *Component {
	cfg = cfg.withDefaults()
	c := &Component{cfg: cfg, h: h, log: cfg.Log, sessions: newSessions(time.Now)}
	c.info = gatewayInfo(cfg.Name)
	c.ver = c.info.Ver()
	c.status.Since = time.Now()
	return c
}

// JID returns the bare domain.
func (c *Component) JID() stanza.JID { return stanza.JID{Domain: c.cfg.Domain} }

// Caps returns the <c/> that presence from resource gw carries (XEP-0115 §4).
func (c *Component) Caps() *stanza.Element { return stanza.Caps(c.capsNode(), c.ver) }

// Status returns the state of the stream.
func (c *Component) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

// current returns the stream, or nil.
func (c *Component) current() *link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link
}

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
	defer lanes.stop()
	wait := backoff{min: c.cfg.BackoffMin, max: c.cfg.BackoffMax}
	for {
		begin := time.Now()
		err := c.once(ctx, lanes)
		if ctx.Err() != nil {
			return nil
		}
		d := wait.next(time.Since(begin))
		c.log.Warn("no stream to the XMPP server", "host", c.cfg.Server, "err", err, "retry", d)
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
		return c.note(nil, explain(err, c.cfg, false))
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
		if errors.Is(err, stanza.ErrTooLarge) {
			c.log.Warn("stanza dropped: too large or too deep", "stanza", e.Local, "from", e.Get("from"), "bytes", size)
			c.refuse(l, e, stanza.ErrPolicyViolation("stanza too large"))
			continue
		}
		if err != nil {
			return err
		}
		if t := e.Type(); e.Local == "iq" && (t == "result" || t == "error") {
			if !l.pending.deliver(e, c.cfg.Domain) {
				c.log.Debug("reply nobody waits for", "from", e.Get("from"), "stanza", e.ID())
			}
			continue
		}
		if !lanes.offer(e.From().Bare().Fold().String(), job{e, l, size}) {
			c.log.Warn("stanza dropped: sender is faster than we are", "stanza", e.Local, "from", e.Get("from"), "to", e.Get("to"))
			c.refuse(l, e, stanza.ErrResource("too many requests, try again later"))
		}
	}
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
