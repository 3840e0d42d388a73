package bridge

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"isthmus/activitypub"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
	"isthmus/media"
)

// profileNodes are those that say who an account is.
var profileNodes = []string{stanza.NSAvatarMeta, stanza.NSAvatarData, stanza.NodeVCard4, stanza.NSNick, stanza.NSBanner}

// profileItems are the items of one of these nodes, at most one. A picture that is
// switched off is metadata without one (XEP-0084 §4.2.2).
func (b *Bridge) profileItems(ctx context.Context, acc db.Account, node string, ids []string) ([]stanza.Item, error) {
	one := func(id string, payload *stanza.Element) ([]stanza.Item, error) {
		if len(ids) > 0 && !slices.Contains(ids, id) {
			return nil, nil
		}
		return []stanza.Item{{ID: id, Publisher: acc.JID, Payload: payload}}, nil
	}
	p := profileOf(acc)
	switch node {
	case stanza.NSAvatarMeta:
		acc, err := b.avatarNow(ctx, acc)
		if err != nil {
			return nil, err
		}
		if acc.AvatarHash == "" {
			return one("none", stanza.AvatarMetadata())
		}
		id := avatarID(acc)
		return one(id, stanza.AvatarMetadata(stanza.AvatarInfo{
			ID: id, Type: acc.AvatarType, Bytes: int(acc.AvatarBytes), Width: int(acc.AvatarWidth), Height: int(acc.AvatarHeight),
		}))
	case stanza.NSAvatarData:
		acc, err := b.avatarNow(ctx, acc)
		if err == nil && acc.AvatarHash == "" {
			err = stanza.ErrItemNotFound("")
		}
		if err != nil {
			return nil, err
		}
		_, data, err := b.db.Media(ctx, acc.AvatarHash)
		if err != nil {
			return nil, err
		}
		return one(avatarID(acc), stanza.AvatarData(data))
	case stanza.NodeVCard4:
		who, err := b.authorAt(ctx, acc)
		if err != nil {
			return nil, err
		}
		card := mapping.VCardOf(p, who)
		return one("current", card.Element4())
	case stanza.NSNick:
		who, err := b.authorAt(ctx, acc)
		if err != nil {
			return nil, err
		}
		return one("current", stanza.Nick(mapping.VCardOf(p, who).FullName))
	case stanza.NSBanner:
		if p.Image.URL == "" {
			return nil, stanza.ErrItemNotFound("")
		}
		return one("current", stanza.Banner(b.mediaURL(p.Image.URL)))
	}
	return nil, stanza.ErrItemNotFound("")
}

// avatarID is the item id of a picture: the SHA-1 of its data (XEP-0084 §4.1).
func avatarID(acc db.Account) string { return strings.TrimPrefix(acc.AvatarHash, avatarPrefix) }

// avatarPrefix tells pictures of accounts elsewhere from our own bloggers', which
// alone are served on the web.
const avatarPrefix = "account:"

// Bounds of a picture: of what is fetched, and of what fits into a stanza.
const (
	maxAvatarFetch = 5 << 20
	maxAvatarBytes = 150_000
	maxAvatarSide  = 512
)

// avatarNow makes sure that an account's picture is here, if it has one. One that
// cannot be had now is as if there were none, until the profile is read again.
func (b *Bridge) avatarNow(ctx context.Context, acc db.Account) (db.Account, error) {
	if acc.AvatarHash != "" || acc.AvatarURL == "" || acc.AvatarBytes < 0 {
		return acc, nil
	}
	got, err := together(b, ctx, "avatar "+acc.Actor, func(ctx context.Context) (db.Account, error) { return b.readAvatar(ctx, acc) })
	if err != nil {
		b.logger(ctx).Info("avatar not read", "actor", acc.Actor, "why", err)
		return acc, nil
	}
	return got, nil
}

// readAvatar fetches an account's picture and stores it as readers get it: small,
// and without whatever else its file says.
func (b *Bridge) readAvatar(ctx context.Context, acc db.Account) (db.Account, error) {
	old := acc.AvatarHash
	acc.AvatarHash, acc.AvatarType, acc.AvatarBytes = "", "", -1 // tried
	if acc.AvatarURL != "" {
		_, raw, err := b.client.File(ctx, acc.AvatarURL, maxAvatarFetch, func(typ string) bool { return strings.HasPrefix(typ, "image/") })
		switch {
		case err != nil && !activitypub.Final(err) && retriable(err):
			return acc, fmt.Errorf("avatar of %s: %w", acc.Actor, err)
		case err == nil:
			data, typ, width, height, err := media.Shrink(raw, maxAvatarBytes, maxAvatarSide)
			if err != nil {
				b.logger(ctx).Info("avatar not usable", "actor", acc.Actor, "why", err)
				break
			}
			sum := sha1.Sum(data)
			acc.AvatarHash, acc.AvatarType = avatarPrefix+hex.EncodeToString(sum[:]), typ
			acc.AvatarBytes, acc.AvatarWidth, acc.AvatarHeight = int64(len(data)), int64(width), int64(height)
			if err := b.db.PutMedia(ctx, acc.AvatarHash, typ, data); err != nil {
				return acc, err
			}
		}
	}
	if err := b.db.SetAvatar(ctx, acc); err != nil {
		return acc, err
	}
	if old != "" && old != acc.AvatarHash {
		return acc, b.db.DropAvatar(ctx, old)
	}
	return acc, nil
}
