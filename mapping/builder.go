package mapping

import (
	"regexp"
	"strings"
)

// Limits of what is built; beyond them elements vanish and their text stays.
const (
	maxBoxes  = 10 // lists and quotes inside each other
	maxInline = 16 // a, b, span … inside each other
	maxOpen   = 64 // inline tags that are remembered at all

	// maxCarried bounds, in bytes, what is written again because inline elements
	// go on from one block into the next.
	maxCarried = 64 << 10
)

// builder makes a tree of whitelisted HTML (row O7) out of a stream of tags and
// text, however wrong: what it builds is always well-formed, paragraphs are
// never empty or nested, and building it again changes nothing. Work and memory
// are linear in the input.
//
// At most one block is open: a p, a pre, or the inside of a li. Inline elements
// are only remembered when they open, and made when there is text for them.
type builder struct {
	root  node
	boxes []*node // open containers: blockquote, ul, ol, li

	block   *node  // what takes text; nil when none is open
	started bool   // block has text already
	breaks  int    // br since the last text
	space   *node  // text node that ends with a space which may have to go
	held    []byte // white space in a pre that may have to go

	inline  []inline // open inline elements, outermost first
	made    int      // how many of them have been made in block
	at      *node    // the innermost of these, or block
	carried int      // bytes written again so far

	hidden map[string]int // open tags beyond the limits, by name
	cells  int            // cells seen in the table row
	images []image        // img elements met
}

// image is an img element that was left out.
type image struct{ src, alt string }

// emojiName is how pictures that are characters are written.
var emojiName = regexp.MustCompile(`^:[A-Za-z0-9_+-]{1,64}:$`)

// isEmoji knows pictures that are a part of the text: custom emoji, and what
// WordPress and others make of the usual ones. They are what they are called.
func isEmoji(class, alt string) bool {
	if emojiName.MatchString(alt) {
		return true
	}
	named := strings.Contains(class, "emoji") || strings.Contains(class, "smiley") || strings.Contains(class, "emoticon")
	return named && alt != "" && len(alt) <= 64 && strings.IndexFunc(alt, isSpace) < 0
}

// isPixel knows the size of pictures that are there to be counted, not seen.
func isPixel(size string) bool { return size == "0" || size == "1" }

// inline is an open inline element; name closes it, tag is written. Without a
// tag it only keeps its end tag from closing another.
type inline struct {
	name, tag string
	attr      []attribute
	node      *node // nil until made
}

// getter returns the value of an attribute, "" when absent.
type getter func(name string) string

// open takes a start tag.
func (b *builder) open(name string, get getter) {
	kind, tag := element(name)
	switch kind {
	case boundary:
		b.openBoundary(name)
	case paragraph:
		b.endBlock()
		b.startBlock(tag, filter(tag, get))
		if isHeading(name) {
			b.closeInline(headings...)
			b.openInline(inline{name: name, tag: "strong"})
		}
	case box:
		b.openBox(tag, get)
	case format:
		switch tag {
		case "a":
			b.closeInline("a")
		case "rt", "rp":
			b.closeInline("rt", "rp")
		}
		b.openInline(inline{name: name, tag: tag, attr: filter(tag, get)})
	case lineBreak:
		b.br()
	case picture:
		if alt := get("alt"); isEmoji(get("class"), alt) {
			b.text(alt)
		} else if !isPixel(get("width")) && !isPixel(get("height")) {
			b.images = append(b.images, image{get("src"), get("alt")})
		}
	}
}

// close takes an end tag.
func (b *builder) close(name string) {
	switch kind, tag := element(name); kind {
	case boundary:
		if name != "td" && name != "th" {
			b.endBlock()
		}
	case paragraph:
		b.endBlock()
		if isHeading(name) {
			b.closeInline(headings...)
		}
	case box:
		b.closeBox(tag)
	case format:
		b.closeInline(name)
	}
}

