// Package web makes the pages that people see: what the gateway is, a blog, a
// post, a blog's Atom feed, the way to one's own server to follow or answer, and
// errors that explain themselves. It shows what a
// Source gives it, and refuses everything else: it has no script, sanitises
// nothing (HTML arrives sanitised as template.HTML), asks no other server, and
// negotiates nothing; who wants ActivityPub has been served before.
package web

import (
	"context"
	"errors"
	"html/template"
	"time"
)

// Errors that a Source returns; any other one is shown as 503, never as 404 or
// 410, which peers take as a deletion (Mastodon does).
var (
	ErrNotFound = errors.New("web: not found")
	ErrGone     = errors.New("web: gone")
	ErrAddress  = errors.New("web: not the address of an account") // Home
)

// Source is where pages get their content. Handles and tokens arrive as they
// stand in the address, at most 128 bytes each; a Source may answer for another
// spelling of a handle, the visitor is then sent to the view's URL.
type Source interface {
	Front(ctx context.Context) (Front, error)
	// Profile is a blog and a page of its posts, newest first; before is "" or
	// the Next of the page before it.
	Profile(ctx context.Context, handle, before string) (Profile, error)
	Post(ctx context.Context, handle, token string) (Post, error)
	// Home asks the server of an account, @bob@social.example, how other sites may send
	// its owner there: ErrAddress when it is none, ErrNotFound when that server does not
	// know it.
	Home(ctx context.Context, account string) (Home, error)
}

// Home is how the server of a visitor lets other sites ask for what the visitor wants to
// do: templates of addresses, with places in braces.
type Home struct {
	Handle    string            // bob@social.example
	Intents   map[string]string // by the type of an activity, or Object (FEP-3b86)
	Subscribe string            // with the place {uri} (OStatus), "" for none
}

// Front is the page about the gateway itself.
type Front struct {
	URL          string   // https://ap.example.org/
	Name         string   // of the gateway
	Description  string   // plain text
	Component    string   // XMPP address to talk to, ap.example.org
	HandleDomain string   // what follows the last @ of a handle
	Domains      []string // whose accounts may use it
	AllowUsers   bool     // they may turn it on themselves
	Rules        []string // plain text
	Contact      string   // mailto:, xmpp: or https: address of the admin, "" for none
	Version      string
}

// Author is who a page is about or by. Only Handle, Acct and URL are always there.
type Author struct {
	ID      string // ActivityPub id of the actor
	URL     string // page, absolute
	Handle  string // alice
	Acct    string // @alice@ap.example.org
	Name    string // plain text, "" shows the handle
	Avatar  string // URL of the picture, "" for none
	XMPP    string // xmpp: address of the blog's node, "" for none
	Group   bool   // a community, not a person
	Indexed bool   // search engines may list the pages
}

// Profile is a blog.
type Profile struct {
	Author
	Site    string // name of the gateway, for the page's frame
	Lang    string // BCP 47, "" when not known
	Bio     template.HTML
	BioText string // Bio as plain text, for previews
	Header  string // address of the header picture, "" for none
	Notice  Notice
	MovedTo string // for Moved: where to, plain text
	Fields  []Field
	// Counts; a negative one is not shown.
	Followers, Posts int
	Pinned           []Post // above the others, on the first page
	List             []Post // a page of posts; their Author may be empty when it is the blog's
	Next             string // before= of the next, older page, "" on the last one
	Updated          time.Time
}

// Notice is what a visitor of a blog has to know first.
type Notice string

// Notices.
const (
	Paused Notice = "paused"
	Moved  Notice = "moved"
	Closed Notice = "closed" // its posts are not public at the moment
)

// Field is a line of a profile.
type Field struct {
	Name, Value string
	URL         string // the web address that the value is, "" when it is none
	Proven      bool   // the page there links back
}

// Post is one post.
type Post struct {
	Author    Author
	Site      string
	ID        string // ActivityPub id of the object
	URL       string // page, absolute
	Title     string // plain text, "" for a short post
	Excerpt   string // plain text: for previews, and instead of Content where a titled post is listed
	Content   template.HTML
	Warning   string // plain text: why the post is folded, "" when Sensitive says all
	Sensitive bool   // fold content or pictures
	Lang      string // BCP 47, "" when not known
	Published time.Time
	Updated   time.Time // zero when never edited
	Byline    string    // plain text: who wrote it, if the blog is not theirs alone
	InReplyTo string    // https address of what it answers, "" for none
	Tags      []Tag
	Media     []Media
	Links     []Link // related pages
	Origin    string // https address of the same post on the author's own site, "" for none
	XMPP      string // xmpp: address of the item, "" for none

	// What others did, on the post's own page.
	Likes, Boosts, Replies int       // all that are known
	Comments               []Comment // those that can be shown, in the order of reading
}

// Comment is an answer to a post, or to another comment.
type Comment struct {
	ID        string // ActivityPub id
	Author    Author // its URL is where the author can be read, "" for nowhere; its ID may be ""
	URL       string // https address of the comment itself
	Content   template.HTML
	Warning   string // plain text: why it is folded
	Sensitive bool
	Lang      string
	Published time.Time
	Updated   time.Time // zero when never edited
	Media     []Media
	Depth     int // 0 answers the post
}

// Tag is a hashtag.
type Tag struct {
	Name string // without #
	URL  string // "" when it leads nowhere
}

// Link is a page that a post refers to.
type Link struct{ URL, Title string }

// Media is a picture or file of a post.
type Media struct {
	URL    string
	Type   string // media type, "" when not known
	Alt    string // plain text
	Width  int    // pixels, 0 when not known
	Height int
	Size   int64 // bytes, 0 when not known
}
