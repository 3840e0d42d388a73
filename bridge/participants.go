package bridge

import (
	"context"
	"slices"

	"isthmus/db"
)

// participants are the notes of a thread that can be answered, the last to come
// first: what was never shown or sent to anybody is not part of the conversation,
// nor is whom its owner or the one who answers has muted.
func (b *Bridge) participants(ctx context.Context, t *db.Thread, blog int64) ([]db.Note, error) {
	notes, err := b.db.NotesIn(ctx, t.ID, threadItems)
	if err != nil || len(notes) == 0 {
		return nil, err
	}
	owner := blog
	if post, err := b.db.PostByID(ctx, t.PostID); err == nil {
		owner = post.BlogID
	}
	quiet := map[string]bool{} // by actor
	return slices.DeleteFunc(notes, func(n db.Note) bool {
		if n.Service == "" && n.Message == "" {
			return true
		}
		if _, asked := quiet[n.Actor]; !asked {
			for _, who := range []int64{owner, blog} {
				yes, merr := muted(ctx, b.db, who, n.Actor)
				if merr != nil {
					err = merr
				}
				quiet[n.Actor] = quiet[n.Actor] || yes
			}
		}
		return quiet[n.Actor]
	}), err
}
