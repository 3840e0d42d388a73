package mapping

import (
	"slices"
	"strconv"
	"strings"
)

// maxIndent bounds how far text is moved in, in bytes, however deep its lists
// and quotes are inside each other.
const maxIndent = 12

// layout writes a tree as text for people who see nothing else: quotes marked
// as in mail, items with bullets or numbers, and the addresses of links.
type layout struct {
	b      strings.Builder
	indent string // of every line
	lead   string // of the next line, in place of indent; "" when it is like others
	outer  string // of empty lines before a line with a lead
	breaks int    // line feeds due before the next text
	styled bool   // with the signs of XEP-0393
}

// readable is the text of what is below n.
func readable(n *node) string {
	var l layout
	l.children(n)
	return l.b.String()
}

func (l *layout) children(n *node) {
	number, step := numbering(n)
	for i, c := range n.child {
		switch c.tag {
		case "":
			l.text(c.text)
		case "br":
			l.breaks++
		case "pre":
			l.gap(n, i, 2)
			l.fenced(c)
			l.after(2)
		case "p":
			l.gap(n, i, 2)
			l.children(c)
			l.after(2)
		case "blockquote":
			l.gap(n, i, 2)
			l.inside("> ", "> ", c)
			l.after(2)
		case "ul", "ol":
			l.after(1)
			l.children(c)
			l.after(1)
		case "li":
			l.after(1)
			mark := "• "
			if n.tag == "ol" {
				if v, ok := c.attribute("value"); ok {
					number, _ = strconv.Atoi(v)
				}
				mark = strconv.Itoa(number) + ". "
				number += step
			}
			l.inside(mark, "  ", c)
		case "a":
			l.children(c)
			if href := hiddenAddress(c); href != "" {
				l.text(" (" + href + ")")
			}
		case "strong", "b":
			l.span("*", c)
		case "em", "i":
			l.span("_", c)
		case "del", "s":
			l.span("~", c)
		case "code":
			l.span("`", c)
		default:
			l.children(c)
		}
	}
}

// span writes a piece of a line between signs of XEP-0393 §5.2, where these would
// be read as such: the text touches both and is in one line.
func (l *layout) span(sign string, c *node) {
	text := c.deepText()
	if !l.styled || text == "" || strings.TrimSpace(text) != text || strings.Contains(text, "\n") || strings.Contains(text, sign) || hasBreak(c) || inPre(c) {
		l.children(c)
		return
	}
	l.text(sign)
	l.children(c)
	l.text(sign)
}

// fenced writes preformatted text (§5.1.2).
func (l *layout) fenced(c *node) {
	if !l.styled || strings.Contains(c.deepText(), "```") {
		l.children(c)
		return
	}
	l.text("```")
	l.after(1)
	l.children(c)
	l.after(1)
	l.text("```")
}

func hasBreak(n *node) bool {
	found := false
	n.walk(func(c *node) bool {
		found = found || c.tag == "br"
		return !found
	})
	return found
}

// inPre reports whether n is somewhere in preformatted text.
func inPre(n *node) bool {
	for ; n != nil; n = n.up {
		if n.tag == "pre" {
			return true
		}
	}
	return false
}

// numbering is the number of a list's first item and the step to the next.
func numbering(n *node) (first, step int) {
	if n.tag != "ol" {
		return 0, 0
	}
	first, step = 1, 1
	if _, ok := n.attribute("reversed"); ok {
		first, step = len(n.child), -1
	}
	if v, ok := n.attribute("start"); ok {
		first, _ = strconv.Atoi(v)
	}
	return first, step
}

// gap sets blocks apart; the first one of an item stands beside its bullet.
func (l *layout) gap(in *node, i, n int) {
	if in.tag != "li" || i > 0 {
		l.after(n)
	}
}

func (l *layout) after(n int) { l.breaks = max(l.breaks, n) }

// inside writes c further in: lead before its first line, rest before others.
func (l *layout) inside(lead, rest string, c *node) {
	before := l.indent
	if l.lead == "" {
		l.lead, l.outer = before, before
	}
	if len(before) < maxIndent {
		l.lead += lead
		l.indent += rest
	}
	l.children(c)
	l.indent, l.lead = before, ""
}

// text writes text, which has line feeds only where they count.
func (l *layout) text(s string) {
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			l.breaks++
		}
		if line == "" {
			continue
		}
		l.newLines()
		l.b.WriteString(line)
	}
}

// newLines writes the line feeds that are due, and what every line begins with.
func (l *layout) newLines() {
	empty, begin := l.indent, l.indent
	if l.lead != "" {
		empty, begin = l.outer, l.lead
	}
	switch {
	case l.b.Len() == 0:
		l.b.WriteString(begin)
	case l.breaks > 0:
		for ; l.breaks > 1; l.breaks-- { // an empty line of a quote is part of it
			l.b.WriteString("\n" + strings.TrimRight(empty, " "))
		}
		l.b.WriteString("\n" + begin)
	}
	l.breaks, l.lead = 0, ""
}

// hiddenAddress is where a link leads that does not say so itself. Names of
// people and hashtags speak for themselves.
func hiddenAddress(a *node) string {
	href, _ := a.attribute("href")
	shown := a.deepText()
	class, _ := a.attribute("class")
	for _, w := range strings.Fields(class) {
		if slices.Contains([]string{"mention", "hashtag", "u-url"}, w) {
			return ""
		}
	}
	if shown != "" && strings.ContainsRune("@#", rune(shown[0])) && !strings.ContainsAny(shown, " \n/") {
		return ""
	}
	if bareAddress(shown) == bareAddress(href) {
		return ""
	}
	return href
}

// bareAddress is an address without what browsers do not show.
func bareAddress(s string) string {
	for _, scheme := range []string{"https://", "http://"} {
		s = strings.TrimPrefix(s, scheme)
	}
	return strings.TrimSuffix(strings.TrimPrefix(s, "www."), "/")
}

// attribute is the value of an attribute.
func (n *node) attribute(name string) (string, bool) {
	for _, a := range n.attr {
		if a.name == name {
			return a.value, true
		}
	}
	return "", false
}
