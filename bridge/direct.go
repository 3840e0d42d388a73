package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// Direct messages on their way out (design §4 flow 7): a chat message becomes a Note
// to one actor; directend.go says what became of it. On their way in see letter.go.

// dialogue is somebody here and the Fediverse account that they write to.
type dialogue struct {
	blog   db.Blog // in whose name
	acc    db.Account
	remote db.Remote
}

// Bounds of what one person writes in an hour: in all, and to how many who do not
// know them.
const (
	directsPerHour   = 300
	strangersPerHour = 20
)

// threadFor is how long what was last said in a chat is what the next message
// answers: chats have no threads, and on the Fediverse an answer is to something.
const threadFor = 7 * 24 * time.Hour

// dialogueWith finds both sides of a chat. Its errors have words for who writes.
func (b *Bridge) dialogueWith(ctx context.Context, from, to stanza.JID) (d dialogue, err error) {
	who := from.Bare().Fold()
	if !b.serves(who) {
		return d, stanza.ErrForbidden(b.say(ctx, "direct.foreign"))
	}
	if to.Bare().Fold() == b.homeJID() {
		return d, stanza.ErrNotAllowed(b.say(ctx, "direct.home"))
	}
	if err = b.notSuspended(ctx, who); err != nil {
		return d, err
	}
	if d.acc, err = b.accountAt(ctx, from, to.Bare()); err != nil {
		return d, err
	}
	b.wants(ctx, d.acc)
	if d.blog, err = b.readerActor(ctx, who); err != nil {
		return d, err
	}
	if d.blog.State != db.On && d.blog.State != db.Reader {
		return d, stanza.ErrNotAllowed(b.say(ctx, "direct.paused"))
	}
	if d.remote, err = b.remote(ctx, d.acc.Actor); err != nil {
		return d, b.whyNot(ctx, b.handleAt(d.acc), err)
	}
	return d, nil
}

// direct takes a message to a Fediverse account.
func (b *Bridge) direct(ctx context.Context, m component.Message) error {
	if m.Text == "" && len(m.Files) == 0 {
		return nil
	}
	d, err := b.dialogueWith(ctx, m.From, m.To)
	if err == nil {
		err = b.mayReach(ctx, &d.blog, d.acc.Actor)
	}
	if err != nil {
		return err
	}
	b.hearsLanguage(ctx, m.From.Bare().Fold())
	if !b.quota.take("direct by "+d.blog.JID, directsPerHour, b.now()) {
		return stanza.ErrResource(b.say(ctx, "direct.toomuch", "minutes", b.nextHour()))
	}
	if m.Replaces != "" {
		old, err := b.db.DirectByStanza(ctx, d.blog.ID, d.acc.JID, m.Replaces)
		if err == nil && old.Deleted == 0 && old.State != db.DirectFailed {
			return b.redirect(ctx, d, old, m)
		}
		if ignoreNotFound(err) != nil {
			return err
		} // else a new message (XEP-0308 §3)
	}
	if err := b.mayStrike(ctx, d); err != nil {
		return err
	}
	msg := db.Direct{
		Token: b.token(), BlogID: d.blog.ID, Peer: d.acc.Actor, Host: hostOf(d.remote.Inbox), Inbox: d.remote.Inbox, JID: d.acc.JID, Client: m.From.String(), Stanza: m.ID, Latest: m.ID,
		State: db.DirectSending, Receipt: m.Receipt, Created: b.nowMS(),
	}
	if msg.ReplyTo, msg.Context, err = b.threaded(ctx, d, m.Answers); err != nil {
		return err
	}
	note := b.directNote(d, msg, m, time.Time{})
	msg.Object = string(note.JSON())
	if err := b.sendDirect(ctx, d, msg, mapping.Create(note, b.addr.Activity(b.token())), true); err != nil {
		return err
	}
	b.noticePlain(ctx, m.From)
	return nil
}

// mayStrike bounds how many strangers somebody writes to, and notes that they are
// none any more: whom one writes to may answer.
func (b *Bridge) mayStrike(ctx context.Context, d dialogue) error {
	state, err := b.db.Acquaintance(ctx, d.blog.ID, d.acc.Actor)
	if err != nil || state == db.Welcome {
		return err
	}
	if f, err := b.db.Following(ctx, d.blog.ID, d.acc.Actor); ignoreNotFound(err) != nil {
		return err
	} else if f.ID == 0 && state == db.Stranger && !b.quota.take("stranger by "+d.blog.JID, strangersPerHour, b.now()) {
		return stanza.ErrResource(b.say(ctx, "direct.strangers", "minutes", b.nextHour()))
	}
	return b.welcome(ctx, d.blog, d.acc.Actor)
}

