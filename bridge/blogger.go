package bridge

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
)

// This file is what bloggers ask for: the commands of command.go.

func (b *Bridge) cmdStart(ctx context.Context, a asking) (answer, error) {
	jid, node := a.From, ""
	if a.word(0) != "" {
		var ok bool
		if jid, node, ok = a.community(); !ok {
			return answer{Text: b.say(ctx, "blog.start.node")}, nil
		}
		if ans, ok, err := b.owns(ctx, a.From, jid, node); !ok {
			return ans, err
		}
	}
	if !b.cfg.AllowUsers {
		known, err := b.db.BlogByNode(ctx, jid.String(), cmp.Or(node, stanza.NSMicroblog))
		if errors.Is(err, db.ErrNotFound) || err == nil && known.State == db.Gone {
			return answer{Text: b.say(ctx, "blog.start.admin", "blog", strings.TrimSpace(jid.String()+" "+node))}, nil
		}
	}
	before, err := b.db.BlogByNode(ctx, jid.String(), cmp.Or(node, stanza.NSMicroblog))
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return answer{}, err
	}
	blog, fresh, err := b.enrolment().Enrol(ctx, jid, node, a.From.String())
	if errors.Is(err, ErrForeign) || errors.Is(err, ErrService) || errors.Is(err, ErrNoAddress) {
		return answer{Text: b.whyNotEnrolled(ctx, err)}, nil
	}
	if err != nil {
		return answer{}, err
	}
	if err := b.db.ClearNotice(ctx, blog.ID, noticeAsked); err != nil { // ask to be a contact once more
		return answer{}, err
	}
	b.jobs.Kick()
	if !fresh {
		return answer{Text: b.say(ctx, "blog.already") + "\n\n" + b.describe(ctx, &blog, false)}, nil
	}
	// A first look right away, so that the answer can say what is missing.
	b.lookAgain(ctx, &blog)
	text := b.textStarted(ctx, &blog)
	if before.State == db.Paused {
		text = b.say(ctx, "blog.resumed")
	}
	return answer{Text: text + "\n\n" + b.describe(ctx, &blog, before.State != db.Paused)}, nil
}

func (b *Bridge) cmdStatus(ctx context.Context, a asking) (answer, error) {
	blogs, err := b.blogsOf(ctx, a.From)
	if err != nil {
		return answer{}, err
	}
	if len(blogs) == 0 {
		return answer{Text: b.say(ctx, "blog.off")}, nil
	}
	parts := make([]string, len(blogs))
	for i := range blogs {
		if blogs[i].State == db.On && blogs[i].Gate != db.GateOpen {
			b.lookAgain(ctx, &blogs[i]) // they may just have opened it
		}
		parts[i] = b.describe(ctx, &blogs[i], false)
	}
	return answer{Text: strings.Join(parts, "\n\n")}, nil
}

// lookAgain looks at a blog that was not readable, now, for an answer that is
// true and needs no message besides; what there is to publish follows.
func (b *Bridge) lookAgain(ctx context.Context, blog *db.Blog) {
	defer b.soon(ctx, tendJob(blog.ID, b.nowMS()))
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := b.peek(ctx, blog, stanza.ItemsRequest(blog.Node, nil, 1, nil), false)
	if err == nil { // what is written after the answer counts again
		err = b.release(ctx, blog)
	}
	if err != nil && !errors.Is(err, errHidden) {
		b.logger(ctx).Info("not looked at for status", "jid", blog.JID, "err", err)
	}
}

// describe is a blog's state in words: on, pending, paused or refused, the
// reason, what to do, and who reads it. Of a fresh one it does not say how many do:
// what is there is being published at that moment.
func (b *Bridge) describe(ctx context.Context, blog *db.Blog, fresh bool) string {
	lines := []string{b.title(ctx, blog) + ": " + b.say(ctx, "blog.is."+Condition(*blog))}
	if blog.State == db.On && blog.Reason != "" {
		lines = append(lines, b.reason(ctx, blog))
	}
	if blog.State == db.On && blog.Gate == db.GateUnknown {
		lines = append(lines, b.say(ctx, "blog.unread"))
	}
	if blog.State == db.Paused {
		lines = append(lines, b.say(ctx, "blog.paused", "command", startAgain(blog)))
	}
	page := b.say(ctx, "blog.page", "page", b.addr.Page(blog.Handle))
	if fresh {
		return strings.Join(append(lines, page), "\n")
	}
	n, err := b.db.FollowerCount(ctx, blog.ID, followerAccepted)
	posts, perr := b.db.PostCount(ctx, blog.ID)
	if err == nil && perr == nil {
		lines = append(lines, b.say(ctx, "blog.counts", "followers", n, "posts", posts))
	}
	if waiting, err := b.db.FollowerCount(ctx, blog.ID, followerPending); err == nil && waiting > 0 {
		lines[len(lines)-1] += " " + b.say(ctx, "blog.waiting", "waiting", waiting)
	}
	return strings.Join(append(lines, page), "\n")
}

