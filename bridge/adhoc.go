package bridge

import (
	"context"
	"strings"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/words"
)

// Fields of forms that are no arguments: whether somebody is sure, and what was
// asked for besides the arguments.
const (
	fieldSure = "sure"
	fieldMore = "more"
)

// Commands lists what an address may run (XEP-0050 §2.2).
func (b xmppSide) Commands(ctx context.Context, from stanza.JID) []component.CommandInfo {
	ctx = b.speakTo(ctx, from)
	var out []component.CommandInfo
	for _, c := range commands {
		if b.may(from, c) {
			name := upperFirst(c.Name) + ": " + c.text(b.Bridge, ctx, "")
			out = append(out, component.CommandInfo{Node: c.Name, Name: name})
			if c.Node != "" {
				out = append(out, component.CommandInfo{Node: c.Node, Name: name})
			}
		}
	}
	return out
}

// Execute runs a command: at once when it takes no argument, after a form when
// it does, and after further forms when it asks back.
func (b xmppSide) Execute(ctx context.Context, req component.CommandRequest) (component.CommandReply, error) {
	ctx = b.withStanza(ctx, req.Session, req.From.Bare().String())
	c, ok := commandAt(req.Node)
	if !ok || !b.may(req.From, c) {
		return component.CommandReply{}, stanza.ErrItemNotFound(b.say(ctx, "chat.none"))
	}
	if req.Action == "cancel" || req.Form != nil && req.Form.Type == "cancel" {
		return component.CommandReply{Canceled: true}, nil
	}
	a := asking{From: req.From.Bare().Fold()}
	if req.Form == nil && len(c.Fields) > 0 {
		return component.CommandReply{Form: b.commandForm(ctx, c, a), Actions: []string{"complete"}}, nil
	}
	if req.Form != nil {
		a.fill(c, req.Form)
	}
	ans, err := b.run(ctx, c, a)
	if err != nil {
		return component.CommandReply{}, err
	}
	if ans.Confirm || ans.Ask != nil {
		return component.CommandReply{Form: b.stage(ctx, c, req.Form, ans), Actions: []string{"complete"}}, nil
	}
	reply := component.CommandReply{Note: ans.Text, NoteType: "info", Done: true}
	if len(ans.Next) > 0 {
		reply.Note += "\n\n" + b.nextLine(ctx, ans.Next)
	}
	if ans.Picture != "" {
		reply.Form = stanza.NewForm("result", "", stanza.Field{Var: "picture", Type: "text-single", Label: b.say(ctx, "chat.picture"), Values: []string{ans.Picture},
			Media: []stanza.Media{{Type: "image/*", URI: ans.Picture}}})
		reply.Form.Title = c.Name
	}
	return reply, nil
}

// fill reads the arguments from a form, as they would stand in a chat line.
func (a *asking) fill(c command, form *stanza.Form) {
	var said []string
	add := func(name string) {
		for _, f := range form.Fields {
			if f.Var == name {
				said = append(said, strings.Join(f.Values, "\n"))
			}
		}
	}
	for _, f := range c.Fields {
		add(f.Var)
	}
	add(fieldMore)
	a.Rest = strings.TrimSpace(strings.Join(said, " "))
	a.Words = strings.Fields(a.Rest)
	a.Sure = isTrue(form.Value(fieldSure))
}

// commandForm asks for a command's arguments.
func (b *Bridge) commandForm(ctx context.Context, c command, a asking) *stanza.Form {
	f := &stanza.Form{Type: "form", Title: c.Name, Instructions: c.text(b, ctx, "")}
	var begin map[string]string
	if c.Fill != nil {
		begin = c.Fill(b, ctx, a)
	}
	for _, x := range c.Fields {
		if v, ok := begin[x.Var]; ok {
			x.Value = v
		}
		f.Fields = append(f.Fields, b.formField(ctx, c, x))
	}
	return f
}

func (b *Bridge) formField(ctx context.Context, c command, x field) stanza.Field {
	out := stanza.Field{Var: x.Var, Type: x.Type, Label: c.text(b, ctx, x.Var), Desc: c.text(b, ctx, x.Var+".more")}
	if out.Type == "" {
		out.Type = "text-single"
	}
	if x.Value != "" {
		out.Values = strings.Split(x.Value, "\n")
	}
	for _, o := range x.Options {
		label := c.text(b, ctx, x.Var+"."+o) // of this field, else of all that have it
		if label == "" && words.Known("cmd.option."+o) {
			label = b.say(ctx, "cmd.option."+o)
		}
		if label == "" {
			label = o
		}
		out.Options = append(out.Options, stanza.Option{Label: label, Value: o})
	}
	return out
}

// stage is the form after the first one: it asks back, and carries what was said.
func (b *Bridge) stage(ctx context.Context, c command, before *stanza.Form, ans answer) *stanza.Form {
	form := &stanza.Form{Type: "form", Title: c.Name, Instructions: ans.Text}
	if ans.Ask != nil {
		more := b.formField(ctx, c, *ans.Ask)
		more.Var = fieldMore
		form.Fields = append(form.Fields, more)
	} else {
		form.Fields = append(form.Fields, stanza.Field{Var: fieldSure, Type: "boolean", Label: b.say(ctx, "chat.sure.label"), Values: []string{"0"}})
	}
	if before != nil {
		for _, f := range before.Fields {
			if f.Var != fieldSure && f.Var != "FORM_TYPE" {
				form.Fields = append(form.Fields, stanza.Field{Var: f.Var, Type: "hidden", Values: f.Values})
			}
		}
	}
	return form
}

func isTrue(s string) bool { return s == "1" || s == "true" }
