package component

import (
	"context"
	"slices"

	"isthmus/component/stanza"
)

// pubsub answers what is published with virtual users and retracted there
// (XEP-0060 §7), and who subscribes to their nodes (§6).
func (c *Component) pubsub(ctx context.Context, e *stanza.Element) (*stanza.Element, error) {
	if node, items, opts, ok := stanza.ParsePublish(e); ok {
		if err := checkPublish(e, node, items); err != nil {
			return nil, err
		}
		it := items[0]
		it.Publisher = e.From().Bare().String()
		id, err := c.h.Publish(ctx, Publication{From: e.From(), To: e.To(), Node: node, Item: it, Options: opts})
		if err != nil {
			return nil, err
		}
		return stanza.PublishResult(node, id), nil
	}
	if node, ids, ok := stanza.ParseRetract(e); ok {
		if err := checkRetract(node, ids); err != nil {
			return nil, err
		}
		return nil, c.h.Retract(ctx, Retraction{From: e.From(), To: e.To(), Node: node, Item: ids[0]})
	}
	if payload, ok, err := c.subscription(ctx, e); ok {
		return payload, err
	}
	for _, x := range e.First(stanza.NSPubSub, "pubsub").Elements() {
		if slices.Contains(refusedPubSub, x.Local) {
			return nil, stanza.ErrForbidden("The node belongs to somebody else.")
		}
	}
	return nil, stanza.ErrServiceUnavailable("")
}

// checkPublish refuses what no node could take (XEP-0060 §7.1.3).
func checkPublish(e *stanza.Element, node string, items []stanza.Item) error {
	switch {
	case node == "":
		return badPubSub("nodeid-required", "")
	case len(items) == 0:
		return badPubSub("item-required", "")
	case len(items) > 1:
		return badPubSub("invalid-payload", "one item at a time")
	case items[0].Payload == nil:
		return badPubSub("payload-required", "")
	}
	item := e.First(stanza.NSPubSub, "pubsub").First(stanza.NSPubSub, "publish").First(stanza.NSPubSub, "item")
	if len(item.Elements()) > 1 {
		return badPubSub("invalid-payload", "an item has one payload")
	}
	return nil
}

// checkRetract does the same (§7.2.3).
func checkRetract(node string, ids []string) error {
	switch {
	case node == "":
		return badPubSub("nodeid-required", "")
	case len(ids) == 0 || ids[0] == "":
		return badPubSub("item-required", "")
	case len(ids) > 1:
		return stanza.ErrBadRequest("one item at a time") // §7.2.1
	}
	return nil
}

func badPubSub(condition, text string) *stanza.Error {
	return stanza.ErrBadRequest(text).With(stanza.New(stanza.NSPubSubErr, condition))
}
