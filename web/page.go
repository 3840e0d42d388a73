package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
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

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"style":    func() string { return "/style.css?v=" + digest(styleCSS) },
	"icon":     func() string { return "/icon.svg?v=" + digest(iconSVG) },
	"xmpp":     xmppURL,
	"lang":     languageTag,
	"date":     func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
	"day":      func(t time.Time) string { return t.UTC().Format("2 January 2006") },
	"stamp":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"initial":  initial,
	"hue":      hue,
	"kind":     mediaKind,
	"filename": filename,
	"size":     size,
	"count":    count,
	"contact":  contactText,
	"interact": interactURL,
}).ParseFS(templateFS, "templates/*.html"))

// page is one HTML page: its frame, and the view that the template named
// Template fills it with.
type page struct {
	Template    string
	Title       string // of the window
	Site        string
	Description string // plain text, for search engines and previews
	Canonical   string // address of the page, or of the original elsewhere
	ActivityPub string // id of the same thing for other servers (row D17)
	Feed        string // address of the Atom feed
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

func (p page) render() ([]byte, error) {
	var b bytes.Buffer
	err := templates.ExecuteTemplate(&b, p.Template, p)
	return b.Bytes(), err
}

func frontPage(v Front) page {
	return page{
		Template: "front.html", Title: v.Name, Site: v.Name, Description: v.Description,
		Canonical: v.URL, URL: v.URL, Type: "website", View: v,
	}
}

// profileView is a profile with what its page adds.
type profileView struct {
	Profile
	Before string
}

func profilePage(v Profile, before string) page {
	p := page{
		Template: "profile.html", Title: v.Author.Display() + " (" + v.Acct + ")", Site: v.Site, Description: shorten(v.BioText, 200),
		Canonical: v.URL, ActivityPub: v.ID, Feed: v.URL + "/feed.atom", Creator: v.Acct, Type: "profile", URL: v.URL,
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

func postPage(v Post) page {
	p := page{
		Template: "post.html", Title: v.Heading(), Site: v.Site, Description: shorten(v.Excerpt, 200),
		Canonical: v.URL, ActivityPub: v.ID, Feed: v.Author.URL + "/feed.atom", Creator: v.Author.Acct, Type: "article", URL: v.URL,
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

// problem is the text of an error page.
type problem struct {
	Status int
	Title  string
	Text   []string
}

var problems = map[int]problem{
	http.StatusNotFound: {Title: "There is nothing here", Text: []string{
		"No blog and no post has this address. It may be mistyped, or the blog may not be in the Fediverse: only those appear here whose owners asked for it.",
	}},
	http.StatusGone: {Title: "This is gone", Text: []string{
		"Its author has deleted this post or taken the blog out of the Fediverse. It will not come back under this address.",
	}},
	http.StatusServiceUnavailable: {Title: "Not available right now", Text: []string{
		"The gateway cannot show this page at the moment. Nothing is lost; please try again in a few minutes.",
	}},
}

func errorPage(status int) page {
	v := problems[status]
	v.Status = status
	return page{Template: "error.html", Title: v.Title, Site: site(""), Type: "website", Hidden: true, View: v}
}

// Display is the name to show for an author.
func (a Author) Display() string {
	if a.Name != "" {
		return a.Name
	}
	return a.Handle
}

// Heading names a post in a window's title, where an untitled one needs a name, too.
func (p Post) Heading() string {
	if p.Title != "" {
		return p.Title
	}
	if text := shorten(p.Excerpt, 60); text != "" && !p.Folded() {
		return p.Author.Display() + ": " + text
	}
	return fmt.Sprintf("Post by %s, %s", p.Author.Display(), p.Published.UTC().Format("2 January 2006"))
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

func repliesPage(v Post) page {
	return page{Template: "replies.html", Title: "Replies to " + v.Author.Display(), Site: v.Site, Type: "website", Hidden: true, View: v}
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
