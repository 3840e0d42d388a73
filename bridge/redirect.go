package bridge

import (
	"context"
	"errors"
	"slices"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// This file is what people do to messages that were sent before: they correct them,
// take them back, and say what they think of those that came.

// redirect corrects a direct message (XEP-0308): an Update, newer than any before.
func (b *Bridge) redirect(ctx context.Context, d dialogue, msg db.Direct, m component.Message) error {
	updated := later(b.now(), msTime(max(msg.Updated, msg.Created)).Add(time.Second))
	msg.Client, msg.Latest, msg.Receipt = m.From.String(), m.ID, m.Receipt
	msg.State, msg.Updated = db.DirectSending, updated.UnixMilli()
	note := b.directNote(d, msg, m, updated)
	msg.Object = string(note.JSON())
	return b.sendDirect(ctx, d, msg, mapping.Update(note, b.addr.Activity(b.token())), false)
}

// Withdrawn takes a direct message back (XEP-0424): a Delete.
func (b xmppSide) Withdrawn(ctx context.Context, w component.Withdrawal) error {
	ctx = b.withStanza(ctx, w.ID, w.From.Bare().String())
	if w.To.Local == "" {
		return nil // a command has been run, or not
	}
	d, err := b.dialogueWith(ctx, w.From, w.To)
	if err != nil {
		return err
	}
	msg, err := b.db.DirectByStanza(ctx, d.blog.ID, d.acc.JID, w.Of)
	if errors.Is(err, db.ErrNotFound) || err == nil && msg.Deleted != 0 {
		return stanza.ErrItemNotFound(b.say(ctx, "direct.unknown"))
	}
	if err != nil {
		return err
	}
	note, err := vocab.Read([]byte(msg.Object), vocab.DefaultLimits)
	if err != nil {
		return err
	}
	msg.Deleted, msg.Object = b.nowMS(), ""
	if msg.State == db.DirectSending {
		msg.State = db.DirectAccepted // what is wanted of it is not to be late any more
	}
	act := mapping.DeleteDirect(note, b.addr.Actor(d.blog.Token), b.addr.Activity(b.token()), b.now())
	return b.sendDirect(ctx, d, msg, act, false)
}

// nodeChat stands for the node of a deed that was done in a chat.
const nodeChat = "chat"

// Reacted says what somebody thinks of a message that came to them (XEP-0444): a
// Like for each emoji, a plain one for a heart; what is not said any more is undone.
func (b xmppSide) Reacted(ctx context.Context, r component.Reaction) error {
	ctx = b.withStanza(ctx, r.ID, r.From.Bare().String())
	if r.To.Local == "" {
		return nil
	}
	d, err := b.dialogueWith(ctx, r.From, r.To)
	if err == nil {
		err = b.mayReach(ctx, &d.blog, d.acc.Actor)
	}
	if err != nil {
		return err
	}
	note, err := b.lettered(ctx, d, r.Of)
	if errors.Is(err, db.ErrNotFound) {
		if _, err := b.db.DirectByStanza(ctx, d.blog.ID, d.acc.JID, r.Of); err == nil {
			return nil // what one thinks of one's own words stays where it is
		}
		return stanza.ErrItemNotFound(b.say(ctx, "direct.unknown"))
	}
	if err != nil {
		return err
	}
	if !b.quota.take("direct by "+d.blog.JID, directsPerHour, b.now()) {
		return stanza.ErrResource(b.say(ctx, "direct.toomuch", "minutes", b.nextHour()))
	}
	at := place{d.acc.JID, nodeChat, d.blog.Token + " " + note.Item}
	var want []string
	for _, e := range r.Emojis {
		want = append(want, mapping.EmojiOf(e))
	}
	if err := b.undoDeeds(ctx, at, func(done db.Deed) bool { return slices.Contains(want, done.Content) }); err != nil {
		return err
	}
	for _, content := range want {
		if err := b.likes(ctx, &d.blog, at, target{object: note.Object, note: note, remote: d.remote}, content); err != nil {
			return err
		}
	}
	return nil
}
