package stanza

import "strings"

// Form is a data form (XEP-0004). Type is form, submit, cancel or result.
type Form struct {
	Type, Title, Instructions string
	Fields                    []Field
	Reported                  []Field   // columns of Items (XEP-0004 §3.4)
	Items                     [][]Field // rows
}

// Field is one field. Type is one of XEP-0004 §3.3, "" meaning text-single in a
// form and "unsaid" in a submission.
type Field struct {
	Var, Type, Label, Desc string
	Required               bool
	Values                 []string
	Options                []Option
	Media                  []Media // shown with it (XEP-0221)
}

// Media is a picture, sound or film that goes with a field, by its address.
type Media struct{ Type, URI string }

// Option is one choice of a list field.
type Option struct {
	Label, Value string
}

// NewForm makes a form; formType is its FORM_TYPE and may be empty (XEP-0068).
func NewForm(typ, formType string, fields ...Field) *Form {
	f := &Form{Type: typ}
	if formType != "" {
		f.Fields = append(f.Fields, Field{Var: "FORM_TYPE", Type: "hidden", Values: []string{formType}})
	}
	f.Fields = append(f.Fields, fields...)
	return f
}

// ParseForm reads a form; e is the form or the element that holds it. nil when
// there is none.
func ParseForm(e *Element) *Form {
	if !e.Is(NSData, "x") {
		e = e.First(NSData, "x")
	}
	if e == nil {
		return nil
	}
	f := &Form{Type: e.Get("type"), Title: e.First(NSData, "title").Text()}
	var lines []string
	for _, c := range e.All(NSData, "instructions") { // may repeat, XEP-0004 §3.1
		lines = append(lines, c.Text())
	}
	f.Instructions = strings.Join(lines, "\n")
	f.Fields = parseFields(e)
	if r := e.First(NSData, "reported"); r != nil {
		f.Reported = parseFields(r)
	}
	for _, c := range e.All(NSData, "item") {
		f.Items = append(f.Items, parseFields(c))
	}
	return f
}

func parseFields(e *Element) (out []Field) {
	for _, c := range e.All(NSData, "field") {
		out = append(out, parseField(c))
	}
	return out
}

func parseField(e *Element) Field {
	f := Field{
		Var: e.Get("var"), Type: e.Get("type"), Label: e.Get("label"),
		Desc:     e.First(NSData, "desc").Text(),
		Required: e.First(NSData, "required") != nil,
	}
	for _, v := range e.All(NSData, "value") {
		f.Values = append(f.Values, v.Text())
	}
	for _, o := range e.All(NSData, "option") {
		f.Options = append(f.Options, Option{Label: o.Get("label"), Value: o.First(NSData, "value").Text()})
	}
	for _, u := range e.First(nsMedia, "media").All(nsMedia, "uri") {
		f.Media = append(f.Media, Media{Type: u.Get("type"), URI: strings.TrimSpace(u.Text())})
	}
	return f
}

// Element makes the <x xmlns='jabber:x:data'/>.
func (f *Form) Element() *Element {
	if f == nil {
		return nil
	}
	typ := f.Type
	if typ == "" {
		typ = "form"
	}
	x := New(NSData, "x", "type", typ).AddTextElement("title", f.Title)
	if f.Instructions != "" {
		for line := range strings.SplitSeq(f.Instructions, "\n") {
			x.AddTextElement("instructions", line)
		}
	}
	addFields(x, f.Fields)
	if len(f.Reported) > 0 {
		x.Add(addFields(New(NSData, "reported"), f.Reported))
	}
	for _, row := range f.Items {
		x.Add(addFields(New(NSData, "item"), row))
	}
	return x
}

func addFields(to *Element, fields []Field) *Element {
	for _, fl := range fields {
		to.Add(fl.element())
	}
	return to
}

const nsMedia = "urn:xmpp:media-element"

func (f Field) element() *Element {
	e := New(NSData, "field", "var", f.Var, "type", f.Type, "label", f.Label).AddTextElement("desc", f.Desc)
	if f.Required {
		e.Add(New(NSData, "required"))
	}
	for _, v := range f.Values {
		if f.Type == "text-multi" || f.Type == "fixed" { // a value is one line, XEP-0004 §3.3
			for line := range strings.SplitSeq(v, "\n") {
				e.Add(New(NSData, "value").AddText(line))
			}
			continue
		}
		e.Add(New(NSData, "value").AddText(v))
	}
	for _, o := range f.Options {
		e.Add(New(NSData, "option", "label", o.Label).Add(New(NSData, "value").AddText(o.Value)))
	}
	if len(f.Media) > 0 {
		m := New(nsMedia, "media")
		for _, x := range f.Media {
			m.Add(New(nsMedia, "uri", "type", x.Type).AddText(x.URI))
		}
		e.Add(m)
	}
	return e
}

// Field returns the field of this name, or nil.
func (f *Form) Field(name string) *Field {
	if f == nil {
		return nil
	}
	for i := range f.Fields {
		if f.Fields[i].Var == name {
			return &f.Fields[i]
		}
	}
	return nil
}

// Values returns all values of a field, nil when it is missing.
func (f *Form) Values(name string) []string {
	if fl := f.Field(name); fl != nil {
		return fl.Values
	}
	return nil
}

// Value returns the values of a field, one per line: "" when it is missing.
func (f *Form) Value(name string) string { return strings.Join(f.Values(name), "\n") }

// Bool reads a boolean field; what is neither 1 nor true is false (XEP-0004 §3.3).
func (f *Form) Bool(name string) bool {
	v := f.Value(name)
	return v == "1" || v == "true"
}

// FormType returns FORM_TYPE, or "" (XEP-0068).
func (f *Form) FormType() string { return f.Value("FORM_TYPE") }
