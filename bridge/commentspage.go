package bridge

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// What stands in the comments node of somebody's post, at its author's address:
// everything public that answers the post, and the answers to that, from there
// and from here.

// Bounds of a conversation as it is shown and read.
const (
	maxComments  = 500
	maxDepth     = 8
	freshReplies = 15 * 60 * 1000 // ms, as Mastodon's
)

// fetchComments answers for a comments node. The first time, the conversation is
// asked for; later that is done for the next one who looks.
func (b *Bridge) fetchComments(ctx context.Context, acc db.Account, f component.FetchRequest, item string) (component.FetchResult, error) {
	note, err := b.readablePost(ctx, acc, f.From, item)
	if err != nil {
		return component.FetchResult{}, err
	}
	switch age := b.nowMS() - note.ReadAt; {
	case note.ReadAt == 0:
		if _, err := together(b, ctx, "replies "+note.Object, func(ctx context.Context) (bool, error) { return true, b.readReplies(ctx, note) }); err != nil {
			b.logger(ctx).Info("conversation not read", "object", note.Object, "why", err)
		}
	case age > freshReplies:
		b.soon(ctx, repliesJob(note.ID, b.nowMS()))
	}
	items, err := b.commentItems(ctx, acc, note)
	if err == nil {
		items, err = b.heardBy(ctx, f.From, items)
	}
	if err != nil {
		return component.FetchResult{}, err
	}
	if len(f.IDs) > 0 {
		items = slices.DeleteFunc(items, func(it stanza.Item) bool { return !slices.Contains(f.IDs, it.ID) })
	}
	return cutPage(items, f)
}

// readablePost is the post of an account that an item stands for, if the asker may
// read it.
func (b *Bridge) readablePost(ctx context.Context, acc db.Account, asker stanza.JID, item string) (db.Note, error) {
	note, err := b.db.NoteByItem(ctx, item)
	if errors.Is(err, db.ErrNotFound) || err == nil && (note.Actor != acc.Actor || note.Deleted != 0) {
		return note, stanza.ErrItemNotFound(b.say(ctx, "read.nopost"))
	}
	if err != nil || isPublic(note.Visibility) {
		return note, err
	}
	follows, err := b.db.FollowsActor(ctx, asker.Bare().Fold().String(), stanza.NSMicroblog, acc.Actor)
	if err != nil {
		return note, err
	}
	if f, err := b.db.FeedItem(ctx, acc.Actor, item); err != nil || f.Gone || !follows {
		return note, stanza.ErrItemNotFound(b.say(ctx, "read.nopost"))
	}
	return note, nil
}

// answerTo is one comment in a conversation: somebody else's, or one of ours.
type answerTo struct {
	note   db.Note
	post   db.Post
	parent string // id of what it answers
	at     int64
}

// conversation walks down from a post to what answers it, level by level.
func (b *Bridge) conversation(ctx context.Context, object string) ([]answerTo, error) {
	var out []answerTo
	level := []string{object}
	seen := map[string]bool{object: true}
	for range maxDepth {
		var next []string
		for _, parent := range level {
			notes, err := b.db.NoteReplies(ctx, parent, 0, maxComments)
			if err != nil {
				return nil, err
			}
			for _, n := range notes {
				if !seen[n.Object] && len(out) < maxComments {
					seen[n.Object] = true
					out = append(out, answerTo{note: n, parent: parent, at: n.Published})
					next = append(next, n.Object)
				}
			}
			posts, err := b.db.PostReplies(ctx, parent, 0, maxComments)
			if err != nil {
				return nil, err
			}
			for _, p := range posts {
				if id := b.addr.Post(p.Token); !seen[id] && len(out) < maxComments {
					seen[id] = true
					out = append(out, answerTo{post: p, parent: parent, at: p.Published})
					next = append(next, id)
				}
			}
		}
		if level = next; len(level) == 0 {
			break
		}
	}
	slices.SortStableFunc(out, func(x, y answerTo) int { return cmp.Compare(x.at, y.at) })
	return out, nil
}

// commentItems are the items of a post's comments node, the oldest first.
func (b *Bridge) commentItems(ctx context.Context, acc db.Account, note db.Note) ([]stanza.Item, error) {
	list, err := b.conversation(ctx, note.Object)
	if err != nil {
		return nil, err
	}
	at := place{service: acc.JID, node: commentsPrefix + note.Item}
	ids := map[string]string{} // object → item id
	for _, a := range list {
		if a.post.ID != 0 {
			ids[b.addr.Post(a.post.Token)] = a.post.Item
		} else {
			ids[a.note.Object] = a.note.Item
		}
	}
	var out []stanza.Item
	for _, a := range list {
		it, err := b.commentItem(ctx, at, a, ids[a.parent])
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, it)
	}
	hearts, err := b.heartItems(ctx, at)
	return append(out, hearts...), err
}

// heartItems are the likes that people here made by a comment titled ♥, as Movim
// does.
func (b *Bridge) heartItems(ctx context.Context, at place) ([]stanza.Item, error) {
	deeds, err := b.db.DeedsIn(ctx, at.service, at.node, maxComments)
	if err != nil {
		return nil, err
	}
	var out []stanza.Item
	for _, d := range deeds {
		blog, err := b.db.BlogByID(ctx, d.BlogID)
		if err != nil {
			return nil, err
		}
		who := mapping.Author{Handle: b.addr.Acct(blog.Handle), Name: blog.Profile.Name, JID: mustJID(blog.JID)}
		uri := stanza.ItemURI(mustJID(at.service), at.node, d.Item).String()
		out = append(out, stanza.Item{ID: d.Item, Publisher: blog.JID, Payload: mapping.Heart(who, uri, msTime(d.Created)).Element()})
	}
	return out, nil
}

// commentItem is a comment as it stands in a comments node; parent is the item of
// what it answers there, "" when that is the post itself.
func (b *Bridge) commentItem(ctx context.Context, at place, a answerTo, parent string) (stanza.Item, error) {
	service := mustJID(at.service)
	if a.post.ID != 0 {
		entry, err := parseEntry(a.post.Source)
		if err != nil {
			return stanza.Item{}, errNoText
		}
		return stanza.Item{ID: a.post.Item, Publisher: a.post.Publisher, Payload: entry.Element()}, nil
	}
	s, err := b.storyOf(ctx, a.note)
	if err != nil {
		return stanza.Item{}, err
	}
	if s.Author.JID.IsZero() {
		return stanza.Item{}, errNoText
	}
	r := s.Reply
	r.ItemURI = stanza.ItemURI(service, at.node, a.note.Item).String()
	r.ParentURI, r.ParentID = "", ""
	if parent != "" {
		r.ParentURI = stanza.ItemURI(service, at.node, parent).String()
		r.ParentID = r.ParentURI
	}
	return stanza.Item{ID: a.note.Item, Publisher: s.Author.JID.String(), Payload: mapping.Comment(r).Element()}, nil
}
