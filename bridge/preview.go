package bridge

import (
	"context"
	"errors"
	"fmt"
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
	text := fmt.Sprintf("On the Fediverse you are @%s\nName: %s\nAbout: %s\nPicture: %s\n\n",
		b.addr.Acct(blog.Handle), orNone(p.Name), orNone(p.Note), map[bool]string{true: "yes", false: "(none that strangers can see)"}[p.AvatarHash != ""])
	res, err := b.xmpp.IQ(ctx, stanza.IQ("get", b.visitor(), mustJID(blog.JID), stanza.ItemsRequest(blog.Node, nil, 1, nil)))
	var se *stanza.Error
	if errors.As(err, &se) {
		return answer{Text: text + "No post would go out: strangers cannot read your blog (yet)."}, nil
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
		text += fmt.Sprintf("Your newest post would go out as %s", o.Type)
		if o.Name != "" {
			text += fmt.Sprintf(" titled “%s”", o.Name)
		}
		return answer{Text: text + fmt.Sprintf(":\n\n%s\n\nPictures and files: %d", clip(mapping.PlainText(o.Content), 1500), len(o.Attachments))}, nil
	}
	return answer{Text: text + "There is no post yet."}, nil
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}
