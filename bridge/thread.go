package bridge

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
	"isthmus/queue"
)

// A thread is watched while its post is young (xmpp-servers §9.1 point 8).
const (
	watchFor    = 30 * 24 * time.Hour
	watchFirst  = 5 * time.Second // between two looks at a place that is not there yet
	watchPause  = 12 * time.Hour  // at most between two looks
	threadItems = 200             // of a node that one look reads
	askFor      = 15 * time.Second
)

// commentsPrefix is how all comments nodes begin (XEP-0277 §4.1).
const commentsPrefix = stanza.NSMicroblog + ":comments/"

// threadOf is where a post is discussed, as its own link says (XEP-0277 §4.1);
// db.ErrNotFound when it has no place for comments, or one that is not to be
// believed.
func (b *Bridge) threadOf(ctx context.Context, blog *db.Blog, post db.Post) (db.Thread, error) {
	t, err := b.db.ThreadByPost(ctx, post.ID)
	if !errors.Is(err, db.ErrNotFound) {
		return t, err
	}
	entry, err := parseEntry(post.Source)
	if err != nil {
		return db.Thread{}, db.ErrNotFound
	}
	uri, ok := mapping.CommentsNode(entry)
	if !ok {
		return db.Thread{}, db.ErrNotFound
	}
	if may, err := b.mayDiscuss(ctx, post, uri); err != nil {
		return db.Thread{}, err
	} else if !may {
		return db.Thread{}, db.ErrNotFound
	}
	t, err = b.db.PutThread(ctx, db.Thread{PostID: post.ID, Service: uri.JID.Bare().Fold().String(), Node: uri.Node(), Created: b.nowMS()})
	if err != nil || t.PostID == post.ID {
		return t, err
	}
	first, err := b.db.PostByID(ctx, t.PostID)
	if err != nil {
		return db.Thread{}, err
	}
	if first.Deleted == 0 || first.BlogID != post.BlogID || first.Item != post.Item {
		return db.Thread{}, db.ErrNotFound // another post's, which was there first
	}
	t.PostID = post.ID // the same item, published again
	return t, b.db.MoveThread(ctx, t.ID, post.ID)
}

// mayDiscuss believes a link to a comments node only where Movim and Libervia put
// one: on the account of who wrote the post; or, named after the post, on a service
// of a server that we are here for or one that the admin named, and not somebody
// else's where the server tells whose it is. Otherwise an entry could aim replies at anybody's
// node, and take other people's comments for its own.
func (b *Bridge) mayDiscuss(ctx context.Context, post db.Post, uri stanza.URI) (bool, error) {
	service := uri.JID.Bare().Fold()
	if !strings.HasPrefix(uri.Node(), commentsPrefix) || service.Domain == b.cfg.Component {
		return false, nil
	}
	author := mustJID(post.Publisher)
	if author.IsZero() { // the server does not name it: on an account's own node it is the owner
		if blog, err := b.db.BlogByID(ctx, post.BlogID); err == nil {
			author = mustJID(blog.JID)
		}
	}
	if service.Local != "" {
		return service == author && b.serves(service), nil
	}
	if uri.Node() != commentsPrefix+post.Item || !b.hosts(service) {
		return false, nil
	}
	other, err := b.ownedByOther(ctx, service, uri.Node(), author)
	return !other, err
}

// hosts reports whether a service is one of the servers that we are here for.
func (b *Bridge) hosts(service stanza.JID) bool {
	return slices.ContainsFunc(slices.Concat(b.cfg.PubSub, b.cfg.Domains), func(domain string) bool {
		return strings.HasSuffix("."+service.Domain, "."+domain)
	})
}

// ownedByOther asks a service who owns a node. Where it does not say (Prosody),
// or there is no such node yet, nothing speaks against it.
func (b *Bridge) ownedByOther(ctx context.Context, service stanza.JID, node string, author stanza.JID) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	res, err := b.askThrough(ctx, stanza.IQ("get", b.visitor(), service, stanza.New(stanza.NSDiscoInfo, "query", "node", node)))
	var refused *stanza.Error
	if errors.As(err, &refused) && !refused.Temporary() {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, f := range stanza.ParseInfo(res.First(stanza.NSDiscoInfo, "query")).Forms {
		for _, x := range f.Fields {
			if x.Var == "pubsub#owner" && len(x.Values) > 0 && !slices.ContainsFunc(x.Values, func(v string) bool { return bareOf(v) == author.String() }) {
				return true, nil
			}
		}
	}
	return false, nil
}

// watch makes a new post's discussion be looked at. Movim creates the node only
// after the post is published.
func (b *Bridge) watch(ctx context.Context, blog *db.Blog, post db.Post) {
	t, err := b.threadOf(ctx, blog, post)
	if err == nil {
		b.soon(ctx, threadJob(t.ID, b.nowMS()+2000))
	} else if !errors.Is(err, db.ErrNotFound) {
		b.logger(ctx).Error("comments are not watched", "item", post.Item, "err", err)
	}
}

