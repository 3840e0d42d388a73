package bridge

import (
	"context"
	"errors"
	"strings"

	"isthmus/component"
	"isthmus/component/stanza"
)

const fieldSure = "sure"

// Commands lists what an address may run (XEP-0050 §2.2).
func (b xmppSide) Commands(_ context.Context, from stanza.JID) []component.CommandInfo {
	if !b.serves(from.Bare()) {
		return nil
	}
	out := make([]component.CommandInfo, 0, len(commands))
	for _, c := range commands {
		out = append(out, component.CommandInfo{Node: c.Name, Name: strings.ToUpper(c.Name[:1]) + c.Name[1:] + ": " + c.Summary})
	}
	return out
}

// Execute runs a command: at once when it takes no argument, after a form when
// it does, and after a second form when it asks back.
func (b xmppSide) Execute(ctx context.Context, req component.CommandRequest) (component.CommandReply, error) {
	ctx = b.withStanza(ctx, req.Session, req.From.Bare().String())
	c, ok := findCommand(req.Node)
	if !ok {
		return component.CommandReply{}, stanza.ErrItemNotFound("There is no such command.")
	}
	if req.Action == "cancel" {
		return component.CommandReply{Canceled: true}, nil
	}
	if req.Form == nil && len(c.Fields) > 0 {
		if !b.serves(req.From.Bare()) {
			return component.CommandReply{}, stanza.ErrForbidden("")
		}
		return component.CommandReply{Form: c.form(), Actions: []string{"complete"}}, nil
	}
	a := asking{From: req.From}
	if req.Form != nil {
		for _, f := range c.Fields {
			a.Words = append(a.Words, strings.Fields(req.Form.Value(f.Var))...)
		}
		a.Sure = isTrue(req.Form.Value(fieldSure))
		if req.Form.Type == "cancel" {
			return component.CommandReply{Canceled: true}, nil
		}
	}
	ans, err := b.run(ctx, c, a)
	if err != nil {
		return component.CommandReply{}, err
	}
	if ans.Confirm {
		form := &stanza.Form{Type: "form", Title: c.Name, Instructions: ans.Text, Fields: []stanza.Field{
			{Var: fieldSure, Type: "boolean", Label: "Yes, I am sure", Values: []string{"0"}},
		}}
		for i, f := range c.Fields { // carry the arguments to the second stage
			form.Fields = append(form.Fields, stanza.Field{Var: f.Var, Type: "hidden", Values: []string{a.word(i)}})
		}
		return component.CommandReply{Form: form, Actions: []string{"complete"}}, nil
	}
	reply := component.CommandReply{Note: ans.Text, NoteType: "info", Done: true}
	if ans.Picture != "" {
		reply.Form = stanza.NewForm("result", "", stanza.Field{Var: "picture", Type: "text-single", Label: "Picture", Values: []string{ans.Picture},
			Media: []stanza.Media{{Type: "image/*", URI: ans.Picture}}})
		reply.Form.Title = c.Name
	}
	return reply, nil
}

func (c command) form() *stanza.Form {
	f := &stanza.Form{Type: "form", Title: c.Name, Instructions: c.Summary}
	for _, x := range c.Fields {
		f.Fields = append(f.Fields, stanza.Field{Var: x.Var, Type: "text-single", Label: x.Label, Desc: x.Desc})
	}
	return f
}

func isTrue(s string) bool { return s == "1" || s == "true" }

// Registration describes XEP-0077 registration: it is “start” under another
// name.
func (b xmppSide) Registration(ctx context.Context, from stanza.JID) (component.Registration, error) {
	if !b.serves(from.Bare()) {
		return component.Registration{}, stanza.ErrForbidden("This gateway serves accounts of " + strings.Join(b.cfg.Domains, ", ") + " only.")
	}
	_, err := b.ownBlog(ctx, asking{From: from.Bare().Fold()})
	return component.Registration{Registered: err == nil, Instructions: textConsent}, nil
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
	blog, err := b.ownBlog(ctx, asking{From: from.Bare().Fold()})
	if err != nil {
		return errors.Join(stanza.ErrItemNotFound("You are not registered."), ignoreNotFound(err))
	}
	return b.leave(ctx, &blog)
}
