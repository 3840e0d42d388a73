package web

import (
	"fmt"
	"html/template"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// xmppURL lets an xmpp: address (RFC 5122) through html/template, which knows
// only web addresses. Anything else becomes "", and every character that could
// end the attribute or is not allowed in a URI is percent-encoded.
func xmppURL(s string) template.URL {
	rest, ok := strings.CutPrefix(s, "xmpp:")
	if !ok || rest == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString("xmpp:")
	for i := range len(rest) {
		c := rest[i]
		if c > ' ' && c < 0x7f && !strings.ContainsRune(`"<>\^{|}`+"`'", rune(c)) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return template.URL(b.String())
}

var languages = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,5}$`)

// languageTag is s if it looks like a language (BCP 47 §2.1), otherwise "".
func languageTag(s string) string {
	if !languages.MatchString(s) {
		return ""
	}
	return s
}

// initial is the letter that stands in for a missing picture.
func initial(name string) string {
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return "@"
}

// hue picks one of six colours for a handle, the same one every time.
func hue(handle string) int {
	sum := 0
	for _, b := range []byte(handle) {
		sum = sum*31 + int(b)
	}
	return ((sum % 6) + 6) % 6
}

// mediaKind is image, video, audio or file.
func mediaKind(m Media) string {
	kind, _, _ := strings.Cut(strings.ToLower(m.Type), "/")
	switch kind {
	case "image", "video", "audio":
		return kind
	}
	return "file"
}

// filename is the last part of an address, for a link to a file.
func filename(m Media) string {
	if u, err := url.Parse(m.URL); err == nil {
		if name := path.Base(u.Path); name != "." && name != "/" {
			return name
		}
	}
	return "File"
}

// size is a number of bytes in words.
func size(n int64) string {
	switch {
	case n <= 0:
		return ""
	case n < 1000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1000*1000:
		return fmt.Sprintf("%d kB", n/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// contactText is a contact's address as one reads it.
func contactText(s string) string {
	for _, scheme := range []string{"mailto:", "xmpp:", "https://", "http://"} {
		if rest, ok := strings.CutPrefix(s, scheme); ok {
			rest, _, _ = strings.Cut(rest, "?")
			return strings.TrimSuffix(rest, "/")
		}
	}
	return s
}

// interactURL is where a visitor does something to what has a page here.
func interactURL(do, page string) string {
	u, err := url.Parse(page)
	if err != nil {
		return "/"
	}
	return "/interact/" + do + u.EscapedPath()
}

// element is text in one element.
func element(name, class, text string) template.HTML {
	if class != "" {
		class = ` class="` + class + `"`
	}
	return template.HTML("<" + name + class + ">" + template.HTMLEscapeString(text) + "</" + name + ">")
}

// code is what is typed, copied what one click selects.
func code(text string) template.HTML { return element("code", "", text) }

func copied(text string) template.HTML { return element("code", "copy", text) }

// link leads to an address of the web, of mail, or of XMPP; to anything else it does not.
func link(to, text string) template.HTML { return linkAs("", to, text) }

func linkAs(class, to, text string) template.HTML {
	if u, err := url.Parse(to); err != nil || !slices.Contains([]string{"https", "http", "mailto", "xmpp"}, u.Scheme) {
		return element("bdi", "", text)
	}
	if strings.HasPrefix(to, "xmpp:") {
		to = string(xmppURL(to))
	}
	if class != "" {
		class = ` class="` + class + `"`
	}
	return template.HTML("<a" + class + ` href="` + template.HTMLEscapeString(to) + `">` + template.HTMLEscapeString(text) + "</a>")
}

// names is a list.
func names(list []string) template.HTML {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(element("strong", "", s))
	}
	return template.HTML(strings.Join(out, ", "))
}

// timeElement is a time that programs read, too.
func timeElement(class, text string, at time.Time) template.HTML {
	return template.HTML(`<time class="` + class + `" datetime="` + at.UTC().Format(time.RFC3339) + `">` + template.HTMLEscapeString(text) + "</time>")
}
