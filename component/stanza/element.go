// Package stanza is the leaf of the XMPP side: the XML tree, addresses, errors
// and payloads that stanzas carry. It reads leniently and writes strictly, and
// does no I/O; who sends a stanza, and why, is decided elsewhere.
package stanza

import (
	"cmp"
	"slices"
	"strings"
)

// Attr is one attribute. Space is a namespace URI, "" for plain attributes and
// "xml" for xml:lang and its kin.
type Attr struct {
	Space, Local, Value string
}

// Node is one child of an Element: an element when Elem is set, text otherwise.
type Node struct {
	Elem *Element
	Text string
}

// Element is an XML element with its children in document order. A stanza is an
// Element named iq, message or presence; on component streams its Space is
// NSComponent, which the printer leaves out.
type Element struct {
	Space, Local string
	Attr         []Attr
	Child        []Node
}

// New makes an element; attrs are name, value pairs, pairs with an empty value
// are left out.
func New(space, local string, attrs ...string) *Element {
	e := &Element{Space: space, Local: local}
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] != "" {
			e.Set(attrs[i], attrs[i+1])
		}
	}
	return e
}

// IQ, Message and Presence make stanzas; the addresses may be empty.
func IQ(typ string, from, to JID, payload ...*Element) *Element {
	return New(NSComponent, "iq", "type", typ, "from", from.String(), "to", to.String()).Add(payload...)
}

// Message makes a message stanza.
func Message(typ string, from, to JID, payload ...*Element) *Element {
	return New(NSComponent, "message", "type", typ, "from", from.String(), "to", to.String()).Add(payload...)
}

// Presence makes a presence stanza; typ is "" for available.
func Presence(typ string, from, to JID, payload ...*Element) *Element {
	return New(NSComponent, "presence", "type", typ, "from", from.String(), "to", to.String()).Add(payload...)
}

// Sorted is a copy whose attributes stand in the order of their names: XML gives
// their order no meaning.
func (e *Element) Sorted() *Element {
	if e == nil {
		return nil
	}
	out := &Element{Space: e.Space, Local: e.Local, Attr: slices.Clone(e.Attr), Child: slices.Clone(e.Child)}
	slices.SortFunc(out.Attr, func(a, b Attr) int {
		return cmp.Or(strings.Compare(a.Space, b.Space), strings.Compare(a.Local, b.Local))
	})
	for i, n := range out.Child {
		out.Child[i].Elem = n.Elem.Sorted()
	}
	return out
}

// Add appends child elements, leaving out nil ones, and returns e.
func (e *Element) Add(children ...*Element) *Element {
	for _, c := range children {
		if c != nil {
			e.Child = append(e.Child, Node{Elem: c})
		}
	}
	return e
}

// AddText appends character data and returns e.
func (e *Element) AddText(s string) *Element {
	if s != "" {
		e.Child = append(e.Child, Node{Text: s})
	}
	return e
}

// AddTextElement appends a child in e's own namespace that holds only text,
// and returns e. Nothing is added when text is empty.
func (e *Element) AddTextElement(local, text string) *Element {
	if text == "" {
		return e
	}
	return e.Add(New(e.Space, local).AddText(text))
}

// Get returns the value of an attribute without namespace, or "".
func (e *Element) Get(name string) string {
	if e == nil {
		return ""
	}
	for _, a := range e.Attr {
		if a.Space == "" && a.Local == name {
			return a.Value
		}
	}
	return ""
}

// Lang returns xml:lang, or "".
func (e *Element) Lang() string {
	if e == nil {
		return ""
	}
	for _, a := range e.Attr {
		if a.Space == "xml" && a.Local == "lang" {
			return a.Value
		}
	}
	return ""
}

// Set sets an attribute without namespace.
func (e *Element) Set(name, value string) *Element {
	for i, a := range e.Attr {
		if a.Space == "" && a.Local == name {
			e.Attr[i].Value = value
			return e
		}
	}
	e.Attr = append(e.Attr, Attr{Local: name, Value: value})
	return e
}

// Is reports whether e has this name; an empty space or local matches any.
func (e *Element) Is(space, local string) bool {
	return e != nil && (space == "" || e.Space == space) && (local == "" || e.Local == local)
}

// First returns the first child element with this name, or nil. Calling it on
// nil is allowed, so that paths can be chained.
func (e *Element) First(space, local string) *Element {
	if e == nil {
		return nil
	}
	for _, n := range e.Child {
		if n.Elem.Is(space, local) {
			return n.Elem
		}
	}
	return nil
}

// All returns the child elements with this name.
func (e *Element) All(space, local string) []*Element {
	if e == nil {
		return nil
	}
	var out []*Element
	for _, n := range e.Child {
		if n.Elem.Is(space, local) {
			out = append(out, n.Elem)
		}
	}
	return out
}

// Elements returns all child elements.
func (e *Element) Elements() []*Element { return e.All("", "") }

// Text returns the character data directly inside e.
func (e *Element) Text() string {
	if e == nil {
		return ""
	}
	if len(e.Child) == 1 && e.Child[0].Elem == nil {
		return e.Child[0].Text
	}
	var b strings.Builder
	for _, n := range e.Child {
		if n.Elem == nil {
			b.WriteString(n.Text)
		}
	}
	return b.String()
}

// DeepText returns all character data below e, in document order.
func (e *Element) DeepText() string {
	if e == nil {
		return ""
	}
	var b strings.Builder
	var walk func(*Element)
	walk = func(e *Element) {
		for _, n := range e.Child {
			if n.Elem != nil {
				walk(n.Elem)
			} else {
				b.WriteString(n.Text)
			}
		}
	}
	walk(e)
	return b.String()
}

// From, To, Type and ID read the attributes every stanza has. Addresses are
// read leniently: what cannot be an address is the zero JID.
func (e *Element) From() JID    { j, _ := ParseJID(e.Get("from")); return j }
func (e *Element) To() JID      { j, _ := ParseJID(e.Get("to")); return j }
func (e *Element) Type() string { return e.Get("type") }
func (e *Element) ID() string   { return e.Get("id") }
