package world

import (
	"fmt"

	"isthmus/e2e/xmppclient"
)

// Items fetches a node; a node that is not there has none.
func (p *Person) Items(service, node string) []*xmppclient.Element {
	p.w.T.Helper()
	answer, err := p.Client.IQ("get", service, fmt.Sprintf(`<pubsub xmlns=%q><items node="%s"/></pubsub>`, nsPubSub, Escape(node)))
	p.w.check(err, "%s reads %s at %s", p.JID, node, service)
	return answer.Find("pubsub/items").All("item")
}

// events returns the items elements that the person's client was told of a node
// since it watches it.
func (p *Person) events(service, node string) []*xmppclient.Element {
	p.w.T.Helper()
	mark, watched := p.watched[service+" "+node]
	if !watched {
		p.w.T.Fatalf("%s does not watch %s at %s", p.JID, node, service)
	}
	var out []*xmppclient.Element
	for _, m := range p.Client.Since(mark) {
		if m.Name != "message" || bare(m.Attr["from"]) != service {
			continue
		}
		for _, items := range m.Find("event").All("items") {
			if items.Attr["node"] == node {
				out = append(out, items)
			}
		}
	}
	return out
}

// publishers tells who published each item, as the last event about it said:
// Prosody 0.12 names the publisher in events only.
func (p *Person) publishers(service, node string) map[string]string {
	p.w.T.Helper()
	out := map[string]string{}
	if _, watched := p.watched[service+" "+node]; !watched {
		return out
	}
	for _, items := range p.events(service, node) {
		for _, item := range items.All("item") {
			out[item.Attr["id"]] = item.Attr["publisher"]
		}
	}
	return out
}

// onceIn waits until a condition about a watched node holds. It is looked at
// whenever the person's client has been told of a change, as clients do: what
// stands on a node without an event is not seen.
func (p *Person) onceIn(service, node, what string, cond func() error) {
	p.w.T.Helper()
	seen, last := -1, error(nil)
	p.w.Until(what, func() error {
		told := len(p.events(service, node))
		if told != seen {
			seen, last = told, cond()
		}
		if last == nil {
			return nil
		}
		return fmt.Errorf("%w; told of %d changes; messages: %q", last, told, p.chats())
	})
}

// chats are the texts that the person's client has received so far.
func (p *Person) chats() []string {
	var out []string
	for _, e := range p.Client.Since(0) {
		if body := e.Value("body"); e.Name == "message" && body != "" {
			out = append(out, fmt.Sprintf("%s: %.200s", bare(e.Attr["from"]), body))
		}
	}
	return out
}
