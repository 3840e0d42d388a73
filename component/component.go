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
	"log/slog"
	"sync"
	"time"

	"isthmus/component/stanza"
)

// Component is the gateway as the XMPP server sees it. Make it with New and run
// it with Run; all other methods may be called at any time, from anywhere.
type Component struct {
	cfg      Config
	h        Handler
	log      *slog.Logger
	info     stanza.Info // of the bare domain and of /gw
	ver      string
	sessions *sessions
	aside    aside

	mu     sync.Mutex
	link   *link // nil while there is no stream
	lanes  *lanes
	ups    int // how often there was one
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
	c.info.Forms = cfg.Forms
	c.ver = c.info.Ver()
	c.status.Since = time.Now()
	return c
}

// JID returns the bare domain.
func (c *Component) JID() stanza.JID { return stanza.JID{Domain: c.cfg.Domain} }

// Caps returns the <c/> that presence from resource gw carries (XEP-0115 §4).
func (c *Component) Caps() *stanza.Element { return stanza.Caps(c.capsNode(), c.ver) }

// Settled waits until everything that came from a bare address before is handled:
// what the answer to an IQ came behind, above all. It returns how many stanzas were
// dropped so far because they came faster than they could be handled, of this
// sender or of others that share its lane: as long as that stays the same, the
// Handler has seen all of them. It must not be called by the Handler for that sender.
func (c *Component) Settled(ctx context.Context, from stanza.JID) (dropped int64, err error) {
	c.mu.Lock()
	l := c.lanes
	c.mu.Unlock()
	if l == nil {
		return 0, ErrDown
	}
	return l.settle(ctx, from.Bare().Fold().String())
}

// Dropped is what Settled returns, without waiting.
func (c *Component) Dropped(from stanza.JID) int64 {
	c.mu.Lock()
	l := c.lanes
	c.mu.Unlock()
	if l == nil {
		return 0
	}
	return l.lost[l.lane(from.Bare().Fold().String())].Load()
}

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
