package bridge

import (
	"context"
	"errors"
	"slices"
	"strings"

	"isthmus/component/stanza"
	"isthmus/db"
)

// This file is whose a blog is: which ones a command is about, and who is told.

// blogsOf lists somebody's own blog and the community nodes they enrolled.
func (b *Bridge) blogsOf(ctx context.Context, who stanza.JID) ([]db.Blog, error) {
	all, err := b.db.BlogsOf(ctx, who.String())
	return slices.DeleteFunc(all, func(x db.Blog) bool { return x.State == db.Gone || x.State == db.Reader }), err
}

// community reads the service and the node that a command names.
func (a asking) community() (service stanza.JID, node string, ok bool) {
	service, err := stanza.ParseJID(a.word(0))
	if err != nil || a.word(1) == "" {
		return stanza.JID{}, "", false
	}
	return service.Bare().Fold(), strings.Join(a.Words[1:], " "), true
}

// chosen are the blogs that a command is about: all that are the asker's, or the
// community node that it names. That one may have been enrolled by the admin or
// by another owner: who can show that they own the node decides as well. With
// none, the answer says why.
func (b *Bridge) chosen(ctx context.Context, a asking) ([]db.Blog, answer, error) {
	if a.word(0) == "" {
		blogs, err := b.blogsOf(ctx, a.From)
		return blogs, answer{Text: b.say(ctx, "blog.offalready")}, err
	}
	service, node, ok := a.community()
	if !ok {
		return nil, answer{Text: b.say(ctx, "blog.which")}, nil
	}
	if !slices.Contains(b.cfg.PubSub, service.String()) {
		return nil, answer{Text: b.whyNotEnrolled(ctx, ErrService)}, nil
	}
	blog, err := b.db.BlogByNode(ctx, service.String(), node)
	if errors.Is(err, db.ErrNotFound) || err == nil && blog.State == db.Gone {
		return nil, answer{Text: b.say(ctx, "blog.nodeoff")}, nil
	}
	if err != nil {
		return nil, answer{}, err
	}
	if blog.EnrolledBy != a.From.String() {
		if ans, ok, err := b.owns(ctx, a.From, service, node); !ok {
			return nil, ans, err
		}
	}
	return []db.Blog{blog}, answer{}, nil
}

// startAgain is the command that turns a paused blog on.
func startAgain(blog *db.Blog) string {
	if blog.Kind == "group" {
		return "start " + blog.JID + " " + blog.Node
	}
	return "start"
}

// notify tells the person who answers for a blog something once, until it is
// cleared; text says it in their language.
func (b *Bridge) notify(ctx context.Context, blog *db.Blog, kind string, text func(context.Context) string) error {
	fresh, err := b.db.Notice(ctx, blog.ID, kind, b.nowMS())
	if err != nil || !fresh {
		return err
	}
	if to := ownerJID(blog); to.Local != "" {
		b.tell(to, text(b.speakTo(ctx, to)))
	}
	return nil
}
