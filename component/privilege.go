package component

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"isthmus/component/stanza"
)

// maxGrants is how many servers' privileges are kept: more hosts than anybody
// has behind one stream, fewer than a stranger could make up.
const maxGrants = 1000

// grants is what servers let us do in the name of their users (XEP-0356), by
// domain. It ends with the stream: servers tell it again on the next one.
//
// Any domain can tell us anything about its own users, and that is all it can do.
type grants struct {
	mu       sync.Mutex
	byDomain map[string]stanza.Privileges
}

func newGrants() *grants { return &grants{byDomain: make(map[string]stanza.Privileges)} }

// put keeps what a domain told last and reports whether there was room.
func (g *grants) put(domain string, p stanza.Privileges) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, known := g.byDomain[domain]; !known && len(g.byDomain) >= maxGrants {
		return false
	}
	g.byDomain[domain] = p
	return true
}

func (g *grants) of(domain string) stanza.Privileges {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.byDomain[strings.ToLower(domain)]
}

// granted notes what a server advertises and reports whether e was that. A server
// speaks from its bare domain, to ours, which its users cannot do.
func (c *Component) granted(l *link, e *stanza.Element) bool {
	from, to := e.From().Fold(), e.To()
	if from.Local != "" || from.Resource != "" || to.Local != "" || strings.EqualFold(from.Domain, c.cfg.Domain) {
		return false
	}
	p, ok := stanza.ParsePrivileges(e)
	if ok && l.grants.put(from.Domain, p) {
		c.log.Debug("privileges advertised", "host", from.Domain, "namespaces", len(p.IQ))
	} else if ok {
		c.log.Warn("privileges not noted: too many domains", "host", from.Domain)
	}
	return ok
}

// MayAct reports whether the server of this domain has said, on the present
// stream, that we may send IQs of type set with a payload of this namespace as
// its users. Servers say it right after the stream is up, so that the answer may
// still be false while Handler.Up runs.
func (c *Component) MayAct(domain, namespace string) bool {
	l := c.current()
	return l != nil && l.grants.of(domain).Allows("set", namespace)
}

// MayKeepRoster reports whether the server of this domain has said that we may read
// and change its users' contact lists (XEP-0356 §4.3). Such requests go to the
// user's bare address in our own name.
func (c *Component) MayKeepRoster(domain string) bool {
	l := c.current()
	return l != nil && l.grants.of(domain).Roster == "both"
}

// As sends an IQ as user, a local user of a server that lets us (XEP-0356), and
// returns the reply that user would have got. The IQ goes to user itself when it
// has no addressee; its sender does not matter. ErrNotPrivileged means that the
// server has not said that we may; nothing was sent then. An error of the server
// or of the addressee is a *stanza.Error; Prosody tells internal-server-error for
// any of an addressee on another server or component. Otherwise errors are those
// of IQ, except that ErrTimeout comes after AsTimeout at the latest: ejabberd
// drops without a word what it does not allow.
//
// A request to one of our own addresses comes back to us as the user's. While
// something of that user is handled, it waits behind that: do not ask then.
func (c *Component) As(ctx context.Context, user stanza.JID, iq *stanza.Element) (*stanza.Element, error) {
	l := c.current()
	if l == nil {
		return nil, ErrDown
	}
	payload := iq.Elements()
	if t := iq.Type(); !iq.Is("", "iq") || t != "get" && t != "set" || len(payload) != 1 || user.Local == "" { // RFC 6120 §8.2.3
		return nil, fmt.Errorf("%w: no request with one child, or no user to send it", ErrStanza)
	}
	p := l.grants.of(user.Domain)
	if !p.Allows(iq.Type(), payload[0].Space) {
		return nil, fmt.Errorf("%w: %s, %s %s", ErrNotPrivileged, user.Domain, iq.Type(), payload[0].Space)
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.AsTimeout)
	defer cancel()
	inner := *iq
	inner.Attr = slices.Clone(iq.Attr)
	inner.Set("id", newID())
	outer, err := c.ask(ctx, l, stanza.PrivilegedIQ(p.Space, user, &inner))
	if err != nil {
		return nil, err
	}
	r := stanza.ParsePrivileged(outer)
	switch r.Type() {
	case "result":
		return r, nil
	case "error":
		return nil, stanza.ParseError(r)
	}
	return nil, stanza.ErrUndefined("the server sent no reply inside its reply")
}
