package bridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/queue"
)

// tellNews sends what an owner is to be told now: one message for each thing, and
// one for many followers that came at once. Done twice after a crash, its ids let
// clients see that it is the same.
func (b *Bridge) tellNews(ctx context.Context, blog *db.Blog) error {
	for {
		list, err := b.db.NewsOf(ctx, blog.ID, false, 100)
		if err != nil || len(list) == 0 {
			return err
		}
		to := ownerJID(blog)
		ctx := b.speakTo(ctx, to)
		if to.Local != "" && !b.xmpp.Status().Up {
			return b.whenUp()
		}
		follows := slices.Collect(func(yield func(db.News) bool) {
			for _, n := range list {
				if n.Kind == kindFollow && !yield(n) {
					return
				}
			}
		})
		many := to.Local != "" && len(follows) > maxFollowNews
		if many {
			err := b.xmpp.Send(tellStanza(b.bare(), to, follows[0].ID, b.textManyFollow(ctx, blog, follows)))
			if errors.Is(err, component.ErrDown) {
				return b.whenUp()
			}
		}
		ids := make([]int64, 0, len(list))
		for _, n := range list {
			ids = append(ids, n.ID)
			var err error
			switch {
			case to.Local == "", n.Kind == kindFollow && many:
			case strings.HasPrefix(n.Kind, kindLetter):
				for _, m := range b.letterStanzas(ctx, blog, to, n) {
					if err = b.xmpp.Send(m); err != nil {
						break
					}
				}
			case n.Kind == kindRequest:
				err = b.xmpp.Send(b.requestStanza(ctx, to, n))
			default:
				err = b.xmpp.Send(tellStanza(b.bare(), to, n.ID, b.textNews(ctx, blog, n)))
			}
			if errors.Is(err, component.ErrDown) { // the rest when there is a stream again
				return errors.Join(b.db.RemoveNews(context.WithoutCancel(ctx), ids[:len(ids)-1]), b.whenUp())
			}
			if err != nil {
				b.logger(ctx).Error("news not sent", "kind", n.Kind, "err", err)
			}
		}
		if err := b.db.RemoveNews(context.WithoutCancel(ctx), ids); err != nil {
			return err
		}
	}
}

// maxFollowNews is how many followers are each worth a message when they come at
// the same time.
const maxFollowNews = 5

// tellDigest sends one message about likes and boosts.
func (b *Bridge) tellDigest(ctx context.Context, blog *db.Blog) error {
	const most = 500
	list, err := b.db.NewsOf(ctx, blog.ID, true, most)
	if err != nil || len(list) == 0 {
		return err
	}
	to := ownerJID(blog)
	if to.Local != "" {
		err := b.xmpp.Send(tellStanza(b.bare(), to, list[0].ID, b.textDigest(b.speakTo(ctx, to), list)))
		if errors.Is(err, component.ErrDown) {
			return b.whenUp()
		}
	}
	ids := make([]int64, len(list))
	for i, n := range list {
		ids[i] = n.ID
	}
	if err := b.db.RemoveNews(context.WithoutCancel(ctx), ids); err != nil || len(list) < most {
		return err
	}
	return queue.Snooze(0)
}

// ownerJID is who answers for a blog and is told about it.
func ownerJID(blog *db.Blog) stanza.JID {
	if blog.Kind == "group" {
		return mustJID(blog.EnrolledBy)
	}
	return mustJID(blog.JID)
}

func tellStanza(from, to stanza.JID, id int64, text string) *stanza.Element {
	body := stanza.New(stanza.NSComponent, "body").AddText(text)
	return stanza.Message("chat", from, to, body).Set("id", fmt.Sprintf("news-%d", id))
}
