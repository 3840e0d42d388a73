package bridge

import (
	"context"
	"errors"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// target is what a comment answers, or a like is about.
type target struct {
	object string    // its id, "" when it is not on the Fediverse
	note   db.Note   // when somebody else's
	post   db.Post   // when ours
	remote db.Remote // its author, when somebody else's
}

// answered finds what a comment is about: the comment that it points at
// (thr:in-reply-to), else the one of whom it names at its beginning, as people
// do where comments are a flat list, else the post itself.
func (b *Bridge) answered(ctx context.Context, t *db.Thread, by int64, entry stanza.Entry) (target, error) {
	if uri, ref, ok := mapping.ParentOf(entry); ok {
		if found, err := b.findTarget(ctx, t, uri, ref); err != nil || found.object != "" {
			return found, err
		}
	} else {
		notes, err := b.participants(ctx, t, by)
		if err != nil {
			return target{}, err
		}
		handles := make([]string, len(notes))
		names := make([]string, len(notes))
		for i, n := range notes {
			if r, err := b.db.Remote(ctx, n.Actor); err == nil {
				handles[i], names[i] = r.Handle, r.Name
			}
		}
		if i := mapping.Addressee(entry, handles, names); i >= 0 {
			return b.noteTarget(ctx, notes[i])
		}
	}
	post, err := b.db.PostByID(ctx, t.PostID)
	if err != nil {
		return target{}, err
	}
	return b.postTarget(post), nil
}

// findTarget reads a pointer to an item: by its address, or by its atom:id, which
// Movim makes the item id and Libervia the address.
func (b *Bridge) findTarget(ctx context.Context, t *db.Thread, uri stanza.URI, ref string) (target, error) {
	places := []place{{uri.JID.Bare().Fold().String(), uri.Node(), uri.Item()}}
	if u, err := stanza.ParseURI(ref); err == nil {
		places = append(places, place{u.JID.Bare().Fold().String(), u.Node(), u.Item()})
	} else if ref != "" && t != nil {
		places = append(places, place{t.Service, t.Node, ref})
	}
	for _, p := range places {
		if found, err := b.targetAt(ctx, p); err != nil || found.object != "" {
			return found, err
		}
	}
	return target{}, nil
}

// targetAt is what stands at a place in XMPP: a comment, a post of a blog, or
// somebody's post at their virtual address.
func (b *Bridge) targetAt(ctx context.Context, p place) (target, error) {
	if p.service == "" || p.item == "" {
		return target{}, nil
	}
	note, err := b.db.NoteAt(ctx, p.service, p.node, p.item)
	if errors.Is(err, db.ErrNotFound) && mustJID(p.service).Domain == b.cfg.Component && p.node == stanza.NSMicroblog {
		note, err = b.virtualPost(ctx, mustJID(p.service), p.item)
	}
	if err == nil {
		if note.Deleted != 0 {
			return target{}, nil
		}
		return b.noteTarget(ctx, note)
	}
	if !errors.Is(err, db.ErrNotFound) {
		return target{}, err
	}
	post, err := b.db.PostAt(ctx, p.service, p.node, p.item)
	if errors.Is(err, db.ErrNotFound) {
		var blog db.Blog
		if blog, err = b.db.BlogByNode(ctx, p.service, p.node); err == nil {
			post, err = b.db.PostByItem(ctx, blog.ID, p.item)
		}
	}
	if err != nil {
		return target{}, ignoreNotFound(err)
	}
	return b.postTarget(post), nil
}

func (b *Bridge) postTarget(post db.Post) target {
	if post.Home || post.Object == "" || post.Deleted != 0 {
		return target{}
	}
	return target{object: b.addr.Post(post.Token), post: post}
}

func (b *Bridge) noteTarget(ctx context.Context, note db.Note) (target, error) {
	remote, err := b.db.Remote(ctx, note.Actor) // known since the note came
	if err != nil {
		return target{}, ignoreNotFound(err)
	}
	return target{object: note.Object, note: note, remote: remote}, nil
}
