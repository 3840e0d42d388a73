package mapping

import (
	"slices"
	"strings"

	"isthmus/component/stanza"
)

// openInline remembers an inline element. One that would be written twice
// inside itself, or is nothing without its attributes, is only counted.
func (b *builder) openInline(in inline) {
	if len(b.inline) >= maxOpen {
		b.hide(in.name)
		return
	}
	shown, same, ruby := 0, false, false
	for _, o := range b.inline {
		if o.tag != "" {
			shown++
		}
		same = same || o.tag == in.tag
		ruby = ruby || o.tag == "ruby"
	}
	switch in.tag {
	case "a":
		if len(in.attr) == 0 || in.attr[0].name != "href" {
			in.tag = ""
		}
	case "span":
		if len(in.attr) == 0 {
			in.tag = ""
		}
	case "rt", "rp":
		if !ruby {
			in.tag = ""
		}
	default:
		if same {
			in.tag = ""
		}
	}
	if shown >= maxInline {
		in.tag = ""
	}
	b.inline = append(b.inline, in)
}

// closeInline takes the end tag of one of these names. What was opened later
// and is still open goes on after it.
func (b *builder) closeInline(names ...string) {
	if names[0] == "ruby" {
		b.closeInline("rt", "rp") // which are nothing outside
	}
	for _, name := range names {
		if b.unhide(name) {
			return
		}
	}
	for i := len(b.inline) - 1; i >= 0; i-- {
		if slices.Contains(names, b.inline[i].name) {
			if b.inline[i].tag != "" {
				b.unmake(i)
			}
			b.made = min(b.made, max(b.made-1, i))
			b.inline = slices.Delete(b.inline, i, i+1)
			return
		}
	}
}

// unmake forgets the nodes of the inline elements from i on.
func (b *builder) unmake(i int) {
	for j := len(b.inline) - 1; j >= i; j-- {
		if n := b.inline[j].node; n != nil {
			b.at, b.inline[j].node = n.up, nil
		}
	}
	b.made = min(b.made, i)
}

// carry counts what the open elements will cost in the next block, and closes
// them when it becomes too much.
func (b *builder) carry() {
	for _, in := range b.inline {
		b.carried += 2*len(in.tag) + len("<></>")
		for _, a := range in.attr {
			b.carried += len(a.name) + len(a.value)
		}
	}
	if b.carried > maxCarried {
		b.inline, b.hidden = nil, nil
	}
}

// make makes the nodes of all open inline elements.
func (b *builder) make() {
	for ; b.made < len(b.inline); b.made++ {
		if in := &b.inline[b.made]; in.tag != "" {
			in.node = b.at.add(&node{tag: in.tag, attr: in.attr})
			b.at = in.node
		}
	}
}

// text takes character data, entities resolved.
func (b *builder) text(s string) {
	s = stanza.Clean(s)
	if b.block != nil && b.block.tag == "pre" {
		b.verbatim(s)
		return
	}
	words := strings.FieldsFunc(s, isSpace)
	if len(words) == 0 {
		if s != "" {
			b.blank()
		}
		return
	}
	b.needBlock()
	if isSpace(rune(s[0])) {
		b.blank()
	}
	for ; b.breaks > 0; b.breaks-- {
		b.at.add(&node{tag: "br"})
	}
	b.make()
	b.started, b.space = true, nil
	n := b.at.add(&node{text: strings.Join(words, " ")})
	if isSpace(rune(s[len(s)-1])) {
		n.text += " "
		b.space = n
	}
}

// blank takes white space: one space, where there is text before and after it.
func (b *builder) blank() {
	if b.started && b.space == nil && b.breaks == 0 && b.block.tag != "pre" {
		b.space = b.at.add(&node{text: " "})
	}
}

// trim takes back a space that turned out to be the last.
func (b *builder) trim() {
	if n := b.space; n != nil {
		b.space = nil
		n.text = strings.TrimSuffix(n.text, " ")
		n.dropEmpty()
	}
}

// verbatim takes text of a pre, whose white space counts but for empty lines at
// its beginning and white space at its end.
func (b *builder) verbatim(s string) {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	body := strings.TrimLeftFunc(s, isSpace)
	b.held = append(b.held, s[:len(s)-len(body)]...)
	if body == "" {
		return
	}
	before := string(b.held)
	if !b.started {
		before = before[strings.LastIndexByte(before, '\n')+1:]
	}
	text := strings.TrimRightFunc(body, isSpace)
	b.held = append(b.held[:0], body[len(text):]...)
	if before != "" && b.started {
		b.at.add(&node{text: before})
		before = ""
	}
	b.make()
	b.started = true
	b.at.add(&node{text: before + text})
}

// isSpace is HTML's white space; a no-break space is a character.
func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\f' }
