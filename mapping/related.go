package mapping

import (
	"strings"

	"isthmus/component/stanza"
)

// maxRelated bounds the links that go with one post.
const maxRelated = 8

// addRelated adds the links that go with a post, one paragraph for all, unless
// the text has them.
func addRelated(body *node, e stanza.Entry) {
	key := func(href string) string { return strings.TrimSuffix(href, "/") }
	seen := map[string]bool{}
	body.walk(func(n *node) bool {
		if n.tag == "a" {
			seen[key(n.attr[0].value)] = true
		}
		return true
	})
	var links []*node
	for _, l := range e.LinksOf("related") {
		href := cleanHref(l.Href)
		if href == "" || seen[key(href)] || len(links) >= maxRelated {
			continue
		}
		seen[key(href)] = true
		links = append(links, namedLink(href, l.Title))
	}
	for i, l := range links {
		if i == 0 {
			body.add(&node{tag: "p"})
		} else {
			body.last().add(&node{tag: "br"})
		}
		body.last().add(l)
	}
}

// addVia says whose words a repeated post is (XEP-0277 §4.3, XEP-0472 §4.6): the
// entry is a copy, and without this line they would seem the repeater's.
func addVia(body *node, e stanza.Entry) {
	via, ok := e.Link("via")
	href := cleanHref(via.Href)
	if !ok || href == "" {
		return
	}
	name := ""
	if len(e.Authors) > 0 {
		name = e.Authors[0].Name
	}
	p := body.add(&node{tag: "p"})
	p.add(&node{text: "🔁 "})
	p.add(namedLink(href, name))
}

// namedLink shows web addresses as they are, so that nobody is misled and peers
// make cards of them; xmpp: addresses are no pleasure to read and get a name.
func namedLink(href, name string) *node {
	text := href
	if name = cut(oneLine(name), maxDisplayName); name != "" && strings.HasPrefix(href, "xmpp:") {
		text = name
	}
	return anchor(text, attribute{"href", href})
}
