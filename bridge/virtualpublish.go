package bridge

import (
	"context"
	"errors"
	"slices"
	"strings"

	"isthmus/activitypub/vocab"
	"isthmus/component"
	"isthmus/component/stanza"
	"isthmus/db"
	"isthmus/mapping"
)

// Publish takes a comment under somebody's post at their virtual address. Only
// who is on the Fediverse can answer there, and only what is known here can be
// answered; nothing else is ever taken into anybody's node.
func (b xmppSide) Publish(ctx context.Context, p component.Publication) (string, error) {
	ctx = b.withStanza(ctx, "", p.From.Bare().String())
	if strings.HasPrefix(p.Node, stanza.NSAttachments+"/") {
		return b.attach(ctx, p)
	}
	note, err := b.virtualNote(ctx, p.From, p.To, p.Node)
	if err != nil {
		return "", err
	}
	author := p.From.Bare().Fold().String()
	blog, err := b.voice(ctx, author)
	if err != nil {
		return "", err
	}
	if blog == nil {
		return "", stanza.ErrRegistrationRequired(b.say(ctx, "read.answer.who", "gateway", b.cfg.Component))
	}
	if err := b.mayReach(ctx, blog, note.Actor); err != nil {
		return "", err
	}
	entry, err := stanza.ParseEntry(p.Item.Payload)
	if err != nil {
		return "", stanza.ErrBadRequest(b.say(ctx, "read.noentry"))
	}
	if p.Item.ID == "" {
		p.Item.ID = b.token()
	}
	at := place{p.To.Bare().Fold().String(), p.Node, p.Item.ID}
	if old, err := b.db.PostAt(ctx, at.service, at.node, at.item); err == nil && old.Publisher != author {
		return "", stanza.ErrForbidden(b.say(ctx, "read.foreigncomment"))
	} else if err != nil && !errors.Is(err, db.ErrNotFound) {
		return "", err
	}
	t, err := b.noteTarget(ctx, note)
	if uri, ref, ok := mapping.ParentOf(entry); ok && err == nil { // a comment on a comment
		var nearer target
		if nearer, err = b.findTarget(ctx, nil, uri, ref); nearer.object != "" {
			t = nearer
		}
	}
	if err != nil {
		return "", err
	}
	if mapping.IsHeart(entry) {
		return p.Item.ID, b.likes(ctx, blog, at, t, "")
	}
	u := utterance{place: at, item: p.Item, entry: entry, publisher: author, answers: t}
	if thread, err := b.db.ThreadByID(ctx, note.Thread); err == nil {
		u.thread = &thread
	}
	_, err = b.speak(ctx, blog, u)
	if errors.Is(err, errNotNow) {
		return "", stanza.ErrResource(b.say(ctx, "read.moment"))
	}
	return p.Item.ID, err
}

// attach takes what somebody attaches to somebody's post (XEP-0470 §4.1): under
// their own address, or it is refused.
func (b xmppSide) attach(ctx context.Context, p component.Publication) (string, error) {
	if bareOf(p.Item.ID) != p.From.Bare().Fold().String() {
		return "", stanza.ErrBadRequest(b.say(ctx, "read.itemid"))
	}
	uri, ok := stanza.ParseAttachmentsNode(p.Node)
	if !ok || uri.JID.Bare().Fold() != p.To.Bare().Fold() || uri.Node() != stanza.NSMicroblog {
		return "", stanza.ErrItemNotFound("")
	}
	note, err := b.virtualNote(ctx, p.From, p.To, commentsPrefix+uri.Item())
	if err != nil {
		return "", err
	}
	blog, err := b.voice(ctx, p.From.Bare().Fold().String())
	if err == nil && blog == nil {
		err = stanza.ErrRegistrationRequired(b.say(ctx, "read.like.who", "gateway", b.cfg.Component))
	}
	if err == nil {
		err = b.mayReach(ctx, blog, note.Actor)
	}
	if err != nil {
		return "", err
	}
	return p.Item.ID, b.attached(ctx, p.To.Bare().Fold().String(), p.Node, p.Item)
}

// Retract takes such a comment or like back.
func (b xmppSide) Retract(ctx context.Context, r component.Retraction) error {
	ctx = b.withStanza(ctx, "", r.From.Bare().String())
	author := r.From.Bare().Fold().String()
	at := place{r.To.Bare().Fold().String(), r.Node, r.Item}
	post, err := b.db.PostAt(ctx, at.service, at.node, at.item)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	if err == nil {
		if post.Publisher != author {
			return stanza.ErrForbidden(b.say(ctx, "read.foreigncomment"))
		}
		blog, err := b.db.BlogByID(ctx, post.BlogID)
		if err != nil {
			return err
		}
		return b.unpublish(ctx, &blog, post.ID, false)
	}
	deeds, err := b.db.DeedsAt(ctx, at.service, at.node, at.item)
	if err != nil {
		return err
	}
	for _, d := range deeds {
		if blog, err := b.db.BlogByID(ctx, d.BlogID); err != nil || blog.JID != author {
			return errors.Join(err, stanza.ErrForbidden(b.say(ctx, "read.notyours")))
		}
	}
	if len(deeds) == 0 {
		return stanza.ErrItemNotFound("")
	}
	return b.undoDeeds(ctx, at, nil)
}

