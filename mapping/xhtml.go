package mapping

import (
	"strings"
	"unicode/utf8"

	"isthmus/component/stanza"
)

// xhtml makes of our trees the div that Atom wants (RFC 4287 §3.1.1.3). What is
// in them is whitelisted HTML, whose names are those of XHTML.
func xhtml(parts ...*node) *stanza.Element {
	div := stanza.New(stanza.NSXHTML, "div")
	for _, n := range parts {
		addXHTML(div, n)
	}
	return div
}

func addXHTML(to *stanza.Element, n *node) {
	for _, c := range n.child {
		if c.tag == "" {
			to.AddText(c.text)
			continue
		}
		e := stanza.New(stanza.NSXHTML, c.tag)
		for _, a := range c.attr {
			switch a.name {
			case "lang":
				e.Attr = append(e.Attr, stanza.Attr{Space: "xml", Local: "lang", Value: a.value})
			case "translate": // not in XHTML
			case "class":
				if v := words(a.value, shows); v != "" {
					e.Set("class", v)
				}
			default:
				e.Set(a.name, a.value)
			}
		}
		if c.tag == "span" && len(e.Attr) == 0 {
			addXHTML(to, c)
			continue
		}
		addXHTML(e, c)
		to.Add(e)
	}
}

// shows is false for the classes by which Mastodon hides parts of addresses:
// there is no style sheet here, or one that hides what should be seen.
func shows(class string) bool { return class != "invisible" && class != "ellipsis" }

// printed is how long a text is as XML.
func printed(s string) int {
	n := len(s)
	for i := range len(s) {
		switch s[i] {
		case '&', '"', '\n', '\t', '\r':
			n += len("&quot;") - 1
		case '<', '>':
			n += len("&lt;") - 1
		}
	}
	return n
}

// shell is how long an element is as XML without what is in it.
func (n *node) shell() int {
	if n.tag == "" {
		return 0
	}
	size := 2*len(n.tag) + len("<></>")
	for _, a := range n.attr {
		size += len(` ="xml:"`) + len(a.name) + printed(a.value)
	}
	return size
}

// weight is how long what is in n is as XML.
func (n *node) weight() int {
	size := 0
	n.walk(func(c *node) bool {
		size += c.shell() + printed(c.text)
		return true
	})
	return size
}

// shorten cuts what is in n to about limit bytes of XML, never more, and reports
// whether anything had to go. Text is cut at a space and ends with an ellipsis.
func (n *node) shorten(limit int) bool {
	_, cut := n.shortenTo(limit)
	return cut
}

func (n *node) shortenTo(left int) (int, bool) {
	for i, c := range n.child {
		left -= c.shell()
		cut := left < 0
		if !cut && c.tag == "" {
			if cut = printed(c.text) > left; cut {
				c.text = fitText(c.text, left)
			}
			left -= printed(c.text)
		} else if !cut {
			left, cut = c.shortenTo(left)
		}
		if cut {
			n.child = n.child[:i+1]
			if c.text == "" && len(c.child) == 0 && c.tag != "br" || left < 0 {
				n.child = n.child[:i]
			}
			return left, true
		}
	}
	return left, false
}

// fitText is as much of a text as fits into so many bytes of XML, with an
// ellipsis; "" when that is next to nothing.
func fitText(s string, left int) string {
	const dots = "…"
	left -= len(dots)
	end := 0
	for end < len(s) {
		_, n := utf8.DecodeRuneInString(s[end:])
		if left -= printed(s[end : end+n]); left < 0 {
			break
		}
		end += n
	}
	if i := strings.LastIndexAny(s[:end], " \n"); i > end*3/4 {
		end = i
	}
	if s = strings.TrimRight(s[:end], " \n.,;:"); s == "" {
		return ""
	}
	return s + dots
}
