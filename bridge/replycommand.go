package bridge

import (
	"context"
	"errors"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// cmdReply answers a post: at its author's virtual address as a comment from a
// client would, or in the comments node of a blog from here, in the asker's name.
func (b *Bridge) cmdReply(ctx context.Context, a asking) (answer, error) {
	if a.word(0) == "" {
		return answer{Text: b.say(ctx, "react.what")}, nil
	}
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
	text := a.after(1)
	if len(text) > maxPostText {
		return answer{Text: b.say(ctx, "post.long", "bytes", maxPostText)}, nil
	}
	if text == "" && len(a.Files) == 0 {
		return answer{Text: b.say(ctx, "react.reply.text", "author", p.author(b, ctx)), Ask: &field{Var: "text", Type: "text-multi"}}, nil
	}
	if p.post.ID != 0 {
		return b.replyHere(ctx, a, p, text)
	}
	if _, err := b.actingAs(ctx, a.From); err != nil {
		return inWords(err)
	}
	author := b.authorOf(p.remote).JID
	if author.IsZero() {
		return answer{Text: b.say(ctx, "react.nothing")}, nil
	}
	item := b.token()
	entry := b.written(ctx, a.From, item, text, b.filesOf(a))
	_, err = xmppSide{b}.Publish(ctx, component.Publication{
		From: a.From, To: author, Node: commentsPrefix + p.note.Item, Item: stanza.Item{ID: item, Payload: entry.Element()},
	})
	if err != nil {
		return inWords(err)
	}
	b.showed(ctx, a.From, p.object)
	return b.replied(ctx, p, place{author.String(), commentsPrefix + p.note.Item, item})
}

// replied says where an answer is, if it is known by now.
func (b *Bridge) replied(ctx context.Context, p pointed, at place) (answer, error) {
	post, err := b.db.PostAt(ctx, at.service, at.node, at.item)
	if err != nil {
		return answer{Text: b.say(ctx, "react.replied.soon", "author", p.author(b, ctx))}, ignoreNotFound(err)
	}
	blog, err := b.db.BlogByID(ctx, post.BlogID)
	if err != nil {
		return answer{}, err
	}
	link := b.addr.PostPage(blog.Handle, post.Token)
	return answer{
		Text: b.say(ctx, "react.replied", "author", p.author(b, ctx), "link", link),
		Next: []string{"thread " + p.link, "like " + p.link},
	}, nil
}

// replyHere answers a post of a blog from here in its comments node, where the
// asker's server lets us write in their name.
func (b *Bridge) replyHere(ctx context.Context, a asking, p pointed, text string) (answer, error) {
	blog, err := b.db.BlogByID(ctx, p.post.BlogID)
	if err != nil {
		return answer{}, err
	}
	if mustJID(p.post.Service).Domain == b.cfg.Component { // a comment from here on somebody's post
		return b.replyBelow(ctx, a, p, text)
	}
	uri := b.itemURI(&blog, p.post).String()
	var thread db.Thread
	if p.post.Thread != 0 {
		thread, err = b.db.ThreadByID(ctx, p.post.Thread)
	} else {
		thread, err = b.threadOf(ctx, &blog, p.post)
	}
	if errors.Is(err, db.ErrNotFound) {
		return answer{Text: b.say(ctx, "react.nocomments", "item", uri)}, nil
	}
	if err != nil {
		return answer{}, err
	}
	if !b.xmpp.MayAct(a.From.Domain, stanza.NSPubSub) {
		return answer{Text: b.say(ctx, "react.yourself", "item", uri)}, nil
	}
	item := b.token()
	entry := b.written(ctx, a.From, item, text, b.filesOf(a))
	if p.post.Service != "" { // a comment is answered: Movim and we know by its address
		entry.InReplyTo = []stanza.InReply{{Ref: uri, Href: uri}}
	}
	to := mustJID(thread.Service)
	_, err = b.xmpp.As(ctx, a.From, stanza.IQ("set", stanza.JID{}, to, stanza.PublishRequest(thread.Node, stanza.Item{ID: item, Payload: entry.Element()}, nil)))
	if err != nil {
		return b.notPosted(ctx, err)
	}
	b.soon(ctx, threadJob(thread.ID, b.nowMS()+1000))
	b.showed(ctx, a.From, p.object)
	return b.replied(ctx, p, place{thread.Service, thread.Node, item})
}

// replyBelow answers a comment from here that stands at somebody's virtual address.
func (b *Bridge) replyBelow(ctx context.Context, a asking, p pointed, text string) (answer, error) {
	if _, err := b.actingAs(ctx, a.From); err != nil {
		return inWords(err)
	}
	item := b.token()
	entry := b.written(ctx, a.From, item, text, b.filesOf(a))
	uri := stanza.ItemURI(mustJID(p.post.Service), p.post.Node, p.post.Item).String()
	entry.InReplyTo = []stanza.InReply{{Ref: uri, Href: uri}}
	_, err := xmppSide{b}.Publish(ctx, component.Publication{
		From: a.From, To: mustJID(p.post.Service), Node: p.post.Node, Item: stanza.Item{ID: item, Payload: entry.Element()},
	})
	if err != nil {
		return inWords(err)
	}
	return b.replied(ctx, p, place{p.post.Service, p.post.Node, item})
}
