package bridge

import (
	"context"
	"strconv"
	"strings"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/db"
)

const collectionPage = 20

// outboxBytes bounds a page of the outbox: Misskey reads no document above
// 256 KiB (activitypub.md O20).
const outboxBytes = 200 << 10

// Collection serves outbox, followers, following and featured (activitypub.md
// C1–C4); page is "" for the collection itself.
func (b httpSide) Collection(ctx context.Context, token, name, page string) (activitypub.Document, error) {
	if token == InstanceToken {
		return collection(vocab.Collection{ID: b.addr.Collection(token, name)}), nil
	}
	blog, err := b.blogByToken(ctx, token)
	if err != nil {
		return activitypub.Document{}, err
	}
	id := b.addr.Collection(token, name)
	switch name {
	case "outbox":
		return b.outbox(ctx, &blog, id, page)
	case "followers":
		return b.followers(ctx, &blog, id, page)
	case "following":
		return b.following(ctx, &blog, id, page)
	}
	return b.featured(ctx, &blog, id)
}

func collection(c vocab.Collection) activitypub.Document {
	return activitypub.Document{Body: c.JSON()}
}

// outbox lists the Creates of what is public now, newest first, in pages whose
// cursor is a post and not a number, so that new posts do not shift them.
func (b *Bridge) outbox(ctx context.Context, blog *db.Blog, id, page string) (activitypub.Document, error) {
	if !readable(blog) {
		return collection(vocab.Collection{ID: id}), nil
	}
	if page == "" {
		n, err := b.db.PostCount(ctx, blog.ID)
		c := vocab.Collection{ID: id, Total: n}
		if n > 0 {
			c.First = pageURL(id, "first")
		}
		return collection(c), err
	}
	published, last, err := cursor(page)
	if err != nil {
		return activitypub.Document{}, err
	}
	posts, err := b.db.Posts(ctx, blog.ID, published, last, collectionPage+1)
	if err != nil {
		return activitypub.Document{}, err
	}
	p := vocab.CollectionPage{ID: pageURL(id, page), PartOf: id}
	size := 0
	for i, post := range posts {
		if i == collectionPage {
			p.Next = pageURL(id, after(posts[i-1]))
			break
		}
		if size += len(post.Object); size > outboxBytes && i > 0 {
			p.Next = pageURL(id, after(posts[i-1]))
			break
		}
		create, err := b.about(blog, post, "Create", post.CreateTok, post.Published)
		if err != nil {
			return activitypub.Document{}, err
		}
		p.Items = append(p.Items, create)
	}
	return activitypub.Document{Body: p.JSON()}, nil
}

// listed is somebody in a list of followers or followed; one who has yet to accept
// is not shown.
type listed struct {
	id    int64
	actor string
	shown bool
}

func (b *Bridge) followers(ctx context.Context, blog *db.Blog, id, page string) (activitypub.Document, error) {
	if page == "" {
		n, err := b.db.FollowerCount(ctx, blog.ID, followerAccepted)
		return listHead(blog, id, n, err)
	}
	return listPage(blog, id, page, func(after int64) (out []listed, err error) {
		list, err := b.db.Followers(ctx, blog.ID, followerAccepted, after, collectionPage+1)
		for _, f := range list {
			out = append(out, listed{f.ID, f.Actor, true})
		}
		return out, err
	})
}

// following lists whom a blog follows and who accepted that, hidden as followers are.
func (b *Bridge) following(ctx context.Context, blog *db.Blog, id, page string) (activitypub.Document, error) {
	if page == "" {
		n, err := b.db.FollowingCount(ctx, blog.ID)
		return listHead(blog, id, n, err)
	}
	return listPage(blog, id, page, func(after int64) (out []listed, err error) {
		list, err := b.db.FollowingPage(ctx, blog.ID, after, collectionPage+1)
		for _, f := range list {
			out = append(out, listed{f.ID, f.Actor, f.State == followerAccepted})
		}
		return out, err
	})
}

// listHead is the collection itself; a hidden network has no first page (C2).
func listHead(blog *db.Blog, id string, n int, err error) (activitypub.Document, error) {
	c := vocab.Collection{ID: id, Total: n}
	if n > 0 && !blog.HideNetwork {
		c.First = pageURL(id, "first")
	}
	return collection(c), err
}

// listPage is a page of one, of what is read behind an id.
func listPage(blog *db.Blog, id, page string, read func(after int64) ([]listed, error)) (activitypub.Document, error) {
	if blog.HideNetwork {
		return activitypub.Document{}, activitypub.ErrForbidden
	}
	_, after, err := cursor(page)
	if err != nil {
		return activitypub.Document{}, err
	}
	list, err := read(after)
	if err != nil {
		return activitypub.Document{}, err
	}
	p := vocab.CollectionPage{ID: pageURL(id, page), PartOf: id}
	for i, l := range list {
		if i == collectionPage {
			p.Next = pageURL(id, "0-"+strconv.FormatInt(list[i-1].id, 10))
			break
		}
		if l.shown {
			p.Items = append(p.Items, l.actor)
		}
	}
	return activitypub.Document{Body: p.JSON()}, nil
}

func pageURL(collection, page string) string { return collection + "?page=" + page }

// after spells the place behind a post for cursor.
func after(p db.Post) string {
	return strconv.FormatInt(p.Published, 10) + "-" + strconv.FormatInt(p.ID, 10)
}

// cursor reads "first" or TIME-ID.
func cursor(page string) (published, id int64, err error) {
	if page == "first" || page == "true" || page == "1" {
		return 0, 0, nil
	}
	a, z, _ := strings.Cut(page, "-")
	published, err = strconv.ParseInt(a, 10, 64)
	if err == nil {
		id, err = strconv.ParseInt(z, 10, 64)
	}
	if err != nil {
		return 0, 0, activitypub.ErrNotFound
	}
	return published, id, nil
}
