package bridge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"isthmus/activitypub"
	"isthmus/db"
	"isthmus/mapping"
)

// noted stores somebody's post with what it is to cause: a comment where the
// post that it answers is discussed, or messages to those whom it names. Only a
// public post is ever put where others can read it. depth is how far up from
// what was received the post was found.
func (b *Bridge) noted(ctx context.Context, post remotePost, depth int) (db.Note, error) {
	if post.Type == "Tombstone" {
		if note, err := b.db.NoteByObject(ctx, post.ID); err == nil {
			return note, b.renew(ctx, note, post)
		}
		return db.Note{}, fmt.Errorf("%w: deleted before it came", errIgnored)
	}
	if post.Vote {
		return db.Note{}, fmt.Errorf("%w: a vote, and there is no poll here", errIgnored)
	}
	known, err := b.db.NoteByObject(ctx, post.ID)
	if err == nil && (!known.Shelf || known.Deleted != 0) {
		return known, b.renew(ctx, known, post)
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return db.Note{}, err
	}
	c, err := b.concernOf(ctx, post, depth)
	if errors.Is(err, errIgnored) && known.Shelf {
		return known, b.renew(ctx, known, post)
	}
	if err != nil {
		return db.Note{}, err
	}
	remote, err := b.remote(ctx, post.author)
	if err != nil {
		return db.Note{}, fmt.Errorf("author: %w", err)
	}
	note := db.Note{
		Object: post.ID, Actor: post.author, Type: post.Type, URL: post.URL, ReplyTo: c.answers,
		PostID: c.post.ID, BlogID: c.root.ID, Visibility: post.Visibility(""), Item: mapping.ItemID(post.ID),
		Published: unixOrZero(post.Published), Updated: unixOrZero(post.Updated), Seen: b.nowMS(),
		Doc: keptDoc(post.doc),
	}
	if isPublic(note.Visibility) {
		note.Thread = c.thread.ID
	}
	who := b.authorOf(remote)
	c.community = communityIn(c, post, depth)
	listening, err := b.listening(ctx, c, note, who)
	if err != nil {
		return db.Note{}, err
	}
	if note.Thread != 0 && !who.JID.IsZero() && !listening.muted && !listening.optedOut {
		note.Service, note.Node = c.thread.Service, c.thread.Node
		note.Entry, note.Hash = b.entryOf(ctx, note, post, who)
	}
	if listening.stands {
		note.BlogID, note.Service, note.Node = c.community.ID, c.community.JID, c.community.Node
		note.Entry, note.Hash = b.entryOf(ctx, note, post, who)
	}
	for i := range listening.letters {
		listening.letters[i].Text = mapping.MessageText(b.reply(ctx, note, post, who))
	}
	if len(listening.letters)+len(listening.held) > 0 {
		note.Message = note.Item
	}
	var saved db.Note
	fresh := false
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := b.forestalled(ctx, tx, post); err != nil {
			return err
		}
		if saved, fresh, err = tx.AddNote(ctx, note); err != nil {
			return err
		}
		if saved.Shelf && saved.Deleted == 0 { // it was read before anybody knew that it matters here
			note.ID, fresh = saved.ID, true
			if err := tx.AdoptNote(ctx, note); err != nil {
				return err
			}
			if saved, err = tx.NoteByID(ctx, saved.ID); err != nil {
				return err
			}
		}
		if !fresh {
			return nil
		}
		if note.Entry != "" {
			if err := tx.AddJob(ctx, placeJob(saved.ID, b.nowMS())); err != nil {
				return err
			}
		}
		for _, l := range listening.letters {
			if err := b.sendLetter(ctx, tx, saved, l); err != nil {
				return err
			}
		}
		if err := b.askAbout(ctx, tx, saved, listening); err != nil {
			return err
		}
		return b.forward(ctx, tx, saved, post.body)
	})
	b.jobs.Kick()
	b.mail.Kick()
	if err == nil && fresh {
		err = b.tellComment(ctx, commentNote, saved.ID, saved.ReplyTo)
	}
	if err == nil && fresh && isPublic(note.Visibility) { // who writes to whom in private is nobody's business
		b.logger(ctx).Info("somebody's post accepted", "object", post.ID, "by", post.author, "comment", note.Entry != "", "letters", len(listening.letters))
	}
	return saved, err
}

// forestalled is errIgnored when a post's Delete was faster: to be asked last, because
// reading what it answers and who wrote it may have taken a while.
func (b *Bridge) forestalled(ctx context.Context, tx *db.Tx, post remotePost) error {
	gone, err := tx.Forestalled(ctx, post.author+" "+post.ID, b.nowMS())
	if err == nil && gone {
		err = fmt.Errorf("%w: deleted before it came", errIgnored)
	}
	return err
}