// finish closes everything and returns what was built.
func (b *builder) finish() *node {
	for len(b.boxes) > 0 {
		b.popBox()
	}
	b.endBlock()
	b.inline, b.hidden = nil, nil
	return &b.root
}

// openBoundary ends the block; cells of a table row are set apart in it instead.
func (b *builder) openBoundary(name string) {
	switch name {
	case "tr":
		b.cells = 0
	case "td", "th":
		if b.cells++; b.cells > 1 && b.started {
			b.text(" | ")
		}
		return
	}
	b.endBlock()
}

// openBox opens a quote, a list or an item of one.
func (b *builder) openBox(tag string, get getter) {
	b.endBlock()
	switch {
	case tag != "li":
		b.inItem()
	case b.topBox() == "li":
		b.popBox() // the end tag is optional
	case b.topBox() != "ul" && b.topBox() != "ol":
		b.pushBox("ul", nil)
	}
	b.pushBox(tag, filter(tag, get))
}

// inItem makes sure that a list holds nothing but items.
func (b *builder) inItem() {
	if top := b.topBox(); top == "ul" || top == "ol" {
		b.boxes = append(b.boxes, b.holder().add(&node{tag: "li"}))
	}
}

func (b *builder) topBox() string { return b.holder().tag }

func (b *builder) holder() *node {
	if len(b.boxes) == 0 {
		return &b.root
	}
	return b.boxes[len(b.boxes)-1]
}

func (b *builder) pushBox(tag string, attr []attribute) {
	if len(b.boxes) >= maxBoxes {
		b.hide(tag)
		return
	}
	b.boxes = append(b.boxes, b.holder().add(&node{tag: tag, attr: attr}))
}

// popBox closes the innermost container; an empty one has not been there.
func (b *builder) popBox() {
	b.endBlock()
	top := b.holder()
	b.boxes = b.boxes[:len(b.boxes)-1]
	top.dropEmpty()
}

func (b *builder) closeBox(tag string) {
	b.endBlock()
	if b.unhide(tag) {
		return
	}
	for i := len(b.boxes) - 1; i >= 0; i-- {
		if b.boxes[i].tag == tag {
			for len(b.boxes) > i {
				b.popBox()
			}
			return
		}
		if tag == "li" {
			return // not out of the list or quote it stands in
		}
	}
}

func (b *builder) hide(name string) {
	if b.hidden == nil {
		b.hidden = map[string]int{}
	}
	b.hidden[name]++
}

func (b *builder) unhide(name string) bool {
	if b.hidden[name] == 0 {
		return false
	}
	b.hidden[name]--
	return true
}

// startBlock opens a p or pre in the innermost container.
func (b *builder) startBlock(tag string, attr []attribute) {
	b.inItem()
	b.setBlock(b.holder().add(&node{tag: tag, attr: attr}))
}

// needBlock makes sure that text has a place: straight in an item, else in a p.
func (b *builder) needBlock() {
	if b.block != nil {
		return
	}
	if b.inItem(); b.topBox() == "li" {
		b.setBlock(b.holder())
		return
	}
	b.startBlock("p", nil)
}

func (b *builder) setBlock(n *node) { b.block, b.at, b.made, b.started = n, n, 0, false }

// endBlock closes the block, without the white space at its end.
func (b *builder) endBlock() {
	block := b.block
	if block == nil {
		return
	}
	b.trim()
	b.unmake(0)
	b.carry()
	b.block, b.at, b.started, b.breaks, b.held = nil, nil, false, 0, b.held[:0]
	if block.tag != "li" { // an item may yet get more
		block.dropEmpty()
	}
}

// br takes a line break: written when text follows, at most two together.
func (b *builder) br() {
	switch {
	case b.block == nil || !b.started:
	case b.block.tag == "pre":
		b.held = append(b.held, '\n')
	default:
		b.trim()
		b.breaks = min(b.breaks+1, 2)
	}
}

func isHeading(name string) bool { return len(name) == 2 && name[0] == 'h' && name[1] != 'r' }

var headings = strings.Fields("h1 h2 h3 h4 h5 h6")
