package bridge

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

func (b *Bridge) cmdPreview(ctx context.Context, a asking) (answer, error) {
	blog, err := b.ownBlog(ctx, a)
	if errors.Is(err, db.ErrNotFound) {
		e := b.enrolment()
		handle, err := e.handle(ctx, a.From, "")
		if err != nil {
			return answer{}, err
		}
		blog = db.Blog{Kind: "person", JID: a.From.String(), Node: stanza.NSMicroblog, Handle: handle}
	} else if err != nil {
		return answer{}, err
	}
	return b.preview(ctx, blog)
}

// preview renders a profile and the newest post without storing anything.
func (b *Bridge) preview(ctx context.Context, blog db.Blog) (answer, error) {
	p, _, err := b.readProfile(ctx, &blog)
	if err != nil {
		return answer{}, err
	}
	orNone := func(s string) string { return cmp.Or(s, b.say(ctx, "blog.preview.none")) }
	picture := b.say(ctx, map[bool]string{true: "chat.yes", false: "blog.preview.nopicture"}[p.AvatarHash != ""])
	text := b.say(ctx, "blog.preview", "handle", b.addr.Acct(blog.Handle), "name", orNone(p.Name), "about", orNone(p.Note), "picture", picture) + "\n\n"
	res, err := b.xmpp.IQ(ctx, stanza.IQ("get", b.visitor(), mustJID(blog.JID), stanza.ItemsRequest(blog.Node, nil, 1, nil)))
	var se *stanza.Error
	if errors.As(err, &se) {
		return answer{Text: text + b.say(ctx, "blog.preview.hidden")}, nil
	}
	if err != nil {
		return answer{}, err
	}
	items, _ := stanza.ParseItems(res)
	for _, it := range slices.Backward(items) {
		entry, err := stanza.ParseEntry(it.Payload)
		if err != nil {
			continue
		}
		o := mapping.Object(mapping.Post{Entry: entry, Now: b.now(), PostURL: b.addr.Post("preview"), ActorURL: b.addr.Actor("preview"), PageURL: b.addr.Page(blog.Handle)})
		post, files := clip(mapping.PlainText(o.Content), 1500), len(o.Attachments)
		if o.Name != "" {
			return answer{Text: text + b.say(ctx, "blog.preview.titled", "type", o.Type, "title", o.Name, "text", post, "files", files)}, nil
		}
		return answer{Text: text + b.say(ctx, "blog.preview.post", "type", o.Type, "text", post, "files", files)}, nil
	}
	return answer{Text: text + b.say(ctx, "blog.preview.nopost")}, nil
}
