package web

import (
	"context"
	"errors"
	"strings"
	"time"
)

// sample is a small gateway with the blogs and posts that the tests look at.
type sample struct{}

var errDatabase = errors.New("the database is locked")

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

const host = "https://ap.example.org"

func (sample) Front(ctx context.Context) (Front, error) {
	if ctx.Value(failing{}) != nil {
		return Front{}, errDatabase
	}
	return Front{
		URL: host + "/", Name: "Isthmus at example.org", Description: "Blogs from example.org, readable in the Fediverse.",
		Component: "ap.example.org", HandleDomain: "example.org", Domains: []string{"example.org", "example.net"},
		AllowUsers: true, Rules: []string{"Be kind.", "<b>No spam</b>."}, Contact: "xmpp:admin@example.org", Version: "0.1.0",
	}, nil
}

// failing in a context makes sample fail.
type failing struct{}

var louise = Author{
	ID: host + "/ap/actor/k3x9", URL: host + "/@louise", Handle: "louise", Acct: "@louise@example.org", Name: "Louise",
	Avatar: host + "/media/a1b2", XMPP: "xmpp:louise@example.org?;node=urn:xmpp:microblog:0", Indexed: true,
}

var canal = Post{
	ID: host + "/ap/post/c4n4l", URL: host + "/@louise/c4n4l", Title: "A walk along the canal",
	Excerpt: "The canal was dug for barges that no longer come.",
	Content: "<p>The canal was dug for <em>barges</em> that no longer come.</p>\n<blockquote><p>“You will hear the weir first.”</p></blockquote>",
	Lang:    "en", Published: at("2026-03-14 15:09"), Updated: at("2026-03-15 08:00"),
	Tags:   []Tag{{"walking", "https://tags.example/walking"}, {"canal", ""}},
	Media:  []Media{{URL: "https://upload.example.org/canal.jpg", Type: "image/jpeg", Alt: "A straight canal between fields", Width: 1200, Height: 800}},
	Links:  []Link{{"https://example.org/lock", "History of the lock"}, {"https://example.org/untitled", ""}},
	Origin: "https://louise.example/canal", XMPP: "xmpp:louise@example.org?;node=urn:xmpp:microblog:0;item=canal",
}

// talk is what others said of it, on both networks.
var talk = []Comment{
	{ID: "https://social.example/notes/7", Author: Author{URL: "https://social.example/@bob", Handle: "bob", Acct: "@bob@social.example", Name: "Bob"}, URL: "https://social.example/@bob/7",
		Content: "<p>I <em>heard</em> it!</p>", Lang: "en", Published: at("2026-03-14 16:00"), Updated: at("2026-03-14 16:05"),
		Media: []Media{{URL: "https://social.example/weir.jpg", Type: "image/jpeg", Alt: "The weir"}}},
	{ID: host + "/ap/post/r3ply", Author: louise, URL: host + "/@louise/r3ply", Content: "<p>Did you?</p>", Published: at("2026-03-14 17:00"), Depth: 1},
	{ID: "https://social.example/notes/8", Author: Author{Handle: "eve", Acct: "@eve@social.example"}, Content: "<p>The miller drowned.</p>", Warning: "The end", Published: at("2026-03-14 18:00"), Depth: 9},
}

var nasty = Comment{
	ID:     `"><script>`,
	Author: Author{URL: "javascript:alert(1)", Handle: "m", Acct: "<script>", Name: "</bdi><script>", Avatar: "javascript:alert(1)"}, URL: "javascript:alert(1)",
	Content: "<p>The caller made this safe.</p>", Warning: "<script>alert(1)</script>\u202e", Lang: `en" onload="x`, Published: at("2026-01-01 00:00"), Depth: -3,
	Media: []Media{{URL: "javascript:alert(1)", Type: "image/png"}},
}

var bread = Post{
	ID: host + "/ap/post/br34d", URL: host + "/@louise/br34d", Excerpt: "La boulangerie du coin est ouverte.",
	Content: `<p>La boulangerie du coin est ouverte.</p>`, Lang: "fr", Published: at("2026-03-12 09:30"),
	InReplyTo: "https://social.example/@bob/1",
	Media: []Media{
		{URL: "https://upload.example.org/one.png", Type: "image/png"},
		{URL: "https://upload.example.org/two.webm", Type: "video/webm", Alt: "The oven"},
		{URL: "https://upload.example.org/three.ogg", Type: "audio/ogg"},
		{URL: "https://upload.example.org/price%20list.pdf", Type: "application/pdf", Size: 1234567},
	},
}

var ending = Post{
	ID: host + "/ap/post/end", URL: host + "/@louise/end", Warning: "How it ends", Excerpt: "It was the gardener.",
	Content: `<p>It was the gardener.</p>`, Lang: "ar", Published: at("2026-03-08 22:00"),
}

// evil is what somebody writes who wants to break the page.
var evil = Post{
	ID: host + `/ap/post/evil"><script>alert(1)</script>`, URL: host + "/@mallory/evil",
	Title: `</title><script>alert("title")</script>`, Excerpt: `"><img src=x onerror=alert(1)> <!-- ]]>` + "\x00\x0b\xff",
	Content: `<p>The caller made this safe.</p>`, Lang: `en" onload="alert(1)`, Byline: "<b>Mallory\u202e</b>",
	Published: at("2026-01-01 00:00"), InReplyTo: "javascript:alert(1)", Origin: "javascript:alert(1)", XMPP: `xmpp:m@example.org"><script>alert(1)</script>`,
	Tags: []Tag{{`<script>`, "javascript:alert(1)"}, {`x" onclick="alert(1)`, `https://example.org/"onclick="alert(1)`}, {" ", ""}},
	Media: []Media{
		{URL: "javascript:alert(1)", Type: "image/png"}, {URL: "data:image/svg+xml,<svg onload=alert(1)>", Type: "image/svg+xml"}, {URL: "//elsewhere.example/x.png", Type: "image/png"},
		{URL: `https://example.org/"onerror="alert(1).png`, Type: "image/png", Alt: `" onerror="alert(1)`}, {URL: "https://example.org/%2e%2e/<script>", Type: `text/html"><script>`},
	},
	Links: []Link{{"javascript:alert(1)", "x"}, {"https://example.org/?a=1&b=2", "</a><script>alert(1)</script>"}},
}

