package stanza

import "strconv"

// Item is one item of a node. Publisher is as sent: it may be a full address,
// and is "" when the service does not tell. Payload is nil for an item that is
// only announced (XEP-0060 §7.1.2.2).
type Item struct {
	ID, Publisher string
	Payload       *Element
}

// Subscription is the state of one subscription (XEP-0060 §4.2). State is none,
// pending, unconfigured or subscribed.
type Subscription struct {
	Node  string
	JID   JID
	SubID string
	State string
}

func parseItem(e *Element) Item {
	it := Item{ID: e.Get("id"), Publisher: e.Get("publisher")}
	if c := e.Elements(); len(c) > 0 { // at most one payload, XEP-0060 §7.1.1
		it.Payload = c[0]
	}
	return it
}

func (it Item) element(space string) *Element {
	return New(space, "item", "id", it.ID, "publisher", it.Publisher).Add(it.Payload)
}

// ItemsRequest makes the payload of an IQ get for items (XEP-0060 §6.5): those
// with the ids, the last max, or a page. Empty arguments are left out.
func ItemsRequest(node string, ids []string, max int, rsm *RSM) *Element {
	items := New(NSPubSub, "items", "node", node)
	if max > 0 {
		items.Set("max_items", strconv.Itoa(max)) // §6.5.7
	}
	for _, id := range ids {
		items.Add(New(NSPubSub, "item", "id", id)) // §6.5.8
	}
	return New(NSPubSub, "pubsub").Add(items, rsm.Element()) // the set is a sibling, §6.5.4
}

// ParseItems reads the result of ItemsRequest; rsm is nil when the service did
// not page.
func ParseItems(iqResult *Element) (items []Item, rsm *RSM) {
	ps := iqResult.First(NSPubSub, "pubsub")
	for _, e := range ps.First(NSPubSub, "items").All(NSPubSub, "item") {
		items = append(items, parseItem(e))
	}
	return items, ParseRSM(ps)
}

// ItemsResult makes the payload that answers ItemsRequest.
func ItemsResult(node string, items []Item, rsm *RSM) *Element {
	e := New(NSPubSub, "items", "node", node)
	for _, it := range items {
		e.Add(it.element(NSPubSub))
	}
	return New(NSPubSub, "pubsub").Add(e, rsm.Result())
}

// SubscribeRequest makes the payload of an IQ set (XEP-0060 §6.1).
func SubscribeRequest(node string, jid JID) *Element {
	return New(NSPubSub, "pubsub").Add(New(NSPubSub, "subscribe", "node", node, "jid", jid.String()))
}

// UnsubscribeRequest makes the payload of an IQ set; subid may be empty
// (XEP-0060 §6.2).
func UnsubscribeRequest(node string, jid JID, subid string) *Element {
	return New(NSPubSub, "pubsub").Add(New(NSPubSub, "unsubscribe", "node", node, "jid", jid.String(), "subid", subid))
}

// SubscriptionsRequest makes the payload of an IQ get for one's own
// subscriptions, at one node when node is not empty (XEP-0060 §5.6).
func SubscriptionsRequest(node string) *Element {
	return New(NSPubSub, "pubsub").Add(New(NSPubSub, "subscriptions", "node", node))
}

// ParseSubscription reads the result of SubscribeRequest; false when the
// service sent none, which XEP-0060 §6.1.2 does not allow but which happens.
func ParseSubscription(iqResult *Element) (Subscription, bool) {
	e := iqResult.First(NSPubSub, "pubsub").First(NSPubSub, "subscription")
	return parseSubscription(e, ""), e != nil
}

// ParseSubscriptions reads the result of SubscriptionsRequest.
func ParseSubscriptions(iqResult *Element) []Subscription {
	list := iqResult.First(NSPubSub, "pubsub").First(NSPubSub, "subscriptions")
	var out []Subscription
	for _, e := range list.All(NSPubSub, "subscription") {
		out = append(out, parseSubscription(e, list.Get("node")))
	}
	return out
}

func parseSubscription(e *Element, node string) Subscription {
	jid, _ := ParseJID(e.Get("jid"))
	if n := e.Get("node"); n != "" {
		node = n
	}
	return Subscription{Node: node, JID: jid, SubID: e.Get("subid"), State: e.Get("subscription")}
}

// Element makes the payload that answers SubscribeRequest.
func (s Subscription) Element() *Element {
	return New(NSPubSub, "pubsub").Add(s.element(NSPubSub))
}

func (s Subscription) element(space string) *Element {
	return New(space, "subscription", "node", s.Node, "jid", s.JID.String(), "subid", s.SubID, "subscription", s.State)
}

// PublishRequest makes the payload of an IQ set (XEP-0060 §7.1); opts are
// publish-options (§7.1.5) and may be nil. Publisher is left to the service.
func PublishRequest(node string, it Item, opts *Form) *Element {
	it.Publisher = ""
	ps := New(NSPubSub, "pubsub").Add(New(NSPubSub, "publish", "node", node).Add(it.element(NSPubSub)))
	if opts != nil {
		ps.Add(New(NSPubSub, "publish-options").Add(opts.Element()))
	}
	return ps
}

// RetractRequest makes the payload of an IQ set (XEP-0060 §7.2). Prosody tells
// subscribers only when notify is set.
func RetractRequest(node, id string, notify bool) *Element {
	r := New(NSPubSub, "retract", "node", node)
	if notify {
		r.Set("notify", "true")
	}
	return New(NSPubSub, "pubsub").Add(r.Add(New(NSPubSub, "item", "id", id)))
}

// ParsePublish reads a PublishRequest: the node, "" when none is named, the
// items, in whatever number, and the publish-options, nil without. ok is false
// for anything that is no publish. An item's Publisher is what the sender
// wrote and proves nothing (§7.1.2.3).
func ParsePublish(iqSet *Element) (node string, items []Item, opts *Form, ok bool) {
	ps := iqSet.First(NSPubSub, "pubsub")
	p := ps.First(NSPubSub, "publish")
	for _, e := range p.All(NSPubSub, "item") {
		items = append(items, parseItem(e))
	}
	return p.Get("node"), items, ParseForm(ps.First(NSPubSub, "publish-options")), p != nil
}

// PublishResult makes the payload that answers PublishRequest: the id may have
// been made by the service (XEP-0060 §7.1.2).
func PublishResult(node, id string) *Element {
	return New(NSPubSub, "pubsub").Add(New(NSPubSub, "publish", "node", node).Add(New(NSPubSub, "item", "id", id)))
}

// ParseRetract reads a RetractRequest: the node, "" when none is named, and the
// ids of its items, "" for one without. ok is false for anything that is no
// retract.
func ParseRetract(iqSet *Element) (node string, ids []string, ok bool) {
	r := iqSet.First(NSPubSub, "pubsub").First(NSPubSub, "retract")
	for _, e := range r.All(NSPubSub, "item") {
		ids = append(ids, e.Get("id"))
	}
	return r.Get("node"), ids, r != nil
}
