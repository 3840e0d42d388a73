package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"isthmus/activitypub"
	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
	"isthmus/media"
)

// picture is an avatar as read.
type picture struct {
	Hash, Type string
	Data       []byte
}

// maxPicture bounds an avatar, in bytes.
const maxPicture = 1 << 20

// refreshProfile reads what strangers see of a blog's owner or node and, when it
// changed, tells the followers.
func (b *Bridge) refreshProfile(ctx context.Context, blog *db.Blog) error {
	p, pic, err := b.readProfile(ctx, blog)
	if err != nil {
		return err
	}
	if pic.Hash != "" && pic.Hash != blog.Profile.AvatarHash {
		if err := b.db.PutMedia(ctx, pic.Hash, pic.Type, pic.Data); err != nil {
			return err
		}
	}
	return b.changeActor(ctx, blog.ID, func(tx *db.Tx, now *db.Blog) (bool, error) {
		if p == now.Profile {
			return false, nil
		}
		now.Profile, now.ProfileAt = p, b.nowMS()
		b.logger(ctx).Info("profile changed", "jid", blog.JID, "node", blog.Node)
		return true, tx.SetProfile(ctx, now.ID, p, now.ProfileAt)
	})
}

// changeActor changes what an actor shows and tells the followers, in one
// transaction: change gets the blog as it is now, not as it was before a profile
// was read, and reports whether there is anything to tell. A paused blog sends
// nothing; release makes good for it.
func (b *Bridge) changeActor(ctx context.Context, id int64, change func(*db.Tx, *db.Blog) (bool, error)) error {
	key, err := b.key(ctx, id) // not inside: making one waits for the same writer
	if err != nil {
		return err
	}
	err = b.db.Tx(ctx, func(tx *db.Tx) error {
		blog, err := tx.BlogByID(ctx, id)
		if err != nil || blog.State == db.Gone {
			return err
		}
		if changed, err := change(tx, &blog); err != nil || !changed || blog.State != db.On {
			return err
		}
		return b.tellActor(ctx, tx, key, &blog)
	})
	b.mail.Kick()
	return err
}

// tellActor sends the followers an actor as it is now.
func (b *Bridge) tellActor(ctx context.Context, tx *db.Tx, key *activitypub.Key, blog *db.Blog) error {
	prefs, err := tx.Preferences(ctx, blog.ID)
	if err != nil {
		return err
	}
	if len(ownLinks(blog, prefs)) > 0 || prefs[preferenceProven] != "" {
		if err := tx.AddJob(ctx, proveJob(blog.ID, b.nowMS())); err != nil {
			return err
		}
	}
	return b.enqueue(ctx, tx, blog, b.updateOf(blog.ID, b.actorWith(key, blog, prefs)), "actor:"+blog.Token, db.ToFollowers)
}

// updateOf is the Update of an actor as it is now.
func (b *Bridge) updateOf(blog int64, actor vocab.Actor) db.Activity {
	row := db.Activity{Token: b.token(), BlogID: blog, Type: "Update", Created: b.nowMS()}
	row.Body = string(vocab.Activity{
		ID: b.addr.Activity(row.Token), Type: "Update", Actor: actor.ID,
		To: []string{vocab.Public}, Cc: []string{actor.Followers}, Object: actor, Published: b.now(),
	}.JSON())
	return row
}

// readProfile asks, as a stranger, every place where a profile may be; what is
// refused or missing there is simply not shown. Only trouble on the way is an
// error: it must not empty a profile.
func (b *Bridge) readProfile(ctx context.Context, blog *db.Blog) (db.Profile, picture, error) {
	var in mapping.ProfileSources
	var pic picture
	owner := mustJID(blog.JID)
	if blog.Kind == "group" {
		info, err := b.ask(ctx, owner, stanza.New(stanza.NSDiscoInfo, "query", "node", blog.Node))
		if err != nil {
			return db.Profile{}, pic, err
		}
		if q := info.First(stanza.NSDiscoInfo, "query"); q != nil {
			meta := stanza.ParseInfo(q)
			in.Node = &meta
		}
	} else {
		vcard, err := b.ask(ctx, owner, stanza.New(stanza.NSVCardTemp, "vCard"))
		if err != nil {
			return db.Profile{}, pic, err
		}
		if v := vcard.First(stanza.NSVCardTemp, "vCard"); v != nil {
			card := stanza.ParseVCardTemp(v)
			in.VCardTemp = card
			pic = newPicture(card.Photo)
		}
		if e, err := b.one(ctx, owner, stanza.NodeVCard4, ""); err != nil {
			return db.Profile{}, pic, err
		} else if e != nil {
			in.VCard4 = stanza.ParseVCard4(e)
		}
		if e, err := b.one(ctx, owner, stanza.NSNick, ""); err != nil {
			return db.Profile{}, pic, err
		} else if e != nil {
			in.Nick = e.Text()
		}
		if got, err := b.avatar(ctx, owner); err != nil {
			return db.Profile{}, pic, err
		} else if got.Hash != "" {
			pic = got
		}
	}
	e, err := b.one(ctx, owner, blog.Node, "0") // XEP-0277 §2.4
	if err != nil {
		return db.Profile{}, pic, err
	}
	if feed, err := stanza.ParseFeed(e); err == nil {
		in.Feed = &feed
	}
	p := mapping.MergeProfile(in)
	out := db.Profile{Name: p.Name, Note: p.Note, AvatarHash: pic.Hash, AvatarType: pic.Type, Links: strings.Join(p.Links, "\n")}
	if blog.Kind == "person" {
		if out.BannerURL, err = b.banner(ctx, owner); err != nil {
			return db.Profile{}, pic, err
		}
	}
	if blog.Kind == "group" {
		if out.AvatarURL, out.AvatarType, err = b.nodeAvatar(ctx, owner, blog.Node); err != nil {
			return db.Profile{}, pic, err
		}
	}
	return out, pic, nil
}

