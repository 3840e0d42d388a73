package mapping

import (
	"strings"

	"mellium.im/xmpp/styling"

	"isthmus/component/stanza"
)

// maxQuotes bounds how deep quotes of chat messages are inside each other.
const maxQuotes = 8

// styled makes HTML of a chat message (XEP-0393): its blocks are told apart here,
// line by line, and what is in a line by the library.
func styled(text string) stanza.Text {
	var s strings.Builder
	styledBlocks(&s, strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), 0)
	return stanza.Text{Type: "html", Body: s.String()}
}

// styledBlocks writes lines: fences (§5.1.2), quotes (§5.1.3), and paragraphs, which
// empty lines set apart.
func styledBlocks(s *strings.Builder, lines []string, depth int) {
	open := false
	end := func() {
		if open {
			s.WriteString("</p>")
		}
		open = false
	}
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		switch {
		case strings.HasPrefix(line, "```") && i+1 < len(lines):
			end()
			s.WriteString("<pre><code>")
			for i++; i < len(lines) && strings.TrimRight(lines[i], " ") != "```"; i++ {
				s.WriteString(textEscaper.Replace(lines[i]) + "\n")
			}
			s.WriteString("</code></pre>")
		case strings.HasPrefix(line, ">") && depth < maxQuotes:
			end()
			var inner []string
			for ; i < len(lines) && strings.HasPrefix(lines[i], ">"); i++ {
				inner = append(inner, strings.TrimPrefix(lines[i][1:], " "))
			}
			i--
			s.WriteString("<blockquote>")
			styledBlocks(s, inner, depth+1)
			s.WriteString("</blockquote>")
		case strings.TrimSpace(line) == "":
			end()
		default:
			if open {
				s.WriteString("<br>")
			} else {
				s.WriteString("<p>")
			}
			open = true
			styledLine(s, line)
		}
	}
	end()
}

// styledTags are the elements of span styles (§5.2).
var styledTags = []struct {
	mask, start, end styling.Style
	tag              string
}{
	{styling.SpanStrong, styling.SpanStrongStart, styling.SpanStrongEnd, "strong"},
	{styling.SpanEmph, styling.SpanEmphStart, styling.SpanEmphEnd, "em"},
	{styling.SpanStrike, styling.SpanStrikeStart, styling.SpanStrikeEnd, "del"},
	{styling.SpanPre, styling.SpanPreStart, styling.SpanPreEnd, "code"},
}

// styledLine writes one line with its spans. The signs that style are left out.
func styledLine(s *strings.Builder, line string) {
	d := styling.NewDecoder(strings.NewReader(line))
	done := 0
	for d.Next() {
		t := d.Token()
		done += len(t.Data)
		marked := false
		for _, x := range styledTags {
			switch {
			case t.Mask&x.start != 0:
				s.WriteString("<" + x.tag + ">")
				marked = true
			case t.Mask&x.end != 0:
				s.WriteString("</" + x.tag + ">")
				marked = true
			}
		}
		if !marked {
			s.WriteString(textEscaper.Replace(string(t.Data)))
		}
	}
	if done < len(line) { // longer than the library reads at once
		s.WriteString(textEscaper.Replace(line[done:]))
	}
}
