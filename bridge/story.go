package bridge

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// story is an item of an account's node as it is served. The publisher is whose
// node it is: Movim drops authors who are not, unless it is a repeat.
func (b *Bridge) story(ctx context.Context, acc db.Account, f db.FeedItem) (stanza.Item, error) {
	entry, err := b.storyEntry(ctx, acc, f)
	if err != nil {
		return stanza.Item{}, err
	}
	return stanza.Item{ID: f.Item, Publisher: acc.JID, Payload: entry.Element()}, nil
}

func (b *Bridge) storyEntry(ctx context.Context, acc db.Account, f db.FeedItem) (stanza.Entry, error) {
	uri := stanza.ItemURI(mustJID(acc.JID), stanza.NSMicroblog, f.Item).String()
	if _, token, ours := b.addr.TokenOf(f.Object); ours {
		return b.boostedOurs(ctx, uri, token)
	}
	note, err := b.db.NoteByObject(ctx, f.Object)
	if err != nil {
		return stanza.Entry{}, err
	}
	s, err := b.storyOf(ctx, note)
	if err != nil {
		return stanza.Entry{}, err
	}
	if f.Activity != "" {
		s.Via, s.ItemURI = s.ItemURI, uri
	}
	return mapping.BlogEntry(s), nil
}

// errNoText is a note of which nothing is kept to show.
var errNoText = fmt.Errorf("%w: nothing kept of it", db.ErrNotFound)

// storyOf is a note with all that mapping wants to know to show it as an item of
// its author's node.
func (b *Bridge) storyOf(ctx context.Context, note db.Note) (mapping.Story, error) {
	if note.Deleted != 0 || note.Doc == "" {
		return mapping.Story{}, errNoText
	}
	if hidden, err := b.notShown(ctx, note.Actor); err != nil || hidden {
		return mapping.Story{}, cmp.Or(err, errNoText)
	}
	doc, err := vocab.Read([]byte(note.Doc), vocab.DefaultLimits)
	if err != nil {
		return mapping.Story{}, err
	}
	remote, err := b.db.Remote(ctx, note.Actor)
	if err != nil {
		return mapping.Story{}, err
	}
	who := b.authorOf(remote)
	s := mapping.Story{
		Reply: mapping.Reply{
			Object: b.readPost(ctx, doc, note.Actor), Author: who, Now: msTime(note.Seen),
			ItemURI:  stanza.ItemURI(who.JID, stanza.NSMicroblog, note.Item).String(),
			Comments: stanza.ItemURI(who.JID, commentsPrefix+note.Item, "").String(),
		},
		Media: b.mediaURL,
	}
	if s.ParentURI, err = b.whereStands(ctx, note.ReplyTo); err != nil {
		return s, err
	}
	s.ParentID = s.ParentURI
	return s, nil
}

// whereStands is the address in XMPP of what has an id, as an item of its author's
// node; "" when that is not known here.
func (b *Bridge) whereStands(ctx context.Context, object string) (string, error) {
	if object == "" {
		return "", nil
	}
	if _, token, ours := b.addr.TokenOf(object); ours {
		post, blog, err := b.publicPost(ctx, token)
		if err != nil {
			return "", nil // not there for others any more
		}
		return b.itemURI(&blog, post).String(), nil
	}
	note, err := b.db.NoteByObject(ctx, object)
	if errors.Is(err, db.ErrNotFound) || err == nil && note.Deleted != 0 {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	remote, err := b.db.Remote(ctx, note.Actor)
	if err != nil {
		return "", ignoreNotFound(err)
	}
	who := b.authorOf(remote)
	if who.JID.IsZero() {
		return "", nil
	}
	return stanza.ItemURI(who.JID, stanza.NSMicroblog, note.Item).String(), nil
}

// boostedOurs is a post from here that somebody boosts: the entry as its author
// published it, with where it is (XEP-0277, repeats).
func (b *Bridge) boostedOurs(ctx context.Context, uri, token string) (stanza.Entry, error) {
	post, blog, err := b.publicPost(ctx, token)
	if err != nil {
		return stanza.Entry{}, fmt.Errorf("%w: %w", errNoText, err)
	}
	entry, err := parseEntry(post.Source)
	if err != nil {
		return entry, err
	}
	entry.ID = uri
	entry.Links = append(entry.Links, stanza.Link{Rel: "via", Href: b.itemURI(&blog, post).String()})
	return entry, nil
}

// entryHash tells an entry from one that was told before.
func entryHash(e *stanza.Element) string {
	sum := sha256.Sum256([]byte(e.XML()))
	return hex.EncodeToString(sum[:16])
}