// threaded is what a message answers, and the conversation that it is part of: what
// it says itself, else what was said last by either.
func (b *Bridge) threaded(ctx context.Context, d dialogue, answers string) (object, context string, err error) {
	if answers != "" {
		if note, err := b.lettered(ctx, d, answers); err == nil {
			return note.Object, contextOf(note.Doc), nil
		} else if !errors.Is(err, db.ErrNotFound) {
			return "", "", err
		}
		if own, err := b.db.DirectByStanza(ctx, d.blog.ID, d.acc.JID, answers); err == nil {
			return b.addr.Post(own.Token), own.Context, nil
		} else if !errors.Is(err, db.ErrNotFound) {
			return "", "", err
		}
	}
	last, err := b.db.LastLetter(ctx, d.acc.Actor, d.blog.ID)
	if ignoreNotFound(err) != nil {
		return "", "", err
	}
	own, err := b.db.LastDirect(ctx, d.blog.ID, d.acc.Actor)
	if ignoreNotFound(err) != nil {
		return "", "", err
	}
	since := b.nowMS() - threadFor.Milliseconds()
	switch {
	case own.ID != 0 && own.Deleted == 0 && own.Created >= last.Seen && own.Created > since:
		return b.addr.Post(own.Token), own.Context, nil
	case last.ID != 0 && last.Seen > since:
		return last.Object, contextOf(last.Doc), nil
	}
	return "", "", nil
}

// lettered is the account's post that came to somebody here as a message with this
// id, or db.ErrNotFound.
func (b *Bridge) lettered(ctx context.Context, d dialogue, id string) (db.Note, error) {
	note, err := b.db.NoteByItem(ctx, letterItem(id))
	if err != nil {
		return db.Note{}, err
	}
	got, err := b.db.Lettered(ctx, note.ID)
	if err != nil {
		return db.Note{}, err
	}
	for _, blog := range got {
		if blog == d.blog.ID && note.Actor == d.acc.Actor && note.Deleted == 0 {
			return note, nil
		}
	}
	return db.Note{}, db.ErrNotFound
}

// contextOf is the id of the conversation that an object is part of, "" unsaid.
func contextOf(doc string) string {
	o, err := vocab.Read([]byte(doc), vocab.DefaultLimits)
	if err != nil {
		return ""
	}
	for _, key := range []string{"context", "conversation"} {
		if id := o.Str(key); id != "" && len(id) <= maxID {
			return id
		}
		if ids := o.IDs(key); len(ids) > 0 && len(ids[0]) <= maxID {
			return ids[0]
		}
	}
	return ""
}

func (b *Bridge) directNote(d dialogue, msg db.Direct, m component.Message, updated time.Time) vocab.Object {
	return mapping.DirectNote(mapping.Direct{
		Said: m.Said, Lang: m.Lang, Name: b.callsItself(d.blog),
		To:      mapping.Mention{Handle: b.handleAt(d.acc), ActorURL: d.acc.Actor, PageURL: profileOf(d.acc).URL},
		NoteURL: b.addr.Post(msg.Token), ActorURL: b.addr.Actor(d.blog.Token), InReplyTo: msg.ReplyTo, Context: msg.Context,
		Published: msTime(msg.Created), Updated: updated,
	})
}

// callsItself is the name that a blog's owner has on the Fediverse.
func (b *Bridge) callsItself(blog db.Blog) string {
	if blog.Profile.Name != "" {
		return blog.Profile.Name
	}
	return "@" + blog.Handle
}

// sendDirect stores a message with the activity that brings it. What one says to
// one account arrives in order.
func (b *Bridge) sendDirect(ctx context.Context, d dialogue, msg db.Direct, act vocab.Activity, fresh bool) error {
	_, token, _ := b.addr.TokenOf(act.ID)
	row := db.Activity{Token: token, BlogID: d.blog.ID, Type: act.Type, Body: string(act.JSON()), Created: b.nowMS()}
	err := b.db.Tx(ctx, func(tx *db.Tx) (err error) {
		if fresh {
			msg, err = tx.AddDirect(ctx, msg)
		} else {
			err = tx.UpdateDirect(ctx, msg)
		}
		if err != nil {
			return err
		}
		if msg.State == db.DirectSending {
			if err := tx.AddJob(ctx, lateJob(msg.ID, b.nowMS()+directLate.Milliseconds())); err != nil {
				return err
			}
		}
		row.DirectID = msg.ID
		target := db.Target{Host: hostOf(d.remote.Inbox), Inbox: d.remote.Inbox} // row O30: never a shared one
		return b.enqueue(ctx, tx, &d.blog, row, fmt.Sprintf("direct:%d %s", d.blog.ID, d.acc.Actor), db.ToNobody, target)
	})
	if err != nil {
		return fmt.Errorf("direct message: %w", err)
	}
	b.logger(ctx).Info("direct message accepted", "activity", row.Token, "type", act.Type) // to whom is nobody's business
	b.mail.Kick()
	b.jobs.Kick()
	return nil
}

// noticePlain says once to everybody who writes that others can read it.
func (b *Bridge) noticePlain(ctx context.Context, who stanza.JID) {
	bare := who.Bare().Fold()
	if b.setting(ctx, bare, settingNoticed) != "" {
		return
	}
	if err := b.db.SetSetting(ctx, bare.String(), settingNoticed, "yes"); err != nil {
		b.logger(ctx).Error("setting not stored", "key", settingNoticed, "err", err)
		return
	}
	b.tell(bare, b.say(ctx, "direct.plain"))
}

// settingNoticed is set when somebody was told that messages are not end-to-end
// encrypted.
const settingNoticed = "direct-noticed"
