package component

import (
	"context"

	"isthmus/component/stanza"
)

// gatewayInfo is the disco#info of the bare domain and of /gw, the resource our
// presence with capabilities comes from (XEP-0115). The +notify features make
// PEP services push these nodes to us (XEP-0163 §4.1).
func gatewayInfo(name string) stanza.Info {
	return stanza.Info{
		Identities: []stanza.Identity{{Category: "gateway", Type: "activitypub", Name: name}},
		Features: []string{
			stanza.NSCaps,
			stanza.NSCommands,
			stanza.NSDiscoInfo,
			stanza.NSDiscoItems,
			stanza.NSNick + "+notify",
			stanza.NSData,
			stanza.NSGateway,
			stanza.NSRegister,
			stanza.NSSearch,
			stanza.NSVersion,
			stanza.NSAvatarMeta + "+notify",
			stanza.NSMicroblog + "+notify",
			stanza.NSBanner + "+notify",
			stanza.NSPing,
			nsTime,
			"urn:xmpp:vcard4+notify",
			stanza.NSVCardTemp,
		},
	}
}

// capsNode names the software in capabilities (XEP-0115 §4).
func (c *Component) capsNode() string { return "https://" + c.cfg.Domain }

// discoInfo answers for our own domain, its capabilities and its commands, and
// asks the Handler about virtual users.
func (c *Component) discoInfo(ctx context.Context, e, q *stanza.Element, gateway bool) (*stanza.Element, error) {
	node := q.Get("node")
	if e.To().Local != "" {
		info, err := c.h.Info(ctx, Query{From: e.From(), To: e.To(), Node: node})
		if err != nil {
			return nil, err
		}
		return info.Element(node), nil
	}
	if !gateway {
		return nil, stanza.ErrServiceUnavailable("")
	}
	switch node {
	case "", c.capsNode() + "#" + c.ver:
		return c.info.Element(node), nil
	case stanza.NSCommands: // XEP-0050 §2.2
		return stanza.Info{
			Identities: []stanza.Identity{{Category: "automation", Type: "command-list", Name: c.cfg.Name}},
			Features:   []string{stanza.NSCommands, stanza.NSDiscoInfo, stanza.NSDiscoItems},
		}.Element(node), nil
	}
	if cmd, ok := c.commandOf(ctx, e.From(), node); ok {
		return stanza.Info{
			Identities: []stanza.Identity{{Category: "automation", Type: "command-node", Name: cmd.Name}},
			Features:   []string{stanza.NSCommands, stanza.NSData, stanza.NSDiscoInfo},
		}.Element(node), nil
	}
	return nil, stanza.ErrItemNotFound("")
}

// discoItems lists the commands of our own domain, and asks the Handler about
// virtual users.
func (c *Component) discoItems(ctx context.Context, e, q *stanza.Element, gateway bool) (*stanza.Element, error) {
	node := q.Get("node")
	if e.To().Local != "" {
		items, err := c.h.Items(ctx, Query{From: e.From(), To: e.To(), Node: node})
		if err != nil {
			return nil, err
		}
		return stanza.DiscoItems(node, items), nil
	}
	if !gateway {
		return nil, stanza.ErrServiceUnavailable("")
	}
	switch node {
	case "":
		return stanza.DiscoItems("", nil), nil
	case stanza.NSCommands: // XEP-0050 §2.2
		var items []stanza.DiscoItem
		for _, cmd := range c.h.Commands(ctx, e.From()) {
			items = append(items, stanza.DiscoItem{JID: c.JID(), Node: cmd.Node, Name: cmd.Name})
		}
		return stanza.DiscoItems(node, items), nil
	}
	if _, ok := c.commandOf(ctx, e.From(), node); ok {
		return stanza.DiscoItems(node, nil), nil
	}
	return nil, stanza.ErrItemNotFound("")
}

// commandOf finds a command that from may run.
func (c *Component) commandOf(ctx context.Context, from stanza.JID, node string) (CommandInfo, bool) {
	for _, cmd := range c.h.Commands(ctx, from) {
		if cmd.Node == node && node != "" {
			return cmd, true
		}
	}
	return CommandInfo{}, false
}
