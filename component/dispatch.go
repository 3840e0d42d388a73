package component

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"isthmus/component/stanza"
)

// resource is where our presence comes from: ejabberd asks only full JIDs for
// their capabilities.
const resource = "gw"

// job is a stanza on its way through a lane.
type job struct {
	e    *stanza.Element
	link *link // it came on this stream
	size int64

	aside   bool          // it is out of its lane
	reached chan struct{} // closed instead of handling anything, see settle
}

// serve handles one stanza. Nothing it meets is fatal.
func (c *Component) serve(ctx context.Context, j job) {
	e := j.e
	defer c.caught(e.Local, e)
	if !c.ours(e) {
		c.log.Debug("stanza dropped: no usable address", "stanza", e.Local, "from", e.Get("from"), "to", e.Get("to"))
		return
	}
	if long, question := c.mayTakeLong(e); long && !j.aside {
		j.aside = true
		if !c.aside.offer(e.From().Bare().Fold().String(), j.size, question, func() { c.serve(ctx, j) }) {
			c.tooMuch(j.link, e)
		}
		return
	}
	ctx = withLang(ctx, e)
	switch e.Local {
	case "iq":
		c.serveIQ(ctx, e)
	case "message":
		c.serveMessage(ctx, j)
	case "presence":
		// Who is online is the stream's news and void without it.
		if t := e.Type(); (t == "" || t == "unavailable") && c.current() != j.link {
			return
		}
		c.servePresence(ctx, e)
	}
}

// ours reports whether e can be answered: it comes from an address and is to
// one of ours. A listener that serves several domains may deliver others.
func (c *Component) ours(e *stanza.Element) bool {
	return !e.From().IsZero() && strings.EqualFold(e.To().Domain, c.cfg.Domain)
}

// caught is deferred around everything that calls the Handler. e, when given,
// is answered internal-server-error.
func (c *Component) caught(what string, e *stanza.Element) {
	r := recover()
	if r == nil {
		return
	}
	c.log.Error("handler panicked", "stanza", what, "from", e.Get("from"), "err", fmt.Sprint(r), "stack", string(debug.Stack()))
	if e == nil || !c.ours(e) {
		return
	}
	switch t := e.Type(); {
	case e.Local == "iq" && t != "result" && t != "error", e.Local == "message" && t != "error" && e.First(e.Space, "body") != nil:
		c.reply(stanza.ErrorReply(e, stanza.ErrInternal("")))
	}
}

// reply sends an answer. One that is too large is replaced by an error, so that
// the peer is not left waiting; a stream that is gone takes the answer with it.
func (c *Component) reply(e *stanza.Element) {
	err := c.Send(e)
	if errors.Is(err, ErrTooLarge) && e.Local == "iq" {
		c.log.Error("answer not sent", "stanza", e.Local, "to", e.Get("to"), "err", err)
		small := stanza.New(e.Space, "iq", "type", "error", "from", e.Get("from"), "to", e.Get("to"), "id", e.Get("id"))
		err = c.Send(small.Add(stanza.ErrResource("the answer is too large").Element()))
	}
	if err != nil && !errors.Is(err, ErrDown) {
		c.log.Error("answer not sent", "stanza", e.Local, "to", e.Get("to"), "err", err)
	}
}

// visible is what a peer may see of an error: a *stanza.Error as it is,
// anything else only that it happened.
func (c *Component) visible(e *stanza.Element, err error) *stanza.Error {
	var se *stanza.Error
	if errors.As(err, &se) {
		return se
	}
	c.log.Error("request failed", "stanza", e.Local, "from", e.Get("from"), "to", e.Get("to"), "err", err)
	return stanza.ErrInternal("")
}

func (c *Component) serveMessage(ctx context.Context, j job) {
	e := j.e
	typ := e.Type()
	if typ == "error" {
		c.h.Bounced(ctx, e, stanza.ParseError(e))
		return
	}
	if typ == "groupchat" {
		return
	}
	// XEP-0060 §12.7: services may send events as normal or chat messages too.
	if ev, ok := stanza.ParseEvent(e); ok {
		from := e.From()
		if from.Local != "" && from.Resource != "" {
			return // PEP speaks from the bare JID (XEP-0163 §4.3); this is a client
		}
		ev.Service = from
		c.h.Event(ctx, e.To(), ev, e.ID())
		return
	}
	if c.granted(j.link, e) {
		return
	}
	if typ == "headline" {
		if strings.TrimSpace(e.First(e.Space, "body").Text()) == "" {
			c.referenced(ctx, e)
		}
		return
	}
	if err := c.serveChat(ctx, e); err != nil {
		c.reply(stanza.ErrorReply(e, c.visible(e, err)))
	}
}

