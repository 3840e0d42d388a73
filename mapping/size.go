package mapping

import (
	"sort"
	"strings"

	"isthmus/activitypub/vocab"
)

// Sizes in bytes of JSON (row O20): Misskey takes bodies of less than 64 KiB and
// documents of less than 256 KiB.
const (
	MaxDelivered = 60 << 10
	MaxDocument  = 250 << 10
)

func fitDocument(o vocab.Object) vocab.Object {
	return fit(o, MaxDocument, func(o vocab.Object) int { return len(o.JSON()) })
}

// fit makes an object small enough: without its source, then with less text and
// a link to the page that has all of it. size measures the document it is for.
func fit(o vocab.Object, limit int, size func(vocab.Object) int) vocab.Object {
	if size(o) <= limit {
		return o
	}
	o.SourceText, o.SourceType = "", ""
	if size(o) <= limit {
		return o
	}
	o = fitExtras(o, limit/2, size)
	more := moreLink(o.URL)
	full := o.Content
	with := func(content string) vocab.Object {
		o.Content = content + more
		return o
	}
	if best := largest(full, func(c string) bool { return size(with(c)) <= limit }); best != full {
		return with(best)
	}
	o.Content = full
	return o
}

// fitExtras thins out what is not text until it fits.
func fitExtras(o vocab.Object, limit int, size func(vocab.Object) int) vocab.Object {
	tooLarge := func() bool {
		bare := o
		bare.Content = ""
		return size(bare) > limit
	}
	for len(o.Attachments) > 1 && tooLarge() {
		o.Attachments = o.Attachments[:len(o.Attachments)/2]
	}
	for len(o.Tags) > 0 && tooLarge() {
		o.Tags = o.Tags[:len(o.Tags)/2]
	}
	if tooLarge() {
		o.Alternates, o.Preview, o.Attachments, o.Image = nil, nil, nil, nil
	}
	return o
}

// largest returns the longest beginning of our own HTML that fits, cut between
// paragraphs, or inside the text of the first one if even that is too long.
func largest(html string, fits func(string) bool) string {
	ends := blockEnds(html)
	if n := sort.Search(len(ends), func(i int) bool { return !fits(html[:ends[i]]) }); n > 0 {
		return html[:ends[n-1]]
	}
	if len(ends) == 0 {
		return ""
	}
	text := []rune(PlainText(html[:ends[0]]))
	n := sort.Search(len(text), func(i int) bool { return !fits(textBlock(text[:i+1])) })
	if n == 0 {
		return ""
	}
	return textBlock(text[:n])
}

func textBlock(text []rune) string {
	s := string(text)
	if i := strings.LastIndexAny(s, " \n"); i > len(s)*9/10 {
		s = s[:i]
	}
	return "<p>" + textEscaper.Replace(strings.TrimSpace(s)) + "…</p>"
}

func moreLink(page string) string {
	if page == "" {
		return "<p>[…]</p>"
	}
	line := node{}
	p := line.add(&node{tag: "p"})
	p.add(&node{text: "[…] "})
	p.add(anchor(page, attribute{"href", page}))
	return line.html()
}

// trimHTML cuts our own HTML to a number of bytes at a paragraph.
func trimHTML(html string, limit int) string {
	if len(html) <= limit {
		return html
	}
	return largest(html, func(s string) bool { return len(s) <= limit })
}

// blockEnds finds where the outermost elements of our own HTML end: in it,
// every < begins a tag.
func blockEnds(html string) []int {
	var ends []int
	depth := 0
	for i := 0; i < len(html); {
		lt := strings.IndexByte(html[i:], '<')
		if lt < 0 {
			break
		}
		tag := html[i+lt:]
		gt := strings.IndexByte(tag, '>')
		if gt < 0 {
			break
		}
		i += lt + gt + 1
		switch {
		case tag[1] == '/':
			if depth--; depth == 0 {
				ends = append(ends, i)
			}
		case tag[1:gt] != "br":
			depth++
		}
	}
	return ends
}
