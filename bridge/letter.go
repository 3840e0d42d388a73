package bridge

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// A letter is somebody's post as a message in their own name: a direct one, or a
// public one that names who gets it. Its id is that of the item that would have
// stood in a node, so that an edit finds what it corrects. Files of a direct one
// are messages of their own, as clients send them.

// delayAfter is how old a message is that says when it was written (XEP-0203).
const delayAfter = 5 * time.Minute

// letterStanzas are the messages of a piece of news.
func (b *Bridge) letterStanzas(ctx context.Context, blog *db.Blog, to stanza.JID, n db.News) []*stanza.Element {
	_, kind, _ := strings.Cut(n.Kind, ":")
	from, id := mustJID(n.Name), mapping.ItemID(n.URL)
	text, files := n.Text, []stanza.File(nil)
	note, err := b.db.NoteByObject(ctx, n.URL)
	private := err == nil && !isPublic(note.Visibility)
	switch {
	case kind == kindRetraction:
		return retractions(from, b.bare(), to, id, n, b.say(ctx, "news.retracted"))
	case err == nil && note.Deleted != 0:
		return nil // before it went out
	case private:
		if t, f, ok := b.letterText(ctx, blog, note); ok {
			text, files = t, f
		}
	case kind == kindMention:
		text = b.say(ctx, "news.named") + "\n\n" + text
	}
	if from.IsZero() { // a name that XMPP has no address for
		from, text = b.bare(), strings.TrimSpace(n.Actor+":\n"+text)
	}
	if kind == kindCorrection { // XEP-0308 §3
		m := letterMessage(from, to, fmt.Sprintf("%s-%d", id, n.ID), text)
		return []*stanza.Element{m.Add(stanza.New(stanza.NSCorrect, "replace", "id", id))}
	}
	var out []*stanza.Element
	if text != "" {
		out = append(out, letterMessage(from, to, id, text))
	}
	for _, f := range files[:min(len(files), maxLetterFiles)] {
		m := letterMessage(from, to, partID(id, len(out)), f.URL)
		out = append(out, m.Add(f.Elements()...))
	}
	if len(out) == 0 {
		return nil
	}
	if answers := b.answersInChat(ctx, blog, note); private && answers != "" { // XEP-0461 §3
		out[0].Add(stanza.New(stanza.NSReply, "reply", "to", to.Bare().String(), "id", answers))
	}
	if at := msTime(note.Published); note.Published != 0 && b.now().Sub(at) > delayAfter {
		for _, m := range out {
			m.Add(stanza.New("urn:xmpp:delay", "delay", "from", b.cfg.Component, "stamp", at.Format(time.RFC3339)))
		}
	}
	return out
}

// maxLetterFiles bounds the messages that one post becomes.
const maxLetterFiles = 8

func letterMessage(from, to stanza.JID, id, text string) *stanza.Element {
	return stanza.Message("chat", from, to, stanza.New(stanza.NSComponent, "body").AddText(text)).Set("id", id)
}

// partID is the id of the nth message that a post became.
func partID(id string, n int) string {
	if n == 0 {
		return id
	}
	return fmt.Sprintf("%s.%d", id, n)
}

// letterItem is the item behind the id of a message, of a part of it, or of a
// correction.
func letterItem(id string) string {
	for _, sign := range []string{".", "-"} {
		if before, after, ok := cutLast(id, sign); ok {
			if _, err := strconv.ParseInt(after, 10, 64); err == nil {
				return before
			}
		}
	}
	return id
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// retractions take back every message that a post became (XEP-0424 §3.1); how many
// that were is in the text of the news.
func retractions(from, gateway, to stanza.JID, id string, n db.News, fallback string) []*stanza.Element {
	if from.IsZero() {
		from = gateway
	}
	parts, _ := strconv.Atoi(n.Text)
	var out []*stanza.Element
	for i := range max(parts, 1) {
		m := letterMessage(from, to, fmt.Sprintf("%s-%d.%d", id, n.ID, i), fallback)
		out = append(out, m.Add(stanza.New(stanza.NSRetract, "retract", "id", partID(id, i)), stanza.New(stanza.NSFallback, "fallback", "for", stanza.NSRetract)))
	}
	return out
}

// letterText is what a private post says to somebody here, and its files.
func (b *Bridge) letterText(ctx context.Context, blog *db.Blog, note db.Note) (text string, files []stanza.File, ok bool) {
	doc, err := vocab.Read([]byte(note.Doc), vocab.DefaultLimits)
	if err != nil {
		return "", nil, false
	}
	who, err := b.db.Remote(ctx, note.Actor)
	if err != nil {
		return "", nil, false
	}
	post := b.readPost(ctx, doc, note.Actor)
	others := ""
	if names := b.otherAddressees(ctx, blog, post); len(names) > 0 {
		others = b.say(ctx, "direct.others", "names", strings.Join(names, ", "))
	}
	text, files = mapping.ChatText(b.reply(ctx, note, remotePost{Incoming: post, author: note.Actor, doc: doc}, b.authorOf(who)), b.addr.Acct(blog.Handle), others)
	return text, files, true
}

// maxOthers bounds the names in a message to several.
const maxOthers = 10

// otherAddressees are whom a post was sent to besides one of ours, by the names
// that it gives them.
func (b *Bridge) otherAddressees(ctx context.Context, blog *db.Blog, post vocab.Incoming) []string {
	var out []string
	self := b.addr.Actor(blog.Token)
	for _, m := range post.Mentions {
		name := strings.TrimPrefix(strings.TrimSpace(m.Name), "@")
		if m.Href == self || name == "" || len(name) > 200 || len(out) >= maxOthers {
			continue
		}
		if other, err := b.blogByActorURL(ctx, m.Href); err == nil {
			if other.ID == blog.ID {
				continue
			}
			name = b.addr.Acct(other.Handle)
		} else if !strings.Contains(name, "@") {
			name += "@" + hostOf(m.Href)
		}
		out = append(out, "@"+strings.Join(strings.Fields(name), " "))
	}
	return out
}

// answersInChat is the id of the message that a private post answers, as the client
// of whom it is to knows it; "" for none.
func (b *Bridge) answersInChat(ctx context.Context, blog *db.Blog, note db.Note) string {
	if note.ReplyTo == "" {
		return ""
	}
	if _, token, ours := b.addr.TokenOf(note.ReplyTo); ours {
		msg, err := b.db.DirectByToken(ctx, token)
		if err != nil || msg.BlogID != blog.ID {
			return ""
		}
		return msg.Stanza
	}
	before, err := b.db.NoteByObject(ctx, note.ReplyTo)
	if err != nil || before.Message == "" || before.Actor != note.Actor {
		return ""
	}
	return before.Item
}

// letterParts is how many messages a post became at most.
func (b *Bridge) letterParts(ctx context.Context, note db.Note, who db.Remote) int {
	doc, err := vocab.Read([]byte(note.Doc), vocab.DefaultLimits)
	if err != nil || isPublic(note.Visibility) {
		return 1
	}
	_, files := mapping.ChatText(mapping.Reply{Object: b.readPost(ctx, doc, note.Actor), Author: b.authorOf(who), Now: b.now()}, "", "")
	return 1 + min(len(files), maxLetterFiles)
}
