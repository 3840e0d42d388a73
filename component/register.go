package component

import (
	"context"
	"slices"

	"isthmus/component/stanza"
)

// legacyFields are the children that jabber:iq:register knows without a data
// form (XEP-0077 §14.1).
var legacyFields = []string{
	"username", "nick", "password", "name", "first", "last", "email", "address", "city",
	"state", "zip", "phone", "url", "date", "misc", "text", "key",
}

// register answers XEP-0077. The registered entity is the bare JID.
func (c *Component) register(ctx context.Context, e, q *stanza.Element) (*stanza.Element, error) {
	from := e.From().Bare()
	if e.Type() == "get" {
		r, err := c.h.Registration(ctx, from)
		if err != nil {
			return nil, err
		}
		return registrationElement(r), nil
	}
	if q.First(stanza.NSRegister, "remove") != nil {
		if len(q.Elements()) != 1 { // XEP-0077 §3.2
			return nil, stanza.ErrBadRequest("remove must stand alone")
		}
		return nil, c.h.Unregister(ctx, from)
	}
	form := submission(q)
	if form.Type == "cancel" { // XEP-0004 §3.4: nothing was asked
		return nil, nil
	}
	return nil, c.h.Register(ctx, from, form)
}

// registrationElement offers the form, and what of it old clients can show.
func registrationElement(r Registration) *stanza.Element {
	q := stanza.New(stanza.NSRegister, "query")
	if r.Registered {
		q.Add(stanza.New(stanza.NSRegister, "registered"))
	}
	q.AddTextElement("instructions", r.Instructions)
	if r.Form == nil {
		return q
	}
	for _, f := range r.Form.Fields {
		if slices.Contains(legacyFields, f.Var) {
			q.Add(stanza.New(stanza.NSRegister, f.Var).AddText(r.Form.Value(f.Var)))
		}
	}
	return q.Add(r.Form.Element())
}

// submission reads what was filled in: the form if there is one (XEP-0077 §4),
// else the legacy fields as if they had been one.
func submission(q *stanza.Element) *stanza.Form {
	if f := stanza.ParseForm(q); f != nil {
		return f
	}
	f := stanza.NewForm("submit", stanza.NSRegister)
	for _, child := range q.Elements() {
		if child.Space == stanza.NSRegister && slices.Contains(legacyFields, child.Local) {
			f.Fields = append(f.Fields, stanza.Field{Var: child.Local, Values: []string{child.Text()}})
		}
	}
	return f
}
