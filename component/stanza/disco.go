package stanza

import (
	"cmp"
	"crypto/sha1"
	"encoding/base64"
	"slices"
	"strings"
)

// Info is an answer to disco#info (XEP-0030 §3.1); Forms are its extensions
// (XEP-0128).
type Info struct {
	Identities []Identity
	Features   []string
	Forms      []Form
}

// Identity is one identity of an entity.
type Identity struct {
	Category, Type, Name, Lang string
}

// DiscoItem is one entry of disco#items (XEP-0030 §4.1).
type DiscoItem struct {
	JID        JID
	Node, Name string
}

// Element makes the <query/> of disco#info; node may be empty.
func (i Info) Element(node string) *Element {
	q := New(NSDiscoInfo, "query", "node", node)
	for _, id := range i.Identities {
		e := New(NSDiscoInfo, "identity", "category", id.Category, "type", id.Type, "name", id.Name)
		if id.Lang != "" {
			e.Attr = append(e.Attr, Attr{Space: "xml", Local: "lang", Value: id.Lang})
		}
		q.Add(e)
	}
	for _, f := range i.Features {
		q.Add(New(NSDiscoInfo, "feature", "var", f))
	}
	for _, f := range i.Forms {
		q.Add(f.Element())
	}
	return q
}

// ParseInfo reads disco#info; e is the query or the IQ that holds it.
func ParseInfo(e *Element) Info {
	if !e.Is(NSDiscoInfo, "query") {
		e = e.First(NSDiscoInfo, "query")
	}
	var i Info
	for _, c := range e.All(NSDiscoInfo, "identity") {
		i.Identities = append(i.Identities, Identity{Category: c.Get("category"), Type: c.Get("type"), Name: c.Get("name"), Lang: c.Lang()})
	}
	for _, c := range e.All(NSDiscoInfo, "feature") {
		i.Features = append(i.Features, c.Get("var"))
	}
	for _, c := range e.All(NSData, "x") {
		i.Forms = append(i.Forms, *ParseForm(c))
	}
	return i
}

// Has reports whether a feature is listed.
func (i Info) Has(feature string) bool { return slices.Contains(i.Features, feature) }

// Form returns the extension with this FORM_TYPE, or nil.
func (i Info) Form(formType string) *Form {
	for k := range i.Forms {
		if i.Forms[k].FormType() == formType {
			return &i.Forms[k]
		}
	}
	return nil
}

// Ver is the verification string of entity capabilities (XEP-0115 §5.1), hash
// sha-1, in base64.
func (i Info) Ver() string {
	ids := slices.SortedFunc(slices.Values(i.Identities), func(a, b Identity) int {
		return cmp.Or(strings.Compare(a.Category, b.Category), strings.Compare(a.Type, b.Type),
			strings.Compare(a.Lang, b.Lang), strings.Compare(a.Name, b.Name))
	})
	var parts []string
	for _, id := range ids {
		parts = append(parts, id.Category+"/"+id.Type+"/"+id.Lang+"/"+id.Name)
	}
	parts = append(parts, slices.Sorted(slices.Values(i.Features))...)
	forms := slices.Clone(i.Forms)
	slices.SortFunc(forms, func(a, b Form) int { return strings.Compare(a.FormType(), b.FormType()) })
	for _, f := range forms {
		if f.FormType() == "" { // §5.4: a form without FORM_TYPE is left out
			continue
		}
		parts = append(parts, f.FormType())
		fields := slices.Clone(f.Fields)
		slices.SortFunc(fields, func(a, b Field) int { return strings.Compare(a.Var, b.Var) })
		for _, fl := range fields {
			if fl.Var == "FORM_TYPE" {
				continue
			}
			parts = append(append(parts, fl.Var), slices.Sorted(slices.Values(fl.Values))...)
		}
	}
	var s strings.Builder
	for _, p := range parts {
		s.WriteString(p)
		s.WriteByte('<')
	}
	sum := sha1.Sum([]byte(s.String()))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Caps makes the <c/> of a presence (XEP-0115 §4).
func Caps(node, ver string) *Element {
	return New(NSCaps, "c", "hash", "sha-1", "node", node, "ver", ver)
}

// ParseCaps reads the <c/> of a presence; hash is "" in the oldest form, where
// ver is a version and proves nothing.
func ParseCaps(presence *Element) (node, ver, hash string, ok bool) {
	c := presence.First(NSCaps, "c")
	return c.Get("node"), c.Get("ver"), c.Get("hash"), c != nil
}

// DiscoItems makes the <query/> of disco#items; node may be empty.
func DiscoItems(node string, items []DiscoItem) *Element {
	q := New(NSDiscoItems, "query", "node", node)
	for _, it := range items {
		q.Add(New(NSDiscoItems, "item", "jid", it.JID.String(), "node", it.Node, "name", it.Name))
	}
	return q
}

// ParseDiscoItems reads disco#items; e is the query or the IQ that holds it.
// Entries without an address are left out (XEP-0030 §4.1: jid is required).
func ParseDiscoItems(e *Element) []DiscoItem {
	if !e.Is(NSDiscoItems, "query") {
		e = e.First(NSDiscoItems, "query")
	}
	var out []DiscoItem
	for _, c := range e.All(NSDiscoItems, "item") {
		if j, err := ParseJID(c.Get("jid")); err == nil {
			out = append(out, DiscoItem{JID: j, Node: c.Get("node"), Name: c.Get("name")})
		}
	}
	return out
}