// renew takes a known post again: only what its author wrote later counts
// (activitypub.md I7).
func (b *Bridge) renew(ctx context.Context, note db.Note, post remotePost) error {
	switch {
	case note.Actor != post.author && (post.Type != "Tombstone" || post.author != ""): // a Tombstone found at its address needs none
		return fmt.Errorf("%w: somebody else's post", errIgnored)
	case note.Deleted != 0:
		return fmt.Errorf("%w: deleted before", errIgnored)
	case post.Type == "Tombstone":
		return b.forget(ctx, note, post.body)
	case !post.Updated.After(msTime(max(note.Updated, note.Published))):
		if doc := keptDoc(post.doc); doc != "" && doc != note.Doc { // votes and likes, counted again
			return b.db.SetNoteDoc(ctx, note.ID, doc)
		}
		return nil
	case isPublic(note.Visibility) && !isPublic(post.Visibility("")):
		return b.forget(ctx, note, "") // it is not to be read by everybody any more
	}
	remote, err := b.remote(ctx, post.author)
	if err != nil {
		return err
	}
	who := b.authorOf(remote)
	note.Type, note.URL, note.Updated, note.Doc = post.Type, post.URL, post.Updated.UnixMilli(), keptDoc(post.doc)
	if note.Service != "" {
		note.Entry, note.Hash = b.entryOf(ctx, note, post, who)
	}
	text := mapping.MessageText(b.reply(ctx, note, post, who))
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		now, err := tx.NoteByID(ctx, note.ID)
		if err != nil || now.Deleted != 0 || now.Updated >= note.Updated {
			return err // another one was faster
		}
		if now.Service == "" { // it may have been refused or removed meanwhile
			note.Message, note.Service, note.Node, note.Entry, note.Hash = now.Message, "", "", "", ""
		}
		if err := tx.UpdateNote(ctx, note); err != nil {
			return err
		}
		if err := b.reshelve(ctx, tx, note.Object); err != nil {
			return err
		}
		if err := b.forward(ctx, tx, note, post.body); err != nil {
			return err
		}
		if note.Service != "" {
			if err := tx.AddJob(ctx, placeJob(note.ID, b.nowMS())); err != nil {
				return err
			}
		}
		return b.correct(ctx, tx, note, kindCorrection, text)
	})
	b.jobs.Kick()
	b.mail.Kick()
	if err == nil {
		err = b.tellComment(ctx, commentNote, note.ID, note.ReplyTo)
	}
	return err
}

// removed takes a post back that its author, or the author's server, says is
// deleted. One that never came is remembered, so that it does not come late
// (activitypub.md I6, I26).
func (b *Bridge) removed(ctx context.Context, in received) error {
	actor, object := in.actor, first(in.doc.IDs("object"))
	if object == "" || hostOf(object) != hostOf(actor) {
		return fmt.Errorf("%w: a post of another server", errIgnored)
	}
	if ours, err := b.stampGone(ctx, actor, object); ours || err != nil {
		return err
	}
	var note db.Note
	err := b.db.Tx(ctx, func(tx *db.Tx) (err error) { // it may just be coming
		if note, err = tx.NoteByObject(ctx, object); errors.Is(err, db.ErrNotFound) {
			err = tx.Forestall(ctx, actor+" "+object, b.now().Add(forestallFor).UnixMilli())
		}
		return err
	})
	if err != nil || note.ID == 0 {
		return err
	}
	if note.Actor != actor {
		return b.askGone(ctx, note)
	}
	return b.forget(ctx, note, in.proof(note.Actor))
}

// forestallFor is how long what came too early is remembered: as long as
// Mastodon tries to deliver (activitypub.md I10).
const forestallFor = 48 * time.Hour

// askGone deletes a post if its own address says that it is gone: that is the
// word of its server, whoever brought the news (FEP-fe34).
// To who may not read it a private post is never there: of such a one only a
// Tombstone or a 410 says that it is gone.
func (b *Bridge) askGone(ctx context.Context, note db.Note) error {
	post, err := b.fetchPost(ctx, note.Object)
	var status *activitypub.StatusError
	gone := errors.As(err, &status) && status.Code == http.StatusGone
	if gone || activitypub.Gone(err) && isPublic(note.Visibility) || err == nil && post.Type == "Tombstone" {
		return b.forget(ctx, note, "")
	}
	if err == nil {
		err = fmt.Errorf("%w: the post is still there", errIgnored)
	}
	return err
}

// forget deletes a post and takes back what stands of it in XMPP; body is the
// activity that says so, when it may be forwarded.
func (b *Bridge) forget(ctx context.Context, note db.Note, body string) error {
	err := b.db.Tx(ctx, func(tx *db.Tx) (err error) {
		if note, err = tx.NoteByID(ctx, note.ID); err != nil || note.Deleted != 0 {
			return err
		}
		note.Deleted = b.nowMS()
		if err := tx.DeleteNote(ctx, note.ID, note.Deleted); err != nil {
			return err
		}
		if err := b.unshelve(ctx, tx, note.Object); err != nil {
			return err
		}
		if err := b.forward(ctx, tx, note, body); err != nil {
			return err
		}
		if note.Service != "" {
			if err := tx.AddJob(ctx, placeJob(note.ID, b.nowMS())); err != nil {
				return err
			}
		}
		return b.correct(ctx, tx, note, kindRetraction, "")
	})
	b.jobs.Kick()
	b.mail.Kick()
	if err == nil {
		err = b.tellComment(ctx, commentNote, note.ID, note.ReplyTo)
	}
	return err
}
