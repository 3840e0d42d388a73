package component

import (
	"context"
	"time"

	"isthmus/component/stanza"
)

const nsTime = "urn:xmpp:time"

// version answers XEP-0092. The operating system is nobody's business.
func (c *Component) version() *stanza.Element {
	return stanza.New(stanza.NSVersion, "query").
		AddTextElement("name", c.cfg.Name).
		AddTextElement("version", c.cfg.Version)
}

// entityTime answers XEP-0202, always in UTC.
func entityTime() *stanza.Element {
	return stanza.New(nsTime, "time").
		AddTextElement("tzo", "+00:00").
		AddTextElement("utc", time.Now().UTC().Format("2006-01-02T15:04:05Z")) // XEP-0082 §3.2
}

// vcard answers XEP-0054.
func (c *Component) vcard(ctx context.Context, e *stanza.Element, gateway bool) (*stanza.Element, error) {
	if gateway {
		return (&stanza.VCard{FullName: c.cfg.Name}).Element(), nil
	}
	if e.To().Local == "" {
		return nil, stanza.ErrServiceUnavailable("")
	}
	card, err := c.h.VCard(ctx, Query{From: e.From(), To: e.To()})
	if err != nil {
		return nil, err
	}
	if card == nil {
		return nil, stanza.ErrItemNotFound("") // XEP-0054 §3.1
	}
	return card.Element(), nil
}

// vcard4 answers XEP-0292 §3 for virtual users.
func (c *Component) vcard4(ctx context.Context, e *stanza.Element) (*stanza.Element, error) {
	card, err := c.h.VCard(ctx, Query{From: e.From(), To: e.To()})
	if err == nil && card == nil {
		err = stanza.ErrItemNotFound("")
	}
	if err != nil {
		return nil, err
	}
	return card.Element4(), nil
}
