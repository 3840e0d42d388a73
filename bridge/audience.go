package bridge

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"isthmus/db"
	"isthmus/mapping"
)

// audience is whom an utterance answers, names and reaches besides followers.
type audience struct {
	parent   *mapping.Mention
	mentions []mapping.Mention // named in the text
	others   []mapping.Mention // addressed without a word: see unanswered
	quote    *mapping.Quoted
	quotes   quotedAuthor
	targets  []db.Target
	named    []db.Blog // of ours, named in the text
}

// Limits of what one utterance makes us ask, and of whom it reaches.
const (
	resolveFor      = 8 * time.Second
	maxParticipants = 50
	maxUnanswered   = 10
)

// audienceOf finds out who is behind the names in a text, and who takes part in
// the conversation that a comment belongs to.
func (b *Bridge) audienceOf(ctx context.Context, blog *db.Blog, u utterance) (audience, error) {
	var to audience
	reach := func(r db.Remote) {
		if apart, err := b.apart(ctx, blog.ID, r.Actor); err != nil || apart {
			return
		}
		inbox := inboxFor(r)
		t := db.Target{Host: hostOf(inbox), Inbox: inbox}
		if inbox != "" && !slices.Contains(to.targets, t) {
			to.targets = append(to.targets, t)
		}
	}
	handles := mapping.Handles(u.entry)
	for _, h := range mapping.ReferenceHandles(b.addr, u.entry) {
		if !slices.Contains(handles, h) {
			handles = append(handles, h)
		}
	}
	for _, p := range b.resolve(ctx, handles) {
		to.mentions = append(to.mentions, p.mention)
		if p.blog.ID != 0 {
			to.named = append(to.named, p.blog)
		} else {
			reach(p.remote)
		}
	}
	if !u.comment() {
		quote, author, err := b.quoted(ctx, blog, u)
		if author.remote.Actor != "" {
			reach(author.remote)
		}
		to.quote, to.quotes = quote, author
		return to, err
	}
	switch t := u.answers; {
	case t.note.ID != 0:
		to.parent = &mapping.Mention{Handle: t.remote.Handle, ActorURL: t.remote.Actor}
		reach(t.remote)
	case t.post.ID != 0 && t.post.BlogID != blog.ID:
		other, err := b.db.BlogByID(ctx, t.post.BlogID)
		if err != nil {
			return to, err
		}
		to.parent = b.mentionOf(&other)
	}
	if u.thread == nil {
		return to, nil
	}
	notes, err := b.participants(ctx, u.thread, blog.ID)
	if err != nil {
		return to, err
	}
	flat := u.answers.note.ID == 0 && len(to.mentions) == 0 && u.answers.post.BlogID == blog.ID
	since := int64(0)
	if flat {
		if since, err = b.db.LastSpoken(ctx, u.thread.ID, blog.ID); err != nil {
			return to, err
		}
	}
	for _, n := range notes {
		if len(to.targets) >= maxParticipants {
			break
		}
		r, err := b.db.Remote(ctx, n.Actor)
		if err != nil || r.Gone || r.Inbox == "" {
			continue
		}
		reach(r)
		if flat && n.Seen > since && len(to.others) < maxUnanswered {
			// Comments are a flat list in Movim, and who answers there answers what came
			// since their last word: these are told, or they would never know.
			to.others = append(to.others, mapping.Mention{Handle: r.Handle, ActorURL: r.Actor})
		}
	}
	return to, nil
}

// named is somebody whose handle stands in a text.
type named struct {
	mention mapping.Mention
	blog    db.Blog   // ours
	remote  db.Remote // somebody else's
}

