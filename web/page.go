package web

import (
	"bytes"
	"embed"
	"html/template"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

//go:embed templates
var templateFS embed.FS

//go:embed style.css
var styleCSS []byte

//go:embed icon.svg
var iconSVG []byte

var functions = template.FuncMap{
	"icon":     func() string { return "/icon.svg?v=" + digest(iconSVG) },
	"xmpp":     xmppURL,
	"lang":     languageTag,
	"stamp":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"initial":  initial,
	"hue":      hue,
	"kind":     mediaKind,
	"filename": filename,
	"size":     size,
	"contact":  contactText,
	"interact": interactURL,
	"code":     code,
	"copy":     copied,
	"link":     link,
	"linkAs":   linkAs,
	"names":    names,
	"bdi":      func(s string) template.HTML { return element("bdi", "", s) },
	"time":     timeElement,
}

// page is one HTML page: its frame, and the view that the template named
// Template fills it with.
type page struct {
	Tongue      tongue
	Template    string
	Style       string // address of the stylesheet
	Title       string // of the window
	Site        string
	Description string // plain text, for search engines and previews
	Canonical   string // address of the page, or of the original elsewhere
	ActivityPub string // id of the same thing for other servers (row D17)
	Feed        string // address of the Atom feed
	Replies     string // address of that of the replies
	Linked      any    // the same as JSON-LD (schema.org), nil for nothing
	Creator     string // handle of who wrote it (row O24)
	Type        string // OpenGraph's
	URL         string // OpenGraph's address: always this page
	Image       string
	Published   time.Time
	Updated     time.Time
	Hidden      bool   // from search engines
	Personal    bool   // only for who asked
	Newer       string // address of the first page of posts
	Older       string // address of the next page of posts
	View        any
}

// styled is the address of a stylesheet, another one for each that there was.
func styled(css []byte) string { return "/style.css?v=" + digest(css) }

func (p page) render() ([]byte, error) {
	var b bytes.Buffer
	err := templates()[p.Tongue].ExecuteTemplate(&b, p.Template, p)
	return b.Bytes(), err
}

func frontPage(t tongue, v Front) page {
	return page{
		Tongue: t, Template: "front.html", Title: v.Name, Site: v.Name, Description: v.Description,
		Canonical: v.URL, URL: v.URL, Type: "website", View: v,
	}
}

// profileView is a profile with what its page adds.
type profileView struct {
	Profile
	Before string
}

func profilePage(t tongue, v Profile, before string) page {
	p := page{
		Tongue: t, Template: "profile.html", Title: v.Author.Display() + " (" + v.Acct + ")", Site: v.Site, Description: shorten(v.BioText, 200),
		Canonical: v.URL, ActivityPub: v.ID, Feed: v.URL + "/feed.atom", Linked: linkedProfile(v), Creator: v.Acct, Type: "profile", URL: v.URL,
		Image: v.Avatar, Hidden: !v.Indexed || before != "", View: profileView{v, before},
	}
	if before != "" {
		p.Canonical, p.Newer = v.URL+"?before="+before, v.URL
	}
	if v.Next != "" {
		p.Older = v.URL + "?before=" + v.Next
	}
	return p
}

func postPage(t tongue, v Post) page {
	p := page{
		Tongue: t, Template: "post.html", Title: t.heading(v), Site: v.Site, Description: shorten(v.Excerpt, 200),
		Canonical: v.URL, ActivityPub: v.ID, Feed: v.Author.URL + "/feed.atom", Replies: v.URL + "/replies.atom", Linked: linkedPost(v), Creator: v.Author.Acct, Type: "article", URL: v.URL,
		Image: v.Author.Avatar, Published: v.Published, Updated: v.Updated, Hidden: !v.Author.Indexed, View: v,
	}
	if v.Origin != "" {
		p.Canonical = v.Origin
	}
	if v.Folded() {
		p.Description = v.Warning
		return p
	}
	for _, m := range v.Media {
		if mediaKind(m) == "image" {
			p.Image = m.URL
			break
		}
	}
	return p
}

func errorPage(t tongue, status int) page {
	return page{Tongue: t, Template: "error.html", Title: t.say(strconv.Itoa(status)), Site: site(""), Type: "website", Hidden: true, View: strconv.Itoa(status)}
}

// Display is the name to show for an author.
func (a Author) Display() string {
	if a.Name != "" {
		return a.Name
	}
	return a.Handle
}

// Folded tells whether the content waits behind a warning.
func (p Post) Folded() bool { return p.Sensitive || p.Warning != "" }

// Folded tells whether the content waits behind a warning.
func (c Comment) Folded() bool { return c.Sensitive || c.Warning != "" }

// Hidden is how many replies there are that the page does not show.
func (p Post) Hidden() int { return max(0, p.Replies-len(p.Comments)) }

// Inline tells whether the replies stand on the post's own page. When search engines may
// have that, they stand on another one: others did not say that their words may be found.
func (p Post) Inline() bool { return !p.Author.Indexed }

// RepliesURL is where the replies are.
func (p Post) RepliesURL() string {
	if p.Inline() {
		return "#comments"
	}
	return p.URL + "/replies"
}

func repliesPage(t tongue, v Post) page {
	return page{Tongue: t, Template: "replies.html", Title: t.say("replies.to", "who", v.Author.Display()), Site: v.Site, Type: "website", Hidden: true, View: v}
}

// shorten cuts plain text to about n runes, at a space if one is near.
func shorten(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	cut := string([]rune(s)[:n])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:.–-") + "…"
}
