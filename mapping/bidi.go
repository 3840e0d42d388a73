package mapping

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"isthmus/component/stanza"
)

// Marks of direction that open something (UAX #9 §2).
const (
	lre, rle, pdf, lro, rlo = '\u202a', '\u202b', '\u202c', '\u202d', '\u202e'
	lri, rli, fsi, pdi      = '\u2066', '\u2067', '\u2068', '\u2069'
)

// maxMarks bounds marks of direction inside each other; programs ignore what
// goes deeper than 125.
const maxMarks = 16

// calm takes out of text what could disturb the text around it or lie about it
// (attack X13): overrides of direction go, embeddings and isolates end where the
// line ends, and controls that show nothing go too. Text that does none of this,
// right-to-left or not, comes back as it is.
func calm(s string) string {
	s = stanza.Clean(s)
	if strings.IndexFunc(s, restless) < 0 {
		return s
	}
	var b strings.Builder
	var open []rune // how each that is open will be closed; 0 for one that was left out
	closeTo := func(n int) {
		for len(open) > n {
			if end := open[len(open)-1]; end != 0 {
				b.WriteRune(end)
			}
			open = open[:len(open)-1]
		}
	}
	for _, r := range s {
		switch r {
		case lre, rle, lri, rli, fsi, lro, rlo:
			if len(open) >= maxMarks {
				continue
			}
			open = append(open, closing(r))
			if closing(r) != 0 {
				b.WriteRune(r)
			}
		case pdf:
			if n := len(open); n > 0 && open[n-1] != pdi {
				closeTo(n - 1)
			}
		case pdi:
			for n := len(open) - 1; n >= 0; n-- {
				if open[n] == pdi {
					closeTo(n)
					break
				}
			}
		case '\n':
			closeTo(0)
			b.WriteByte('\n')
		case '\u0085', '\u2028', '\u2029':
			b.WriteByte(' ')
		default:
			if !restless(r) {
				b.WriteRune(r)
			}
		}
	}
	closeTo(0)
	return b.String()
}

func closing(mark rune) rune {
	switch mark {
	case lri, rli, fsi:
		return pdi
	case lre, rle:
		return pdf
	}
	return 0
}

// restless are marks of direction, and what has no place in text: controls
// beyond those of ASCII, separators, noncharacters.
func restless(r rune) bool {
	switch {
	case r < 0x7f:
		return false
	case r <= 0x9f, r == 0x2028, r == 0x2029, lre <= r && r <= rlo, lri <= r && r <= 0x206f:
		return true
	case r == 0xfeff, 0xfff9 <= r && r <= 0xfffb, 0xfdd0 <= r && r <= 0xfdef, r&0xfffe == 0xfffe:
		return true
	}
	return false
}

// calmName is calm for names, which stand among other text: no marks at all, and
// nothing that makes one name look like another. "" when there is nothing to see.
func calmName(s string) string {
	s = strings.Map(func(r rune) rune {
		if restless(r) || invisible(r) {
			return -1
		}
		return r
	}, oneLine(s))
	if !visible(s) {
		return ""
	}
	return strings.TrimSpace(s)
}

// label is calm text in one line of so many runes, "" when there is nothing to see.
func label(s string, runes int) string {
	if s = oneLine(calm(s)); !visible(s) {
		return ""
	}
	return cut(s, runes)
}

// visible reports whether a reader sees anything of s.
func visible(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !unicode.Is(unicode.M, r) && !restless(r) && !invisible(r)
	}) >= 0
}

// invisible are characters of no width that join nothing, and letters that look
// like a space.
func invisible(r rune) bool {
	return strings.ContainsRune("\u00ad\u034f\u115f\u1160\u180e\u200b\u2060\u2061\u2062\u2063\u2064\u2800\u3164\uffa0", r)
}

// calmURL writes in an address what could lie about it as bytes.
func calmURL(s string) string {
	if strings.IndexFunc(s, hiding) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if !hiding(r) {
			b.WriteRune(r)
			continue
		}
		for _, c := range []byte(string(r)) {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	if b.Len() > maxURL {
		return ""
	}
	return b.String()
}

func hiding(r rune) bool {
	return r >= 0x7f && (restless(r) || unicode.In(r, unicode.Cf, unicode.Z))
}

// calm makes all text and all addresses below n calm. What is empty then has
// not been there.
func (n *node) calm() {
	n.child = slices.DeleteFunc(n.child, func(c *node) bool {
		c.text = calm(c.text)
		for i, a := range c.attr {
			if a.name == "href" {
				c.attr[i].value = calmURL(a.value)
			}
		}
		c.calm()
		return c.tag != "br" && c.text == "" && len(c.child) == 0
	})
}
