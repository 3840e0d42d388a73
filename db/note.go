package db

import (
	"context"
	"fmt"
)

const (
	noteColumns = `id, object, actor, type, url, reply_to, thread, post_id, blog_id, visibility, entry, hash, shown,
		service, node, item, message, published, updated, deleted, seen, shelf, read_at, doc`
	openNote = `deleted = 0 and visibility in ('public', 'unlisted')`

	qAddNote = `insert into note (object, actor, type, url, reply_to, thread, post_id, blog_id, visibility, entry, hash, shown,
		service, node, item, message, published, updated, deleted, seen, shelf, read_at, doc)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
		on conflict (object) do nothing returning ` + noteColumns
	qNoteByObject = `select ` + noteColumns + ` from note where object = $1`
	qNoteByID     = `select ` + noteColumns + ` from note where id = $1`
	qNoteAt       = `select ` + noteColumns + ` from note where service = $1 and node = $2 and item = $3 and service <> '' order by id desc limit 1`
	qNoteByItem   = `select ` + noteColumns + ` from note where item = $1 order by id desc limit 1`
	qUpdateNote   = `update note set type = $2, url = $3, visibility = $4, entry = $5, hash = $6, updated = $7, thread = $8,
		service = $9, node = $10, item = $11, doc = $12 where id = $1 and deleted = 0`
	qAdoptNote = `update note set type = $2, url = $3, reply_to = $4, thread = $5, post_id = $6, blog_id = $7, visibility = $8, entry = $9, hash = $10,
		service = $11, node = $12, message = $13, updated = $14, doc = $15, shelf = false where id = $1 and shelf and deleted = 0`
	qSetNoteDoc     = `update note set doc = $2 where id = $1 and deleted = 0`
	qSetNoteRead    = `update note set read_at = $2 where id = $1`
	qDeleteNote     = `update note set deleted = $2, entry = '', hash = '', doc = '' where id = $1`
	qSetNoteShown   = `update note set shown = $2 where id = $1`
	qSetNoteMessage = `update note set message = $2 where id = $1`
	qLastLetter     = `select ` + noteColumns + ` from note where actor = $1 and deleted = 0 and visibility not in ('public', 'unlisted')
		and exists (select 1 from letter where note_id = note.id and blog_id = $2) order by id desc limit 1`
	qNotesBy     = `select ` + noteColumns + ` from note where actor = $1 and deleted = 0 and id > $2 order by id limit $3`
	qNotesIn     = `select ` + noteColumns + ` from note where thread = $1 and ` + openNote + ` order by id desc limit $2`
	qNoteReplies = `select ` + noteColumns + ` from note where reply_to = $1 and ` + openNote + ` and id > $2 order by id limit $3`
	qReplyCount  = `select (select count(*) from note where reply_to = $1 and ` + openNote + `)
		+ (select count(*) from post where reply_to = $1 and ` + publicReply + `)`
)

func scanNote(s scanner) (n Note, err error) {
	err = s.Scan(&n.ID, &n.Object, &n.Actor, &n.Type, &n.URL, &n.ReplyTo, &n.Thread, &n.PostID, &n.BlogID, &n.Visibility, &n.Entry, &n.Hash, &n.Shown,
		&n.Service, &n.Node, &n.Item, &n.Message, &n.Published, &n.Updated, &n.Deleted, &n.Seen, &n.Shelf, &n.ReadAt, &n.Doc)
	return n, err
}

// AddNote stores a note and returns it with its id. When its object is known, it
// is not fresh, and the row that is there is returned as it is, deleted or not.
func (q *queries) AddNote(ctx context.Context, n Note) (saved Note, fresh bool, err error) {
	saved, fresh, err = ensure(ctx, q, scanNote, qAddNote, []any{n.Object, n.Actor, n.Type, n.URL, n.ReplyTo, n.Thread, n.PostID, n.BlogID, n.Visibility,
		n.Entry, n.Hash, n.Shown, n.Service, n.Node, n.Item, n.Message, n.Published, n.Updated, n.Deleted, n.Seen, n.Shelf, n.ReadAt, n.Doc}, qNoteByObject, n.Object)
	if err != nil {
		return Note{}, false, fmt.Errorf("note %s: %w", n.Object, err)
	}
	return saved, fresh, nil
}

