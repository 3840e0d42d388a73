package component

import (
	"context"
	"slices"

	"isthmus/component/stanza"
)

// maxIDs bounds how many items one request may name.
const maxIDs = 500

// pubsubGet answers what is asked of virtual users' nodes.
func (c *Component) pubsubGet(ctx context.Context, e *stanza.Element) (*stanza.Element, error) {
	if q, ok := stanza.ParseItemsRequest(e); ok {
		return c.fetch(ctx, e, q)
	}
	ps := e.First(stanza.NSPubSub, "pubsub")
	if s := ps.First(stanza.NSPubSub, "subscriptions"); s != nil { // XEP-0060 §5.6
		node := s.Get("node")
		list, err := c.h.Subscriptions(ctx, Query{From: e.From(), To: e.To(), Node: node})
		if err != nil {
			return nil, err
		}
		return stanza.SubscriptionsResult(node, list), nil
	}
	if a := ps.First(stanza.NSPubSub, "affiliations"); a != nil {
		return stanza.AffiliationsResult(a.Get("node")), nil
	}
	if ps.First(stanza.NSPubSub, "options") != nil { // §6.3.4
		return nil, unsupported("subscription-options")
	}
	if ps.First(stanza.NSPubSub, "default") != nil { // §5.8
		return nil, unsupported("retrieve-default-sub")
	}
	return nil, stanza.ErrFeatureNotImplemented("")
}

// fetch answers an items request: of several ways to say which, the one that asks
// for the least.
func (c *Component) fetch(ctx context.Context, e *stanza.Element, q stanza.ItemsQuery) (*stanza.Element, error) {
	switch {
	case q.Node == "":
		return nil, badPubSub("nodeid-required", "")
	case q.Max < 0:
		return nil, stanza.ErrBadRequest("max_items is no number")
	case len(q.IDs) > maxIDs:
		return nil, stanza.ErrBadRequest("too many items at once")
	}
	f := FetchRequest{From: e.From(), To: e.To(), Node: q.Node}
	switch {
	case len(q.IDs) > 0:
		f.IDs = q.IDs
	case q.RSM != nil:
		if f.RSM = q.RSM; q.Max > 0 && f.RSM.Max == 0 && !f.RSM.CountOnly {
			f.RSM.Max = q.Max
		}
	default:
		f.Max = q.Max
	}
	res, err := c.h.Fetch(ctx, f)
	if err != nil {
		return nil, err
	}
	return stanza.ItemsResult(q.Node, res.Items, res.RSM), nil
}

// subscription answers subscribe and unsubscribe.
func (c *Component) subscription(ctx context.Context, e *stanza.Element) (payload *stanza.Element, ok bool, err error) {
	node, jid, subscribe := stanza.ParseSubscribe(e)
	if !subscribe {
		var unsubscribe bool
		if node, jid, unsubscribe = stanza.ParseUnsubscribe(e); !unsubscribe {
			return nil, false, nil
		}
	}
	switch {
	case node == "":
		return nil, true, badPubSub("nodeid-required", "")
	case jid.IsZero() || jid.Bare().Fold() != e.From().Bare().Fold(): // §6.1.3.1
		return nil, true, badPubSub("invalid-jid", "Only your own address can be subscribed.")
	}
	req := SubscribeRequest{From: e.From(), To: e.To(), Node: node, JID: jid}
	if !subscribe {
		return nil, true, c.h.Unsubscribe(ctx, req)
	}
	sub, err := c.h.Subscribe(ctx, req)
	if err != nil {
		return nil, true, err
	}
	return sub.Element(), true, nil
}

// refusedPubSub is what nobody may do with virtual users' nodes.
var refusedPubSub = []string{"create", "configure", "default", "delete", "purge", "affiliations", "subscriptions", "options"}

// pubsubOwner refuses to let others manage an account's nodes.
func pubsubOwner(e *stanza.Element) error {
	for _, c := range e.Elements()[0].Elements() {
		if slices.Contains(refusedPubSub, c.Local) {
			return stanza.ErrForbidden("The node belongs to somebody else.")
		}
	}
	return stanza.ErrBadRequest("")
}

func unsupported(feature string) error {
	return stanza.ErrFeatureNotImplemented("").With(stanza.New(stanza.NSPubSubErr, "unsupported", "feature", feature))
}
