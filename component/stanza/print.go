package stanza

import (
	"strconv"
	"strings"
)

// Namespaces that are bound to their prefix for good and may not be declared
// (Namespaces in XML §3).
const (
	nsXML   = "http://www.w3.org/XML/1998/namespace"
	nsXMLNS = "http://www.w3.org/2000/xmlns/"
)

// AppendXML appends e as it goes on the wire; parentNS is the default namespace
// in scope, NSComponent on a component stream. xmlns is written only where the
// namespace changes. A top-level NSComponent element never gets one, even when
// parentNS is "": it is the stream's default (XEP-0114 §3).
//
// The result is well-formed whatever e holds: XML-illegal characters are left
// out, invalid UTF-8 becomes U+FFFD, impossible names are mended and repeated
// attributes dropped, because one bad byte costs the whole stream (RFC 6120 §4.9.3.13).
func (e *Element) AppendXML(dst []byte, parentNS string) []byte {
	if e == nil {
		return dst
	}
	if parentNS == "" && e.Space == NSComponent {
		parentNS = NSComponent
	}
	return e.print(dst, parentNS)
}

// XML prints e as a document of its own, xmlns included: for people and tests.
func (e *Element) XML() string {
	if e == nil {
		return ""
	}
	return string(e.print(nil, ""))
}

func (e *Element) print(dst []byte, parentNS string) []byte {
	ns := elementSpace(e.Space)
	dst = append(dst, '<')
	dst = appendName(dst, e.Local)
	if ns != parentNS {
		dst = append(dst, ` xmlns="`...)
		dst = appendEscaped(dst, ns, true)
		dst = append(dst, '"')
	}
	dst = appendAttrs(dst, e.Attr)
	start := len(dst)
	dst = append(dst, '>')
	for _, n := range e.Child {
		if n.Elem != nil {
			dst = n.Elem.print(dst, ns)
		} else {
			dst = appendEscaped(dst, n.Text, false)
		}
	}
	if len(dst) == start+1 {
		return append(dst[:start], '/', '>')
	}
	dst = append(dst, '<', '/')
	dst = appendName(dst, e.Local)
	return append(dst, '>')
}

// elementSpace is the namespace as declared. The two reserved ones cannot be a
// default namespace; their elements mean nothing in XMPP and lose it.
func elementSpace(space string) string {
	space = cleanSpace(space)
	if space == nsXML || space == nsXMLNS {
		return ""
	}
	return space
}

// attrSpace is the namespace of an attribute as it is printed: "" for none,
// "xml" for the xml prefix, else a URI that needs a prefix.
func attrSpace(space string) string {
	space = cleanSpace(space)
	if space == nsXML {
		return "xml"
	}
	return space
}

// cleanSpace makes s a namespace name. White space is in none, and servers that
// use it to separate namespace from name (expat's interface) end the stream.
func cleanSpace(s string) string {
	if s = Clean(s); strings.ContainsAny(s, " \t\r\n") {
		s = strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "").Replace(s)
	}
	return s
}

func appendAttrs(dst []byte, attrs []Attr) []byte {
	for i, a := range attrs {
		space := attrSpace(a.Space)
		if isDeclaration(space, a.Local) || printedBefore(attrs[:i], space, a.Local) {
			continue
		}
		dst = append(dst, ' ')
		switch space {
		case "":
		case "xml":
			dst = append(dst, "xml:"...)
		default:
			prefix := i
			for j, b := range attrs[:i] { // the same namespace keeps its prefix
				if attrSpace(b.Space) == space && !isDeclaration(space, b.Local) {
					prefix = j
					break
				}
			}
			if prefix == i {
				dst = append(dst, "xmlns:"...)
				dst = appendPrefix(dst, prefix)
				dst = append(dst, `="`...)
				dst = appendEscaped(dst, space, true)
				dst = append(dst, `" `...)
			}
			dst = appendPrefix(dst, prefix)
			dst = append(dst, ':')
		}
		dst = appendName(dst, a.Local)
		dst = append(dst, '=', '"')
		dst = appendEscaped(dst, a.Value, true)
		dst = append(dst, '"')
	}
	return dst
}

func appendPrefix(dst []byte, i int) []byte {
	return strconv.AppendInt(append(dst, 'n'), int64(i), 10)
}

// isDeclaration reports whether an attribute is xmlns or xmlns:p, which Space
// carries and the printer writes itself.
func isDeclaration(space, local string) bool {
	return space == "xmlns" || space == nsXMLNS || space == "" && local == "xmlns"
}

func printedBefore(attrs []Attr, space, local string) bool {
	for _, a := range attrs {
		if attrSpace(a.Space) == space && (a.Local == local || cleanName(a.Local) == cleanName(local)) {
			return true
		}
	}
	return false
}