// resolve finds who has these handles, as WebFinger says; who cannot be found in
// time is just text.
func (b *Bridge) resolve(ctx context.Context, handles []string) []named {
	if len(handles) == 0 {
		return nil
	}
	asking, cancel := context.WithTimeout(ctx, resolveFor)
	defer cancel()
	found := make([]named, len(handles))
	var g errgroup.Group
	var mu sync.Mutex
	g.SetLimit(4)
	for i, h := range handles {
		g.Go(func() error {
			p, err := b.whoIs(asking, h)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				b.logger(ctx).Info("nobody found by this name: left as text", "handle", h, "why", err)
				return nil
			}
			p.mention.Typed = h
			found[i] = p
			return nil
		})
	}
	g.Wait() // its functions return no error
	return slices.DeleteFunc(found, func(p named) bool { return p.mention.ActorURL == "" })
}

// whoIs finds an actor by handle: one of ours, one that is known, or one that
// WebFinger leads to and whose own document agrees (activitypub.md D2).
func (b *Bridge) whoIs(ctx context.Context, handle string) (named, error) {
	user, host, _ := strings.Cut(handle, "@")
	if slices.Contains([]string{strings.ToLower(b.cfg.HandleDomain), b.publicHost(), strings.ToLower(b.cfg.Component)}, host) {
		blog, err := b.db.BlogByHandle(ctx, user)
		if err == nil && (blog.State == db.On || blog.State == db.Paused) {
			return named{mention: *b.mentionOf(&blog), blog: blog}, nil
		}
		if err == nil {
			err = db.ErrNotFound
		}
		return named{}, err
	}
	r, err := b.db.RemoteByHandle(ctx, handle)
	if err != nil || r.Inbox == "" || r.Gone || b.nowMS()-r.Fetched > freshFor.Milliseconds() {
		actor, _, ferr := b.finger(ctx, handle)
		if ferr != nil {
			return named{}, ferr
		}
		if r, err = b.remote(ctx, actor); err != nil {
			return named{}, err
		}
	}
	return named{mention: mapping.Mention{Handle: r.Handle, ActorURL: r.Actor}, remote: r}, nil
}

func (b *Bridge) mentionOf(blog *db.Blog) *mapping.Mention {
	return &mapping.Mention{Handle: b.addr.Acct(blog.Handle), ActorURL: b.addr.Actor(blog.Token), PageURL: b.addr.Page(blog.Handle)}
}

// quoted is what a share with words of its own points at (XEP-0472 §4.5, Movim):
// with its author, when that is somebody else.
func (b *Bridge) quoted(ctx context.Context, blog *db.Blog, u utterance) (*mapping.Quoted, quotedAuthor, error) {
	uri, ref, ok := mapping.ParentOf(u.entry)
	if !ok || blog.Kind == "group" {
		return nil, quotedAuthor{}, nil
	}
	t, err := b.findTarget(ctx, nil, uri, ref)
	if err != nil || t.object == "" {
		return nil, quotedAuthor{}, err
	}
	if t.note.ID != 0 {
		return &mapping.Quoted{ID: t.object, URL: t.note.URL}, quotedAuthor{remote: t.remote}, nil
	}
	author, err := b.db.BlogByID(ctx, t.post.BlogID)
	if err != nil || !readable(&author) && t.post.Service == "" {
		return nil, quotedAuthor{}, ignoreNotFound(err)
	}
	return &mapping.Quoted{ID: t.object, URL: b.addr.PostPage(author.Handle, t.post.Token)}, quotedAuthor{blog: author, post: t.post}, nil
}

// tellNamed tells bloggers of ours that a post of another one names them: they
// would not see it otherwise. Who is answered sees it where they read comments.
func (b *Bridge) tellNamed(ctx context.Context, tx *db.Tx, blog *db.Blog, post db.Post, u utterance, to audience) error {
	for _, who := range to.named {
		if who.ID == blog.ID || who.ID == u.answers.post.BlogID {
			continue
		}
		err := b.addNews(ctx, tx, db.News{
			BlogID: who.ID, Kind: kindMention, Actor: b.addr.Actor(blog.Token), Name: "@" + b.addr.Acct(blog.Handle), PostID: post.ID,
			URL: b.addr.PostPage(blog.Handle, post.Token), Text: clip(mapping.EntryText(u.entry), 500), Created: b.nowMS(),
		})
		if err != nil {
			return err
		}
	}
	b.jobs.Kick()
	return nil
}
