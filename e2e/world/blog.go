package world

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// openBlog are the options of a blog that strangers can read. ejabberd 23.01
// knows no more than these in publish-options.
var openBlog = []string{"pubsub#access_model=open", "pubsub#persist_items=true"}

// Opens creates the blog's node so that strangers can read it and it keeps the
// last fifty posts; options override that.
func (p *Person) Opens(options ...string) {
	p.w.T.Helper()
	p.creates("", Microblog, merge([]string{"pubsub#access_model=open", "pubsub#persist_items=true", "pubsub#max_items=50"}, options))
}

// creates creates a node, on the own account when service is "".
func (p *Person) creates(service, node string, options []string) {
	p.w.T.Helper()
	_, err := p.Client.Must("set", service, fmt.Sprintf(`<pubsub xmlns=%q><create node="%s"/><configure>%s</configure></pubsub>`,
		nsPubSub, Escape(node), form(nsPubSub+"#node_config", options)))
	p.w.check(err, "%s creates %s", p.JID, node)
}

// Configures changes the blog's node (XEP-0060 §8.2).
func (p *Person) Configures(options ...string) {
	p.w.T.Helper()
	p.configures("", Microblog, options...)
}

func (p *Person) configures(service, node string, options ...string) {
	p.w.T.Helper()
	_, err := p.Client.Must("set", service, fmt.Sprintf(`<pubsub xmlns="%s#owner"><configure node="%s">%s</configure></pubsub>`,
		nsPubSub, Escape(node), form(nsPubSub+"#node_config", options)))
	p.w.check(err, "%s configures %s", p.JID, node)
}

// DeletesBlog deletes the blog's node (XEP-0060 §8.4).
func (p *Person) DeletesBlog() {
	p.w.T.Helper()
	_, err := p.Client.Must("set", "", fmt.Sprintf(`<pubsub xmlns="%s#owner"><delete node=%q/></pubsub>`, nsPubSub, Microblog))
	p.w.check(err, "%s deletes the blog", p.JID)
}

// Publishes writes a short post as Movim does, with the text as its title and
// nothing else, and returns its item id. A blog that does not exist yet is
// created by this, readable for strangers.
func (p *Person) Publishes(text string) string {
	p.w.T.Helper()
	id := fmt.Sprintf("%s-%d", slug(text), p.w.Ground.number())
	p.Writes(Entry{ID: id, Title: text, Author: p.JID, AuthorName: p.User}, openBlog...)
	return id
}

// Writes publishes an entry to the blog, with publish-options if any are given,
// and fills in the dates that are missing. Without a blog yet, ejabberd refuses
// options it does not know; a blog that is there refuses options that differ.
func (p *Person) Writes(e Entry, options ...string) {
	p.w.T.Helper()
	e = p.dated(e)
	answer, err := p.Client.IQ("set", "", publishXML(Microblog, e.ID, e.XML(), options...))
	if err == nil && answer.Condition() == "conflict" { // XEP-0060 §7.1.5: precondition-not-met
		answer, err = p.Client.IQ("set", "", publishXML(Microblog, e.ID, e.XML()))
	}
	p.w.check(err, "%s publishes", p.JID)
	if c := answer.Condition(); c != "" {
		p.w.T.Fatalf("%s publishes %s: %s %s", p.JID, e.ID, c, answer.Value("error/text"))
	}
}

// WritesTo publishes an entry to a node of a pubsub service.
func (p *Person) WritesTo(service, node string, e Entry) {
	p.w.T.Helper()
	e = p.dated(e)
	_, err := p.Client.Must("set", service, publishXML(node, e.ID, e.XML()))
	p.w.check(err, "%s publishes to %s", p.JID, node)
}

// PublishesItem publishes any payload under any node of the own account.
func (p *Person) PublishesItem(node, id, payload string, options ...string) {
	p.w.T.Helper()
	_, err := p.Client.Must("set", "", publishXML(node, id, payload, options...))
	p.w.check(err, "%s publishes to %s", p.JID, node)
}

// dated fills in updated, and published, which an edit keeps. Clients write
// whole seconds, so an edit may well carry the date that the post had.
func (p *Person) dated(e Entry) Entry {
	now := time.Now().Truncate(time.Second)
	if e.Published.IsZero() {
		if e.Published = p.first[e.ID]; e.Published.IsZero() {
			e.Published = now
		}
	}
	if e.Updated.IsZero() {
		e.Updated = now
	}
	p.first[e.ID] = e.Published
	return e
}

// Edits publishes a short post again under the same id with another text.
func (p *Person) Edits(id, text string) {
	p.w.T.Helper()
	p.Writes(Entry{ID: id, Title: text, Author: p.JID, AuthorName: p.User})
}

// Retracts deletes a post and tells subscribers (XEP-0060 §7.2).
func (p *Person) Retracts(id string) {
	p.w.T.Helper()
	p.retracts("", Microblog, id)
}

// RetractsFrom deletes an item of a node of a pubsub service.
func (p *Person) RetractsFrom(service, node, id string) {
	p.w.T.Helper()
	p.retracts(service, node, id)
}

func (p *Person) retracts(service, node, id string) {
	p.w.T.Helper()
	_, err := p.Client.Must("set", service, fmt.Sprintf(`<pubsub xmlns=%q><retract node="%s" notify="true"><item id="%s"/></retract></pubsub>`,
		nsPubSub, Escape(node), Escape(id)))
	p.w.check(err, "%s retracts %s", p.JID, id)
}

// Community creates a node on the pubsub service, open for everybody, as Movim
// does: events carry no payload.
func (p *Person) Community(name string, options ...string) string {
	p.w.T.Helper()
	node := fmt.Sprintf("%s-%d", name, p.w.Ground.number())
	p.creates(p.w.Server.Pubsub, node, merge([]string{
		"pubsub#access_model=open", "pubsub#persist_items=true", "pubsub#max_items=100", "pubsub#deliver_payloads=false", "pubsub#title=" + name,
	}, options))
	return node
}

// merge replaces options of the same name and appends the others.
func merge(options, more []string) []string {
	for _, o := range more {
		name, _, _ := strings.Cut(o, "=")
		i := slices.IndexFunc(options, func(s string) bool { return strings.HasPrefix(s, name+"=") })
		if i >= 0 {
			options[i] = o
		} else {
			options = append(options, o)
		}
	}
	return options
}

// ProvesOwner makes the gateway enrol a community node of the person's: where
// the server does not say who owns a node, the gateway asks for a word in its
// description.
func (p *Person) ProvesOwner(node string) {
	p.w.T.Helper()
	ask := "start " + p.w.Server.Pubsub + " " + node
	if word := proof.FindString(p.Says(ask)); word != "" {
		p.configures(p.w.Server.Pubsub, node, "pubsub#description=We sing. "+word)
		p.Says(ask)
	}
}

var proof = regexp.MustCompile(`isthmus-[0-9a-f]{12}`)

// slug is an item id as clients make them from a title.
func slug(text string) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, strings.ToLower(text))
	return strings.Trim(s[:min(len(s), 20)], "-")
}
