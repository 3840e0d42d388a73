package bridge

import (
	"context"
	"errors"
	"strings"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/queue"
)

// Accounts that somebody follows, in their contact list: only for who wants it, and
// where their server lets us (XEP-0356 §4.3).

const (
	kindRoster    = "roster"
	settingRoster = "roster" // "on", or not
	nsRoster      = "jabber:iq:roster"

	// rosterGroup is the group that we keep; what is in others is not ours.
	rosterGroup = "Fediverse"
	maxRoster   = 500
)

func rosterJob(blog, due int64) db.Job { return blogJob(kindRoster, blog, due) }

// rosterSoon brings somebody's contact list in step, if they want that.
func (b *Bridge) rosterSoon(ctx context.Context, who stanza.JID) {
	if blog, err := b.db.BlogByNode(ctx, who.String(), stanza.NSMicroblog); err == nil {
		b.soon(ctx, rosterJob(blog.ID, b.nowMS()))
	}
}

// cmdRoster switches it.
func (b *Bridge) cmdRoster(ctx context.Context, a asking) (answer, error) {
	want := strings.ToLower(a.word(0))
	switch want {
	case "on", "off":
	default:
		if b.setting(ctx, a.From, settingRoster) == "on" {
			return answer{Text: b.say(ctx, "roster.ison"), Next: []string{"roster off", "following"}}, nil
		}
		return answer{Text: b.say(ctx, "roster.isoff"), Next: []string{"roster on", "following"}}, nil
	}
	if want == "on" && !b.xmpp.MayKeepRoster(a.From.Domain) {
		return answer{Text: b.say(ctx, "roster.grant", "domain", a.From.Domain, "component", b.cfg.Component)}, nil
	}
	if err := b.db.SetSetting(ctx, a.From.String(), settingRoster, want); err != nil {
		return answer{}, err
	}
	blog, err := b.db.BlogByNode(ctx, a.From.String(), stanza.NSMicroblog)
	if ignoreNotFound(err) != nil {
		return answer{}, err
	}
	if err == nil {
		if err := b.db.AddJob(ctx, rosterJob(blog.ID, b.nowMS())); err != nil {
			return answer{}, err
		}
		b.jobs.Kick()
	}
	if want == "off" {
		return answer{Text: b.say(ctx, "roster.off", "group", rosterGroup)}, nil
	}
	return answer{Text: b.say(ctx, "roster.on", "group", rosterGroup)}, nil
}

// keepRoster makes a contact list say whom its owner follows, or takes out what we
// put in when they do not want it (any more), or have left. What it could not do for
// want of the grant, the next login asks for again.
func (b *Bridge) keepRoster(ctx context.Context, j queue.Job) error {
	blog, err := b.jobBlog(ctx, j)
	if err != nil {
		return ignoreNotFound(err)
	}
	who := mustJID(blog.JID)
	state := b.setting(ctx, who, settingRoster)
	if state == "" || blog.Kind != "person" { // never wanted
		return nil
	}
	if !b.xmpp.Status().Up {
		return b.whenUp()
	}
	if !b.xmpp.MayKeepRoster(who.Domain) {
		return nil
	}
	rows, err := b.db.FollowingOf(ctx, blog.ID, "", maxRoster)
	if err != nil {
		return err
	}
	want := map[stanza.JID]string{}         // to their names
	accounts := map[stanza.JID]db.Account{} // of want
	for _, f := range rows {
		if state != "on" || f.State != followerAccepted {
			continue
		}
		acc, err := b.db.Account(ctx, f.Actor)
		if errors.Is(err, db.ErrNotFound) {
			continue
		}
		if err != nil { // not a reason to take anybody out
			return err
		}
		jid := mustJID(acc.JID)
		author, err := b.authorAt(ctx, acc)
		if err != nil {
			return err
		}
		want[jid], accounts[jid] = author.Called(), acc
	}
	res, err := b.xmpp.IQ(ctx, stanza.IQ("get", b.bare(), who, stanza.New(nsRoster, "query")))
	if err != nil {
		return rosterError(err)
	}
	for _, item := range res.First(nsRoster, "query").All(nsRoster, "item") {
		jid := mustJID(item.Get("jid")).Bare().Fold()
		if jid.Domain != b.cfg.Component || jid.Local == "" {
			continue
		}
		name, wanted := want[jid]
		delete(want, jid)
		ours := inGroup(item)
		switch {
		case wanted && (!ours || item.Get("name") == name): // theirs, or as it should be
		case wanted:
			err = b.setRoster(ctx, who, jid, name, item.Get("subscription"))
		case ours:
			err = b.unlist(ctx, who, jid)
		}
		if err != nil {
			return err
		}
	}
	for jid, name := range want {
		if err := b.setRoster(ctx, who, jid, name, "to"); err != nil {
			return err
		}
		b.transmit(b.contactPresence(ctx, accounts[jid], jid, who)) // servers probe at login alone
	}
	return nil
}

// unlist takes out what we put in. A contact that the person made stays, whatever its
// group: to take it out would be to unfollow.
func (b *Bridge) unlist(ctx context.Context, who, jid stanza.JID) error {
	_, _, f, err := b.followingAt(ctx, who, jid)
	if ignoreNotFound(err) != nil || err == nil && f.Presence {
		return ignoreNotFound(err)
	}
	return b.setRoster(ctx, who, jid, "", "remove")
}

// inGroup reports whether a contact is in the group that we keep, and in no other:
// who moved it elsewhere keeps it.
func inGroup(item *stanza.Element) bool {
	groups := item.All(nsRoster, "group")
	return len(groups) == 1 && groups[0].Text() == rosterGroup
}

func (b *Bridge) setRoster(ctx context.Context, who, jid stanza.JID, name, subscription string) error {
	item := stanza.New(nsRoster, "item", "jid", jid.String(), "name", name, "subscription", subscription)
	if subscription != "remove" {
		item.AddTextElement("group", rosterGroup)
	}
	_, err := b.xmpp.IQ(ctx, stanza.IQ("set", b.bare(), who, stanza.New(nsRoster, "query").Add(item)))
	return rosterError(err)
}

// rosterError is nil for what trying again would not change.
func rosterError(err error) error {
	var se *stanza.Error
	if errors.As(err, &se) && !se.Temporary() {
		return nil
	}
	return err
}
