package mapping

import (
	"slices"
	"strings"
	"time"

	"isthmus/activitypub/vocab"
	"isthmus/component/stanza"
)

// Direct is a chat message and what must be known besides it. Times are cut to
// seconds.
type Direct struct {
	Said stanza.Said
	Lang string // BCP 47, "" unknown
	Name string // of its author, for what they say of themselves (XEP-0245)
	To   Mention

	NoteURL, ActorURL  string
	InReplyTo, Context string // "" for none
	Published          time.Time
	Updated            time.Time // of an edit; else zero
}

// warningSign begins the line that a content warning is in a chat, both ways.
const warningSign = "⚠"

// DirectNote turns a chat message into a Note to one actor (row I37, O4): named in
// the text and in a Mention, because Mastodon shows it to nobody else.
func DirectNote(d Direct) vocab.Object {
	o := vocab.Object{
		ID: d.NoteURL, Type: "Note", AttributedTo: d.ActorURL, To: []string{d.To.ActorURL}, Lang: d.Lang,
		InReplyTo: d.InReplyTo, Context: d.Context, Conversation: d.Context,
		Published: d.Published.UTC().Truncate(time.Second), Updated: d.Updated.UTC().Truncate(time.Second),
	}
	if !o.Updated.IsZero() && !o.Updated.After(o.Published) {
		o.Updated = o.Published.Add(time.Second) // else Mastodon sees no edit (row O13)
	}
	text := strings.TrimSpace(stanza.Clean(d.Said.Text))
	if o.Summary, text = warned(d.Said, text); o.Summary != "" {
		o.Sensitive = true // a content warning, row O9
	}
	body := &node{}
	switch does, ok := strings.CutPrefix(text, "/me "); {
	case text == "":
	case ok: // XEP-0245 §3
		body = render(styled("* " + d.Name + " " + strings.TrimSpace(does)))
	case d.Said.Unstyled:
		body = render(stanza.Text{Type: "text", Body: text})
	default:
		body = render(styled(text))
	}
	for _, f := range d.Said.Files {
		a := vocab.Attachment{URL: webURL(f.URL), MediaType: mediaType(f.Type, f.URL), Size: f.Size, Name: altText(f.Desc, f.URL)}
		a.Type = attachmentType(a.MediaType)
		if a.URL != "" && len(o.Attachments) < maxAttachments {
			o.Attachments = append(o.Attachments, a)
		}
	}
	p := Post{ActorURL: d.ActorURL, Parent: &d.To}
	who := peopleOf(p)
	who.linkIn(body)
	who.greet(body, p)
	o.Tags = who.tags()
	o.Content = body.html()
	return fitDocument(o)
}

// warned sets a content warning apart: that of the message (XEP-0382), or a first
// line that begins as a warning does here, or as people write it elsewhere.
func warned(said stanza.Said, text string) (warning, rest string) {
	if said.Spoiler {
		if warning = cut(oneLine(said.Warning), maxTeaser); warning == "" {
			warning = warningSign
		}
		return warning, text
	}
	first, after, _ := strings.Cut(text, "\n")
	for _, sign := range []string{warningSign + "\ufe0f", warningSign, "CW:", "cw:"} {
		if w, ok := strings.CutPrefix(first, sign); ok && strings.TrimSpace(w) != "" && (strings.TrimSpace(after) != "" || len(said.Files) > 0) {
			return cut(oneLine(w), maxTeaser), strings.TrimSpace(after)
		}
	}
	return "", text
}

// DeleteDirect takes a direct Note back.
func DeleteDirect(o vocab.Doc, actorURL, activityURL string, deleted time.Time) vocab.Activity {
	a := Delete(o.ID(), "Note", actorURL, activityURL, "", deleted)
	a.To, a.Cc = o.IDs("to"), nil
	return a
}

// ChatText is somebody's object as a chat message to who has this handle, with
// styling (XEP-0393), and its files. others are a line about whom it was sent to
// besides, "" for none.
func ChatText(r Reply, handle, others string) (text string, files []stanza.File) {
	p := r.parts()
	p.body.dropGreeting(handle)
	p.shorten(maxXHTML)
	for _, f := range p.files {
		if f.Type != "Link" {
			files = append(files, stanza.File{URL: f.URL, Type: f.MediaType, Desc: f.Name, Size: f.Size})
		}
	}
	if len(files) > 0 && p.listed != nil { // each is a message of its own
		p.listed.child = nil
		p.tail.child = slices.DeleteFunc(p.tail.child, func(n *node) bool { return len(n.child) == 0 })
	}
	all := joined(readable(p.head), chatText(p.body), readable(p.tail), others)
	return cut(all, maxMessage), files
}

// dropGreeting takes away the name of whom a message is to from its beginning:
// they know. On the Fediverse it is the address.
func (n *node) dropGreeting(handle string) {
	if len(n.child) == 0 || n.child[0].tag != "p" {
		return
	}
	first := n.child[0]
	user, _, _ := strings.Cut(handle, "@")
	for len(first.child) > 0 {
		c := first.child[0]
		said := strings.TrimSpace(c.deepText())
		name, ok := strings.CutPrefix(said, "@")
		isTheirs := ok && (strings.EqualFold(name, handle) || strings.EqualFold(name, user)) && (c.tag == "a" || c.tag == "span")
		if !isTheirs {
			break
		}
		first.child = first.child[1:]
		if len(first.child) > 0 && first.child[0].tag == "" {
			first.child[0].text = strings.TrimLeft(first.child[0].text, " ,:")
			if first.child[0].text == "" {
				first.child = first.child[1:]
			}
		}
	}
	for len(first.child) > 0 && first.child[0].tag == "br" {
		first.child = first.child[1:]
	}
	if len(first.child) == 0 {
		n.child = n.child[1:]
	}
}

// chatText is readable with styling.
func chatText(n *node) string {
	l := layout{styled: true}
	l.children(n)
	return l.b.String()
}

// EmojiOf is what a reaction in a chat is on the Fediverse: "" for a like.
func EmojiOf(emoji string) string {
	if isHeart(emoji) {
		return ""
	}
	return emoji
}
