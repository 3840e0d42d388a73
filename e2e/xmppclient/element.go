package xmppclient

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ErrXML says that a client handed over something that is not one element.
var ErrXML = errors.New("xmppclient: not one XML element")

// Element is a received stanza as a tree. It is made by encoding/xml and shares
// nothing with the gateway's own reader.
type Element struct {
	Space, Name string
	Attr        map[string]string // xml:lang as "xml:lang", others by local name
	Children    []*Element
	Text        string // character data directly inside, concatenated
}

// Parse reads one element.
func Parse(s string) (*Element, error) {
	var t tree
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		tok, err := d.Token()
		if err != nil {
			if err == io.EOF {
				err = ErrXML
			}
			return nil, fmt.Errorf("%w: %.200s", err, s)
		}
		if e := t.add(tok, 1); e != nil {
			return e, nil
		}
	}
}

// ReadStream reads one side of an XMPP stream and calls got for every stanza,
// with its length in bytes. It returns when the stream ends.
func ReadStream(r io.Reader, got func(e *Element, size int64)) error {
	var t tree
	d := xml.NewDecoder(r)
	for {
		start := d.InputOffset()
		tok, err := d.Token()
		if err != nil {
			return err
		}
		if len(t.open) == 1 {
			t.from = start
		}
		if e := t.add(tok, 2); e != nil {
			got(e, d.InputOffset()-t.from)
		}
	}
}

// tree puts tokens together.
type tree struct {
	open []*Element
	from int64 // offset where the element being read began
}

// add takes one token and returns the element that it completes at this depth.
func (t *tree) add(tok xml.Token, depth int) *Element {
	switch tok := tok.(type) {
	case xml.StartElement:
		e := &Element{Space: tok.Name.Space, Name: tok.Name.Local, Attr: map[string]string{}}
		for _, a := range tok.Attr {
			if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
				continue
			}
			if a.Name.Space == "http://www.w3.org/XML/1998/namespace" || a.Name.Space == "xml" {
				a.Name.Local = "xml:" + a.Name.Local
			}
			e.Attr[a.Name.Local] = a.Value
		}
		if n := len(t.open); n >= depth {
			t.open[n-1].Children = append(t.open[n-1].Children, e)
		}
		t.open = append(t.open, e)
	case xml.EndElement:
		n := len(t.open)
		if n == 0 {
			return nil // the stream's own end tag
		}
		e := t.open[n-1]
		t.open = t.open[:n-1]
		if n == depth {
			return e
		}
	case xml.CharData:
		if n := len(t.open); n >= depth {
			t.open[n-1].Text += string(tok)
		}
	}
	return nil
}

// Find follows child names, "pubsub/items/item"; nil when one is missing.
// Namespaces are not compared: scenarios look at what is inside a known stanza.
func (e *Element) Find(path string) *Element {
	for _, name := range strings.Split(path, "/") {
		all := e.All(name)
		if len(all) == 0 {
			return nil
		}
		e = all[0]
	}
	return e
}

// All returns the children of this name.
func (e *Element) All(name string) []*Element {
	if e == nil {
		return nil
	}
	var out []*Element
	for _, c := range e.Children {
		if c.Name == name {
			out = append(out, c)
		}
	}
	return out
}

// Value returns the text of the element at path, "" when it is not there.
func (e *Element) Value(path string) string {
	if found := e.Find(path); found != nil {
		return found.Text
	}
	return ""
}

// Condition names the error of an error stanza, "" when it is none.
func (e *Element) Condition() string {
	err := e.Find("error")
	if err == nil {
		return ""
	}
	for _, c := range err.Children {
		if c.Space == "urn:ietf:params:xml:ns:xmpp-stanzas" && c.Name != "text" {
			return c.Name
		}
	}
	return "undefined-condition"
}