// virtualNote is the post whose comments node at its author's virtual address is
// meant. What is said there is public, so a post for followers alone is not
// answered there.
func (b *Bridge) virtualNote(ctx context.Context, from, to stanza.JID, node string) (db.Note, error) {
	item, ok := strings.CutPrefix(node, commentsPrefix)
	if !ok {
		return db.Note{}, stanza.ErrForbidden(b.say(ctx, "read.author"))
	}
	note, err := b.virtualPost(ctx, to, item)
	if !errors.Is(err, db.ErrNotFound) {
		return note, err
	}
	secret, err := b.db.NoteByItem(ctx, item)
	if err == nil && secret.Deleted == 0 && secret.Visibility == "followers" {
		follows, err := b.db.FollowsActor(ctx, from.Bare().Fold().String(), stanza.NSMicroblog, secret.Actor)
		if err != nil {
			return db.Note{}, err
		}
		if follows {
			return db.Note{}, stanza.ErrForbidden(b.say(ctx, "read.private"))
		}
	}
	return db.Note{}, errors.Join(ignoreNotFound(err), stanza.ErrItemNotFound(""))
}

// virtualPost is a public post that an item at its author's virtual address
// stands for, or db.ErrNotFound.
func (b *Bridge) virtualPost(ctx context.Context, of stanza.JID, item string) (db.Note, error) {
	note, err := b.db.NoteByItem(ctx, item)
	if err != nil {
		return note, err
	}
	if note.Deleted != 0 || !isPublic(note.Visibility) {
		return db.Note{}, db.ErrNotFound
	}
	r, err := b.db.Remote(ctx, note.Actor)
	if err == nil && b.authorOf(r).JID != of.Bare().Fold() {
		err = db.ErrNotFound
	}
	return note, err
}

// Referenced hears that a post of somebody's points at a Fediverse account
// (XEP-0372 §3.4): Libervia tells of mentions this way, besides the post. The
// account gets the post with its name on it.
func (b xmppSide) Referenced(ctx context.Context, r component.Referenced) {
	ctx = b.withStanza(ctx, r.ID, r.From.Bare().String())
	user, host, ok := b.addr.ParseRemoteJID(r.To)
	if !ok {
		return
	}
	for _, ref := range r.References {
		uri, err := stanza.ParseURI(ref.Anchor)
		if ref.Type != "mention" || err != nil {
			continue
		}
		at := place{uri.JID.Bare().Fold().String(), uri.Node(), uri.Item()}
		if err := b.mentioned(ctx, r.From.Bare().Fold().String(), at, user+"@"+host); err != nil {
			b.logger(ctx).Warn("reference not followed", "anchor", ref.Anchor, "err", err)
		}
	}
}

// mentioned adds somebody to whom a post names, if who says so wrote the post.
func (b *Bridge) mentioned(ctx context.Context, author string, at place, handle string) error {
	t, err := b.targetAt(ctx, at)
	if err != nil || t.post.ID == 0 {
		return err
	}
	blog, err := b.db.BlogByID(ctx, t.post.BlogID)
	if err != nil || blog.JID != author || blog.State != db.On {
		return err
	}
	source, err := stanza.ParseXML([]byte(t.post.Source))
	if err != nil {
		return err
	}
	entry, err := stanza.ParseEntry(source)
	if err != nil {
		return err
	}
	if !b.refer(ctx, &entry, t.post, handle) {
		return nil
	}
	if t.post.Service != "" {
		return nil // comments name whom they answer by themselves
	}
	_, err = b.speak(ctx, &blog, utterance{item: stanza.Item{ID: t.post.Item, Payload: source}, entry: entry, publisher: author, besides: true})
	return err
}

// refer adds a mention to an entry, besides those of whom the post names already;
// it reports whether that is news.
func (b *Bridge) refer(ctx context.Context, entry *stanza.Entry, post db.Post, handle string) bool {
	add := func(handle string) bool {
		user, host, _ := strings.Cut(handle, "@")
		uri := stanza.URI{JID: b.addr.RemoteJID(user, host)}.String()
		if slices.ContainsFunc(entry.References, func(r stanza.Reference) bool { return r.URI == uri }) {
			return false
		}
		entry.References = append(entry.References, stanza.Reference{Type: "mention", URI: uri})
		return true
	}
	if object, err := vocab.Read([]byte(post.Object), vocab.DefaultLimits); err == nil {
		for _, tag := range object.Docs("tag") {
			if r, err := b.db.Remote(ctx, tag.Str("href")); err == nil && tag.Is("Mention") && r.Handle != "" {
				add(r.Handle)
			}
		}
	}
	return add(handle)
}
