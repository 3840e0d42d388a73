package bridge

import (
	"context"
	"errors"
	"strings"

	"isthmus/component/stanza"
	"isthmus/db"
)

// This file is what readers ask for: the commands about accounts elsewhere.

func (b *Bridge) cmdFind(ctx context.Context, a asking) (answer, error) {
	f, err := b.find(ctx, a.From, strings.Join(a.Words, " "))
	if err != nil {
		return inWords(err)
	}
	if f.note.ID != 0 {
		b.showed(ctx, a.From, f.note.Object)
	}
	return b.card(ctx, f)
}

// inWords answers with what an error says; one that says nothing to people is
// passed on.
func inWords(err error) (answer, error) {
	var said *stanza.Error
	if errors.As(err, &said) && said.Text != "" {
		return answer{Text: said.Text, Next: []string{"help", "following"}}, nil
	}
	return answer{}, err
}

// settingAsked, with an actor behind it, is set while somebody waits to hear in the
// chat whether they may follow it.
const settingAsked = "asked "

func (b *Bridge) cmdFollow(ctx context.Context, a asking) (answer, error) {
	f, err := b.find(ctx, a.From, strings.Join(a.Words, " "))
	if err != nil {
		return inWords(err)
	}
	if f.blog.ID != 0 {
		return answer{Text: b.say(ctx, "follow.xmpp", "jid", f.blog.JID), Next: []string{"find", "following"}}, nil
	}
	if !b.quota.take("deed by "+a.From.String(), deedsPerHour, b.now()) {
		return answer{Text: b.tooMuch(ctx)}, nil
	}
	row, err := b.follow(ctx, a.From, f.acc, ways{node: true})
	if err != nil {
		return inWords(err)
	}
	handle := b.handleAt(f.acc)
	if row.State == followerAccepted {
		return answer{Text: b.say(ctx, "follow.already", "handle", handle, "jid", f.acc.JID), Next: []string{"messages @" + handle + " on", "unfollow @" + handle}}, nil
	}
	if err := b.db.SetSetting(ctx, a.From.String(), settingAsked+f.acc.Actor, "yes"); err != nil {
		return answer{}, err
	}
	text := b.say(ctx, "follow.asked", "handle", handle, "jid", f.acc.JID)
	if profileOf(f.acc).Approves {
		text = b.say(ctx, "follow.asked.approves", "handle", handle, "jid", f.acc.JID)
	}
	return answer{Text: text, Next: []string{"messages @" + handle + " on", "following"}}, nil
}

func (b *Bridge) cmdUnfollow(ctx context.Context, a asking) (answer, error) {
	f, err := b.findKnown(ctx, a)
	if err != nil {
		return inWords(err)
	}
	blog, err := b.db.BlogByNode(ctx, a.From.String(), stanza.NSMicroblog)
	var row db.Following
	if err == nil {
		row, err = b.db.Following(ctx, blog.ID, f.acc.Actor)
	}
	if errors.Is(err, db.ErrNotFound) {
		return answer{Text: b.say(ctx, "follow.not")}, nil
	}
	if err != nil {
		return answer{}, err
	}
	if err := b.unfollow(ctx, &blog, row, f.acc, true); err != nil {
		return answer{}, err
	}
	return answer{Text: b.say(ctx, "follow.over", "handle", b.handleAt(f.acc))}, nil
}

// findKnown is find for somebody who may not be there any more: whom one follows
// one can always name.
func (b *Bridge) findKnown(ctx context.Context, a asking) (found, error) {
	word := strings.TrimPrefix(strings.ToLower(a.word(0)), "@")
	if r, err := b.db.RemoteByHandle(ctx, word); err == nil {
		if acc, err := b.db.Account(ctx, r.Actor); err == nil {
			return found{acc: acc}, nil
		}
	}
	f, err := b.find(ctx, a.From, strings.Join(a.Words, " "))
	if err == nil && f.blog.ID != 0 {
		err = stanza.ErrItemNotFound(b.say(ctx, "follow.blog"))
	}
	return f, err
}

func (b *Bridge) cmdFollowing(ctx context.Context, a asking) (answer, error) {
	none := answer{Text: b.say(ctx, "follow.nobody"), Next: []string{"find", "import"}}
	blog, err := b.db.BlogByNode(ctx, a.From.String(), stanza.NSMicroblog)
	if errors.Is(err, db.ErrNotFound) || err == nil && blog.State == db.Gone {
		return none, nil
	}
	if err != nil {
		return answer{}, err
	}
	const most = 100
	rows, err := b.db.FollowingOf(ctx, blog.ID, "", most)
	if err != nil {
		return answer{}, err
	}
	n, err := b.db.FollowingCount(ctx, blog.ID)
	if err != nil || n == 0 {
		return none, err
	}
	var s strings.Builder
	s.WriteString(b.say(ctx, "follow.list", "number", n))
	for _, f := range rows {
		line := f.Actor
		if acc, err := b.db.Account(ctx, f.Actor); err == nil && acc.JID != "" {
			line = "@" + b.handleAt(acc) + "  " + acc.JID
		}
		if f.State != followerAccepted {
			line += "  " + b.say(ctx, "follow.list.asked", "day", msTime(f.Created).Format("2006-01-02"))
		}
		s.WriteString("\n  " + line)
	}
	if n > most {
		s.WriteString("\n  " + b.say(ctx, "follow.list.more", "number", n-most))
	}
	s.WriteString("\n" + b.say(ctx, "follow.list.home", "jid", b.homeJID()))
	return answer{Text: s.String()}, nil
}
