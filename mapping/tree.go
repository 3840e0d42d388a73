package mapping

import "strings"

// node is an element of the HTML that we write, or text when tag is "".
type node struct {
	tag   string
	attr  []attribute
	text  string
	child []*node
	up    *node
}

func (n *node) add(c *node) *node {
	c.up = n
	n.child = append(n.child, c)
	return c
}

// last is the last child; there must be one.
func (n *node) last() *node { return n.child[len(n.child)-1] }

// dropEmpty takes n out again if it is the last one added and holds nothing.
func (n *node) dropEmpty() {
	if up := n.up; n.text == "" && len(n.child) == 0 && up != nil && up.last() == n {
		up.child = up.child[:len(up.child)-1]
	}
}

// write prints the inside of n. Only what must be escaped is.
func (n *node) write(b *strings.Builder) {
	for _, c := range n.child {
		c.writeSelf(b)
	}
}

func (n *node) writeSelf(b *strings.Builder) {
	if n.tag == "" {
		textEscaper.WriteString(b, n.text)
		return
	}
	b.WriteByte('<')
	b.WriteString(n.tag)
	for _, a := range n.attr {
		b.WriteByte(' ')
		b.WriteString(a.name)
		b.WriteString(`="`)
		attrEscaper.WriteString(b, a.value)
		b.WriteByte('"')
	}
	b.WriteByte('>')
	if n.tag != "br" {
		n.write(b)
		b.WriteString("</" + n.tag + ">")
	}
}

// html prints what is inside n.
func (n *node) html() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

// walk calls f for every node below n in document order; f says whether to go
// on inside.
func (n *node) walk(f func(*node) bool) {
	for _, c := range n.child {
		if f(c) {
			c.walk(f)
		}
	}
}

// deepText is the text below n without any layout.
func (n *node) deepText() string {
	var b strings.Builder
	n.walk(func(c *node) bool {
		b.WriteString(c.text)
		return true
	})
	return b.String()
}

var (
	textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	attrEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
)
