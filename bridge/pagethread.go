package bridge

import (
	"cmp"
	"context"
	"errors"
	"html/template"
	"slices"
	"strings"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/mapping"
	"isthmus/web"
)

// Bounds of what a page shows of a conversation.
const (
	pageComments = 100
	pageDepth    = 12
)

// discussed adds to a post's page what others did: counts as its collections have them,
// and comments of both networks.
func (b pages) discussed(ctx context.Context, v *web.Post, post db.Post, blog *db.Blog) (err error) {
	if v.Likes, err = b.db.LikeCount(ctx, post.ID); err != nil {
		return err
	}
	if v.Boosts, err = b.db.ShareCount(ctx, post.ID); err != nil {
		return err
	}
	if v.Replies, _, _, err = httpSide(b).replies(ctx, post, ""); err != nil {
		return err
	}
	if v.Replies == 0 {
		return nil
	}
	t := pageTalk{pages: b, blog: blog, seen: map[string]bool{}}
	if err := t.below(ctx, v.ID, 0); err != nil {
		return err
	}
	v.Comments = t.list
	direct := 0
	for _, c := range t.list {
		if c.Depth == 0 {
			direct++
		}
	}
	v.Replies += len(t.list) - direct // the collection counts what answers the post itself
	return nil
}

// pageTalk gathers a conversation in the order of reading: what answers a comment stands
// right below it.
type pageTalk struct {
	pages
	blog *db.Blog // whose post it is
	seen map[string]bool
	list []web.Comment
}

func (t *pageTalk) below(ctx context.Context, object string, depth int) error {
	if t.seen[object] || depth > pageDepth {
		return nil
	}
	t.seen[object] = true
	answers, err := t.answers(ctx, object)
	if err != nil {
		return err
	}
	slices.SortStableFunc(answers, func(a, b web.Comment) int { return a.Published.Compare(b.Published) })
	for _, a := range answers {
		if len(t.list) == pageComments {
			return nil
		}
		a.Depth = depth
		t.list = append(t.list, a)
		if err := t.below(ctx, a.ID, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// answers are what answers an object directly and may be shown.
func (t *pageTalk) answers(ctx context.Context, object string) (out []web.Comment, err error) {
	posts, err := t.db.PostReplies(ctx, object, 0, pageComments)
	if err != nil {
		return nil, err
	}
	for _, p := range posts {
		a, err := t.ours(ctx, p)
		switch {
		case err == nil:
			out = append(out, a)
		case !errors.Is(err, activitypub.ErrNotFound) && !errors.Is(err, activitypub.ErrGone):
			return nil, err
		}
	}
	notes, err := t.db.NoteReplies(ctx, object, 0, pageComments)
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		away, err := t.keptAway(ctx, t.db, t.blog.ID, n.Actor)
		if err == nil && !away {
			away, err = t.notShown(ctx, n.Actor)
		}
		if err != nil {
			return nil, err
		}
		if a, ok := t.theirs(ctx, n); ok && !away {
			out = append(out, a)
		}
	}
	return out, nil
}

// ours is a comment of somebody here who is in the Fediverse.
func (t *pageTalk) ours(ctx context.Context, p db.Post) (web.Comment, error) {
	post, blog, err := t.publicPost(ctx, p.Token)
	if err != nil {
		return web.Comment{}, err
	}
	v, err := t.view(&blog, post)
	return web.Comment{ID: v.ID, Author: v.Author, URL: v.URL, Content: v.Content, Warning: v.Warning, Sensitive: v.Sensitive,
		Lang: v.Lang, Published: v.Published, Updated: v.Updated, Media: v.Media}, err
}

// theirs is a comment from elsewhere. Its pictures come by way of the gateway, or are
// links: who visits this page is not the business of other servers.
func (t *pageTalk) theirs(ctx context.Context, n db.Note) (web.Comment, bool) {
	o, err := vocab.Read([]byte(n.Doc), vocab.DefaultLimits)
	if err != nil {
		return web.Comment{}, false
	}
	content, lang := o.Text("content")
	c := web.Comment{
		ID:     n.Object,
		Author: web.Author{ID: n.Actor, URL: n.Actor, Handle: hostOf(n.Actor), Acct: hostOf(n.Actor)}, URL: cmp.Or(n.URL, n.Object),
		Content: template.HTML(mapping.Sanitize(content)), Lang: lang, Sensitive: o.Bool("sensitive"),
		Published: msTime(n.Published), Updated: o.Time("updated"),
	}
	if r, err := t.db.Remote(ctx, n.Actor); err == nil && r.Handle != "" {
		c.Author.Handle, _, _ = strings.Cut(r.Handle, "@")
		c.Author.Acct, c.Author.Name = "@"+r.Handle, r.Name
	}
	if c.Sensitive || n.Type == "Note" || n.Type == "Question" { // else it is the beginning of a text
		c.Warning = mapping.PlainText(o.Str("summary"))
	}
	if !t.mediaRefused(ctx, n.Actor) {
		for _, m := range o.Docs("attachment") {
			file := web.Media{URL: m.Str("url"), Alt: m.Str("name")}
			if t.proxy != nil {
				file.URL, file.Type = t.mediaURL(file.URL), m.Str("mediaType")
			}
			if m.Str("url") != "" {
				c.Media = append(c.Media, file)
			}
		}
	}
	return c, true
}
