package bridge

import (
	"context"
	"time"

	"isthmus/component/stanza"
	"isthmus/db"
)

const nsCardUpdate = "vcard-temp:x:update"

// contactPresence is the presence of an account as a contact: always there, with its
// name (XEP-0172 §4.2) and the hash of the picture in its vCard (XEP-0153 §3.1), for
// clients that look for them there. from is the address that they know it by.
func (b *Bridge) contactPresence(ctx context.Context, acc db.Account, from, to stanza.JID) *stanza.Element {
	p := stanza.Presence("", from, to)
	if who, err := b.authorAt(ctx, acc); err == nil {
		p.Add(stanza.Nick(who.Called()))
	}
	x := stanza.New(nsCardUpdate, "x")
	switch {
	case acc.AvatarHash != "":
		x.Add(stanza.New(nsCardUpdate, "photo").AddText(avatarID(acc)))
	case acc.AvatarURL == "" || acc.AvatarBytes < 0: // it has none, or none that can be shown
		x.Add(stanza.New(nsCardUpdate, "photo"))
	} // else it was not read yet: an x without photo takes no picture away (§4.1)
	return p.Add(x)
}

// tellContacts sends a profile that changed to clients that look for it in presence.
func (b *Bridge) tellContacts(ctx context.Context, acc db.Account) error {
	for after := int64(0); ; {
		list, err := b.db.Listeners(ctx, acc.Actor, after, tellChunk)
		if err != nil {
			return err
		}
		for _, l := range list {
			after = l.ID
			if l.Presence {
				b.transmit(b.contactPresence(ctx, acc, mustJID(acc.JID), mustJID(l.JID)))
			}
		}
		if len(list) < tellChunk {
			return nil
		}
	}
}

// Contacts that come back are spread over time: so many, then a pause.
const (
	backAtOnce = 50
	backPause  = 200 * time.Millisecond
)

// contactsBack says that all contacts are there again after a reconnect: servers ask
// when somebody comes online, and not when we do.
func (b *Bridge) contactsBack(ctx context.Context) {
	for after := int64(0); ; {
		list, err := b.db.ContactsHere(ctx, after, backAtOnce)
		if err != nil {
			if ctx.Err() == nil {
				b.logger(ctx).Error("contacts not read after connecting", "err", err)
			}
			return
		}
		for _, f := range list {
			after = f.ID
			blog, err := b.db.BlogByID(ctx, f.BlogID)
			if err != nil {
				continue
			}
			if acc, err := b.db.Account(ctx, f.Actor); err == nil {
				b.transmit(b.contactPresence(ctx, acc, mustJID(acc.JID), mustJID(blog.JID)))
			}
		}
		if len(list) < backAtOnce {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(backPause):
		}
	}
}