// serveChat calls the Handler for what somebody says in a chat. What is not for
// people to read, such as that somebody types, is nobody's business here.
func (c *Component) serveChat(ctx context.Context, e *stanza.Element) error {
	if id, ok := stanza.ParseRetraction(e); ok { // its body only says so again
		return c.h.Withdrawn(ctx, Withdrawal{From: e.From(), To: e.To(), ID: e.ID(), Of: id})
	}
	if id, emojis, ok := stanza.ParseReactions(e); ok { // likewise
		return c.h.Reacted(ctx, Reaction{From: e.From(), To: e.To(), ID: e.ID(), Of: id, Emojis: emojis})
	}
	body := e.First(e.Space, "body")
	m := Message{From: e.From(), To: e.To(), ID: e.ID(), Type: "normal", Lang: body.Lang(), Thread: e.First(e.Space, "thread").Text(), Body: body.Text(), Encrypted: stanza.Encrypted(e)} // RFC 6121 §5.2.2
	if e.Type() == "chat" {
		m.Type = "chat"
	}
	m.Said = stanza.ParseSaid(e, m.Body)
	if strings.TrimSpace(m.Body) == "" && len(m.Files) == 0 && !m.Encrypted {
		c.referenced(ctx, e)
		return nil
	}
	return c.h.Chat(ctx, m)
}

// referenced passes on what a message without a body refers to from elsewhere. A
// reference without an anchor refers from the text that is not there.
func (c *Component) referenced(ctx context.Context, e *stanza.Element) {
	refs := slices.DeleteFunc(stanza.ParseReferences(e), func(r stanza.Reference) bool { return r.Anchor == "" })
	if len(refs) > 0 {
		c.h.Referenced(ctx, Referenced{From: e.From(), To: e.To(), ID: e.ID(), References: refs})
	}
}

func (c *Component) servePresence(ctx context.Context, e *stanza.Element) {
	if e.Type() == "error" {
		c.h.Bounced(ctx, e, stanza.ParseError(e))
		return
	}
	p := Presence{From: e.From(), To: e.To(), Type: e.Type(), Stanza: e}
	if node, ver, hash, ok := stanza.ParseCaps(e); ok {
		p.Caps = &Caps{Node: node, Ver: ver, Hash: hash}
	}
	c.h.Presence(ctx, p)
}

// serveIQ answers every get and set, once.
func (c *Component) serveIQ(ctx context.Context, e *stanza.Element) {
	if e.ID() == "" {
		return // nobody could tell what is answered (RFC 6120 §8.1.3)
	}
	payload, err := c.answer(ctx, e)
	if err != nil {
		c.reply(stanza.ErrorReply(e, c.visible(e, err)))
		return
	}
	c.reply(stanza.Reply(e, payload))
}

// answer finds who answers an IQ. A nil payload is an empty result.
func (c *Component) answer(ctx context.Context, e *stanza.Element) (*stanza.Element, error) {
	typ, children := e.Type(), e.Elements()
	if typ != "get" && typ != "set" || len(children) != 1 { // RFC 6120 §8.2.3
		return nil, stanza.ErrBadRequest("an IQ is a get or a set with one child")
	}
	q := children[0]
	to := e.To()
	gateway := to.Local == "" && (to.Resource == "" || to.Resource == resource)
	if typ == "get" && asksForKeys(q) {
		return nil, stanza.ErrItemNotFound("")
	}
	switch q.Space + " " + q.Local + " " + typ {
	case stanza.NSPing + " ping get": // XEP-0199 §4
		return nil, nil
	case stanza.NSVersion + " query get":
		return c.version(), nil
	case nsTime + " time get":
		return entityTime(), nil
	case stanza.NSDiscoInfo + " query get":
		return c.discoInfo(ctx, e, q, gateway)
	case stanza.NSDiscoItems + " query get":
		return c.discoItems(ctx, e, q, gateway)
	case stanza.NSVCardTemp + " vCard get":
		return c.vcard(ctx, e, gateway)
	case stanza.NSVCard4 + " vcard get": // XEP-0292 §3
		if to.Local != "" {
			return c.vcard4(ctx, e)
		}
	case stanza.NSPubSub + " pubsub set":
		if to.Local != "" && to.Resource == "" { // PEP is there, XEP-0163 §3.1
			return c.pubsub(ctx, e)
		}
	case stanza.NSPubSub + " pubsub get":
		if to.Local != "" && to.Resource == "" {
			return c.pubsubGet(ctx, e)
		}
	case stanza.NSPubSubOwner + " pubsub get", stanza.NSPubSubOwner + " pubsub set":
		if to.Local != "" && to.Resource == "" {
			return nil, pubsubOwner(e)
		}
	case stanza.NSSearch + " query get", stanza.NSSearch + " query set":
		if gateway {
			return c.search(ctx, e, q)
		}
	case stanza.NSGateway + " query get", stanza.NSGateway + " query set":
		if gateway {
			return c.prompt(ctx, e, q)
		}
	case stanza.NSCommands + " command set":
		if gateway {
			return c.command(ctx, e, q)
		}
	case stanza.NSRegister + " query get", stanza.NSRegister + " query set":
		if gateway {
			return c.register(ctx, e, q)
		}
	}
	if gateway {
		return nil, stanza.ErrFeatureNotImplemented("") // RFC 6120 §8.3.3.3
	}
	return nil, stanza.ErrServiceUnavailable("") // RFC 6120 §8.4
}
