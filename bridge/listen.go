package bridge

import (
	"context"
	"slices"

	"isthmus/db"
	"isthmus/mapping"
)

// listeners are those who are told of a post by a message of its own.
type listeners struct {
	letters  []db.News
	asked    []db.News // of these, those whom a stranger writes to for the first time
	held     []int64   // blogs whose owners have not answered yet whether they want to read it
	muted    bool      // the owner of the thread, or of the community, wants to see nothing of this author
	stands   bool      // in the node of a community
	optedOut bool      // the author asks not to be bridged: what they say reaches those alone whom they say it to
}

// listening decides who gets a post as a message: those whom it names, if it
// will not stand where they read it; and whose post it answers, if it can be
// shown nowhere. What is not public goes to those alone whom it was sent to.
func (b *Bridge) listening(ctx context.Context, c concern, note db.Note, who mapping.Author) (l listeners, err error) {
	to := slices.Clone(c.named)
	shown := false
	if l.optedOut, err = b.db.OptedOut(ctx, note.Actor); err != nil {
		return l, err
	}
	if c.root.ID != 0 {
		if l.muted, err = muted(ctx, b.db, c.root.ID, note.Actor); err != nil {
			return l, err
		}
		shown = note.Thread != 0 && !who.JID.IsZero() && !l.muted && !l.optedOut
		if isPublic(note.Visibility) && !shown && !slices.ContainsFunc(to, func(x db.Blog) bool { return x.ID == c.owner.ID }) {
			to = append(to, c.owner)
		}
	}
	if c.community.ID != 0 {
		if l.muted, err = b.shunned(ctx, &c.community, note.Actor); err != nil {
			return l, err
		}
		l.muted = l.muted || b.floods(&c.community, note.Actor)
		l.stands = !who.JID.IsZero() && !l.muted && !l.optedOut
	}
	for _, blog := range to {
		if l.stands && blog.ID == c.community.ID {
			continue // told when the post stands
		}
		if shown && (blog.ID == c.root.ID || blog.ID == c.owner.ID) {
			continue // told when the comment stands
		}
		quiet, err := muted(ctx, b.db, blog.ID, note.Actor)
		if err != nil {
			return l, err
		}
		if quiet {
			continue
		}
		kind := kindMention
		switch {
		case !isPublic(note.Visibility):
			kind = kindDirect
		case c.post.BlogID == blog.ID && c.post.ID != 0:
			kind = kindReply
		}
		letter := db.News{
			BlogID: blog.ID, Kind: kindLetter + ":" + kind, Actor: note.Actor, Name: who.JID.String(), PostID: c.post.ID, URL: note.Object, Created: b.nowMS(),
		}
		if kind == kindDirect {
			switch door, err := b.door(ctx, &blog, c, note.Actor); {
			case err != nil:
				return l, err
			case door == doorShut:
				continue
			case door == doorWait:
				l.held = append(l.held, blog.ID)
				continue
			case door == doorAsk:
				l.asked = append(l.asked, letter)
			}
		}
		l.letters = append(l.letters, letter)
	}
	return l, nil
}