// NoteByObject returns the note of an object's id, deleted or not, or ErrNotFound.
func (q *queries) NoteByObject(ctx context.Context, object string) (Note, error) {
	return one(ctx, q, scanNote, qNoteByObject, object)
}

// NoteByID returns a note, deleted or not, or ErrNotFound.
func (q *queries) NoteByID(ctx context.Context, id int64) (Note, error) {
	return one(ctx, q, scanNote, qNoteByID, id)
}

// NoteAt returns the note that stands, stood or is to stand at a place, deleted or
// not, or ErrNotFound.
func (q *queries) NoteAt(ctx context.Context, service, node, item string) (Note, error) {
	return one(ctx, q, scanNote, qNoteAt, service, node, item)
}

// NoteByItem returns the note that would stand under an item id, wherever it
// does, deleted or not, or ErrNotFound.
func (q *queries) NoteByItem(ctx context.Context, item string) (Note, error) {
	return one(ctx, q, scanNote, qNoteByItem, item)
}

// UpdateNote stores Type, URL, Visibility, Entry, Hash, Updated, Thread, Service,
// Node, Item and Doc of the note with n's ID. ErrNotFound when it is deleted: nothing
// brings its text back.
func (q *queries) UpdateNote(ctx context.Context, n Note) error {
	return q.touch(ctx, qUpdateNote, n.ID, n.Type, n.URL, n.Visibility, n.Entry, n.Hash, n.Updated, n.Thread, n.Service, n.Node, n.Item, n.Doc)
}

// AdoptNote takes the note with n's ID off the shelf: it turned out to concern
// somebody here. ErrNotFound when somebody else did, or it is deleted.
func (q *queries) AdoptNote(ctx context.Context, n Note) error {
	return q.touch(ctx, qAdoptNote, n.ID, n.Type, n.URL, n.ReplyTo, n.Thread, n.PostID, n.BlogID, n.Visibility, n.Entry, n.Hash, n.Service, n.Node, n.Message, n.Updated, n.Doc)
}

// SetNoteDoc stores the object again when only its figures changed.
func (q *queries) SetNoteDoc(ctx context.Context, id int64, doc string) error {
	_, err := q.exec(ctx, qSetNoteDoc, id, doc)
	return err
}

// SetNoteRead notes when a note's replies were asked for.
func (q *queries) SetNoteRead(ctx context.Context, id, at int64) error {
	return q.touch(ctx, qSetNoteRead, id, at)
}

// DeleteNote leaves a tombstone: the text goes, the row stays, and with it where
// the note stands and what is shown there.
func (q *queries) DeleteNote(ctx context.Context, id, at int64) error {
	return q.touch(ctx, qDeleteNote, id, at)
}

// SetNoteShown notes the hash of what stands on the node now, "" for nothing.
func (q *queries) SetNoteShown(ctx context.Context, id int64, hash string) error {
	return q.touch(ctx, qSetNoteShown, id, hash)
}

// SetNoteMessage notes the id of the chat message that was sent for a note.
func (q *queries) SetNoteMessage(ctx context.Context, id int64, message string) error {
	return q.touch(ctx, qSetNoteMessage, id, message)
}

// NotesBy returns an actor's notes that are not deleted, by id after afterID.
func (q *queries) NotesBy(ctx context.Context, actor string, afterID int64, limit int) ([]Note, error) {
	return all(ctx, q, scanNote, qNotesBy, actor, afterID, limit)
}

// NotesIn returns a thread's public and unlisted notes that are not deleted, the
// last to come first.
func (q *queries) NotesIn(ctx context.Context, thread int64, limit int) ([]Note, error) {
	return all(ctx, q, scanNote, qNotesIn, thread, limit)
}

// NoteReplies returns the public and unlisted notes that answer an object and are
// not deleted, by id after afterID.
func (q *queries) NoteReplies(ctx context.Context, object string, afterID int64, limit int) ([]Note, error) {
	return all(ctx, q, scanNote, qNoteReplies, object, afterID, limit)
}

// ReplyCount counts what NoteReplies and PostReplies return in all.
func (q *queries) ReplyCount(ctx context.Context, object string) (int, error) {
	return one(ctx, q, scalar[int], qReplyCount, object)
}

// LastLetter returns the newest private note of an actor that went to a blog's owner
// as a message, or ErrNotFound.
func (q *queries) LastLetter(ctx context.Context, actor string, blogID int64) (Note, error) {
	return one(ctx, q, scanNote, qLastLetter, actor, blogID)
}
