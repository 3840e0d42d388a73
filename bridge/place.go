package bridge

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
	"isthmus/queue"
)

// kindPlace is the job that makes a comments node say what a note says. Its key
// is the note: whatever came in which order, the last word stands there once.
const kindPlace = "place"

func placeJob(note, due int64) db.Job {
	return db.Job{Kind: kindPlace, Key: strconv.FormatInt(note, 10), Due: due}
}

// place publishes somebody's post as a comment, from their own virtual address,
// edits it, or takes it back (design §4 flow 3).
func (b *Bridge) place(ctx context.Context, j queue.Job) error {
	id, err := strconv.ParseInt(j.Key, 10, 64)
	if err != nil {
		return err
	}
	note, err := b.db.NoteByID(ctx, id)
	if err != nil || note.Service == "" {
		return ignoreNotFound(err)
	}
	who, err := b.db.Remote(ctx, note.Actor) // as it was when the note came: it may be gone by now
	if err != nil {
		return ignoreNotFound(err)
	}
	from := b.authorOf(who).JID
	switch {
	case note.Shown == shownRemoved, note.Deleted != 0 && note.Shown == "", note.Deleted == 0 && note.Shown == note.Hash:
		return nil
	case note.Deleted != 0:
		if err := b.takeBack(ctx, from, note, b.authorOf(who)); err != nil {
			return err
		}
		return b.db.SetNoteShown(ctx, note.ID, "")
	}
	if early, err := b.beforeParent(ctx, note); err != nil || early {
		waited := time.Duration(b.nowMS()-note.Seen) * time.Millisecond
		return cmp.Or(err, queue.Snooze(min(max(waited/4, parentPause), time.Minute)))
	}
	payload, err := stanza.ParseXML([]byte(note.Entry))
	if err != nil {
		return err
	}
	if note.Shown == "" { // taken back whatever becomes of the answer
		if err := b.db.SetNoteShown(ctx, note.ID, shownMaybe); err != nil {
			return err
		}
	}
	err = b.publishAs(ctx, from, note.Service, note.Node, stanza.Item{ID: note.Item, Payload: payload})
	var refused *stanza.Error
	switch {
	case errors.As(err, &refused) && !refused.Temporary():
		return b.refusedComment(ctx, note, b.authorOf(who), refused, note.Shown == "")
	case errors.Is(err, component.ErrTimeout) && j.Tries >= placeTries:
		return b.refusedComment(ctx, note, b.authorOf(who), stanza.ErrRemoteTimeout(""), false)
	case err != nil:
		return err
	}
	first := note.Shown == "" || note.Shown == shownMaybe
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.SetNoteShown(ctx, note.ID, note.Hash); err != nil || !first {
			return err
		}
		return b.commentStands(ctx, tx, note, who)
	})
	b.jobs.Kick()
	b.logger(ctx).Info("comment published", "object", note.Object, "service", note.Service, "item", note.Item)
	return err
}

// parentPause is how long an answer waits at first for what it answers to stand.
const parentPause = 100 * time.Millisecond

// beforeParent says whether a comment would stand before the one that it answers,
// which is still on its way there: many clients show comments as they came.
func (b *Bridge) beforeParent(ctx context.Context, note db.Note) (bool, error) {
	if note.Shown != "" || note.ReplyTo == "" {
		return false, nil
	}
	parent, err := b.db.NoteByObject(ctx, note.ReplyTo)
	if err != nil {
		return false, ignoreNotFound(err)
	}
	waiting := parent.Shown == "" || parent.Shown == shownMaybe
	return waiting && parent.Deleted == 0 && parent.Service == note.Service && parent.Node == note.Node, nil
}

// These stand for the hash of a comment: its publication was begun; it was taken
// away in XMPP.
const (
	shownMaybe   = "?"
	shownRemoved = "-"
)

// placeTries is how often a service may not answer before its owner gets the
// comment as a message.
const placeTries = 6

// publishFor is how long a server that is busy with other publications may take for one:
// Prosody takes a few in a second when a node has hundreds of items.
const publishFor = 2 * time.Minute

// publishAs publishes one item from a virtual user's bare address: that is the
// address that servers then name as its publisher (xmpp-servers §4).
func (b *Bridge) publishAs(ctx context.Context, from stanza.JID, service, node string, it stanza.Item) error {
	ctx, cancel := context.WithTimeout(ctx, publishFor)
	defer cancel()
	_, err := b.xmpp.Patiently(ctx, stanza.IQ("set", from, mustJID(service), stanza.PublishRequest(node, it, nil)), askFor)
	return err
}

// takeBack retracts a comment. Prosody lets nobody retract from an open node but
// its owner: as the owner, where we may act for users (XEP-0356); else the
// comment is overwritten with words that say it is gone (xmpp-servers §4).
func (b *Bridge) takeBack(ctx context.Context, from stanza.JID, note db.Note, who mapping.Author) error {
	uri := stanza.ItemURI(mustJID(note.Service), note.Node, note.Item).String()
	stone := mapping.Removed(who, uri, msTime(note.Published), b.now())
	return b.retractAs(ctx, from, note.Service, note.Node, note.Item, stone)
}

// retractAs retracts a virtual user's item, or leaves a stone in its place.
// What is not there, or cannot be reached any more, is as good as retracted.
func (b *Bridge) retractAs(ctx context.Context, from stanza.JID, service, node, item string, stone stanza.Entry) error {
	to := mustJID(service)
	asking, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	_, err := b.xmpp.IQ(asking, stanza.IQ("set", from, to, stanza.RetractRequest(node, item, true)))
	var se *stanza.Error
	switch {
	case err == nil || !errors.As(err, &se) || se.Temporary():
		return err
	case se.Condition == "item-not-found":
		return nil
	}
	if owner, ok := b.ownerOf(ctx, service, node); ok && b.xmpp.MayAct(owner.Domain, stanza.NSPubSub) {
		_, err := b.xmpp.As(ctx, owner, stanza.IQ("set", stanza.JID{}, to, stanza.RetractRequest(node, item, true)))
		if err == nil || errors.Is(err, component.ErrDown) {
			return err
		}
		b.logger(ctx).Info("not retracted as the owner", "service", service, "node", node, "err", err)
	}
	// A stone is for what stands: it may never have, or its owner removed it.
	items, found, err := b.strangerReads(ctx, service, node, []string{item})
	if err != nil || found && !slices.ContainsFunc(items, func(it stanza.Item) bool { return it.ID == item }) {
		return err
	}
	err = b.publishAs(ctx, from, service, node, stanza.Item{ID: item, Payload: stone.Element()})
	if errors.As(err, &se) && !se.Temporary() {
		b.logger(ctx).Info("comment can neither be retracted nor overwritten", "service", service, "node", node, "item", item, "err", err)
		return nil
	}
	return err
}

// ownerOf is who owns a comments node: whose PEP it is on, or whose post it
// belongs to.
func (b *Bridge) ownerOf(ctx context.Context, service, node string) (stanza.JID, bool) {
	if jid := mustJID(service); jid.Local != "" {
		return jid, true
	}
	thread, err := b.db.ThreadByNode(ctx, service, node)
	if err != nil {
		return stanza.JID{}, false
	}
	post, err := b.db.PostByID(ctx, thread.PostID)
	if err != nil {
		return stanza.JID{}, false
	}
	blog, err := b.db.BlogByID(ctx, post.BlogID)
	return mustJID(blog.JID), err == nil && mustJID(blog.JID).Local != ""
}
