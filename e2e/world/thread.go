package world

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"isthmus/e2e/xmppserver"
)

// Place is where a client puts the comments of a post.
type Place string

// Movim uses a pubsub service named comments.DOMAIN when the server has one,
// else the blogger's own PEP. Libervia uses the server's pubsub service.
const (
	OwnPEP          Place = "own PEP"
	CommentsService Place = "comments service"
	PubsubService   Place = "pubsub service"
)

// nsThread is RFC 4685.
const nsThread = "http://purl.org/syndication/thread/1.0"

// Thread is a post with its comments node.
type Thread struct {
	Item          string // of the post, on the blog
	Service, Node string // where its comments are
}

// URI names an item of the comments node, as Movim spells it.
func (t Thread) URI(item string) string {
	return "xmpp:" + t.Service + "?;node=" + t.Node + ";item=" + item
}

// configurations of a comments node, as the clients that create it ask for it.
var (
	movimComments = []string{
		"pubsub#persist_items=true", "pubsub#max_items=max", "pubsub#access_model=open", "pubsub#publish_model=open", "pubsub#itemreply=publisher",
		"pubsub#notify_retract=true", "pubsub#deliver_payloads=false", "pubsub#send_last_published_item=on_sub",
	}
	liberviaComments = []string{
		"pubsub#persist_items=true", "pubsub#max_items=max", "pubsub#access_model=open", "pubsub#publish_model=open", "pubsub#itemreply=publisher",
		"pubsub#notify_retract=true", "pubsub#deliver_payloads=true",
	}
)

// Discusses publishes a short post whose comments have a node, in the way of the
// client that uses such a place, and subscribes to it. Options override the
// node's configuration.
func (p *Person) Discusses(text string, place Place, options ...string) Thread {
	p.w.T.Helper()
	id := fmt.Sprintf("%s-%d", slug(text), p.w.Ground.number())
	t := Thread{Item: id, Service: p.JID, Node: Microblog + ":comments/" + id}
	e := Entry{ID: id, Title: text, Author: p.JID, AuthorName: p.User}
	if place == PubsubService {
		t.Service = p.w.Server.Pubsub
		p.createsComments(t, merge(slices.Clone(liberviaComments), options))
		e.AtomID = fmt.Sprintf("xmpp:%s?;node=%s;item=%s", p.JID, url.QueryEscape(Microblog), id)
		e.Links = p.linksTo(t, url.QueryEscape(t.Node))
		p.Writes(e, openBlog...)
	} else {
		if place == CommentsService {
			t.Service = p.w.Server.Comments
		}
		e.Links = p.linksTo(t, t.Node)
		p.Writes(e, openBlog...)
		p.createsComments(t, merge(slices.Clone(movimComments), options))
	}
	p.Watches(t.Service, t.Node)
	return t
}

// linksTo are a post's links to itself and to its comments.
func (p *Person) linksTo(t Thread, node string) string {
	return fmt.Sprintf(`<link rel="alternate" href="%s"/><link rel="replies" title="comments" href="xmpp:%s?;node=%s"/>`,
		Escape(Thread{Service: p.JID, Node: Microblog}.URI(t.Item)), t.Service, node)
}

// EditsDiscussed publishes a discussed post again with another text; Edits would take
// the link to its comments away.
func (p *Person) EditsDiscussed(t Thread, text string) {
	p.w.T.Helper()
	p.Writes(Entry{ID: t.Item, Title: text, Author: p.JID, AuthorName: p.User, Links: p.linksTo(t, t.Node)})
}

// createsComments creates a comments node of the person's. Prosody lets only its
// admin create nodes on a service, who then makes the person the owner.
func (p *Person) createsComments(t Thread, options []string) {
	p.w.T.Helper()
	flavour := p.w.Server.Flavour
	if t.Service == p.JID || flavour != xmppserver.Prosody && flavour != xmppserver.ProsodyPrivileged {
		p.creates(t.Service, t.Node, options)
		return
	}
	admin := p.w.Admin()
	admin.creates(t.Service, t.Node, options)
	_, err := admin.Client.Must("set", t.Service, fmt.Sprintf(
		`<pubsub xmlns="%s#owner"><affiliations node="%s"><affiliation jid=%q affiliation="owner"/></affiliations></pubsub>`, nsPubSub, Escape(t.Node), p.JID))
	p.w.check(err, "%s becomes the owner of %s", p.JID, t.Node)
}

// Watches subscribes to a node: from now on the person's client is told of it.
func (p *Person) Watches(service, node string) {
	p.w.T.Helper()
	if _, watched := p.watched[service+" "+node]; !watched {
		p.watched[service+" "+node] = p.Client.Mark()
	}
	_, err := p.Client.Must("set", service, fmt.Sprintf(`<pubsub xmlns=%q><subscribe node="%s" jid=%q/></pubsub>`, nsPubSub, Escape(node), p.JID))
	p.w.check(err, "%s subscribes to %s", p.JID, node)
}

// Comments writes a comment as Movim does, with nothing but a title, and returns
// its item id.
func (p *Person) Comments(t Thread, text string) string {
	p.w.T.Helper()
	return p.CommentsAs(t, Entry{Title: text, Author: p.JID, AuthorName: p.User})
}

// Answers writes a comment below another one (XEP-0472 §4.3; RFC 4685 §3).
func (p *Person) Answers(t Thread, to Comment, text string) string {
	p.w.T.Helper()
	return p.CommentsAs(t, Entry{
		Title: text, Author: p.JID, AuthorName: p.User,
		Links: fmt.Sprintf(`<thr:in-reply-to xmlns:thr=%q ref="%s" href="%s"/>`, nsThread, Escape(to.AtomID), Escape(t.URI(to.ID))),
	})
}

// Hearts likes as Movim does: by a comment that is a heart.
func (p *Person) Hearts(t Thread) string {
	p.w.T.Helper()
	return p.Comments(t, "♥")
}

// CommentsAs publishes an entry as a comment, whatever it says, and returns its
// item id.
func (p *Person) CommentsAs(t Thread, e Entry) string {
	p.w.T.Helper()
	if e.ID == "" {
		e.ID = fmt.Sprintf("comment-%d", p.w.Ground.number())
	}
	p.WritesTo(t.Service, t.Node, e)
	return e.ID
}

// EditsComment publishes a comment again under its id with another text.
func (p *Person) EditsComment(t Thread, item, text string) {
	p.w.T.Helper()
	p.CommentsAs(t, Entry{ID: item, Title: text, Author: p.JID, AuthorName: p.User})
}

// RetractsComment deletes an item of the comments node.
func (p *Person) RetractsComment(t Thread, item string) {
	p.w.T.Helper()
	p.retracts(t.Service, t.Node, item)
}

// Below is where a fan's post can be commented itself: on the author's account on
// this gateway, under the id that the post has wherever it stands.
func (w *World) Below(c Comment, author *Fan) Thread {
	return Thread{Item: c.ID, Service: w.Virtual(author), Node: Microblog + ":comments/" + c.ID}
}

// Virtual is the address of a fan on this gateway (XEP-0106).
func (w *World) Virtual(f *Fan) string {
	return strings.ReplaceAll(f.Handle(), "@", `\40`) + "@" + w.Gateway.Component
}
