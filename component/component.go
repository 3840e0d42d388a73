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
