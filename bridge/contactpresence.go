package bridge

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"time"

	"isthmus/component/stanza"
)

// contactPresence is the presence of an account as a contact: always there, with its
// name (XEP-0172 §4.2) and the hash of the picture in its vCard (XEP-0153 §3.1), for
// clients that look for them there.
func (b *Bridge) contactPresence(ctx context.Context, actor string, to stanza.JID) *stanza.Element {
	acc, err := b.db.Account(ctx, actor)
	if err != nil {
		return stanza.Presence("unavailable", b.bare(), to)
	}
	p := stanza.Presence("", mustJID(acc.JID), to)
	if who, err := b.authorAt(ctx, acc); err == nil {
		p.Add(stanza.Nick(who.Called()))
	}
	photo := stanza.New("vcard-temp:x:update", "photo")
	if acc.AvatarHash != "" {
		if _, data, err := b.db.Media(ctx, acc.AvatarHash); err == nil {
			sum := sha1.Sum(data)
			photo.AddText(hex.EncodeToString(sum[:]))
		}
	}
	return p.Add(stanza.New("vcard-temp:x:update", "x").Add(photo))
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
			if blog, err := b.db.BlogByID(ctx, f.BlogID); err == nil {
				b.transmit(b.contactPresence(ctx, f.Actor, mustJID(blog.JID)))
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
