package bridge

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// Virtual addresses: a Fediverse account seen from XMPP is a PEP service.

// pepFeatures are what it can (XEP-0060 §10, XEP-0163 §6).
var pepFeatures = []string{
	stanza.NSDiscoInfo, stanza.NSDiscoItems, stanza.NSPing, stanza.NSVersion, stanza.NSVCardTemp, stanza.NSVCard4,
	stanza.NSPubSub, stanza.NSPubSub + "#persistent-items", stanza.NSPubSub + "#retrieve-items", stanza.NSPubSub + "#rsm", stanza.NSPubSub + "#item-ids",
	stanza.NSPubSub + "#subscribe", stanza.NSPubSub + "#retrieve-subscriptions", stanza.NSPubSub + "#subscription-notifications",
	stanza.NSPubSub + "#filtered-notifications", stanza.NSPubSub + "#last-published", stanza.NSPubSub + "#meta-data", stanza.NSPubSub + "#publish",
	stanza.NSPubSub + "#retract-items", stanza.NSPubSub + "#access-open", stanza.NSRSM, stanza.NSMicroblog, stanza.NSAttachments,
	stanza.NSPPS,
}

// Info answers disco#info of an address with a localpart, and of its nodes. To who
// may not read here it says what the address is and nothing more.
func (b xmppSide) Info(ctx context.Context, q component.Query) (stanza.Info, error) {
	ctx = b.withStanza(ctx, "", q.From.Bare().String())
	if q.To.Bare().Fold() == b.homeJID() {
		return b.homeInfo(ctx, q)
	}
	user, host, ok := b.addr.ParseRemoteJID(q.To)
	if !ok {
		return stanza.Info{}, stanza.ErrItemNotFound(b.say(ctx, "read.address", "component", b.cfg.Component))
	}
	info := stanza.Info{
		Identities: []stanza.Identity{
			{Category: "account", Type: "registered", Name: "@" + user + "@" + host},
			{Category: "pubsub", Type: "pep"},
		},
		Features: append(slices.Clone(pepFeatures), chatFeatures...),
		Forms:    policyForms(b.language(ctx)),
	}
	if err := b.mayRead(ctx, q.From); err != nil {
		if q.Node != "" {
			return stanza.Info{}, err
		}
		return info, nil
	}
	acc, err := b.accountAt(ctx, q.From, q.To)
	if err != nil {
		return stanza.Info{}, err
	}
	if q.Node != "" {
		return b.nodeInfo(ctx, acc, q)
	}
	b.wants(ctx, acc)
	who, err := b.authorAt(ctx, acc)
	if err != nil {
		return stanza.Info{}, err
	}
	info.Identities[0].Name = who.Called()
	return info, nil
}

// nodeInfo is what one node is (XEP-0060 §5.4).
func (b *Bridge) nodeInfo(ctx context.Context, acc db.Account, q component.Query) (stanza.Info, error) {
	who, err := b.authorAt(ctx, acc)
	if err != nil {
		return stanza.Info{}, err
	}
	meta := nodeMeta{title: who.Called(), owner: acc.JID, access: "open", publish: "publishers"}
	switch item, isComments := strings.CutPrefix(q.Node, commentsPrefix); {
	case q.Node == stanza.NSMicroblog:
		p := profileOf(acc)
		meta.kind, meta.about, meta.created = stanza.NSMicroblog, mapping.PlainText(p.Summary), p.Published.UTC().Format("2006-01-02T15:04:05Z")
		if p.Published.IsZero() {
			meta.created = ""
		}
		n, err := b.db.FollowersHereCount(ctx, acc.Actor)
		if err != nil {
			return stanza.Info{}, err
		}
		meta.subscribers = strconv.Itoa(n)
	case isComments:
		if _, err := b.readablePost(ctx, acc, q.From, item); err != nil {
			return stanza.Info{}, err
		}
		meta.title, meta.publish = "Comments", "open"
	case isProfileNode(q.Node):
		meta.title = ""
	case strings.HasPrefix(q.Node, stanza.NSAttachments+"/"):
		meta.title, meta.publish = "", "open"
	default:
		return stanza.Info{}, stanza.ErrItemNotFound(b.say(ctx, "read.nonode"))
	}
	return meta.info(), nil
}

// nodeMeta is a node's meta-data form, without what is "".
type nodeMeta struct {
	title, about, kind, owner, created, access, publish, subscribers string
}

