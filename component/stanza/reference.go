package stanza

import "strconv"

// NSReference names references (XEP-0372).
const NSReference = "urn:xmpp:reference:0"

// Reference says that something points to something else (XEP-0372 §3.1).
type Reference struct {
	// "The element MUST contain a 'type' attribute denoting the type of the
	// reference": mention or data. "" if absent.
	Type string
	// "a 'uri' attribute of the thing that is referenced". References without
	// are not read. For a mention it is `xmpp:` and a bare address (§3.2).
	URI string
	// "An 'anchor' attribute is used when the referring message is not the one
	// containing the reference element" (§3.1): the URI of what refers, such as
	// a blog post.
	Anchor string
	// "indexes denoting the beginning and end of the referenced substring in
	// the message body" (§3.1), the end not included. Both 0 when unsaid.
	Begin, End int
}

// ParseReferences reads the references among the children of e.
func ParseReferences(e *Element) []Reference {
	var out []Reference
	for _, c := range e.All(NSReference, "reference") {
		r := Reference{Type: c.Get("type"), URI: c.Get("uri"), Anchor: c.Get("anchor")}
		if r.URI == "" {
			continue
		}
		if begin, end := number(c.Get("begin")), number(c.Get("end")); begin >= 0 && end > begin {
			r.Begin, r.End = begin, end
		}
		out = append(out, r)
	}
	return out
}

// Element makes the <reference/>.
func (r Reference) Element() *Element {
	e := New(NSReference, "reference", "type", r.Type, "uri", r.URI, "anchor", r.Anchor)
	if r.Begin >= 0 && r.End > r.Begin {
		e.Set("begin", strconv.Itoa(r.Begin)).Set("end", strconv.Itoa(r.End))
	}
	return e
}