// tendThread subscribes to a discussion and compares it with what is known.
func (b *Bridge) tendThread(ctx context.Context, t *db.Thread, _ string) error {
	post, err := b.db.PostByID(ctx, t.PostID)
	if err != nil {
		return ignoreNotFound(err)
	}
	blog, err := b.db.BlogByID(ctx, post.BlogID)
	if err != nil {
		return ignoreNotFound(err)
	}
	age := time.Duration(b.nowMS()-t.Created) * time.Millisecond
	if post.Deleted != 0 || blog.State == db.Gone || age > watchFor {
		return b.unwatch(ctx, *t)
	}
	if readable(&blog) {
		if err := b.lookThread(ctx, &blog, post, t); err != nil {
			return err
		}
	}
	pause := max(age/4, b.cfg.PollMissing)
	if !t.Subscribed { // the node is about to be made, and Prosody tells nobody afterwards who commented
		pause = max(age/4, min(watchFirst, b.cfg.PollMissing))
	}
	return queue.Snooze(min(pause, watchPause))
}

// lookThread reads both nodes as a stranger: what comes back is public.
func (b *Bridge) lookThread(ctx context.Context, blog *db.Blog, post db.Post, t *db.Thread) error {
	items, found, err := b.strangerReads(ctx, t.Service, t.Node, nil)
	if err != nil {
		return err
	}
	if found && !t.Subscribed {
		if err := b.subscribeTo(ctx, t.Service, t.Node); err != nil {
			b.logger(ctx).Info("comments are not announced, only looked at now and then", "service", t.Service, "node", t.Node, "err", err)
		} else if err := b.db.SetSubscribed(ctx, t.ID, true); err != nil {
			return err
		} else {
			t.Subscribed = true
		}
	}
	for _, it := range items {
		if err := b.comment(ctx, t, it, false); err != nil {
			return err
		}
	}
	node := stanza.AttachmentsNode(stanza.ItemURI(mustJID(blog.JID), blog.Node, post.Item))
	items, found, err = b.strangerReads(ctx, blog.JID, node, nil)
	if err != nil || !found {
		return err
	}
	if err := b.subscribeTo(ctx, blog.JID, node); err != nil {
		b.logger(ctx).Info("attachments are not announced", "node", node, "err", err)
	}
	for _, it := range items {
		if err := b.attached(ctx, blog.JID, node, it); err != nil {
			return err
		}
	}
	return nil
}

// strangerReads reads some items of a node, or its last ones, as somebody nobody
// knows; found is false when that is refused or there is no such node.
func (b *Bridge) strangerReads(ctx context.Context, service, node string, ids []string) (items []stanza.Item, found bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	most := threadItems
	if len(ids) > 0 {
		most = 0
	}
	ask := func() (*stanza.Element, error) {
		return b.xmpp.IQ(ctx, stanza.IQ("get", b.visitor(), mustJID(service), stanza.ItemsRequest(node, ids, most, nil)))
	}
	res, err := ask()
	for errors.Is(err, component.ErrTooLarge) && most > 1 { // long comments: fewer of them
		most /= 2
		res, err = ask()
	}
	var se *stanza.Error
	if errors.As(err, &se) && !se.Temporary() {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	items, _ = stanza.ParseItems(res)
	return items, true, nil
}

func (b *Bridge) subscribeTo(ctx context.Context, service, node string) error {
	_, err := b.xmpp.IQ(ctx, stanza.IQ("set", b.bare(), mustJID(service), stanza.SubscribeRequest(node, b.bare())))
	return err
}

// unwatch ends the subscription of a discussion that is over.
func (b *Bridge) unwatch(ctx context.Context, t db.Thread) error {
	if !t.Subscribed {
		return nil
	}
	_, err := b.xmpp.IQ(ctx, stanza.IQ("set", b.bare(), mustJID(t.Service), stanza.UnsubscribeRequest(t.Node, b.bare(), "")))
	var se *stanza.Error
	if err != nil && !errors.As(err, &se) {
		return err
	}
	return b.db.SetSubscribed(ctx, t.ID, false)
}

// lookAtThreads makes all young discussions be looked at: what was written while
// we were away is told by nobody (xmpp-servers §0.4).
func (b *Bridge) lookAtThreads(ctx context.Context) {
	created, after := b.nowMS()-watchFor.Milliseconds(), int64(0)
	for n := int64(0); ; {
		list, err := b.db.YoungThreads(ctx, created, after, 100)
		if err != nil {
			b.logger(ctx).Error("discussions not read after connecting", "err", err)
			return
		}
		for _, t := range list {
			created, after = t.Created, t.ID
			n++
			b.soon(ctx, threadJob(t.ID, b.nowMS()+1000+n*20))
		}
		if len(list) < 100 {
			return
		}
	}
}
