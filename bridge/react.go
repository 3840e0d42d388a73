package bridge

import (
	"context"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// This file is likes and boosts by command.

// boostsPrefix is the node at an author's virtual address where boosts by command
// are kept. Nobody can read it: what shows a boost in XMPP is a repeat in a blog.
const boostsPrefix = "boosts/"

// deedPlace is where a deed by command stands: at the post's author's virtual
// address, a like among the attachments, under the address of whose it is (XEP-0470
// §4.2). One about a post from here stands at ours, since nobody's server showed it.
func (b *Bridge) deedPlace(ctx context.Context, who stanza.JID, p pointed, kind string) (place, error) {
	at := place{service: b.cfg.Component, item: who.String()}
	uri := stanza.URI{}
	if p.post.ID != 0 {
		blog, err := b.db.BlogByID(ctx, p.post.BlogID)
		if err != nil {
			return at, err
		}
		uri = b.itemURI(&blog, p.post)
	} else {
		author := b.authorOf(p.remote).JID
		if author.IsZero() {
			return at, stanza.ErrItemNotFound(b.say(ctx, "react.nothing"))
		}
		at.service = author.String()
		uri = stanza.ItemURI(author, stanza.NSMicroblog, p.note.Item)
	}
	if at.node = stanza.AttachmentsNode(uri); kind == reactAnnounce {
		at.node = boostsPrefix + p.object
	}
	return at, nil
}

// did is what somebody did to an object of this kind, if anything.
func (b *Bridge) did(ctx context.Context, blog int64, object, kind string) (db.Deed, error) {
	list, err := b.db.DeedsOn(ctx, object, 1000)
	if err != nil {
		return db.Deed{}, err
	}
	for _, d := range list {
		if d.BlogID == blog && d.Kind == kind && d.Content == "" {
			return d, nil
		}
	}
	return db.Deed{}, db.ErrNotFound
}

func (b *Bridge) cmdLike(ctx context.Context, a asking) (answer, error) {
	return b.reactTo(ctx, a, reactLike, "react.liked", "react.liked.already", "unlike ")
}

func (b *Bridge) cmdBoost(ctx context.Context, a asking) (answer, error) {
	return b.reactTo(ctx, a, reactAnnounce, "react.boosted", "react.boosted.already", "unboost ")
}

// reactTo likes or boosts; done and already are what to say.
func (b *Bridge) reactTo(ctx context.Context, a asking, kind, done, already, back string) (answer, error) {
	p, err := b.point(ctx, a.From, a.word(0))
	if err == nil && p.private {
		err = stanza.ErrForbidden(b.say(ctx, "react.private"))
	}
	if err != nil {
		return inWords(err)
	}
	if !b.quota.take("deed by "+a.From.String(), deedsPerHour, b.now()) {
		return answer{Text: b.tooMuch(ctx)}, nil
	}
	blog, err := b.actingAs(ctx, a.From)
	if err != nil {
		return inWords(err)
	}
	at, err := b.deedPlace(ctx, a.From, p, kind)
	if err != nil {
		return inWords(err)
	}
	b.showed(ctx, a.From, p.object)
	ans := answer{Next: []string{back + p.link, "reply " + p.link}}
	switch _, err := b.did(ctx, blog.ID, p.object, kind); {
	case err == nil:
		ans.Text = b.say(ctx, already, "author", p.author(b, ctx), "link", p.link)
		return ans, nil
	case ignoreNotFound(err) != nil:
		return answer{}, err
	}
	if _, err := b.key(ctx, blog.ID); err != nil { // made before the transaction, which has the only writer
		return answer{}, err
	}
	if kind == reactLike {
		err = b.likes(ctx, &blog, at, p.target, "")
	} else {
		err = b.boosts(ctx, &blog, at, p.target)
	}
	ans.Text = b.say(ctx, done, "author", p.author(b, ctx), "link", p.link)
	return ans, err
}

// boosts makes somebody boost a post.
func (b *Bridge) boosts(ctx context.Context, blog *db.Blog, at place, t target) error {
	row := db.Activity{Token: b.token(), BlogID: blog.ID, Type: "Announce", Created: b.nowMS()}
	actor := b.addr.Actor(blog.Token)
	row.Body = string(mapping.Announce(actor, b.addr.Activity(row.Token), t.object, t.remote.Actor, b.addr.Followers(blog.Token), b.now()).JSON())
	return b.do(ctx, blog, row, db.Deed{Kind: reactAnnounce, Object: t.object, Service: at.service, Node: at.node, Item: at.item}, t, db.ToFollowers)
}

func (b *Bridge) cmdUnlike(ctx context.Context, a asking) (answer, error) {
	return b.unreacted(ctx, a, reactLike, "react.unliked", "react.unliked.never", "like ")
}

func (b *Bridge) cmdUnboost(ctx context.Context, a asking) (answer, error) {
	return b.unreacted(ctx, a, reactAnnounce, "react.unboosted", "react.unboosted.never", "boost ")
}

// unreacted takes a like or boost back. One that stands in somebody's node in XMPP
// is taken back there: it would only be found again.
func (b *Bridge) unreacted(ctx context.Context, a asking, kind, done, never, again string) (answer, error) {
	p, err := b.point(ctx, a.From, a.word(0))
	if err != nil {
		return inWords(err)
	}
	none := answer{Text: b.say(ctx, never, "link", p.link), Next: []string{again + p.link, "thread " + p.link}}
	blog, err := b.db.BlogByNode(ctx, a.From.String(), stanza.NSMicroblog)
	if err != nil {
		return none, ignoreNotFound(err)
	}
	d, err := b.did(ctx, blog.ID, p.object, kind)
	if err != nil {
		return none, ignoreNotFound(err)
	}
	if mustJID(d.Service).Domain != b.cfg.Component {
		uri := stanza.ItemURI(mustJID(d.Service), d.Node, d.Item).String()
		return answer{Text: b.say(ctx, "react.inxmpp", "item", uri)}, nil
	}
	if err := b.undoDeed(ctx, d); err != nil {
		return answer{}, err
	}
	return answer{Text: b.say(ctx, done, "author", p.author(b, ctx), "link", p.link), Next: none.Next}, nil
}
