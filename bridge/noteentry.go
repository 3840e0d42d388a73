package bridge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// reply is a post with what mapping wants to know to show it in XMPP.
func (b *Bridge) reply(ctx context.Context, note db.Note, post remotePost, who mapping.Author) mapping.Reply {
	r := mapping.Reply{Object: post.Incoming, Author: who, Now: b.now()}
	if b.mediaRefused(ctx, note.Actor) {
		r.Object.Attachments = nil
	}
	if note.Service != "" {
		r.ItemURI = stanza.ItemURI(mustJID(note.Service), note.Node, note.Item).String()
		r.ParentURI, r.ParentID = b.standing(ctx, note.ReplyTo, note.Service, note.Node)
	}
	return r
}

// standing is where what has an id stands in one comments node: its address
// there, which is its atom:id too. Nothing when it is not a comment there.
func (b *Bridge) standing(ctx context.Context, object, service, node string) (uri, id string) {
	item := ""
	if note, err := b.db.NoteByObject(ctx, object); err == nil && note.Service == service && note.Node == node {
		item = note.Item
	} else if _, token, ok := b.addr.TokenOf(object); ok {
		if post, err := b.db.PostByToken(ctx, token); err == nil && post.Service == service && post.Node == node {
			item = post.Item
			if e, err := parseEntry(post.Source); err == nil {
				id = e.ID
			}
		}
	}
	if item == "" {
		return "", ""
	}
	uri = stanza.ItemURI(mustJID(service), node, item).String()
	if id == "" {
		id = uri
	}
	return uri, id
}

func (b *Bridge) commentEntry(ctx context.Context, note db.Note, post remotePost, who mapping.Author) (entry, hash string) {
	entry = mapping.Comment(b.reply(ctx, note, post, who)).Element().XML()
	sum := sha256.Sum256([]byte(entry))
	return entry, hex.EncodeToString(sum[:16])
}

func parseEntry(source string) (stanza.Entry, error) {
	e, err := stanza.ParseXML([]byte(source))
	if err != nil {
		return stanza.Entry{}, err
	}
	return stanza.ParseEntry(e)
}
