package bridge

import (
	"context"
	"strconv"
	"strings"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/db"
)

// PostCollection serves what others said of a post: replies, likes and shares
// (activitypub.md O15), with totals, in pages whose cursor does not shift.
func (b httpSide) PostCollection(ctx context.Context, token, name, page string) (activitypub.Document, error) {
	post, _, err := b.publicPost(ctx, token)
	if err != nil {
		return activitypub.Document{}, err
	}
	id := b.addr.Post(token) + "/" + name
	read := map[string]reader{"replies": b.replies, "likes": b.reactions(b.db.Likes, b.db.LikeCount), "shares": b.reactions(b.db.Shares, b.db.ShareCount)}[name]
	total, items, next, err := read(ctx, post, page)
	if err != nil {
		return activitypub.Document{}, err
	}
	if page == "" {
		c := vocab.Collection{ID: id, Total: total}
		if total > 0 {
			c.First = pageURL(id, "first")
		}
		return collection(c), nil
	}
	p := vocab.CollectionPage{ID: pageURL(id, page), PartOf: id, Items: items}
	if next != "" {
		p.Next = pageURL(id, next)
	}
	return activitypub.Document{Body: p.JSON()}, nil
}

// reader counts, when page is "", or reads one page of a post's collection.
type reader func(ctx context.Context, post db.Post, page string) (total int, items []any, next string, err error)

// reactions lists activities by their ids; those that came without one are only
// counted.
func (b httpSide) reactions(list func(context.Context, int64, int64, int) ([]db.Reaction, error), count func(context.Context, int64) (int, error)) reader {
	return func(ctx context.Context, post db.Post, page string) (total int, items []any, next string, err error) {
		if page == "" {
			total, err = count(ctx, post.ID)
			return total, nil, "", err
		}
		_, after, err := cursor(page)
		if err != nil {
			return 0, nil, "", err
		}
		rows, err := list(ctx, post.ID, after, collectionPage+1)
		if len(rows) > collectionPage {
			rows = rows[:collectionPage]
			next = "0-" + strconv.FormatInt(rows[collectionPage-1].ID, 10)
		}
		for _, r := range rows {
			if r.Activity != "" {
				items = append(items, r.Activity)
			}
		}
		return 0, items, next, err
	}
}

// replies lists our own comments, then everybody else's. Comments by people who
// are not on the Fediverse have no id there: they are only counted.
func (b httpSide) replies(ctx context.Context, post db.Post, page string) (total int, items []any, next string, err error) {
	object := b.addr.Post(post.Token)
	if page == "" {
		if total, err = b.db.ReplyCount(ctx, object); err != nil {
			return 0, nil, "", err
		}
		if t, err := b.db.ThreadByPost(ctx, post.ID); err == nil {
			others, err := b.db.CommentCount(ctx, t.ID)
			return total + others, nil, "", err
		}
		return total, nil, "", nil
	}
	kind, place, _ := strings.Cut(page, "-")
	after, err := strconv.ParseInt(place, 10, 64)
	if page != "first" && page != "true" && page != "1" && (err != nil || kind != "p" && kind != "n") {
		return 0, nil, "", activitypub.ErrNotFound
	}
	if kind != "n" {
		posts, err := b.db.PostReplies(ctx, object, after, collectionPage+1)
		if err != nil {
			return 0, nil, "", err
		}
		for i, p := range posts {
			if i == collectionPage {
				return 0, items, "p-" + strconv.FormatInt(posts[i-1].ID, 10), nil
			}
			items = append(items, b.addr.Post(p.Token))
		}
		after = 0
	}
	notes, err := b.db.NoteReplies(ctx, object, after, collectionPage+1)
	if err != nil {
		return 0, nil, "", err
	}
	for i, n := range notes {
		if len(items) == collectionPage {
			last := int64(0)
			if i > 0 {
				last = notes[i-1].ID
			}
			return 0, items, "n-" + strconv.FormatInt(last, 10), nil
		}
		items = append(items, n.Object)
	}
	return 0, items, "", nil
}
