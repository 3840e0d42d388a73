package bridge

import (
	"context"
	"errors"
	"strings"

	"isthmus/activitypub/vocab"
	"isthmus/db"
	"isthmus/mapping"
)

// Bounds of a conversation as it is shown in a chat.
const (
	threadAbove = 5   // posts above the one that was asked for
	threadBelow = 25  // answers
	threadText  = 400 // runes of each
)

// cmdThread shows a post, what it answers and what answers it, as text.
func (b *Bridge) cmdThread(ctx context.Context, a asking) (answer, error) {
	p, err := b.point(ctx, a.From, a.word(0))
	if err != nil {
		return inWords(err)
	}
	if p.note.ID != 0 && p.note.ReadAt == 0 { // as the comments node does
		_, err := together(b, ctx, "replies "+p.object, func(ctx context.Context) (bool, error) { return true, b.readReplies(ctx, p.note) })
		if err != nil {
			b.logger(ctx).Info("conversation not read", "object", p.object, "why", err)
		}
	}
	var parts []string
	up := p.target
	for range threadAbove {
		object := up.note.ReplyTo
		if up.post.ID != 0 {
			object = up.post.ReplyTo
		}
		if object == "" {
			break
		}
		if up, err = b.targetOf(ctx, object); err != nil {
			return answer{}, err
		}
		if up.object == "" || up.note.ID != 0 && !isPublic(up.note.Visibility) {
			break
		}
		if line, err := b.spokenLine(ctx, up, ""); err != nil {
			return answer{}, err
		} else if line != "" {
			parts = append([]string{line}, parts...)
		}
	}
	line, err := b.spokenLine(ctx, p.target, "» ")
	if err != nil {
		return answer{}, err
	}
	parts = append(parts, line)
	list, err := b.conversation(ctx, p.object)
	if err != nil {
		return answer{}, err
	}
	shown := 0
	for _, x := range list {
		if shown == threadBelow {
			break
		}
		t := b.postTarget(x.post)
		if x.note.ID != 0 {
			if !isPublic(x.note.Visibility) {
				continue
			}
			if t, err = b.noteTarget(ctx, x.note); err != nil {
				return answer{}, err
			}
		}
		line, err := b.spokenLine(ctx, t, "↳ ")
		if err != nil {
			return answer{}, err
		}
		if line != "" {
			parts, shown = append(parts, line), shown+1
		}
	}
	switch more := len(list) - shown; {
	case len(list) == 0:
		parts = append(parts, b.say(ctx, "react.thread.none"))
	case more > 0 && shown == threadBelow:
		parts = append(parts, b.say(ctx, "react.thread.more", "number", more, "link", p.link))
	}
	b.showed(ctx, a.From, p.object)
	return answer{Text: strings.Join(parts, "\n\n"), Next: []string{"reply " + p.link, "like " + p.link}}, nil
}

// spokenLine is who wrote a post, what, and where it is; "" when nothing is kept.
func (b *Bridge) spokenLine(ctx context.Context, t target, mark string) (string, error) {
	var text, link, who string
	switch {
	case t.post.ID != 0:
		blog, err := b.db.BlogByID(ctx, t.post.BlogID)
		if err != nil {
			return "", err
		}
		who, link, text = "@"+b.addr.Acct(blog.Handle), b.addr.PostPage(blog.Handle, t.post.Token), objectText(t.post.Object)
	case t.note.ID != 0:
		s, err := b.storyOf(ctx, t.note)
		if errors.Is(err, db.ErrNotFound) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		who, link, text = s.Author.Called(), t.note.URL, mapping.MessageText(s.Reply)
		if link == "" {
			link = t.note.Object
		}
		text = strings.TrimSpace(strings.TrimSuffix(text, link))
	default:
		return "", nil
	}
	return mark + who + ":\n" + clip(text, threadText) + "\n" + link, nil
}

// objectText is a post of ours as plain text, its warning first.
func objectText(object string) string {
	o, err := vocab.Read([]byte(object), vocab.DefaultLimits)
	if err != nil {
		return ""
	}
	content, _ := o.Text("content")
	text := mapping.PlainText(content)
	for _, above := range []string{mapping.PlainText(o.Str("summary")), o.Str("name")} {
		if above != "" {
			text = above + "\n\n" + text
		}
	}
	for _, m := range o.Docs("attachment") {
		if u := m.Str("url"); u != "" {
			text += "\n" + u
		}
	}
	return text
}
