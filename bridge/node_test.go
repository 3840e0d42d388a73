package bridge

import (
	"slices"
	"strconv"

	"isthmus/component/stanza"
)

// node is a pubsub node as a server keeps it.
type node struct {
	closed    bool // strangers are refused
	paged     bool // answers in pages (XEP-0059), as ejabberd does
	trouble   bool // nobody gets an answer that means anything
	gone      bool
	items     []stanza.Item
	publisher bool   // fetched items name their publisher
	open      bool   // anybody may publish (publish_model=open)
	sticky    bool   // only the owner may retract, as Prosody has it
	publishes int    // how often the gateway published
	meta      string // disco#info form fields, XML
}

func (w *world) node(jid, name string) *node {
	n := w.nodes[jid+" "+name]
	if n == nil {
		n = &node{}
		w.nodes[jid+" "+name] = n
	}
	return n
}

// change changes a node behind the gateway's back.
func (w *world) change(jid, name string, f func(*node)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f(w.node(jid, name))
}

// put stores an item without telling anybody.
func (w *world) put(jid, name, id, publisher, payload string) {
	w.change(jid, name, func(n *node) {
		it := stanza.Item{ID: id, Publisher: publisher, Payload: parse(w.t, payload)}
		for i := range n.items {
			if n.items[i].ID == id {
				n.items[i] = it
				return
			}
		}
		n.items = append(n.items, it)
	})
}

// drop removes an item without telling anybody.
func (w *world) drop(jid, name, id string) {
	w.change(jid, name, func(n *node) {
		for i := range n.items {
			if n.items[i].ID == id {
				n.items = append(n.items[:i], n.items[i+1:]...)
				return
			}
		}
	})
}

func (w *world) pubsub(iq *stanza.Element) *stanza.Element {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.asked != nil {
		w.asked(iq)
	}
	ps := iq.First(stanza.NSPubSub, "pubsub")
	owner := iq.To().Bare().String()
	if items := ps.First(stanza.NSPubSub, "items"); items != nil {
		n := w.nodes[owner+" "+items.Get("node")]
		switch {
		case n != nil && n.trouble:
			return stanza.ErrorReply(iq, stanza.ErrResource("busy"))
		case n == nil || n.gone:
			return stanza.ErrorReply(iq, stanza.ErrItemNotFound(""))
		case n.closed && iq.From().Local != "":
			return stanza.ErrorReply(iq, stanza.ErrNotAuthorized(""))
		}
		asked := map[string]bool{}
		for _, it := range items.All(stanza.NSPubSub, "item") {
			asked[it.Get("id")] = true
		}
		var out []stanza.Item
		for _, it := range n.items {
			if len(asked) > 0 && !asked[it.ID] {
				continue
			}
			if !n.publisher {
				it.Publisher = "" // like Prosody 0.12
			}
			out = append(out, it)
		}
		if most, err := strconv.Atoi(items.Get("max_items")); err == nil && most < len(out) {
			out = out[len(out)-most:] // XEP-0060 §6.5.7
		}
		if set := stanza.ParseRSM(ps); n.paged && len(out) > 0 {
			end := slices.IndexFunc(n.items, func(it stanza.Item) bool { return set != nil && it.ID == set.Before })
			if end >= 0 {
				out = n.items[max(0, end-set.Max):end]
			}
			rsm := &stanza.RSM{Index: -1, Count: len(n.items)}
			if len(out) > 0 {
				rsm.First, rsm.Last = out[0].ID, out[len(out)-1].ID
			}
			return stanza.Reply(iq, stanza.ItemsResult(items.Get("node"), out, rsm))
		}
		return stanza.Reply(iq, stanza.ItemsResult(items.Get("node"), out, nil))
	}
	if pub := ps.First(stanza.NSPubSub, "publish"); pub != nil {
		return w.published(iq, owner, pub)
	}
	if ret := ps.First(stanza.NSPubSub, "retract"); ret != nil {
		return w.retracted(iq, owner, ret)
	}
	if sub := ps.First(stanza.NSPubSub, "subscribe"); sub != nil {
		if n := w.nodes[owner+" "+sub.Get("node")]; n == nil || n.closed {
			return stanza.ErrorReply(iq, stanza.ErrItemNotFound(""))
		}
		w.subs[owner+" "+sub.Get("node")] = true
		return stanza.Reply(iq)
	}
	if unsub := ps.First(stanza.NSPubSub, "unsubscribe"); unsub != nil {
		delete(w.subs, owner+" "+unsub.Get("node"))
		return stanza.Reply(iq)
	}
	return stanza.ErrorReply(iq, stanza.ErrFeatureNotImplemented(""))
}

