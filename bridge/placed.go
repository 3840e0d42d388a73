package bridge

import (
	"context"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// refusedComment sends what could not be published to the author of the post as
// a message, and says why, once until a comment works again. Unless it never stood,
// its place is kept: something of it may stand there and have to go.
func (b *Bridge) refusedComment(ctx context.Context, note db.Note, who mapping.Author, why *stanza.Error, never bool) error {
	b.logger(ctx).Info("comment refused: sent as a message", "object", note.Object, "service", note.Service, "node", note.Node, "condition", why.Condition)
	entry, err := parseEntry(note.Entry)
	if err != nil {
		return err
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		now, err := tx.NoteByID(ctx, note.ID)
		if err != nil || now.Deleted != 0 {
			return err
		}
		if now.Message == "" { // else it hears of edits by correction
			l := db.News{
				BlogID: note.BlogID, Kind: kindLetter + ":" + kindReply, Actor: note.Actor, Name: who.JID.String(), PostID: note.PostID,
				URL: note.Object, Text: mapping.EntryText(entry) + "\n\n" + note.URL, Created: b.nowMS(),
			}
			if note.PostID == 0 { // written to a community, which takes nothing from others
				l.Kind = kindLetter + ":" + kindMention
			} else if err := b.explainLetter(ctx, tx, &l, why.Condition); err != nil {
				return err
			}
			if err := b.addLetter(ctx, tx, note.ID, l); err != nil {
				return err
			}
			if err := tx.SetNoteMessage(ctx, note.ID, note.Item); err != nil {
				return err
			}
		}
		if !never {
			return nil
		}
		now.Service, now.Node, now.Entry, now.Hash = "", "", "", ""
		if err := tx.UpdateNote(ctx, now); err != nil {
			return err
		}
		return tx.SetNoteShown(ctx, note.ID, "")
	})
	b.jobs.Kick()
	return err
}

// explainLetter adds why a reply comes as a message, once until a comment works.
func (b *Bridge) explainLetter(ctx context.Context, tx *db.Tx, l *db.News, condition string) error {
	fresh, err := tx.Notice(ctx, l.BlogID, noticeNoComments, b.nowMS())
	if err == nil && fresh {
		blog, err := tx.BlogByID(ctx, l.BlogID)
		if err != nil {
			return err
		}
		l.Text += "\n\n" + b.textNoComments(b.speakTo(ctx, ownerJID(&blog)), condition)
	}
	return err
}

// sendLetter queues a letter; a public reply is one only for want of a place.
func (b *Bridge) sendLetter(ctx context.Context, tx *db.Tx, note db.Note, l db.News) error {
	if l.Kind == kindLetter+":"+kindReply {
		if err := b.explainLetter(ctx, tx, &l, "item-not-found"); err != nil {
			return err
		}
	}
	return b.addLetter(ctx, tx, note.ID, l)
}

// noticeNoComments marks that an owner was told why replies come as messages.
const noticeNoComments = "no-comments"

// commentStands tells whom a comment concerns that it is there: whose thread it
// is in, and whose post it answers. Who answers does it soon: a node that does not
// announce that is looked at.
func (b *Bridge) commentStands(ctx context.Context, tx *db.Tx, note db.Note, who db.Remote) error {
	if err := tx.ClearNotice(ctx, note.BlogID, noticeNoComments); err != nil {
		return err
	}
	entry, err := parseEntry(note.Entry)
	if err != nil {
		return err
	}
	if note.PostID == 0 {
		return b.addNews(ctx, tx, db.News{
			BlogID: note.BlogID, Kind: kindPosted, Actor: note.Actor, Name: displayName(who),
			URL: note.URL, Text: clip(mapping.EntryText(entry), 500), Created: b.nowMS(),
		})
	}
	told := map[int64]bool{}
	tell := func(blog int64) error {
		if blog == 0 || told[blog] {
			return nil
		}
		told[blog] = true
		return b.addNews(ctx, tx, db.News{
			BlogID: blog, Kind: kindReply, Actor: note.Actor, Name: displayName(who), PostID: note.PostID,
			URL: note.URL, Text: clip(mapping.EntryText(entry), 500), Created: b.nowMS(),
		})
	}
	if err := tell(note.BlogID); err != nil {
		return err
	}
	post, err := tx.PostByID(ctx, note.PostID)
	if err == nil {
		err = tell(post.BlogID)
	}
	if err != nil {
		return ignoreNotFound(err)
	}
	t, err := tx.ThreadByID(ctx, note.Thread)
	if err == nil && !t.Subscribed {
		err = tx.AddJob(ctx, threadJob(t.ID, b.nowMS()+2000))
	}
	return ignoreNotFound(err)
}

// displayName is how a remote actor is called in a sentence.
func displayName(r db.Remote) string {
	if r.Handle == "" {
		return r.Actor
	}
	return mapping.Author{Handle: r.Handle, Name: r.Name}.Called()
}
