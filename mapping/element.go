package mapping

// kind says what becomes of an element.
type kind int

const (
	through   kind = iota // only its content counts
	boundary              // ends the block, and so does its end
	paragraph             // p, pre, headings
	box                   // quotes, lists and their items
	format                // inline
	lineBreak
	picture
	gone // with everything inside
)

// element says what becomes of a tag, and as what it is written: Mastodon's
// whitelist (row O7), and the nearest thing in it for what is not.
func element(name string) (kind, string) {
	switch name {
	case "p", "pre":
		return paragraph, name
	case "h1", "h2", "h3", "h4", "h5", "h6":
		return paragraph, "p"
	case "listing":
		return paragraph, "pre"

	case "blockquote", "ul", "ol", "li":
		return box, name
	case "menu", "dir":
		return box, "ul"

	case "a", "span", "b", "strong", "i", "em", "u", "s", "del", "code", "ruby", "rt", "rp":
		return format, name
	case "strike":
		return format, "s"
	case "ins":
		return format, "u"
	case "kbd", "samp", "tt", "var":
		return format, "code"
	case "cite", "dfn":
		return format, "em"

	case "br":
		return lineBreak, name
	case "img", "image":
		return picture, ""

	case "address", "article", "aside", "body", "center", "details", "dialog", "div", "fieldset", "figcaption", "figure",
		"footer", "form", "header", "hgroup", "hr", "html", "legend", "main", "nav", "search", "section", "summary",
		"dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "plaintext", "xmp":
		return boundary, ""

	case "script", "style", "title", "textarea", "iframe", "noembed", "noframes", "template", "svg", "math", "select",
		"datalist", "object", "applet", "audio", "video", "canvas", "map", "portal":
		return gone, ""
	}
	return through, ""
}
