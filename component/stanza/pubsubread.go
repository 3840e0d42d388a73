package stanza

import "strings"

// Requests as a service reads them. Those that are none are told by ok.

// ItemsQuery is what an items request asks for. Max is 0 when unsaid, -1 when it is
// no number that can be; RSM is nil when unsaid.
type ItemsQuery struct {
	Node string
	IDs  []string
	Max  int
	RSM  *RSM
}

// ParseItemsRequest reads an ItemsRequest (XEP-0060 §6.5).
func ParseItemsRequest(iqGet *Element) (q ItemsQuery, ok bool) {
	ps := iqGet.First(NSPubSub, "pubsub")
	items := ps.First(NSPubSub, "items")
	if items == nil {
		return q, false
	}
	q.Node = items.Get("node")
	for _, e := range items.All(NSPubSub, "item") {
		if id := e.Get("id"); id != "" {
			q.IDs = append(q.IDs, id)
		}
	}
	if s := strings.TrimSpace(items.Get("max_items")); s != "" && s != "max" {
		if q.Max = number(s); q.Max == 0 {
			q.Max = -1
		}
	}
	q.RSM = ParseRSM(ps)
	if q.RSM == nil {
		q.RSM = ParseRSM(items) // some clients put it inside
	}
	return q, true
}

// ParseSubscribe reads a SubscribeRequest (XEP-0060 §6.1); options are not looked
// at. The JID is zero when it is none.
func ParseSubscribe(iqSet *Element) (node string, jid JID, ok bool) {
	return parseSubscriber(iqSet, "subscribe")
}

// ParseUnsubscribe reads an UnsubscribeRequest (XEP-0060 §6.2).
func ParseUnsubscribe(iqSet *Element) (node string, jid JID, ok bool) {
	return parseSubscriber(iqSet, "unsubscribe")
}

func parseSubscriber(iqSet *Element, name string) (node string, jid JID, ok bool) {
	e := iqSet.First(NSPubSub, "pubsub").First(NSPubSub, name)
	jid, err := ParseJID(e.Get("jid"))
	if err != nil {
		jid = JID{}
	}
	return e.Get("node"), jid, e != nil
}

// SubscriptionsResult makes the payload that answers SubscriptionsRequest; node is
// the one that was asked about, if any.
func SubscriptionsResult(node string, list []Subscription) *Element {
	e := New(NSPubSub, "subscriptions", "node", node)
	for _, s := range list {
		e.Add(s.element(NSPubSub))
	}
	return New(NSPubSub, "pubsub").Add(e)
}

// AffiliationsResult answers whoever asks for their affiliations where nobody has
// any (XEP-0060 §5.7).
func AffiliationsResult(node string) *Element {
	return New(NSPubSub, "pubsub").Add(New(NSPubSub, "affiliations", "node", node))
}