func (m nodeMeta) info() stanza.Info {
	form := stanza.Form{Type: "result", Fields: []stanza.Field{{Var: "FORM_TYPE", Type: "hidden", Values: []string{stanza.NSPubSubMeta}}}}
	for _, x := range []struct{ name, typ, value string }{
		{"pubsub#title", "text-single", m.title}, {"pubsub#description", "text-single", m.about}, {"pubsub#type", "text-single", m.kind},
		{"pubsub#owner", "jid-multi", m.owner}, {"pubsub#creation_date", "text-single", m.created}, {"pubsub#access_model", "list-single", m.access},
		{"pubsub#publish_model", "list-single", m.publish}, {"pubsub#num_subscribers", "text-single", m.subscribers},
	} {
		if x.value != "" {
			form.Fields = append(form.Fields, stanza.Field{Var: x.name, Type: x.typ, Values: []string{x.value}})
		}
	}
	return stanza.Info{
		Identities: []stanza.Identity{{Category: "pubsub", Type: "leaf", Name: m.title}},
		Features:   []string{stanza.NSDiscoInfo, stanza.NSDiscoItems, stanza.NSPubSub},
		Forms:      []stanza.Form{form},
	}
}

func (b *Bridge) homeInfo(ctx context.Context, q component.Query) (stanza.Info, error) {
	switch q.Node {
	case "":
		return stanza.Info{
			Identities: []stanza.Identity{{Category: "account", Type: "registered", Name: b.say(ctx, "read.home")}, {Category: "pubsub", Type: "pep"}},
			Features:   pepFeatures,
		}, b.mayRead(ctx, q.From)
	case stanza.NSMicroblog:
		return nodeMeta{title: b.say(ctx, "read.home"), kind: stanza.NSMicroblog, access: "whitelist", publish: "publishers"}.info(), b.mayRead(ctx, q.From)
	}
	return stanza.Info{}, stanza.ErrItemNotFound(b.say(ctx, "read.nonode"))
}

// Items answers disco#items: the nodes of an account, and the items of its posts
// (XEP-0060 §5.2, §5.5).
func (b xmppSide) Items(ctx context.Context, q component.Query) ([]stanza.DiscoItem, error) {
	ctx = b.withStanza(ctx, "", q.From.Bare().String())
	if err := b.mayRead(ctx, q.From); err != nil {
		return nil, err
	}
	home := q.To.Bare().Fold() == b.homeJID()
	if _, _, ok := b.addr.ParseRemoteJID(q.To); !ok && !home {
		return nil, stanza.ErrItemNotFound("")
	}
	var out []stanza.DiscoItem
	switch {
	case q.Node == stanza.NSMicroblog:
		res, err := b.Fetch(ctx, component.FetchRequest{From: q.From, To: q.To, Node: q.Node, Max: maxPage})
		for _, it := range slices.Backward(res.Items) {
			out = append(out, stanza.DiscoItem{JID: q.To.Bare(), Name: it.ID})
		}
		return out, err
	case q.Node != "":
		return nil, stanza.ErrItemNotFound("")
	case home:
		return []stanza.DiscoItem{{JID: q.To.Bare(), Node: stanza.NSMicroblog, Name: b.say(ctx, "read.home")}}, nil
	}
	acc, err := b.accountAt(ctx, q.From, q.To)
	if err != nil {
		return nil, err
	}
	who, err := b.authorAt(ctx, acc)
	if err != nil {
		return nil, err
	}
	out = append(out, stanza.DiscoItem{JID: mustJID(acc.JID), Node: stanza.NSMicroblog, Name: who.Called()})
	for _, node := range profileNodes {
		out = append(out, stanza.DiscoItem{JID: mustJID(acc.JID), Node: node})
	}
	return out, nil
}

// VCard answers for virtual users: to who may read here with all there is, to
// others with what the name alone says, so that comments show their authors.
func (b xmppSide) VCard(ctx context.Context, q component.Query) (*stanza.VCard, error) {
	ctx = b.withStanza(ctx, "", q.From.Bare().String())
	if q.To.Bare().Fold() == b.homeJID() {
		return &stanza.VCard{FullName: b.say(ctx, "read.home")}, nil
	}
	user, host, ok := b.addr.ParseRemoteJID(q.To)
	if !ok {
		return nil, stanza.ErrItemNotFound(b.say(ctx, "read.address", "component", b.cfg.Component))
	}
	acc, err := b.db.AccountByJID(ctx, b.canonical(q.To).String())
	if errors.Is(err, db.ErrNotFound) && b.mayRead(ctx, q.From) == nil {
		acc, err = b.accountAt(ctx, q.From, q.To)
	}
	if err == nil {
		return b.accountCard(ctx, acc)
	}
	r, rerr := b.db.RemoteByHandle(ctx, user+"@"+host)
	if errors.Is(rerr, db.ErrNotFound) {
		if errors.Is(err, db.ErrNotFound) {
			err = stanza.ErrItemNotFound("")
		}
		return nil, err
	}
	return &stanza.VCard{FullName: r.Name, Nick: "@" + r.Handle, URLs: []string{r.Actor}}, rerr
}
