package bridge

import (
	"context"
	"errors"
	"strings"

	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

const (
	settingLast = "last" // the object that somebody was shown last in their chat
	wordLast    = "last" // what they say for it
)

// pointed is a post that somebody names in a command.
type pointed struct {
	target
	link    string // web address to show
	private bool   // for the author's followers alone, of whom the asker is one
}

// author is how the one who wrote it is called.
func (p pointed) author(b *Bridge, ctx context.Context) string {
	if p.post.ID == 0 {
		return "@" + p.remote.Handle
	}
	blog, err := b.db.BlogByID(ctx, p.post.BlogID)
	if err != nil {
		return "?"
	}
	return "@" + b.addr.Acct(blog.Handle)
}

// point finds the post that somebody names by a web link, by the xmpp: link of its
// item, or as the last one that they were shown. Its errors are *stanza.Error with
// words, if they are about what was said.
func (b *Bridge) point(ctx context.Context, who stanza.JID, word string) (pointed, error) {
	if err := b.mayRead(ctx, who); err != nil {
		return pointed{}, err
	}
	word = strings.Trim(word, "<>()[]{}\"'“”„‚‘’«».,;")
	var t target
	var err error
	switch lower := strings.ToLower(word); {
	case lower == "" || lower == wordLast:
		object := b.setting(ctx, who, settingLast)
		if object == "" {
			return pointed{}, stanza.ErrItemNotFound(b.say(ctx, "react.nolast"))
		}
		t, err = b.targetOf(ctx, object)
	case strings.HasPrefix(lower, "xmpp:"):
		t, err = b.targetAtURI(ctx, who, word)
	case strings.HasPrefix(lower, "https://") || strings.HasPrefix(lower, "http://"):
		t, err = b.targetAtLink(ctx, who, word)
	default:
		return pointed{}, stanza.ErrNotAcceptable(b.say(ctx, "react.what"))
	}
	if err != nil {
		return pointed{}, err
	}
	p := pointed{target: t, link: t.object}
	switch {
	case t.object == "":
		return p, stanza.ErrItemNotFound(b.say(ctx, "react.nothing"))
	case t.post.ID != 0:
		blog, err := b.db.BlogByID(ctx, t.post.BlogID)
		if err != nil {
			return p, err
		}
		if shown(blog, nil) != nil || !readable(&blog) && t.post.Service == "" {
			return p, stanza.ErrItemNotFound(b.say(ctx, "react.nothing"))
		}
		p.link = b.addr.PostPage(blog.Handle, t.post.Token)
	case !isPublic(t.note.Visibility):
		p.private = true
		follows, err := b.db.FollowsActor(ctx, who.String(), stanza.NSMicroblog, t.note.Actor)
		if err != nil {
			return p, err
		}
		if t.note.Visibility != "followers" || !follows {
			return p, stanza.ErrItemNotFound(b.say(ctx, "react.nothing"))
		}
	}
	if p.note.URL != "" {
		p.link = p.note.URL
	}
	return p, nil
}

// targetOf is what has an id, if it is known here.
func (b *Bridge) targetOf(ctx context.Context, object string) (target, error) {
	if kind, token, ours := b.addr.TokenOf(object); ours {
		if kind != mapping.KindPost && kind != mapping.KindPostPage {
			return target{}, nil
		}
		post, err := b.db.PostByToken(ctx, token)
		if err != nil {
			return target{}, ignoreNotFound(err)
		}
		return b.postTarget(post), nil
	}
	note, err := b.db.NoteByObject(ctx, object)
	if err != nil || note.Deleted != 0 {
		return target{}, ignoreNotFound(err)
	}
	return b.noteTarget(ctx, note)
}

// targetAtURI is what stands at an item's address: at a virtual one, a post, a
// boost or a comment; elsewhere, what is known to stand there.
func (b *Bridge) targetAtURI(ctx context.Context, who stanza.JID, word string) (target, error) {
	uri, err := stanza.ParseURI(word)
	if err != nil || uri.Item() == "" {
		return target{}, stanza.ErrNotAcceptable(b.say(ctx, "react.what"))
	}
	at := uri.JID.Bare().Fold()
	if at == b.homeJID() {
		accounts, err := b.followedBy(ctx, who)
		if err != nil {
			return target{}, err
		}
		row, err := b.homeList(accounts).find(ctx, uri.Item())
		if err != nil {
			return target{}, ignoreNotFound(err)
		}
		return b.targetOf(ctx, row.Object)
	}
	if at.Domain == b.cfg.Component {
		if acc, err := b.db.AccountByJID(ctx, at.String()); err == nil {
			if f, err := b.db.FeedItem(ctx, acc.Actor, uri.Item()); err == nil && !f.Gone {
				return b.targetOf(ctx, f.Object)
			}
		}
		note, err := b.db.NoteByItem(ctx, uri.Item())
		if err == nil && note.Deleted == 0 {
			return b.noteTarget(ctx, note)
		}
		if ignoreNotFound(err) != nil {
			return target{}, err
		}
	}
	return b.targetAt(ctx, place{at.String(), uri.Node(), uri.Item()})
}

// targetAtLink is the post at a web address, which is asked if it is not known.
func (b *Bridge) targetAtLink(ctx context.Context, who stanza.JID, link string) (target, error) {
	t, err := b.targetOf(ctx, link)
	if _, _, ours := b.addr.TokenOf(link); err != nil || ours || t.object != "" || !strings.HasPrefix(strings.ToLower(link), "https://") {
		return t, err
	}
	f, err := b.findLink(ctx, who, link)
	if err != nil {
		return t, err
	}
	if f.note.ID == 0 {
		return t, stanza.ErrNotAcceptable(b.say(ctx, "react.account"))
	}
	return b.noteTarget(ctx, f.note)
}

// showed remembers what somebody was shown last.
func (b *Bridge) showed(ctx context.Context, who stanza.JID, object string) {
	if err := b.db.SetSetting(ctx, who.String(), settingLast, object); err != nil {
		b.logger(ctx).Error("setting not stored", "key", settingLast, "err", err)
	}
}

// actingAs is in whose name somebody does things on the Fediverse: an
// actor is made when they have none yet.
func (b *Bridge) actingAs(ctx context.Context, who stanza.JID) (db.Blog, error) {
	blog, err := b.readerActor(ctx, who)
	if err != nil {
		return blog, err
	}
	if blog.State != db.On && blog.State != db.Reader {
		return blog, stanza.ErrNotAcceptable(b.say(ctx, "react.paused"))
	}
	if held, err := b.db.HasNotice(ctx, blog.ID, noticeHeld); err != nil || held {
		return blog, errors.Join(err, stanza.ErrResource(b.say(ctx, "react.busy")))
	}
	return blog, nil
}
