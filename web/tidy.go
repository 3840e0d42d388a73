package web

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// tidyProfile drops what must not be shown and fills in what is left out. The
// Source's own slices stay as they are.
func tidyProfile(v Profile) Profile {
	v.Site = site(v.Site)
	v.Author = tidyAuthor(v.Author)
	v.BioText, v.MovedTo = plain(v.BioText), plain(v.MovedTo)
	v.Fields = slices.Clone(v.Fields)
	for i, f := range v.Fields {
		v.Fields[i] = Field{plain(f.Name), plain(f.Value), webAddress(f.URL), f.Proven}
	}
	v.Header = webAddress(v.Header)
	v.List, v.Pinned = tidyPosts(v.Author, v.List), tidyPosts(v.Author, v.Pinned)
	return v
}

// tidyPosts tidies posts of an author's page; those without an author are theirs.
func tidyPosts(author Author, list []Post) []Post {
	list = slices.Clone(list)
	for i, p := range list {
		if p.Author.Handle == "" {
			p.Author = author
		}
		list[i] = tidyPost(p)
	}
	return list
}

func tidyAuthor(a Author) Author {
	a.Name = plain(a.Name)
	a.Avatar = webAddress(a.Avatar)
	a.XMPP = string(xmppURL(a.XMPP))
	return a
}

func tidyPost(p Post) Post {
	p.Site = site(p.Site)
	p.Author = tidyAuthor(p.Author)
	p.Title, p.Excerpt, p.Warning, p.Byline = plain(p.Title), plain(p.Excerpt), plain(p.Warning), plain(p.Byline)
	p.Origin, p.InReplyTo = webAddress(p.Origin), webAddress(p.InReplyTo)
	p.XMPP = string(xmppURL(p.XMPP))
	p.Comments = slices.Clone(p.Comments)
	for i, c := range p.Comments {
		p.Comments[i] = tidyComment(c)
	}
	p.Tags = slices.Clone(p.Tags)
	for i, t := range p.Tags {
		p.Tags[i] = Tag{plain(t.Name), webAddress(t.URL)}
	}
	p.Tags = slices.DeleteFunc(p.Tags, func(t Tag) bool { return t.Name == "" })
	p.Media = tidyMedia(p.Media)
	p.Links = slices.DeleteFunc(slices.Clone(p.Links), func(l Link) bool { return webAddress(l.URL) == "" })
	for i, l := range p.Links {
		p.Links[i].Title = plain(l.Title)
	}
	return p
}

func tidyMedia(list []Media) []Media {
	list = slices.DeleteFunc(slices.Clone(list), func(m Media) bool { return webAddress(m.URL) == "" })
	for i, m := range list {
		list[i].Alt = plain(m.Alt)
	}
	return list
}

// maxDepth is how far comments are indented.
const maxDepth = 4

func tidyComment(c Comment) Comment {
	c.Author = tidyAuthor(c.Author)
	c.Author.URL, c.URL = webAddress(c.Author.URL), webAddress(c.URL)
	c.Warning, c.Depth, c.Media = plain(c.Warning), min(max(0, c.Depth), maxDepth), tidyMedia(c.Media)
	return c
}

// plain is text without what no text needs: control characters, bytes that are
// no UTF-8, and the marks that turn the direction of everything after them
// (U+202A to U+202E), which reach beyond the element they stand in.
func plain(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r >= 0x202a && r <= 0x202e {
			return -1
		}
		return r
	}, s))
}

func site(name string) string {
	if name = plain(name); name == "" {
		return "Isthmus"
	}
	return name
}

// webAddress is s when it is an http(s) address or a path on this host,
// otherwise "": posts come from strangers, and feed readers open any scheme.
func webAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil || strings.ContainsAny(s, " \t\r\n\\") {
		return ""
	}
	isWeb := (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
	isPath := u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/") && !strings.HasPrefix(s, "//")
	if !isWeb && !isPath {
		return ""
	}
	return s
}
