package component

import (
	"context"
	"strings"

	"isthmus/component/stanza"
)

const (
	searchHint   = "Look for somebody on the Fediverse: @user@host, or the address of a profile or post."
	promptHint   = "Who is it on the Fediverse?"
	fieldSearch  = "what"
	legacySearch = "nick" // of the fields of XEP-0055 §2.1, the nearest
)

// search is XEP-0055 on the bare domain: one field, in a form and without.
func (c *Component) search(ctx context.Context, e, q *stanza.Element) (*stanza.Element, error) {
	if e.Type() == "get" {
		form := stanza.NewForm("form", stanza.NSSearch, stanza.Field{Var: fieldSearch, Type: "text-single", Label: "Who or what"})
		form.Title, form.Instructions = "Search", searchHint
		out := stanza.New(stanza.NSSearch, "query").AddTextElement("instructions", searchHint)
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
		return nil, stanza.ErrNotAcceptable(searchHint)
	}
	hits, err := c.h.Search(ctx, e.From(), what)
	if err != nil {
		return nil, err
	}
	if legacy || len(hits) == 0 { // nothing found is an empty query, §2.1
		return legacyHits(hits), nil
	}
	return stanza.New(stanza.NSSearch, "query").Add(formHits(hits).Element()), nil
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
func formHits(hits []Found) *stanza.Form {
	f := stanza.NewForm("result", stanza.NSSearch)
	f.Reported = []stanza.Field{
		{Var: "jid", Type: "jid-single", Label: "Address"}, {Var: "handle", Type: "text-single", Label: "Handle"}, {Var: "name", Type: "text-single", Label: "Name"},
		{Var: "note", Type: "text-multi", Label: "About"}, {Var: "page", Type: "text-single", Label: "Page"}, {Var: "avatar", Type: "text-single", Label: "Picture"},
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
	out := stanza.New(stanza.NSGateway, "query")
	if e.Type() == "get" {
		return out.AddTextElement("desc", searchHint).AddTextElement("prompt", promptHint), nil
	}
	what := strings.TrimSpace(q.First(stanza.NSGateway, "prompt").Text())
	if what == "" {
		return nil, stanza.ErrBadRequest(searchHint)
	}
	jid, err := c.h.Locate(ctx, e.From(), what)
	if err != nil {
		return nil, err
	}
	return out.AddTextElement("jid", jid.String()), nil
}
