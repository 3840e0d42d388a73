package stanza

// Event is what a pubsub service tells subscribers in one message (XEP-0060
// §7.1.2, §7.2.2, §8.1.2 ff.). Service is who sent it; Subscriber and SubID
// belong to Subscription, the new state of a subscription (§8.8.4).
type Event struct {
	Service                     JID
	Node                        string
	Items                       []Item
	Retracted                   []string
	Purged, Deleted, Configured bool
	Subscription                string
	Subscriber                  JID
	SubID                       string
}

// ParseEvent reads the event in a message; false when there is none or the
// message is an error. Whether Service may speak for Node is not checked here.
func ParseEvent(msg *Element) (Event, bool) {
	e := msg.First(NSPubSubEvent, "event")
	if e == nil || !msg.Is("", "message") || msg.Type() == "error" {
		return Event{}, false
	}
	ev := Event{Service: msg.From()}
	for _, c := range e.Elements() {
		if c.Space != NSPubSubEvent {
			continue
		}
		if ev.Node == "" {
			ev.Node = c.Get("node")
		}
		ev.read(c)
	}
	return ev, true
}

func (ev *Event) read(c *Element) {
	switch c.Local {
	case "items":
		for _, i := range c.All(NSPubSubEvent, "item") {
			ev.Items = append(ev.Items, parseItem(i))
		}
		for _, r := range c.All(NSPubSubEvent, "retract") {
			ev.Retracted = append(ev.Retracted, r.Get("id"))
		}
	case "purge":
		ev.Purged = true
	case "delete":
		ev.Deleted = true
	case "configuration":
		ev.Configured = true
	case "subscription":
		s := parseSubscription(c, "")
		ev.Subscription, ev.Subscriber, ev.SubID = s.State, s.JID, s.SubID
	}
}

// Element makes the <event/> that goes into a headline message.
func (ev Event) Element() *Element {
	e := New(NSPubSubEvent, "event")
	if len(ev.Items)+len(ev.Retracted) > 0 {
		items := New(NSPubSubEvent, "items", "node", ev.Node)
		for _, it := range ev.Items {
			items.Add(it.element(NSPubSubEvent))
		}
		for _, id := range ev.Retracted {
			items.Add(New(NSPubSubEvent, "retract", "id", id))
		}
		e.Add(items)
	}
	if ev.Purged {
		e.Add(New(NSPubSubEvent, "purge", "node", ev.Node))
	}
	if ev.Deleted {
		e.Add(New(NSPubSubEvent, "delete", "node", ev.Node))
	}
	if ev.Configured {
		e.Add(New(NSPubSubEvent, "configuration", "node", ev.Node))
	}
	if ev.Subscription != "" {
		e.Add(Subscription{ev.Node, ev.Subscriber, ev.SubID, ev.Subscription}.element(NSPubSubEvent))
	}
	return e
}
