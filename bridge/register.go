package bridge

import (
	"context"
	"errors"
	"strings"

	"isthmus/component"
	"isthmus/component/stanza"
)

// Registration describes XEP-0077 registration: it is “start” under another
// name.
func (b xmppSide) Registration(ctx context.Context, from stanza.JID) (component.Registration, error) {
	ctx = b.speakTo(ctx, from)
	if !b.serves(from.Bare()) {
		return component.Registration{}, stanza.ErrForbidden(b.say(ctx, "chat.foreign", "domains", strings.Join(b.cfg.Domains, ", ")))
	}
	_, err := b.ownBlog(ctx, asking{From: from.Bare().Fold()})
	return component.Registration{Registered: err == nil, Instructions: b.say(ctx, "blog.consent")}, nil
}

// Register turns the asker's blog on.
func (b xmppSide) Register(ctx context.Context, from stanza.JID, _ *stanza.Form) error {
	c, _ := findCommand("start")
	ans, err := b.run(ctx, c, asking{From: from})
	if err != nil {
		return err
	}
	b.tell(from.Bare(), ans.Text)
	return nil
}

// Unregister is “stop”, confirmed by the protocol itself (XEP-0077 §3.2). It is
// about what was registered, the asker's own blog, and no community node.
func (b xmppSide) Unregister(ctx context.Context, from stanza.JID) error {
	ctx = b.speakTo(ctx, from)
	blog, err := b.ownBlog(ctx, asking{From: from.Bare().Fold()})
	if err != nil {
		return errors.Join(stanza.ErrItemNotFound(b.say(ctx, "blog.notregistered")), ignoreNotFound(err))
	}
	return b.leave(ctx, &blog)
}