func (sample) Profile(_ context.Context, handle, before string) (Profile, error) {
	v := Profile{
		Author: louise, Site: "Isthmus at example.org", Lang: "en", Bio: "<p>Walks, <strong>bread</strong>, photographs.</p>", BioText: "Walks, bread, photographs.",
		Followers: 1234, Posts: 57, Updated: at("2026-03-15 08:00"),
		Fields: []Field{{"Pronouns", "she/her", "", false}, {"Web", "https://louise.example/", "https://louise.example/", true}},
	}
	switch strings.ToLower(handle) {
	case "louise":
		v.List, v.Next = []Post{canal, bread, ending}, "2026-03-08"
		if before == "" {
			v.Header, v.Pinned = "https://upload.example.org/canal.jpg", []Post{canal, ending}
		}
		if before != "" {
			v.List, v.Next = nil, ""
		}
		return v, nil
	case "berlin":
		return Profile{
			Author: Author{ID: host + "/ap/actor/b3rl", URL: host + "/@berlin", Handle: "berlin", Acct: "@berlin@example.org", Group: true},
			Notice: Paused, Followers: -1, Posts: -1,
			List: []Post{{ID: host + "/ap/post/b1", URL: host + "/@berlin/b1", Content: "<p>Tonight at eight.</p>", Byline: "anna@example.org", Published: at("2026-02-01 20:00")}},
		}, nil
	case "mallory":
		return Profile{
			Author: Author{
				ID: host + `/ap/actor/m"><script>`, URL: host + "/@mallory", Handle: "mallory", Acct: `@mallory@example.org"><script>`, Name: "<script>alert('name')</script>\u202e",
				Avatar: "javascript:alert(1)", XMPP: "javascript:alert(1)", Indexed: true,
			},
			Site: `<script>alert("site")</script>`, BioText: `"><script>alert(1)</script>`, Notice: Moved, MovedTo: "<script>alert(1)</script>", Lang: `"><script>`, Fields: []Field{{"<b>", "<script>", "javascript:alert(1)", true}}, List: []Post{evil}, Next: "a",
		}, nil
	case "quiet": // whom search engines do not list
		return Profile{
			Author: Author{ID: host + "/ap/actor/q", URL: host + "/@quiet", Handle: "quiet", Acct: "@quiet@example.org"},
			List:   []Post{{ID: host + "/ap/post/q", URL: host + "/@quiet/quiet", Content: "<p>Quiet.</p>", Published: at("2026-02-02 20:00")}},
		}, nil
	case "left":
		return Profile{}, ErrGone
	case "broken":
		return Profile{}, errDatabase
	}
	return Profile{}, ErrNotFound
}

func (s sample) Post(ctx context.Context, handle, token string) (Post, error) {
	v, err := s.Profile(ctx, handle, "")
	if err != nil {
		return Post{}, err
	}
	for _, p := range v.List {
		if p.URL == v.URL+"/"+token {
			p.Author, p.Site = v.Author, v.Site
			switch token {
			case "c4n4l":
				p.Likes, p.Boosts, p.Replies, p.Comments = 1, 12, 4, talk
			case "quiet":
				p.Likes, p.Replies, p.Comments = 2000, 3, talk
			case "evil":
				p.Replies, p.Comments = 1, []Comment{nasty}
			}
			return p, nil
		}
	}
	return Post{}, ErrNotFound
}

// closed is a gateway whose admin enrols people.
type closed struct{ sample }

func (s closed) Front(ctx context.Context) (Front, error) {
	v, err := s.sample.Front(ctx)
	v.AllowUsers, v.Contact = false, ""
	return v, err
}

func (sample) Home(_ context.Context, account string) (Home, error) {
	user, host, _ := strings.Cut(strings.TrimPrefix(account, "@"), "@")
	home := Home{Handle: user + "@" + host, Intents: map[string]string{}}
	at := "https://" + host
	switch host {
	case "":
		return Home{}, ErrAddress
	case "silent.example":
		return Home{}, errDatabase
	case "mastodon.example":
		home.Subscribe = at + "/authorize_interaction?uri={uri}"
	case "emissary.example":
		home.Intents = map[string]string{"Follow": at + "/follow?o={object}&then={on-success}&x={unknown}", "Like": at + "/like?o={object}",
			"Announce": at + "/boost?o={object}", "Create": at + "/new?t={type}&re={inReplyTo}&c={content}"}
	case "objects.example":
		home.Intents = map[string]string{"Create": at + "/share?text={content}", "Object": at + "/show?o={object}"}
		home.Subscribe = at + "/authorize_interaction?uri={uri}"
	case "odd.example":
		home.Intents = map[string]string{"Follow": "http://odd.example/{object}", "Object": "javascript:alert({object})"}
	}
	if user == "nobody" {
		return Home{}, ErrNotFound
	}
	return home, nil
}
