package component

import (
	"context"
	"strings"

	"isthmus/component/stanza"
)

const (
	fieldSearch  = "what"
	legacySearch = "nick" // of the fields of XEP-0055 §2.1, the nearest
)

// search is XEP-0055 on the bare domain: one field, in a form and without.
func (c *Component) search(ctx context.Context, e, q *stanza.Element) (*stanza.Element, error) {
	hints := c.h.Hints(ctx, e.From())
	if e.Type() == "get" {
		form := stanza.NewForm("form", stanza.NSSearch, stanza.Field{Var: fieldSearch, Type: "text-single", Label: hints.Field})
		form.Title, form.Instructions = hints.Title, hints.Search
		out := stanza.New(stanza.NSSearch, "query").AddTextElement("instructions", hints.Search)
		return out.Add(stanza.New(stanza.NSSearch, legacySearch), form.Element()), nil
	}
	what, legacy := "", true
	if form := stanza.ParseForm(q); form != nil {
		legacy = false
		for _, f := range form.Fields {
			if f.Var != "FORM_TYPE" {
				what += " " + strings.Join(f.Values, " ")
			}
		}
	} else {
		for _, f := range q.Elements() { // whichever of them was filled in
			what += " " + f.Text()
		}
	}
	if what = strings.TrimSpace(what); what == "" {
		return nil, stanza.ErrNotAcceptable(hints.Search)
	}
	hits, err := c.h.Search(ctx, e.From(), what)
	if err != nil {
		return nil, err
	}
	if legacy || len(hits) == 0 { // nothing found is an empty query, §2.1
		return legacyHits(hits), nil
	}
	return stanza.New(stanza.NSSearch, "query").Add(formHits(hits, hints).Element()), nil
}

// legacyHits is a result for clients without forms (§2.1).
func legacyHits(hits []Found) *stanza.Element {
	out := stanza.New(stanza.NSSearch, "query")
	for _, h := range hits {
		out.Add(stanza.New(stanza.NSSearch, "item", "jid", h.JID.String()).
			AddTextElement("first", h.Name).AddTextElement("last", "").AddTextElement("nick", h.Handle).AddTextElement("email", ""))
	}
	return out
}

// formHits is a result with columns (§2.2).
func formHits(hits []Found, hints Hints) *stanza.Form {
	f := stanza.NewForm("result", stanza.NSSearch)
	for _, x := range [][2]string{{"jid", "jid-single"}, {"handle", "text-single"}, {"name", "text-single"}, {"note", "text-multi"}, {"page", "text-single"}, {"avatar", "text-single"}} {
		f.Reported = append(f.Reported, stanza.Field{Var: x[0], Type: x[1], Label: hints.Columns[x[0]]})
	}
	for _, h := range hits {
		var row []stanza.Field
		for _, x := range [][2]string{{"jid", h.JID.String()}, {"handle", h.Handle}, {"name", h.Name}, {"note", h.Note}, {"page", h.Page}, {"avatar", h.Avatar}} {
			row = append(row, stanza.Field{Var: x[0], Values: []string{x[1]}})
		}
		f.Items = append(f.Items, row)
	}
	return f
}

// prompt is jabber:iq:gateway on the bare domain (XEP-0100 §6.3): a name of the
// other network becomes an address.
func (c *Component) prompt(ctx context.Context, e, q *stanza.Element) (*stanza.Element, error) {
	out, hints := stanza.New(stanza.NSGateway, "query"), c.h.Hints(ctx, e.From())
	if e.Type() == "get" {
		return out.AddTextElement("desc", hints.Search).AddTextElement("prompt", hints.Prompt), nil
	}
	what := strings.TrimSpace(q.First(stanza.NSGateway, "prompt").Text())
	if what == "" {
		return nil, stanza.ErrBadRequest(hints.Search)
	}
	jid, err := c.h.Locate(ctx, e.From(), what)
	if err != nil {
		return nil, err
	}
	return out.AddTextElement("jid", jid.String()), nil
}
