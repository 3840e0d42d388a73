package mapping

import (
	"strings"

	"isthmus/activitypub/vocab"
)

// Mention is somebody who is named, answered or addressed.
type Mention struct {
	Handle   string // user@host, lower case, canonical; "" when not known
	ActorURL string
	PageURL  string // for people; ActorURL when empty
	Typed    string // user@host as in the text, where that is another spelling
}

// Limits of whom one post names.
const (
	maxMentions     = 64
	maxMentionBytes = 6 << 10 // of their addresses, which stand three times in what is sent
	maxMentionLinks = 256     // in text
)

// people are those whom a post answers, names or addresses: each has one tag
// and one address, whatever the text calls them.
type people struct {
	list  []Mention
	named map[string]Mention // by folded handle, as typed too
	bytes int
	links int
	seen  map[string]bool // actors that are linked in the text
}

// peopleOf collects whom p answers, names and addresses; nobody addresses
// themselves.
func peopleOf(p Post) *people {
	who := &people{named: map[string]Mention{}, seen: map[string]bool{}}
	known := map[string]bool{p.ActorURL: true}
	add := func(m Mention) {
		m.Handle, m.Typed = foldHandle(m.Handle), foldHandle(m.Typed)
		size := len(m.ActorURL) + len(m.Handle)
		if webURL(m.ActorURL) == "" || len(who.named) >= 2*maxMentions || who.bytes+size > maxMentionBytes {
			return
		}
		for _, name := range []string{m.Handle, m.Typed} {
			if _, other := who.named[name]; name != "" && m.Handle != "" && !other {
				who.named[name] = m
			}
		}
		if !known[m.ActorURL] && len(who.list) < maxMentions {
			known[m.ActorURL] = true
			who.bytes += size
			who.list = append(who.list, m)
		}
	}
	if p.Parent != nil {
		add(*p.Parent)
	}
	for _, m := range p.Mentions {
		add(m)
	}
	for _, m := range p.Addressed {
		add(m)
	}
	return who
}

// ids and tags are what goes into the object (rows O4, O5).
func (who *people) ids() []string {
	var out []string
	for _, m := range who.list {
		out = append(out, m.ActorURL)
	}
	return out
}

func (who *people) tags() []vocab.Tag {
	var out []vocab.Tag
	for _, m := range who.list {
		t := vocab.Tag{Type: "Mention", Href: m.ActorURL}
		if m.Handle != "" {
			t.Name = "@" + m.Handle
		}
		out = append(out, t)
	}
	return out
}

// linkIn makes links of the handles of these people in text, and of links that
// are such a handle already.
func (who *people) linkIn(n *node) {
	if len(who.named) == 0 {
		return
	}
	n.rewriteText(who.split)
	n.walk(func(c *node) bool {
		if c.tag == "a" {
			if name, ok := strings.CutPrefix(c.deepText(), "@"); ok {
				if m, ok := who.named[foldHandle(name)]; ok {
					c.attr = m.anchor().attr
					who.seen[m.ActorURL] = true
				}
			}
		}
		return c.tag != "a" && c.tag != "code" && c.tag != "pre"
	})
}

func (who *people) split(s string) []*node {
	var out []*node
	done := 0
	eachHandle(s, func(start, end int, handle string) bool {
		m, ok := who.named[handle]
		if !ok {
			return true
		}
		if who.links++; who.links > maxMentionLinks {
			return false
		}
		if start > done {
			out = append(out, &node{text: s[done:start]})
		}
		out = append(out, m.card())
		done = end
		who.seen[m.ActorURL] = true
		return true
	})
	if done < len(s) {
		out = append(out, &node{text: s[done:]})
	}
	return out
}

// greet puts the name of whom the post answers before its text, unless it is in
// there: peers without a view of threads show nothing else of it.
func (who *people) greet(body *node, p Post) {
	if p.Parent == nil || p.Parent.ActorURL == p.ActorURL || who.seen[p.Parent.ActorURL] {
		return
	}
	m, ok := who.named[foldHandle(p.Parent.Handle)]
	if !ok {
		return
	}
	line := &node{tag: "p"}
	if len(body.child) > 0 && body.child[0].tag == "p" {
		line = body.child[0]
		line.child = append([]*node{{text: " ", up: line}}, line.child...)
	} else {
		line.up = body
		body.child = append([]*node{line}, body.child...)
	}
	card := m.card()
	card.up = line
	line.child = append([]*node{card}, line.child...)
}

// card is the link that Mastodon makes its own and from which Misskey reads the
// handle: all of it, for the host of the page may be another (row O5).
func (m Mention) card() *node {
	n := &node{tag: "span", attr: []attribute{{"class", "h-card"}, {"translate", "no"}}}
	n.add(m.anchor())
	return n
}

func (m Mention) anchor() *node {
	page := m.PageURL
	if webURL(page) == "" {
		page = m.ActorURL
	}
	return anchor("@"+m.Handle, attribute{"href", cleanHref(page)}, attribute{"class", "u-url mention"})
}