// ask sends a get as the visitor. A refusal is an empty answer.
func (b *Bridge) ask(ctx context.Context, to stanza.JID, payload *stanza.Element) (*stanza.Element, error) {
	res, err := b.xmpp.IQ(ctx, stanza.IQ("get", b.visitor(), to, payload))
	var se *stanza.Error
	if errors.As(err, &se) && se.Type != "wait" {
		return nil, nil
	}
	return res, err
}

// one returns the payload of one item of a node, the newest when id is "".
func (b *Bridge) one(ctx context.Context, to stanza.JID, node, id string) (*stanza.Element, error) {
	req := stanza.ItemsRequest(node, nil, 1, nil)
	if id != "" {
		req = stanza.ItemsRequest(node, []string{id}, 0, nil)
	}
	res, err := b.ask(ctx, to, req)
	if err != nil || res == nil {
		return nil, err
	}
	items, _ := stanza.ParseItems(res)
	for _, it := range items {
		if id == "" || it.ID == id {
			return it.Payload, nil
		}
	}
	return nil, nil
}

// avatar reads XEP-0084: the metadata's first picture that we can hold, then its
// data under the same id.
func (b *Bridge) avatar(ctx context.Context, owner stanza.JID) (picture, error) {
	meta, err := b.one(ctx, owner, stanza.NSAvatarMeta, "")
	if err != nil || meta == nil {
		return picture{}, err
	}
	for _, info := range stanza.ParseAvatarMetadata(meta) {
		if info.Bytes > maxPicture || info.URL != "" {
			continue
		}
		e, err := b.one(ctx, owner, stanza.NSAvatarData, info.ID)
		if err != nil || e == nil {
			return picture{}, err
		}
		data, err := stanza.ParseAvatarData(e)
		if err != nil {
			return picture{}, nil
		}
		return newPicture(data), nil
	}
	return picture{}, nil
}

// banner reads the header picture that Movim and its kin keep on a node of its own, as
// metadata with a web address.
func (b *Bridge) banner(ctx context.Context, owner stanza.JID) (string, error) {
	meta, err := b.one(ctx, owner, stanza.NSBanner, "")
	if err != nil || meta == nil {
		return "", err
	}
	for _, info := range stanza.ParseAvatarMetadata(meta) {
		if strings.HasPrefix(info.URL, "https://") && len(info.URL) <= maxBannerURL {
			return info.URL, nil
		}
	}
	return "", nil
}

// maxBannerURL bounds the address of a header picture, in bytes.
const maxBannerURL = 2000

// nodeAvatar reads the picture of a community: Movim keeps it as an item of the
// node itself, metadata with an address (xmpp-servers §3).
func (b *Bridge) nodeAvatar(ctx context.Context, service stanza.JID, node string) (url, typ string, err error) {
	meta, err := b.one(ctx, service, node, stanza.NSAvatarMeta)
	if err != nil || meta == nil {
		return "", "", err
	}
	for _, info := range stanza.ParseAvatarMetadata(meta) {
		if strings.HasPrefix(info.URL, "https://") {
			return info.URL, info.Type, nil
		}
	}
	return "", "", nil
}

// newPicture accepts the kinds of image that peers show, by their bytes and not
// by their label: nothing else is ever served from our host (P12).
func newPicture(data []byte) picture {
	typ := imageType(data)
	if typ == "" || len(data) > maxPicture {
		return picture{}
	}
	data, err := media.Strip(data) // where it was taken is nobody's business
	if err != nil {
		return picture{}
	}
	sum := sha256.Sum256(data)
	return picture{Hash: hex.EncodeToString(sum[:16]), Type: typ, Data: data}
}

func imageType(data []byte) string {
	switch {
	case len(data) > 8 && string(data[:8]) == "\x89PNG\r\n\x1a\n":
		return "image/png"
	case len(data) > 3 && string(data[:3]) == "\xff\xd8\xff":
		return "image/jpeg"
	case len(data) > 6 && (string(data[:6]) == "GIF87a" || string(data[:6]) == "GIF89a"):
		return "image/gif"
	case len(data) > 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return "image/webp"
	}
	return ""
}