// published takes an item from the gateway and tells it, if it subscribed.
func (w *world) published(iq *stanza.Element, owner string, pub *stanza.Element) *stanza.Element {
	name := pub.Get("node")
	switch n := w.nodes[owner+" "+name]; {
	case n == nil || n.gone:
		return stanza.ErrorReply(iq, stanza.ErrItemNotFound(""))
	case n.trouble:
		return stanza.ErrorReply(iq, stanza.ErrResource("busy"))
	case !n.open:
		return stanza.ErrorReply(iq, stanza.ErrForbidden(""))
	default:
		it := stanza.Item{ID: pub.First("", "item").Get("id"), Publisher: iq.From().Bare().String(), Payload: pub.First("", "item").Elements()[0]}
		if i := slices.IndexFunc(n.items, func(x stanza.Item) bool { return x.ID == it.ID }); i >= 0 {
			n.items[i] = it
		} else {
			n.items = append(n.items, it)
		}
		n.publishes++
	}
	return stanza.Reply(iq)
}

func (w *world) retracted(iq *stanza.Element, owner string, ret *stanza.Element) *stanza.Element {
	n, id := w.nodes[owner+" "+ret.Get("node")], ret.First("", "item").Get("id")
	if n == nil {
		return stanza.ErrorReply(iq, stanza.ErrItemNotFound(""))
	}
	i := slices.IndexFunc(n.items, func(x stanza.Item) bool { return x.ID == id })
	switch {
	case n.trouble:
		return stanza.ErrorReply(iq, stanza.ErrResource("busy"))
	case i < 0 && !n.sticky:
		return stanza.ErrorReply(iq, stanza.ErrItemNotFound(""))
	}
	if n.sticky || i < 0 || n.items[i].Publisher != iq.From().Bare().String() {
		return stanza.ErrorReply(iq, stanza.ErrForbidden(""))
	}
	n.items = slices.Delete(n.items, i, i+1)
	return stanza.Reply(iq)
}

func (w *world) vcardTemp(iq *stanza.Element) *stanza.Element {
	w.mu.Lock()
	defer w.mu.Unlock()
	if card := w.vcard[iq.To().Bare().String()]; card != "" {
		return stanza.Reply(iq, parse(w.t, card))
	}
	return stanza.ErrorReply(iq, stanza.ErrServiceUnavailable(""))
}

func (w *world) info(iq *stanza.Element) *stanza.Element {
	w.mu.Lock()
	defer w.mu.Unlock()
	name := iq.First(stanza.NSDiscoInfo, "query").Get("node")
	if name == "" && iq.To().Local == "" { // a service
		return stanza.Reply(iq, stanza.Info{Identities: []stanza.Identity{{Category: "pubsub", Type: "service"}}, Features: []string{stanza.NSPubSub}}.Element(""))
	}
	n := w.nodes[iq.To().Bare().String()+" "+name]
	if n == nil || n.meta == "" {
		return stanza.ErrorReply(iq, stanza.ErrServiceUnavailable(""))
	}
	return stanza.Reply(iq, parse(w.t, `<query xmlns='http://jabber.org/protocol/disco#info' node='`+name+`'><identity category='pubsub' type='leaf'/>`+
		`<x xmlns='jabber:x:data' type='result'><field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#meta-data</value></field>`+n.meta+`</x></query>`))
}
