package bridge

import (
	"context"
	"errors"
	"strings"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
)

// Registration (XEP-0077) is “start” under another name, with a form for what else
// one likes to decide. Who registers without it decides nothing.

// Fields of the form.
const (
	fieldAgreed       = "agreed"
	fieldApprove      = "approve"
	fieldDiscoverable = "discoverable"
)

// Registration describes it, with how things stand.
func (b xmppSide) Registration(ctx context.Context, from stanza.JID) (component.Registration, error) {
	ctx = b.speakTo(ctx, from)
	if !b.serves(from.Bare()) {
		return component.Registration{}, stanza.ErrForbidden(b.say(ctx, "chat.foreign", "domains", strings.Join(b.cfg.Domains, ", ")))
	}
	who := from.Bare().Fold()
	blog, err := b.ownBlog(ctx, asking{From: who})
	registered := err == nil
	if errors.Is(err, db.ErrNotFound) {
		blog = db.Blog{Approve: b.cfg.ApproveFollowers}
		blog.Handle, err = b.enrolment().handle(ctx, who, "")
	}
	if err != nil {
		return component.Registration{}, err
	}
	boolean := func(name, key string, v bool) stanza.Field {
		return stanza.Field{Var: name, Type: "boolean", Label: b.say(ctx, key), Values: []string{map[bool]string{true: "1", false: "0"}[v]}}
	}
	form := stanza.NewForm("form", stanza.NSRegister,
		stanza.Field{Type: "fixed", Values: []string{b.say(ctx, "register.handle", "handle", b.addr.Acct(blog.Handle))}},
		boolean(fieldDiscoverable, "cmd.discoverable.switch", blog.Discoverable),
		boolean(fieldApprove, "cmd.approval.switch", blog.Approve))
	if !registered {
		agreed := boolean(fieldAgreed, "register.agreed", false)
		agreed.Required = true
		form.Fields = append(form.Fields, agreed)
	}
	form.Title, form.Instructions = b.cfg.Name, b.say(ctx, "blog.consent")
	return component.Registration{Registered: registered, Instructions: form.Instructions, Form: form}, nil
}

// Register turns the asker's blog on, and sets what the form says. Who is registered
// changes what the form says and nothing else: a blog that is paused stays so.
func (b xmppSide) Register(ctx context.Context, from stanza.JID, form *stanza.Form) error {
	ctx = b.speakTo(ctx, from)
	a := asking{From: from.Bare().Fold()}
	blog, err := b.ownBlog(ctx, a)
	if ignoreNotFound(err) != nil {
		return err
	}
	registered := err == nil
	said := func(name string) (v, ok bool) {
		for _, f := range form.Fields {
			if f.Var == name {
				return isTrue(form.Value(name)), true
			}
		}
		return false, false
	}
	_, listed := said(fieldDiscoverable)
	_, approves := said(fieldApprove)
	if registered && (listed || approves) {
		if err := b.notSuspended(ctx, a.From); err != nil {
			return err
		}
		if err := b.setOptions(ctx, blog.ID, said); err != nil {
			return err
		}
		b.tell(from.Bare(), b.describe(ctx, &blog, false))
		return nil
	}
	if agreed, asked := said(fieldAgreed); !registered && asked && !agreed {
		return stanza.ErrNotAcceptable(b.say(ctx, "register.agree"))
	}
	c, _ := findCommand("start")
	ans, err := b.run(ctx, c, a)
	if err != nil {
		return err
	}
	blog, err = b.ownBlog(ctx, a)
	if errors.Is(err, db.ErrNotFound) { // such as where the admin turns blogs on
		return stanza.ErrNotAllowed(ans.Text)
	}
	if err != nil {
		return err
	}
	if err := b.setOptions(ctx, blog.ID, said); err != nil {
		return err
	}
	b.tell(from.Bare(), ans.Text)
	return nil
}

// setOptions writes what a form says of a blog's options; said reports a field's
// value, and whether it is there.
func (b *Bridge) setOptions(ctx context.Context, blog int64, said func(string) (v, ok bool)) error {
	return b.changeActor(ctx, blog, func(tx *db.Tx, now *db.Blog) (bool, error) {
		before := *now
		if v, ok := said(fieldDiscoverable); ok {
			now.Discoverable, now.Indexable = v, v
		}
		if v, ok := said(fieldApprove); ok {
			now.Approve = v
		}
		if *now == before {
			return false, nil
		}
		return true, tx.SetOptions(ctx, *now)
	})
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
