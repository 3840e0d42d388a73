package bridge

import (
	"context"
	"errors"
	"html/template"
	"slices"
	"strings"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
	"isthmus/web"
)

// pages gives people's pages their content: the published objects, so that a
// page shows what the Fediverse was told and nothing else.
type pages struct{ *Bridge }

var _ web.Source = pages{}

// Front is about the gateway.
func (b pages) Front(context.Context) (web.Front, error) {
	return web.Front{
		URL: b.cfg.PublicURL + "/", Name: b.cfg.Name, Description: b.cfg.Description,
		Component: b.cfg.Component, HandleDomain: b.cfg.HandleDomain, Domains: b.cfg.Domains,
		AllowUsers: b.cfg.AllowUsers, Rules: b.cfg.Rules, Contact: b.cfg.Contact, Version: b.cfg.Version,
	}, nil
}

// Profile is a blog and a page of its posts.
func (b pages) Profile(ctx context.Context, handle, before string) (web.Profile, error) {
	blog, err := b.db.BlogByHandle(ctx, strings.ToLower(handle))
	if err := shown(blog, err); err != nil {
		return web.Profile{}, pageError(err)
	}
	p := web.Profile{
		Author: b.author(&blog), Site: b.cfg.Name, Lang: blog.Lang,
		Bio: template.HTML(mapping.FromText(blog.Profile.Note)), BioText: blog.Profile.Note,
		Header: blog.Profile.BannerURL, Followers: -1, Updated: msTime(blog.ProfileAt),
	}
	if p.Posts, err = b.db.OwnPostCount(ctx, blog.ID); err != nil {
		return web.Profile{}, err
	}
	if !blog.HideNetwork {
		if p.Followers, err = b.db.FollowerCount(ctx, blog.ID, followerAccepted); err != nil {
			return web.Profile{}, err
		}
	}
	prefs, err := b.db.Preferences(ctx, blog.ID)
	if err != nil {
		return web.Profile{}, err
	}
	fields := mapping.Profile{Links: strings.Fields(blog.Profile.Links), Fields: fieldsOf(prefs)}
	for _, f := range fields.AllFields() {
		p.Fields = append(p.Fields, web.Field{Name: f.Name, Value: f.Value, URL: f.Link(), Proven: slices.Contains(provenLinks(prefs), f.Link())})
	}
	switch to := prefs[preferenceMovedTo]; {
	case !readable(&blog):
		if p.Posts > 0 {
			p.Notice, p.Posts = web.Closed, -1
		}
		return p, nil
	case to != "":
		p.Notice, p.MovedTo = web.Moved, b.mutedName(ctx, to)
	case blog.State == db.Paused:
		p.Notice = web.Paused
	}
	var published, id int64
	if before != "" {
		if published, id, err = cursor(before); err != nil {
			return web.Profile{}, pageError(err)
		}
	}
	if before == "" {
		if p.Pinned, err = b.pinnedViews(ctx, &blog, prefs); err != nil {
			return web.Profile{}, err
		}
	}
	posts, err := b.db.OwnPosts(ctx, blog.ID, published, id, collectionPage+1)
	if err != nil {
		return web.Profile{}, err
	}
	for i, post := range posts {
		if i == collectionPage {
			p.Next = after(posts[i-1])
			break
		}
		view, err := b.view(&blog, post)
		if err != nil {
			return web.Profile{}, err
		}
		p.List = append(p.List, view)
		p.Updated = later(p.Updated, later(view.Published, view.Updated))
	}
	return p, nil
}

// pinnedViews are the pinned posts for the top of a page.
func (b pages) pinnedViews(ctx context.Context, blog *db.Blog, prefs map[string]string) (out []web.Post, err error) {
	posts, err := b.pinned(ctx, blog, prefs)
	for _, post := range posts {
		view, err := b.view(blog, post)
		if err != nil {
			return nil, err
		}
		out = append(out, view)
	}
	return out, err
}

// Post is one post.
func (b pages) Post(ctx context.Context, handle, token string) (web.Post, error) {
	post, blog, err := b.publicPost(ctx, token)
	if err != nil {
		return web.Post{}, pageError(err)
	}
	if blog.Handle != strings.ToLower(handle) {
		return web.Post{}, web.ErrNotFound
	}
	v, err := b.view(&blog, post)
	if err == nil {
		err = b.discussed(ctx, &v, post, &blog)
	}
	return v, err
}

func (b *Bridge) author(blog *db.Blog) web.Author {
	a := web.Author{
		ID: b.addr.Actor(blog.Token), URL: b.addr.Page(blog.Handle), Handle: blog.Handle, Acct: "@" + b.addr.Acct(blog.Handle),
		Name: blog.Profile.Name, XMPP: stanza.ItemURI(mustJID(blog.JID), blog.Node, "").String(),
		Group: blog.Kind == "group", Indexed: blog.Indexable,
	}
	if blog.Profile.AvatarHash != "" {
		a.Avatar = b.addr.Media(blog.Profile.AvatarHash)
	} else {
		a.Avatar = blog.Profile.AvatarURL
	}
	return a
}

// view reads a published object back for its page.
func (b *Bridge) view(blog *db.Blog, post db.Post) (web.Post, error) {
	o, err := vocab.Read([]byte(post.Object), vocab.DefaultLimits)
	if err != nil {
		return web.Post{}, err
	}
	content, lang := o.Text("content")
	v := web.Post{
		Author: b.author(blog), Site: b.cfg.Name, ID: o.ID(), URL: b.addr.PostPage(blog.Handle, post.Token),
		Title: o.Str("name"), Content: template.HTML(content), Excerpt: excerpt(content), Lang: lang,
		Sensitive: o.Bool("sensitive"), InReplyTo: o.Str("inReplyTo"),
		Published: o.Time("published"), Updated: o.Time("updated"),
		XMPP: b.itemURI(blog, post).String(),
	}
	if v.Sensitive && v.Title == "" {
		v.Warning = mapping.PlainText(o.Str("summary"))
	}
	for _, t := range o.Docs("tag") {
		if t.Is("Hashtag") {
			v.Tags = append(v.Tags, web.Tag{Name: strings.TrimPrefix(t.Str("name"), "#")})
		}
	}
	for _, m := range o.Docs("attachment") {
		if u := m.Str("url"); u != "" {
			v.Media = append(v.Media, web.Media{URL: u, Type: m.Str("mediaType"), Alt: m.Str("name")})
		}
	}
	for _, u := range o.Docs("url") { // the blogger's own site, after our page (row O11)
		if href := u.Str("href"); href != v.URL && strings.HasPrefix(href, "http") {
			v.Origin = href
		}
	}
	return v, nil
}

func excerpt(content string) string { return clip(mapping.PlainText(content), 300) }

func pageError(err error) error {
	switch {
	case errors.Is(err, activitypub.ErrNotFound):
		return web.ErrNotFound
	case errors.Is(err, activitypub.ErrGone):
		return web.ErrGone
	}
	return err
}
