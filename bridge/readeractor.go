package bridge

import (
	"context"
	"errors"
	"fmt"

	"isthmus/component/stanza"
	"isthmus/db"
)

// readerActor is the actor in whose name somebody here follows others: their blog's
// when it is on the Fediverse, else a minimal one that says nothing of its own. They
// are told of that once (design §3).
func (b *Bridge) readerActor(ctx context.Context, who stanza.JID) (db.Blog, error) {
	if !b.serves(who) {
		return db.Blog{}, stanza.ErrForbidden(b.say(ctx, "follow.foreign"))
	}
	for range 5 {
		blog, err := b.db.BlogByNode(ctx, who.String(), stanza.NSMicroblog)
		if err == nil && blog.State != db.Gone {
			return blog, nil
		}
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return blog, err
		}
		e := b.enrolment()
		blog = db.Blog{
			Token: b.token(), Kind: "person", JID: who.String(), Node: stanza.NSMicroblog, State: db.Reader, Gate: db.GateUnknown, HideNetwork: true,
			EnrolledBy: who.String(), Created: b.nowMS(), ProfileAt: b.nowMS(),
		}
		if blog.Handle, err = e.handle(ctx, who, ""); err != nil {
			return blog, err
		}
		made, err := b.db.CreateBlog(ctx, blog)
		if errors.Is(err, db.ErrConflict) {
			continue // twice at once, or the handle was taken meanwhile
		}
		if err == nil {
			b.tell(who, b.say(b.speakTo(ctx, who), "follow.reader", "handle", b.addr.Acct(made.Handle)))
		}
		return made, err
	}
	return db.Blog{}, fmt.Errorf("no actor for %s could be made", who)
}

// voice is in whose name somebody speaks below posts of others at their virtual
// addresses: a blogger, or who follows others. nil of anybody else.
func (b *Bridge) voice(ctx context.Context, who string) (*db.Blog, error) {
	blog, err := b.db.BlogByNode(ctx, who, stanza.NSMicroblog)
	if errors.Is(err, db.ErrNotFound) || err == nil && blog.State != db.On && blog.State != db.Reader {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &blog, nil
}

// mayAct reports whether a blog may still say or do something at a place: a reader
// does at virtual addresses alone, where nobody else is spoken to.
func (b *Bridge) mayAct(blog db.Blog, service string) bool {
	return blog.State == db.On || blog.State == db.Reader && mustJID(service).Domain == b.cfg.Component
}
