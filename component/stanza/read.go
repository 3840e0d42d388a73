package stanza

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// Bounds of what is kept of one stanza or document.
const (
	MaxSize  = 1 << 20 // bytes, about as printed
	MaxDepth = 64      // elements inside each other
	maxAttrs = 256     // on one element
)

var (
	// ErrTooLarge says that an element is past MaxSize, MaxDepth or 256
	// attributes. It has been read to its end: the stream is still usable.
	ErrTooLarge = errors.New("stanza: element too large or too deep")
	// ErrSyntax says that a document is not what ParseXML reads.
	ErrSyntax = errors.New("stanza: not a well-formed XML document")
)

// TokenReader is where ReadElement reads on; *xml.Decoder is one. Namespaces
// must be resolved.
type TokenReader interface {
	Token() (xml.Token, error)
}

// ParseXML reads a document or fragment with one root. More than MaxSize bytes
// and every DTD are refused (RFC 6120 §11.1).
func ParseXML(b []byte) (*Element, error) {
	if len(b) > MaxSize {
		return nil, ErrTooLarge
	}
	d := xml.NewDecoder(bytes.NewReader(b))
	var root *Element
	for {
		t, err := d.Token()
		if err == io.EOF && root != nil {
			return root, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if root != nil {
				return nil, fmt.Errorf("%w: second root element", ErrSyntax)
			}
			if root, err = ReadElement(d, t); errors.Is(err, ErrTooLarge) {
				return nil, err
			} else if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrSyntax, err)
			}
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return nil, fmt.Errorf("%w: text outside the root element", ErrSyntax)
			}
		case xml.Directive:
			return nil, fmt.Errorf("%w: DTD", ErrSyntax)
		}
	}
}

// ReadElement reads the element that start opens, to its end. Comments and
// processing instructions are left out, xmlns attributes too: Space carries
// them. Any error of d is returned as it is.
//
// An element past the bounds is read to its end without keeping it; the error
// is ErrTooLarge, and the element returned with it has the addresses, type and
// id of start and no children, so that it can be answered.
func ReadElement(d TokenReader, start xml.StartElement) (*Element, error) {
	root, size := convert(start, "")
	if size > MaxSize || len(start.Attr) > maxAttrs {
		return skip(d, start, 1)
	}
	stack := []*Element{root}
	var text []byte // since the last tag: CDATA sections and comments split one run
	for {
		t, err := d.Token()
		if err != nil && t == nil { // some readers hand out the last token with io.EOF
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		top := stack[len(stack)-1]
		switch t := t.(type) {
		case xml.StartElement:
			text = top.flush(text)
			e, n := convert(t, top.Space)
			size += n
			if size > MaxSize || len(t.Attr) > maxAttrs || len(stack) >= MaxDepth {
				return skip(d, start, len(stack)+1)
			}
			top.Child = append(top.Child, Node{Elem: e})
			stack = append(stack, e)
		case xml.EndElement:
			text = top.flush(text)
			if stack = stack[:len(stack)-1]; len(stack) == 0 {
				return root, nil
			}
		case xml.CharData:
			if size += len(t); size > MaxSize {
				return skip(d, start, len(stack))
			}
			text = append(text, t...)
		}
	}
}

// flush appends text and returns it emptied.
func (e *Element) flush(text []byte) []byte {
	e.AddText(string(text))
	return text[:0]
}

// convert makes an element of a start tag and says how large it is in print,
// where a long namespace, declared once, may have to be written many times.
func convert(t xml.StartElement, parentNS string) (*Element, int) {
	e := &Element{Space: t.Name.Space, Local: t.Name.Local}
	size := 2*len(e.Local) + len("<></>")
	if e.Space != parentNS {
		size += len(e.Space) + len(` xmlns=""`)
	}
	if len(t.Attr) > maxAttrs {
		return e, size
	}
	for _, a := range t.Attr {
		size += len(a.Name.Space) + len(a.Name.Local) + len(a.Value) + len(` =""`)
		space := a.Name.Space
		if space == nsXML {
			space = "xml"
		}
		if !isDeclaration(space, a.Name.Local) {
			e.Attr = append(e.Attr, Attr{Space: space, Local: a.Name.Local, Value: a.Value})
		}
	}
	return e, size
}

// skip reads depth elements to their end and returns what can be said of start.
func skip(d TokenReader, start xml.StartElement, depth int) (*Element, error) {
	for depth > 0 {
		t, err := d.Token()
		if err != nil && t == nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		switch t.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	head := &Element{Space: start.Name.Space, Local: start.Name.Local}
	for _, a := range start.Attr {
		switch a.Name.Local {
		case "from", "to", "type", "id":
			if a.Name.Space == "" && len(a.Value) <= 3*1023+2 { // a full address, RFC 7622 §3.1
				head.Set(a.Name.Local, a.Value)
			}
		}
	}
	return head, ErrTooLarge
}