// Condition is the one word of a blog's state.
func Condition(blog db.Blog) string {
	switch {
	case blog.State != db.On:
		return string(blog.State)
	case blog.Gate == db.GateOpen:
		return "on"
	case blog.Gate == db.GateClosed:
		return "refused"
	}
	return "pending"
}

func (b *Bridge) cmdPause(ctx context.Context, a asking) (answer, error) {
	blogs, ans, err := b.chosen(ctx, a)
	if err != nil || len(blogs) == 0 {
		return ans, err
	}
	var again []string
	for _, blog := range blogs {
		err := b.db.Tx(ctx, func(tx *db.Tx) error {
			_, err := setState(ctx, tx, blog.ID, db.Paused)
			return err
		})
		if errors.Is(err, errLeft) {
			continue
		}
		if err != nil {
			return answer{}, err
		}
		again = append(again, b.say(ctx, "chat.quoted", "text", startAgain(&blog)))
	}
	return answer{Text: b.say(ctx, "blog.pausing", "commands", strings.Join(again, ", ")), Next: []string{startAgain(&blogs[0]), "status"}}, nil
}

func (b *Bridge) cmdStop(ctx context.Context, a asking) (answer, error) {
	blogs, ans, err := b.chosen(ctx, a)
	if err != nil {
		return ans, err
	}
	if a.word(0) == "" { // who only follows others has an actor, too
		if reader, err := b.db.BlogByNode(ctx, a.From.String(), stanza.NSMicroblog); err == nil && reader.State == db.Reader {
			blogs = append(blogs, reader)
		}
	}
	if len(blogs) == 0 {
		return ans, nil
	}
	if !a.Sure {
		return answer{Confirm: true, Text: b.textStop(ctx, blogs)}, nil
	}
	for i := range blogs {
		if err := b.leave(ctx, &blogs[i]); err != nil {
			return answer{}, err
		}
	}
	return answer{Text: b.say(ctx, "blog.stopped")}, nil
}

// leave deletes an actor: Delete to everybody it ever reached, 410 from now on,
// the key kept to sign with (activitypub.md P8).
func (b *Bridge) leave(ctx context.Context, blog *db.Blog) error {
	actor := b.addr.Actor(blog.Token)
	others, err := b.db.BlogTargets(ctx, blog.ID)
	if err != nil {
		return err
	}
	row := db.Activity{Token: b.token(), BlogID: blog.ID, Type: "Delete", Created: b.nowMS()}
	row.Body = string(vocab.Activity{
		ID: b.addr.Activity(row.Token), Type: "Delete", Actor: actor,
		To: []string{vocab.Public}, Object: actor, Published: b.now(),
	}.JSON())
	if _, err := b.key(ctx, blog.ID); err != nil { // made now or never
		return err
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := setState(ctx, tx, blog.ID, db.Gone); err != nil {
			return err
		}
		if err := tx.ForgetNews(ctx, blog.ID); err != nil {
			return err
		}
		if err := tx.ForgetFollowing(ctx, blog.ID); err != nil {
			return err
		}
		if err := tx.ForgetSubscriber(ctx, blog.JID); err != nil {
			return err
		}
		return b.enqueue(ctx, tx, blog, row, "actor:"+blog.Token, db.ToReached, others...)
	})
	if errors.Is(err, errLeft) {
		return nil
	}
	if err != nil {
		return err
	}
	b.mail.Kick()
	b.rosterSoon(ctx, mustJID(blog.JID))
	b.logger(ctx).Info("blog left the Fediverse", "jid", blog.JID, "node", blog.Node)
	if _, err := b.xmpp.IQ(ctx, stanza.IQ("set", b.bare(), mustJID(blog.JID), stanza.UnsubscribeRequest(blog.Node, b.bare(), ""))); err != nil {
		b.logger(ctx).Info("not unsubscribed", "jid", blog.JID, "err", err) // events of a blog that left are ignored anyway
	}
	return nil
}
